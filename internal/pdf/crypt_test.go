package pdf

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// lock makes encryption dictionaries, so that every kind of protection can be tested without files of others. It is the writing
// half of the algorithms; that the reading half is right is shown by the corpus and by qpdf.
type lock struct {
	v, r        Integer
	length      int // bytes, revisions 2 to 4
	cfm         Name
	user, owner string
	perms       uint32
	openMeta    bool // metadata is not encrypted
	stmf, strf  Name // "": StdCF
}

func (k lock) key(id []byte) (Dict, *Encryption) {
	d := Dict{"Filter": Name("Standard"), "V": k.v, "R": k.r, "P": Integer(int32(k.perms))}
	e := &Encryption{revision: int(k.r), Permissions: k.perms, encryptMetadata: !k.openMeta, streams: methodRC4, text: methodRC4, id: id}
	if k.v >= 2 {
		d["Length"] = Integer(8 * k.length)
	}
	if k.v >= 4 {
		d["CF"] = Dict{"StdCF": Dict{"Type": Name("CryptFilter"), "CFM": k.cfm, "AuthEvent": Name("DocOpen"), "Length": Integer(k.length)}}
		d["StmF"], d["StrF"] = Name("StdCF"), Name("StdCF")
		if k.stmf != "" {
			d["StmF"] = k.stmf
		}
		if k.strf != "" {
			d["StrF"] = k.strf
		}
		if k.openMeta {
			d["EncryptMetadata"] = false
		}
		if err := e.readFilters(d); err != nil {
			panic(err)
		}
	}
	if k.r >= 5 {
		k.aes(d, e)
		return d, e
	}
	l := legacy{id: id, permissions: k.perms, revision: int(k.r), length: k.length, metadata: !k.openMeta}
	key := l.ownerKey(legacyPasswords(k.owner)[0])
	user := legacyPasswords(k.user)[0]
	if k.r == 2 {
		l.owner = rc4Bytes(key, pad(user))
	} else {
		l.owner = rc4Rounds(key, pad(user), 0, 19)
	}
	e.key, _ = l.key(user)
	u := l.userEntry(e.key)
	d["O"], d["U"] = String(l.owner), String(append(u, make([]byte, 32-len(u))...))
	return d, e
}

func (k lock) aes(d Dict, e *Encryption) {
	e.key = bytes.Repeat([]byte{7}, 32)
	prepared := func(pw string) []byte { return aesPasswords(pw)[0] }
	entry := func(pw []byte, salts string, u []byte) (hash, wrapped String) {
		h := hash2B(pw, []byte(salts[:8]), u, int(k.r))
		c, _ := aes.NewCipher(hash2B(pw, []byte(salts[8:]), u, int(k.r)))
		out := make([]byte, 32)
		cipher.NewCBCEncrypter(c, make([]byte, 16)).CryptBlocks(out, e.key)
		return String(h) + String(salts), String(out)
	}
	u, ue := entry(prepared(k.user), "vvvvvvvvkkkkkkkk", nil)
	o, oe := entry(prepared(k.owner), "VVVVVVVVKKKKKKKK", []byte(u))
	d["U"], d["UE"], d["O"], d["OE"] = u, ue, o, oe
	perms := make([]byte, 16)
	binary.LittleEndian.PutUint32(perms, k.perms)
	copy(perms[4:], "\xff\xff\xff\xffTadbxxxx")
	if k.openMeta {
		perms[8] = 'F'
	}
	c, _ := aes.NewCipher(e.key)
	c.Encrypt(perms, perms)
	d["Perms"] = String(perms)
}

// ivs gives bytes for initialization vectors that are the same in each run.
func ivs() io.Reader { return &counter{} }

type counter struct{ n byte }

func (c *counter) Read(b []byte) (int, error) {
	for i := range b {
		c.n++
		b[i] = c.n
	}
	return len(b), nil
}

const fileID = "0123456789abcdef"

