//go:build js && wasm && exercise

package main

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"syscall/js"
	"time"
	"unicode"
	"unicode/utf8"

	"absah/pades"
	"absah/trust"
	"absah/tsp"
)

// The teaching page lets a person sign: the key is the browser's, the certificate is of an authority that lives as long as this program
// and says in every name that it is for practice.
func init() { calls["certify"], calls["sign"] = certify, sign }

const (
	practice    = "LATIHAN - bukan untuk urusan sungguhan"
	maxStudent  = 64 // characters of a name
	stampPolicy = "1.3.6.1.4.1.32473.1.4.1"
)

var (
	oidNoRevocation = asn1.ObjectIdentifier{2, 5, 29, 56} // RFC 9608: nobody could be asked
	oidExtKeyUsage  = asn1.ObjectIdentifier{2, 5, 29, 37} // RFC 5280 §4.2.1.12
	stampingOnly    = []byte{0x30, 10, 6, 8, 0x2B, 6, 1, 5, 5, 7, 3, 8}
	null            = []byte{5, 0}
)

// school is the authority of the exercise, with its time-stamps and its only student.
type school struct {
	root, stamper *x509.Certificate
	rootKey, key  *ecdsa.PrivateKey
	student       []byte // DER
	tokens        int64
}

var classroom school

// certify is absah.certify: a certificate for the key of whoever tries.
func certify(v js.Value) (any, error) {
	var name string
	var spki []byte
	err := each(v, func(key string, x js.Value) error {
		switch key {
		case "name":
			return text(&name, x)
		case "key":
			if !isBytes(x) || x.Get("byteLength").Int() > 1<<10 {
				return errors.New("is not a small Uint8Array")
			}
			spki = make([]byte, x.Get("byteLength").Int())
			js.CopyBytesToGo(spki, x)
			return nil
		}
		return errors.New("is not known")
	})
	if err != nil {
		return nil, err
	}
	name = strings.TrimSpace(name)
	if n := utf8.RuneCountInString(name); n == 0 || n > maxStudent || strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return nil, faultf("request", "name has no or too many characters, or some that cannot be printed")
	}
	key, err := x509.ParsePKIXPublicKey(spki)
	if err != nil {
		return nil, &fault{"request", err}
	}
	if k, ok := key.(*ecdsa.PublicKey); !ok || k.Curve != elliptic.P256() {
		return nil, faultf("request", "key is not one of P-256")
	}
	c := &classroom
	if c.root == nil {
		if err := c.open(time.Now()); err != nil {
			return nil, err
		}
	}
	student, err := c.issue(name, key, time.Now(), func(t *x509.Certificate) {
		t.KeyUsage = x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment
		t.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageEmailProtection}
	})
	if err != nil {
		return nil, err
	}
	c.student = student.Raw
	sum := sha256.Sum256(c.root.Raw)
	anchors, err := json.Marshal(map[string]any{"version": 1, "anchors": []any{map[string]any{
		"kind": trust.AnchorTest, "certificate": c.root.Raw, "sha256": strings.ToUpper(hex.EncodeToString(sum[:])),
		"label": map[string]string{"id": "Otoritas Latihan di halaman ini", "en": "The practice authority of this page"},
	}}})
	if err != nil {
		return nil, err
	}
	return map[string]any{"anchors": string(anchors), "certificate": bytesToJS(c.student)}, nil
}

// open makes the authority's keys and certificates.
func (c *school) open(now time.Time) (err error) {
	if c.rootKey, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		return err
	}
	if c.key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		return err
	}
	if c.root, err = c.issue("Otoritas Latihan Absah", c.rootKey.Public(), now, func(t *x509.Certificate) {
		t.IsCA, t.KeyUsage, t.ExtraExtensions = true, x509.KeyUsageCertSign|x509.KeyUsageCRLSign, nil
	}); err != nil {
		return err
	}
	c.stamper, err = c.issue("Stempel Waktu Latihan Absah", c.key.Public(), now, func(t *x509.Certificate) {
		// Critical and alone, as RFC 3161 §2.3 asks.
		t.KeyUsage = x509.KeyUsageDigitalSignature
		t.ExtraExtensions = append(t.ExtraExtensions, pkix.Extension{Id: oidExtKeyUsage, Critical: true, Value: stampingOnly})
	})
	return err
}

