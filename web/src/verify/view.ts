// What the verifier (absah.wasm) hands to a page about one document, with view: 'id' or 'en'. The Go package internal/answer makes it; a
// test there holds the two together. Every text is ready to be shown as text; nothing here is worded or judged again.

export type Verdict = 'valid' | 'valid-with-notes' | 'indeterminate' | 'invalid' | 'unsigned' | 'unread';
export type State = 'ok' | 'note' | 'unknown' | 'fail';

export interface View {
  language: 'id' | 'en';
  /** Name of the file. */
  name: string;
  verdict: Verdict;
  /** The verdict in capitals. */
  word: string;
  /** A character for it. */
  mark: string;
  /** The verdict in a sentence or two. */
  headline: string;
  /** Name, verdict and headline, for a screen reader. */
  spoken: string;
  /** What the verdict means. */
  why: string[];
  /** What to do, step by step. */
  do: string[];
  facts: Row[];
  signatures: SignatureView[];
  /** About the file. */
  findings: FindingView[];
  /** Left out where there is no signature. */
  acrobat?: AcrobatView;
  /** Of the file, in bytes. */
  size: number;
  /** Of the file, hexadecimal. */
  sha256: string;
  /** The document is protected with a password. */
  encrypted: boolean;
  /** How often the file was saved by appending, the first time included. */
  revisions: number;
}

export interface AcrobatView {
  /** In Acrobat's own English. */
  says: string;
  means: string;
}

export interface SignatureView {
  /** Its place in the report, counted from 0: what absah.revision takes. */
  index: number;
  /** A document time-stamp: no person signed. */
  document: boolean;
  /** Number, field and signer. */
  title: string;
  /** The name in the certificate, '' where there is none. */
  signer: string;
  verdict: Verdict;
  word: string;
  mark: string;
  /** The whole in one line, for a screen reader. */
  spoken: string;
  /** Three: not modified, certificate trusted, time-stamp. */
  checks: CheckView[];
  /** Six: signer, signed, location, validity, issuer, holder (the signer's certificate). */
  fields: Row[];
  /** Left out where trust rests on nothing. */
  anchor?: AnchorView;
  /** Left out where the signature passed. */
  outcome?: OutcomeView;
  findings: FindingView[];
  /** What was done to the document after this signature, without validation data. */
  changes: ChangeView[];
  /** There are more changes than these. */
  more: boolean;
  /** In the order of time. */
  events: EventView[];
  /** Technical details. */
  rows: Row[];
  /** PAdES-BASELINE-LT and such. */
  level: string;
  /** What the level means, '' for others. */
  levelWords: string;
  /** Nothing was appended to the file since. */
  whole: boolean;
  /** The first so many bytes of the file are the document as it was signed; 0: cannot be told. */
  signedSize: number;
  /** The signer's certificate, DER in base64; '': there is none. */
  certificate: string;
}

export interface Row {
  /** Stable, for whoever looks for one. */
  key: string;
  label: string;
  value: string;
  /** A number that is compared letter by letter. */
  code: boolean;
}

export interface CheckView {
  state: State;
  mark: string;
  label: string;
  answer: string;
  text: string;
}

export interface OutcomeView {
  sentence: string;
  cause: string;
  action: string;
}

export interface FindingView {
  /** Stable. */
  code: string;
  state: State;
  mark: string;
  sentence: string;
  cause: string;
  action: string;
}

export interface AnchorView {
  /** Name and kind in words. */
  text: string;
  kind: 'national' | 'operator' | 'test' | 'given';
  sha256: string;
}

export interface ChangeView {
  sentence: string;
  kind: 'form' | 'annotation' | 'other';
  /** Counted from 1, as pdf.js does; left out where it shows nowhere. */
  page?: number;
  /** Left, bottom, right, top in the page's own coordinates; left out where the whole page is meant. */
  rect?: [number, number, number, number];
}

export interface EventView {
  kind: 'begin' | 'claimed' | 'stamp' | 'badstamp' | 'proven' | 'revoked' | 'good' | 'end' | 'lasts' | 'judged';
  /** RFC 3339, in UTC. */
  at: string;
  /** The time in words. */
  label: string;
  text: string;
}
