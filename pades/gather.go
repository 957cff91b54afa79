package pades

import (
	"bytes"
	"context"
	"crypto"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"slices"
	"time"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"absah/internal/cms"
	"absah/internal/pdf"
	"absah/internal/sigalg"
	"absah/trust"
	"absah/tsp"
)

// GatherOptions say how to read a document and what may be fetched.
type GatherOptions struct {
	Open    OpenOptions
	Fetcher trust.Fetcher  // nil: offline
	Anchors []trust.Anchor // what chains are looked for when something is fetched; nil: nothing is fetched
	Time    time.Time      // as of when data is missing; required with Fetcher

	// Digest hashes the bytes of the document in ranges, from the first to before the second of each pair, where the host can do that
	// faster than this program; nil, or an answer of nil, means that it is done here.
	Digest func(h crypto.Hash, ranges [][2]int64) ([]byte, error)

	only    string             // look at the signature in this field alone
	digest  []byte             // its digest, known to the caller
	signer  *trust.Certificate // its certificate, likewise
	earlier *pdf.File          // the document before the signature, read
}

// Gather reads everything that a judgement needs out of a document: its structure, signatures, time-stamps, certificates and
// revocation data. A broken signature is a fact, not an error; an error means that the document could not be read.
func Gather(ctx context.Context, src io.ReaderAt, size int64, o GatherOptions) (*Evidence, error) {
	given := src
	src, err := hold(given, size)
	if err != nil {
		return nil, err
	}
	defer release(given, src)
	f, err := pdf.Open(src, size, pdf.OpenOptions{Password: o.Open.Password, Recipient: o.Open.Recipient, Earlier: o.earlier})
	if err != nil {
		return nil, err
	}
	e := &Evidence{
		Size: size, Encrypted: f.Encryption() != nil, Repaired: f.Repaired(), Revisions: len(f.Revisions()), pool: trust.NewPool(),
		Notes: []Note{}, Signatures: []SignatureFacts{}, Suspicions: []Suspicion{},
	}
	if o.only == "" {
		if n, err := f.Latest().Pages(); err == nil {
			e.Pages = n
		}
	}
	trailing, err := f.Trailing()
	if err != nil {
		return nil, err
	}
	e.Trailing = trailing.End - trailing.Start
	found, err := locate(f)
	if err != nil {
		return nil, err
	}
	if o.only != "" {
		found = slices.DeleteFunc(found, func(l *located) bool { return l.facts.Field != o.only })
	}
	survey := &pdf.Survey{}
	if o.only == "" || firstCovered(f, found) < len(f.Revisions())-1 { // else there is nothing behind what is looked at
		from := int64(0)
		if o.earlier != nil {
			from = o.earlier.Size() // the rest was there before
		}
		if survey, err = f.Survey(from); err != nil {
			return nil, err
		}
	}
	if o.only == "" {
		if found, err = e.stray(f, survey, found); err != nil {
			return nil, err
		}
	}
	digests, err := digestAll(f, found, o)
	if err != nil {
		return nil, err
	}
	if o.signer != nil {
		// Only the signature itself is asked about: the rest of the chain need not be read again.
		e.known = o.signer
	} else if err := e.store(f, found); err != nil {
		return nil, err
	}
	for i, stamped := len(found)-1, false; i >= 0; i-- {
		found[i].protected = stamped
		stamped = stamped || found[i].facts.Document
	}
	h, err := compare(f, survey, found)
	if err != nil {
		return nil, fmt.Errorf("compare revisions: %w", err)
	}
	for i, l := range found {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		e.signature(l, digests[i])
		if l.contentToken != nil {
			if err := e.contentTimestamp(f, l, digests[i]); err != nil {
				return nil, err
			}
		}
		if err := l.after(f, h); err != nil {
			return nil, err
		}
		e.Signatures = append(e.Signatures, l.facts)
	}
	if o.only == "" {
		// At last: what it costs may be all that the document is allowed to.
		var limit *pdf.LimitError
		if err := e.suspect(f, survey, found); errors.As(err, &limit) {
			e.Suspicions = append(e.Suspicions, Suspicion{Code: "hidden-unread"})
		} else if err != nil {
			return nil, fmt.Errorf("look for what is hidden: %w", err)
		}
	}
	for _, n := range f.Notes() {
		e.Notes = append(e.Notes, Note{n.Code, n.Offset, n.Text})
	}
	if o.Fetcher != nil {
		e.fetch(ctx, o)
	}
	return e, nil
}

