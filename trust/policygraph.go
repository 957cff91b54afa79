package trust

import "slices"

// policyGraph is the valid policy graph of RFC 9618, which gives the answers of the valid policy tree of RFC 5280 §6.1 without its
// exponential growth: at each depth a policy has one node with several parents. Qualifiers are not kept; nobody decides by them.
type policyGraph struct {
	levels [][]*policyNode // levels[0] holds anyPolicy only; an empty last level means that the graph is NULL
}

type policyNode struct {
	policy   string
	parents  []*policyNode // one depth up; for depth 0 none
	expected []string      // what the next certificate may say for it
	reached  bool          // a policy of the last depth descends from it
}

func newPolicyGraph() *policyGraph {
	return &policyGraph{levels: [][]*policyNode{{{policy: AnyPolicy, expected: []string{AnyPolicy}}}}}
}

// null reports whether no policy is valid for the path so far.
func (g *policyGraph) null() bool { return g == nil || len(g.levels[len(g.levels)-1]) == 0 }

func find(level []*policyNode, policy string) *policyNode {
	for _, n := range level {
		if n.policy == policy {
			return n
		}
	}
	return nil
}

// extend is RFC 5280 §6.1.3 (d): the policies of the next certificate. anyAllowed is false when anyPolicy in it must be ignored.
func (g *policyGraph) extend(policies []PolicyInformation, anyAllowed bool) {
	last := g.levels[len(g.levels)-1]
	expecting := map[string][]*policyNode{}
	for _, n := range last {
		for _, e := range n.expected {
			expecting[e] = append(expecting[e], n)
		}
	}
	anyNode := find(last, AnyPolicy)
	var level []*policyNode
	have := map[string]bool{}
	add := func(policy string, parents []*policyNode) {
		have[policy] = true
		level = append(level, &policyNode{policy: policy, parents: parents, expected: []string{policy}})
	}
	certAny := false
	for _, p := range policies {
		switch parents := expecting[p.OID]; {
		case p.OID == AnyPolicy:
			certAny = true
		case len(parents) > 0:
			add(p.OID, parents)
		case anyNode != nil:
			add(p.OID, []*policyNode{anyNode})
		}
	}
	if certAny && anyAllowed {
		for _, n := range last { // in order, so that results do not depend on the map
			for _, e := range n.expected {
				if !have[e] {
					add(e, expecting[e])
				}
			}
		}
	}
	g.levels = append(g.levels, level)
}

// mapPolicies is RFC 5280 §6.1.4 (b). With allowed false the mapped policies are removed.
func (g *policyGraph) mapPolicies(mappings []PolicyMapping, allowed bool) {
	i := len(g.levels) - 1
	if !allowed {
		g.levels[i] = slices.DeleteFunc(g.levels[i], func(n *policyNode) bool {
			return slices.ContainsFunc(mappings, func(m PolicyMapping) bool { return m.Issuer == n.policy })
		})
		return
	}
	targets := map[string][]string{}
	var order []string
	for _, m := range mappings {
		if targets[m.Issuer] == nil {
			order = append(order, m.Issuer)
		}
		if !slices.Contains(targets[m.Issuer], m.Subject) {
			targets[m.Issuer] = append(targets[m.Issuer], m.Subject)
		}
	}
	nodes := make(map[string]*policyNode, len(g.levels[i]))
	for _, n := range g.levels[i] {
		nodes[n.policy] = n
	}
	anyNode := nodes[AnyPolicy]
	for _, from := range order {
		if n := nodes[from]; n != nil {
			n.expected = targets[from]
		} else if anyNode != nil {
			g.levels[i] = append(g.levels[i], &policyNode{policy: from, parents: anyNode.parents, expected: targets[from]})
		}
	}
}

// result is RFC 5280 §6.1.5 (g) as RFC 9618 words it: the policies, in the terms of the anchor, that hold for the whole path
// and that the user accepts. initial is the user-initial-policy-set; empty means any.
func (g *policyGraph) result(initial []string) []string {
	if g.null() {
		return nil
	}
	userAny := len(initial) == 0 || slices.Contains(initial, AnyPolicy)
	last := g.levels[len(g.levels)-1]
	if find(last, AnyPolicy) != nil {
		if userAny {
			return []string{AnyPolicy}
		}
		return slices.Clone(initial)
	}
	for _, n := range last {
		n.reached = true
	}
	var out []string
	for i := len(g.levels) - 1; i > 0; i-- {
		for _, n := range g.levels[i] {
			if !n.reached || n.policy == AnyPolicy {
				continue
			}
			for _, parent := range n.parents {
				if parent.policy != AnyPolicy {
					parent.reached = true
					continue
				}
				// Its parent leaves the choice open: this is the name under which the anchor's domain knows the policy.
				if (userAny || slices.Contains(initial, n.policy)) && !slices.Contains(out, n.policy) {
					out = append(out, n.policy)
				}
			}
		}
	}
	return out
}