// protected is a document of one page with a string, a stream and metadata. The numbers of what it holds are the same in each.
func protected(t testing.TB, d Dict, e *Encryption, packed bool) []byte {
	t.Helper()
	n := NewDocument("1.7")
	catalog, tree, page := n.Alloc(), n.Alloc(), n.Alloc()
	content := n.Add(DeflateStream(Dict{}, []byte("BT ET % isi halaman")))
	info := n.Add(Dict{"Title": String("Surat Perintah Tugas (contoh)")})
	meta := n.Add(NewStream(Dict{"Type": Name("Metadata"), "Subtype": Name("XML")}, []byte("<x/>")))
	n.Set(catalog, Dict{"Type": Name("Catalog"), "Pages": tree, "Metadata": meta})
	n.Set(tree, Dict{"Type": Name("Pages"), "Kids": Array{page}, "Count": Integer(1)})
	n.Set(page, Dict{"Type": Name("Page"), "Parent": tree, "MediaBox": Array{Integer(0), Integer(0), Integer(200), Integer(300)}, "Contents": content})
	n.SetTrailer("Root", catalog)
	n.SetTrailer("Info", info)
	n.SetTrailer("ID", Array{String(fileID), String(fileID)})
	n.encryptRef = n.Add(d)
	n.SetTrailer("Encrypt", n.encryptRef)
	n.crypt, n.iv = e, ivs()
	if packed {
		n.Pack(catalog, info)
	}
	var b bytes.Buffer
	if _, err := n.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

const (
	contentNum = 4
	infoNum    = 5
	metaNum    = 6
)

func checkProtected(t *testing.T, f *File) {
	t.Helper()
	v := f.Latest()
	info, err := v.Dict(Ref{Num: infoNum})
	if title, _ := v.Text(info["Title"]); err != nil || title != "Surat Perintah Tugas (contoh)" {
		t.Errorf("Title = %q, %v", title, err)
	}
	for num, want := range map[uint32]string{contentNum: "BT ET % isi halaman", metaNum: "<x/>"} {
		st, err := v.Stream(Ref{Num: num})
		if err != nil || st == nil {
			t.Errorf("stream %d: %v", num, err)
			continue
		}
		if b, err := v.StreamData(st, 0); err != nil || string(b) != want {
			t.Errorf("stream %d = %q, %v, want %q", num, b, err, want)
		}
	}
}

var locks = []struct {
	name, handler string
	lock
}{
	{"R2", "Standard R2 RC4", lock{v: 1, r: 2, length: 5}},
	{"R3 40 bits", "Standard R3 RC4", lock{v: 2, r: 3, length: 5}},
	{"R3 56 bits", "Standard R3 RC4", lock{v: 2, r: 3, length: 7}},
	{"R3 128 bits", "Standard R3 RC4", lock{v: 2, r: 3, length: 16}},
	{"R4 RC4", "Standard R4 RC4", lock{v: 4, r: 4, length: 16, cfm: "V2"}},
	{"R4 AES", "Standard R4 AES-128", lock{v: 4, r: 4, length: 16, cfm: "AESV2"}},
	{"R4 AES, open metadata", "Standard R4 AES-128", lock{v: 4, r: 4, length: 16, cfm: "AESV2", openMeta: true}},
	{"R4 AES, open streams", "Standard R4 identity", lock{v: 4, r: 4, length: 16, cfm: "AESV2", stmf: "Identity"}},
	{"R4 AES, open strings", "Standard R4 AES-128", lock{v: 4, r: 4, length: 16, cfm: "AESV2", strf: "Identity"}},
	{"R5", "Standard R5 AES-256", lock{v: 5, r: 5, length: 32, cfm: "AESV3"}},
	{"R6", "Standard R6 AES-256", lock{v: 5, r: 6, length: 32, cfm: "AESV3"}},
	{"R6, open metadata", "Standard R6 AES-256", lock{v: 5, r: 6, length: 32, cfm: "AESV3", openMeta: true}},
}

const noChanges = 0xfffff000 | 1<<2 // printing only

// TestStandardHandler opens each kind of protection with each kind of password, and appends to it.
func TestStandardHandler(t *testing.T) {
	qpdf, _ := exec.LookPath("qpdf")
	for i, c := range locks {
		for _, pw := range []struct{ name, user, owner string }{{"both", "pengguna", "pemilik"}, {"owner", "", "pemilik"}, {"accents", "kätæ sändi", "10 €"}, {"long", strings.Repeat("panjang ", 20), "x"}} {
			t.Run(c.name+"/"+pw.name, func(t *testing.T) {
				k := c.lock
				k.user, k.owner, k.perms = pw.user, pw.owner, noChanges
				d, e := k.key([]byte(fileID))
				b := protected(t, d, e, i%2 == 1)
				for _, try := range []struct {
					password string
					owner    bool
				}{{pw.user, false}, {pw.owner, true}} {
					f, err := openWith(b, try.password)
					if err != nil {
						t.Fatalf("Open with %q: %v", try.password, err)
					}
					checkProtected(t, f)
					got := f.Encryption()
					if got.Handler != c.handler || got.Owner != try.owner || got.Permissions != noChanges || got.MayAddField() != try.owner || got.MaySignField() != try.owner {
						t.Errorf("with %q: %s, owner %v, permissions %#x, may add %v, may sign %v", try.password, got.Handler, got.Owner, got.Permissions, got.MayAddField(), got.MaySignField())
					}
					if codes(f) != "" {
						t.Errorf("notes %v", f.Notes())
					}
				}
				var wrong *PasswordError
				if _, err := openWith(b, "salah"); !errors.As(err, &wrong) || !wrong.Given || wrong.PublicKey || !errors.Is(err, ErrPassword) {
					t.Errorf("Open with a wrong password = %v", err)
				}
				if pw.user != "" {
					if _, err := openWith(b, ""); !errors.As(err, &wrong) || wrong.Given {
						t.Errorf("Open without password = %v", err)
					}
				}
				updateProtected(t, b, pw.user, pw.name == "both", qpdf)
			})
		}
	}
}

func openWith(b []byte, password string) (*File, error) {
	return Open(bytes.NewReader(b), int64(len(b)), OpenOptions{Password: password})
}

// updateProtected appends a string, a stream, metadata and a signature dictionary, and lets qpdf read them.
func updateProtected(t *testing.T, b []byte, password string, ask bool, qpdf string) {
	t.Helper()
	f, err := openWith(b, password)
	if err != nil {
		t.Fatal(err)
	}
	u, err := NewUpdate(f)
	if err != nil {
		t.Fatal(err)
	}
	u.iv = ivs()
	st := u.Alloc()
	u.Set(st, NewStream(Dict{"Note": String("catatan (baru)")}, []byte("isi baru")))
	sig := u.Alloc()
	u.Set(sig, Dict{"Type": Name("Sig"), "Reason": String("setuju"), "Contents": Literal{[]byte("<00ff00>"), "hole"}})
	old := u.Alloc()
	u.Set(old, Dict{"Type": Name("Sig"), "Reason": String("setuju"), "Contents": String("\x00\xff")})
	meta, err := f.Latest().Stream(Ref{Num: metaNum})
	if err != nil {
		t.Fatal(err)
	}
	u.Set(Ref{Num: metaNum}, meta) // as it was read
	plain := u.Alloc()
	u.Set(plain, NewStream(Dict{"Filter": Array{Name("Crypt")}, "DecodeParms": Array{Dict{"Name": Name("Identity")}}}, []byte("terbuka")))
	a, err := u.Bytes("")
	if err != nil {
		t.Fatal(err)
	}
	both := append(bytes.Clone(b), a.Bytes...)
	if at := a.Marks["hole"]; !bytes.HasPrefix(both[at:], []byte("<00ff00>")) {
		t.Errorf("the mark leads to %q", both[at:at+10])
	}
	if !bytes.Contains(a.Bytes, []byte("<00ff>")) {
		t.Error("the Contents of a signature is encrypted")
	}
	if f.crypt.text != identity && bytes.Contains(a.Bytes, []byte("setuju")) {
		t.Error("a string is written in clear")
	}
	if f.crypt.streams != identity && bytes.Contains(a.Bytes, []byte("isi baru")) {
		t.Error("a stream is written in clear")
	}
	if f.crypt.filters != nil && !bytes.Contains(a.Bytes, []byte("terbuka")) {
		t.Error("a stream with the filter Identity is encrypted")
	}
	if got, want := bytes.Contains(a.Bytes, []byte("<x/>")), f.crypt.streams == identity || !f.crypt.encryptMetadata; got != want {
		t.Errorf("metadata in clear = %v, want %v", got, want)
	}
	again, err := openWith(both, password)
	if err != nil {
		t.Fatal(err)
	}
	checkProtected(t, again)
	v := again.Latest()
	s, err := v.Stream(st)
	if err != nil || s == nil {
		t.Fatalf("new stream: %v, %v", s, err)
	}
	if data, err := v.StreamData(s, 0); err != nil || string(data) != "isi baru" || s.Dict["Note"] != String("catatan (baru)") {
		t.Errorf("new stream = %q, %v, %v", data, s.Dict, err)
	}
	if d, err := v.Dict(sig); err != nil || d["Reason"] != String("setuju") || d["Contents"] != String("\x00\xff\x00") {
		t.Errorf("signature = %v, %v", d, err)
	}
	if d, err := v.Dict(old); err != nil || d["Contents"] != String("\x00\xff") {
		t.Errorf("old signature = %v, %v", d, err)
	}
	if ask && qpdf != "" && !testing.Short() {
		askQPDF(t, qpdf, both, password, st, sig)
	}
}

func askQPDF(t *testing.T, qpdf string, b []byte, password string, st, sig Ref) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a.pdf")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	run := func(args ...string) string {
		out, err := exec.Command(qpdf, append([]string{"--password=" + password}, append(args, path)...)...).CombinedOutput()
		if err != nil {
			t.Errorf("qpdf %v: %v\n%s", args, err, out)
		}
		return string(out)
	}
	if out := run("--check"); !strings.Contains(out, "No syntax or stream encoding errors") {
		t.Errorf("qpdf --check: %s", out)
	}
	if out := run(fmt.Sprintf("--show-object=%d", st.Num), "--filtered-stream-data"); out != "isi baru" {
		t.Errorf("qpdf reads the stream as %q", out)
	}
	if out := run(fmt.Sprintf("--show-object=%d", sig.Num)); !strings.Contains(out, "(setuju)") {
		t.Errorf("qpdf reads the signature as %s", out)
	}
}

