"use strict";
importScripts("wasm_exec.js", "misuse.js");

const fromBase64 = (s) => Uint8Array.from(atob(s), (c) => c.charCodeAt(0));

// document is the bytes, or a reader of the blob that never holds more than a piece.
async function documentOf(q) {
  const response = await fetch(`document/${q.index}`);
  if (!q.pieces) return new Uint8Array(await response.arrayBuffer());
  const blob = await response.blob();
  const reader = new FileReaderSync();
  return { size: blob.size, read: (at, n) => new Uint8Array(reader.readAsArrayBuffer(blob.slice(at, at + n))) };
}

async function ask(q) {
  const request = { file: await documentOf(q), name: q.name, at: q.at, anchors: q.anchors.map(fromBase64) };
  if (q.policy) request.policy = q.policy;
  if (q.password) request.password = q.password;
  for (const key of ["view", "signature"]) if (key in q) request[key] = q[key];
  if (q.misuse) misuse[q.misuse](request);
  let answer;
  const milliseconds = [];
  for (let i = 0; i < q.times; i++) {
    const start = performance.now();
    answer = await absah[q.call ?? "verify"](request);
    milliseconds.push(performance.now() - start);
  }
  return { ...answer, milliseconds };
}

async function run() {
  const requests = await (await fetch("requests")).json();
  const start = performance.now();
  const go = new Go();
  const { instance } = await WebAssembly.instantiateStreaming(fetch("absah.wasm"), go.importObject);
  let dead = false;
  go.run(instance).finally(() => { dead = true; });
  const instantiate = performance.now() - start;
  const answers = [];
  for (const q of requests) {
    answers.push(await ask(q));
    if (dead) throw new Error(`the verifier died over ${q.name}`);
  }
  postMessage({ instantiate, answers });
}
run().catch((e) => postMessage({ fatal: String(e) }));
