// Lays a .br and a .gz beside each built file, so that the server need not compress. Brotli takes its time with the wasm, so what was
// compressed once is kept by the hash of its content.

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const dist = new URL('../../internal/web/dist', import.meta.url).pathname;
const kept = new URL('../.compressed', import.meta.url).pathname;
mkdirSync(kept, { recursive: true });

const ways = {
  br: (data) =>
    brotliCompressSync(data, {
      params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24, [constants.BROTLI_PARAM_SIZE_HINT]: data.length },
    }),
  gz: (data) => gzipSync(data, { level: 9 }),
};

// The server's own static files, by the name with the hash that the server gives them.
const own = new URL('../../internal/web/static', import.meta.url).pathname;
mkdirSync(join(dist, 'static'), { recursive: true });
for (const name of readdirSync(own)) {
  const data = readFileSync(join(own, name));
  const hash = createHash('sha256').update(data).digest('hex').slice(0, 12);
  writeFileSync(join(dist, 'static', name.replace(/(\.\w+)$/, `.${hash}$1.br`)), ways.br(data));
}

for (const name of readdirSync(dist, { recursive: true })) {
  if (!/\.(m?js|css|ttf|wasm|json|svg|webmanifest)$/.test(name) || name === 'manifest.json' || name === 'sw.js') continue;
  const data = readFileSync(join(dist, name));
  const hash = createHash('sha256').update(data).digest('hex').slice(0, 32);
  for (const [suffix, compress] of Object.entries(ways)) {
    const copy = join(kept, `${hash}.${suffix}`);
    if (!existsSync(copy)) writeFileSync(copy, compress(data));
    const small = readFileSync(copy);
    if (small.length < data.length * 0.9) writeFileSync(join(dist, `${name}.${suffix}`), small);
  }
  // The program embeds all of this. What is very large is unpacked by the server for the few that read no small form.
  if (data.length > 1_000_000 && existsSync(join(dist, `${name}.gz`))) rmSync(join(dist, name));
}