// TestBothPasswordsEqual gives owner access, as the standard has it; an empty one does not, because nobody gave it.
func TestBothPasswordsEqual(t *testing.T) {
	for _, c := range locks {
		for pw, want := range map[string]bool{"sama": true, "": c.r >= 5} {
			k := c.lock
			k.user, k.owner, k.perms = pw, pw, noChanges
			d, e := k.key([]byte(fileID))
			f, err := openWith(protected(t, d, e, false), pw)
			if err != nil || f.Encryption().Owner != want {
				t.Errorf("%s with %q: owner = %v, %v, want %v", c.name, pw, f.Encryption().Owner, err, want)
			}
		}
	}
}

// TestEncryptDictQuirks opens what producers write against the standard.
func TestEncryptDictQuirks(t *testing.T) {
	r3 := lock{v: 2, r: 3, length: 16, user: "u", owner: "o", perms: 0xfffffffc}
	r4 := lock{v: 4, r: 4, length: 16, cfm: "AESV2", user: "u", owner: "o", perms: 0xfffffffc}
	r6 := lock{v: 5, r: 6, length: 32, cfm: "AESV3", user: "u", owner: "o", perms: 0xfffffffc}
	for _, c := range []struct {
		name  string
		lock  lock
		spoil func(Dict)
		want  string // note codes
	}{
		{"Length in bytes", r3, func(d Dict) { d["Length"] = Integer(16) }, ""},
		{"Length wrong", r3, func(d Dict) { d["Length"] = Integer(40) }, ""},
		{"Length nonsense", r3, func(d Dict) { d["Length"] = Integer(-7) }, ""},
		{"Length missing", r3, func(d Dict) { delete(d, "Length") }, ""},
		{"V 1 with a long key", r3, func(d Dict) { d["V"] = Integer(1) }, ""},
		{"P positive", r3, func(d Dict) { d["P"] = Integer(0xfffffffc) }, ""},
		{"P with a point", r3, func(d Dict) { d["P"] = Real(-4) }, ""},
		{"O and U too long", r3, func(d Dict) { d["O"] = d["O"].(String) + "xx"; d["U"] = d["U"].(String) + "xx" }, ""},
		{"EncryptMetadata without crypt filters", r3, func(d Dict) { d["EncryptMetadata"] = false }, ""},
		{"crypt filter Length in bits", r4, func(d Dict) { d["CF"].(Dict)["StdCF"].(Dict)["Length"] = Integer(128); delete(d, "Length") }, ""},
		{"Length of 40 bits with AES", r4, func(d Dict) { d["Length"] = Integer(40) }, ""},
		{"P positive in R6", r6, func(d Dict) { d["P"] = Integer(0xfffffffc) }, ""},
		{"OE damaged", r6, func(d Dict) { d["OE"] = String("x") }, ""},
		{"O and U padded", r6, func(d Dict) { d["O"] = d["O"].(String) + String(make([]byte, 79)); d["U"] = d["U"].(String) + "x" }, ""},
		{"Perms missing", r6, func(d Dict) { delete(d, "Perms") }, "encryption-dictionary"},
		{"Perms damaged", r6, func(d Dict) { d["Perms"] = String(make([]byte, 16)) }, "encryption-dictionary"},
		{"EncryptMetadata contradicts Perms", r6, func(d Dict) { d["EncryptMetadata"] = false }, "encryption-dictionary"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, e := c.lock.key([]byte(fileID))
			c.spoil(d)
			if d["EncryptMetadata"] == false && c.lock.r == 6 {
				e.encryptMetadata = false
			}
			f, err := openWith(protected(t, d, e, true), "u")
			if err != nil {
				t.Fatal(err)
			}
			checkProtected(t, f)
			if got := codes(f); got != c.want {
				t.Errorf("notes = %v, want %q", f.Notes(), c.want)
			}
		})
	}
}

