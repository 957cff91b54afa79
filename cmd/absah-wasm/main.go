//go:build js && wasm

// Command absah-wasm is the verifier for JavaScript: what absah verify --offline --json says, in a browser, without a server. Make
// wasm builds bin/absah.wasm and puts wasm_exec.js of the same Go release beside it; the two belong together.
//
// It is made for a Web Worker, because a call keeps its thread busy until the answer is there. The page needs the policy script-src
// 'self' 'wasm-unsafe-eval', and nothing of it reaches the network:
//
//	importScripts("wasm_exec.js");
//	const go = new Go();
//	const { instance } = await WebAssembly.instantiateStreaming(fetch("absah.wasm"), go.importObject);
//	go.run(instance); // absah is there when this call is back; its promise resolves only if the program dies
//	const answer = await absah.verify({ file: new Uint8Array(await blob.arrayBuffer()), name: blob.name, anchors: [trustPackage] });
//
// Each function takes one object and returns a promise that is never rejected. The keys that all of them know:
//
//	file      Uint8Array, which must not change meanwhile; or { size, read(offset, length) } for a document too large to be held
//	          twice, where read returns a Uint8Array of exactly that length at once (a worker has FileReaderSync)
//	name      the report's "file"; "" when left out
//	anchors   whom to trust, an array of Uint8Array or string: PEM, DER (Uint8Array only) or a trust package in JSON; [] when left out
//	at        judge as of this time, a Date or an RFC 3339 string; now when left out
//	policy    "basic", "strict" or "archival"; "basic" when left out
//	password  of a protected document; "" when left out
//	fetch     asks issuers for the newest status: fetch(url, body, type) returns a promise of a Uint8Array; nobody is asked when left
//	          out. type is "application/ocsp-request" with a request as body, which names a certificate by its number; or
//	          "application/pkix-crl" or "application/pkix-cert" with null. The addresses come out of the document: whom to ask, and
//	          by which way, is the page's decision
//	progress  progress(share), called now and then with a number up to 1 while a large document is read
//
// Any other key is refused, because a misspelt one would be a check left out. A call keeps nothing of a document: the next one gets the file again.
//
// absah.verify judges the document. Its own key:
//
//	view      "id" or "en": the answer for a page, in this language; not made when left out
//
//	{ report, words: { id, en }, view? }   report is the line that absah verify --json prints, for JSON.parse; words is the same for a
//	                                       person, plain text in both languages: show it as textContent; view is an object with every
//	                                       text of a page, see package internal/answer
//
// absah.revision tells how many bytes from the start of the file are the document as it was signed. Its own key:
//
//	signature  which, by its place in the report, counted from 0
//
//	{ size }   0 where that cannot be told
//
// absah.report, which only the program with the tag report has (it is larger by fonts and templates), writes the answer down. Its own keys:
//
//	form      "html", "pdf", "xml" (ETSI TS 119 102-2), "json", or "package", a ZIP file with all evidence
//	language  "id" or "en"
//	files     instead of file, name and password: an array of objects with these keys, for one report about all of them
//
//	{ name, type, bytes }    a name for the file, its media type, and a Uint8Array
//
// Both programs can be run in one worker; the later one adds its functions to absah.
//
// absah.certify and absah.sign, which only the program with the tag exercise has, are for the teaching page. certify takes { name, key },
// a P-256 key as SubjectPublicKeyInfo, and answers { anchors, certificate }: a certificate that says in its name that it is for
// practice, and the trust package to judge it by. sign takes { file, sign, box }: sign(bytes) returns a promise of the signature that
// crypto.subtle makes over them, box is where it is shown; it answers { bytes }, the signed file. These two keep the authority until the
// program ends.
//
// All of them may answer
//
//	{ error: { code, message } }    the question could not be answered; message is English
//
// The codes of errors: "request" (a key is wrong), "anchors" (not readable as such), "not-pdf", "password" (missing or wrong),
// "document" (too damaged, too large or too strange to be judged), "read" (the read function failed), "internal" (a fault of this
// program; the verifier can still be used).
//
// Memory: documents up to a few megabytes are copied, larger ones read in pieces. What is to be hashed, up to 64 MB, is given to
// crypto.subtle as a whole where a page has it (a secure context); what is larger is hashed here in pieces of 4 MB. A worker that met
// a large document keeps the memory until it ends. Time: honest files take milliseconds to a second. A hostile one is bounded in work, not in seconds: whoever
// waits ends the worker after a time of their own choice and starts another.
package main

import (
	"runtime/debug"
	"syscall/js"
)

// softMemory is what the garbage collector aims to stay under on documents that ask for more than honest ones do.
const softMemory = 200 << 20

// calls are the functions for JavaScript.
var calls = map[string]func(js.Value) (any, error){"verify": verify, "revision": revision}

func main() {
	debug.SetMemoryLimit(softMemory)
	verifier := js.Global().Get("absah")
	if verifier.Type() != js.TypeObject { // else the other program is here already
		verifier = js.Global().Get("Object").New()
	}
	for name, call := range calls {
		verifier.Set(name, promised(name, call))
	}
	js.Global().Set("absah", verifier)
	select {} // the functions above are called from outside
}
