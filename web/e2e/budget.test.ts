import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { expect, inject, test } from 'vitest';
import { open } from './browser';
import { root } from './demo';
import { fixed, found } from './routes';

const KB = 1000;

/** What travels until a page stands still: pages, style sheets, scripts and data, as compressed as the server sends them. */
async function weight(address: string): Promise<{ total: number; parts: string[] }> {
  const w = await open();
  const parts: string[] = [];
  let total = 0;
  const sizes: Promise<void>[] = [];
  w.page.on('requestfinished', (q) => {
    sizes.push(
      q.sizes().then((s) => {
        total += s.responseBodySize;
        parts.push(`${String(s.responseBodySize)} ${new URL(q.url()).pathname}`);
      }),
    );
  });
  await w.page.goto(address, { waitUntil: 'networkidle' });
  await w.settled();
  await Promise.all(sizes);
  return { total, parts: parts.sort((a, b) => parseInt(b) - parseInt(a)) };
}

test('the front page weighs at most 30 KB', async () => {
  const { total, parts } = await weight('/');
  expect(total, parts.join('\n')).toBeLessThanOrEqual(30 * KB);
});

test('a page that a QR code leads to weighs at most 30 KB', async () => {
  const route = [...fixed, ...(await found(await open({ as: 'Budi' }), await open({ as: 'Sari' })))].find((r) => r.path.startsWith('/v/') && r.sorry !== true);
  expect(route, 'the demo has a document with a code').toBeDefined();
  const { total, parts } = await weight(route?.path ?? '');
  expect(total, parts.join('\n')).toBeLessThanOrEqual(30 * KB);
});

test('the page that checks documents weighs at most 60 KB before a file is chosen', async () => {
  const { total, parts } = await weight('/verifikasi');
  expect(parts.some((p) => p.endsWith('.wasm')), 'the verifier is not fetched before it is needed').toBe(false);
  expect(total, parts.join('\n')).toBeLessThanOrEqual(60 * KB);
});

test('the verifier weighs at most 2 MB', () => {
  const folder = path.join(root, 'internal/web/dist/app');
  const forms = readdirSync(folder).filter((name) => /^absah-.*\.wasm\.br$/.test(name));
  expect(forms).toHaveLength(1);
  expect(statSync(path.join(folder, forms[0] ?? '')).size).toBeLessThanOrEqual(2_000_000);
});

test('what a browser does not know how to read is not sent to it', async () => {
  const { url } = inject('instance');
  const page = await (await fetch(`${url}/verifikasi`)).text();
  const script = /<script type="module" src="([^"]+)"/.exec(page)?.[1] ?? '';
  const plain = await fetch(url + script, { headers: { 'Accept-Encoding': 'identity' } });
  expect(plain.headers.get('content-encoding')).toBeNull();
  expect((await plain.arrayBuffer()).byteLength).toBe(Number(plain.headers.get('content-length')));
});
