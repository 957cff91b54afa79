// What a forger does to a signed letter, on the bytes of the real file.

/** changed puts one word in the place of another of the same length. */
export function changed(file: Uint8Array, from: string, to: string): Uint8Array<ArrayBuffer> {
  if (from.length !== to.length) throw new RangeError('the words are not of the same length');
  const at = indexOf(file, from);
  if (at < 0) throw new RangeError('the word is not in the file');
  const out = new Uint8Array(file);
  for (let i = 0; i < to.length; i++) out[at + i] = to.charCodeAt(i);
  return out;
}

/** moved takes what was appended to one letter when it was signed, and appends it to another one of the same length. */
export function moved(signed: Uint8Array, letter: Uint8Array, onto: Uint8Array): Uint8Array<ArrayBuffer> {
  if (letter.length !== onto.length) throw new RangeError('the letters are not of the same length');
  const out = new Uint8Array(signed);
  out.set(onto);
  return out;
}

function indexOf(file: Uint8Array, word: string): number {
  const codes = Array.from(word, (c) => c.charCodeAt(0));
  for (let i = 0; i + codes.length <= file.length; i++) if (codes.every((c, k) => file[i + k] === c)) return i;
  return -1;
}
