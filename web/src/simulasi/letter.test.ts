// @vitest-environment node
import { describe, expect, test } from 'vitest';
import { forgeries, honest, lines, other, pdf, type Picture } from './letter';
import { changed, moved } from './tamper';

const text = (b: Uint8Array) => Array.from(b, (c) => String.fromCharCode(c)).join('');

/** Each object is where the table of the file says. */
function consistent(file: Uint8Array): void {
  const s = text(file);
  const table = Number(/startxref\n(\d+)\n%%EOF\n$/.exec(s)?.[1]);
  expect(s.slice(table, table + 5)).toBe('xref\n');
  const rows = [...s.slice(table).matchAll(/^(\d{10}) 00000 n $/gm)].map((m) => Number(m[1]));
  expect(rows.length).toBeGreaterThan(5);
  rows.forEach((offset, i) => expect(s.slice(offset, offset + 8)).toMatch(new RegExp(`^${i + 1} 0 obj`)));
}

describe('a letter', () => {
  test('is a file whose table holds, whatever the name', async () => {
    for (const name of ['Budi Contoh', 'Sri (Ayu) \\ Contoh', 'Ćontoh 李', '']) consistent(await pdf(honest(name)));
  });

  test('has its text open in the file, and parentheses do not end it', async () => {
    const s = text(await pdf(honest('Sri (Ayu) Contoh')));
    expect(s).toContain('(Sri \\(Ayu\\) Contoh) Tj');
    for (const line of lines(honest('x')).slice(0, 6)) expect(s).toContain(line.text);
  });

  test('is as long as the other one', async () => {
    expect((await pdf(other('Budi Contoh'))).length).toBe((await pdf(honest('Budi Contoh'))).length);
  });

  test('shows a picture where there is one', async () => {
    const picture: Picture = { width: 2, height: 1, rgb: Uint8Array.of(255, 0, 0, 0, 0, 255) };
    const file = await pdf(honest('Budi Contoh'), picture);
    consistent(file);
    expect(text(file)).toContain('/Width 2/Height 1/ColorSpace/DeviceRGB');
  });
});

describe('a forger', () => {
  test('changes a word and nothing else', async () => {
    const file = await pdf(honest('Budi Contoh'));
    for (const f of forgeries) {
      const out = changed(file, f.from, f.to);
      expect(out.length).toBe(file.length);
      const differing = out.filter((b, i) => b !== file[i]).length;
      expect(differing).toBeGreaterThan(0);
      expect(differing).toBeLessThanOrEqual(f.to.length);
      expect(text(out)).toContain(f.to);
    }
  });

  test('cannot put a longer word there, or one in the place of what is not there', async () => {
    const file = await pdf(honest('Budi Contoh'));
    expect(() => changed(file, 'Rp', 'USD')).toThrow(RangeError);
    expect(() => changed(file, 'Jakarta', 'Bandung')).toThrow(RangeError);
  });

  test('puts what was appended to one letter behind another', async () => {
    const letter = await pdf(honest('Budi Contoh'));
    const onto = await pdf(other('Budi Contoh'));
    const signed = new Uint8Array([...letter, 1, 2, 3]);
    const out = moved(signed, letter, onto);
    expect(out.slice(0, onto.length)).toEqual(onto);
    expect([...out.slice(onto.length)]).toEqual([1, 2, 3]);
    expect(() => moved(signed, letter, onto.slice(1))).toThrow(RangeError);
  });
});
