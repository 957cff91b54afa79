import { execFile } from 'node:child_process';
import { copyFile, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { crc32, deflateRawSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import words from '../../internal/web/text/app/id.json';
import { open } from './browser';
import { Folder } from './documents';
import { writePDF } from './samples';
import { answered, choose, download, openVerifier, workedOff } from './verifier';

// What goes wrong in the hands of people: each ends with a sentence that says what to do, and the page goes on working.

const run = promisify(execFile);
const instance = inject('instance');
const folder = await Folder.make();
afterAll(() => folder.remove());

let signed = '';
beforeAll(async () => {
  signed = path.join(folder.dir, 'surat.pdf');
  await copyFile(path.join(instance.dir, 'signed/surat-contoh_sign.pdf'), signed);
});

const t = (key: string): string => {
  const text = (words as Record<string, string>)[key];
  if (text === undefined) throw new Error(`the catalogue has no ${key}`);
  return text;
};

/** A plain archive; size is what its directory claims, when that is not the truth. */
async function archive(name: string, entries: { name: string; content: Buffer; size?: number }[]): Promise<string> {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const e of entries) {
    const packed = deflateRawSync(e.content, { level: 9 });
    const label = Buffer.from(e.name);
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(0x0800, 2);
    fields.writeUInt16LE(8, 4);
    fields.writeUInt32LE(crc32(e.content), 10);
    fields.writeUInt32LE(packed.length, 14);
    fields.writeUInt32LE(e.size ?? e.content.length, 18);
    fields.writeUInt16LE(label.length, 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), fields, label, packed]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(at, 10);
    directory.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x00', 'latin1'), fields, tail, label]));
    parts.push(local);
    at += local.length;
  }
  const all = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(entries.length, 4);
  end.writeUInt16LE(entries.length, 6);
  end.writeUInt32LE(all.length, 8);
  end.writeUInt32LE(at, 12);
  return folder.write(name, Buffer.concat([...parts, all, Buffer.from('PK\x05\x06', 'latin1'), end]));
}

describe('a single document', () => {
  test('is no PDF', async () => {
    const w = await open();
    await openVerifier(w);
    await choose(w.page, [await folder.write('foto.pdf', 'ini hanya teks biasa\n')]);
    expect(await answered(w.page)).toBe('failed');
    expect(await w.page.locator('.trouble').textContent()).toContain(t('verify.fault.not-pdf'));
    expect(await w.page.locator('.trouble').textContent()).toContain('ABS-VER-001');
  });

  test('is empty, or has only its beginning', async () => {
    const w = await open();
    await openVerifier(w);
    const b = await readFile(signed);
    await choose(w.page, [await folder.write('kosong.pdf', ''), await folder.write('terpotong.pdf', b.subarray(0, 400))]);
    await workedOff(w.page);
    const text = (await w.page.locator('#daftar').locator('xpath=..').textContent()) ?? '';
    expect(text.split(t('verify.fault.document')).length).toBe(3);
    // Whatever can be said of a part of a document, it is not that it is good.
    expect(await w.page.locator('.chip.valid, .chip.valid-with-notes').count()).toBe(0);
  });

  test('was changed by one byte', async () => {
    const w = await open();
    await openVerifier(w);
    const b = Buffer.from(await readFile(signed));
    const at = b.indexOf('stream') + 30;
    b[at] = (b[at] ?? 0) ^ 1;
    await choose(w.page, [await folder.write('diubah.pdf', b)]);
    expect(await answered(w.page)).toBe('invalid');
  });

  test('is locked: the password is asked, a wrong one is told, the right one opens', async () => {
    const locked = path.join(folder.dir, 'terkunci.pdf');
    await run('qpdf', ['--encrypt', 'rahasia', 'pemilik', '256', '--', path.join(instance.dir, 'surat-contoh.pdf'), locked]);
    const w = await open();
    await openVerifier(w);
    await choose(w.page, [locked]);
    expect(await answered(w.page)).toBe('locked');
    const field = w.page.locator('#sandi');
    await field.fill('salah');
    await w.page.keyboard.press('Enter');
    await w.page.locator('#sandi-fault').waitFor();
    expect(await w.page.locator('#sandi-fault').textContent()).toBe(t('verify.locked.wrong'));
    await field.fill('rahasia');
    await w.page.keyboard.press('Enter');
    await w.page.locator('.verdict.drawn').waitFor();
    expect(await answered(w.page)).toBe('unsigned');
    expect(await w.page.locator('body').innerHTML()).not.toContain('rahasia');
  });

  test('was moved away before its turn came', async () => {
    const w = await open();
    await openVerifier(w);
    const gone = await folder.write('hilang.pdf', await readFile(signed));
    let go = (): void => undefined;
    const moved = new Promise<void>((resolve) => (go = resolve));
    await w.context.route('**/*.wasm', async (r) => {
      await moved;
      await r.continue();
    });
    await choose(w.page, [gone]);
    await rm(gone);
    go();
    expect(await answered(w.page)).toBe('failed');
    expect(await w.page.locator('.trouble').textContent()).toContain(t('verify.fault.unreadable.do'));
  });
});

