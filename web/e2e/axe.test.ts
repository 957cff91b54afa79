import { describe, expect, inject, test } from 'vitest';
import { type Language, open, Watched } from './browser';
import { axe, enlargeText, overflowing, sideways, spaceText } from './look';
import { fixed, found, type Route } from './routes';

const widths = [320, 390, 768, 1280];

// The pages with an address of this very demo are looked up before the tests are named.
const instance = inject('instance');
const budi = await Watched.open({ as: 'Budi', instance });
const sari = await Watched.open({ as: 'Sari', instance });
const routes: Route[] = [...fixed, ...(await found(budi, sari))];
await budi.close();
await sari.close();

async function visit(route: Route, language: Language): Promise<Watched> {
  const w = await open({ language, as: route.as, expect: route.sorry === true ? [/status of 404|status of 410/] : [] });
  await w.goto(route.path);
  return w;
}

describe.each(['id', 'en'] as const)('in %s', (language) => {
  test.each(routes)('$name: axe, light and dark, 320 to 1280', async (route) => {
    const w = await visit(route, language);
    expect(await w.page.locator('html').getAttribute('lang')).toBe(language);
    const found: string[] = [];
    for (const theme of ['light', 'dark'] as const) {
      await w.page.emulateMedia({ colorScheme: theme });
      for (const width of widths) {
        await w.page.setViewportSize({ width, height: 900 });
        for (const line of await sideways(w.page)) found.push(`${theme} ${String(width)}: sideways: ${line}`);
        // Other words change neither colours nor structure: in English the two ends are enough.
        if (language === 'en' && !(theme === 'light' ? width === 320 : width === 1280)) continue;
        for (const line of await axe(w.page)) found.push(`${theme} ${String(width)}: ${line}`);
      }
    }
    expect(found).toEqual([]);
  });
});

describe('for people who see in another way', () => {
  test.each(routes)('$name: text at 200 %, and with wide spaces', async (route) => {
    const w = await visit(route, 'id');
    for (const width of [320, 1280]) {
      await w.page.setViewportSize({ width, height: 900 });
      await w.goto(route.path);
      await enlargeText(w.page, 2);
      expect.soft(await sideways(w.page), `200 % at ${String(width)}`).toEqual([]);
      expect.soft(await overflowing(w.page), `200 % at ${String(width)}`).toEqual([]);
      await w.goto(route.path);
      await spaceText(w.page);
      expect.soft(await sideways(w.page), `spaces at ${String(width)}`).toEqual([]);
      expect.soft(await overflowing(w.page), `spaces at ${String(width)}`).toEqual([]);
    }
  });

  test.each(routes)('$name: nothing moves for those who asked for rest', async (route) => {
    const w = await open({
      reducedMotion: true,
      as: route.as,
      expect: route.sorry === true ? [/status of 404|status of 410/] : [],
    });
    await w.goto(route.path);
    const moving = await w.page.evaluate(() =>
      [...document.querySelectorAll('*')].flatMap((e) => {
        const s = getComputedStyle(e);
        const lasts = (v: string): boolean => v.split(',').some((d) => parseFloat(d) > 0.02);
        const moves =
          (s.animationName !== 'none' && lasts(s.animationDuration)) ||
          (s.transitionProperty !== 'none' && lasts(s.transitionDuration));
        return moves ? [`<${e.tagName.toLowerCase()} class="${e.getAttribute('class') ?? ''}">`] : [];
      }),
    );
    expect(moving).toEqual([]);
  });

  test.each(routes)("$name: the system's own colours, and high contrast", async (route) => {
    const w = await open({ as: route.as, expect: route.sorry === true ? [/status of 404|status of 410/] : [] });
    await w.goto(route.path);
    await w.page.emulateMedia({ forcedColors: 'active' });
    // Without backgrounds and shadows of ours only an edge or a line tells what can be pressed or filled in.
    const bare = await w.page.evaluate(() =>
      [...document.querySelectorAll<HTMLElement>('button, .button, input, select, textarea, a[href]')].flatMap((e) => {
        if (!e.checkVisibility({ visibilityProperty: true }) || e.closest('nav, .brand, .skip') !== null) return [];
        const s = getComputedStyle(e);
        const edge = parseFloat(s.borderTopWidth) > 0 && s.borderTopStyle !== 'none';
        const native = e instanceof HTMLInputElement && ['checkbox', 'radio', 'file', 'range'].includes(e.type);
        const framed = e.parentElement !== null && parseFloat(getComputedStyle(e.parentElement).borderTopWidth) > 0;
        if (edge || native || framed || s.textDecorationLine.includes('underline')) return [];
        return [`<${e.tagName.toLowerCase()} class="${e.className}"> ${(e.textContent ?? '').trim().slice(0, 40)}`];
      }),
    );
    expect.soft(bare, 'nothing shows that it can be used').toEqual([]);
    expect.soft(await axe(w.page), 'forced colours').toEqual([]);
    await w.page.emulateMedia({ forcedColors: 'none', contrast: 'more' });
    expect.soft(await axe(w.page), 'high contrast').toEqual([]);
  });
});
