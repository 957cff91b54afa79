package pdf

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/md5"
	"crypto/rc4"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
)

var errEncryptDict = errors.New("the PDF is damaged: its encryption dictionary is incomplete")

var passwordPad = []byte("\x28\xBF\x4E\x5E\x4E\x75\x8A\x41\x64\x00\x4E\x56\xFF\xFA\x01\x08\x2E\x2E\x00\xB6\xD0\x68\x3E\x80\x2F\x0C\xA9\xFE\x64\x53\x69\x7A")

// openStandard finds the file key of the standard security handler (ISO 32000-2 §7.6.4). length is what the file states for
// revisions 2 to 4, in bytes.
func (e *Encryption) openStandard(d Dict, id []byte, length int, password string) error {
	r, _ := d["R"].(Integer)
	switch p := d["P"].(type) {
	case Integer:
		e.Permissions = uint32(p)
	case Real:
		e.Permissions = uint32(int64(p))
	}
	e.describe("Standard", r)
	e.revision = int(min(max(r, 0), 99))
	switch e.revision {
	case 2, 3, 4:
		return e.openLegacy(d, id, length, password)
	case 5, 6:
		return e.openAES256(d, password)
	case 0:
		return errEncryptDict
	}
	return &UnsupportedError{What: fmt.Sprintf("revision %d of the standard security handler", r)}
}

// legacy is what algorithms 2 to 7 compute with: revisions 2 to 4.
type legacy struct {
	owner, user, id []byte // O, U and the first part of ID
	permissions     uint32
	revision        int
	length          int // of the key in bytes, at most 16
	metadata        bool
}

func (e *Encryption) openLegacy(d Dict, id []byte, length int, password string) error {
	o, _ := d["O"].(String)
	u, _ := d["U"].(String)
	if len(o) < 32 || len(u) < 16 {
		return errEncryptDict
	}
	l := legacy{
		owner: []byte(o[:32]), user: []byte(u[:min(32, len(u))]), id: id,
		permissions: e.Permissions, revision: e.revision, metadata: e.encryptMetadata,
	}
	// Producers state a wrong Length; from revision 3 on the check of 16 bytes tells which one they meant.
	lengths := []int{min(length, 16)}
	if e.revision == 2 {
		lengths = []int{5}
	}
	for _, n := range []int{16, 5} {
		if e.revision > 2 && !slices.Contains(lengths, n) {
			lengths = append(lengths, n)
		}
	}
	for _, l.length = range lengths {
		for _, pw := range legacyPasswords(password) {
			user := l.userPassword(pw)
			if key, ok := l.key(pw); ok {
				e.key = key
				// Where the owner chose no password of his own, O is made with the user's (algorithm 3). That is owner access by
				// the letter; an empty one was not given by anybody.
				if password != "" {
					_, e.Owner = l.key(user)
				}
				return nil
			}
			if key, ok := l.key(user); ok {
				e.key, e.Owner = key, true
				return nil
			}
		}
	}
	return &PasswordError{Given: password != ""}
}

// legacyPasswords are the byte forms that producers give a password before revision 5: PDFDocEncoding, and UTF-8.
func legacyPasswords(password string) [][]byte {
	out := [][]byte{[]byte(password)}
	if enc := string(EncodeText(password)); enc != password && !strings.HasPrefix(enc, "\xfe\xff") {
		out = [][]byte{[]byte(enc), []byte(password)}
	}
	return out
}

func pad(pw []byte) []byte {
	b := make([]byte, 32)
	n := copy(b, pw)
	copy(b[n:], passwordPad)
	return b
}

// key is algorithms 2, 4, 5 and 6: the file key for a user password, and whether that is the right one.
func (l *legacy) key(pw []byte) ([]byte, bool) {
	h := md5.New()
	h.Write(pad(pw))
	h.Write(l.owner)
	var p [4]byte
	binary.LittleEndian.PutUint32(p[:], l.permissions)
	h.Write(p[:])
	h.Write(l.id)
	if l.revision >= 4 && !l.metadata {
		h.Write([]byte{0xff, 0xff, 0xff, 0xff})
	}
	key := h.Sum(nil)
	if l.revision >= 3 {
		for range 50 {
			s := md5.Sum(key[:l.length])
			copy(key, s[:])
		}
	}
	key = key[:l.length]
	want := l.userEntry(key)
	return key, subtle.ConstantTimeCompare(want, l.user[:min(len(want), len(l.user))]) == 1
}

// userEntry is what U begins with: algorithms 4 and 5.
func (l *legacy) userEntry(key []byte) []byte {
	if l.revision == 2 {
		return rc4Bytes(key, passwordPad)
	}
	h := md5.New()
	h.Write(passwordPad)
	h.Write(l.id)
	return rc4Rounds(key, h.Sum(nil), 0, 19)
}

// ownerKey is the key that O is encrypted with: the first steps of algorithm 3.
func (l *legacy) ownerKey(pw []byte) []byte {
	s := md5.Sum(pad(pw))
	if l.revision >= 3 {
		for range 50 {
			s = md5.Sum(s[:l.length])
		}
	}
	return s[:l.length]
}

