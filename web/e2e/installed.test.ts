import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { open, type Look, type Watched } from './browser';
import { answered, choose } from './verifier';
import { root } from './demo';
import { Front } from './front';

let front: Front;

beforeEach(async () => {
  front = new Front(inject('instance').url);
  await front.start();
});

afterEach(async () => {
  await front.stop();
});

const at = (look: Look = {}): Promise<Watched> =>
  open({ serviceWorkers: true, instance: { ...inject('instance'), url: front.url }, ...look });

/** Opens the page about installing and fetches everything, as a person would. */
async function install(w: Watched): Promise<void> {
  await w.goto('/pasang');
  await w.page.evaluate(() => navigator.serviceWorker.ready);
  const panel = w.page.locator('section.panel');
  await expect.poll(() => panel.textContent()).toMatch(/Unduh \d|sudah ada di perangkat|is on this device|Download \d/);
  const button = panel.getByRole('button');
  if ((await button.count()) > 0) await button.click();
  await expect.poll(() => panel.textContent(), { timeout: 60_000 }).toMatch(/Semua yang diperlukan sudah ada|All that is needed/);
}

/** What a page keeps on the device: the addresses of all caches. */
const kept = (page: Page): Promise<string[]> =>
  page.evaluate(async () => {
    const all: string[] = [];
    for (const name of await caches.keys()) {
      for (const r of await (await caches.open(name)).keys()) all.push(new URL(r.url).pathname);
    }
    return all;
  });

test('with the server stopped the installed pages still come, in both languages', async () => {
  const w = await at({ expect: [/Failed to load resource|ERR_CONNECTION_REFUSED|net::ERR/] });
  await install(w);
  await front.stop();
  for (const route of ['/verifikasi', '/simulasi', '/pasang']) {
    await w.goto(route);
    expect(await w.page.locator('#app[data-ready] h1').count(), route).toBe(1);
    expect(await w.page.locator('html').getAttribute('lang')).toBe('id');
  }
  await w.goto('/masuk');
  expect(await w.page.locator('h1').textContent()).toBe('Tidak ada internet');
  await w.page.getByRole('link', { name: 'English' }).click();
  await w.page.waitForURL('**/luring?lang=en');
  expect(await w.page.locator('h1').textContent()).toBe('No internet');
  await w.goto('/verifikasi?lang=en');
  expect(await w.page.locator('#app[data-ready] h1').textContent()).toBe('Check a document');
  // The choice stays.
  await w.goto('/pasang');
  expect(await w.page.locator('#app[data-ready] h1').textContent()).toBe('Install on a phone');
  expect(await w.page.locator('dl.data').textContent({ timeout: 5000 })).toMatch(/Number of issuers\s*[1-9]/);
});

test('with the server stopped a document is judged and shown', async () => {
  const w = await at({ expect: [/Failed to load resource|net::ERR/] });
  await install(w);
  await front.stop();
  await w.goto('/verifikasi');
  const folder = path.join(inject('instance').dir, 'signed');
  await choose(w.page, [path.join(folder, (await readdir(folder))[0] ?? '')]);
  expect(await answered(w.page)).toBe('valid-with-notes'); // of the demo's test authority
  await w.page.getByRole('button', { name: 'Lihat dokumen' }).first().click();
  const sheet = w.page.locator('dialog.viewer canvas').first();
  await sheet.waitFor();
  // Drawn, and not blank.
  await expect
    .poll(
      () =>
        sheet.evaluate((c: HTMLCanvasElement) => {
          const { data } = c.getContext('2d')?.getImageData(0, 0, c.width, c.height) ?? { data: [] as number[] };
          let dark = 0;
          for (let i = 0; i < data.length; i += 4) if ((data[i + 3] ?? 0) > 0 && (data[i] ?? 255) < 100) dark++;
          return dark;
        }),
      { timeout: 30_000 },
    )
    .toBeGreaterThan(100);
});

test('what is kept belongs to nobody', async () => {
  const w = await at({ as: 'Budi', expect: [/Failed to load resource|net::ERR/] });
  await install(w);
  await w.goto('/verifikasi');
  expect(await w.page.locator('header').textContent()).toContain('Budi Contoh'); // the server's page, which knows
  await w.goto('/sertifikat');
  await w.goto('/tanda-tangan');

  const addresses = await kept(w.page);
  expect(addresses.filter((a) => !/^\/(app|static|kerangka|absah-memory)\/|^\/trust\/package\.json$/.test(a))).toEqual([]);
  const said = await w.page.evaluate(async () => {
    let all = '';
    for (const name of await caches.keys()) {
      const cache = await caches.open(name);
      for (const key of await cache.keys()) {
        if (/kerangka|memory/.test(key.url)) all += await (await cache.match(key))?.text();
      }
    }
    return all;
  });
  expect(said).toContain('<div id="app"');
  expect(said).not.toMatch(/Budi|3300000000000001|keluar/);

  await front.stop();
  await w.goto('/verifikasi');
  expect(await w.page.locator('header').textContent()).not.toContain('Budi');
});

