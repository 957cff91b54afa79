package pdf

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/md5"
	"crypto/rc4"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
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

// Encryption is the protection of an open file.
type Encryption struct {
	// Handler describes it for people, as "Standard R6 AES-256".
	Handler string
	// Permissions are the bits of P, for whoever has only user access.
	Permissions uint32
	// Owner reports that the file was opened with full rights.
	Owner bool

	revision        int
	key             []byte
	streams, text   method
	filters         map[Name]method
	encryptMetadata bool
}

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
	raw := v.Trailer()["Encrypt"]
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
	if a, err := v.Array(v.Trailer()["ID"]); err == nil && len(a) > 0 {
		id, _ = v.Bytes(a[0])
	}
	e, err := newEncryption(d, id, o)
	if err != nil {
		return err
	}
	f.crypt = e
	return f.keyKnown()
}

// resolvedDict copies a dictionary with the references of its values, and those of its crypt filters, resolved.
func resolvedDict(v *View, d Dict) (Dict, error) {
	out := Dict{}
	for k, o := range d {
		x, err := v.Resolve(o)
		if err != nil {
			return nil, err
		}
		if k == "CF" {
			filters, _ := x.(Dict)
			plain := Dict{}
			for name, c := range filters {
				cd, err := v.Dict(c)
				if err != nil {
					return nil, err
				}
				inner := Dict{}
				for kk, oo := range cd {
					if inner[kk], err = v.Resolve(oo); err != nil {
						return nil, err
					}
				}
				plain[name] = inner
			}
			x = plain
		}
		out[k] = x
	}
	return out, nil
}

func newEncryption(d Dict, id []byte, o OpenOptions) (*Encryption, error) {
	e := &Encryption{encryptMetadata: true}
	if b, ok := d["EncryptMetadata"].(bool); ok {
		e.encryptMetadata = b
	}
	version, _ := d["V"].(Integer)
	filter, _ := d["Filter"].(Name)
	length := keyLength(d, version)
	switch version {
	case 0, 1, 2, 3:
		e.streams, e.text = methodRC4, methodRC4
		if version == 3 {
			return nil, &UnsupportedError{What: "an unpublished encryption (V 3)"}
		}
	case 4, 5, 6:
		if err := e.readFilters(d, version, &length); err != nil {
			return nil, err
		}
	default:
		return nil, &UnsupportedError{What: fmt.Sprintf("encryption version %d", version)}
	}
	if filter == "Adobe.PubSec" || d["Recipients"] != nil {
		return e, e.openPublicKey(d, version, length, o)
	}
	if filter != "Standard" {
		return nil, &UnsupportedError{What: fmt.Sprintf("the security handler %q", filter)}
	}
	return e, e.openStandard(d, id, length, o.Password)
}

// keyLength is Length in bytes; producers also write it in bytes instead of bits.
func keyLength(d Dict, version Integer) int {
	n, ok := d["Length"].(Integer)
	switch {
	case version == 1 || version == 0:
		return 5
	case version >= 5:
		return 32
	case !ok:
		if version == 4 {
			return 16
		}
		return 5
	}
	if n >= 40 && n <= 256 {
		n /= 8
	}
	if n < 5 || n > 32 {
		return 5
	}
	return int(min(n, 16))
}

