import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { open, type Watched } from './browser';
import { axe, overflowing, sideways } from './look';

const run = promisify(execFile);

// Two letters that Budi signs with the forms of the server, as anybody does who has no script: the second replaces the first.
interface Letter {
  code: string;
  file: string;
}

let dir = '';
let first: Letter, second: Letter;

async function sign(w: Watched, number: string, picture: boolean): Promise<Letter> {
  await w.goto('/tanda-tangan');
  await w.page.getByLabel('Berkas PDF').setInputFiles(path.join(inject('instance').dir, 'surat-contoh.pdf'));
  await w.page.getByLabel('Nomor surat').fill(number);
  await w.page.getByLabel('Perihal').fill('Undangan rapat koordinasi');
  if (picture) await w.page.getByLabel('Tampilkan gambar halaman pertama').check();
  await w.page.getByLabel('Passphrase').fill(inject('instance').passphrase);
  await w.page.getByRole('button', { name: 'Tandatangani sebagai' }).click();
  await w.page.getByRole('heading', { name: 'Dokumen ditandatangani' }).waitFor();
  const code = /\/dokumen\/(\w+)/.exec(w.page.url())?.[1] ?? '';
  const file = path.join(dir, `${code}.pdf`);
  const answer = await w.context.request.get(`/dokumen/${code}/unduh`);
  await writeFile(file, await answer.body());
  return { code, file };
}

beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'absah-e2e-paper-'));
  const w = await open({ as: 'Budi', javaScript: false });
  first = await sign(w, '800/1/2027', true);
  second = await sign(w, '800/2/2027', false);
});

afterAll(async () => {
  await rm(dir, { recursive: true, force: true });
});

async function paper(letter: Letter, look: Parameters<typeof open>[0] = {}): Promise<Watched> {
  const w = await open(look);
  await w.goto(`/v/${letter.code}`);
  return w;
}

