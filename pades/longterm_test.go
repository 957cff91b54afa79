package pades_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"absah/internal/cms"
	"absah/internal/ocsp"
	"absah/internal/pdf"
	"absah/internal/testkit"
	"absah/pades"
	"absah/trust"
)

const day = 24 * time.Hour

// history is the life of a document: who signed, what came later, and when it is judged.
type history struct {
	*testing.T
	*testkit.PKI
	start   time.Time
	doc     []byte
	offline bool // when judged
	stamped bool // craft adds a signature time-stamp
	unbound bool // craft leaves out the signing-certificate attribute
	policy  trust.Policy
	facts   func(*pades.Evidence) // changes what was found, for what nobody could be made to sign
}

func newHistory(t *testing.T) *history {
	h := &history{T: t, PKI: testkit.NewPKI(t, nil), doc: testkit.Document(t, 1), policy: trust.Basic()}
	h.start = h.Now
	h.policy.Anchors = h.Anchors(t)
	// Below the root, so that it outlives the issuing CA.
	h.NewTSA(t, "TSA Contoh", h.start.AddDate(0, -1, 0), h.start.Add(8*365*day))
	return h
}

// at turns the clock to so many days after the start.
func (h *history) at(days int) { h.Now = h.start.Add(time.Duration(days) * day) }

func (h *history) sign(level pades.Level) { h.signBy(h.Signer, level, h.Now) }

// signBy signs with a claimed time.
func (h *history) signBy(id *testkit.Identity, level pades.Level, claimed time.Time) {
	h.Helper()
	o := options(h.PKI, level)
	o.Certificate, o.Chain, o.Time = id.Certificate.Raw, id.Chain, claimed
	var out bytes.Buffer
	if err := pades.Sign(context.Background(), &out, bytes.NewReader(h.doc), int64(len(h.doc)), id.Key, o); err != nil {
		h.Fatalf("Sign: %v", err)
	}
	h.doc = out.Bytes()
}

func (h *history) extend(level pades.Level) { h.doc = extend(h.T, h.PKI, h.doc, level) }

// person takes a signer with these dates, in days from the start, into use.
func (h *history) person(from, to int, k crypto.Signer, change func(*x509.Certificate)) {
	h.Signer = h.Issue(h.T, h.Issuing, "Budi Contoh", k, h.start.Add(time.Duration(from)*day), h.start.Add(time.Duration(to)*day), change)
}

// otherFirst has another person sign at level B-LTA, so that what follows covers a document time-stamp.
func (h *history) otherFirst() {
	h.signBy(h.NewSigner(h.T, "Siti Contoh", nil), pades.LevelLTA, h.Now)
}

func (h *history) gather(at time.Time) *pades.Evidence {
	h.Helper()
	o := pades.GatherOptions{}
	if h.Now = at; !h.offline {
		o = pades.GatherOptions{Fetcher: h.PKI, Time: at, Anchors: h.policy.Anchors}
	}
	e, err := pades.Gather(context.Background(), bytes.NewReader(h.doc), int64(len(h.doc)), o)
	if err != nil {
		h.Fatal(err)
	}
	if h.facts != nil {
		h.facts(e)
	}
	return e
}

func (h *history) judge(at time.Time) *pades.Report {
	h.Helper()
	p := h.policy
	p.Time = at
	return pades.Judge(h.gather(at), p)
}

// sunset sets the day from which keys of a kind are not acceptable any more.
func (h *history) sunset(algorithm string, days int) {
	h.policy.Algorithms = slices.Clone(h.policy.Algorithms)
	h.policy.Algorithms = slices.DeleteFunc(h.policy.Algorithms, func(l trust.AlgorithmLimit) bool { return l.Algorithm == algorithm })
	if days >= 0 {
		h.policy.Algorithms = append(h.policy.Algorithms, trust.AlgorithmLimit{Algorithm: algorithm, Until: h.start.Add(time.Duration(days) * day), Source: "test"})
	}
}

