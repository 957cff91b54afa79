package pdf

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/md5"
	"errors"
	"fmt"
	"io"
	"strings"
)

// method is what a crypt filter does with bytes.
type method int

const (
	identity method = iota
	methodRC4
	methodAES128 // key from the file key and the object (AESV2)
	methodAES256 // the file key itself (AESV3)
)

// Permission bits of ISO 32000-2 Table 22, counted from 1.
const (
	permModify   = 1 << (4 - 1)
	permAnnotate = 1 << (6 - 1)
	permFill     = 1 << (9 - 1)
)

// Encryption is the protection of an open file. It is safe for concurrent use.
type Encryption struct {
	// Handler describes it for people, as "Standard R6 AES-256".
	Handler string
	// Permissions are the bits of P, or of the recipient's envelope, for whoever has not owner access.
	Permissions uint32
	// Owner reports that the file was opened with full rights: with the owner password, or by a recipient to whom everything is
	// permitted.
	Owner bool

	revision        int
	public          bool
	key             []byte
	streams, text   method
	filters         map[Name]method // by name, from version 4
	encryptMetadata bool
	id              []byte   // first part of the file's ID, as the key was made with it
	doubts          []string // what to note about the encryption dictionary
}

// PublicKey reports that the file is protected with the certificates of its recipients and not with passwords.
func (e *Encryption) PublicKey() bool { return e.public }

// MayAddField reports whether a new form field may be added: that is both annotating and modifying (ISO 32000-2 Table 22, bits 4
// and 6).
func (e *Encryption) MayAddField() bool {
	const both = permAnnotate | permModify
	return e.Owner || e.Permissions&both == both
}

// MaySignField reports whether an existing field may be signed: filling in fields (bit 9, from revision 3) or annotating.
func (e *Encryption) MaySignField() bool {
	return e.Owner || e.Permissions&permAnnotate != 0 || e.revision >= 3 && e.Permissions&permFill != 0
}

func (f *File) openEncryption(o OpenOptions) error {
	v := f.Latest()
	raw := v.trailerValue("Encrypt")
	if raw == nil {
		return nil
	}
	d, err := v.Dict(raw)
	if err != nil {
		return err
	}
	if d == nil {
		return errors.New("the PDF is damaged: its encryption dictionary is missing")
	}
	d, err = resolvedDict(v, d)
	if err != nil {
		return err
	}
	var id []byte
	if a, err := v.Array(v.trailerValue("ID")); err == nil && len(a) > 0 {
		id, _ = v.Bytes(a[0])
	}
	e, err := newEncryption(d, id, o)
	if err != nil {
		return err
	}
	for _, text := range e.doubts {
		f.note("encryption-dictionary", 0, text)
	}
	f.crypt = e
	return f.keyKnown()
}

// Bounds on what an encryption dictionary is made of.
const (
	encryptDepth  = 4      // CF, filter, Recipients, recipient
	encryptValues = 10_000 // all of them together
)

// resolvedDict copies an encryption dictionary with the references in it resolved, down to the recipients of crypt filters.
func resolvedDict(v *View, d Dict) (Dict, error) {
	left := encryptValues
	o, err := resolvedObject(v, d, encryptDepth, &left)
	out, _ := o.(Dict)
	return out, err
}

func resolvedObject(v *View, o Object, depth int, left *int) (Object, error) {
	if *left--; *left < 0 {
		return nil, &LimitError{What: "values of the encryption dictionary", Limit: encryptValues}
	}
	o, err := v.Resolve(o)
	if err != nil || depth == 0 {
		return o, err
	}
	switch x := o.(type) {
	case Dict:
		out := make(Dict, len(x))
		for k, y := range x {
			if out[k], err = resolvedObject(v, y, depth-1, left); err != nil {
				return nil, err
			}
		}
		return out, nil
	case Array:
		out := make(Array, len(x))
		for i, y := range x {
			if out[i], err = resolvedObject(v, y, depth-1, left); err != nil {
				return nil, err
			}
		}
		return out, nil
	}
	return o, nil
}

