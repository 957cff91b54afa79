import type { Page } from 'playwright-core';
import { axeSource } from './browser';

interface AxeNode {
  html: string;
  target: string[];
  failureSummary?: string;
}
interface AxeViolation {
  id: string;
  impact: string | null;
  help: string;
  nodes: AxeNode[];
}

/** What axe-core finds on a page that is serious or critical, in words. */
export async function axe(page: Page): Promise<string[]> {
  const source = await axeSource;
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(source);
  const violations = await page.evaluate(async () => {
    const tool = (
      globalThis as unknown as {
        axe: { run(context: Document, options: object): Promise<{ violations: AxeViolation[] }> };
      }
    ).axe;
    const r = await tool.run(document, { resultTypes: ['violations'] });
    return r.violations;
  });
  return violations
    .filter((v) => v.impact === 'serious' || v.impact === 'critical')
    .flatMap((v) =>
      v.nodes.map(
        (n) =>
          `${v.id} (${String(v.impact)}): ${v.help}: ${n.target.join(' ')}: ${n.html.slice(0, 200)}\n${n.failureSummary ?? ''}`,
      ),
    );
}

/**
 * Which elements make the page wider than the window, so that it must be scrolled sideways. A box that scrolls on its own (a drawing,
 * program text) is not one.
 */
export async function sideways(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const root = document.scrollingElement ?? document.documentElement;
    if (root.scrollWidth <= root.clientWidth) return [];
    const wide: string[] = [];
    for (const e of document.body.querySelectorAll('*')) {
      const box = e.getBoundingClientRect();
      if (box.right > root.clientWidth + 1 && box.width > 0) wide.push(`${describe(e)} to ${String(Math.round(box.right))}`);
    }
    return [`the page is ${String(root.scrollWidth)} wide in a window of ${String(root.clientWidth)}`, ...wide.slice(0, 5)];

    function describe(e: Element): string {
      const name = e.getAttribute('class');
      return `<${e.tagName.toLowerCase()}${name === null ? '' : ` class="${name}"`}> "${(e.textContent ?? '').trim().slice(0, 40)}"`;
    }
  });
}

/** Texts that do not fit into their box: cut off, or drawn over what is beside it. */
export async function overflowing(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const out: string[] = [];
    for (const e of document.body.querySelectorAll<HTMLElement>('*')) {
      const own = [...e.childNodes].some((n) => n.nodeType === Node.TEXT_NODE && (n.textContent ?? '').trim() !== '');
      if (!own || e.closest('[aria-hidden="true"], .skip, canvas, svg, .textLayer, option, select') !== null) continue;
      const style = getComputedStyle(e);
      const box = e.getBoundingClientRect();
      if (box.width === 0 || box.height === 0 || style.visibility === 'hidden') continue;
      if (clippedAway(e)) continue;
      const words = `<${e.tagName.toLowerCase()} class="${e.className}"> "${(e.textContent ?? '').trim().slice(0, 60)}"`;
      const hides = (v: string): boolean => v === 'hidden' || v === 'clip';
      if (style.display !== 'inline') {
        if (e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0 && (hides(style.overflowX) || style.overflowX === 'visible'))
          out.push(`${words}: ${String(e.scrollWidth)} wide in ${String(e.clientWidth)}`);
        if (e.scrollHeight > e.clientHeight + 2 && e.clientHeight > 0 && hides(style.overflowY))
          out.push(`${words}: ${String(e.scrollHeight)} high in ${String(e.clientHeight)}`);
      }
      // The text itself against each box around it that has a visible edge.
      const range = document.createRange();
      range.selectNodeContents(e);
      for (const line of range.getClientRects()) {
        if (line.width === 0) continue;
        const around =
          e.closest<HTMLElement>('button, .button, .chip, .band, td, th, li, dd, dt, p, h1, h2, h3, label, legend, summary, a') ??
          e;
        if (getComputedStyle(around).display === 'inline') continue;
        const outer = around.getBoundingClientRect();
        if (line.right > outer.right + 1.5 || line.left < outer.left - 1.5) {
          out.push(
            `${words}: text from ${px(line.left)} to ${px(line.right)} in a box from ${px(outer.left)} to ${px(outer.right)}`,
          );
          break;
        }
      }
    }
    return [...new Set(out)].slice(0, 12);

    function px(n: number): string {
      return String(Math.round(n));
    }
    // What only screen readers get is a point of one pixel on purpose.
    function clippedAway(e: HTMLElement): boolean {
      for (let p: HTMLElement | null = e; p !== null; p = p.parentElement) {
        const s = getComputedStyle(p);
        if (s.position === 'absolute' && (s.clipPath !== 'none' || p.offsetWidth <= 1)) return true;
      }
      return false;
    }
  });
}

/** Text twice as large, whatever unit the style sheet used: browsers for phones do that when a person asks for larger text. */
export async function enlargeText(page: Page, times: number): Promise<void> {
  await page.evaluate((factor) => {
    const all = [document.body, ...document.body.querySelectorAll<HTMLElement>('*')];
    const sizes = all.map((e) => parseFloat(getComputedStyle(e).fontSize));
    all.forEach((e, i) => {
      e.style.setProperty('font-size', `${String((sizes[i] ?? 16) * factor)}px`);
    });
  }, times);
}

/** The distances of WCAG 1.4.12, which a person may force upon any page. */
export async function spaceText(page: Page): Promise<void> {
  await page.evaluate(() => {
    for (const e of [document.body, ...document.body.querySelectorAll<HTMLElement>('*')]) {
      e.style.setProperty('line-height', '1.5', 'important');
      e.style.setProperty('letter-spacing', '0.12em', 'important');
      e.style.setProperty('word-spacing', '0.16em', 'important');
      if (e.tagName === 'P') e.style.setProperty('margin-bottom', '2em', 'important');
    }
  });
}

/**
 * Makes every text of the page 1.6 times as long, as another language may need it: words of the same kind are added, and a single word
 * grows itself. What is no text of ours (numbers, codes, sums, names of files, addresses) keeps its length.
 */
export async function stretch(page: Page): Promise<void> {
  await page.evaluate(() => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const texts: Text[] = [];
    for (let n = walker.nextNode(); n !== null; n = walker.nextNode()) texts.push(n as Text);
    for (const t of texts) {
      const words = (t.nodeValue ?? '').trim();
      const inside = t.parentElement;
      if (inside === null || inside.closest('.mono, code, time, script, style, noscript, .textLayer, [translate="no"]') !== null)
        continue;
      if (!/\p{L}{2}/u.test(words) || /^\S*[\d/@_]\S*$/.test(words)) continue;
      t.nodeValue = (t.nodeValue ?? '').replace(words, longer(words));
    }
    for (const e of document.body.querySelectorAll<HTMLInputElement>('[placeholder]')) e.placeholder = longer(e.placeholder);

    function longer(words: string): string {
      const extra = Math.ceil([...words].length * 0.6);
      if (!words.includes(' ')) return words + words.toLowerCase().repeat(1).slice(0, extra).padEnd(extra, 'an');
      return `${words} ${words
        .toLowerCase()
        .slice(0, extra - 1)
        .trim()}`;
    }
  });
}