// stray counts the ByteRange entries in the bytes of the file that no field's signature accounts for. Objects inside object
// streams and embedded files do not show here. Where there are some, older revisions are asked for their signatures.
func (e *Evidence) stray(f *pdf.File, survey *pdf.Survey, found []*located) ([]*located, error) {
	if len(survey.ByteRanges) <= len(found) {
		return found, nil
	}
	if len(f.Revisions()) > 1 {
		var err error
		if found, err = locateRemoved(f, found); err != nil {
			return nil, err
		}
	}
	e.Stray = max(0, len(survey.ByteRanges)-len(found)-usageRights(f.Latest()))
	return found, nil
}

// usageRights counts the signatures by which a vendor unlocks functions of its viewer: they are none of the document's.
func usageRights(v *pdf.View) int {
	catalog, _, err := v.Catalog()
	if err != nil {
		return 0
	}
	perms, err := v.Dict(catalog["Perms"])
	if err != nil {
		return 0
	}
	n := 0
	for _, k := range []pdf.Name{"UR", "UR3"} {
		if d, err := v.Dict(perms[k]); err == nil && d["ByteRange"] != nil {
			n++
		}
	}
	return n
}

// store reads the DSS dictionaries of all revisions, the latest first: some programs leave out what an older one held. It notes
// what the store held when each document time-stamp was made, which proves that it existed.
func (e *Evidence) store(f *pdf.File, found []*located) error {
	stamps := map[int][]*located{}
	for _, l := range found {
		if l.facts.Document && l.covers() {
			stamps[l.facts.Revision] = append(stamps[l.facts.Revision], l)
		}
	}
	sums := map[int64][]byte{} // by the place of the stream
	last := len(f.Revisions()) - 1
	var seen pdf.Object
	for rev := last; rev >= 0; rev-- {
		v := f.At(rev)
		catalog, _, err := v.Catalog()
		if err != nil {
			if rev == last {
				return err
			}
			continue // an older revision may not stand on its own
		}
		store, err := v.Dict(catalog["DSS"])
		if err != nil {
			return err
		}
		if store == nil {
			break // nothing older has one
		}
		e.DSS = true
		if same, err := f.Equal(seen, pdf.Object(store)); err != nil {
			return err
		} else if same && stamps[rev] == nil && !touchesStore(f, rev+1, catalog["DSS"], store) {
			continue
		}
		seen = store
		if err := readStore(v, store, func(kind pdf.Name, o pdf.Object) error { return e.stored(v, kind, o, sums, stamps[rev]) }); err != nil {
			return err
		}
	}
	return nil
}

// touchesStore reports whether a revision wrote the lists of the store anew.
func touchesStore(f *pdf.File, rev int, at pdf.Object, store pdf.Dict) bool {
	touched := f.Touched(rev)
	for _, o := range []pdf.Object{at, store["Certs"], store["CRLs"], store["OCSPs"]} {
		if ref, ok := o.(pdf.Ref); ok {
			if _, hit := slices.BinarySearch(touched, ref.Num); hit {
				return true
			}
		}
	}
	return false
}

// stored takes one entry of a store.
func (e *Evidence) stored(v *pdf.View, kind pdf.Name, o pdf.Object, sums map[int64][]byte, stamps []*located) error {
	at := int64(-1)
	if ref, ok := o.(pdf.Ref); ok {
		if entry, ok := v.Lookup(ref.Num); ok && entry.Stream == 0 {
			at = entry.Offset
		}
	}
	sum := sums[at]
	if sum == nil {
		s, err := v.Stream(o)
		if err != nil || s == nil {
			return err
		}
		b, err := v.StreamData(s, maxEvidence)
		if err != nil {
			e.Notes = append(e.Notes, Note{Code: "dss-stream", Text: "an entry of the security store cannot be read"})
			b = []byte{}
		}
		h := sha256.Sum256(b)
		sum = h[:]
		if at >= 0 {
			sums[at] = sum
		}
		switch kind {
		case "Certs":
			e.certificate(b)
		case "CRLs":
			e.crl(b)
		case "OCSPs":
			e.ocsp(b)
		}
	}
	for _, l := range stamps {
		l.facts.Covers = append(l.facts.Covers, sum)
	}
	return nil
}

