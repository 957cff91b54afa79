import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import en from '../../internal/web/text/app/en.json';
import id from '../../internal/web/text/app/id.json';
import { loadTexts, number, size, t } from './text';

const places = (text: string) => (text.match(/\{\w+\}/g) ?? []).sort();

describe('the catalogues', () => {
  test('have the same keys', () => {
    expect(Object.keys(en).sort()).toEqual(Object.keys(id).sort());
  });

  test('have the same places, and words in each', () => {
    for (const [key, text] of Object.entries(id)) {
      const other = (en as Record<string, string>)[key] ?? '';
      expect(text.trim(), key).not.toBe('');
      expect(other.trim(), key).not.toBe('');
      expect(places(other), key).toEqual(places(text));
    }
  });

  // English that is much longer would not fit where Indonesian does. Short words differ more, and have room.
  test('are about as long as each other', () => {
    for (const [key, text] of Object.entries(id)) {
      const other = (en as Record<string, string>)[key] ?? '';
      if (text.length >= 12) expect(other.length, key).toBeLessThan(text.length * 1.6);
    }
  });

  test('have no text that nothing uses', () => {
    const sources = readdirSync('src', { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(ts|svelte)$/.test(name) && !name.endsWith('.test.ts'))
      .map((name) => readFileSync(join('src', name), 'utf8'))
      .join('\n');
    // A key stands in quotes, whole or, in a template, up to the part that is put in.
    const starts = [...sources.matchAll(/`((?:[\w-]+\.)+)\$\{/g)].map((m) => m[1] ?? '');
    const unused = Object.keys(id).filter(
      (key) =>
        !sources.includes(`'${key}'`) && !sources.includes(`"${key}"`) && !starts.some((start) => key.startsWith(start)),
    );
    expect(unused).toEqual([]);
  });
});

describe('t', () => {
  beforeAll(loadTexts);

  test('shows the key of a text that is missing', () => {
    expect(t('no.such.text' as never)).toBe('⟦no.such.text⟧');
  });

  test('numbers are written as in Indonesian', () => {
    expect(number(1234.5, 1)).toBe('1.234,5');
    expect(size(1_830_000)).toBe('1,8 MB');
    expect(size(20)).toBe('1 KB');
  });
});
