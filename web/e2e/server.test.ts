import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, inject, test } from 'vitest';
import { open } from './browser';
import { Folder } from './documents';
import { answered, choose } from './verifier';

// What the server does for the page that checks documents: all of it, where a browser cannot, and asking issuers, which no page may.

const run = promisify(execFile);
const instance = inject('instance');
const sample = path.join(instance.dir, 'trust/contoh.pdf');
const folder = await Folder.make();
afterAll(() => folder.remove());

test('without scripts a file is checked on the server, which says so', async () => {
  const w = await open({ javaScript: false });
  await w.goto('/verifikasi');
  await w.page.locator('input[name=pdf]').setInputFiles(sample);
  await w.page.locator('main form button').click();
  expect(await w.page.locator('.verdict').getAttribute('class')).toContain('valid-with-notes');
  expect(await w.page.locator('main').innerText()).toContain('sudah dibuang');
});

test('the latest status is asked with the number of a certificate, and only when a person wants it', async () => {
  // As it was signed the sample has a time-stamp, and nothing yet about whether certificates were revoked.
  const early = path.join(folder.dir, 'contoh.pdf');
  await run(instance.program, ['extract', '--revision', '1', '--out', early, sample]);
  const w = await open();
  const asked: { method: string; bytes: number; status: Promise<number> }[] = [];
  w.page.context().on('request', (r) => {
    if (!r.url().includes('/verifikasi/status')) return;
    const status = r.response().then((a) => a?.status() ?? 0);
    asked.push({ method: r.method(), bytes: r.postDataBuffer()?.length ?? 0, status });
  });
  await w.goto('/verifikasi');
  await choose(w.page, [early]);
  expect(await answered(w.page)).toBe('indeterminate');
  expect(asked).toEqual([]);

  await w.page.locator('details > summary').last().click();
  await w.page.getByRole('checkbox', { name: /status pencabutan terbaru/ }).check();
  await w.page.locator('.verdict.drawn.valid-with-notes').waitFor({ timeout: 60_000 });
  expect(asked.map((a) => a.method)).toContain('POST');
  for (const a of asked) {
    expect(await a.status).toBe(200);
    expect(a.bytes).toBeLessThan(200); // a request is the number of the certificate and which issuer it has
  }
});