// TestPermsProtectsP widens P in a file whose password is not known, and must not be believed.
func TestPermsProtectsP(t *testing.T) {
	k := lock{v: 5, r: 6, length: 32, cfm: "AESV3", owner: "o", perms: noChanges}
	d, e := k.key([]byte(fileID))
	d["P"] = Integer(-4)
	f, err := openWith(protected(t, d, e, false), "")
	if err != nil {
		t.Fatal(err)
	}
	if got := f.Encryption(); got.MayAddField() || got.Permissions != noChanges || codes(f) != "encryption-dictionary" {
		t.Errorf("permissions %#x, may add %v, notes %v", got.Permissions, got.MayAddField(), f.Notes())
	}
}

func TestPermissions(t *testing.T) {
	for _, c := range []struct {
		perms    uint32
		revision int
		owner    bool
		add, fit bool
	}{
		{0, 3, false, false, false},
		{0, 3, true, true, true},
		{permModify, 4, false, false, false},
		{permAnnotate, 4, false, false, true},
		{permModify | permAnnotate, 2, false, true, true},
		{permFill, 3, false, false, true},
		{permFill, 2, false, false, false}, // the bit has no meaning there
	} {
		e := &Encryption{Permissions: c.perms, revision: c.revision, Owner: c.owner}
		if e.MayAddField() != c.add || e.MaySignField() != c.fit {
			t.Errorf("P %#x, R %d, owner %v: MayAddField = %v, MaySignField = %v", c.perms, c.revision, c.owner, e.MayAddField(), e.MaySignField())
		}
	}
}