// readStore calls use for each entry of the three lists of a store.
func readStore(v *pdf.View, store pdf.Dict, use func(kind pdf.Name, o pdf.Object) error) error {
	for _, kind := range []pdf.Name{"Certs", "CRLs", "OCSPs"} {
		list, err := v.Array(store[kind])
		if err != nil {
			return err
		}
		for i, o := range list {
			if i >= maxStored {
				return &pdf.LimitError{What: "streams in the security store", Limit: maxStored}
			}
			if err := use(kind, o); err != nil {
				return err
			}
		}
	}
	return nil
}

func (e *Evidence) certificate(b []byte) {
	if e.known != nil {
		e.Certificates = append(e.Certificates, b)
		return
	}
	if _, err := e.pool.AddCertificate(b); err == nil {
		e.Certificates = appendNew(e.Certificates, b)
		e.hold(b)
	}
}

// hold notes that the signature at hand brings something along.
func (e *Evidence) hold(b []byte) {
	if e.holder != nil {
		sum := sha256.Sum256(b)
		e.holder.Holds = append(e.holder.Holds, sum[:])
	}
}

func (e *Evidence) crl(b []byte) {
	if _, err := e.pool.AddCRL(b); err == nil {
		e.CRLs = appendNew(e.CRLs, b)
		e.hold(b)
	}
}

func (e *Evidence) ocsp(b []byte) {
	if err := e.pool.AddOCSP(b); err == nil {
		e.OCSPs = appendNew(e.OCSPs, b)
		e.hold(b)
	}
}

func appendNew(list [][]byte, b []byte) [][]byte {
	for _, x := range list {
		if bytes.Equal(x, b) {
			return list
		}
	}
	return append(list, b)
}

// maxHostDigests is for how many signatures the host is asked: it hashes each from the start of the file, here what they have in common
// is hashed once.
const maxHostDigests = 4

// digestAll computes the digest of every ByteRange in one walk over the file: all ranges begin at its start, so that what
// stands before a gap is hashed once for all.
func digestAll(f *pdf.File, found []*located, o GatherOptions) ([][]byte, error) {
	out := make([][]byte, len(found))
	type walk struct {
		h   hash.Hash
		pos int64
	}
	walks := map[crypto.Hash]*walk{}
	order := make([]int, len(found))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return int(found[a].gap.Start - found[b].gap.Start) })
	for _, i := range order {
		l := found[i]
		if l.end == 0 {
			d, err := digestOdd(f, l)
			if err != nil {
				return nil, err
			}
			out[i] = d
			continue
		}
		if o.digest != nil {
			out[i] = o.digest
			continue
		}
		h, err := l.contentHash()
		if err != nil || !h.Available() {
			continue
		}
		start := l.facts.ByteRange[0]
		if o.Digest != nil && len(found) <= maxHostDigests {
			d, err := o.Digest(h, [][2]int64{{start, l.gap.Start}, {l.gap.End, l.end}})
			if err != nil {
				return nil, err
			}
			if len(d) == h.Size() {
				out[i] = d
				continue
			}
		}
		w := walks[h]
		if w == nil || start != 0 {
			w = &walk{h: h.New(), pos: start}
			if start == 0 {
				walks[h] = w
			}
		}
		if err := hashRange(w.h, f.ReaderAt(), w.pos, l.gap.Start); err != nil {
			return nil, err
		}
		w.pos = l.gap.Start
		c, err := cloneHash(w.h)
		if err != nil {
			return nil, err
		}
		if err := hashRange(c, f.ReaderAt(), l.gap.End, l.end); err != nil {
			return nil, err
		}
		out[i] = c.Sum(nil)
	}
	return out, nil
}

