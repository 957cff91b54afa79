"use strict";
// Ways to call the verifier wrongly. Each changes a good request.
const misuse = {
  "unknown key": (q) => { q.anchor = q.anchors; },
  "no file": (q) => { delete q.file; },
  "file is a string": (q) => { q.file = "%PDF-1.7"; },
  "size is a fraction": (q) => { q.file = { size: 10.5, read: () => new Uint8Array(0) }; },
  "size is NaN": (q) => { q.file = { size: NaN, read: () => new Uint8Array(0) }; },
  "size is negative": (q) => { q.file = { size: -1, read: () => new Uint8Array(0) }; },
  "read throws": (q) => { q.file = { size: q.file.length, read: () => { throw new Error("the disk is gone"); } }; },
  "read returns too little": (q) => { const b = q.file; q.file = { size: b.length, read: (at, n) => b.subarray(at, at + n - 1) }; },
  "read returns a promise": (q) => { const b = q.file; q.file = { size: b.length, read: async (at, n) => b.subarray(at, at + n) }; },
  "file shrinks": (q) => { q.file = { size: q.file.length + 1000, read: (b => (at, n) => b.subarray(at, at + n))(q.file) }; },
  "getter throws": (q) => { Object.defineProperty(q, "name", { enumerable: true, get() { throw new Error("no name"); } }); },
  "read is a throwing getter": (q) => { q.file = { size: 10, get read() { throw new Error("no reader"); } }; },
  "anchors is a string": (q) => { q.anchors = "-----BEGIN CERTIFICATE-----"; },
  "anchors holds a number": (q) => { q.anchors = [1]; },
  "anchors is no certificate": (q) => { q.anchors = ["neither this nor that"]; },
  "at is a number": (q) => { q.at = 1800000000000; },
  "at is an invalid date": (q) => { q.at = new Date(NaN); },
  "at is no time": (q) => { q.at = "yesterday"; },
  "policy is unknown": (q) => { q.policy = "lenient"; },
  "password is a number": (q) => { q.password = 1234; },
  // Not wrong: the other ways to say the same.
  "at is a date": (q) => { q.at = new Date(q.at); },
  "anchors is text": (q) => { q.anchors = q.anchors.map((b) => new TextDecoder().decode(b)); },
  "a view into a larger buffer": (q) => { const b = new Uint8Array(q.file.length + 20); b.set(q.file, 7); q.file = b.subarray(7, 7 + q.file.length); },
};
