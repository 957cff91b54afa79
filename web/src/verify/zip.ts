// Reading .zip files by their directory: an entry is unpacked only when its turn comes, so a large archive needs no memory, and one
// that lies about its sizes ends with a sentence instead of a full device.

/** Why an archive or an entry was refused; the page has a sentence for each. */
export type ZipFault = 'zip-damaged' | 'zip-bomb' | 'zip-many' | 'zip-locked' | 'zip-method';

export class ZipError extends Error {
  constructor(readonly fault: ZipFault) {
    super(fault);
  }
}

export interface ZipEntry {
  /** The path inside the archive, with / between folders. */
  name: string;
  /** Unpacked, in bytes, as the directory says; more is never unpacked. */
  size: number;
  open(): Promise<Blob>;
}

/** An archive for a person has hundreds of documents; more than this is made to harm. */
const maxEntries = 5000;
/** The directory of so many entries, with long names. */
const maxDirectory = 8 << 20;
/** One document and all of them, unpacked. */
const maxEntry = 512 * 1024 * 1024;
const maxTotal = 8 * 1024 * 1024 * 1024;
/** Documents shrink to a tenth, drawings to a hundredth. Small files are let through: a page of blanks shrinks well. */
const maxRatio = 300;
const ratioFrom = 4 << 20;

const endSize = 22;
const maxComment = 0xffff;

/** The entries of an archive; folders and what systems leave in archives are left out. */
export async function readZip(archive: Blob): Promise<ZipEntry[]> {
  const tail = await view(archive, Math.max(0, archive.size - endSize - maxComment), archive.size);
  const end = findEnd(tail);
  if (end < 0) throw new ZipError('zip-damaged');
  const tailStart = archive.size - tail.byteLength;
  let count = tail.getUint16(end + 10, true);
  let length = tail.getUint32(end + 12, true);
  let start = tail.getUint32(end + 16, true);
  if (count === 0xffff || length === 0xffffffff || start === 0xffffffff) {
    [count, length, start] = await large(archive, tail, end);
  }
  if (count > maxEntries || length > maxDirectory) throw new ZipError('zip-many');
  if (start + length > tailStart + end) throw new ZipError('zip-damaged');
  const directory = await view(archive, start, start + length);
  const entries: ZipEntry[] = [];
  const places: [number, number][] = [];
  let total = 0;
  let at = 0;
  for (let i = 0; i < count; i++) {
    if (at + 46 > directory.byteLength || directory.getUint32(at, true) !== 0x02014b50) throw new ZipError('zip-damaged');
    const flags = directory.getUint16(at + 8, true);
    const method = directory.getUint16(at + 10, true);
    let packed = directory.getUint32(at + 20, true);
    let size = directory.getUint32(at + 24, true);
    const nameLength = directory.getUint16(at + 28, true);
    const extraLength = directory.getUint16(at + 30, true);
    const commentLength = directory.getUint16(at + 32, true);
    let offset = directory.getUint32(at + 42, true);
    const nameEnd = at + 46 + nameLength;
    const next = nameEnd + extraLength + commentLength;
    if (next > directory.byteLength) throw new ZipError('zip-damaged');
    [size, packed, offset] = widened(directory, nameEnd, nameEnd + extraLength, size, packed, offset);
    const name = decodeName(bytesOf(directory, at + 46, nameEnd), (flags & 0x800) !== 0);
    at = next;
    if (name.endsWith('/') || leftover(name)) continue;
    total += size;
    if (total > maxTotal || size > maxEntry || (size > ratioFrom && size > packed * maxRatio)) throw new ZipError('zip-bomb');
    places.push([offset, offset + 30 + packed]);
    entries.push({ name, size, open: () => unpack(archive, { offset, packed, size, method, flags }) });
  }
  // Entries that share bytes are the trick of archives that unpack to a thousand times their size.
  places.sort((a, b) => a[0] - b[0]);
  for (let i = 0; i < places.length; i++) {
    const [from, to] = places[i]!;
    if (to > start || (i > 0 && from < places[i - 1]![1])) throw new ZipError(to > start ? 'zip-damaged' : 'zip-bomb');
  }
  return entries;
}

