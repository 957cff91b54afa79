package trust

import (
	"bytes"
	"net/netip"
	"strings"
)

// maxComparisons bounds the comparisons of names with constraints along one path. Without it a few kilobytes of names against a
// few kilobytes of constraints in every certificate cost minutes.
const maxComparisons = 250_000

const oidSmtpUTF8Mailbox = "1.3.6.1.5.5.7.8.9" // RFC 9598

// validConstraint checks the form of a constraint (RFC 5280 §4.2.1.10). One that cannot be understood must not be skipped.
func validConstraint(g GeneralName) bool {
	switch g.Kind {
	case DNS:
		// A leading dot is no DNS name there; OpenSSL made it usual for "subdomains only". It is taken in that sense and refused by
		// the profile.
		return g.Text == "" || validHost(strings.TrimPrefix(g.Text, "."), false)
	case Email:
		if strings.Contains(g.Text, "@") {
			_, _, ok := splitMailbox(g.Text)
			return ok
		}
		return g.Text == "" || validHost(strings.TrimPrefix(g.Text, "."), false)
	case URI:
		return g.Text == "" || validHost(strings.TrimPrefix(g.Text, "."), false)
	case IPAddress:
		if len(g.IP) != 8 && len(g.IP) != 32 {
			return false
		}
		mask := g.IP[len(g.IP)/2:]
		seenZero := false
		for _, c := range mask {
			for bit := 7; bit >= 0; bit-- {
				if one := c>>bit&1 == 1; one && seenZero {
					return false
				} else if !one {
					seenZero = true
				}
			}
		}
		return true
	}
	return true
}

// validHost is the preferred name syntax of RFC 1034 §3.5 as RFC 1123 §2.1 changed it, with a wildcard as the whole first label where asked.
// Underscores are let through here, because constraints must apply to names that have them; the profile refuses them.
func validHost(h string, wildcard bool) bool {
	h = strings.TrimSuffix(h, ".")
	if h == "" || len(h) > 253 {
		return false
	}
	for i, label := range strings.Split(h, ".") {
		if label == "*" && i == 0 && wildcard {
			continue
		}
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		for _, c := range []byte(label) {
			if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' && c != '_' {
				return false
			}
		}
	}
	return true
}

// splitMailbox splits addr-spec at its only unquoted @.
func splitMailbox(s string) (local, host string, ok bool) {
	at := strings.LastIndexByte(s, '@')
	if at <= 0 {
		return "", "", false
	}
	local, host = s[:at], s[at+1:]
	if quoted := len(local) >= 2 && local[0] == '"' && local[len(local)-1] == '"'; !quoted && strings.ContainsAny(local, "@ \"") {
		return "", "", false
	}
	return local, host, validHost(host, false)
}

// withinHost reports whether h is base or lies below it.
func withinHost(h, base string) bool {
	h, base = strings.TrimSuffix(h, "."), strings.TrimSuffix(base, ".")
	if base == "" {
		return true
	}
	if len(h) < len(base) || !strings.EqualFold(h[len(h)-len(base):], base) {
		return false
	}
	return len(h) == len(base) || h[len(h)-len(base)-1] == '.'
}

func sameHost(a, b string) bool {
	return strings.EqualFold(strings.TrimSuffix(a, "."), strings.TrimSuffix(b, "."))
}

// constraintState collects the constraints of the certificates above (RFC 5280 §6.1.2 (b), (c)). Permitted subtrees intersect,
// which is the same as asking every certificate's list.
type constraintState struct {
	permitted [][]GeneralName // one list a certificate
	excluded  []GeneralName
	work      int
}

func (s *constraintState) add(nc *NameConstraints) {
	if nc == nil {
		return
	}
	if len(nc.Permitted) > 0 {
		s.permitted = append(s.permitted, nc.Permitted)
	}
	s.excluded = append(s.excluded, nc.Excluded...)
}

func (s *constraintState) empty() bool { return len(s.permitted) == 0 && len(s.excluded) == 0 }

// violation checks all names of c and returns the code and the name of the first that is not allowed.
func (s *constraintState) violation(c *Certificate) (code, detail string) {
	if s.empty() {
		return "", ""
	}
	if !c.Subject.Empty() {
		if code := s.check(GeneralName{Kind: Directory, Name: c.Subject}); code != "" {
			return code, c.Subject.String()
		}
		// RFC 5280 §4.2.1.10 asks for this where there is no subject alternative name; addresses in the name are the same claim
		// when there is one.
		for _, rdn := range c.Subject.RDNs {
			for _, a := range rdn {
				if a.Type == AttrEmailAddress {
					if code := s.check(GeneralName{Kind: Email, Text: a.Value}); code != "" {
						return code, a.Value
					}
				}
			}
		}
	}
	for _, g := range c.SubjectAltNames {
		if code := s.check(g); code != "" {
			return code, g.detail()
		}
	}
	return "", ""
}

func (g GeneralName) detail() string {
	switch g.Kind {
	case Directory:
		return g.Name.String()
	case IPAddress:
		if a, ok := netip.AddrFromSlice(g.IP); ok {
			return a.String()
		}
	}
	if g.Text != "" {
		return g.Text
	}
	return g.Kind.String()
}