// userPassword is algorithm 7: the padded user password out of O.
func (l *legacy) userPassword(pw []byte) []byte {
	key := l.ownerKey(pw)
	if l.revision == 2 {
		return rc4Bytes(key, l.owner)
	}
	out := l.owner
	for i := 19; i >= 0; i-- {
		out = rc4Rounds(key, out, i, i)
	}
	return out
}

func rc4Bytes(key, b []byte) []byte {
	out := make([]byte, len(b))
	if c, err := rc4.NewCipher(key); err == nil {
		c.XORKeyStream(out, b)
	}
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

// maxPassword is how much of a prepared password revisions 5 and 6 use (ISO 32000-2 §7.6.4.3.3).
const maxPassword = 127

// openAES256 is algorithm 2.A: revisions 5 and 6.
func (e *Encryption) openAES256(d Dict, password string) error {
	o, _ := d["O"].(String)
	u, _ := d["U"].(String)
	oe, _ := d["OE"].(String)
	ue, _ := d["UE"].(String)
	if len(o) < 48 || len(u) < 48 {
		return errEncryptDict
	}
	for _, pw := range aesPasswords(password) {
		if wrapped, ok := openHash(pw, []byte(o), []byte(u[:48]), []byte(oe), e.revision); ok {
			e.key, e.Owner = wrapped, true
		} else if wrapped, ok := openHash(pw, []byte(u), nil, []byte(ue), e.revision); ok {
			e.key = wrapped
		} else {
			continue
		}
		if e.key == nil {
			return errEncryptDict
		}
		e.checkPerms(d)
		return nil
	}
	return &PasswordError{Given: password != ""}
}

// openHash compares a password with O or U, which are a hash and two salts, and takes the file key out of OE or UE. The key is nil
// when that is too short.
func openHash(pw, entry, u, wrapped []byte, revision int) (key []byte, ok bool) {
	hash, check, salt := entry[:32], entry[32:40], entry[40:48]
	if subtle.ConstantTimeCompare(hash2B(pw, check, u, revision), hash) != 1 {
		return nil, false
	}
	if len(wrapped) < 32 {
		return nil, true
	}
	c, err := aes.NewCipher(hash2B(pw, salt, u, revision))
	if err != nil {
		return nil, true
	}
	key = make([]byte, 32)
	cipher.NewCBCDecrypter(c, make([]byte, aes.BlockSize)).CryptBlocks(key, wrapped[:32])
	return key, true
}

// aesPasswords are the byte forms of a password for revisions 5 and 6: prepared as the standard says, and as typed, as some
// producers take it.
func aesPasswords(password string) [][]byte {
	var out [][]byte
	if prepared, err := saslPrep(password); err == nil && prepared != password {
		out = append(out, []byte(prepared))
	}
	out = append(out, []byte(password))
	for i, pw := range out {
		out[i] = pw[:min(len(pw), maxPassword)]
	}
	return out
}

// hash2B is algorithm 2.B; revision 5 uses a plain SHA-256.
func hash2B(pw, salt, u []byte, revision int) []byte {
	h := sha256.New()
	h.Write(pw)
	h.Write(salt)
	h.Write(u)
	k := h.Sum(nil)
	if revision == 5 {
		return k
	}
	k1 := make([]byte, 0, 64*(len(pw)+64+len(u)))
	for i := 0; ; i++ {
		k1 = append(append(append(k1[:0], pw...), k...), u...)
		for one := k1; len(k1) < 64*len(one); {
			k1 = append(k1, one...)
		}
		c, err := aes.NewCipher(k[:16])
		if err != nil {
			panic(err) // 16 bytes are a key
		}
		cipher.NewCBCEncrypter(c, k[16:32]).CryptBlocks(k1, k1)
		// The first 16 bytes as a number modulo 3: 256 is 1 modulo 3, so their sum serves.
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
		// i counts from 0, rounds from 1: after round 64, and each later one, the last byte decides.
		if round := i + 1; round >= 64 && int(k1[len(k1)-1]) <= round-32 {
			return k[:32]
		}
	}
}

// checkPerms is algorithm 13. Perms repeats P and EncryptMetadata under the file key, so that who cannot open the file cannot
// widen them unnoticed. Where they differ only what both allow is allowed.
func (e *Encryption) checkPerms(d Dict) {
	perms, _ := d["Perms"].(String)
	if len(perms) < 16 {
		e.doubts = append(e.doubts, "the encryption dictionary has no Perms to check its permissions with")
		return
	}
	c, err := aes.NewCipher(e.key)
	if err != nil {
		return
	}
	var b [16]byte
	c.Decrypt(b[:], []byte(perms[:16]))
	if string(b[9:12]) != "adb" {
		e.doubts = append(e.doubts, "Perms of the encryption dictionary is damaged")
		return
	}
	if protected := binary.LittleEndian.Uint32(b[:]); protected != e.Permissions {
		e.doubts = append(e.doubts, "the permissions of the encryption dictionary are not those that Perms protects")
		e.Permissions &= protected
	}
	if b[8] == 'T' != e.encryptMetadata {
		e.doubts = append(e.doubts, "EncryptMetadata of the encryption dictionary is not what Perms protects")
	}
}
