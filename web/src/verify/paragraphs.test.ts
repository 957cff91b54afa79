// @vitest-environment node
import { expect, test } from 'vitest';
import { paragraphs } from './paragraphs';

const run = (str: string, y: number, hasEOL = false) => ({ str, hasEOL, transform: [12, 0, 0, 12, 50, y], height: 12 });

test('lines that follow each other closely are one paragraph', () => {
  expect(
    paragraphs([run('SURAT', 800), run(' ', 800), run('TUGAS', 800, true), run('Nomor 1', 760, true), run('dengan ini', 745, true), run('', 745, true), run('menugaskan', 731)]),
  ).toEqual(['SURAT TUGAS', 'Nomor 1 dengan ini menugaskan']);
});
