import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, inject, test } from 'vitest';
import { launch, open, Watched } from './browser';
import { Folder } from './documents';
import { signOnPage } from './samples';
import { openVerifier, workedOff } from './verifier';
import words from '../../internal/web/text/app/id.json';

// Ways in that need more of a browser than a file field: a folder that is dropped, and a code in front of a camera.

const instance = inject('instance');
const signed = path.join(instance.dir, 'signed/surat-contoh_sign.pdf');
const run = promisify(execFile);
const folder = await Folder.make();
afterAll(() => folder.remove());

test('a folder that is dropped is walked, whatever lies in it', async () => {
  const b = await readFile(signed);
  const dropped = path.join(folder.dir, 'surat');
  await mkdir(path.join(dropped, 'dalam/lagi'), { recursive: true });
  await writeFile(path.join(dropped, 'satu.pdf'), b);
  await writeFile(path.join(dropped, 'dalam/lagi/dua.pdf'), b);
  await writeFile(path.join(dropped, 'dalam/catatan.txt'), 'bukan PDF');
  const w = await open();
  await openVerifier(w);
  const cdp = await w.context.newCDPSession(w.page);
  const zone = await w.page.locator('.zone').boundingBox();
  if (zone === null) throw new Error('there is nowhere to drop');
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
    await cdp.send('Input.dispatchDragEvent', { type, x: zone.x + 20, y: zone.y + 20, data: { items: [], files: [dropped], dragOperationsMask: 1 } });
  await workedOff(w.page);
  const list = (await w.page.locator('section', { has: w.page.locator('#daftar') }).textContent()) ?? '';
  expect(list).toContain('satu.pdf');
  expect(list).toContain('dua.pdf');
  expect(list).not.toContain('catatan.txt');
});

/** A film of one picture, as Chromium takes it for a camera: YUV4MPEG2 without colour. */
function film(pgm: Buffer): Buffer {
  const head = /^P5\s+(\d+)\s+(\d+)\s+255\s/.exec(pgm.subarray(0, 64).toString('latin1'));
  if (head === null) throw new Error('not a PGM');
  const [wide, high] = [Number(head[1]), Number(head[2])];
  const [w, h] = [wide & ~1, high & ~1];
  const grey = pgm.subarray(head[0].length);
  const rows = Array.from({ length: h }, (_, y) => grey.subarray(y * wide, y * wide + w));
  const frame = Buffer.concat([Buffer.from('FRAME\n'), ...rows, Buffer.alloc((w * h) / 2, 128)]);
  return Buffer.concat([Buffer.from(`YUV4MPEG2 W${String(w)} H${String(h)} F10:1 Ip A1:1 C420jpeg\n`), frame, frame]);
}

test('the code on a paper in front of the camera leads to its page', async () => {
  const budi = await open({ as: 'Budi' });
  const letter = await folder.write('surat.pdf', await signOnPage(budi, instance, path.join(instance.dir, 'surat-contoh.pdf'), 'Surat di depan kamera'));
  const picture = path.join(folder.dir, 'kertas');
  // As people hold it: near the code, which stands in the lower part of the page.
  await run('pdftoppm', ['-gray', '-r', '150', '-x', '0', '-y', '1160', '-W', '1240', '-H', '594', '-singlefile', letter, picture]);
  const camera = await folder.write('kamera.y4m', film(await readFile(`${picture}.pgm`)));
  const browser = await launch(['--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream', `--use-file-for-fake-video-capture=${camera}`]);
  try {
    const w = await Watched.open({ instance, permissions: ['camera'] }, browser);
    await openVerifier(w);
    await w.page.getByRole('button', { name: words['verify.scan'] }).click();
    await w.page.waitForURL(/\/v\/[A-Z2-7]{13}$/, { timeout: 30_000 });
    expect(await w.page.locator('main').textContent()).toContain('Budi Contoh');
    expect(await w.close()).toEqual([]);
  } finally {
    await browser.close();
  }
});
