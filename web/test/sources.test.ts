import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, type AST } from 'svelte/compiler';
import { describe, expect, test } from 'vitest';

const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((name) => !name.endsWith('.test.ts'));
const components = files.filter((name) => name.endsWith('.svelte')).map((name) => join('src', name));
const scripts = files.filter((name) => /\.(ts|svelte)$/.test(name)).map((name) => join('src', name));

/** What a person reads or hears although it stands in an attribute. */
const spoken = new Set(['aria-label', 'aria-description', 'aria-roledescription', 'aria-valuetext', 'title', 'alt', 'placeholder', 'label']);

interface Node {
  type: string;
  [key: string]: unknown;
}

/** Visits every node below, whatever holds it. */
function walk(node: unknown, visit: (n: Node) => void): void {
  if (Array.isArray(node)) {
    for (const n of node) walk(n, visit);
  } else if (node !== null && typeof node === 'object') {
    if (typeof (node as Node).type === 'string') visit(node as Node);
    for (const value of Object.values(node)) walk(value, visit);
  }
}

/** Text that somebody could read: more than signs and single letters. The code of a fault is the same in every language. */
const words = (text: string): boolean => /\p{L}{2,}/u.test(text.replace(/&\w+;|ABS-[A-Z]{3}-\d{3}/g, ''));

describe.each(components)('%s', (name) => {
  const root: AST.Root = parse(readFileSync(name, 'utf8'), { modern: true, filename: name });

  test('has no text of its own', () => {
    const found: string[] = [];
    walk(root.fragment, (n) => {
      if (n.type === 'Text' && words(String(n.data))) found.push(String(n.data).trim());
      if (n.type === 'StyleDirective') n.value = undefined; // units
      if (n.type !== 'Attribute') return;
      // The text of an attribute that nobody reads, such as class, is no text.
      if (!spoken.has(String(n.name))) n.value = undefined;
    });
    expect(found).toEqual([]);
  });

  test('has nothing that the policy of the page refuses', () => {
    const found: string[] = [];
    walk(root.fragment, (n) => {
      if (n.type === 'HtmlTag') found.push('{@html}');
      if (n.type !== 'Attribute') return;
      const value = n.value as { type: string }[] | { type: string } | true;
      const literal = Array.isArray(value) && value.some((part) => part.type === 'Text');
      if (n.name === 'style' && literal) found.push('a literal style attribute');
      if (String(n.name).startsWith('on') && literal) found.push(`a literal ${String(n.name)}`);
    });
    expect(found).toEqual([]);
  });
});

test.each(scripts)('%s makes no part of a page, and no script, from text', (name) => {
  const code = readFileSync(name, 'utf8').replace(/\/\/.*|\/\*[\s\S]*?\*\//g, '');
  for (const way of [
    /\b(inner|outer)HTML\b/,
    /insertAdjacentHTML|document\.write|createContextualFragment|DOMParser/,
    /\beval\(|new Function\(|set(Timeout|Interval)\(\s*['"`]/,
    /setAttribute\(\s*['"](style|on)/,
  ]) {
    expect(code).not.toMatch(way);
  }
});
