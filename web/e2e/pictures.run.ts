import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { expect, inject, test } from 'vitest';
import { Watched } from './browser';
import { root } from './demo';
import { fixed, found, type Route } from './routes';

// npm run pictures: every page as people meet it, into web/pictures, for eyes. PICTURES=name draws only what has that in its name.

const folder = path.join(root, 'web/pictures');
const only = process.env.PICTURES ?? '';
const instance = inject('instance');

const budi = await Watched.open({ as: 'Budi', instance });
const sari = await Watched.open({ as: 'Sari', instance });
const routes: Route[] = [...fixed, ...(await found(budi, sari))];
await budi.close();
await sari.close();

if (only === '') await rm(folder, { recursive: true, force: true });
await mkdir(folder, { recursive: true });

const looks = [390, 1280].flatMap((width) => (['light', 'dark'] as const).map((theme) => ({ width, theme })));

test.each(routes.filter((r) => r.name.includes(only)))('$name', async (route) => {
  for (const look of looks) {
    for (const language of ['id', 'en'] as const) {
      if (language === 'en' && (look.theme === 'dark' || look.width === 1280)) continue; // one of them shows what is not translated
      const w = await Watched.open({ ...look, language, as: route.as, instance, expect: [/status of 4\d\d/] });
      await w.goto(route.path);
      await w.page.waitForLoadState('networkidle');
      const name = `${route.name.replaceAll(/[^a-z]+/g, '-')}-${look.width}-${look.theme}${language === 'en' ? '-en' : ''}.png`;
      await w.page.screenshot({ path: path.join(folder, name), fullPage: true });
      expect(await w.close()).toEqual([]);
    }
  }
});
