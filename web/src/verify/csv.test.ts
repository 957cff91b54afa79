import { expect, test } from 'vitest';
import { csv } from './csv';

test('a table that a spreadsheet opens and does not run', () => {
  expect(csv([['Berkas', 'Hasil'], ['surat, "asli".pdf', 'SAH'], ['=HYPERLINK("x")', '-1'], ['a\nb', '']])).toBe(
    '\uFEFFBerkas,Hasil\r\n"surat, ""asli"".pdf",SAH\r\n"\'=HYPERLINK(""x"")",\'-1\r\n"a\nb",\r\n',
  );
});