// digestOdd computes the digest of a ByteRange with more or fewer than two parts: what was signed is still worth knowing.
func digestOdd(f *pdf.File, l *located) ([]byte, error) {
	br := l.facts.ByteRange
	if len(br) == 0 || len(br)%2 != 0 || len(br) > maxRanges || !hasFault(l.facts.Format, "byterange-count") {
		return nil, nil
	}
	h, err := l.contentHash()
	if err != nil || !h.Available() {
		return nil, nil
	}
	w := h.New()
	left := 2 * f.Size()
	for i := 0; i < len(br); i += 2 {
		if left -= br[i+1]; left < 0 {
			return nil, nil
		}
		if err := hashRange(w, f.ReaderAt(), br[i], br[i]+br[i+1]); err != nil {
			return nil, err
		}
	}
	return w.Sum(nil), nil
}

// contentHash is the digest algorithm that a signature uses for the document.
func (l *located) contentHash() (crypto.Hash, error) {
	switch s := &l.facts; {
	case s.SubFilter == "adbe.x509.rsa_sha1", s.SubFilter == "adbe.pkcs7.sha1":
		return crypto.SHA1, nil
	case s.Document:
		t, err := tsp.ParseToken(s.Contents)
		if err != nil {
			return 0, err
		}
		return t.Info.Hash, nil
	}
	sd, err := l.message()
	if err != nil {
		return 0, err
	}
	if len(sd.SignerInfos) == 0 {
		return 0, errors.New("no signer")
	}
	return sd.SignerInfos[0].Hash()
}

// signature checks the cryptography of one signature.
func (e *Evidence) signature(l *located, digest []byte) {
	s := &l.facts
	if len(s.Contents) == 0 {
		return
	}
	if l.protected {
		e.holder = s
		defer func() { e.holder = nil }()
	}
	if s.Document {
		e.documentTimestamp(l, digest)
		return
	}
	if s.SubFilter == "adbe.x509.rsa_sha1" {
		e.bare(l, digest)
		return
	}
	sd, err := l.message()
	if err != nil {
		l.fault("cms-damaged", "the signature value is no CMS message: %v", err)
		return
	}
	for _, n := range sd.Notes {
		s.CMS = append(s.CMS, Note{Code: n.Code, Text: n.Text})
	}
	for _, b := range sd.Certificates {
		e.certificate(b)
	}
	for _, b := range sd.CRLs {
		e.crl(b)
	}
	for _, b := range sd.OCSPResponses {
		e.ocsp(b)
	}
	if len(sd.SignerInfos) == 0 {
		l.fault("cms-no-signer", "the signature value names no signer")
		return
	}
	si := sd.SignerInfos[0]
	for _, n := range si.Notes {
		s.CMS = append(s.CMS, Note{Code: n.Code, Text: n.Text})
	}
	crls, ocsps := si.RevocationInfo()
	for _, b := range crls {
		e.crl(b)
	}
	for _, b := range ocsps {
		e.ocsp(b)
	}
	for _, b := range slices.Concat(crls, ocsps) {
		sum := sha256.Sum256(b)
		s.HoldsSigned = append(s.HoldsSigned, sum[:])
	}
	l.contentToken = si.ContentTimeStamp()
	t, ok := si.SigningTime()
	if s.SigningTime = ok; ok && s.Claimed == nil {
		s.Claimed = &t
	}
	if p := si.SignaturePolicy(); p != nil {
		s.Policy = true
		if p.OID != "" {
			s.PolicyNamed = &SignaturePolicy{OID: p.OID, Hash: p.Hash}
			if h, ok := sigalg.HashOf(p.HashOID); ok {
				s.PolicyNamed.Digest = sigalg.HashName(h)
			}
		}
	}
	h, err := si.Hash()
	if err == nil {
		s.Digest = sigalg.HashName(h)
	} else {
		s.Unsupported = err.Error()
	}
	s.Algorithm = sigalg.Name(si.SignatureAlgorithm)
	e.signer(s, sd, si)
	if s.SubFilter == "adbe.pkcs7.sha1" {
		// The encapsulated content is the SHA-1 digest of the document (ISO 32000-1 §12.8.3.3.1).
		if sd.EContent == nil {
			s.ContentMissing = true
			s.Fault = "the digest of the document is missing from the signature"
			return
		}
		if !bytes.Equal(sd.EContent, digest) {
			s.Fault = "the digest inside the signature is not that of the document"
			return
		}
	} else if sd.EContent != nil {
		s.CMS = append(s.CMS, Note{Code: "cms-encapsulated", Text: "the signature carries content of its own"})
	}
	if digest == nil {
		s.Fault = "the digest algorithm is not known, or the covered bytes cannot be told"
		return
	}
	if s.Signer == nil {
		s.Fault = "the signing certificate is missing"
		// Whether the document is the one that was signed can still be said.
		if md, ok := si.MessageDigest(); ok {
			s.DigestMatches = bytes.Equal(md, digest)
		}
		return
	}
	cert, err := e.read(s.Signer)
	if err != nil || cert.PublicKey == nil {
		s.Fault = "the key of the signing certificate is of a kind that is not supported"
		s.Unsupported = s.Fault
		if md, ok := si.MessageDigest(); ok {
			s.DigestMatches = bytes.Equal(md, digest)
		}
		return
	}
	var c cms.Check
	if s.SubFilter == "adbe.pkcs7.sha1" {
		c = si.CheckContent(cert.PublicKey, sd.EContent)
	} else {
		c = si.Check(cert.PublicKey, digest)
	}
	s.DigestMatches, s.SignatureValid, s.StoredBytesOnly = c.DigestMatches, c.SignatureValid, c.OverStoredBytesOnly
	if c.Err != nil {
		s.Fault = c.Err.Error()
		var u *sigalg.UnsupportedError
		if errors.As(c.Err, &u) && !c.SignatureValid {
			s.Unsupported = s.Fault
		}
	}
	for _, token := range si.SignatureTimeStamps() {
		s.Timestamps = append(s.Timestamps, e.timestamp(token, func(t *tsp.Token) bool { return t.MatchesMessage(si.Signature) }))
	}
}