func rsaKey(t *testing.T) crypto.Signer {
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// craft signs with a CMS of any kind; attributes gets the document's SHA-256.
func (h *history) craft(sub pdf.Name, o cms.SignerOptions, attributes func(digest []byte) []cms.Attribute) {
	h.Helper()
	doc := update(h.T, h.doc, func(v *pdf.View, u *pdf.Update) {
		sig, field := u.Alloc(), u.Alloc()
		u.Set(sig, pdf.Dict{
			"Type": pdf.Name("Sig"), "Filter": pdf.Name("Adobe.PPKLite"), "SubFilter": sub, "M": pdf.String(h.Now.UTC().Format("D:20060102150405Z")),
			"ByteRange": pdf.Literal{Bytes: []byte("[0 @@@@@@@@@ @@@@@@@@@ @@@@@@@@@]")}, "Contents": pdf.Literal{Bytes: []byte("<" + strings.Repeat("0", 16384) + ">")},
		})
		u.Set(field, pdf.Dict{
			"FT": pdf.Name("Sig"), "T": pdf.String("rakitan"), "V": sig, "Type": pdf.Name("Annot"), "Subtype": pdf.Name("Widget"),
			"Rect": pdf.Array{pdf.Integer(0), pdf.Integer(0), pdf.Integer(0), pdf.Integer(0)},
		})
		catalog, root, err := v.Catalog()
		if err != nil {
			h.Fatal(err)
		}
		form, _ := v.Dict(catalog["AcroForm"])
		list, _ := v.Array(form["Fields"])
		edit(root.Num, pdf.Dict{"AcroForm": pdf.Dict{"Fields": append(slices.Clone(list), field), "SigFlags": pdf.Integer(3)}})(v, u)
	})
	from := bytes.LastIndex(doc, []byte("<00000000"))
	to := from + 16386
	doc = bytes.Replace(doc, []byte("[0 @@@@@@@@@ @@@@@@@@@ @@@@@@@@@]"), fmt.Appendf(nil, "[0 %9d %9d %9d]", from, to, len(doc)-to), 1)
	sum := sha256.Sum256(slices.Concat(doc[:from], doc[to:]))
	o.Certificate, o.Chain = h.Signer.Certificate.Raw, h.Signer.Chain
	o.OmitSigningCertificate = h.unbound
	if attributes != nil {
		o.ExtraSigned = attributes(sum[:])
	}
	s, err := cms.NewSigner(o)
	if err != nil {
		h.Fatal(err)
	}
	value, err := s.Sign(rand.Reader, h.Signer.Key, sum[:], nil)
	if err != nil {
		h.Fatal(err)
	}
	if h.stamped {
		sd, err := cms.Parse(value)
		if err != nil {
			h.Fatal(err)
		}
		imprint := sha256.Sum256(sd.SignerInfos[0].Signature)
		token, err := h.Timestamp(context.Background(), crypto.SHA256, imprint[:])
		if err != nil {
			h.Fatal(err)
		}
		if value, err = cms.AddUnsigned(value, cms.Attribute{OID: cms.OIDSignatureTimeStamp, Values: [][]byte{token}}); err != nil {
			h.Fatal(err)
		}
	}
	copy(doc[from+1:], fmt.Sprintf("%x", value))
	h.doc = doc
}

// contentStamped signs with a content-time-stamp from now.
func (h *history) contentStamped() {
	h.craft("ETSI.CAdES.detached", cms.SignerOptions{}, func(digest []byte) []cms.Attribute {
		token, err := h.Timestamp(context.Background(), crypto.SHA256, digest)
		if err != nil {
			h.Fatal(err)
		}
		return []cms.Attribute{{OID: cms.OIDContentTimeStamp, Values: [][]byte{token}}}
	})
}

// withStatus signs with an OCSP answer among the signed attributes, as ISO 32000-2 §12.8.3.3.2 has it.
func (h *history) withStatus() {
	issuer, err := trust.ParseCertificate(h.Issuing.Certificate.Raw)
	if err != nil {
		h.Fatal(err)
	}
	request, err := ocsp.NewRequest([]ocsp.CertID{ocsp.NewCertID(crypto.SHA1, issuer.RawSubject, issuer.KeyBits, h.Signer.Certificate.SerialNumber)}, nil)
	if err != nil {
		h.Fatal(err)
	}
	answer, err := h.OCSP(context.Background(), h.Signer.Certificate.OCSPServer[0], request)
	if err != nil {
		h.Fatal(err)
	}
	value, err := asn1.Marshal(struct {
		OCSP []asn1.RawValue `asn1:"explicit,tag:1"`
	}{[]asn1.RawValue{{FullBytes: answer}}})
	if err != nil {
		h.Fatal(err)
	}
	h.craft("ETSI.CAdES.detached", cms.SignerOptions{}, func([]byte) []cms.Attribute {
		return []cms.Attribute{{OID: cms.OIDAdbeRevocationInfoArchival, Values: [][]byte{value}}}
	})
}

// underPolicy signs under the signature policy 1.2.3.4, whose document is this text.
func (h *history) underPolicy(text string) {
	sum := sha256.Sum256([]byte(text))
	value, err := asn1.Marshal(struct {
		ID   asn1.ObjectIdentifier
		Hash struct {
			Algorithm pkix.AlgorithmIdentifier
			Value     []byte
		}
	}{asn1.ObjectIdentifier{1, 2, 3, 4}, struct {
		Algorithm pkix.AlgorithmIdentifier
		Value     []byte
	}{pkix.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}}, sum[:]}})
	if err != nil {
		h.Fatal(err)
	}
	h.craft("ETSI.CAdES.detached", cms.SignerOptions{}, func([]byte) []cms.Attribute {
		return []cms.Attribute{{OID: cms.OIDSignaturePolicy, Values: [][]byte{value}}}
	})
}

