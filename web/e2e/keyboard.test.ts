import { expect, inject, test } from 'vitest';
import type { Page } from 'playwright-core';
import { open, Watched } from './browser';
import { fixed, found, type Route } from './routes';

const instance = inject('instance');
const budi = await Watched.open({ as: 'Budi', instance });
const sari = await Watched.open({ as: 'Sari', instance });
const routes: Route[] = [...fixed, ...(await found(budi, sari))];
await budi.close();
await sari.close();

interface Stop {
  words: string;
  order: number;
  marked: boolean;
  seen: boolean;
}

/** What has the focus: which of the page's elements it is, whether it is drawn as such, and whether nothing covers it. */
async function focused(page: Page): Promise<Stop | undefined> {
  return page.evaluate(() => {
    const e = document.activeElement;
    if (!(e instanceof HTMLElement || e instanceof SVGElement) || e === document.body) return undefined;
    const style = getComputedStyle(e);
    const box = e.getBoundingClientRect();
    // A field that looks like a button is drawn by the label around it.
    const drawn = e instanceof HTMLInputElement && e.classList.contains('unseen') ? (e.closest('label') ?? e) : e;
    const at = (x: number, y: number): boolean => {
      const top = document.elementFromPoint(x, y);
      return top !== null && (drawn.contains(top) || top.contains(e));
    };
    const inside = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
    const middle = at(
      Math.min(Math.max(box.left + box.width / 2, 1), innerWidth - 1),
      Math.min(Math.max(box.top + box.height / 2, 1), innerHeight - 1),
    );
    return {
      words: `<${e.tagName.toLowerCase()}> ${(e.getAttribute('aria-label') ?? e.textContent ?? '').trim().slice(0, 60)}`,
      order: [...document.querySelectorAll('*')].indexOf(e),
      marked: (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2) || style.boxShadow !== 'none',
      seen: inside && middle,
    };
  });
}

/** How many elements the Tab key should come to. Radio buttons of one group are one stop. */
async function reachable(page: Page): Promise<number> {
  return page.evaluate(() => {
    const groups = new Set<string>();
    let n = 0;
    for (const e of document.querySelectorAll<HTMLElement>('a[href], button, input, select, textarea, summary, [tabindex]')) {
      if (e.tabIndex < 0 || (e as HTMLButtonElement).disabled || !e.checkVisibility({ visibilityProperty: true })) continue;
      if (e instanceof HTMLInputElement && e.type === 'radio') {
        if (groups.has(e.name)) continue;
        groups.add(e.name);
      }
      n++;
    }
    return n;
  });
}

test.each(routes)('$name: Tab comes to everything, in order, and one sees where', async (route) => {
  for (const width of [390, 1280]) {
    const w = await open({
      width,
      height: 700,
      as: route.as,
      expect: route.sorry === true ? [/status of 404|status of 410/] : [],
    });
    await w.goto(route.path);
    // A page may put the focus on its message; the way begins at the top.
    await w.page.evaluate(() => {
      (document.activeElement as HTMLElement | null)?.blur();
      getSelection()?.removeAllRanges();
      const top = document.createRange();
      top.setStart(document.body, 0);
      getSelection()?.addRange(top);
      scrollTo(0, 0);
    });
    const expected = await reachable(w.page);
    const stops: Stop[] = [];
    for (let i = 0; i < expected + 5; i++) {
      await w.page.keyboard.press('Tab');
      const stop = await focused(w.page);
      if (stop === undefined) break;
      const before = stops.findIndex((s) => s.order === stop.order);
      if (before >= 0) break;
      stops.push(stop);
    }
    expect.soft(stops.length, `stops at ${width}: ${stops.map((s) => s.words).join(' | ')}`).toBe(expected);
    expect
      .soft(
        stops.filter((s) => !s.marked).map((s) => s.words),
        'without a mark',
      )
      .toEqual([]);
    expect
      .soft(
        stops.filter((s) => !s.seen).map((s) => s.words),
        'out of sight or covered',
      )
      .toEqual([]);
    const order = stops.map((s) => s.order);
    expect.soft(order, 'the order of the page').toEqual([...order].sort((a, b) => a - b));
  }
});

test('the first stop leads past the head of the page', async () => {
  const w = await open();
  await w.goto('/');
  await w.page.keyboard.press('Tab');
  expect(await w.page.locator(':focus').getAttribute('class')).toContain('skip');
  await w.page.keyboard.press('Enter');
  expect(await w.page.evaluate(() => document.activeElement?.tagName)).toBe('MAIN');
});

test('logging in needs no pointer', async () => {
  const w = await open();
  await w.goto('/masuk');
  const budi = inject('instance').people.find((p) => p.name.startsWith('Budi'));
  await w.page.locator('#nik').focus();
  await w.page.keyboard.type(budi?.nik ?? '');
  await w.page.keyboard.press('Tab');
  await w.page.keyboard.type(budi?.password ?? '');
  await w.page.keyboard.press('Enter');
  await w.page.waitForURL((u) => u.pathname !== '/masuk');
  expect(await w.page.locator('.who').textContent()).toContain('Budi Contoh');
});
