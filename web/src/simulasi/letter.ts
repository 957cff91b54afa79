// The letters of the exercise: small PDF files whose text lies open in them, so that one word can be changed as a forger would, with
// nothing but a text editor. All letters of one kind have the same length, so that what was signed in one fits behind another.

export interface Letter {
  number: string;
  about: string;
  /** Lines of the body; a line is at most as wide as the page. */
  body: string[];
  office: string;
  name: string;
}

/** The letter that is signed, and another one that never was. Both are official letters, so they are in Indonesian. */
export function honest(name: string): Letter {
  return {
    number: '900.1/014/DC/2027',
    about: 'Surat perintah pembayaran',
    body: [
      'Dengan ini kami perintahkan pembayaran uang sebesar',
      'Rp 1.500.000 kepada CV Contoh Jaya',
      'untuk pengadaan kertas tahun 2027.',
    ],
    office: 'Kepala Dinas Contoh',
    name,
  };
}

export function other(name: string): Letter {
  return {
    number: '800.1/077/DC/2027',
    about: 'Surat keputusan pengangkatan',
    body: [
      'Dengan ini kami angkat Saudara Joko Contoh',
      'menjadi Kepala Bidang pada Dinas Contoh',
      'terhitung mulai 1 Februari 2027.',
    ],
    office: 'Kepala Dinas Contoh',
    name,
  };
}

/** Words of the honest letter and what a forger would put there: as long, so that nothing else in the file moves. */
export const forgeries = [
  { key: 'amount', from: '1.500.000', to: '7.500.000' },
  { key: 'payee', from: 'CV Contoh Jaya', to: 'CV Palsu Murni' },
  { key: 'letter', from: 'Jaya', to: 'Java' },
] as const;

export type Forgery = (typeof forgeries)[number];

/** A picture on a letter: red, green and blue of each point, from the top left. */
export interface Picture {
  width: number;
  height: number;
  rgb: Uint8Array;
}

/** The lines of a letter as they stand on the page, for PDF and for people who look at it here. */
export function lines(letter: Letter): { text: string; bold?: boolean; gap?: number }[] {
  return [
    { text: 'PEMERINTAH PROVINSI CONTOH', bold: true },
    { text: 'DINAS CONTOH', bold: true },
    { text: `Nomor: ${letter.number}`, gap: 1 },
    { text: `Hal: ${letter.about}` },
    ...letter.body.map((text, i) => (i === 0 ? { text, gap: 1 } : { text })),
    { text: `${letter.office},`, gap: 1 },
    { text: letter.name, bold: true, gap: 5 },
  ];
}

const width = 420;
const height = 420;
const left = 40;
const leading = 18;

/** Where the signature is shown: x, y, width, height in points, from the lower left. It lies between office and name. */
export const signatureBox: [number, number, number, number] = [left, 110, 190, 74];

/** Text of a letter has this room in the file, whatever it says. */
const room = 2400;

/** pdf writes a letter, with a picture in the place of a signature when there is one. */
export async function pdf(letter: Letter, picture?: Picture): Promise<Uint8Array<ArrayBuffer>> {
  const text: string[] = ['BT'];
  let y = height - 40;
  for (const line of lines(letter)) {
    y -= (line.gap ?? 0) * leading;
    text.push(`/${line.bold ? 'F2' : 'F1'} 12 Tf 1 0 0 1 ${left} ${y} Tm (${escaped(line.text)}) Tj`);
    y -= leading;
  }
  text.push('ET');
  if (picture) {
    const [x, bottom, w, h] = signatureBox;
    const scale = Math.min(w / picture.width, h / picture.height);
    text.push(`q ${round(picture.width * scale)} 0 0 ${round(picture.height * scale)} ${x} ${bottom} cm /P Do Q`);
  }
  const content = text.join('\n');
  if (content.length > room) throw new RangeError('the letter is too long');
  const image = picture && (await deflated(picture.rgb));

  const out = new Writer();
  out.text('%PDF-1.7\n%\u00e2\u00e3\u00cf\u00d3\n');
  out.object(1, '<</Type/Catalog/Pages 2 0 R/Lang(id-ID)>>');
  out.object(2, '<</Type/Pages/Kids[3 0 R]/Count 1>>');
  const xobject = image ? '/XObject<</P 7 0 R>>' : '';
  out.object(3, `<</Type/Page/Parent 2 0 R/MediaBox[0 0 ${width} ${height}]/Resources<</Font<</F1 5 0 R/F2 6 0 R>>${xobject}>>/Contents 4 0 R>>`);
  out.object(4, `<</Length ${room}>>\nstream\n${content.padEnd(room)}\nendstream`);
  out.object(5, '<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>');
  out.object(6, '<</Type/Font/Subtype/Type1/BaseFont/Helvetica-Bold/Encoding/WinAnsiEncoding>>');
  if (image && picture) {
    out.object(
      7,
      `<</Type/XObject/Subtype/Image/Width ${picture.width}/Height ${picture.height}/ColorSpace/DeviceRGB/BitsPerComponent 8/Filter/FlateDecode/Length ${image.length}>>`,
      image,
    );
  }
  return out.finish();
}

const round = (n: number) => Math.round(n * 100) / 100;

/** A string of a content stream: Latin letters as they are, what the font does not have as a question mark. */
function escaped(text: string): string {
  return text.replace(/[^\x20-\x7e\xa0-\xff]/g, '?').replace(/[\\()]/g, '\\$&');
}

async function deflated(data: Uint8Array): Promise<Uint8Array> {
  const stream = new Blob([data as Uint8Array<ArrayBuffer>]).stream().pipeThrough(new CompressionStream('deflate'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** Writer lays out the objects of a file and the table that finds them (ISO 32000-2 §7.5). */
class Writer {
  #parts: Uint8Array[] = [];
  #length = 0;
  #offsets: number[] = [];

  text(s: string): void {
    this.bytes(Uint8Array.from(s, (c) => c.charCodeAt(0)));
  }

  bytes(b: Uint8Array): void {
    this.#parts.push(b);
    this.#length += b.length;
  }

  object(number: number, body: string, stream?: Uint8Array): void {
    this.#offsets[number] = this.#length;
    this.text(`${number} 0 obj\n${body}\n`);
    if (stream) {
      this.text('stream\n');
      this.bytes(stream);
      this.text('\nendstream\n');
    }
    this.text('endobj\n');
  }

  finish(): Uint8Array<ArrayBuffer> {
    const at = this.#length;
    const size = this.#offsets.length;
    this.text(`xref\n0 ${size}\n0000000000 65535 f \n`);
    for (const offset of this.#offsets.slice(1)) this.text(`${String(offset).padStart(10, '0')} 00000 n \n`);
    this.text(`trailer\n<</Size ${size}/Root 1 0 R>>\nstartxref\n${at}\n%%EOF\n`);
    const out = new Uint8Array(this.#length);
    let n = 0;
    for (const part of this.#parts) {
      out.set(part, n);
      n += part.length;
    }
    return out;
  }
}
