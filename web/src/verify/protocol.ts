// What the page and the verifier's worker say to each other. One question is under way at a time; the worker answers it and waits.

import type { View } from './view';

export type Language = 'id' | 'en';
export type Policy = 'basic' | 'strict' | 'archival';
export type ReportForm = 'html' | 'pdf' | 'xml' | 'json' | 'package';

/** The document and how to judge it. The file is handed over as a handle; the worker reads it in pieces. */
export interface Subject {
  file: Blob;
  name: string;
  /** RFC 3339; now when left out. */
  at?: string;
  policy?: Policy;
  password?: string;
  /** Ask the issuers for the newest status, through this server's relay. */
  online?: boolean;
}

export type Question =
  | { kind: 'start'; anchors: string[] }
  | ({ kind: 'verify'; view: Language } & Subject)
  // Several subjects are one report, judged as of the last one's moment and by its rules.
  | { kind: 'report'; form: ReportForm; language: Language; subjects: Subject[] };

export interface Verified {
  /** The line that the command line prints with --json. */
  report: string;
  view: View;
}

export interface Written {
  name: string;
  type: string;
  bytes: Uint8Array<ArrayBuffer>;
}

/** Codes of the verifier, and of what happens around it. */
export type FaultCode =
  | 'request' | 'anchors' | 'not-pdf' | 'password' | 'document' | 'read' | 'internal'
  | 'refused' // the browser does not run the verifier
  | 'download' // the verifier could not be fetched
  | 'outdated' // this page is older than what the server has
  | 'slow' // it took too long and was ended
  | 'stopped'; // by the person

/** The download of the verifier, or of what writes reports. Bytes are counted as they are unpacked; over the line there are fewer, where the server says how many. */
export interface Progress {
  program: 'verifier' | 'reports';
  loaded: number;
  size: number;
  line?: number;
}

export interface Fault {
  code: FaultCode;
  message: string;
}

export type Answer =
  | { kind: 'progress'; progress: Progress }
  | { kind: 'share'; share: number } // of a large document that has been read, up to 1
  | { kind: 'ready' }
  | { kind: 'verified'; verified: Verified }
  | { kind: 'written'; written: Written }
  | { kind: 'fault'; fault: Fault };

export class VerifierError extends Error {
  constructor(readonly code: FaultCode, message = '') {
    super(message || code);
  }
}
