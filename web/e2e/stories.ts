import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Watched } from './browser';
import { root } from './demo';
import { vectorTrust } from './documents';
import { answered, choose, openVerifier } from './verifier';

/** A document that stands for what people meet, and the verdict that the page has for it. */
export interface Story {
  name: string;
  file: string;
  verdict: string;
  at?: string;
}

const at = '2026-09-14T10:00:00+07:00';

/** Every verdict, and the cases of each that look different. */
export const stories: Story[] = [
  { name: 'valid', file: 'honest-approval.pdf', verdict: 'valid' },
  { name: 'valid for the archive', file: 'honest-lta.pdf', verdict: 'valid' },
  { name: 'filled in later', file: 'honest-filled.pdf', verdict: 'valid-with-notes' },
  { name: 'two signatures', file: 'honest-countersigned.pdf', verdict: 'valid-with-notes' },
  { name: 'name that deceives', file: 'name-cyrillic.pdf', verdict: 'valid-with-notes' },
  { name: 'unknown issuer', file: 'hierarchy-unknown.pdf', verdict: 'indeterminate' },
  { name: 'status not known', file: 'gateway-v1.pdf', verdict: 'indeterminate' },
  { name: 'old method', file: 'algorithm-sha1.pdf', verdict: 'indeterminate' },
  { name: 'page added', file: 'isa-page-added.pdf', verdict: 'invalid' },
  { name: 'amount covered', file: 'eaa-stamp.pdf', verdict: 'invalid' },
  { name: 'content changed', file: 'cms-content-changed.pdf', verdict: 'invalid' },
  { name: 'only a picture', file: 'look-without-signature.pdf', verdict: 'unsigned' },
];

/** Lets the page believe that the server trusts whom the vectors trust. */
export async function trustVectors(w: Watched): Promise<void> {
  const trust = await readFile(vectorTrust);
  await w.context.route('**/trust/package.json', (r) => r.fulfill({ contentType: 'application/json', body: trust }));
}

/** Opens the page and lets it judge a story's document. */
export async function tell(w: Watched, story: Story): Promise<string> {
  await trustVectors(w);
  await openVerifier(w, story.at ?? at);
  await choose(w.page, [path.join(root, 'vectors', story.file)]);
  return answered(w.page);
}
