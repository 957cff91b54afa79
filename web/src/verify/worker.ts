// The verifier's worker: loads the Go program and hands it one question after another. It is the only place where wasm runs; the
// server's answer that carries this script allows it, and nothing else may. A document is read in pieces and goes nowhere.

// What starts Go programs, of the Go release that built the verifier.
import '../../wasm/wasm_exec.js';
import wasm from '../../wasm/absah.wasm?url';
import reports from '../../wasm/report.wasm?url';
import type { Answer, Fault, FaultCode, Question, Subject, Verified, Written } from './protocol';

/** What the Go program sets (its package comment is the contract). */
interface Absah {
  verify(q: object): Promise<{ report: string; view: Verified['view'] } | { error: Fault }>;
  /** Only the larger program has it, which is fetched when the first report is asked for. */
  report?(q: object): Promise<Written | { error: Fault }>;
}

interface GoProgram {
  importObject: WebAssembly.Imports;
  run(instance: WebAssembly.Instance): Promise<void>;
}

const scope = globalThis as unknown as {
  Go: new () => GoProgram;
  absah?: Absah;
  postMessage(a: Answer, transfer?: Transferable[]): void;
  onmessage: ((e: MessageEvent<Question>) => void) | null;
};

let anchors: string[] = [];

class Failure extends Error {
  constructor(readonly code: FaultCode, cause: unknown) {
    super(String(cause));
  }
}

/** Fetches a program and runs it, beside one that is running already. */
async function load(url: string, size?: number): Promise<void> {
  let answer: Response;
  try {
    answer = await fetch(url);
    if (!answer.ok || !answer.body) throw new Failure(answer.status === 404 ? 'outdated' : 'download', answer.status);
  } catch (e) {
    throw e instanceof Failure ? e : new Failure('download', e);
  }
  let loaded = 0;
  const line = Number(answer.headers.get('Content-Length')) || undefined;
  let broken: unknown;
  const reader = answer.body.getReader();
  const counted = new ReadableStream<Uint8Array>({
    async pull(out) {
      try {
        const { done, value } = await reader.read();
        if (done) return out.close();
        loaded += value.byteLength;
        if (size) scope.postMessage({ kind: 'progress', progress: { loaded, size, ...(line ? { line } : {}) } });
        out.enqueue(value);
      } catch (e) {
        broken = e;
        out.error(e);
      }
    },
  });
  const go = new scope.Go();
  let instance: WebAssembly.Instance;
  try {
    const source = new Response(counted, { headers: { 'Content-Type': 'application/wasm' } });
    instance = (await WebAssembly.instantiateStreaming(source, go.importObject)).instance;
  } catch (e) {
    throw new Failure(broken ? 'download' : 'refused', e);
  }
  void go.run(instance).finally(() => {
    scope.absah = undefined; // it died; the page starts another worker
  });
}

/** Small documents are handed over whole, larger ones in pieces. */
const whole = 8 << 20;

async function documentOf(blob: Blob): Promise<unknown> {
  if (blob.size <= whole) return new Uint8Array(await blob.arrayBuffer());
  const reader = new FileReaderSync();
  return {
    size: blob.size,
    read: (at: number, n: number) => new Uint8Array(reader.readAsArrayBuffer(blob.slice(at, at + n))),
  };
}

async function request(q: Subject): Promise<Record<string, unknown>> {
  const out: Record<string, unknown> = { file: await documentOf(q.file), name: q.name, anchors };
  if (q.at) out.at = q.at;
  if (q.policy) out.policy = q.policy;
  if (q.password) out.password = q.password;
  if (q.online) out.fetch = ask;
  return out;
}

/** Asks an issuer through this server: the number of a certificate leaves the device, never a document. */
async function ask(url: string, body: Uint8Array<ArrayBuffer> | null, type: string): Promise<Uint8Array> {
  const relay = '/verifikasi/status?url=' + encodeURIComponent(url);
  const answer = await fetch(relay, body && body.byteLength > 0 ? { method: 'POST', body, headers: { 'Content-Type': type } } : {});
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  return new Uint8Array(await answer.arrayBuffer());
}

function program(): Absah {
  if (!scope.absah) throw new Failure('internal', 'the verifier has ended');
  return scope.absah;
}

async function answer(q: Question): Promise<[Answer, Transferable[]?]> {
  switch (q.kind) {
    case 'start':
      anchors = q.anchors;
      await load(wasm, __WASM_SIZE__);
      return [{ kind: 'ready' }];
    case 'verify': {
      const a = await program().verify({ ...(await request(q)), view: q.view });
      if ('error' in a) return [{ kind: 'fault', fault: a.error }];
      return [{ kind: 'verified', verified: { report: a.report, view: a.view } }];
    }
    case 'report': {
      if (!program().report) await load(reports);
      const write = program().report;
      if (!write) throw new Failure('internal', 'the program has no reports');
      const a = await write({ ...(await request(q)), form: q.form, language: q.language });
      if ('error' in a) return [{ kind: 'fault', fault: a.error }];
      return [{ kind: 'written', written: a }, [a.bytes.buffer]];
    }
  }
}

scope.onmessage = async (e) => {
  try {
    scope.postMessage(...(await answer(e.data)));
  } catch (fault) {
    const code = fault instanceof Failure ? fault.code : fault instanceof DOMException ? 'read' : 'internal';
    scope.postMessage({ kind: 'fault', fault: { code, message: String(fault) } });
  }
};