func TestEncryptionRefusals(t *testing.T) {
	std := Dict{"Filter": Name("Standard"), "O": String(make([]byte, 48)), "U": String(make([]byte, 48)), "P": Integer(-4)}
	with := func(kv ...any) Dict {
		d := Dict{}
		for k, o := range std {
			d[k] = o
		}
		for i := 0; i < len(kv); i += 2 {
			d[Name(kv[i].(string))] = kv[i+1]
		}
		return d
	}
	cf := func(cfm string) Dict { return Dict{"StdCF": Dict{"CFM": Name(cfm)}} }
	for _, c := range []struct {
		name string
		d    Dict
		want string
	}{
		{"other handler", with("Filter", Name("FOPN_fLock"), "V", Integer(1)), `the security handler "FOPN_fLock"`},
		{"V 3", with("V", Integer(3), "R", Integer(3)), "V 3"},
		{"V 9", with("V", Integer(9), "R", Integer(3)), "encryption version 9"},
		{"AES-GCM", with("V", Integer(6), "R", Integer(7), "CF", cf("AESV4"), "StmF", Name("StdCF")), "AES-GCM encryption (ISO/TS 32003)"},
		{"R 7", with("V", Integer(5), "R", Integer(7), "CF", cf("AESV3"), "StmF", Name("StdCF")), "revision 7"},
		{"unknown method", with("V", Integer(4), "R", Integer(4), "CF", cf("ROT13")), `"ROT13"`},
		{"unknown filter", with("V", Integer(4), "R", Integer(4), "CF", cf("V2"), "StmF", Name("Lain")), `"Lain"`},
		{"no R", with("V", Integer(1)), "incomplete"},
		{"O short", with("V", Integer(1), "R", Integer(2), "O", String("x")), "incomplete"},
		{"U short", with("V", Integer(5), "R", Integer(6), "U", String("x")), "incomplete"},
		{"no password", with("V", Integer(2), "R", Integer(3)), "protected by a password"},
		{"no recipients", Dict{"Filter": Name("Adobe.PubSec"), "V": Integer(2)}, "incomplete"},
		{"recipients", Dict{"Filter": Name("Adobe.PubSec"), "V": Integer(2), "Recipients": Array{String("x")}}, "certificates"},
	} {
		_, err := newEncryption(c.d, nil, OpenOptions{})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}

// TestPublicKeyHandler computes the file key from a seed that a recipient's envelope would hold.
func TestPublicKeyHandler(t *testing.T) {
	const seed = "abcdefghijklmnopqrst"
	for _, c := range []struct {
		name, handler string
		d             Dict
		sha2          bool
		length        int
		extra         string // hashed after the recipients
	}{
		{"s3", "public key R1 RC4", Dict{"V": Integer(1), "SubFilter": Name("adbe.pkcs7.s3"), "Recipients": Array{String("satu"), String("dua")}}, false, 5, ""},
		{"s4", "public key R2 RC4", Dict{"V": Integer(2), "Length": Integer(128), "SubFilter": Name("adbe.pkcs7.s4"), "Recipients": Array{String("satu"), String("dua")}}, false, 16, ""},
		{"s5 RC4", "public key R4 RC4", pubSec(4, "V2", Dict{"Length": Integer(128)}, "DefaultCryptFilter"), false, 16, ""},
		{"s5 AES-128", "public key R4 AES-128", pubSec(4, "AESV2", nil, "DefaultCryptFilter"), false, 16, ""},
		{"s5 AES-256", "public key R5 AES-256", pubSec(5, "AESV3", nil, "DefaultCryptFilter"), true, 32, ""},
		{"open metadata", "public key R5 AES-256", pubSec(5, "AESV3", Dict{"EncryptMetadata": false}, "DefaultCryptFilter"), true, 32, "\xff\xff\xff\xff"},
		{"attachments only", "public key R5 identity", pubSec(5, "AESV3", nil, "Identity"), true, 32, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.d["Filter"] = Name("Adobe.PubSec")
			h := sha1.New()
			if c.sha2 {
				h = sha256.New()
			}
			io.WriteString(h, seed+"satudua"+c.extra)
			want := h.Sum(nil)[:c.length]
			open := func(content string) (*Encryption, error) {
				return newEncryption(c.d, nil, OpenOptions{Recipient: func(list [][]byte) ([]byte, error) {
					if !slices.EqualFunc(list, []string{"satu", "dua"}, func(a []byte, b string) bool { return string(a) == b }) {
						t.Errorf("recipients = %q", list)
					}
					return []byte(content), nil
				}})
			}
			e, err := open(seed + "\xff\xff\xff\x00")
			if err != nil || !bytes.Equal(e.key, want) || e.Handler != c.handler || e.Owner || e.Permissions != 0xffffff00 {
				t.Errorf("with permissions: %+v, %v, want key %x", e, err, want)
			}
			if e, err = open(seed + "\x00\x00\x00\x02"); err != nil || !e.Owner {
				t.Errorf("with all permissions: %+v, %v", e, err)
			}
			if e, err = open(seed); err != nil || !e.Owner || !bytes.Equal(e.key, want) {
				t.Errorf("without permissions: %+v, %v", e, err)
			}
			var refused *PasswordError
			if _, err := open("pendek"); !errors.As(err, &refused) || !refused.PublicKey || !refused.Given {
				t.Errorf("short content: %v", err)
			}
		})
	}
}