// bare checks a signature that is a PKCS #1 value in an OCTET STRING, with the certificates beside it (ISO 32000-1 §12.8.3.2).
func (e *Evidence) bare(l *located, digest []byte) {
	s := &l.facts
	in := cryptobyte.String(s.Contents)
	var value cryptobyte.String
	if !in.ReadASN1(&value, cbasn1.OCTET_STRING) {
		l.fault("value-damaged", "the signature value is no octet string")
		return
	}
	s.Digest, s.Algorithm = sigalg.HashName(crypto.SHA1), "RSA PKCS#1 v1.5"
	for i, b := range l.certs {
		e.certificate(b)
		if i == 0 {
			s.Signer = b // the first one is the signer's
		}
	}
	if s.Signer == nil {
		s.Fault = "the signing certificate is missing"
		return
	}
	cert, err := e.pool.AddCertificate(s.Signer)
	if err != nil || cert.PublicKey == nil {
		s.Fault = "the signing certificate cannot be read"
		return
	}
	if digest == nil {
		s.Fault = "the covered bytes cannot be told"
		return
	}
	err = sigalg.VerifyDigest(cert.PublicKey, sigalg.NewAlgorithm(sigalg.OIDRSA, nil), crypto.SHA1, digest, value)
	s.DigestMatches, s.SignatureValid = err == nil, err == nil
	if err != nil {
		s.Fault = err.Error()
	}
}

// signer finds the signing certificate: by issuer and serial or key identifier, confirmed by the signing-certificate attribute.
func (e *Evidence) signer(s *SignatureFacts, sd *cms.SignedData, si *cms.SignerInfo) {
	ids := si.BoundCertificates()
	pool := append(slices.Clone(sd.Certificates), e.Certificates...)
	for _, b := range pool {
		c, err := e.read(b)
		if err != nil || !named(si, c) {
			continue
		}
		if slices.ContainsFunc(ids, func(id cms.ESSCertID) bool { return !id.Matches(b) }) {
			s.SignerMismatch = true
			continue
		}
		s.Signer, s.SignerBound, s.SignerMismatch = b, len(ids) > 0, false
		return
	}
}

