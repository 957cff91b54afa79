import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { expect, inject, test } from 'vitest';
import { Watched } from './browser';
import { root } from './demo';
import { fixed, found, type Route } from './routes';
import { stories, tell, trustVectors } from './stories';
import { choose, openVerifier, workedOff } from './verifier';

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

test.each(stories.filter((s) => `verdict ${s.name}`.includes(only)))('verdict $name', async (story) => {
  for (const look of looks) {
    for (const language of ['id', 'en'] as const) {
      if (language === 'en' && (look.theme === 'dark' || look.width === 1280)) continue;
      const w = await Watched.open({ ...look, language, instance });
      expect(await tell(w, story)).toBe(story.verdict);
      await w.page.locator('main details').nth(1).waitFor();
      const name = `verdict-${story.name.replaceAll(/[^a-z]+/g, '-')}-${look.width}-${look.theme}${language === 'en' ? '-en' : ''}.png`;
      await w.page.screenshot({ path: path.join(folder, name), fullPage: true });
      expect(await w.close()).toEqual([]);
    }
  }
});

test.skipIf(!'verdict list viewer'.includes(only))('verdict list and viewer', async () => {
  for (const look of looks) {
    const w = await Watched.open({ ...look, instance });
    await trustVectors(w);
    await openVerifier(w, '2026-09-14T10:00:00+07:00');
    await choose(
      w.page,
      stories.map((s) => path.join(root, 'vectors', s.file)),
    );
    await workedOff(w.page);
    await w.page.screenshot({ path: path.join(folder, `verdict-list-${look.width}-${look.theme}.png`), fullPage: true });
    expect(await w.close()).toEqual([]);

    const v = await Watched.open({ ...look, instance });
    const story = stories.find((s) => s.name === 'amount covered');
    if (story !== undefined) await tell(v, story);
    await v.page.keyboard.press('Tab');
    await v.page.keyboard.press('Enter');
    await v.page.locator('dialog.viewer .mark').first().waitFor();
    await v.page.screenshot({ path: path.join(folder, `viewer-${look.width}-${look.theme}.png`) });
    expect(await v.close()).toEqual([]);
  }
});