func (c *school) issue(name string, key crypto.PublicKey, now time.Time, change func(*x509.Certificate)) (*x509.Certificate, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return nil, err
	}
	t := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{Country: []string{"ID"}, Organization: []string{practice}, CommonName: name},
		NotBefore: now.Add(-time.Hour).Truncate(time.Second), NotAfter: now.AddDate(0, 0, 7).Truncate(time.Second), BasicConstraintsValid: true,
		ExtraExtensions: []pkix.Extension{{Id: oidNoRevocation, Value: null}},
	}
	change(t)
	issuer := c.root
	if issuer == nil {
		issuer = t
	}
	der, err := x509.CreateCertificate(rand.Reader, t, issuer, key, c.rootKey)
	if err != nil {
		return nil, err
	}
	return x509.ParseCertificate(der)
}

// Timestamp implements pades.Timestamper.
func (c *school) Timestamp(_ context.Context, h crypto.Hash, digest []byte) ([]byte, error) {
	c.tokens++
	return tsp.Create(rand.Reader, tsp.Info{
		Policy: stampPolicy, Hash: h, Digest: digest, Serial: big.NewInt(c.tokens), GenTime: time.Now().Truncate(time.Second), Accuracy: time.Second,
	}, c.key, c.stamper.Raw, [][]byte{c.root.Raw}, true)
}

// sign is absah.sign: the document is prepared here, the page's key signs what it is given, and the document is finished here.
func sign(v js.Value) (any, error) {
	var s source
	var hand js.Value
	box := [4]float64{}
	err := each(v, func(key string, x js.Value) error {
		if known, err := s.parse(key, x); known {
			return err
		}
		switch key {
		case "sign":
			if hand = x; x.Type() != js.TypeFunction {
				return errors.New("is not a function")
			}
			return nil
		case "box":
			for i := range box {
				if n := x.Index(i); n.Type() == js.TypeNumber {
					box[i] = n.Float()
				}
			}
			return nil
		}
		return errors.New("is not known")
	})
	switch {
	case err != nil:
		return nil, err
	case s.file == nil || hand.IsUndefined():
		return nil, faultf("request", "file or sign is missing")
	case classroom.student == nil:
		return nil, faultf("request", "there is no certificate yet; call certify first")
	}
	p, err := pades.Prepare(s.file, s.file.size, pades.SignOptions{
		Certificate: classroom.student, Chain: [][]byte{classroom.root.Raw}, Level: pades.LevelT, Time: time.Now(), Timestamper: &classroom,
		Reason: "Latihan", Location: "Kota Contoh",
		Appearance: &pades.Appearance{Kind: pades.AppearanceCard, Rect: box, Language: string(pades.Indonesian)},
	})
	if err != nil {
		return nil, err
	}
	ctx := context.Background()
	raw, err := await(ctx, hand.Invoke(bytesToJS(p.ToSign())))
	if err != nil {
		return nil, &fault{"request", err}
	}
	if !isBytes(raw) || raw.Get("byteLength").Int() != 64 {
		return nil, faultf("request", "sign did not return a signature of P-256")
	}
	b := make([]byte, 64)
	js.CopyBytesToGo(b, raw)
	value, err := asn1.Marshal(struct{ R, S *big.Int }{new(big.Int).SetBytes(b[:32]), new(big.Int).SetBytes(b[32:])})
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := p.Finish(ctx, &out, value); err != nil {
		return nil, fmt.Errorf("finish: %w", err)
	}
	return map[string]any{"bytes": bytesToJS(out.Bytes())}, nil
}

func bytesToJS(b []byte) js.Value {
	v := js.Global().Get("Uint8Array").New(len(b))
	js.CopyBytesToJS(v, b)
	return v
}
