// The page's side of the exercise's worker. One question after another; a worker that takes too long is ended, and with it the
// authority and the key: the page begins anew.

import type { View } from '../verify/view';
import type { Answer, Question } from './worker';

/** What the lab needs of a Worker. */
export interface Port {
  postMessage(message: Question): void;
  terminate(): void;
  onmessage: ((e: { data: Answer }) => void) | null;
  onerror: ((e: unknown) => void) | null;
}

/** The program comes over a slow line in this time, or not at all. */
const bound = 300_000;

// Each kind of question without the number, which the lab gives.
type Asked = Question extends infer Q ? (Q extends Question ? Omit<Q, 'id'> : never) : never;

export class Lab {
  #port: Port | undefined;
  #asked = 0;
  #waiting = new Map<number, { resolve(a: Answer): void; reject(e: Error): void; timer: ReturnType<typeof setTimeout> }>();

  constructor(readonly start: () => Port) {}

  async certify(name: string): Promise<void> {
    await this.#ask({ kind: 'certify', name });
  }

  async sign(file: Uint8Array, box: number[]): Promise<Uint8Array<ArrayBuffer>> {
    const { bytes } = await this.#ask({ kind: 'sign', file, box });
    if (!bytes) throw new Error('no file came back');
    return bytes;
  }

  async verify(file: Uint8Array, name: string, language: 'id' | 'en'): Promise<View> {
    const { view } = await this.#ask({ kind: 'verify', file, name, view: language });
    if (!view) throw new Error('no answer came back');
    return view;
  }

  /** Ends the worker; whoever waits hears that it ended. */
  end(why = 'ended'): void {
    this.#port?.terminate();
    this.#port = undefined;
    for (const w of this.#waiting.values()) {
      clearTimeout(w.timer);
      w.reject(new Error(why));
    }
    this.#waiting.clear();
  }

  #ask(q: Asked): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const port = (this.#port ??= this.#begin());
      const id = ++this.#asked;
      this.#waiting.set(id, { resolve, reject, timer: setTimeout(() => this.end('slow'), bound) });
      port.postMessage({ ...q, id } as Question);
    });
  }

  #begin(): Port {
    const port = this.start();
    port.onmessage = ({ data }) => {
      const w = this.#waiting.get(data.id);
      if (!w) return;
      this.#waiting.delete(data.id);
      clearTimeout(w.timer);
      if (data.fault === undefined) w.resolve(data);
      else w.reject(new Error(data.fault));
    };
    port.onerror = () => this.end('the worker failed');
    return port;
  }
}
