// The three pictures that people take for signatures. They are drawn here; nothing in them comes from a person.

import type { Picture } from './letter';

export const size = { width: 380, height: 148 };

/** Points of a line that a pen drew, in the canvas' own coordinates. */
export type Stroke = [number, number][];

/** A name written by hand, more or less: loops whose form depends on the letters. */
export function handwriting(name: string): Stroke {
  const out: Stroke = [];
  const letters = Array.from(name).slice(0, 24);
  const step = (size.width - 60) / Math.max(letters.length, 6);
  letters.forEach((letter, i) => {
    const code = letter.codePointAt(0) ?? 0;
    const tall = 14 + (code % 5) * 8;
    for (let t = 0; t <= 10; t++) {
      const a = (t / 10) * 2 * Math.PI;
      out.push([30 + i * step + (t / 10) * step + Math.sin(a) * (6 + (code % 4) * 2), 84 - (1 - Math.cos(a)) * 0.5 * tall + Math.sin(a * 2) * 3]);
    }
  });
  return out;
}

/** paint draws one kind of picture. */
export function paint(canvas: HTMLCanvasElement, kind: 'scan' | 'tablet' | 'finger', strokes: Stroke[]): void {
  canvas.width = size.width;
  canvas.height = size.height;
  const c = canvas.getContext('2d', { willReadFrequently: true });
  if (!c) return;
  c.fillStyle = kind === 'scan' ? '#f1efe8' : '#ffffff';
  c.fillRect(0, 0, size.width, size.height);
  c.lineCap = c.lineJoin = 'round';
  if (kind === 'finger') return fingerprint(c);
  c.strokeStyle = kind === 'scan' ? '#26347a' : '#111111';
  c.lineWidth = kind === 'scan' ? 2.5 : 3;
  for (const stroke of strokes) {
    c.beginPath();
    stroke.forEach(([x, y], i) => (i === 0 ? c.moveTo(x, y) : c.lineTo(x, y)));
    c.stroke();
  }
  if (kind === 'scan') specks(c);
}

function fingerprint(c: CanvasRenderingContext2D): void {
  c.strokeStyle = '#3c2f4f';
  c.lineWidth = 2.4;
  const x = size.width / 2;
  const y = size.height / 2 + 8;
  for (let r = 4; r < 66; r += 5) {
    c.beginPath();
    for (let a = -Math.PI * 1.1; a <= Math.PI * 0.6; a += 0.1) {
      const wave = 1 + Math.sin(a * 3 + r) * 0.03;
      c.lineTo(x + Math.cos(a) * r * 0.72 * wave, y + Math.sin(a) * r * wave);
    }
    c.stroke();
  }
}

/** Dust on the glass of a scanner, always at the same places. */
function specks(c: CanvasRenderingContext2D): void {
  c.fillStyle = 'rgb(90 90 80 / 35%)';
  for (let i = 1, n = 7; i < 260; i++) {
    n = (n * 16807) % 2147483647;
    c.fillRect(n % size.width, (n >> 9) % size.height, 1 + (n % 2), 1);
  }
}

/** points takes what a canvas shows, for a PDF file. */
export function points(canvas: HTMLCanvasElement): Picture {
  const data = canvas.getContext('2d', { willReadFrequently: true })?.getImageData(0, 0, canvas.width, canvas.height).data ?? new Uint8ClampedArray();
  const rgb = new Uint8Array((data.length / 4) * 3);
  for (let i = 0, k = 0; i < data.length; i += 4) {
    rgb[k++] = data[i] ?? 0;
    rgb[k++] = data[i + 1] ?? 0;
    rgb[k++] = data[i + 2] ?? 0;
  }
  return { width: canvas.width, height: canvas.height, rgb };
}
