// The addresses that this app may run as a worker. The page's policy enforces Trusted Types: what is not in the list does not run,
// whoever asks.

import pdfjs from 'pdfjs-dist/build/pdf.worker.min.mjs?url';
import exercise from './simulasi/worker.ts?worker&url';
import verify from './verify/worker.ts?worker&url';

/** The worker that draws documents, and the one that judges them. */
export const pdfWorker = pdfjs;
export const verifyWorker = verify;
/** The one of the teaching page. */
export const exerciseWorker = exercise;

const allowed = new Set(['/sw.js', pdfWorker, verifyWorker, exerciseWorker].map((url) => new URL(url, location.href).pathname));

const policy = window.trustedTypes?.createPolicy('absah', { createScriptURL: check });

function check(url: string): string {
  const { origin, pathname } = new URL(url, location.href);
  if (origin !== location.origin || !allowed.has(pathname)) throw new TypeError(`not a script of this app: ${url}`);
  return url;
}

/** scriptURL vouches for the address of a worker; it throws for any that is not in the list. */
export function scriptURL(url: string): string {
  // Where a browser has no Trusted Types the same list decides. The types of the DOM know only strings.
  return policy ? (policy.createScriptURL(url) as unknown as string) : check(url);
}
