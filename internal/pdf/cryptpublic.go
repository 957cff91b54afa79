package pdf

import (
	"crypto/sha1"
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"slices"
)

// permAll gives the holders of a recipient's certificate full rights; only public-key handlers know it (ISO 32000-2 Table 24,
// bit 2).
const permAll = 1 << (2 - 1)

// maxRecipients bounds the envelopes of one file: each may cost a private key operation.
const maxRecipients = 1000

// openPublicKey finds the file key of a public-key security handler (ISO 32000-2 §7.6.5): the seed comes out of one of the
// recipients' envelopes.
func (e *Encryption) openPublicKey(d Dict, version Integer, length int, o OpenOptions) error {
	recipients := d["Recipients"]
	strong := false // AES-256
	if version >= 4 {
		c := e.recipientFilter(d)
		if c["Recipients"] != nil {
			recipients = c["Recipients"]
		}
		if b, ok := c["EncryptMetadata"].(bool); ok {
			e.encryptMetadata = b
		}
		switch c["CFM"] {
		case Name("AESV3"):
			strong = true
		case Name("AESV2"):
			length = 16
		default:
			length = filterLength(c, length)
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
	e.public = true
	e.revision = 4 // the bits mean what they do since revision 3
	if len(list) == 0 {
		return errEncryptDict
	}
	if len(list) > maxRecipients {
		return &LimitError{What: "recipients of an encrypted file", Limit: maxRecipients}
	}
	if o.Recipient == nil {
		return &PasswordError{PublicKey: true}
	}
	content, err := o.Recipient(slices.Clone(list))
	if err != nil {
		return err
	}
	if len(content) < 20 {
		return &PasswordError{PublicKey: true, Given: true}
	}
	// 20 bytes of seed; 4 of permissions follow, the most significant first, unless the recipient has all rights.
	if len(content) >= 24 {
		e.Permissions = binary.BigEndian.Uint32(content[20:24])
		e.Owner = e.Permissions&permAll != 0
	} else {
		e.Permissions, e.Owner = 1<<32-1, true
	}
	var h hash.Hash = sha1.New()
	if strong {
		h = sha256.New()
		length = 32
	}
	h.Write(content[:20])
	for _, r := range list {
		h.Write(r)
	}
	if version >= 4 && !e.encryptMetadata {
		h.Write([]byte{0xff, 0xff, 0xff, 0xff})
	}
	sum := h.Sum(nil)
	e.key = sum[:min(length, len(sum))]
	return nil
}

// recipientFilter is the crypt filter that names the recipients: that of streams, or of strings or attachments where streams are
// left open.
func (e *Encryption) recipientFilter(d Dict) Dict {
	cf, _ := d["CF"].(Dict)
	for _, key := range []Name{"StmF", "StrF", "EFF"} {
		name, _ := d[key].(Name)
		if c, ok := cf[name].(Dict); ok && c["Recipients"] != nil {
			return c
		}
	}
	for _, name := range []Name{"DefaultCryptFilter", "DefEmbeddedFile"} {
		if c, ok := cf[name].(Dict); ok {
			return c
		}
	}
	return nil
}
