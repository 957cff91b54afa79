package main

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"absah/internal/pdf"
	"absah/internal/testkit"
	"absah/pades"
	"absah/tsp"

	"github.com/rogpeppe/go-internal/testscript"
	"software.sslmate.com/src/go-pkcs12"
)

func TestMain(m *testing.M) { testscript.Main(m, map[string]func(){"absah": main}) }

// TestScripts are the words, files and exit codes of the program, one scenario a file. Each script finds in its folder:
// surat.pdf (three pages), catatan.pdf (the same, signed in the field Persetujuan, and a note added to page 2), saya.p12 with its passphrase in frasa (and frasa-salah), key.pem, cert.pem, root.pem, kunci-lain.pem, the
// addresses of time-stamp authorities in $TSA (good), $TSA_DOWN, $TSA_SLOW and $TSA_NONSENSE. The status of the certificates can be asked.
// $VECTORS is the folder vectors.
func TestScripts(t *testing.T) {
	status := http.NewServeMux()
	statusServer := httptest.NewServer(status)
	t.Cleanup(statusServer.Close)
	p := testkit.NewPKIAt(t, nil, statusServer.URL)
	var one sync.Mutex // the PKI is for one caller at a time, scripts run side by side
	answer := func(w http.ResponseWriter, make func() ([]byte, error)) {
		one.Lock()
		defer one.Unlock()
		der, err := make()
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		_, _ = w.Write(der)
	}
	status.HandleFunc("POST /ocsp", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		answer(w, func() ([]byte, error) { return p.OCSP(r.Context(), statusServer.URL+"/ocsp", body) })
	})
	status.HandleFunc("GET /root.crl", func(w http.ResponseWriter, r *http.Request) {
		answer(w, func() ([]byte, error) { return p.CRL(r.Context(), p.CRLURL()) })
	})
	servers := map[string]http.HandlerFunc{
		"TSA": func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			req, err := tsp.ParseRequest(body)
			if err != nil {
				http.Error(w, err.Error(), http.StatusBadRequest)
				return
			}
			answer(w, func() ([]byte, error) {
				token, err := p.Answer(req)
				if err != nil {
					return nil, err
				}
				return (&tsp.Response{Status: tsp.Granted, Failure: tsp.NoFailure, Token: token}).Marshal()
			})
		},
		"TSA_SLOW": func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.ReadAll(r.Body) // only then does the server notice that the client went away
			select {
			case <-r.Context().Done():
			case <-time.After(3 * time.Second):
			}
		},
		"TSA_NONSENSE": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte("<html>bukan stempel waktu</html>"))
		},
	}
	addresses := map[string]string{"TSA_DOWN": "http://127.0.0.1:1/"}
	for name, h := range servers {
		srv := httptest.NewServer(h)
		t.Cleanup(srv.Close)
		addresses[name] = srv.URL
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(e *testscript.Env) error {
			for name, address := range addresses {
				e.Setenv(name, address)
			}
			e.Setenv("ABSAH_LANG", "en")
			vectors, err := filepath.Abs("../../vectors")
			if err != nil {
				return err
			}
			e.Setenv("VECTORS", vectors)
			return furnish(t, p, e.WorkDir)
		},
	})
}

func furnish(t *testing.T, p *testkit.PKI, dir string) error {
	const passphrase = "frasa-contoh-saja"
	files := map[string][]byte{
		"surat.pdf": testkit.Document(t, 3), "frasa": []byte(passphrase + "\n"), "frasa-salah": []byte("tebakan\n"), "kosong.pdf": nil,
		"bukan.pdf": []byte("ini hanya teks biasa\n"), "gambar.png": []byte("bukan gambar"),
	}
	files["terpotong.pdf"] = files["surat.pdf"][:200]
	cert := func(c *x509.Certificate) []byte {
		return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})
	}
	key := func(k crypto.Signer) ([]byte, error) {
		der, err := x509.MarshalPKCS8PrivateKey(k)
		return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), err
	}
	var err error
	if files["key.pem"], err = key(p.Signer.Key); err != nil {
		return err
	}
	other, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	if files["kunci-lain.pem"], err = key(other); err != nil {
		return err
	}
	files["root.pem"] = cert(p.Root.Certificate)
	files["cert.pem"] = append(append(cert(p.Signer.Certificate), cert(p.Issuing.Certificate)...), cert(p.Root.Certificate)...)
	expired := p.Expired(t)
	files["cert-lama.pem"] = append(cert(expired.Certificate), cert(p.Issuing.Certificate)...)
	if files["key-lama.pem"], err = key(expired.Key); err != nil {
		return err
	}
	if files["saya.p12"], err = pkcs12.Modern.Encode(p.Signer.Key, p.Signer.Certificate, []*x509.Certificate{p.Issuing.Certificate, p.Root.Certificate}, passphrase); err != nil {
		return err
	}
	if files["catatan.pdf"], err = annotated(p, files["surat.pdf"]); err != nil {
		return err
	}
	for name, b := range files {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// annotated is a document that was signed, and got a note on its second page afterwards.
func annotated(p *testkit.PKI, doc []byte) ([]byte, error) {
	var signed bytes.Buffer
	err := pades.Sign(context.Background(), &signed, bytes.NewReader(doc), int64(len(doc)), p.Signer.Key, pades.SignOptions{
		Certificate: p.Signer.Certificate.Raw, Chain: p.Signer.Chain, Time: p.Now, Field: "Persetujuan",
	})
	if err != nil {
		return nil, err
	}
	f, err := pdf.Open(bytes.NewReader(signed.Bytes()), int64(signed.Len()), pdf.OpenOptions{})
	if err != nil {
		return nil, err
	}
	u, err := pdf.NewUpdate(f)
	if err != nil {
		return nil, err
	}
	page, err := f.Latest().Page(1)
	if err != nil {
		return nil, err
	}
	note, changed := u.Alloc(), maps.Clone(page.Dict)
	u.Set(note, pdf.Dict{
		"Type": pdf.Name("Annot"), "Subtype": pdf.Name("Text"), "Contents": pdf.EncodeText("Sudah dibaca"),
		"Rect": pdf.Array{pdf.Integer(400), pdf.Integer(20), pdf.Integer(420), pdf.Integer(40)},
	})
	changed["Annots"] = pdf.Array{note}
	u.Set(page.Ref, changed)
	out, err := u.Bytes("")
	if err != nil {
		return nil, err
	}
	return append(signed.Bytes(), out.Bytes...), nil
}
