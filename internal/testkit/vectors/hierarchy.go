package main

import (
	"time"

	"absah/internal/pdf"
	"absah/pades"
)

// hierarchy: authorities in the likeness of Indonesia's, and old documents under them. An honest document is never called forged,
// however little can still be proven.
func hierarchy() []vector {
	var out []vector
	at := func(t time.Time) string { return t.Format(time.RFC3339) }
	then, late := time.Date(2026, 3, 10, 10, 0, 0, 0, wib), time.Date(2026, 11, 2, 9, 0, 0, 0, wib)
	add := func(name, how string, t time.Time, e expect, build func(w *world) []byte) {
		out = append(out, vector{File: "hierarchy-" + name + ".pdf", Class: "HIERARCHY", How: how, At: at(t), Expect: e, build: build})
	}
	noStore := &status{}
	add("national", "national root, issuing CA, person; time-stamp and validation data inside", soon, valid().says("Induk nasional (contoh)", "National root (example)"), func(w *world) []byte {
		return w.approve(w.letter(letter{}))
	})
	add("national-bare", "the same without time-stamp and validation data, asked offline", soon, unsureFor("TRY_LATER", "revocation-unknown", "no-timestamp"), func(w *world) []byte {
		return w.sign(w.letter(letter{status: noStore}), signature{who: w.person})
	})
	add("unknown", "an authority that is not on the list", soon, unsureFor("NO_CERTIFICATE_CHAIN_FOUND").says("bukan berarti palsu", "not mean that it is fake"), func(w *world) []byte {
		return w.sign(w.letter(letter{}), signature{who: w.stranger, by: w.national})
	})
	add("closed", "the operator believes the authority until the end of 2025 only, and the signature is later", soon, unsureFor("NO_CERTIFICATE_CHAIN_FOUND_NO_POE", "anchor-out-of-date").says("CA instansi yang sudah ditutup (contoh)", "Closed agency CA (example)"), func(w *world) []byte {
		return w.sign(w.letter(letter{}), signature{who: w.late, by: w.national})
	})
	add("not-yet", "the operator believes the authority from 2027 on, and the signature is earlier", soon, unsureFor("NO_CERTIFICATE_CHAIN_FOUND", "anchor-not-yet").says("CA instansi mulai 2027 (contoh)", "Agency CA from 2027 (example)"), func(w *world) []byte {
		return w.sign(w.letter(letter{}), signature{who: w.early, by: w.national})
	})

	// The self-signed authority that expired in August 2026, its time-stamp authority under it.
	oldStatus := func(w *world) *status {
		a := w.old.when(then)
		a.answer = 30 * 24 * time.Hour
		return a.status(w.veteran, w.old.tsa)
	}
	old := func(stamped, dss bool) func(w *world) []byte {
		return func(w *world) []byte {
			l := letter{status: noStore}
			if dss {
				l.status = oldStatus(w)
			}
			s := signature{who: w.veteran, at: then, hole: 6000}
			if stamped {
				s.by = w.old
			}
			return w.sign(w.letter(l), s)
		}
	}
	add("old-then-plain", "self-signed authority, no time-stamp, validation data inside; judged while all was in force", then.Add(time.Hour), notes("no-timestamp").says("CA lama", "Former CA"), old(false, true))
	add("old-then-stamped", "the same with a time-stamp", then.Add(time.Hour), valid().says("CA lama", "Former CA"), old(true, true))
	add("old-plain", "no time-stamp, no validation data; judged after the authority expired", late, unsureFor("OUT_OF_BOUNDS_NO_POE"), old(false, false))
	add("old-stamped", "time-stamp, no validation data; judged after the authority expired", late, unsureFor("OUT_OF_BOUNDS_NO_POE"), old(true, false))
	add("old-plain-dss", "no time-stamp, validation data inside; judged after the authority expired", late, expect{Verdict: []string{"indeterminate"}, Indication: unsure, ID: sayUnsure, EN: tellUnsure}, old(false, true))
	add("old-stamped-dss", "time-stamp and validation data; judged after the authority of both expired: nothing proves that the time-stamp is older", late, expect{Verdict: []string{"indeterminate"}, Indication: unsure, ID: sayUnsure, EN: tellUnsure}, old(true, true))
	add("old-archived", "time-stamp and validation data, and a document time-stamp of the national authority from before the old one expired", late, valid().says("CA lama", "Former CA"), func(w *world) []byte {
		a := w.national.when(time.Date(2026, 3, 20, 10, 0, 0, 0, wib))
		a.answer = 400 * 24 * time.Hour
		doc := stamp(old(true, true)(w), a)
		return update(doc, func(v *pdf.View, u *pdf.Update) { // what is known about the newer authority
			more := store(func(o pdf.Object) pdf.Ref { r := u.Alloc(); u.Set(r, o); return r }, a.status(w.national.tsa))
			catalog, root, err := v.Catalog()
			must(0, err)
			have := must(v.Dict(catalog["DSS"]))
			for _, k := range []pdf.Name{"OCSPs", "CRLs"} {
				list := must(v.Array(have[k]))
				more[k] = append(append(pdf.Array{}, list...), more[k].(pdf.Array)...)
			}
			ref, indirect := catalog["DSS"].(pdf.Ref)
			if !indirect {
				ref = root
			}
			edit(v, u, ref.Num, more)
		})
	})
	// A forged letter under the old name stays forged.
	add("old-changed", "the old document with another amount", late, invalid("modified"), func(w *world) []byte {
		return set(old(true, true)(w), objContent, text(forgedLetter))
	})
	return out
}

// gateway: what the signing gateways of both generations write.
func gateway() []vector {
	var out []vector
	add := func(name, how string, e expect, build func(w *world) []byte) {
		out = append(out, vector{File: "gateway-" + name + ".pdf", Class: "HIERARCHY", How: how, Expect: e, build: build})
	}
	known := func(w *world) *status {
		return w.national.status(w.bsre, w.national.tsa)
	}
	none := &status{}
	add("v1", "first generation: adbe.pkcs7.detached, field sig_ and milliseconds, signing-time attribute, time-stamp, no validation data; asked offline", unsureFor("TRY_LATER", "revocation-unknown"), func(w *world) []byte {
		return w.sign(w.letter(letter{status: none, version: "1.4"}), signature{who: w.bsre, by: w.national, sub: "adbe.pkcs7.detached", field: "sig_1789353000123", time: true, hole: 8000})
	})
	add("v1-status", "the same, where the document already held what is known about the certificate", valid(), func(w *world) []byte {
		return w.sign(w.letter(letter{status: known(w), version: "1.4"}), signature{who: w.bsre, by: w.national, sub: "adbe.pkcs7.detached", field: "sig_1789353000123", time: true, hole: 8000})
	})
	add("v2", "second generation: ETSI.CAdES.detached, field esc_ and milliseconds, PAdES B-LT", valid().says("PAdES-BASELINE-LT", "PAdES-BASELINE-LT"), func(w *world) []byte {
		return extend(w.sign(w.letter(letter{status: none}), signature{who: w.bsre, by: w.national, field: "esc_1789353000123", hole: 8000}), pades.LevelLT, w.national)
	})
	add("test-user", "the public test user's profile: critical purpose of Adobe's alone, four policies; certified with P 3, no time-stamp, no validation data; asked offline", unsureFor("TRY_LATER", "no-timestamp"), func(w *world) []byte {
		return w.sign(w.letter(letter{status: none}), signature{who: w.bsre, field: "Signature_1789353000123", certify: pdf.Integer(3), time: true, hole: 8000})
	})
	return out
}