test('a newer state is announced, kept back until it is taken, and no tab loses its parts', async () => {
  const w = await at({ expect: [/Failed to load resource|404/] });
  await install(w);
  const parts = await w.page.evaluate(() => performance.getEntriesByType('resource').map((r) => new URL(r.name).pathname));
  const other = await w.context.newPage();
  await other.goto('/verifikasi');
  await other.waitForSelector('#app[data-ready]');

  // The new program answers, and has none of the old program's pieces.
  front.newer = 'eeeeeeeeeeee';
  for (const p of parts.filter((p) => p.startsWith('/app/'))) front.gone.add(p);
  await w.goto('/pasang');
  expect(await w.page.locator('#app').getAttribute('data-build')).not.toBe('eeeeeeeeeeee');
  const notice = w.page.locator('.notice');
  await notice.waitFor();
  expect(await notice.textContent()).toContain('Versi baru siap.');
  expect(await notice.getAttribute('role')).toBe('status');
  expect(await w.page.evaluate(() => document.activeElement?.tagName)).toBe('BODY'); // it took no focus

  // Later means later, not never.
  await notice.getByRole('button', { name: 'Nanti' }).click();
  expect(await notice.count()).toBe(0);
  await w.goto('/pasang');
  await notice.waitFor();

  const loaded = w.page.waitForEvent('load');
  await notice.getByRole('button', { name: 'Muat ulang' }).click();
  await loaded;
  await w.settled();
  const builds = await w.page.evaluate(async () => (await caches.keys()).filter((name) => name.startsWith('absah-build-')));
  expect(builds).toContain('absah-build-eeeeeeeeeeee');
  expect(builds).toHaveLength(2); // the one before is for the other tab
  expect(await notice.count()).toBe(0);

  // The other tab was not loaded again, hears of it, and can still get the parts that the server threw away.
  await other.locator('.notice').waitFor();
  for (const p of front.gone) {
    expect(await other.evaluate(async (path) => (await fetch(path)).status, p), p).toBe(200);
  }
});

test('a state that cannot be fetched does not hold the old one for ever', async () => {
  const w = await at({ expect: [/Failed to load resource|404|bad HTTP response code/] });
  await install(w);
  front.newer = 'eeeeeeeeeeee';
  front.gone.add('/sw.js');
  const answer = await w.page.goto('/pasang');
  expect(await answer?.headerValue('absah-build')).toBe('eeeeeeeeeeee');
});

test('files that are shared stay on the device until the page has read them', async () => {
  const w = await at();
  await install(w);
  const before = front.asked.length;
  await w.page.evaluate(() => {
    const form = document.createElement('form');
    form.method = 'post';
    form.enctype = 'multipart/form-data';
    form.action = '/verifikasi/berbagi';
    const field = document.createElement('input');
    field.type = 'file';
    field.name = 'berkas';
    field.multiple = true;
    const files = new DataTransfer();
    files.items.add(new File(['%PDF-1.7 surat'], 'surat (salinan).pdf', { type: 'application/pdf' }));
    files.items.add(new File(['%PDF-1.7 nota'], 'nota.pdf', { type: 'application/pdf' }));
    field.files = files.files;
    form.append(field);
    document.body.append(form);
    form.submit();
  });
  await w.page.waitForURL('**/verifikasi*');
  await w.settled();
  expect(front.asked.slice(before).filter((a) => a.method !== 'GET')).toEqual([]);
  await expect.poll(() => w.page.locator('#app').textContent(), { timeout: 30_000 }).toContain('surat (salinan).pdf');
  expect(await w.page.locator('#app').textContent()).toContain('nota.pdf');
  expect((await kept(w.page)).filter((a) => a.startsWith('/absah-shared/'))).toEqual([]);
  // Loading again asks for nothing that is gone.
  expect(new URL(w.page.url()).search).toBe('');
  await w.page.reload();
  await w.settled();
  expect(await w.page.locator('.notice').count()).toBe(0);
});

test('something shared that is not there is told, not passed over', async () => {
  const w = await at();
  await w.goto('/verifikasi?berbagi=gagal');
  await expect.poll(() => w.page.locator('#app [role=alert]').textContent()).toContain('dibagikan');
});

test('the manifest says what the pages can do', async () => {
  const w = await at();
  await w.goto('/verifikasi');
  const session = await w.context.newCDPSession(w.page);
  const { errors, data } = (await session.send('Page.getAppManifest')) as { errors: { message: string }[]; data?: string };
  expect(errors).toEqual([]);
  expect(JSON.parse(data ?? '{}')).toMatchObject({ start_url: '/verifikasi', share_target: { action: '/verifikasi/berbagi' } });
  const { installabilityErrors } = (await session.send('Page.getInstallabilityErrors')) as {
    installabilityErrors: { errorId: string }[];
  };
  expect(installabilityErrors.map((e) => e.errorId).filter((id) => id !== 'in-incognito')).toEqual([]);
});

// A browser without a service worker, as in a private window, has the server's files alone.
test('a tab from before an update says what to do', async () => {
  const w = await at({ serviceWorkers: false, expect: [/Failed to load resource|404|dynamically imported module/] });
  await w.goto('/verifikasi');
  front.newer = 'eeeeeeeeeeee';
  for (const p of await w.page.evaluate(() => performance.getEntriesByType('resource').map((r) => r.name))) front.gone.add(new URL(p).pathname);
  for (const f of await readdir(path.join(root, 'internal/web/dist/app'))) front.gone.add(`/app/${f.replace(/\.(br|gz)$/, '')}`);
  const folder = path.join(inject('instance').dir, 'signed');
  await choose(w.page, [path.join(folder, (await readdir(folder))[0] ?? '')]);
  await expect.poll(() => w.page.locator('body').textContent(), { timeout: 30_000 }).toMatch(/versi baru.*Muat ulang/s);
});
