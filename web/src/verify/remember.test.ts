import { beforeEach, expect, test } from 'vitest';
import { recall, remember } from './remember';

const row = { name: 'surat.pdf', folder: '', size: 10, verdict: 'valid', word: 'SAH', signers: 'Budi Contoh', when: '12 Januari 2027' };

beforeEach(() => sessionStorage.clear());

test('names and verdicts come back, and go with an empty list', () => {
  remember([row]);
  expect(recall()).toEqual([row]);
  remember([]);
  expect(recall()).toEqual([]);
  expect(sessionStorage.length).toBe(0);
});

test('what somebody else wrote there is no list', () => {
  for (const text of ['{', '{}', 'null', '[1]', '[{"name":"x"}]']) {
    sessionStorage.setItem('absah.verifikasi.daftar', text);
    expect(recall()).toEqual([]);
  }
});

test('without storage nothing is remembered and nothing breaks', () => {
  const none = (): Storage => {
    throw new DOMException('denied', 'SecurityError');
  };
  remember([row], none);
  expect(recall(none)).toEqual([]);
});
