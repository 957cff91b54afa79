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
        for (const line of await axe(w.page)) found.push(`${theme} ${String(width)}: ${line}`);
        for (const line of await sideways(w.page)) found.push(`${theme} ${String(width)}: sideways: ${line}`);
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
});
