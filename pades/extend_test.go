package pades_test

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"absah/internal/testkit"
	"absah/pades"
	"absah/trust"
)

func extend(t *testing.T, p *testkit.PKI, doc []byte, level pades.Level) []byte {
	t.Helper()
	var out bytes.Buffer
	o := pades.ExtendOptions{Level: level, Time: p.Now, Timestamper: p, Fetcher: p}
	if err := pades.Extend(context.Background(), &out, bytes.NewReader(doc), int64(len(doc)), o); err != nil {
		t.Fatalf("Extend to %s: %v", level, err)
	}
	if !bytes.HasPrefix(out.Bytes(), doc) {
		t.Fatal("the extended document does not begin with the signed one")
	}
	return out.Bytes()
}

// judgeOnline asks the PKI for what the document does not carry.
func judgeOnline(t *testing.T, p *testkit.PKI, doc []byte) *pades.Report {
	t.Helper()
	policy := trust.Basic()
	policy.Time, policy.Anchors = p.Now, p.Anchors(t)
	e, err := pades.Gather(context.Background(), bytes.NewReader(doc), int64(len(doc)), pades.GatherOptions{Fetcher: p, Time: p.Now, Anchors: policy.Anchors})
	if err != nil {
		t.Fatalf("Gather: %v", err)
	}
	return pades.Judge(e, policy)
}

// TestExtend raises signatures of every level to every higher one, and renews.
func TestExtend(t *testing.T) {
	p := testkit.NewPKI(t, nil)
	doc := testkit.Document(t, 1)
	for from, levels := range map[pades.Level][]pades.Level{
		pades.LevelB: {pades.LevelT, pades.LevelLT, pades.LevelLTA}, pades.LevelT: {pades.LevelLT, pades.LevelLTA}, pades.LevelLT: {pades.LevelLTA}, pades.LevelLTA: {pades.LevelLTA},
	} {
		signed := sign(t, p, doc, options(p, from))
		for _, to := range levels {
			t.Run(string(from+" to "+to), func(t *testing.T) {
				out := extend(t, p, signed, to)
				checkTools(t, p, out, 1)
				r := judge(t, p, out)
				if to == pades.LevelT {
					r = judgeOnline(t, p, out) // nothing embedded says whether the certificates are revoked
				}
				s := r.Signatures[0]
				if s.Modification.Worse(pades.ModificationLTA) || !s.Integrity {
					t.Errorf("integrity %v, modification %s\n%s", s.Integrity, s.Modification, dump(r))
				}
				if want := "PAdES-BASELINE-" + string(to)[2:]; r.Verdict != pades.Valid || s.Level != want {
					t.Errorf("verdict %s, level %s, want valid, %s\n%s", r.Verdict, s.Level, want, dump(r))
				}
			})
		}
	}
}

func TestExtendRefuses(t *testing.T) {
	p := testkit.NewPKI(t, nil)
	doc := testkit.Document(t, 1)
	o := pades.ExtendOptions{Level: pades.LevelLTA, Time: p.Now, Timestamper: p, Fetcher: p}
	run := func(doc []byte, o pades.ExtendOptions) error {
		var out bytes.Buffer
		err := pades.Extend(context.Background(), &out, bytes.NewReader(doc), int64(len(doc)), o)
		if err != nil && out.Len() > 0 {
			t.Error("something was written all the same")
		}
		return err
	}
	if err := run(doc, o); !errors.Is(err, pades.ErrNoSignature) {
		t.Errorf("an unsigned document: %v, want ErrNoSignature", err)
	}
	signed := sign(t, p, doc, options(p, pades.LevelB))
	if err := run(signed, pades.ExtendOptions{Level: pades.LevelT, Time: p.Now}); !errors.Is(err, pades.ErrNoTimestamper) {
		t.Errorf("without an authority: %v, want ErrNoTimestamper", err)
	}
	bad := bytes.Replace(signed, []byte("/MediaBox [0 0 595"), []byte("/MediaBox [0 0 594"), 1)
	if bytes.Equal(bad, signed) {
		t.Fatal("nothing was changed")
	}
	var field *pades.FieldError
	if err := run(bad, o); !errors.As(err, &field) {
		t.Errorf("a signature that does not verify: %v, want a FieldError", err)
	}
	p.Revoked[p.Signer.Certificate.SerialNumber.String()] = p.Now.Add(-1)
	var revoked *pades.RevokedError
	if err := run(signed, o); !errors.As(err, &revoked) {
		t.Errorf("a revoked certificate: %v, want a RevokedError", err)
	}
}
