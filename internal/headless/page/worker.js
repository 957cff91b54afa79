"use strict";
importScripts("wasm_exec.js", "misuse.js");

const fromBase64 = (s) => Uint8Array.from(atob(s), (c) => c.charCodeAt(0));

const toBase64 = (bytes) => {
  let s = "";
  for (let i = 0; i < bytes.length; i += 0x8000) s += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
  return btoa(s);
};

// relay asks the server that this page came from.
const relay = (index) => async (url, body, type) => {
  const answer = await fetch(`relay/${index}?${new URLSearchParams({ url, type })}`, { method: "POST", body });
  if (!answer.ok) throw new Error(await answer.text());
  return new Uint8Array(await answer.arrayBuffer());
};

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
  for (const key of ["view", "signature", "form", "language"]) if (key in q) request[key] = q[key];
  if (q.more) {
    request.files = [{ file: request.file, name: request.name }];
    for (const other of q.more) request.files.push({ file: await documentOf(other), name: other.name, password: other.password ?? "" });
    delete request.file;
    delete request.name;
  }
  if (q.relayed) request.fetch = relay(q.index);
  const shares = [];
  if (q.count) request.progress = (share) => shares.push(share);
  if (q.misuse) misuse[q.misuse](request);
  let answer;
  const milliseconds = [];
  for (let i = 0; i < q.times; i++) {
    const start = performance.now();
    answer = await absah[q.call ?? "verify"](request);
    milliseconds.push(performance.now() - start);
  }
  if (answer.bytes) answer.bytes = toBase64(answer.bytes);
  return { ...answer, milliseconds, shares };
}

let dead = false;
async function load(program) {
  const go = new Go();
  const { instance } = await WebAssembly.instantiateStreaming(fetch(program), go.importObject);
  go.run(instance).finally(() => { dead = true; });
}

async function run() {
  const requests = await (await fetch("requests")).json();
  for (const q of requests) if (q.more) q.more = q.more.map((i) => requests[i]);
  const start = performance.now();
  await load("absah.wasm");
  const instantiate = performance.now() - start;
  if (requests.some((q) => q.call === "report")) await load("report.wasm");
  const answers = [];
  for (const q of requests) {
    answers.push(await ask(q));
    if (dead) throw new Error(`the verifier died over ${q.name}`);
  }
  postMessage({ instantiate, answers });
}
run().catch((e) => postMessage({ fatal: String(e) }));