func pubSec(v Integer, cfm Name, more Dict, stmf Name) Dict {
	c := Dict{"CFM": cfm, "Recipients": Array{String("satu"), String("dua")}}
	for k, o := range more {
		c[k] = o
	}
	return Dict{"V": v, "SubFilter": Name("adbe.pkcs7.s5"), "CF": Dict{"DefaultCryptFilter": c}, "StmF": stmf, "StrF": stmf}
}

// TestIndirectEncryptDict has everything in the encryption dictionary as objects of their own, whose strings are not encrypted.
func TestIndirectEncryptDict(t *testing.T) {
	k := lock{v: 4, r: 4, length: 16, cfm: "AESV2", user: "u", owner: "o", perms: 0xfffffffc}
	d, _ := k.key([]byte(fileID))
	w := small()
	num := 10
	w.obj(num, written(t, d["CF"].(Dict)["StdCF"]))
	w.obj(11, "<</StdCF 10 0 R>>")
	w.obj(12, written(t, d["O"]))
	w.obj(13, written(t, d["U"]))
	w.obj(14, "<</Filter/Standard/V 4/R 4/P -4/Length 128/CF 11 0 R/StmF/StdCF/StrF/StdCF/O 12 0 R/U 13 0 R>>")
	w.table(fmt.Sprintf("/Root 1 0 R/Size 15/Encrypt 14 0 R/ID[<%x><%x>]", fileID, fileID))
	f, err := openWith(w.Bytes(), "u")
	if err != nil {
		t.Fatal(err)
	}
	if got := f.Encryption().Handler; got != "Standard R4 AES-128" {
		t.Errorf("Handler = %q", got)
	}
}

