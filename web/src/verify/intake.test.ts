import { expect, test } from 'vitest';
import { chosen, intake, offer, receive, type Located } from './intake';

const file = (name: string, folder = ''): Located => ({ file: new File(['%PDF'], name), folder });

test('of folders only documents are taken, of single files each', async () => {
  const got = await intake([file('surat.docx'), file('a.PDF', 'map'), file('foto.jpg', 'map'), file('b.pdf', 'map/dalam')]);
  expect(got.documents.map((d) => [d.folder, d.name])).toEqual([
    ['', 'surat.docx'],
    ['map', 'a.PDF'],
    ['map/dalam', 'b.pdf'],
  ]);
  expect(got.skipped).toBe(1);
});

test('no more than there is room for, and it is said', async () => {
  const got = await intake([file('a.pdf'), file('b.pdf'), file('c.pdf')], 2);
  expect(got.documents).toHaveLength(2);
  expect(got.more).toBe(true);
});

test('an archive that is none is told by its name', async () => {
  const got = await intake([file('arsip.zip'), file('a.pdf')]);
  expect(got.archives).toEqual([{ name: 'arsip.zip', fault: 'zip-damaged' }]);
  expect(got.documents.map((d) => d.name)).toEqual(['a.pdf']);
});

test('what is handed over before the page is there waits for it', () => {
  offer([new File(['x'], 'awal.pdf')]);
  const got: string[] = [];
  const stop = receive((files) => got.push(...files.map((f) => f.file.name)));
  offer([new File(['x'], 'lalu.pdf')]);
  offer([]);
  stop();
  offer([new File(['x'], 'sesudah.pdf')]);
  const again: string[] = [];
  receive((files) => again.push(...files.map((f) => f.file.name)))();
  expect(got).toEqual(['awal.pdf', 'lalu.pdf']);
  expect(again).toEqual(['sesudah.pdf']);
});

test('a chosen folder leaves its path', () => {
  const f = new File(['x'], 'a.pdf');
  Object.defineProperty(f, 'webkitRelativePath', { value: 'map/dalam/a.pdf' });
  expect(chosen([f, new File(['x'], 'b.pdf')]).map((l) => l.folder)).toEqual(['map/dalam', '']);
});
