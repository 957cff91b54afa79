// The worker of the exercise: the verifier with a small authority beside it, and a key that cannot leave the browser. Nothing of it
// reaches the network but the program itself.

import '../../wasm/wasm_exec.js';
import wasm from '../../wasm/exercise.wasm?url';
import type { View } from '../verify/view';

export type Question =
  | { id: number; kind: 'certify'; name: string }
  | { id: number; kind: 'sign'; file: Uint8Array; box: number[] }
  | { id: number; kind: 'verify'; file: Uint8Array; name: string; view: 'id' | 'en' };

export type Answer = { id: number; view?: View; bytes?: Uint8Array<ArrayBuffer>; fault?: string };

type Failed = { error: { code: string; message: string } };

interface Program {
  certify(q: object): Promise<{ anchors: string } | Failed>;
  sign(q: object): Promise<{ bytes: Uint8Array<ArrayBuffer> } | Failed>;
  verify(q: object): Promise<{ view: View } | Failed>;
}

interface GoProgram {
  importObject: WebAssembly.Imports;
  run(instance: WebAssembly.Instance): Promise<void>;
}

const scope = globalThis as unknown as {
  Go: new () => GoProgram;
  absah?: Program;
  postMessage(a: Answer): void;
  onmessage: ((e: MessageEvent<Question>) => void) | null;
};

let loading: Promise<void> | undefined;
let key: CryptoKeyPair | undefined;
let anchors: string[] = [];

async function load(): Promise<void> {
  const go = new scope.Go();
  const { instance } = await WebAssembly.instantiateStreaming(fetch(wasm), go.importObject);
  void go.run(instance);
}

/** A P-256 key of the browser's own that is never shown, not even to this script. */
async function makeKey(): Promise<CryptoKeyPair> {
  return crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign', 'verify']);
}

function checked<T>(answer: T | Failed): T {
  if (typeof answer === 'object' && answer !== null && 'error' in answer) throw new Error((answer as Failed).error.message);
  return answer as T;
}

async function answer(q: Question): Promise<Omit<Answer, 'id'>> {
  loading ??= load().catch((e: unknown) => {
    loading = undefined; // the next question tries again
    throw e;
  });
  await loading;
  const program = scope.absah;
  if (!program) throw new Error('the program has ended');
  switch (q.kind) {
    case 'certify': {
      key = await makeKey();
      const spki = new Uint8Array(await crypto.subtle.exportKey('spki', key.publicKey));
      anchors = [checked(await program.certify({ name: q.name, key: spki })).anchors];
      return {};
    }
    case 'sign': {
      const mine = key;
      if (!mine) throw new Error('there is no key yet');
      const sign = async (bytes: Uint8Array<ArrayBuffer>) =>
        new Uint8Array(await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, mine.privateKey, bytes));
      return { bytes: checked(await program.sign({ file: q.file, sign, box: q.box })).bytes };
    }
    case 'verify':
      return { view: checked(await program.verify({ file: q.file, name: q.name, anchors, view: q.view })).view };
  }
}

scope.onmessage = async (e) => {
  try {
    scope.postMessage({ id: e.data.id, ...(await answer(e.data)) });
  } catch (fault) {
    scope.postMessage({ id: e.data.id, fault: String(fault) });
  }
};
