package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"mime"
	"net/http"
	"strconv"
	"time"
)

// Trust is whom this instance trusts, and what others need to trust it.
type Trust struct {
	Package Words // its name
	Date    time.Time
	Roots   []Root
	Files   map[string]TrustFile // of the folder /trust/
}

// Root is one of the certificates that trust rests on.
type Root struct {
	Own      bool // of this instance
	Kind     string
	Subject  string
	Issuing  bool // no root but the authority below it, shown for those who compare
	SHA256   string
	SHA1     string // Windows names certificates by it
	From, To time.Time
}

// TrustFile is one file.
type TrustFile struct {
	Type  string
	Data  []byte
	Shown bool // in the browser; others are downloaded
}

// trustFile gives root and chain in the forms that programs import.
func (s *server) trustFile(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	f, ok := s.Trust.Files[name]
	if !ok {
		http.NotFound(w, r)
		return
	}
	sum := sha256.Sum256(f.Data)
	h := w.Header()
	h.Set("Content-Type", f.Type)
	h.Set("Content-Length", strconv.Itoa(len(f.Data)))
	h.Set("Cache-Control", "no-cache") // asked for again each time, and not sent again when it is the same
	h.Set("ETag", `"`+hex.EncodeToString(sum[:12])+`"`)
	h.Set("Content-Security-Policy", filePolicy)
	if !f.Shown {
		h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(f.Data))
}
