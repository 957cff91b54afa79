import { randomBytes } from 'node:crypto';
import { open as openFile } from 'node:fs/promises';
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Watched } from './browser';
import type { Instance } from './demo';

const run = promisify(execFile);

/**
 * Writes a PDF of some pages; each has a line of text, and a picture that does not compress when bytes is given. Pieces are written as
 * they are made, so that a file of hundreds of megabytes needs no memory.
 */
export async function writePDF(to: string, pages: number, bytes = 0): Promise<void> {
  const f = await openFile(to, 'w');
  let at = 0;
  const offsets: number[] = [];
  const put = async (b: string | Uint8Array): Promise<void> => {
    const data = typeof b === 'string' ? Buffer.from(b, 'latin1') : b;
    await f.write(data);
    at += data.length;
  };
  const object = async (n: number, head: string, stream?: Uint8Array): Promise<void> => {
    offsets[n] = at;
    await put(`${n} 0 obj\n${head}\n`);
    if (stream !== undefined) {
      await put('stream\n');
      await put(stream);
      await put('\nendstream\n');
    }
    await put('endobj\n');
  };
  // 1 catalogue, 2 page tree, 3 font; then page, content and picture in turn.
  const side = Math.floor(Math.sqrt(bytes / pages / 3));
  const page = (i: number): number => 4 + i * 3;
  await put('%PDF-1.7\n%\xe2\xe3\xcf\xd3\n');
  await object(1, '<</Type/Catalog/Pages 2 0 R/Lang(id)>>');
  await object(3, '<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>');
  for (let i = 0; i < pages; i++) {
    const n = page(i);
    const picture = side > 0 ? `/XObject<</P ${n + 2} 0 R>>` : '';
    await object(
      n,
      `<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F 3 0 R>>${picture}>>/Contents ${n + 1} 0 R>>`,
    );
    const content = Buffer.from(
      `BT /F 18 Tf 72 770 Td (Surat contoh, halaman ${i + 1} dari ${pages}) Tj ET\n` +
        (side > 0 ? 'q 450 0 0 600 72 130 cm /P Do Q\n' : `BT /F 12 Tf 72 730 Td (Isi halaman ini hanya contoh.) Tj ET\n`),
    );
    await object(n + 1, `<</Length ${content.length}>>`, content);
    if (side > 0) {
      const pixels = randomBytes(side * side * 3);
      const head = `<</Type/XObject/Subtype/Image/Width ${side}/Height ${side}/ColorSpace/DeviceRGB/BitsPerComponent 8/Length ${pixels.length}>>`;
      await object(n + 2, head, pixels);
    }
  }
  await object(2, `<</Type/Pages/Count ${pages}/Kids[${Array.from({ length: pages }, (_, i) => `${page(i)} 0 R`).join(' ')}]>>`);
  const start = at;
  const size = 4 + pages * 3;
  await put(`xref\n0 ${size}\n0000000000 65535 f \n`);
  for (let n = 1; n < size; n++) {
    const offset = offsets[n];
    await put(offset === undefined ? '0000000000 00000 f \n' : `${String(offset).padStart(10, '0')} 00000 n \n`);
  }
  await put(`trailer\n<</Size ${size}/Root 1 0 R>>\nstartxref\n${start}\n%%EOF\n`);
  await f.close();
}

/** Signs a file on the demo's own page, as its signer would, and returns the signed bytes. */
export async function signOnPage(budi: Watched, instance: Instance, file: string, title: string): Promise<Buffer> {
  await budi.goto('/tanda-tangan');
  const { page } = budi;
  await page.locator('#pdf').setInputFiles(file);
  await page.locator('#doctitle').fill(title);
  await page.locator('#passphrase_sign').fill(instance.passphrase);
  await Promise.all([page.waitForURL(/\/dokumen\//), page.locator('main form button[type=submit]').first().click()]);
  const answer = await budi.context.request.get(`${new URL(page.url()).pathname}/unduh`);
  return answer.body();
}

/** Signs a file with a key of nobody, for what only has to be large: the pages take 50 MB. */
export async function signWithKey(program: string, dir: string, file: string): Promise<string> {
  const key = path.join(dir, 'key.pem');
  const cert = path.join(dir, 'cert.pem');
  await run('openssl', [
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-days',
    '30',
    '-subj',
    '/CN=Budi Contoh',
    '-keyout',
    key,
    '-out',
    cert,
  ]);
  await run(program, ['sign', '--key', key, '--cert', cert, file]);
  return file.replace(/\.pdf$/, '_sign.pdf');
}
