package pades_test

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"absah/internal/testkit"
	"absah/pades"
)

// TestVisibleCorpus puts the default card on pages that are rotated, cropped or scaled, and has them drawn by a viewer. With
// ABSAH_LOOK set to a folder the pictures stay there for people to look at.
func TestVisibleCorpus(t *testing.T) {
	if testing.Short() {
		t.Skip("dozens of runs of other programs")
	}
	pdftoppm, err := exec.LookPath("pdftoppm")
	if err != nil {
		t.Skip("pdftoppm is not here")
	}
	p := testkit.NewPKI(t, nil)
	for _, c := range candidates(t) {
		if c.want["must_sign"] == "no" || c.want["credential"] != "" || !c.trait("rotated", "cropbox", "userunit") {
			continue
		}
		for _, corner := range []pades.Corner{pades.LowerRight, pades.UpperLeft} {
			t.Run(c.name+" "+strconv.Itoa(int(corner)), func(t *testing.T) {
				original := c.read(t)
				key := c.secret(t)
				o := options(p, pades.LevelB)
				o.Open = key.open
				o.Appearance = &pades.Appearance{Position: "Kepala Bagian Contoh", Page: pades.LastPage, Corner: corner, QR: "https://contoh.example/v/ABC"}
				var out bytes.Buffer
				if err := pades.Sign(context.Background(), &out, bytes.NewReader(original), int64(len(original)), p.Signer.Key, o); err != nil {
					t.Fatal(err)
				}
				e, err := pades.Gather(context.Background(), bytes.NewReader(out.Bytes()), int64(out.Len()), pades.GatherOptions{Open: key.open})
				if err != nil {
					t.Fatal(err)
				}
				if s := e.Signatures[0]; !s.SignatureValid || !s.DigestMatches || len(s.Format) > 0 {
					t.Errorf("signature %+v", s)
				}
				dir := os.Getenv("ABSAH_LOOK")
				if dir == "" {
					dir = t.TempDir()
				}
				path := filepath.Join(dir, strings.ReplaceAll(c.name, "/", "_")+"_"+strconv.Itoa(int(corner))+".pdf")
				if err := os.WriteFile(path, out.Bytes(), 0o600); err != nil {
					t.Fatal(err)
				}
				before, after := drawn(t, pdftoppm, c.path, c.want["pages"], key), drawn(t, pdftoppm, path, c.want["pages"], key)
				if bytes.Equal(before, after) {
					t.Error("the page looks as it did before")
				}
				if os.Getenv("ABSAH_LOOK") != "" {
					if err := os.WriteFile(strings.TrimSuffix(path, ".pdf")+".png", after, 0o600); err != nil {
						t.Fatal(err)
					}
				}
			})
		}
	}
}

// drawn is the picture of a page as poppler draws it.
func drawn(t *testing.T, pdftoppm, path, page string, key secret) []byte {
	t.Helper()
	out := filepath.Join(t.TempDir(), "page")
	args := []string{"-r", "40", "-cropbox", "-png", "-singlefile", "-f", page, "-l", page}
	if key.password != "" {
		flag := "-upw"
		if key.owner {
			flag = "-opw"
		}
		args = append(args, flag, key.password)
	}
	if b, err := exec.Command(pdftoppm, append(args, path, out)...).CombinedOutput(); err != nil {
		t.Fatalf("pdftoppm: %v\n%s", err, b)
	}
	b, err := os.ReadFile(out + ".png")
	if err != nil {
		t.Fatal(err)
	}
	return b
}
