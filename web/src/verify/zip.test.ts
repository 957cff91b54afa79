// @vitest-environment node
import { deflateRawSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { readZip, ZipError } from './zip';

interface Made {
  name: string;
  data: Uint8Array;
  /** Said in the directory instead of the truth. */
  size?: number;
  stored?: boolean;
  flags?: number;
  method?: number;
  /** The place of another entry. */
  at?: number;
}

function archive(entries: Made[], more: { count?: number; comment?: string } = {}): Blob {
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let at = 0;
  for (const e of entries) {
    const name = new TextEncoder().encode(e.name);
    const packed = e.stored ? e.data : new Uint8Array(deflateRawSync(e.data));
    const method = e.method ?? (e.stored ? 0 : 8);
    const size = e.size ?? e.data.length;
    const local = new DataView(new ArrayBuffer(30));
    local.setUint32(0, 0x04034b50, true);
    local.setUint16(8, method, true);
    local.setUint32(18, packed.length, true);
    local.setUint32(22, size, true);
    local.setUint16(26, name.length, true);
    const central = new DataView(new ArrayBuffer(46));
    central.setUint32(0, 0x02014b50, true);
    central.setUint16(8, e.flags ?? 0x800, true);
    central.setUint16(10, method, true);
    central.setUint32(20, packed.length, true);
    central.setUint32(24, size, true);
    central.setUint16(28, name.length, true);
    central.setUint32(42, e.at ?? at, true);
    if (e.at === undefined) {
      parts.push(new Uint8Array(local.buffer), name, packed);
      at += 30 + name.length + packed.length;
    }
    directory.push(new Uint8Array(central.buffer), name);
  }
  const length = directory.reduce((n, d) => n + d.length, 0);
  const comment = new TextEncoder().encode(more.comment ?? '');
  const end = new DataView(new ArrayBuffer(22));
  end.setUint32(0, 0x06054b50, true);
  end.setUint16(8, entries.length, true);
  end.setUint16(10, more.count ?? entries.length, true);
  end.setUint32(12, length, true);
  end.setUint32(16, at, true);
  end.setUint16(20, comment.length, true);
  return new Blob([...parts, ...directory, new Uint8Array(end.buffer), comment] as BlobPart[]);
}

const bytes = (s: string) => new TextEncoder().encode(s);

async function fault(of: Promise<unknown>): Promise<string> {
  return of.then(
    () => 'none',
    (e: unknown) => (e instanceof ZipError ? e.fault : String(e)),
  );
}

describe('readZip', () => {
  test('lists documents and unpacks them one by one', async () => {
    const a = await readZip(
      archive(
        [
          { name: 'surat/', data: bytes(''), stored: true },
          { name: 'surat/satu.pdf', data: bytes('%PDF-1.7 satu satu satu satu') },
          { name: 'surat/dua.pdf', data: bytes('%PDF-1.7 dua'), stored: true },
          { name: '__MACOSX/surat/._satu.pdf', data: bytes('x') },
          { name: 'surat/.DS_Store', data: bytes('x') },
        ],
        { comment: 'catatan' },
      ),
    );
    expect(a.map((e) => [e.name, e.size])).toEqual([
      ['surat/satu.pdf', 28],
      ['surat/dua.pdf', 12],
    ]);
    expect(await (await a[0]!.open()).text()).toBe('%PDF-1.7 satu satu satu satu');
    expect(await (await a[1]!.open()).text()).toBe('%PDF-1.7 dua');
  });

  test('names in an old alphabet are readable', async () => {
    const [e] = await readZip(archive([{ name: 'surat – ä.pdf', data: bytes('x'), flags: 0 }]));
    expect(e!.name).toBe('surat – ä.pdf');
  });

  test('refuses what unpacks to far more than it is', async () => {
    expect(await fault(readZip(archive([{ name: 'a.pdf', data: new Uint8Array(8 << 20) }])))).toBe('zip-bomb');
    // An entry that says that it is small: no more is unpacked than it said.
    const [liar] = await readZip(archive([{ name: 'a.pdf', data: new Uint8Array(8 << 20), size: 1000 }]));
    expect(await fault(liar!.open())).toBe('zip-bomb');
    // Entries that share their bytes.
    const data = bytes('%PDF-1.7 '.repeat(50));
    expect(await fault(readZip(archive([{ name: 'a.pdf', data }, { name: 'b.pdf', data, at: 0 }])))).toBe('zip-bomb');
  });

  test('refuses what is damaged', async () => {
    expect(await fault(readZip(new Blob(['PK\u0003\u0004 cut'])))).toBe('zip-damaged');
    expect(await fault(readZip(new Blob([])))).toBe('zip-damaged');
    const whole = archive([{ name: 'a.pdf', data: bytes('%PDF') }]);
    expect(await fault(readZip(whole.slice(10)))).toBe('zip-damaged');
    const [short] = await readZip(archive([{ name: 'a.pdf', data: bytes('%PDF'), size: 5 }]));
    expect(await fault(short!.open())).toBe('zip-damaged');
    expect(await fault(readZip(archive([{ name: 'a.pdf', data: bytes('%PDF') }], { count: 2 })))).toBe('zip-damaged');
  });

  test('refuses what it cannot open or would drown in', async () => {
    const [locked] = await readZip(archive([{ name: 'a.pdf', data: bytes('x'), flags: 0x801 }]));
    expect(await fault(locked!.open())).toBe('zip-locked');
    const [strange] = await readZip(archive([{ name: 'a.pdf', data: bytes('x'), method: 12 }]));
    expect(await fault(strange!.open())).toBe('zip-method');
    expect(await fault(readZip(archive([{ name: 'a.pdf', data: bytes('x') }], { count: 6000 })))).toBe('zip-many');
  });
});
