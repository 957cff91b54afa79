package main

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"

	"absah/pades"

	"golang.org/x/term"
	"software.sslmate.com/src/go-pkcs12"
)

// keyFlags name a signing key.
type keyFlags struct {
	P12            string `name:"p12" type:"existingfile" placeholder:"F" help:"PKCS #12 file with key and certificates." xor:"key"`
	Key            string `type:"existingfile" placeholder:"F" help:"Private key, PEM." xor:"key"`
	Cert           string `type:"existingfile" placeholder:"F" help:"Certificate and its issuers, PEM, for --key."`
	PassphraseFile string `placeholder:"F" help:"File whose first line is the passphrase of the key, - for standard input."`
}

type signingKey struct {
	signer      crypto.Signer
	certificate []byte
	chain       [][]byte
}

func (k keyFlags) load() (*signingKey, error) {
	switch {
	case k.P12 != "":
		return k.fromP12()
	case k.Key != "":
		return k.fromPEM()
	}
	return nil, errors.New("no key to sign with: give --p12 F, or --key F with --cert F")
}

// passphrase comes from the file, else from the terminal.
func (k keyFlags) passphrase(of string) (string, error) {
	if k.PassphraseFile != "" {
		return secretFile(k.PassphraseFile)
	}
	if !term.IsTerminal(int(os.Stdin.Fd())) {
		return "", fmt.Errorf("%s needs its passphrase and standard input is not a terminal; pass --passphrase-file F", of)
	}
	fmt.Fprintf(os.Stderr, "Passphrase of %s: ", of)
	b, err := term.ReadPassword(int(os.Stdin.Fd()))
	fmt.Fprintln(os.Stderr)
	return string(b), err
}

func (k keyFlags) fromP12() (*signingKey, error) {
	b, err := os.ReadFile(k.P12)
	if err != nil {
		return nil, pathError(err)
	}
	pass, err := k.passphrase(k.P12)
	if err != nil {
		return nil, err
	}
	key, cert, chain, err := pkcs12.DecodeChain(b, pass)
	switch {
	case errors.Is(err, pkcs12.ErrIncorrectPassword):
		return nil, fmt.Errorf("%s: wrong passphrase", k.P12)
	case err != nil:
		return nil, fmt.Errorf("%s is not a PKCS #12 file that can be read: %w", k.P12, err)
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil, fmt.Errorf("%s: its key cannot sign", k.P12)
	}
	out := &signingKey{signer: signer, certificate: cert.Raw}
	for _, c := range chain {
		out.chain = append(out.chain, c.Raw)
	}
	return out, nil
}

func (k keyFlags) fromPEM() (*signingKey, error) {
	if k.Cert == "" {
		return nil, errors.New("--key needs the certificate beside it: give --cert F")
	}
	b, err := os.ReadFile(k.Key)
	if err != nil {
		return nil, pathError(err)
	}
	signer, err := k.privateKey(b)
	if err != nil {
		return nil, err
	}
	certs, err := pemCertificates(k.Cert)
	if err != nil {
		return nil, err
	}
	out := &signingKey{signer: signer}
	type equal interface{ Equal(crypto.PublicKey) bool }
	for _, der := range certs {
		c, err := x509.ParseCertificate(der)
		if err == nil && out.certificate == nil {
			if pub, ok := c.PublicKey.(equal); ok && pub.Equal(signer.Public()) {
				out.certificate = der
				continue
			}
		}
		out.chain = append(out.chain, der)
	}
	if out.certificate == nil {
		return nil, fmt.Errorf("the key in %s does not belong to a certificate in %s", k.Key, k.Cert)
	}
	return out, nil
}

func (k keyFlags) privateKey(b []byte) (crypto.Signer, error) {
	for block, rest := pem.Decode(b); block != nil; block, rest = pem.Decode(rest) {
		var key any
		var err error
		switch block.Type {
		case "PRIVATE KEY":
			key, err = x509.ParsePKCS8PrivateKey(block.Bytes)
		case "EC PRIVATE KEY":
			key, err = x509.ParseECPrivateKey(block.Bytes)
		case "RSA PRIVATE KEY":
			key, err = x509.ParsePKCS1PrivateKey(block.Bytes)
		case "ENCRYPTED PRIVATE KEY":
			return nil, fmt.Errorf("%s is encrypted; put key and certificate into a PKCS #12 file and use --p12", k.Key)
		default:
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", k.Key, err)
		}
		if s, ok := key.(crypto.Signer); ok {
			return s, nil
		}
	}
	if bytes.HasPrefix(b, []byte{0x30}) {
		return nil, fmt.Errorf("%s is not PEM; if it is a PKCS #12 file use --p12", k.Key)
	}
	return nil, fmt.Errorf("%s holds no private key in PEM form", k.Key)
}

// pemCertificates reads all certificates of a PEM file, or the one of a DER file.
func pemCertificates(path string) ([][]byte, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, pathError(err)
	}
	var out [][]byte
	for block, rest := pem.Decode(b); block != nil; block, rest = pem.Decode(rest) {
		if block.Type == "CERTIFICATE" {
			out = append(out, block.Bytes)
		}
	}
	if len(out) == 0 {
		if _, err := x509.ParseCertificate(b); err == nil {
			return [][]byte{b}, nil
		}
		return nil, fmt.Errorf("%s holds no certificate", path)
	}
	return out, nil
}

// openFlags open protected documents.
type openFlags struct {
	PasswordFile string `placeholder:"F" help:"File whose first line is the document's password."`
	DecryptKey   string `type:"existingfile" placeholder:"P12" help:"PKCS #12 file of a recipient, for documents encrypted to certificates."`
	DecryptPass  string `name:"decrypt-passphrase-file" placeholder:"F" help:"File whose first line is the passphrase of --decrypt-key."`
}

func (f openFlags) apply(o *pades.OpenOptions) error {
	if f.PasswordFile != "" {
		pw, err := secretFile(f.PasswordFile)
		if err != nil {
			return err
		}
		o.Password = pw
	}
	if f.DecryptKey == "" {
		return nil
	}
	b, err := os.ReadFile(f.DecryptKey)
	if err != nil {
		return pathError(err)
	}
	pass := ""
	if f.DecryptPass != "" {
		if pass, err = secretFile(f.DecryptPass); err != nil {
			return err
		}
	}
	key, cert, _, err := pkcs12.DecodeChain(b, pass)
	if err != nil {
		return fmt.Errorf("%s: %w", f.DecryptKey, err)
	}
	o.Recipient = pades.Recipient(cert.Raw, key)
	return nil
}
