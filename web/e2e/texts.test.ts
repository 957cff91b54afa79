import { describe, expect, inject, test } from 'vitest';
import { open, Watched } from './browser';
import { overflowing, sideways, stretch } from './look';
import { fixed, found, type Route } from './routes';

const instance = inject('instance');
const budi = await Watched.open({ as: 'Budi', instance });
const sari = await Watched.open({ as: 'Sari', instance });
const routes: Route[] = [...fixed, ...(await found(budi, sari))];
await budi.close();
await sari.close();

describe.each([320, 1280])('at a width of %i', (width) => {
  test.each(routes)('$name: texts of 1.6 times the length stay in their boxes', async (route) => {
    const w = await open({ width, as: route.as, expect: route.sorry === true ? [/status of 404|status of 410/] : [] });
    await w.goto(route.path);
    const before = (await w.page.locator('body').innerText()).length;
    await stretch(w.page);
    const after = (await w.page.locator('body').innerText()).length;
    expect(after).toBeGreaterThan(before * 1.3);
    expect.soft(await sideways(w.page)).toEqual([]);
    expect.soft(await overflowing(w.page)).toEqual([]);
  });
});
