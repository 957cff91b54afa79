package trust

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"
)

// general makes a GeneralName from "dns:x", "email:x", "uri:x", "ip:x" (with a prefix length in constraints), "cn:x" or "other:oid".
func general(t testing.TB, s string) GeneralName {
	t.Helper()
	kind, text, _ := strings.Cut(s, ":")
	switch kind {
	case "dns":
		return GeneralName{Kind: DNS, Text: text}
	case "email":
		return GeneralName{Kind: Email, Text: text}
	case "uri":
		return GeneralName{Kind: URI, Text: text}
	case "cn":
		return GeneralName{Kind: Directory, Name: makeName(t, "C=p:ID", "CN=u:"+text)}
	case "dir":
		return GeneralName{Kind: Directory, Name: makeName(t, "C=p:"+text)}
	case "other":
		return GeneralName{Kind: OtherName, Text: text}
	case "ip":
		if p, err := netip.ParsePrefix(text); err == nil {
			ip := p.Addr().AsSlice()
			mask := make([]byte, len(ip))
			for i := range p.Bits() {
				mask[i/8] |= 0x80 >> (i % 8)
			}
			return GeneralName{Kind: IPAddress, IP: append(ip, mask...)}
		}
		return GeneralName{Kind: IPAddress, IP: netip.MustParseAddr(text).AsSlice()}
	}
	t.Fatalf("name %q", s)
	return GeneralName{}
}

func TestNameConstraints(t *testing.T) {
	for _, c := range []struct {
		permitted, excluded string // lists with blanks
		name                string
		want                string
	}{
		{"dns:contoh.example", "", "dns:contoh.example", ""},
		{"dns:contoh.example", "", "dns:a.b.CONTOH.example", ""},
		{"dns:contoh.example", "", "dns:notcontoh.example", CodeNameNotPermitted},
		{"dns:contoh.example", "", "dns:.contoh.example", CodeNameNotPermitted},
		{"dns:contoh.example", "", "dns:*.contoh.example", ""},
		{"dns:a.contoh.example", "", "dns:*.contoh.example", CodeNameNotPermitted},
		{"", "dns:a.contoh.example", "dns:*.contoh.example", CodeNameExcluded},
		{"", "dns:a.b.contoh.example", "dns:*.contoh.example", ""},
		{"", "dns:contoh.example", "dns:example", ""},
		{"", "dns:contoh.example", "dns:not a host", CodeNameExcluded},
		{"dns:.contoh.example", "", "dns:contoh.example", CodeNameNotPermitted},
		{"dns:.contoh.example", "", "dns:a.contoh.example", ""},
		{"dns:", "", "dns:anything.example", ""},
		{"", "dns:", "dns:anything.example", CodeNameExcluded},
		{"dns:contoh.example", "", "email:a@b.example", ""},
		{"dns:contoh.example", "dns:contoh.example", "dns:contoh.example", CodeNameExcluded},

		{"email:budi@contoh.example", "", "email:budi@CONTOH.example", ""},
		{"email:budi@contoh.example", "", "email:Budi@contoh.example", CodeNameNotPermitted},
		{"email:contoh.example", "", "email:siti@contoh.example", ""},
		{"email:contoh.example", "", "email:siti@a.contoh.example", CodeNameNotPermitted},
		{"email:.contoh.example", "", "email:siti@a.contoh.example", ""},
		{"email:.contoh.example", "", "email:siti@contoh.example", CodeNameNotPermitted},
		{"email:contoh.example", "", "email:a@b@contoh.example", CodeNameNotPermitted},
		{"", "email:contoh.example", "email:a@b@contoh.example", CodeNameExcluded},
		{"", "email:contoh.example", "email:\"a@b\"@contoh.example", CodeNameExcluded},
		{"email:contoh.example", "", "other:1.3.6.1.5.5.7.8.9", CodeNameFormUnsupported},

		{"uri:contoh.example", "", "uri:https://contoh.example/a", ""},
		{"uri:contoh.example", "", "uri:https://user@contoh.example:8443?x", ""},
		{"uri:contoh.example", "", "uri:https://a.contoh.example/", CodeNameNotPermitted},
		{"uri:.contoh.example", "", "uri:https://a.contoh.example/", ""},
		{"uri:.contoh.example", "", "uri:https://127.0.0.1/", CodeNameNotPermitted},
		{"", "uri:contoh.example", "uri:urn:x", CodeNameExcluded},
		{"", "uri:contoh.example", "uri:https://evil.example/@contoh.example", ""},

		{"ip:192.0.2.0/24", "", "ip:192.0.2.77", ""},
		{"ip:192.0.2.0/24", "", "ip:192.0.3.1", CodeNameNotPermitted},
		{"ip:192.0.2.0/24", "", "ip:2001:db8::1", CodeNameNotPermitted},
		{"", "ip:2001:db8::/32", "ip:2001:db8::1", CodeNameExcluded},
		{"", "ip:0.0.0.0/0", "ip:10.0.0.1", CodeNameExcluded},

		{"dir:ID", "", "cn:Budi", ""},
		{"dir:US", "", "cn:Budi", CodeNameNotPermitted},
		{"", "dir:id", "cn:Budi", CodeNameExcluded},
		{"", "other:1.2.3", "other:1.2.3", CodeNameFormUnsupported},
		{"", "other:1.2.3", "other:1.2.4", ""},
		{"", "other:1.2.3", "dns:a.example", ""},
	} {
		var s constraintState
		nc := &NameConstraints{}
		for _, x := range strings.Fields(c.permitted) {
			nc.Permitted = append(nc.Permitted, general(t, x))
		}
		for _, x := range strings.Fields(c.excluded) {
			nc.Excluded = append(nc.Excluded, general(t, x))
		}
		s.add(nc)
		if got := s.check(general(t, c.name)); got != c.want {
			t.Errorf("permitted %q, excluded %q: check(%s) = %q, want %q", c.permitted, c.excluded, c.name, got, c.want)
		}
	}
}