// read parses a certificate that a signature may be made with. Where that is known, nothing else is it.
func (e *Evidence) read(der []byte) (*trust.Certificate, error) {
	if e.known == nil {
		return e.pool.AddCertificate(der)
	}
	if !bytes.Equal(der, e.known.Raw) {
		return nil, errors.New("another certificate than that of the signer")
	}
	return e.known, nil
}

func (e *Evidence) timestamp(der []byte, matches func(*tsp.Token) bool) TimestampFacts {
	t, err := tsp.ParseToken(der)
	if err != nil {
		return TimestampFacts{Fault: err.Error()}
	}
	for _, b := range t.Signed.Certificates {
		e.certificate(b)
	}
	for _, b := range t.Signed.CRLs {
		e.crl(b)
	}
	for _, b := range t.Signed.OCSPResponses {
		e.ocsp(b)
	}
	crls, ocsps := t.Signed.SignerInfos[0].RevocationInfo()
	for _, b := range crls {
		e.crl(b)
	}
	for _, b := range ocsps {
		e.ocsp(b)
	}
	c := t.Check(e.Certificates)
	f := TimestampFacts{
		Time: t.Info.GenTime, Accuracy: t.Info.Accuracy, Policy: t.Info.Policy, Digest: sigalg.HashName(t.Info.Hash),
		ImprintMatches: matches(t), SignatureValid: c.Err == nil, Signer: c.Certificate,
	}
	if h, err := t.Signed.SignerInfos[0].Hash(); err == nil {
		f.SignedDigest = sigalg.HashName(h)
	}
	if c.Err != nil {
		f.Fault = c.Err.Error()
	}
	return f
}

// maxContentPasses is how often one document is hashed again for content-time-stamps with another digest algorithm than their
// signature's: honest signers use one, and a hostile document could have a thousand.
const maxContentPasses = 4

// contentTimestamp checks a time-stamp over the document, made before it was signed (EN 319 122-1 §5.2.8). known is the document's
// digest by the signature's own algorithm.
func (e *Evidence) contentTimestamp(f *pdf.File, l *located, known []byte) error {
	var failed error
	t := e.timestamp(l.contentToken, func(t *tsp.Token) bool {
		if h, err := l.contentHash(); err == nil && h == t.Info.Hash && known != nil {
			return t.Matches(h, known)
		}
		if l.end == 0 || !t.Info.Hash.Available() || e.passes >= maxContentPasses {
			return false
		}
		e.passes++
		h := t.Info.Hash.New()
		if failed = hashRange(h, f.ReaderAt(), l.facts.ByteRange[0], l.gap.Start); failed == nil {
			failed = hashRange(h, f.ReaderAt(), l.gap.End, l.end)
		}
		return failed == nil && t.Matches(t.Info.Hash, h.Sum(nil))
	})
	l.facts.ContentTimestamp = &t
	return failed
}

func (e *Evidence) documentTimestamp(l *located, digest []byte) {
	s := &l.facts
	t, err := tsp.ParseToken(s.Contents)
	if err != nil {
		l.fault("timestamp-token-damaged", "the document time-stamp is no time-stamp token: %v", err)
		return
	}
	for _, n := range append(slices.Clone(t.Signed.Notes), t.Signed.SignerInfos[0].Notes...) {
		if n.Code == cms.NoteTrailing {
			s.CMS = append(s.CMS, Note{Code: n.Code, Text: n.Text})
		}
	}
	s.Digest = sigalg.HashName(t.Info.Hash)
	s.Algorithm = sigalg.Name(t.Signed.SignerInfos[0].SignatureAlgorithm)
	f := e.timestamp(s.Contents, func(t *tsp.Token) bool { return digest != nil && t.Matches(t.Info.Hash, digest) })
	s.Timestamps = []TimestampFacts{f}
	s.DigestMatches, s.SignatureValid, s.Fault = f.ImprintMatches, f.SignatureValid, f.Fault
	s.Signer, s.SignerBound = f.Signer, true
}

