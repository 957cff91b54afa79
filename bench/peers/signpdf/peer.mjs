// @signpdf signs the same letter with the same keys. Its signer reads RSA keys only.
import fs from 'node:fs';
import path from 'node:path';
import { plainAddPlaceholder } from '@signpdf/placeholder-plain';
import { P12Signer } from '@signpdf/signer-p12';
import { SignPdf } from '@signpdf/signpdf';

const work = process.argv[2];
const version = JSON.parse(fs.readFileSync('node_modules/@signpdf/signpdf/package.json')).version;
const peer = `@signpdf ${version}`;
const letter = fs.readFileSync(path.join(work, 'letter.pdf'));
for (const [name, key] of [['p256', 'signer'], ['rsa2048', 'signer-rsa']]) {
  try {
    const p12 = fs.readFileSync(path.join(work, key + '.p12'));
    const once = () => {
      const signer = new P12Signer(p12, { passphrase: 'ukur' }); // good for one signature, and opens the file for each
      const pdfBuffer = plainAddPlaceholder({ pdfBuffer: letter, reason: '', contactInfo: '', name: 'Siti Contoh', location: '' });
      return new SignPdf().sign(pdfBuffer, signer);
    };
    await once();
    let n = 0;
    const start = performance.now();
    while (performance.now() - start < 3000) {
      await once();
      n++;
    }
    console.log(JSON.stringify({ peer, sign: name, perSecond: (n * 1000) / (performance.now() - start) }));
  } catch (e) {
    console.error(`${name}: ${e.message}`);
  }
}