// TestLongTerm tells histories of documents and asks for the indication of the last signature by a person, unless another is named. What
// cannot be proven is INDETERMINATE; TOTAL_FAILED needs proof.
func TestLongTerm(t *testing.T) {
	const (
		passed = pades.TotalPassed
		doubt  = pades.IndeterminateValue
		failed = pades.TotalFailed
	)
	seen := map[string]bool{}
	for _, c := range []struct {
		name    string
		clause  string // of EN 319 102-1, unless it says otherwise
		tell    func(h *history)
		days    int // when it is judged
		want    pades.Indication
		sub     string
		code    string // of a finding that says why
		process trust.Process
		index   int // of the signature, counted from the end; 0: the last one by a person
	}{
		// The certificate's end.
		{name: "signed", clause: "§5.3", tell: func(h *history) { h.sign(pades.LevelB) }, want: passed, code: "no-timestamp", process: trust.ProcessBasic},
		{name: "signed, expired", clause: "§5.2.6", tell: func(h *history) { h.sign(pades.LevelB) }, days: 1000, want: doubt, sub: pades.SubOutOfBoundsNoPOE, code: "expired"},
		{name: "signed, expired, known not to be revoked", clause: "§5.2.6", tell: func(h *history) {
			h.sign(pades.LevelB)
			h.ArchiveCutoff = h.start.AddDate(-1, 0, 0)
		}, days: 1000, want: doubt, sub: pades.SubOutOfBoundsNotRevoked, code: "expired"},
		{name: "time-stamped, expired, CA keeps the status", clause: "§5.5", tell: func(h *history) {
			h.sign(pades.LevelT)
			h.ArchiveCutoff = h.start.AddDate(-1, 0, 0)
		}, days: 1000, want: passed, process: trust.ProcessLongTerm},
		{name: "time-stamped, expired, nobody knows the status", clause: "§5.5", tell: func(h *history) { h.sign(pades.LevelT) }, days: 1000, want: doubt, sub: pades.SubTryLater, code: "revocation-unknown"},
		{name: "with validation data, expired", clause: "§5.5", tell: func(h *history) { h.sign(pades.LevelLT) }, days: 1000, want: passed, process: trust.ProcessLongTerm},
		{name: "archived, expired", clause: "§5.6", tell: func(h *history) { h.sign(pades.LevelLTA) }, days: 1000, want: passed, process: trust.ProcessArchival},
		{name: "archived, basic process", clause: "§5.3", tell: func(h *history) {
			h.sign(pades.LevelLTA)
			h.policy.Process = trust.ProcessBasic
		}, days: 1000, want: doubt, sub: pades.SubOutOfBoundsNoPOE, process: trust.ProcessBasic},
		{name: "time-stamped by a document time-stamp alone, long-term process", clause: "§5.5", tell: func(h *history) {
			h.sign(pades.LevelB)
			h.extend(pades.LevelLTA)
			h.policy.Process = trust.ProcessLongTerm
		}, days: 1000, want: doubt, sub: pades.SubOutOfBoundsNoPOE, process: trust.ProcessBasic},
		{name: "time-stamped by a document time-stamp alone", clause: "§5.6", tell: func(h *history) {
			h.sign(pades.LevelB)
			h.extend(pades.LevelLTA)
		}, days: 1000, want: passed, process: trust.ProcessArchival},
		{name: "signed after the end, and says so by a covered time-stamp", clause: "§5.3", tell: func(h *history) {
			h.person(-300, -30, nil, nil)
			h.otherFirst()
			h.signBy(h.Signer, pades.LevelB, h.start.Add(-40*day)) // backdated
		}, want: failed, sub: pades.SubExpired, code: "signed-after-expiry"},
		{name: "signed after the end, content-time-stamp", clause: "§5.3", tell: func(h *history) {
			h.person(-300, -30, nil, nil)
			h.contentStamped()
		}, want: failed, sub: pades.SubExpired, code: "signed-after-expiry"},
		{name: "the covered time-stamp is before the end", clause: "§5.3", tell: func(h *history) {
			h.person(-300, 30, nil, nil)
			h.otherFirst()
			h.sign(pades.LevelB)
		}, days: 40, want: doubt, sub: pades.SubOutOfBoundsNoPOE},
		{name: "time-stamped before the certificate began", clause: "§5.5", tell: func(h *history) {
			h.person(10, 300, nil, nil)
			h.signBy(h.Signer, pades.LevelT, h.start.Add(11*day))
		}, days: 20, want: failed, sub: pades.SubNotYetValid},
		{name: "signed before the certificate began", clause: "§5.2.6", tell: func(h *history) {
			h.person(10, 300, nil, nil)
			h.signBy(h.Signer, pades.LevelB, h.start.Add(11*day))
		}, want: doubt, sub: pades.SubOutOfBoundsNotRevoked, code: "not-yet-valid"},

		// Revocation of the signer.
		{name: "revoked", clause: "§5.2.6", tell: func(h *history) {
			h.sign(pades.LevelB)
			h.Revoke(h.Signer, h.start.Add(10*day), 1)
		}, days: 20, want: doubt, sub: pades.SubRevokedNoPOE, code: "revoked"},
		{name: "revoked, time-stamped before", clause: "§5.5", tell: func(h *history) {
			h.sign(pades.LevelT)
			h.Revoke(h.Signer, h.start.Add(10*day), 1)
		}, days: 20, want: passed, code: "revoked-later", process: trust.ProcessLongTerm},
		{name: "revoked, time-stamped after", clause: "§5.5", tell: func(h *history) {
			h.Revoke(h.Signer, h.start.Add(-10*day), 1)
			h.sign(pades.LevelT)
		}, days: 20, want: doubt, sub: pades.SubRevokedNoPOE, code: "revoked"},
		{name: "revoked, archived before", clause: "§5.6", tell: func(h *history) {
			h.sign(pades.LevelLTA)
			h.Revoke(h.Signer, h.start.Add(10*day), 1)
		}, days: 1000, want: passed, process: trust.ProcessArchival},
		{name: "signed after revocation, and says so by a covered time-stamp", clause: "§5.3", tell: func(h *history) {
			h.Revoke(h.Signer, h.start.Add(-10*day), 1)
			h.otherFirst()
			h.signBy(h.Signer, pades.LevelB, h.start.Add(-20*day)) // backdated
		}, want: failed, sub: pades.SubRevoked, code: "signed-after-revocation"},
		{name: "signed after revocation, content-time-stamp", clause: "§5.3", tell: func(h *history) {
			h.Revoke(h.Signer, h.start.Add(-10*day), 1)
			h.contentStamped()
		}, want: failed, sub: pades.SubRevoked, code: "signed-after-revocation"},
		{name: "signed after revocation, content-time-stamp of a stranger", clause: "§5.4", tell: func(h *history) {
			h.Revoke(h.Signer, h.start.Add(-10*day), 1)
			own := h.TSA
			h.TSA = testkit.NewPKI(h.T, nil).TSA
			h.contentStamped()
			h.TSA = own
		}, want: doubt, sub: pades.SubRevokedNoPOE, code: "timestamp-untrusted"},
		{name: "on hold", clause: "§5.2.6", tell: func(h *history) {
			h.sign(pades.LevelB)
			h.Revoke(h.Signer, h.start.Add(10*day), 6)
		}, days: 20, want: doubt, sub: pades.SubTryLater, code: "status-due"},
		{name: "on hold, time-stamped before", clause: "§5.6.2.4", tell: func(h *history) {
			h.sign(pades.LevelT)
			h.Revoke(h.Signer, h.start.Add(10*day), 6)
		}, days: 20, want: passed},
		{name: "status not at hand", clause: "§5.2.6", tell: func(h *history) {
			h.sign(pades.LevelB)
			h.offline = true
		}, want: doubt, sub: pades.SubTryLater, code: "revocation-unknown"},

		// Revocation of a CA.
		{name: "CA revoked", clause: "§5.2.6", tell: func(h *history) {
			h.sign(pades.LevelB)
			h.Revoke(h.Issuing, h.start.Add(10*day), 2)
		}, days: 20, want: doubt, sub: pades.SubRevokedCANoPOE, code: "revoked"},
		{name: "CA revoked, time-stamped before, status not proven", clause: "§5.6.2.4", tell: func(h *history) {
			h.sign(pades.LevelLT)
			h.Revoke(h.Issuing, h.start.Add(10*day), 2)
		}, days: 50, want: doubt, sub: pades.SubRevokedCANoPOE, code: trust.CodeNoProofBeforeRevocation},
		{name: "CA revoked, archived before", clause: "§5.6.2.4", tell: func(h *history) {
			h.sign(pades.LevelLTA)
			h.Revoke(h.Issuing, h.start.Add(10*day), 2)
		}, days: 50, want: passed, process: trust.ProcessArchival},
		{name: "CA revoked, archived after", clause: "§5.6.2.4", tell: func(h *history) {
			h.sign(pades.LevelLT)
			h.at(15)
			h.extend(pades.LevelLTA)
			h.Revoke(h.Issuing, h.start.Add(10*day), 2)
		}, days: 50, want: doubt, sub: pades.SubRevokedCANoPOE, code: trust.CodeNoProofBeforeRevocation},

		{name: "CA revoked, status among the signed attributes, time-stamped before", clause: "§5.6.2.3", tell: func(h *history) {
			h.stamped = true
			h.withStatus()
			h.Revoke(h.Issuing, h.start.Add(10*day), 2)
		}, days: 50, want: passed, process: trust.ProcessLongTerm},
		{name: "CA revoked, status among the signed attributes, document time-stamp before", clause: "§5.6.2.3", tell: func(h *history) {
			h.withStatus()
			h.docTimestamp()
			h.Revoke(h.Issuing, h.start.Add(10*day), 2)
		}, days: 50, want: passed, process: trust.ProcessArchival},
		{name: "CA revoked, status among the signed attributes, document time-stamp after", clause: "§5.6.2.3", tell: func(h *history) {
			h.withStatus()
			h.at(15)
			h.docTimestamp()
			h.Revoke(h.Issuing, h.start.Add(10*day), 2)
		}, days: 50, want: doubt, sub: pades.SubRevokedCANoPOE},

		{name: "CA revoked, certificate not named by the signature, time-stamped before", clause: "§5.6.2.3", tell: func(h *history) {
			h.stamped, h.unbound = true, true
			h.withStatus()
			h.Revoke(h.Issuing, h.start.Add(10*day), 2)
		}, days: 50, want: doubt, sub: pades.SubRevokedCANoPOE, code: trust.CodeNoProofBeforeRevocation},
		{name: "CA revoked, certificate not named by the signature, document time-stamp before", clause: "§5.6.2.3", tell: func(h *history) {
			h.unbound = true
			h.withStatus()
			h.docTimestamp()
			h.Revoke(h.Issuing, h.start.Add(10*day), 2)
		}, days: 50, want: passed, process: trust.ProcessArchival},

		// Time-stamp authorities.
		{name: "TSA expired, signer too", clause: "§5.4", tell: func(h *history) {
			h.NewTSA(h.T, "TSA Pendek", h.start.AddDate(0, -1, 0), h.start.Add(100*day))
			h.sign(pades.LevelLT)
		}, days: 1000, want: doubt, sub: pades.SubOutOfBoundsNoPOE, code: "timestamp-untrusted"},
		{name: "TSA expired, signer not", clause: "§5.3", tell: func(h *history) {
			h.NewTSA(h.T, "TSA Pendek", h.start.AddDate(0, -1, 0), h.start.Add(100*day))
			h.sign(pades.LevelLT)
		}, days: 200, want: passed, code: "timestamp-untrusted", process: trust.ProcessBasic},
		{name: "renewed by a newer TSA", clause: "§5.6.3", tell: func(h *history) {
			h.NewTSA(h.T, "TSA Pendek", h.start.AddDate(0, -1, 0), h.start.Add(100*day))
			h.sign(pades.LevelLTA)
			h.at(90)
			h.NewTSA(h.T, "TSA Baru", h.start, h.start.Add(2000*day))
			h.extend(pades.LevelLTA)
		}, days: 1000, want: passed, process: trust.ProcessArchival},
		{name: "renewed too late", clause: "§5.6.3", tell: func(h *history) {
			h.NewTSA(h.T, "TSA Pendek", h.start.AddDate(0, -1, 0), h.start.Add(100*day))
			h.sign(pades.LevelB)
			h.extend(pades.LevelLTA)
			h.at(800)
			h.NewTSA(h.T, "TSA Baru", h.start, h.start.Add(2000*day))
			h.docTimestamp()
		}, days: 1000, want: doubt, sub: pades.SubOutOfBoundsNoPOE, code: "expired"},
		{name: "TSA revoked for compromise", clause: "RFC 3161 §4", tell: func(h *history) {
			h.sign(pades.LevelLT)
			h.Revoke(h.TSA, h.start.Add(10*day), 1)
		}, days: 1000, want: doubt, sub: pades.SubOutOfBoundsNoPOE, code: "timestamp-untrusted"},
		{name: "TSA revoked without a reason", clause: "RFC 3161 §4", tell: func(h *history) {
			h.sign(pades.LevelLT)
			h.Revoke(h.TSA, h.start.Add(10*day), -1)
		}, days: 1000, want: doubt, sub: pades.SubOutOfBoundsNoPOE, code: "timestamp-untrusted"},
		{name: "TSA retired", clause: "RFC 3161 §4", tell: func(h *history) {
			h.sign(pades.LevelLT)
			h.Revoke(h.TSA, h.start.Add(10*day), 4)
		}, days: 1000, want: passed, process: trust.ProcessLongTerm},
		{name: "TSA retired before the token", clause: "RFC 3161 §4", tell: func(h *history) {
			h.sign(pades.LevelLT)
			h.Revoke(h.TSA, h.start.Add(-10*day), 4)
		}, days: 1000, want: doubt, sub: pades.SubOutOfBoundsNoPOE, code: "timestamp-untrusted"},
		{name: "TSA retired and expired", clause: "§5.4", tell: func(h *history) {
			h.NewTSA(h.T, "TSA Pendek", h.start.AddDate(0, -1, 0), h.start.Add(100*day))
			h.sign(pades.LevelLT)
			h.Revoke(h.TSA, h.start.Add(10*day), 4)
		}, days: 1000, want: doubt, sub: pades.SubOutOfBoundsNoPOE, code: "timestamp-untrusted"},
		{name: "TSA revoked after another TSA archived", clause: "§5.6.3", tell: func(h *history) {
			h.sign(pades.LevelLT)
			old := h.TSA
			h.at(5)
			h.NewTSA(h.T, "TSA Baru", h.start, h.start.Add(2000*day))
			h.extend(pades.LevelLTA)
			h.Revoke(old, h.start.Add(10*day), 1)
		}, days: 1000, want: passed, process: trust.ProcessArchival},
		{name: "TSA revoked before another TSA archived", clause: "§5.6.3", tell: func(h *history) {
			h.sign(pades.LevelB)
			old := h.TSA
			h.doc = extend(h.T, h.PKI, h.doc, pades.LevelLT)
			h.at(800)
			h.NewTSA(h.T, "TSA Baru", h.start, h.start.Add(2000*day))
			h.docTimestamp()
			h.Revoke(old, h.start.Add(10*day), 1)
		}, days: 1000, want: doubt, sub: pades.SubOutOfBoundsNoPOE},
		{name: "token of another signature", clause: "§5.4", tell: func(h *history) {
			h.sign(pades.LevelT)
			h.facts = func(e *pades.Evidence) { e.Signatures[0].Timestamps[0].ImprintMatches = false }
		}, days: 1000, want: doubt, sub: pades.SubOutOfBoundsNoPOE, code: "timestamp-imprint"},

		// Order.
		{name: "document time-stamp before the signature's", clause: "§5.6.3", tell: func(h *history) {
			h.sign(pades.LevelT)
			h.at(-3)
			h.docTimestamp()
		}, days: 1, want: doubt, sub: pades.SubTimestampOrderFailure, code: "timestamp-order"},
		{name: "covered document time-stamp after the signature's", clause: "§5.5", tell: func(h *history) {
			h.at(3)
			h.otherFirst()
			h.at(0)
			h.sign(pades.LevelT)
		}, days: 4, want: doubt, sub: pades.SubTimestampOrderFailure, code: "timestamp-order-covered"},
		{name: "two document time-stamps in the wrong order prove the older one's time nothing", clause: "§5.6.3", tell: func(h *history) {
			h.sign(pades.LevelB)
			h.at(3)
			h.docTimestamp()
			h.at(1)
			h.docTimestamp()
		}, days: 4, want: doubt, sub: pades.SubTimestampOrderFailure, code: "timestamp-order", index: 2},

		{name: "two document time-stamps in the wrong order, the certificate ends between their times", clause: "§5.6.3", tell: func(h *history) {
			h.person(-30, 2, nil, nil)
			h.sign(pades.LevelB)
			h.at(3)
			h.docTimestamp()
			h.at(1)
			h.docTimestamp()
			h.ArchiveCutoff = h.start.AddDate(-1, 0, 0)
		}, days: 4, want: passed, code: "timestamp-order", process: trust.ProcessArchival},

		// Algorithms.
		{name: "key weak", clause: "§5.2.8", tell: func(h *history) {
			h.person(-30, 700, rsaKey(h.T), nil)
			h.sunset("RSA", 10)
			h.sign(pades.LevelB)
		}, days: 20, want: doubt, sub: pades.SubCryptoConstraintsNoPOE, code: "weak-algorithm"},
		{name: "key weak, time-stamped while strong", clause: "§5.6.2.4", tell: func(h *history) {
			h.person(-30, 700, rsaKey(h.T), nil)
			h.sunset("RSA", 10)
			h.sign(pades.LevelT)
		}, days: 20, want: passed, process: trust.ProcessLongTerm},
		{name: "key weak, archived while strong", clause: "§5.6.2.4", tell: func(h *history) {
			h.person(-30, 700, rsaKey(h.T), nil)
			h.sunset("RSA", 10)
			h.sign(pades.LevelLTA)
		}, days: 20, want: passed, process: trust.ProcessArchival},
		{name: "key weak, time-stamped too late", clause: "§5.6.2.4", tell: func(h *history) {
			h.person(-30, 700, rsaKey(h.T), nil)
			h.sunset("RSA", 10)
			h.sign(pades.LevelB)
			h.at(15)
			h.extend(pades.LevelLTA)
		}, days: 20, want: doubt, sub: pades.SubCryptoConstraintsNoPOE, code: "weak-algorithm"},
		{name: "signed when the key was weak", clause: "§5.3", tell: func(h *history) {
			h.person(-30, 700, rsaKey(h.T), nil)
			h.sunset("RSA", 10)
			h.at(15)
			h.otherFirst()
			h.sign(pades.LevelB)
		}, days: 20, want: doubt, sub: pades.SubCryptoConstraintsFailure, code: "signed-with-weak"},
		{name: "kind of key never acceptable", clause: "§5.2.8", tell: func(h *history) {
			h.person(-30, 700, rsaKey(h.T), nil)
			h.sunset("RSA", -1)
			h.sign(pades.LevelT)
		}, days: 20, want: doubt, sub: pades.SubCryptoConstraintsFailure, code: "weak-algorithm"},
		{name: "hash never acceptable", clause: "§5.2.8", tell: func(h *history) {
			k, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
			if err != nil {
				h.Fatal(err)
			}
			h.person(-30, 700, k, nil)
			h.sunset("SHA-384", -1)
			h.sign(pades.LevelB)
		}, days: 20, want: doubt, sub: pades.SubCryptoConstraintsFailure, code: "unknown-digest"},
		{name: "hash weak, time-stamp with the same hash", clause: "§5.4", tell: func(h *history) {
			k, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
			if err != nil {
				h.Fatal(err)
			}
			h.person(-30, 700, k, nil)
			h.sunset("SHA-384", 10)
			h.sign(pades.LevelT)
		}, days: 20, want: doubt, sub: pades.SubCryptoConstraintsNoPOE, code: "timestamp-weak"},
		{name: "hash weak, archived with a stronger one in time", clause: "§5.6.3", tell: func(h *history) {
			k, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
			if err != nil {
				h.Fatal(err)
			}
			h.person(-30, 700, k, nil)
			h.sunset("SHA-384", 10)
			h.sign(pades.LevelLT)
			h.docTimestamp()
		}, days: 20, want: passed, process: trust.ProcessArchival},

		// What must be proven when nobody can be asked any more.
		{name: "responder expired, archival policy", clause: "§5.2.6", tell: func(h *history) {
			h.NewIssuing(h.T, "CA Kedua", h.start.AddDate(0, -1, 0), h.start.Add(3000*day), h.start.Add(100*day))
			h.person(-30, 300, nil, nil)
			h.sign(pades.LevelLT)
			h.policy = archival(h.policy)
		}, days: 1000, want: doubt, sub: pades.SubRevocationOutOfBounds, code: "revocation-no-proof"},
		{name: "responder expired, basic policy", clause: "§5.5", tell: func(h *history) {
			h.NewIssuing(h.T, "CA Kedua", h.start.AddDate(0, -1, 0), h.start.Add(3000*day), h.start.Add(100*day))
			h.person(-30, 300, nil, nil)
			h.sign(pades.LevelLT)
		}, days: 1000, want: passed},
		{name: "responder expired, archived in time, archival policy", clause: "§5.6.2.4", tell: func(h *history) {
			h.NewIssuing(h.T, "CA Kedua", h.start.AddDate(0, -1, 0), h.start.Add(3000*day), h.start.Add(100*day))
			h.person(-30, 300, nil, nil)
			h.sign(pades.LevelLTA)
			h.policy = archival(h.policy)
		}, days: 1000, want: passed},
		{name: "CA expired, archival policy", clause: "§5.6.2.2", tell: func(h *history) {
			h.NewIssuing(h.T, "CA Kedua", h.start.AddDate(0, -1, 0), h.start.Add(400*day), h.start.Add(400*day))
			h.person(-30, 300, nil, nil)
			h.sign(pades.LevelLT)
			h.policy = archival(h.policy)
		}, days: 1000, want: doubt, sub: pades.SubNoPOE, code: trust.CodeNoProofBeforeExpiry},
		{name: "CA expired, archived in time, archival policy", clause: "§5.6.2.2", tell: func(h *history) {
			h.NewIssuing(h.T, "CA Kedua", h.start.AddDate(0, -1, 0), h.start.Add(400*day), h.start.Add(400*day))
			h.person(-30, 300, nil, nil)
			h.sign(pades.LevelLTA)
			h.policy = archival(h.policy)
		}, days: 1000, want: passed},

		{name: "everything expired, renewed twice in time, archival policy", clause: "§5.6.3", tell: func(h *history) {
			h.NewIssuing(h.T, "CA Kedua", h.start.AddDate(0, -1, 0), h.start.Add(400*day), h.start.Add(200*day))
			h.person(-30, 300, nil, nil)
			h.NewTSA(h.T, "TSA Pertama", h.start.AddDate(0, -1, 0), h.start.Add(100*day))
			h.sign(pades.LevelLTA)
			h.at(90)
			h.NewTSA(h.T, "TSA Kedua", h.start, h.start.Add(800*day))
			h.extend(pades.LevelLTA)
			h.at(700)
			h.NewTSA(h.T, "TSA Ketiga", h.start, h.start.Add(2000*day))
			h.extend(pades.LevelLTA)
			h.policy = archival(h.policy)
		}, days: 1500, want: passed, process: trust.ProcessArchival},
		{name: "everything expired, the first renewal too late, archival policy", clause: "§5.6.3", tell: func(h *history) {
			h.NewIssuing(h.T, "CA Kedua", h.start.AddDate(0, -1, 0), h.start.Add(400*day), h.start.Add(200*day))
			h.person(-30, 300, nil, nil)
			h.NewTSA(h.T, "TSA Pertama", h.start.AddDate(0, -1, 0), h.start.Add(100*day))
			h.sign(pades.LevelLTA)
			h.at(700)
			h.NewTSA(h.T, "TSA Ketiga", h.start, h.start.Add(2000*day))
			h.docTimestamp()
			h.policy = archival(h.policy)
		}, days: 1500, want: doubt, sub: pades.SubOutOfBoundsNoPOE},

		// Chains, anchors, policies.
		{name: "another anchor", clause: "§5.2.6", tell: func(h *history) {
			h.sign(pades.LevelLT)
			h.policy.Anchors = testkit.NewPKI(h.T, nil).Anchors(h.T)
		}, want: doubt, sub: pades.SubNoCertificateChainFound},
		{name: "the anchor's time is over", clause: "§5.2.6", tell: func(h *history) {
			h.sign(pades.LevelB)
			h.policy.Anchors[0].Until = h.start.Add(10 * day)
		}, days: 20, want: doubt, sub: pades.SubChainFoundNoPOE, code: trust.CodeAnchorOutOfDate},
		{name: "the anchor's time is over, its TSA too", clause: "§5.2.6", tell: func(h *history) {
			h.sign(pades.LevelLTA)
			h.policy.Anchors[0].Until = h.start.Add(10 * day)
		}, days: 20, want: doubt, sub: pades.SubChainFoundNoPOE, code: "timestamp-untrusted"},
		{name: "the anchor's time is over, time-stamped before under another", clause: "§5.6.2.4", tell: func(h *history) {
			other := testkit.NewPKI(h.T, nil)
			h.TSA = other.NewTSA(h.T, "TSA Lain", h.start.AddDate(0, -1, 0), h.start.Add(2000*day))
			h.sign(pades.LevelT)
			other.Now = h.start.Add(20 * day)
			list, err := other.CRL(context.Background(), other.CRLURL())
			if err != nil {
				h.Fatal(err)
			}
			h.facts = func(e *pades.Evidence) { e.CRLs = append(e.CRLs, list); stored(h.T, e) }
			h.policy.Anchors[0].Until = h.start.Add(10 * day)
			h.policy.Anchors = append(h.policy.Anchors, other.Anchors(h.T)...)
		}, days: 20, want: passed, process: trust.ProcessLongTerm},
		{name: "key not for signatures", clause: "§5.2.6", tell: func(h *history) {
			h.person(-30, 300, nil, func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageKeyEncipherment })
			h.craft("ETSI.CAdES.detached", cms.SignerOptions{}, nil)
		}, want: doubt, sub: pades.SubChainConstraintsFailure, code: "key-usage"},
		{name: "a critical extension that nobody knows", clause: "§5.2.6", tell: func(h *history) {
			h.person(-30, 300, nil, func(c *x509.Certificate) {
				c.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 32473, 9}, Critical: true, Value: []byte{5, 0}}}
			})
			h.craft("ETSI.CAdES.detached", cms.SignerOptions{}, nil)
		}, want: doubt, sub: pades.SubCertificateChainGeneral, code: "unknown-critical"},
		{name: "under a policy, basic", clause: "§5.2.4", tell: func(h *history) { h.underPolicy("aturan") }, want: passed, code: "signature-policy-missing"},
		{name: "under a policy that must be at hand", clause: "§5.2.4", tell: func(h *history) {
			h.underPolicy("aturan")
			h.policy.RequireSignaturePolicy = true
		}, want: doubt, sub: pades.SubSignaturePolicyMissing, code: "signature-policy-missing"},
		{name: "under a policy that is at hand", clause: "§5.2.4", tell: func(h *history) {
			h.underPolicy("aturan")
			h.policy.RequireSignaturePolicy = true
			h.policy.SignaturePolicies = map[string][]byte{"1.2.3.4": []byte("aturan")}
		}, want: passed, code: "signature-policy-known"},
		{name: "under a policy without a hash", clause: "§5.2.4", tell: func(h *history) {
			h.underPolicy("aturan")
			h.facts = func(e *pades.Evidence) { clear(e.Signatures[0].PolicyNamed.Hash) }
			h.policy.SignaturePolicies = map[string][]byte{"1.2.3.4": []byte("aturan")}
		}, want: passed, code: "signature-policy-unhashed"},
		{name: "under another policy document", clause: "§5.2.4", tell: func(h *history) {
			h.underPolicy("aturan")
			h.policy.SignaturePolicies = map[string][]byte{"1.2.3.4": []byte("aturan lain")}
		}, want: doubt, sub: pades.SubPolicyProcessingError, code: "signature-policy-differs"},

		// The signature itself.
		{name: "no certificate", clause: "§5.2.3", tell: func(h *history) {
			h.craft("ETSI.CAdES.detached", cms.SignerOptions{OmitCertificates: true}, nil)
		}, want: doubt, sub: pades.SubNoSigningCertificateFound, code: "signing-certificate-missing"},
		{name: "the digest is missing", clause: "§5.2.7", tell: func(h *history) {
			h.craft("adbe.pkcs7.sha1", cms.SignerOptions{}, nil)
		}, want: doubt, sub: pades.SubSignedDataNotFound, code: "signed-data-missing"},
		{name: "attributes that verify only as they were stored", clause: "§5.2.8", tell: func(h *history) {
			h.sign(pades.LevelB)
			h.facts = func(e *pades.Evidence) { e.Signatures[0].StoredBytesOnly = true }
		}, want: doubt, sub: pades.SubSigConstraintsFailure, code: "attributes-not-der"},
		{name: "another document", clause: "§5.2.7", tell: func(h *history) {
			h.sign(pades.LevelLTA)
			h.doc = bytes.Replace(h.doc, []byte("0 0 595 842"), []byte("0 0 595 841"), 1)
		}, days: 1000, want: failed, sub: pades.SubHashFailure, code: "hash-failure"},
		{name: "another value", clause: "§5.2.7", tell: func(h *history) {
			h.sign(pades.LevelB)
			h.facts = func(e *pades.Evidence) { e.Signatures[0].SignatureValid = false }
		}, want: failed, sub: pades.SubSigCryptoFailure, code: "signature-failure"},
		{name: "bytes were added", clause: "§5.2.2", tell: func(h *history) {
			h.sign(pades.LevelLT)
			h.doc = append(h.doc, "junk"...)
		}, want: failed, sub: pades.SubFormatFailure, code: "bytes-unexplained"},
	} {
		seen[c.sub] = true
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := newHistory(t)
			c.tell(h)
			r := h.judge(h.start.Add(time.Duration(c.days)*day + time.Minute))
			i := len(r.Signatures) - 1
			if c.index > 0 {
				i = len(r.Signatures) - c.index
			} else {
				for i > 0 && r.Signatures[i].Level == "DOCUMENT-TIMESTAMP" {
					i--
				}
			}
			s := r.Signatures[i]
			if s.Indication != c.want || s.SubIndication != c.sub {
				t.Errorf("%s: %s %s, want %s %s\n%s", c.clause, s.Indication, s.SubIndication, c.want, c.sub, dump(r))
			}
			if c.code != "" && !has(r, pades.Fail, c.code) && !has(r, pades.Warn, c.code) && !has(r, pades.Info, c.code) {
				t.Errorf("%s: no finding %s\n%s", c.clause, c.code, dump(r))
			}
			if c.process != "" && s.Process != c.process {
				t.Errorf("%s: process %s, want %s", c.clause, s.Process, c.process)
			}
			if (c.want == passed) == slices.ContainsFunc(s.Findings, func(f pades.Finding) bool { return f.Level == pades.Fail }) {
				t.Errorf("%s with the findings\n%s", s.Indication, dump(r))
			}
		})
	}
	for _, sub := range pades.SubIndications() {
		if !seen[sub] {
			t.Errorf("no history leads to %s", sub)
		}
	}
}