interface Packed {
  offset: number;
  packed: number;
  size: number;
  method: number;
  flags: number;
}

async function unpack(archive: Blob, e: Packed): Promise<Blob> {
  if (e.flags & 1) throw new ZipError('zip-locked');
  const header = await view(archive, e.offset, e.offset + 30);
  if (header.byteLength < 30 || header.getUint32(0, true) !== 0x04034b50) throw new ZipError('zip-damaged');
  const from = e.offset + 30 + header.getUint16(26, true) + header.getUint16(28, true);
  const packed = archive.slice(from, from + e.packed);
  if (packed.size !== e.packed) throw new ZipError('zip-damaged');
  if (e.method === 0) {
    if (e.packed !== e.size) throw new ZipError('zip-damaged');
    return packed;
  }
  if (e.method !== 8) throw new ZipError('zip-method');
  const reader = packed.stream().pipeThrough(new DecompressionStream('deflate-raw')).getReader();
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let got = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      got += value.byteLength;
      if (got > e.size) throw new ZipError('zip-bomb');
      parts.push(value as Uint8Array<ArrayBuffer>);
    }
  } catch (fault) {
    reader.cancel().catch(() => {});
    throw fault instanceof ZipError ? fault : new ZipError('zip-damaged');
  }
  if (got !== e.size) throw new ZipError('zip-damaged');
  return new Blob(parts);
}

async function view(archive: Blob, from: number, to: number): Promise<DataView> {
  return new DataView(await archive.slice(from, to).arrayBuffer());
}

function bytesOf(v: DataView, from: number, to: number): Uint8Array {
  return new Uint8Array(v.buffer, v.byteOffset + from, to - from);
}

/** The last end record whose comment reaches exactly the end of the file. */
function findEnd(tail: DataView): number {
  for (let i = tail.byteLength - endSize; i >= 0; i--) {
    if (tail.getUint32(i, true) === 0x06054b50 && i + endSize + tail.getUint16(i + 20, true) === tail.byteLength) return i;
  }
  return -1;
}

/** Count, length and place of the directory of an archive beyond the old format's numbers. */
async function large(archive: Blob, tail: DataView, end: number): Promise<[number, number, number]> {
  if (end < 20 || tail.getUint32(end - 20, true) !== 0x07064b50) throw new ZipError('zip-damaged');
  const at = safe(tail.getBigUint64(end - 12, true));
  const record = await view(archive, at, at + 56);
  if (record.byteLength < 56 || record.getUint32(0, true) !== 0x06064b50) throw new ZipError('zip-damaged');
  return [safe(record.getBigUint64(32, true)), safe(record.getBigUint64(40, true)), safe(record.getBigUint64(48, true))];
}

/** Sizes and place of an entry beyond four gigabytes stand in an extra field, those that did not fit only. */
function widened(v: DataView, from: number, to: number, ...values: [number, number, number]): [number, number, number] {
  for (let at = from; at + 4 <= to; ) {
    const length = v.getUint16(at + 2, true);
    const stop = at + 4 + length;
    if (stop > to) break;
    if (v.getUint16(at, true) === 1) {
      let p = at + 4;
      for (let i = 0; i < 3; i++) {
        if (values[i] !== 0xffffffff) continue;
        if (p + 8 > stop) throw new ZipError('zip-damaged');
        values[i] = safe(v.getBigUint64(p, true));
        p += 8;
      }
    }
    at = stop;
  }
  return values;
}

function safe(n: bigint): number {
  if (n > BigInt(Number.MAX_SAFE_INTEGER)) throw new ZipError('zip-damaged');
  return Number(n);
}

/** Names without the flag are in the alphabet of some old system; most are plain or UTF-8 all the same. */
function decodeName(bytes: Uint8Array, utf8: boolean): string {
  try {
    return new TextDecoder('utf-8', { fatal: !utf8 }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}

/** What macOS and Windows leave beside the documents. */
function leftover(name: string): boolean {
  return name.startsWith('__MACOSX/') || /(^|\/)(\.[^/]*|Thumbs\.db|desktop\.ini)$/i.test(name);
}