describe('the page of a paper', () => {
  test('is what the QR on the printed page leads to', async () => {
    await run('pdftoppm', ['-r', '150', '-png', '-singlefile', second.file, path.join(dir, 'page')]);
    const { stdout } = await run('zbarimg', ['--raw', '-q', '-Sdisable', '-Sqrcode.enable', path.join(dir, 'page.png')]);
    const address = stdout.trim();
    expect(address).toBe(`${inject('instance').url}/v/${second.code}`);
    const answer = await fetch(address, { redirect: 'error' });
    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain('800/2/2027');
  });

  test('shows the first page only where its owner said so', async () => {
    const w = await paper(first);
    const img = w.page.locator('figure.first img');
    // It is drawn behind the scenes, and the library is compiled first.
    await expect
      .poll(
        async () => {
          await w.goto(`/v/${first.code}`);
          return img.count();
        },
        { timeout: 100_000, interval: 500 },
      )
      .toBe(1);
    await img.scrollIntoViewIfNeeded();
    await expect.poll(() => img.evaluate((e) => (e as HTMLImageElement).naturalWidth)).toBeGreaterThan(700);
    const other = await paper(second);
    expect(await other.page.locator('figure.first').count()).toBe(0);
    expect((await fetch(`${w.url}/v/${second.code}/halaman-1.jpg`)).status).toBe(404);
  });

  test('compares a file on the device and sends nothing', async () => {
    const w = await paper(second);
    const asked: string[] = [];
    w.page.on('request', (r) => asked.push(`${r.method()} ${r.url()}`));
    const answer = w.page.locator('#bandingkan div[role=status]');
    await w.page.getByText('Berkas dibandingkan di perangkat ini dan tidak dikirim.').waitFor();
    const input = w.page.getByLabel('Berkas PDF');
    await input.setInputFiles(second.file);
    await answer.getByText('Sama persis.').waitFor();
    await input.setInputFiles(first.file);
    await answer.getByText('Tidak sama.').waitFor();
    // The same size, one byte another.
    const bytes = await readFile(second.file);
    bytes[bytes.length - 2] = (bytes[bytes.length - 2] ?? 0) ^ 1;
    const changed = path.join(dir, 'berubah.pdf');
    await writeFile(changed, bytes);
    await input.setInputFiles(changed);
    await answer.getByText('Tidak sama.').waitFor();
    await w.page.getByRole('button', { name: 'Bandingkan' }).click();
    await answer.getByText('Tidak sama.').waitFor();
    // Dropped anywhere on the page.
    await w.page.evaluate(
      (data) => {
        const transfer = new DataTransfer();
        transfer.items.add(new File([Uint8Array.from(data)], 'surat.pdf', { type: 'application/pdf' }));
        document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true }));
      },
      [...(await readFile(second.file))],
    );
    await answer.getByText('Sama persis.').waitFor();
    expect(asked).toEqual([]);
  });

  test('compares a file without JavaScript', async () => {
    const w = await paper(second, { javaScript: false });
    await w.page.getByLabel('Berkas PDF').setInputFiles(second.file);
    await w.page.getByRole('button', { name: 'Bandingkan' }).click();
    await w.page.locator('.good', { hasText: 'Sama persis.' }).waitFor();
    await w.page.getByLabel('Berkas PDF').setInputFiles(first.file);
    await w.page.getByRole('button', { name: 'Bandingkan' }).click();
    await w.page.locator('.bad', { hasText: 'Tidak sama.' }).waitFor();
  });

  test('weighs at most 30 KB without the picture', async () => {
    const w = await open();
    let sum = 0;
    const session = await w.context.newCDPSession(w.page);
    await session.send('Network.enable');
    session.on('Network.loadingFinished', (e) => (sum += e.encodedDataLength));
    await w.goto(`/v/${second.code}`);
    expect(sum).toBeGreaterThan(2_000);
    expect(sum).toBeLessThanOrEqual(30 * 1024);
  });

  test('prints on A4 with its address', async () => {
    const w = await paper(second);
    const pdf = path.join(dir, 'cetak.pdf');
    await w.page.pdf({ path: pdf, format: 'A4' });
    const { stdout } = await run('pdftotext', ['-layout', pdf, '-']);
    expect(stdout).toContain(`${new URL(w.url).host}/v/${second.code}`);
    expect(stdout).toContain('800/2/2027');
    expect(stdout).not.toContain('Bandingkan berkas PDF');
  });
});

// Last, because these cannot be taken back.
describe('the owner', () => {
  test.each(['ganti', 'cabut'] as const)('%s', async (action) => {
    const w = await open({ as: 'Budi', expect: [/status of 422/] });
    await w.goto(`/dokumen/${first.code}`);
    const form = w.page.locator(`form[action$="/${action}"]`);
    await form.getByRole('button').click();
    await w.page.getByRole('heading', { name: 'Ada yang perlu diperbaiki' }).waitFor();
    expect(await axe(w.page)).toEqual([]);
    const again = w.page.locator(`form[action$="/${action}"]`);
    if (action === 'ganti') await again.getByLabel('Dokumen pengganti').selectOption(second.code);
    else await again.getByLabel('Alasan pencabutan').selectOption('mistaken');
    await again.getByRole('checkbox').check();
    await again.getByRole('button').click();
    await w.page.locator('.good[role=status]').waitFor();

    const seen = await paper(first, { javaScript: false });
    const band = seen.page.getByRole('alert');
    expect(await band.textContent()).toMatch(action === 'ganti' ? /Diganti oleh penandatangan/ : /Dicabut oleh penandatangan/);
    for (const [width, theme] of [
      [390, 'light'],
      [1280, 'dark'],
    ] as const) {
      await seen.page.setViewportSize({ width, height: 900 });
      await seen.page.emulateMedia({ colorScheme: theme });
      expect(await sideways(seen.page)).toEqual([]);
      expect(await overflowing(seen.page)).toEqual([]);
    }
    await seen.page.getByRole('link', { name: 'Lihat penggantinya' }).click();
    expect(seen.page.url()).toBe(`${seen.url}/v/${second.code}`);
  });
});
