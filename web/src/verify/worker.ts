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
  /** Of the program that writes reports. */
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

const programs = {
  verifier: { url: wasm, size: __WASM_SIZE__ },
  reports: { url: reports, size: __REPORT_SIZE__ },
};

/** Fetches a program and runs it; it adds its functions to absah. */
async function run(name: keyof typeof programs): Promise<void> {
  const { url, size } = programs[name];
  let answer: Response;
  try {
    answer = await fetch(url);
    if (!answer.ok || !answer.body) throw new Failure(answer.status === 404 ? 'outdated' : 'download', answer.status);
  } catch (e) {
    throw e instanceof Failure ? e : new Failure('download', e);
  }
  let loaded = 0;
  let told = 0;
  const line = Number(answer.headers.get('Content-Length')) || undefined;
  let broken: unknown;
  const reader = answer.body.getReader();
  const counted = new ReadableStream<Uint8Array>({
    async pull(out) {
      try {
        const { done, value } = await reader.read();
        if (done) return out.close();
        loaded += value.byteLength;
        if (loaded - told > size / 50 || loaded === size) {
          told = loaded;
          scope.postMessage({ kind: 'progress', progress: { program: name, loaded, size, ...(line ? { line } : {}) } });
        }
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

/** Small documents are handed over whole, larger ones in pieces; so are many, of which each is small. */
const whole = 8 << 20;

async function source(s: Subject, pieces = s.file.size > whole): Promise<{ file: unknown; name: string; password?: string }> {
  const { file, name, password } = s;
  const own = { name, ...(password ? { password } : {}) };
  if (!pieces) return { file: new Uint8Array(await file.arrayBuffer()), ...own };
  const reader = new FileReaderSync();
  const read = (at: number, n: number): Uint8Array => new Uint8Array(reader.readAsArrayBuffer(file.slice(at, at + n)));
  return { file: { size: file.size, read }, ...own };
}

/** How a document is judged. */
function rules(s: Subject): Record<string, unknown> {
  return {
    anchors,
    ...(s.at ? { at: s.at } : {}),
    ...(s.policy ? { policy: s.policy } : {}),
    ...(s.online ? { fetch: ask } : {}),
    progress: (share: number) => scope.postMessage({ kind: 'share', share }),
  };
}

/** Asks an issuer through this server: the number of a certificate leaves the device, never a document. */
async function ask(url: string, body: Uint8Array<ArrayBuffer> | null, type: string): Promise<Uint8Array> {
  const relay = '/verifikasi/status?url=' + encodeURIComponent(url);
  const answer = await fetch(
    relay,
    body && body.byteLength > 0 ? { method: 'POST', body, headers: { 'Content-Type': type } } : { headers: { Accept: type } },
  );
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
      await run('verifier');
      return [{ kind: 'ready' }];
    case 'verify': {
      const a = await program().verify({ ...rules(q), ...(await source(q)), view: q.view });
      if ('error' in a) return [{ kind: 'fault', fault: a.error }];
      return [{ kind: 'verified', verified: { report: a.report, view: a.view } }];
    }
    case 'report': {
      if (!program().report) await run('reports');
      const last = q.subjects.at(-1)!;
      const what = q.subjects.length === 1 ? await source(last) : { files: await Promise.all(q.subjects.map((s) => source(s, true))) };
      const a = await program().report!({ ...rules(last), ...what, form: q.form, language: q.language });
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