describe('archives', () => {
  test('documents in folders of an archive are judged', async () => {
    const b = await readFile(signed);
    const file = await archive('surat.zip', [
      { name: 'bagian/satu.pdf', content: b },
      { name: 'bagian/dua.pdf', content: b },
      { name: 'catatan.txt', content: Buffer.from('bukan dokumen') },
    ]);
    const w = await open();
    await openVerifier(w);
    await choose(w.page, [file]);
    await workedOff(w.page);
    expect(await w.page.locator('.chip.valid-with-notes').count()).toBe(2);
    expect(await w.page.locator('main').textContent()).toContain('surat.zip/bagian');
  });

  test('a damaged one is told, beside a document that is judged', async () => {
    const w = await open();
    await openVerifier(w);
    await choose(w.page, [signed, await folder.write('berubah.zip', 'PK bukan arsip')]);
    await w.page.locator('.bad[role=alert]').waitFor();
    expect(await w.page.locator('.bad[role=alert]').textContent()).toContain(t('verify.fault.zip-damaged'));
    await workedOff(w.page);
    expect(await w.page.locator('.chip.valid-with-notes').count()).toBe(1);
  });

  test('a bomb is not unpacked', async () => {
    const bomb = await archive('bom.zip', [{ name: 'bom.pdf', content: Buffer.alloc(64 << 20) }]);
    const liar = await archive('bohong.zip', [{ name: 'bohong.pdf', content: Buffer.alloc(64 << 20), size: 2000 }]);
    const w = await open();
    await openVerifier(w);
    await choose(w.page, [bomb, liar, signed]);
    await workedOff(w.page);
    const text = (await w.page.locator('main').textContent()) ?? '';
    expect(text).toContain(t('verify.fault.zip-bomb'));
    // The good document beside them has its verdict.
    expect(await w.page.locator('.chip.valid-with-notes').count()).toBe(1);
  });
});

describe('many documents', () => {
  test('500 of them: a full list, that can be filtered, opened, kept as a table, and read again after a reload', async () => {
    const b = await readFile(signed);
    const plain = await readFile(path.join(instance.dir, 'surat-contoh.pdf'));
    const files: string[] = [];
    for (let i = 0; i < 500; i++)
      files.push(await folder.write(`daftar-${String(i).padStart(3, '0')}.pdf`, i % 10 === 7 ? plain : i === 123 ? 'rusak' : b));
    const w = await open();
    await openVerifier(w);
    await choose(w.page, files);
    // The page answers while it works: the technical options open at once.
    await w.page.locator('details > summary').last().click({ timeout: 5000 });
    await workedOff(w.page);
    await expect.poll(() => w.page.locator('tbody tr').count(), { timeout: 20_000 }).toBe(500);
    await w.page.getByRole('button', { name: new RegExp(t('verify.many.filter.unsigned')) }).click();
    await expect.poll(() => w.page.locator('tbody tr').count()).toBe(50);
    const csv = (await download(w.page, /CSV/)).bytes.toString('utf8');
    expect(csv.trim().split('\n').length).toBe(501);
    expect(csv).toContain('daftar-123.pdf');
    await w.page.locator('tbody tr button').first().click();
    expect(await answered(w.page)).toBe('unsigned');
    await w.page.goBack();
    await w.page.locator('#daftar').waitFor();
    await w.page.reload();
    await expect.poll(() => w.page.locator('tbody tr').count(), { timeout: 20_000 }).toBe(500);
    expect(await w.page.locator('main').textContent()).toContain(t('verify.many.gone'));
  });

  test('it can be stopped and taken up again', async () => {
    const files = Array.from({ length: 200 }, (_, i) => path.join(folder.dir, `daftar-${String(i).padStart(3, '0')}.pdf`));
    const w = await open();
    await openVerifier(w);
    await choose(w.page, files);
    await w.page.getByRole('button', { name: t('verify.many.stop') }).click();
    await workedOff(w.page);
    await w.page.getByRole('button', { name: t('verify.many.go') }).click();
    await workedOff(w.page);
    expect(await w.page.getByRole('button', { name: t('verify.many.go') }).count()).toBe(0);
  });

  test('two thousand pages: a verdict, and pages that are drawn where one looks', async () => {
    const thick = path.join(folder.dir, 'tebal.pdf');
    await writePDF(thick, 2000);
    const w = await open();
    await openVerifier(w);
    await choose(w.page, [thick]);
    expect(await answered(w.page)).toBe('unsigned');
    await w.page.getByRole('button', { name: t('verify.doc.show') }).click();
    await w.page.locator('dialog.viewer canvas').first().waitFor();
    await w.page.locator('.pagebox input').fill('1500');
    await w.page.keyboard.press('Enter');
    await expect.poll(() => w.page.locator('[data-page="1500"] .words').textContent()).toContain('halaman 1500 dari 2000');
    // What is far away was let go again.
    expect(await w.page.locator('.words:not(:empty)').count()).toBeLessThan(12);
    await w.page.keyboard.press('Escape');
    await w.page.locator('dialog.viewer').waitFor({ state: 'detached' });
  });
});

