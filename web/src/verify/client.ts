// The page's side of the verifier: starts the worker when the first question comes, asks one question after another, and ends a worker
// that takes too long. A worker that was ended is replaced at the next question.

import { VerifierError, type Answer, type Fault, type Language, type Progress, type Question, type ReportForm, type Subject, type Verified, type Written } from './protocol';

/** What the client needs of a Worker. */
export interface Port {
  postMessage(message: Question): void;
  terminate(): void;
  onmessage: ((e: { data: Answer }) => void) | null;
  onerror: ((e: unknown) => void) | null;
}

export interface Surroundings {
  start(): Port;
  /** Trust packages as texts. */
  anchors(): Promise<string[]>;
  progress?(p: Progress): void;
  /** How much of a large document has been read, up to 1. */
  share?(share: number): void;
}

/** The verifier comes over a slow line in this time, or not at all. */
const startBound = 300_000;
/** Honest files take seconds on an old phone; a large one takes its bytes. */
const questionBound = 60_000;
const bytesPerMillisecond = 1500;
const eachBound = 5_000;

interface Pending {
  resolve(a: Answer): void;
  reject(e: VerifierError): void;
  timer: ReturnType<typeof setTimeout>;
}

export class Verifier {
  #port: Port | undefined;
  #starting: Promise<void> | undefined;
  #pending: Pending | undefined;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(readonly around: Surroundings) {}

  /** Ready when the worker can answer; the download happens here. */
  start(): Promise<void> {
    this.#starting ??= this.#start().catch((e: unknown) => {
      this.#end();
      throw e;
    });
    return this.#starting;
  }

  async verify(subject: Subject, view: Language): Promise<Verified> {
    const a = await this.#ask({ kind: 'verify', view, ...subject }, subject.file.size);
    if (a.kind !== 'verified') throw new VerifierError('internal', a.kind);
    return a.verified;
  }

  async report(subjects: Subject[], form: ReportForm, language: Language): Promise<Written> {
    const size = subjects.reduce((n, s) => n + s.file.size, 0);
    // The first report needs another program, and each document is judged again.
    const a = await this.#ask({ kind: 'report', form, language, subjects }, size, startBound + (subjects.length - 1) * eachBound);
    if (a.kind !== 'written') throw new VerifierError('internal', a.kind);
    return a.written;
  }

  /** Ends what is under way; its asker hears 'stopped'. */
  stop(): void {
    this.#end(new VerifierError('stopped'));
  }

  #ask(q: Question, size: number, bound = questionBound): Promise<Answer> {
    const turn = this.#queue.then(async () => {
      await this.start();
      return this.#send(q, bound + size / bytesPerMillisecond);
    });
    this.#queue = turn.catch(() => {});
    return turn;
  }

  async #start(): Promise<void> {
    const anchors = await this.around.anchors();
    let port: Port;
    try {
      port = this.around.start();
    } catch (e) {
      throw new VerifierError('refused', String(e));
    }
    port.onmessage = (e) => {
      if (e.data.kind === 'progress') this.around.progress?.(e.data.progress);
      else if (e.data.kind === 'share') this.around.share?.(e.data.share);
      else if (e.data.kind === 'fault') this.#settle(e.data.fault);
      else this.#settle(e.data);
    };
    // A worker that fails without a word: its script did not load, the policy refused it, or the browser took its memory.
    port.onerror = () => this.#end(new VerifierError(this.#ready ? 'internal' : 'refused', 'the worker failed'));
    this.#port = port;
    await this.#send({ kind: 'start', anchors }, startBound);
    this.#ready = true;
  }

  #ready = false;

  #send(q: Question, bound: number): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const port = this.#port;
      if (!port) return reject(new VerifierError('stopped'));
      const timer = setTimeout(() => this.#end(new VerifierError('slow')), bound);
      this.#pending = { resolve, reject, timer };
      port.postMessage(q);
    });
  }

  #settle(outcome: Answer | Fault): void {
    const p = this.#pending;
    if (!p) return;
    this.#pending = undefined;
    clearTimeout(p.timer);
    if ('kind' in outcome) p.resolve(outcome);
    else p.reject(new VerifierError(outcome.code, outcome.message));
    // A program that met a fault of its own is not asked again.
    if ('code' in outcome && outcome.code === 'internal') this.#end();
  }

  #end(why?: VerifierError): void {
    this.#port?.terminate();
    this.#port = undefined;
    this.#starting = undefined;
    this.#ready = false;
    const p = this.#pending;
    this.#pending = undefined;
    if (p) {
      clearTimeout(p.timer);
      p.reject(why ?? new VerifierError('stopped'));
    }
  }
}