// newEncryption opens an encryption dictionary without references. id is the first part of the file's ID.
func newEncryption(d Dict, id []byte, o OpenOptions) (*Encryption, error) {
	e := &Encryption{encryptMetadata: true, id: id}
	version, _ := d["V"].(Integer)
	filter, _ := d["Filter"].(Name)
	subFilter, _ := d["SubFilter"].(Name)
	publicKey := filter == "Adobe.PubSec" || strings.HasPrefix(string(subFilter), "adbe.pkcs7.s")
	if filter != "Standard" && !publicKey {
		return nil, &UnsupportedError{What: fmt.Sprintf("the security handler %q", filter)}
	}
	length := keyLength(d, version)
	switch version {
	case 0, 1, 2:
		e.streams, e.text = methodRC4, methodRC4
	case 3:
		return nil, &UnsupportedError{What: "an unpublished encryption (V 3)"}
	case 4, 5, 6:
		if b, ok := d["EncryptMetadata"].(bool); ok {
			e.encryptMetadata = b
		}
		if err := e.readFilters(d); err != nil {
			return nil, err
		}
		if version == 4 && d["Length"] == nil {
			cf, _ := d["CF"].(Dict)
			name, _ := d["StmF"].(Name)
			c, _ := cf[name].(Dict)
			length = filterLength(c, length)
		}
	default:
		return nil, &UnsupportedError{What: fmt.Sprintf("encryption version %d", version)}
	}
	if publicKey {
		return e, e.openPublicKey(d, version, length, o)
	}
	return e, e.openStandard(d, id, length, o.Password)
}

// keyLength is Length in bytes, between 5 and 16; producers also write it in bytes instead of bits.
func keyLength(d Dict, version Integer) int {
	n, ok := d["Length"].(Integer)
	switch {
	case version >= 4 && !ok:
		return 16
	case version <= 1 || !ok:
		return 5 // the default of 40 bits
	}
	return asBytes(n, 5)
}

// filterLength is Length of a crypt filter, which is stated in bytes and also seen in bits; fallback where there is none.
func filterLength(c Dict, fallback int) int {
	n, ok := c["Length"].(Integer)
	if !ok {
		return fallback
	}
	return asBytes(n, fallback)
}

func asBytes(n Integer, fallback int) int {
	if n >= 40 {
		n /= 8
	}
	if n < 5 || n > 32 {
		return fallback
	}
	return int(min(n, 16))
}

func (e *Encryption) readFilters(d Dict) error {
	cf, _ := d["CF"].(Dict)
	e.filters = map[Name]method{"Identity": identity}
	for name, o := range cf {
		c, _ := o.(Dict)
		m, _ := c["CFM"].(Name)
		switch m {
		case "V2":
			e.filters[name] = methodRC4
		case "AESV2":
			e.filters[name] = methodAES128
		case "AESV3":
			e.filters[name] = methodAES256
		case "None", "":
			e.filters[name] = identity
		case "AESV4":
			return &UnsupportedError{What: "AES-GCM encryption (ISO/TS 32003)"}
		default:
			return &UnsupportedError{What: fmt.Sprintf("the crypt filter method %q", m)}
		}
	}
	pick := func(key Name) (method, error) {
		name, ok := d[key].(Name)
		if !ok {
			return identity, nil
		}
		m, ok := e.filters[name]
		if !ok {
			return identity, &UnsupportedError{What: fmt.Sprintf("the crypt filter %q, which the file does not define", name)}
		}
		return m, nil
	}
	var err error
	if e.streams, err = pick("StmF"); err != nil {
		return err
	}
	e.text, err = pick("StrF")
	return err
}

func (e *Encryption) describe(handler string, r Integer) {
	names := map[method]string{identity: "identity", methodRC4: "RC4", methodAES128: "AES-128", methodAES256: "AES-256"}
	e.Handler = fmt.Sprintf("%s R%d %s", handler, r, names[e.streams])
}

// objectKey is algorithm 1: the key for one object.
func (e *Encryption) objectKey(r Ref, m method) []byte {
	if m == methodAES256 {
		return e.key
	}
	h := md5.New()
	h.Write(e.key)
	h.Write([]byte{byte(r.Num), byte(r.Num >> 8), byte(r.Num >> 16), byte(r.Gen), byte(r.Gen >> 8)})
	if m == methodAES128 {
		h.Write([]byte("sAlT"))
	}
	return h.Sum(nil)[:min(len(e.key)+5, 16)]
}

func (e *Encryption) decrypt(r Ref, m method, b []byte) []byte {
	switch m {
	case identity:
		return b
	case methodRC4:
		return rc4Bytes(e.objectKey(r, m), b)
	}
	if len(b) < 2*aes.BlockSize {
		return nil // an empty value, or damaged
	}
	c, err := aes.NewCipher(e.objectKey(r, m))
	if err != nil {
		return nil
	}
	body := b[aes.BlockSize : len(b)-len(b)%aes.BlockSize]
	out := make([]byte, len(body))
	cipher.NewCBCDecrypter(c, b[:aes.BlockSize]).CryptBlocks(out, body)
	// Some producers leave the padding out or write it wrong: then all of it is data.
	if n := int(out[len(out)-1]); n >= 1 && n <= aes.BlockSize {
		out = out[:len(out)-n]
	}
	return out
}