// TestValidUntil judges a second before the end that a report tells, and a second after it, when fresh revocation data can be had.
func TestValidUntil(t *testing.T) {
	for _, c := range []struct {
		name string
		tell func(h *history)
		days int // the end
	}{
		{"signed: the signer's certificate", func(h *history) {
			h.person(-30, 300, nil, nil)
			h.sign(pades.LevelB)
		}, 300},
		{"signed: the key's algorithm", func(h *history) {
			h.person(-30, 300, rsaKey(h.T), nil)
			h.sunset("RSA", 200)
			h.sign(pades.LevelB)
		}, 200},
		{"signed: the anchor's time", func(h *history) {
			h.policy.Anchors[0].Until = h.start.Add(100 * day)
			h.sign(pades.LevelB)
		}, 100},
		{"time-stamped: the status is not in the document", func(h *history) {
			h.person(-30, 300, nil, nil)
			h.sign(pades.LevelT)
		}, 300},
		{"with validation data: the authority's certificate", func(h *history) {
			h.person(-30, 300, nil, nil)
			h.NewTSA(h.T, "TSA Pendek", h.start.AddDate(0, -1, 0), h.start.Add(400*day))
			h.sign(pades.LevelLT)
		}, 400},
		{"with validation data: an algorithm of the chain", func(h *history) {
			h.sign(pades.LevelLT)
			h.sunset("ECDSA", 500)
		}, 500},
		{"with validation data, archival policy: the responder", func(h *history) {
			h.NewIssuing(h.T, "CA Kedua", h.start.AddDate(0, -1, 0), h.start.Add(3000*day), h.start.Add(350*day))
			h.person(-30, 300, nil, nil)
			h.sign(pades.LevelLT)
			h.policy = archival(h.policy)
		}, 350},
		{"archived, archival policy: the authority's certificate", func(h *history) {
			h.NewIssuing(h.T, "CA Kedua", h.start.AddDate(0, -1, 0), h.start.Add(3000*day), h.start.Add(350*day))
			h.person(-30, 300, nil, nil)
			h.NewTSA(h.T, "TSA Pendek", h.start.AddDate(0, -1, 0), h.start.Add(400*day))
			h.sign(pades.LevelLTA)
			h.policy = archival(h.policy)
		}, 400},
		{"renewed: the newer authority's certificate", func(h *history) {
			h.NewTSA(h.T, "TSA Pendek", h.start.AddDate(0, -1, 0), h.start.Add(400*day))
			h.sign(pades.LevelLTA)
			h.at(390)
			h.NewTSA(h.T, "TSA Baru", h.start, h.start.Add(2000*day))
			h.extend(pades.LevelLTA)
		}, 2000},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := newHistory(t)
			c.tell(h)
			end := h.start.Add(time.Duration(c.days) * day)
			r := h.judge(h.Now.Add(time.Minute))
			// An algorithm is not acceptable from its day on; a certificate still is in its last second.
			if r.ValidUntil == nil || !r.ValidUntil.Equal(end) {
				t.Fatalf("valid until %v, want %v\n%s", r.ValidUntil, end, dump(r))
			}
			for _, s := range r.Signatures {
				for _, x := range s.Timestamps {
					if x.ValidUntil == nil || x.ValidUntil.Before(end) {
						t.Errorf("the time-stamp of %s stands until %v, the document until %v", x.Authority, x.ValidUntil, end)
					}
				}
			}
			if before := h.judge(end.Add(-time.Second)); before.Verdict != r.Verdict {
				t.Errorf("a second before: %s, want %s\n%s", before.Verdict, r.Verdict, dump(before))
			}
			if after := h.judge(end.Add(time.Second)); after.Verdict == r.Verdict || after.Verdict == pades.Invalid {
				t.Errorf("a second after: %s\n%s", after.Verdict, dump(after))
			}
		})
	}
}