// compare looks at what revisions did after the oldest one that a signature covers.
func compare(f *pdf.File, survey *pdf.Survey, found []*located) (*history, error) {
	return newHistory(f, firstCovered(f, found), survey.Strays)
}

// firstCovered is the oldest revision that a signature covers, the last one when none does.
func firstCovered(f *pdf.File, found []*located) int {
	first := len(f.Revisions()) - 1
	if f.Repaired() {
		return first
	}
	for _, l := range found {
		if l.covers() {
			first = min(first, l.facts.Revision)
		}
	}
	return first
}

// covers reports whether the ByteRange ends where a revision ends.
func (l *located) covers() bool {
	return l.end != 0 && !hasFault(l.facts.Format, "byterange-not-revision")
}

// after finds out what happened to the document after the covered revision.
func (l *located) after(f *pdf.File, h *history) error {
	s := &l.facts
	s.Modification = ModificationNone
	if !l.covers() {
		s.Modification = ModificationOther
		return nil
	}
	if f.Repaired() && !s.Whole {
		s.Modification = ModificationOther
		s.Changes = []Change{{Kind: ModificationOther, Code: "document-unexplained", Text: changeText(English, "document-unexplained", nil)}}
		return nil
	}
	s.Changes, s.Unexplained = h.after(s.Revision)
	if !s.Whole {
		if c := twoReadings(f, s.Revision); c != nil {
			s.Changes = append(s.Changes, *c)
		}
		t, err := f.Trailing()
		if err != nil {
			return err
		}
		s.Unexplained += t.End - t.Start
	}
	s.Modification = worst(s.Changes)
	if s.Modification == ModificationNone && s.Revision < len(f.Revisions())-1 {
		s.Modification = ModificationLTA // a later revision that changes nothing anybody sees
	}
	if s.Unexplained > 0 {
		s.Modification = ModificationOther
	}
	return nil
}

// twoReadings is the change that something after a revision is read differently by different readers. It is asked for when all of the
// document was looked at.
func twoReadings(f *pdf.File, rev int) *Change {
	revs := f.Revisions()
	at := f.LastAmbiguity()
	if at < revs[rev].End || at == 0 {
		return nil
	}
	in := slices.IndexFunc(revs, func(r pdf.Revision) bool { return at >= r.Start && at < r.End })
	return &Change{Kind: ModificationOther, Code: "two-readings", Text: changeText(English, "two-readings", nil), Revision: in + 1}
}

func hasFault(list []FormatFault, code string) bool {
	for _, f := range list {
		if f.Code == code {
			return true
		}
	}
	return false
}

// fetch gets what validation misses over the network.
func (e *Evidence) fetch(ctx context.Context, o GatherOptions) {
	f := newFetcher(o.Fetcher, e.pool)
	policy := trust.Basic()
	policy.Time, policy.Anchors = o.Time, o.Anchors
	for i := range e.Signatures {
		s := &e.Signatures[i]
		if s.Signer != nil && !s.Document {
			e.satisfy(ctx, f, policy, s.Signer, trust.UsageSigning)
		}
		for _, t := range s.Timestamps {
			if t.Signer != nil {
				e.satisfy(ctx, f, policy, t.Signer, trust.UsageTimeStamping)
			}
		}
	}
	e.FetchedCRLs, e.FetchedOCSPs = len(f.crls), len(f.ocsps)
	e.Certificates = append(e.Certificates, f.certs...)
	e.CRLs = append(e.CRLs, f.crls...)
	e.OCSPs = append(e.OCSPs, f.ocsps...)
}

func (e *Evidence) satisfy(ctx context.Context, f *fetcher, p trust.Policy, der []byte, usage trust.Usage) {
	cert, err := e.pool.AddCertificate(der)
	if err != nil {
		return
	}
	f.satisfy(ctx, func() *trust.Result {
		return trust.Validate(trust.Request{Certificate: cert, Pool: e.pool, Usage: usage}, p)
	})
}