describe('a browser that lacks something', () => {
  test('the verifier cannot be fetched; later it can', async () => {
    const w = await open({ expect: [/net::ERR|Failed to load/] });
    await w.context.route('**/*.wasm', (r) => r.abort());
    await openVerifier(w);
    await choose(w.page, [signed]);
    expect(await answered(w.page)).toBe('failed');
    expect(await w.page.locator('.trouble').textContent()).toContain(t('verify.fault.download'));
    await w.context.unroute('**/*.wasm');
    await w.page.getByRole('button', { name: t('verify.again') }).click();
    await w.page.locator('.verdict.drawn').waitFor();
  });

  test('wasm is refused: nothing is sent until the person says so', async () => {
    const w = await open({ expect: [/wasm|WebAssembly|unsafe-eval|Content Security/i] });
    const posted: string[] = [];
    w.page.on('request', (r) => {
      if (r.method() === 'POST') posted.push(r.url());
    });
    await w.context.route('**/app/wasm/**', async (r) => {
      const answer = await r.fetch();
      const policy = (answer.headers()['content-security-policy'] ?? '').replace("'wasm-unsafe-eval'", '');
      await r.fulfill({ response: answer, headers: { ...answer.headers(), 'content-security-policy': policy } });
    });
    await openVerifier(w);
    await choose(w.page, [signed]);
    expect(await answered(w.page)).toBe('failed');
    expect(await w.page.locator('.trouble').textContent()).toContain('ABS-VER-004');
    expect(posted).toEqual([]);
    await w.page.getByRole('button', { name: t('verify.server.send') }).click();
    await w.page.waitForLoadState('load');
    await expect.poll(() => w.page.locator('main .verdict').count()).toBeGreaterThan(0);
    expect(posted.length).toBe(1);
    expect(await w.page.locator('main').textContent()).toContain('Budi Contoh');
  });

  test('no camera, or one that is not allowed: a photo is offered', async () => {
    const w = await open();
    await openVerifier(w);
    await w.page.getByRole('button', { name: t('verify.scan') }).click();
    const told = w.page.getByText(t('verify.scan.fault.none')).or(w.page.getByText(t('verify.scan.fault.denied')));
    await told.waitFor();
    expect(await w.page.getByText(t('verify.scan.photo')).count()).toBeGreaterThan(0);
    await w.page.keyboard.press('Escape');
    await w.page.locator('dialog').waitFor({ state: 'detached' });
  });

  test('no storage', async () => {
    const w = await open();
    await w.context.addInitScript(() => {
      const refuse = { get: () => { throw new DOMException('denied', 'SecurityError'); } }; // prettier-ignore
      for (const name of ['localStorage', 'sessionStorage', 'caches', 'indexedDB'])
        Object.defineProperty(globalThis, name, refuse);
    });
    await openVerifier(w);
    await choose(w.page, [signed]);
    expect(await answered(w.page)).toBe('valid-with-notes');
  });

  test('no network after the page was opened and the verifier was started', async () => {
    const w = await open();
    await openVerifier(w);
    await choose(w.page, [signed]);
    expect(await answered(w.page)).toBe('valid-with-notes');
    await w.context.setOffline(true);
    await w.page.locator('.back button').click();
    await choose(w.page, [await folder.write('kedua.pdf', await readFile(signed))]);
    expect(await answered(w.page)).toBe('valid-with-notes');
  });

  test('the trust package cannot be had: the page says why nobody is confirmed', async () => {
    const w = await open({ expect: [/status of 503/] });
    await w.context.route('**/trust/package.json', (r) => r.fulfill({ status: 503, body: '' }));
    await openVerifier(w);
    await choose(w.page, [signed]);
    expect(await answered(w.page)).toBe('indeterminate');
    expect(await w.page.locator('main').textContent()).toContain('ABS-VER-013');
  });

  test('a tab from before an update says that it is old', async () => {
    const w = await open({ expect: [/status of 404/] });
    await openVerifier(w);
    // What the tab would fetch now is gone from the server.
    await w.context.route('**/*.wasm', (r) => r.fulfill({ status: 404, body: '' }));
    await choose(w.page, [signed]);
    expect(await answered(w.page)).toBe('failed');
    expect(await w.page.locator('.trouble').textContent()).toContain(t('verify.fault.outdated'));
    await w.context.unroute('**/*.wasm');
    await w.page.getByRole('button', { name: t('verify.reload') }).click();
    await w.page.waitForLoadState('load');
    await choose(w.page, [signed]);
    expect(await answered(w.page)).toBe('valid-with-notes');
  });

  test('without JavaScript the server judges, and says that it was sent the document', async () => {
    const w = await open({ javaScript: false });
    await w.page.goto('/verifikasi');
    await w.page.locator('main form[action="/verifikasi"] input[type=file]').setInputFiles(signed);
    await w.page.locator('main form[action="/verifikasi"] button[type=submit]').click();
    await w.page.locator('main .verdict').waitFor();
    expect(await w.page.locator('main').textContent()).toContain('Budi Contoh');
  });
});