// TestHonestIsNotForged judges honest documents of every level over fourteen years, under every policy and without a network: whatever
// has ended since, there is no proof against them.
func TestHonestIsNotForged(t *testing.T) {
	for name, tell := range map[string]func(h *history){
		"B-B":  func(h *history) { h.sign(pades.LevelB) },
		"B-T":  func(h *history) { h.sign(pades.LevelT) },
		"B-LT": func(h *history) { h.sign(pades.LevelLT) },
		"renewed": func(h *history) {
			h.sign(pades.LevelLTA)
			h.at(300)
			h.NewTSA(h.T, "TSA Baru", h.start, h.start.Add(12*365*day))
			h.extend(pades.LevelLTA)
		},
		"two persons, the second revoked later": func(h *history) {
			h.otherFirst()
			h.sign(pades.LevelLT)
			h.Revoke(h.Signer, h.start.Add(10*day), 1)
			h.Revoke(h.Issuing, h.start.Add(40*day), 2)
			h.Revoke(h.TSA, h.start.Add(40*day), 1)
			h.Now = h.start.Add(50 * day)
		},
		"content-time-stamp": func(h *history) { h.contentStamped() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHistory(t)
			h.person(-30, 700, rsaKey(t), nil)
			h.sunset("RSA", 3*365)
			tell(h)
			e := h.gather(h.Now) // with what the network says today
			for _, policy := range []trust.Policy{trust.Basic(), trust.Strict(), trust.Archival(), h.policy} {
				policy.Anchors = h.Anchors(t)
				for days := 0; days < 14*365; days += 122 {
					policy.Time = h.Now.Add(time.Duration(days)*day + time.Minute)
					if r := pades.Judge(e, policy); r.Verdict == pades.Invalid || r.Verdict == pades.Unsigned {
						t.Fatalf("%s after %d days: %s\n%s", policy.Name, days, r.Verdict, dump(r))
					}
				}
			}
		})
	}
}