// encrypt returns b encrypted for the object r; iv gives the initialization vector of AES.
func (e *Encryption) encrypt(iv io.Reader, r Ref, m method, b []byte) ([]byte, error) {
	switch m {
	case identity:
		return b, nil
	case methodRC4:
		return rc4Bytes(e.objectKey(r, m), b), nil
	}
	c, err := aes.NewCipher(e.objectKey(r, m))
	if err != nil {
		return nil, fmt.Errorf("encryption key: %w", err)
	}
	n := aes.BlockSize - len(b)%aes.BlockSize
	out := make([]byte, aes.BlockSize+len(b)+n)
	if _, err := io.ReadFull(iv, out[:aes.BlockSize]); err != nil {
		return nil, fmt.Errorf("initialization vector: %w", err)
	}
	copy(out[aes.BlockSize:], b)
	for i := aes.BlockSize + len(b); i < len(out); i++ {
		out[i] = byte(n)
	}
	cipher.NewCBCEncrypter(c, out[:aes.BlockSize]).CryptBlocks(out[aes.BlockSize:], out[aes.BlockSize:])
	return out, nil
}

// streamMethod is what is done with a stream: by its own Crypt filter, or the default; cross-reference streams are never
// encrypted, metadata only if the file says so. EFF, the default for embedded files, counts for who writes them; viewers read
// them as other streams.
func (e *Encryption) streamMethod(d Dict) method {
	typ, _ := d["Type"].(Name)
	if typ == "XRef" {
		return identity
	}
	var name Name
	parms := d["DecodeParms"]
	if a, ok := parms.(Array); ok && len(a) > 0 {
		parms = a[0]
	}
	switch x := d["Filter"].(type) {
	case Name:
		name = x
	case Array:
		if len(x) > 0 {
			name, _ = x[0].(Name)
		}
	}
	if name == "Crypt" {
		p, _ := parms.(Dict)
		n, ok := p["Name"].(Name)
		if !ok {
			return identity
		}
		return e.filters[n]
	}
	if typ == "Metadata" && !e.encryptMetadata {
		return identity
	}
	return e.streams
}

func (e *Encryption) decryptStream(r Ref, d Dict, b []byte) ([]byte, error) {
	return e.decrypt(r, e.streamMethod(d), b), nil
}

// decryptObject returns the value with its strings decrypted. The Contents of a signature dictionary is stored as it is (ISO
// 32000-2 §7.6.2).
func (e *Encryption) decryptObject(r Ref, o Object) Object {
	if e.text == identity {
		return o
	}
	return mapStrings(o, func(s String) String { return String(e.decrypt(r, e.text, []byte(s))) })
}

// encryptObject is the reverse, for a value that is to be written. What a Literal holds stays as it is.
func (e *Encryption) encryptObject(iv io.Reader, r Ref, o Object) (Object, error) {
	if e.text == identity {
		return o, nil
	}
	var failed error
	out := mapStrings(o, func(s String) String {
		b, err := e.encrypt(iv, r, e.text, []byte(s))
		if err != nil {
			failed = err
		}
		return String(b)
	})
	return out, failed
}

func mapStrings(o Object, change func(String) String) Object {
	switch x := o.(type) {
	case String:
		return change(x)
	case Array:
		out := make(Array, len(x))
		for i, y := range x {
			out[i] = mapStrings(y, change)
		}
		return out
	case Dict:
		return mapDict(x, change)
	case *Stream:
		if typ, _ := x.Dict["Type"].(Name); typ == "XRef" {
			return x
		}
		s := *x
		s.Dict = mapDict(x.Dict, change)
		return &s
	}
	return o
}

func mapDict(d Dict, change func(String) String) Dict {
	signature := isSignature(d)
	out := make(Dict, len(d))
	for k, y := range d {
		if signature && k == "Contents" {
			out[k] = y
			continue
		}
		out[k] = mapStrings(y, change)
	}
	return out
}

func isSignature(d Dict) bool {
	typ, _ := d["Type"].(Name)
	return typ == "Sig" || typ == "DocTimeStamp" || d["ByteRange"] != nil && d["Contents"] != nil
}