// TestDecryptTolerates padding that is not what the standard says.
func TestDecryptTolerates(t *testing.T) {
	e := &Encryption{key: bytes.Repeat([]byte{1}, 32)}
	c, _ := aes.NewCipher(e.key)
	iv := make([]byte, 16)
	seal := func(plain string) []byte {
		out := make([]byte, len(plain))
		cipher.NewCBCEncrypter(c, iv).CryptBlocks(out, []byte(plain))
		return append(bytes.Clone(iv), out...)
	}
	for _, c := range []struct {
		name string
		in   []byte
		want string
	}{
		{"right", seal("sepuluh ab\x06\x06\x06\x06\x06\x06"), "sepuluh ab"},
		{"a whole block of padding", seal(strings.Repeat("\x10", 16)), ""},
		{"no padding", seal("enam belas huruf"), "enam belas huruf"},
		{"padding longer than a block", seal("sepuluh abcdef\x20\x20"), "sepuluh abcdef\x20\x20"},
		{"cut in a block", append(seal("sepuluh ab\x06\x06\x06\x06\x06\x06"), 1, 2, 3), "sepuluh ab"},
		{"only the vector", iv, ""},
		{"empty", nil, ""},
		{"short", []byte("abc"), ""},
	} {
		if got := e.decrypt(Ref{1, 0}, methodAES256, c.in); string(got) != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// FuzzDecrypt gives any encryption dictionary, with any password, and uses what comes of it.
func FuzzDecrypt(f *testing.F) {
	for _, c := range locks {
		k := c.lock
		k.user, k.owner = "u", "o"
		d, _ := k.key([]byte(fileID))
		s := &serializer{}
		if err := s.value(d); err != nil {
			f.Fatal(err)
		}
		f.Add(s.buf, "u", []byte("0123456789abcdef0123456789abcdef"))
	}
	for _, v := range []Integer{1, 2, 4, 5} {
		d := pubSec(v, []Name{"V2", "AESV3"}[v/5], nil, "DefaultCryptFilter")
		d["Filter"], d["Recipients"] = Name("Adobe.PubSec"), Array{String("satu")}
		s := &serializer{}
		if err := s.value(d); err != nil {
			f.Fatal(err)
		}
		f.Add(s.buf, "abcdefghijklmnopqrstuvwx", []byte("x"))
	}
	f.Fuzz(func(t *testing.T, dict []byte, password string, data []byte) {
		o, _, err := lexed(string(dict))
		d, ok := o.(Dict)
		if err != nil || !ok || len(dict)+len(password)+len(data) > 64<<10 {
			return
		}
		e, err := newEncryption(d, []byte(fileID), OpenOptions{Password: password, Recipient: func([][]byte) ([]byte, error) { return []byte(password), nil }})
		if err != nil {
			return
		}
		e.MayAddField()
		e.MaySignField()
		r := Ref{9, 1}
		for _, m := range []method{identity, methodRC4, methodAES128, methodAES256} {
			e.decrypt(r, m, data)
			b, err := e.encrypt(ivs(), r, m, data)
			if err != nil {
				continue // a key length that AES does not have
			}
			if got := e.decrypt(r, m, b); !bytes.Equal(got, data) {
				t.Fatalf("method %d: %x becomes %x", m, data, got)
			}
		}
		e.decryptObject(r, d)
		e.streamMethod(d)
	})
}