func (s *constraintState) check(g GeneralName) string {
	for _, list := range s.permitted {
		constrained, allowed := false, false
		for _, base := range list {
			if s.work++; s.work > maxComparisons {
				return CodeBudget
			}
			if !base.appliesTo(g) {
				continue
			}
			constrained = true
			if !supported(base, g) {
				return CodeNameFormUnsupported
			}
			if matches(g, base, false) {
				allowed = true
				break
			}
		}
		if constrained && !allowed {
			return CodeNameNotPermitted
		}
	}
	for _, base := range s.excluded {
		if s.work++; s.work > maxComparisons {
			return CodeBudget
		}
		if !base.appliesTo(g) {
			continue
		}
		if !supported(base, g) {
			return CodeNameFormUnsupported
		}
		if !wellFormed(g) || matches(g, base, true) {
			return CodeNameExcluded
		}
	}
	return ""
}

// appliesTo reports whether the constraint is about names of g's form.
func (base GeneralName) appliesTo(g GeneralName) bool {
	if base.Kind == OtherName && g.Kind == OtherName {
		return base.Text == g.Text
	}
	if base.Kind == Email && g.Kind == OtherName && g.Text == oidSmtpUTF8Mailbox {
		return true // RFC 9598: rfc822Name constraints hold for internationalized mailboxes too
	}
	return base.Kind == g.Kind
}

// supported reports whether we can compare the two. A constraint on a form that cannot be compared rejects every name of that
// form (RFC 5280 §4.2.1.10), whether it is critical or not.
func supported(base, g GeneralName) bool {
	switch g.Kind {
	case Email, DNS, URI, IPAddress, Directory:
		return base.Kind == g.Kind
	}
	return false
}

// wellFormed reports whether g can be compared at all. A malformed name is within no permitted and within every excluded subtree.
func wellFormed(g GeneralName) bool {
	switch g.Kind {
	case DNS:
		return validHost(g.Text, true)
	case Email:
		_, _, ok := splitMailbox(g.Text)
		return ok
	case URI:
		_, ok := uriHost(g.Text)
		return ok
	case IPAddress:
		return len(g.IP) == 4 || len(g.IP) == 16
	}
	return true
}

// matches reports whether g lies in the subtree of base. For excluded subtrees a wildcard matches when one of the names it stands
// for does.
func matches(g, base GeneralName, excluded bool) bool {
	if !wellFormed(g) {
		return false
	}
	switch g.Kind {
	case DNS:
		name := g.Text
		wild, isWild := strings.CutPrefix(name, "*.")
		if isWild {
			name = wild
		}
		b := strings.TrimPrefix(base.Text, ".")
		if withinHost(name, b) && (b == base.Text || isWild || !sameHost(name, b)) {
			return true
		}
		if isWild && excluded {
			_, parent, ok := strings.Cut(strings.TrimSuffix(b, "."), ".")
			return ok && sameHost(parent, name)
		}
		return false
	case Email:
		local, host, _ := splitMailbox(g.Text)
		if l, h, ok := splitMailbox(base.Text); ok {
			return l == local && sameHost(h, host)
		}
		return hostConstraint(host, base.Text)
	case URI:
		host, _ := uriHost(g.Text)
		return hostConstraint(host, base.Text)
	case IPAddress:
		n := len(g.IP)
		if len(base.IP) != 2*n {
			return false
		}
		for i := range n {
			if (g.IP[i]^base.IP[i])&base.IP[n+i] != 0 {
				return false
			}
		}
		return true
	case Directory:
		return g.Name.Within(base.Name)
	}
	return false
}

// hostConstraint is the rule for URIs and mail domains: a leading dot means hosts below, no dot means that host (RFC 5280 §4.2.1.10).
func hostConstraint(host, base string) bool {
	if base == "" {
		return true
	}
	if rest, ok := strings.CutPrefix(base, "."); ok {
		return withinHost(host, rest) && !sameHost(host, rest)
	}
	return sameHost(host, base)
}

// uriHost finds the host of a URI with authority. Constraints hold only for fully qualified names there: addresses and URIs
// without authority cannot satisfy one (RFC 5280 §4.2.1.10).
func uriHost(s string) (string, bool) {
	_, rest, ok := strings.Cut(s, "://")
	if !ok {
		return "", false
	}
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		rest = rest[:i]
	}
	if i := strings.LastIndexByte(rest, '@'); i >= 0 {
		rest = rest[i+1:]
	}
	if strings.HasPrefix(rest, "[") {
		return "", false
	}
	host, _, _ := strings.Cut(rest, ":")
	if _, err := netip.ParseAddr(host); err == nil {
		return "", false
	}
	return host, validHost(host, false)
}

// namesEqual compares two general names for distribution points and CRL issuers.
func namesEqual(a, b GeneralName) bool {
	if a.Kind != b.Kind {
		return false
	}
	if a.Kind == Directory {
		return a.Name.Equal(b.Name)
	}
	return bytes.Equal(a.Value, b.Value)
}
