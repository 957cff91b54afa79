import path from 'node:path';
import { expect, inject, test } from 'vitest';
import { open } from './browser';

// What the server does for the page that checks documents: all of it, where a browser cannot.

const instance = inject('instance');
const sample = path.join(instance.dir, 'trust/contoh.pdf');

test('without scripts a file is checked on the server, which says so', async () => {
  const w = await open({ javaScript: false });
  await w.goto('/verifikasi');
  await w.page.locator('input[name=pdf]').setInputFiles(sample);
  await w.page.locator('main form button').click();
  expect(await w.page.locator('.verdict').getAttribute('class')).toContain('valid-with-notes');
  expect(await w.page.locator('main').innerText()).toContain('sudah dibuang');
});
