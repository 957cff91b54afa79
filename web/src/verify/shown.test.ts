import { expect, test } from 'vitest';
import { shownName } from './shown';

test('what would turn or hide a part of a name is seen', () => {
  expect(shownName('dua\u202Efdp.exe')).toBe('dua\uFFFDfdp.exe');
  expect(shownName('a\u200Bb\u2066c\nd.pdf')).toBe('a\uFFFDb\uFFFDc\uFFFDd.pdf');
  expect(shownName('Surat Keputusan – ä 手.pdf')).toBe('Surat Keputusan – ä 手.pdf');
});