// docTimestamp appends a document time-stamp and nothing else.
func (h *history) docTimestamp() {
	h.Helper()
	doc := update(h.T, h.doc, func(v *pdf.View, u *pdf.Update) {
		sig, field := u.Alloc(), u.Alloc()
		u.Set(sig, pdf.Dict{
			"Type": pdf.Name("DocTimeStamp"), "Filter": pdf.Name("Adobe.PPKLite"), "SubFilter": pdf.Name("ETSI.RFC3161"),
			"ByteRange": pdf.Literal{Bytes: []byte("[0 @@@@@@@@@ @@@@@@@@@ @@@@@@@@@]")}, "Contents": pdf.Literal{Bytes: []byte("<" + strings.Repeat("0", 16384) + ">")},
		})
		u.Set(field, pdf.Dict{
			"FT": pdf.Name("Sig"), "T": pdf.String(fmt.Sprintf("stempel %d", sig.Num)), "V": sig, "Type": pdf.Name("Annot"), "Subtype": pdf.Name("Widget"),
			"Rect": pdf.Array{pdf.Integer(0), pdf.Integer(0), pdf.Integer(0), pdf.Integer(0)}, "F": pdf.Integer(132),
		})
		catalog, root, err := v.Catalog()
		if err != nil {
			h.Fatal(err)
		}
		form, _ := v.Dict(catalog["AcroForm"])
		list, _ := v.Array(form["Fields"])
		changed := pdf.Dict{}
		for k, o := range form {
			changed[k] = o
		}
		changed["Fields"], changed["SigFlags"] = append(slices.Clone(list), field), pdf.Integer(3)
		if ref, ok := catalog["AcroForm"].(pdf.Ref); ok {
			u.Set(ref, changed)
		} else {
			edit(root.Num, pdf.Dict{"AcroForm": changed})(v, u)
		}
	})
	from := bytes.LastIndex(doc, []byte("<00000000"))
	to := from + 16386
	doc = bytes.Replace(doc, []byte("[0 @@@@@@@@@ @@@@@@@@@ @@@@@@@@@]"), fmt.Appendf(nil, "[0 %9d %9d %9d]", from, to, len(doc)-to), 1)
	sum := sha256.Sum256(slices.Concat(doc[:from], doc[to:]))
	token, err := h.Timestamp(context.Background(), crypto.SHA256, sum[:])
	if err != nil {
		h.Fatal(err)
	}
	copy(doc[from+1:], fmt.Sprintf("%x", token))
	h.doc = doc
}

// archival is the archival policy with the anchors of another.
func archival(p trust.Policy) trust.Policy {
	out := trust.Archival()
	out.Anchors = p.Anchors
	return out
}

// stored makes evidence forget what was parsed, as if it had been written down in between.
func stored(t *testing.T, e *pades.Evidence) {
	t.Helper()
	b, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	*e = pades.Evidence{}
	if err := json.Unmarshal(b, e); err != nil {
		t.Fatal(err)
	}
}
