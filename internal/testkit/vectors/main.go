// Command vectors writes the folder vectors: small signed PDFs, forged and honest, that no public collection has, and
// manifest.json, which says of each how it was made and what a verifier owes. From the root of the module:
//
//	go run ./internal/testkit/vectors
//
// The same bytes come out every time: keys are made from their names, signatures are deterministic, and times are fixed. All names
// in the files are fictional, and the keys protect nothing.
package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// vector is one file with what is owed for it. The JSON form is a line of the manifest.
type vector struct {
	File   string `json:"file"`
	Class  string `json:"class"`          // of attack, or HONEST, or HIERARCHY
	Twin   string `json:"twin,omitempty"` // of an attack: the honest file beside it, which must stay valid
	How    string `json:"how"`            // how it was made
	At     string `json:"at"`             // the time of judgement, RFC 3339
	Expect expect `json:"expect"`

	build func(w *world) []byte
}

// expect is the verdict that is owed, offline, under the policy basic, with trust.json.
type expect struct {
	Verdict       []string `json:"verdict"`                 // one of these; "error": a clear refusal to answer
	Indication    string   `json:"indication,omitempty"`    // of some signature
	SubIndication string   `json:"subIndication,omitempty"` // of the same one; "": any
	Codes         []string `json:"codes,omitempty"`         // findings that must be there, of level warn or fail
	ID            []string `json:"id,omitempty"`            // what a person must read, in Indonesian
	EN            []string `json:"en,omitempty"`            // and in English
}

// manifest is the file manifest.json.
type manifest struct {
	About   string   `json:"about"`
	Trust   string   `json:"trust"`
	Policy  string   `json:"policy"`
	Vectors []vector `json:"vectors"`
}

// all lists the vectors by family.
func all() []vector {
	var out []vector
	for _, family := range [][]vector{
		honest(), forgery(), saving(), wrapping(), ranges(), shadow(), annotation(), field(), certification(), masking(), objectStream(), lookalike(), message(), change(), bare(), loop(),
		hierarchy(), gateway(),
	} {
		out = append(out, family...)
	}
	for i := range out {
		if out[i].At == "" {
			out[i].At = soon.Format(time.RFC3339)
		}
	}
	return out
}

// files makes everything that the folder holds.
func files() map[string][]byte {
	w, list := newWorld(), all()
	out := map[string][]byte{"trust.json": w.trustPackage()}
	for _, v := range list {
		out[v.File] = v.build(w)
	}
	m := manifest{
		About: "Signed PDFs made by internal/testkit/vectors, and the verdicts owed for them. README.md tells more.",
		Trust: "trust.json", Policy: "basic", Vectors: list,
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	must(0, enc.Encode(m))
	out["manifest.json"] = b.Bytes()
	return out
}

func main() {
	dir := flag.String("dir", "vectors", "folder to write to")
	flag.Parse()
	total := 0
	for name, b := range files() {
		must(0, os.WriteFile(filepath.Join(*dir, name), b, 0o644))
		total += len(b)
	}
	fmt.Printf("%d bytes in %s\n", total, *dir)
}

// must is for what cannot fail: everything here is our own.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