func (e *Encryption) readFilters(d Dict, version Integer, length *int) error {
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
		if n, ok := c["Length"].(Integer); ok && version == 4 && d["Length"] == nil {
			if n > 32 {
				n /= 8
			}
			if n >= 5 && n <= 16 {
				*length = int(n)
			}
		}
		if m == "AESV2" {
			*length = 16
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

var passwordPad = []byte("\x28\xBF\x4E\x5E\x4E\x75\x8A\x41\x64\x00\x4E\x56\xFF\xFA\x01\x08\x2E\x2E\x00\xB6\xD0\x68\x3E\x80\x2F\x0C\xA9\xFE\x64\x53\x69\x7A")

func (e *Encryption) openStandard(d Dict, id []byte, length int, password string) error {
	r, _ := d["R"].(Integer)
	o, _ := d["O"].(String)
	u, _ := d["U"].(String)
	switch p := d["P"].(type) {
	case Integer:
		e.Permissions = uint32(p)
	case Real:
		e.Permissions = uint32(int64(p))
	}
	e.describe("Standard", r)
	e.revision = int(r)
	if r >= 5 {
		return e.openAES256(d, r, []byte(o), []byte(u), password)
	}
	if r < 2 || len(o) < 32 || len(u) < 16 {
		return errors.New("the PDF is damaged: its encryption dictionary is incomplete")
	}
	for _, pw := range legacyPasswords(password) {
		if key, ok := userKey(pw, []byte(o), []byte(u), e.Permissions, id, int(r), length, e.encryptMetadata); ok {
			e.key = key
			// The owner password can be the user password too.
			if user := userFromOwner(pw, []byte(o), int(r), length); password != "" {
				_, e.Owner = userKey(user, []byte(o), []byte(u), e.Permissions, id, int(r), length, e.encryptMetadata)
			}
			return nil
		}
		user := userFromOwner(pw, []byte(o), int(r), length)
		if key, ok := userKey(user, []byte(o), []byte(u), e.Permissions, id, int(r), length, e.encryptMetadata); ok {
			e.key, e.Owner = key, true
			return nil
		}
	}
	return &PasswordError{Given: password != ""}
}

// legacyPasswords are the byte forms that producers give a password before revision 5: PDFDocEncoding, and UTF-8.
func legacyPasswords(password string) [][]byte {
	out := [][]byte{[]byte(password)}
	if enc := EncodeText(password); string(enc) != password {
		out = append([][]byte{[]byte(enc)}, out...)
	}
	return out
}

func pad(pw []byte) []byte {
	b := make([]byte, 32)
	n := copy(b, pw)
	copy(b[n:], passwordPad)
	return b
}

// userKey is algorithms 2, 4, 5 and 6 of ISO 32000-2 §7.6.4: the file key for a user password, and whether it is the right one.
func userKey(pw, o, u []byte, perms uint32, id []byte, r, length int, metadata bool) ([]byte, bool) {
	h := md5.New()
	h.Write(pad(pw))
	h.Write(o[:32])
	var p [4]byte
	binary.LittleEndian.PutUint32(p[:], perms)
	h.Write(p[:])
	h.Write(id)
	if r >= 4 && !metadata {
		h.Write([]byte{0xff, 0xff, 0xff, 0xff})
	}
	key := h.Sum(nil)
	if r == 2 {
		length = 5
	} else {
		for range 50 {
			s := md5.Sum(key[:length])
			copy(key, s[:])
		}
	}
	key = key[:length]
	if r == 2 {
		want := rc4Bytes(key, passwordPad)
		return key, subtle.ConstantTimeCompare(want, u[:min(32, len(u))]) == 1
	}
	h = md5.New()
	h.Write(passwordPad)
	h.Write(id)
	want := rc4Rounds(key, h.Sum(nil), 0, 19)
	return key, subtle.ConstantTimeCompare(want[:16], u[:16]) == 1
}

// userFromOwner is algorithm 7: the padded user password out of O.
func userFromOwner(pw, o []byte, r, length int) []byte {
	s := md5.Sum(pad(pw))
	key := s[:]
	if r == 2 {
		return rc4Bytes(key[:5], o[:32])
	}
	for range 50 {
		s = md5.Sum(key[:length])
		key = s[:]
	}
	out := append([]byte(nil), o[:32]...)
	for i := 19; i >= 0; i-- {
		out = rc4Rounds(key[:length], out, i, i)
	}
	return out
}

func rc4Bytes(key, b []byte) []byte {
	c, err := rc4.NewCipher(key)
	if err != nil {
		return append([]byte(nil), b...)
	}
	out := make([]byte, len(b))
	c.XORKeyStream(out, b)
	return out
}

func rc4Rounds(key, b []byte, from, to int) []byte {
	for i := from; i <= to; i++ {
		k := make([]byte, len(key))
		for j := range key {
			k[j] = key[j] ^ byte(i)
		}
		b = rc4Bytes(k, b)
	}
	return b
}

// openAES256 is algorithm 2.A: revisions 5 and 6.
func (e *Encryption) openAES256(d Dict, r Integer, o, u []byte, password string) error {
	oe, _ := d["OE"].(String)
	ue, _ := d["UE"].(String)
	if len(o) < 48 || len(u) < 48 || len(oe) < 32 || len(ue) < 32 {
		return errors.New("the PDF is damaged: its encryption dictionary is incomplete")
	}
	pws := [][]byte{}
	if prepared, err := saslPrep(password); err == nil {
		pws = append(pws, []byte(prepared))
	}
	if len(pws) == 0 || string(pws[0]) != password {
		pws = append(pws, []byte(password))
	}
	for _, pw := range pws {
		if len(pw) > 127 {
			pw = pw[:127]
		}
		u48 := u[:48]
		if subtle.ConstantTimeCompare(hash2B(pw, o[32:40], u48, int(r)), o[:32]) == 1 {
			e.key, e.Owner = unwrap256(hash2B(pw, o[40:48], u48, int(r)), []byte(oe)), true
			return nil
		}
		if subtle.ConstantTimeCompare(hash2B(pw, u[32:40], nil, int(r)), u[:32]) == 1 {
			e.key = unwrap256(hash2B(pw, u[40:48], nil, int(r)), []byte(ue))
			return nil
		}
	}
	return &PasswordError{Given: password != ""}
}

func unwrap256(key, wrapped []byte) []byte {
	c, err := aes.NewCipher(key)
	if err != nil {
		return nil
	}
	out := make([]byte, 32)
	cipher.NewCBCDecrypter(c, make([]byte, 16)).CryptBlocks(out, wrapped[:32])
	return out
}

// hash2B is algorithm 2.B; revision 5 uses a plain SHA-256.
func hash2B(pw, salt, u []byte, r int) []byte {
	h := sha256.New()
	h.Write(pw)
	h.Write(salt)
	h.Write(u)
	k := h.Sum(nil)
	if r == 5 {
		return k
	}
	for i := 0; ; i++ {
		one := append(append(append([]byte{}, pw...), k...), u...)
		k1 := make([]byte, 0, 64*len(one))
		for range 64 {
			k1 = append(k1, one...)
		}
		c, _ := aes.NewCipher(k[:16])
		cipher.NewCBCEncrypter(c, k[16:32]).CryptBlocks(k1, k1)
		sum := 0
		for _, b := range k1[:16] {
			sum += int(b)
		}
		switch sum % 3 {
		case 0:
			s := sha256.Sum256(k1)
			k = s[:]
		case 1:
			s := sha512.Sum384(k1)
			k = s[:]
		default:
			s := sha512.Sum512(k1)
			k = s[:]
		}
		if i >= 63 && int(k1[len(k1)-1]) <= i-32 {
			return k[:32]
		}
	}
}

// openPublicKey is ISO 32000-2 §7.6.5: the seed comes out of one of the recipients' envelopes.
func (e *Encryption) openPublicKey(d Dict, version Integer, length int, o OpenOptions) error {
	recipients := d["Recipients"]
	if version >= 4 {
		name, _ := d["StmF"].(Name)
		cf, _ := d["CF"].(Dict)
		c, _ := cf[name].(Dict)
		recipients = c["Recipients"]
		if b, ok := c["EncryptMetadata"].(bool); ok {
			e.encryptMetadata = b
		}
		if n, ok := c["Length"].(Integer); ok && version == 4 {
			if n > 32 {
				n /= 8
			}
			length = int(min(max(n, 5), 16))
		}
		if e.streams == methodAES128 {
			length = 16
		}
	}
	var list [][]byte
	switch x := recipients.(type) {
	case Array:
		for _, r := range x {
			if s, ok := r.(String); ok {
				list = append(list, []byte(s))
			}
		}
	case String:
		list = append(list, []byte(x))
	}
	e.describe("public key", version)
	e.revision = 4 // the bits mean what they do since revision 3
	if o.Recipient == nil || len(list) == 0 {
		return &PasswordError{PublicKey: true}
	}
	content, err := o.Recipient(list)
	if err != nil {
		return err
	}
	if len(content) < 20 {
		return &PasswordError{PublicKey: true, Given: true}
	}
	if len(content) >= 24 {
		e.Permissions = binary.BigEndian.Uint32(content[20:24])
		// Bit 2 gives full rights to the holders of these certificates.
		e.Owner = e.Permissions&2 != 0
	} else {
		e.Owner = true
	}
	h := sha1.New()
	if e.streams == methodAES256 {
		h = sha256.New()
		length = 32
	}
	h.Write(content[:20])
	for _, r := range list {
		h.Write(r)
	}
	if !e.encryptMetadata {
		h.Write([]byte{0xff, 0xff, 0xff, 0xff})
	}
	e.key = h.Sum(nil)[:length]
	return nil
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
	if len(b) < 32 {
		return nil // an empty value, or damaged
	}
	c, err := aes.NewCipher(e.objectKey(r, m))
	if err != nil {
		return nil
	}
	body := b[16 : len(b)-len(b)%16]
	out := make([]byte, len(body))
	cipher.NewCBCDecrypter(c, b[:16]).CryptBlocks(out, body)
	// Some producers leave the padding out or write it wrong: then all of it is data.
	if n := int(out[len(out)-1]); n >= 1 && n <= 16 && n <= len(out) {
		out = out[:len(out)-n]
	}
	return out
}

func (e *Encryption) encrypt(rand io.Reader, r Ref, m method, b []byte) ([]byte, error) {
	switch m {
	case identity:
		return b, nil
	case methodRC4:
		return rc4Bytes(e.objectKey(r, m), b), nil
	}
	c, err := aes.NewCipher(e.objectKey(r, m))
	if err != nil {
		return nil, err
	}
	n := 16 - len(b)%16
	out := make([]byte, 16+len(b)+n)
	if _, err := io.ReadFull(rand, out[:16]); err != nil {
		return nil, err
	}
	copy(out[16:], b)
	for i := 16 + len(b); i < len(out); i++ {
		out[i] = byte(n)
	}
	cipher.NewCBCEncrypter(c, out[:16]).CryptBlocks(out[16:], out[16:])
	return out, nil
}

// streamMethod is what is done with a stream: by its own Crypt filter, or the default; cross-reference streams are never
// encrypted, metadata only if the file says so.
func (e *Encryption) streamMethod(d Dict) method {
	typ, _ := d["Type"].(Name)
	if typ == "XRef" {
		return identity
	}
	if typ == "Metadata" && !e.encryptMetadata {
		return identity
	}
	var name Name
	var parms Object
	switch x := d["Filter"].(type) {
	case Name:
		name, parms = x, d["DecodeParms"]
		if a, ok := parms.(Array); ok && len(a) > 0 {
			parms = a[0]
		}
	case Array:
		if len(x) > 0 {
			name, _ = x[0].(Name)
		}
		if a, ok := d["DecodeParms"].(Array); ok && len(a) > 0 {
			parms = a[0]
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
