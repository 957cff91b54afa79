// The words of a page in the order in which the document has them, for people who listen.

import type { TextItem } from 'pdfjs-dist/types/src/display/api';

type Run = Pick<TextItem, 'str' | 'hasEOL' | 'transform' | 'height'>;

/** Lines that follow each other closely are one paragraph. */
export function paragraphs(runs: readonly Run[]): string[] {
  const out: string[] = [];
  let line = '';
  let paragraph = '';
  let lastY: number | undefined;
  let y = 0;
  let height = 0;
  const endLine = (): void => {
    const text = line.replace(/\s+/g, ' ').trim();
    line = '';
    if (text === '') return;
    if (lastY !== undefined && Math.abs(lastY - y) > 1.9 * Math.max(height, 6)) endParagraph();
    paragraph += (paragraph === '' ? '' : ' ') + text;
    lastY = y;
  };
  const endParagraph = (): void => {
    if (paragraph !== '') out.push(paragraph);
    paragraph = '';
  };
  for (const run of runs) {
    if (run.str.trim() !== '') {
      y = run.transform[5] ?? 0;
      height = run.height;
    }
    line += run.str;
    if (run.hasEOL) endLine();
  }
  endLine();
  endParagraph();
  return out;
}