func TestConstraintForms(t *testing.T) {
	for s, want := range map[string]bool{
		"dns:contoh.example": true, "dns:": true, "dns:.contoh.example": true, "dns:*.contoh.example": false, "dns:a b": false,
		"email:a@contoh.example": true, "email:contoh.example": true, "email:a@b@c.example": false, "email:@c.example": false,
		"uri:.contoh.example": true, "uri:https://contoh.example": false, "ip:10.0.0.0/8": true, "ip:10.0.0.1": false,
	} {
		if got := validConstraint(general(t, s)); got != want {
			t.Errorf("validConstraint(%s) = %v, want %v", s, got, want)
		}
	}
	if validConstraint(GeneralName{Kind: IPAddress, IP: []byte{10, 0, 0, 0, 255, 0, 255, 0}}) {
		t.Error("a mask with a hole is valid")
	}
}

// TestAddressInSubject: constraints on addresses hold for e-mail addresses in the name too.
func TestAddressInSubject(t *testing.T) {
	var s constraintState
	s.add(&NameConstraints{Permitted: []GeneralName{general(t, "email:contoh.example")}})
	c := &Certificate{Subject: makeName(t, "CN=u:Budi", "emailAddress=i:budi@evil.example")}
	if code, detail := s.violation(c); code != CodeNameNotPermitted || detail != "budi@evil.example" {
		t.Errorf("violation = %q, %q", code, detail)
	}
	c.Subject = makeName(t, "CN=u:Budi", "emailAddress=i:budi@contoh.example")
	if code, _ := s.violation(c); code != "" {
		t.Errorf("violation = %q", code)
	}
}

func policies(oids ...string) []PolicyInformation {
	var out []PolicyInformation
	for _, o := range oids {
		out = append(out, PolicyInformation{OID: o})
	}
	return out
}

func TestPolicyGraph(t *testing.T) {
	for _, c := range []struct {
		name    string
		build   func(*policyGraph)
		initial []string
		want    []string
	}{
		{"nothing", func(g *policyGraph) {}, nil, []string{AnyPolicy}},
		{"one policy", func(g *policyGraph) { g.extend(policies("1.1"), true); g.extend(policies("1.1"), true) }, nil, []string{"1.1"}},
		{"different policies", func(g *policyGraph) { g.extend(policies("1.1"), true); g.extend(policies("1.2"), true) }, nil, nil},
		{"anyPolicy above", func(g *policyGraph) { g.extend(policies(AnyPolicy), true); g.extend(policies("1.2"), true) }, nil, []string{"1.2"}},
		{"anyPolicy below", func(g *policyGraph) { g.extend(policies("1.1"), true); g.extend(policies(AnyPolicy), true) }, nil, []string{"1.1"}},
		{"anyPolicy below, inhibited", func(g *policyGraph) { g.extend(policies("1.1"), true); g.extend(policies(AnyPolicy), false) }, nil, nil},
		{"anyPolicy twice, user asks", func(g *policyGraph) {
			g.extend(policies(AnyPolicy), true)
			g.extend(policies(AnyPolicy), true)
		}, []string{"1.7"}, []string{"1.7"}},
		{"user asks for another", func(g *policyGraph) { g.extend(policies("1.1"), true) }, []string{"1.7"}, nil},
		{"mapped", func(g *policyGraph) {
			g.extend(policies("1.1"), true)
			g.mapPolicies([]PolicyMapping{{"1.1", "2.1"}}, true)
			g.extend(policies("2.1"), true)
		}, nil, []string{"1.1"}},
		{"mapped from anyPolicy", func(g *policyGraph) {
			g.extend(policies(AnyPolicy), true)
			g.mapPolicies([]PolicyMapping{{"1.1", "2.1"}}, true)
			g.extend(policies("2.1"), true)
		}, []string{"1.1"}, []string{"1.1"}},
		{"mapping inhibited", func(g *policyGraph) {
			g.extend(policies("1.1", "1.2"), true)
			g.mapPolicies([]PolicyMapping{{"1.1", "2.1"}}, false)
			g.extend(policies("2.1", "1.2"), true)
		}, nil, []string{"1.2"}},
		{"two to one", func(g *policyGraph) {
			g.extend(policies("1.1", "1.2"), true)
			g.mapPolicies([]PolicyMapping{{"1.1", "2.1"}, {"1.2", "2.1"}}, true)
			g.extend(policies("2.1"), true)
		}, []string{"1.2"}, []string{"1.2"}},
	} {
		g := newPolicyGraph()
		c.build(g)
		got := g.result(c.initial)
		slices.Sort(got)
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: policies %v, want %v", c.name, got, c.want)
		}
	}
}

// TestPolicyGraphGrowth is the attack on the tree of RFC 5280: every policy mapped to every policy, again and again.
func TestPolicyGraphGrowth(t *testing.T) {
	const n = 30
	var all []PolicyInformation
	var every []PolicyMapping
	for i := range n {
		all = append(all, PolicyInformation{OID: fmt.Sprintf("1.3.%d", i)})
		for j := range n {
			every = append(every, PolicyMapping{fmt.Sprintf("1.3.%d", i), fmt.Sprintf("1.3.%d", j)})
		}
	}
	start := time.Now()
	g := newPolicyGraph()
	for range maxLength {
		g.extend(all, true)
		g.mapPolicies(every, true)
	}
	if got := g.result(nil); len(got) != n {
		t.Errorf("%d policies, want %d", len(got), n)
	}
	if d := time.Since(start); d > time.Second {
		t.Errorf("took %v", d)
	}
}
