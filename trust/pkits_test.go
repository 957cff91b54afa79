package trust

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"absah/internal/sigalg"
)

type pkitsVector struct {
	Name                        string
	CertPath, CRLPath           []string
	ShouldValidate              bool
	InitialPolicySet            []string
	InitialPolicyMappingInhibit bool
	InitialExplicitPolicy       bool
	InitialAnyPolicyInhibit     bool
}

// pkitsPolicies are the names that vectors.json uses for the policies of the NIST test arc.
var pkitsPolicies = map[string]string{"anyPolicy": AnyPolicy}

func init() {
	for i := 1; i <= 10; i++ {
		pkitsPolicies["NIST-test-policy-"+string(rune('0'+i))] = "2.16.840.1.101.3.2.1.48." + string(rune('0'+i))
	}
}

// TestPKITS runs the NIST Public Key Interoperability Test Suite: with the certificates and CRLs of each vector, and again with
// all 405 certificates and 173 CRLs of the suite in one pool, where path building has to find the right ones.
func TestPKITS(t *testing.T) {
	dir := corpus(t, "pkits")
	var vectors []pkitsVector
	if err := json.Unmarshal(readFile(t, filepath.Join(dir, "vectors.json")), &vectors); err != nil {
		t.Fatal(err)
	}
	all, files := NewPool(), 0
	for _, folder := range []string{"certs", "crls"} {
		list, err := os.ReadDir(filepath.Join(dir, folder))
		if err != nil {
			t.Fatal(err)
		}
		files += len(list)
		for _, f := range list {
			der := readFile(t, filepath.Join(dir, folder, f.Name()))
			if folder == "certs" {
				_, err = all.AddCertificate(der)
			} else {
				_, err = all.AddCRL(der)
			}
			if err != nil {
				t.Errorf("%s: %v", f.Name(), err)
			}
		}
	}
	p := Basic()
	p.Algorithms = nil // the suite has 1024-bit keys and SHA-1 where the rule tested is another
	p.CARevocation = RevocationRequired
	p.Time = time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)

	ok, falseAccepts := 0, 0
	for _, v := range vectors {
		pool := NewPool()
		var path []*Certificate
		for _, f := range v.CertPath {
			c, err := pool.AddCertificate(readFile(t, filepath.Join(dir, "certs", f)))
			if err != nil {
				t.Fatalf("%s: %v", f, err)
			}
			path = append(path, c)
		}
		for _, f := range v.CRLPath {
			if _, err := pool.AddCRL(readFile(t, filepath.Join(dir, "crls", f))); err != nil {
				t.Fatalf("%s: %v", f, err)
			}
		}
		p := p
		p.Anchors = []Anchor{{Certificate: path[0], Kind: AnchorGiven}}
		p.RequireExplicit = v.InitialExplicitPolicy
		p.InhibitAnyPolicy = v.InitialAnyPolicyInhibit
		p.InhibitPolicyMapping = v.InitialPolicyMappingInhibit
		for _, name := range v.InitialPolicySet {
			oid := pkitsPolicies[name]
			if oid == "" {
				oid = name
			}
			if sigalg.EncodeOID(oid) == nil {
				t.Fatalf("%s: policy %q", v.Name, name)
			}
			p.Policies = append(p.Policies, oid)
		}
		good := true
		for _, pool := range []*Pool{pool, all} {
			which := "own files"
			if pool == all {
				which = "all files"
			}
			r := Validate(Request{Certificate: path[len(path)-1], Pool: pool}, p)
			if got := r.Status == Passed; got != v.ShouldValidate {
				good = false
				if got {
					falseAccepts++
				}
				var why []string
				for _, f := range r.Findings {
					why = append(why, f.String())
				}
				for i, x := range r.Revocation {
					for _, f := range x.Findings {
						why = append(why, r.Path[i].Subject.CommonName()+": "+f.String())
					}
				}
				t.Errorf("%s (%s) = %v %s, want valid %v\n\t%s", v.Name, which, r.Status, r.SubIndication, v.ShouldValidate, strings.Join(why, "\n\t"))
			}
		}
		if good {
			ok++
		}
	}
	t.Logf("PKITS: %d of %d as expected, %d false accepts", ok, len(vectors), falseAccepts)
	writeSection(t, "pkits", fmt.Sprintf("%d of %d vectors as expected, each with its own files and again with all %d certificates and CRLs of the suite in one pool; %d false accepts.\n",
		ok, len(vectors), files, falseAccepts))
}
