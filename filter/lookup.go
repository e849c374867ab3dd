package filter

import "github.com/scimkit/scimkit/internal/model"

// fewTerms are compared one by one.
const fewTerms = 8

// lookups is anyOf that turns the many eq of one string attribute, with which
// some clients ask for hundreds of resources at once, into one look-up.
func lookups(nodes []node) node {
	if len(nodes) < fewTerms {
		return anyOf(nodes)
	}
	first := make(map[*model.Attr]*compare)
	var rest anyOf
	for _, n := range nodes {
		c, ok := n.(*compare)
		if !ok || c.test.op != Eq || c.test.class < folded || c.test.class > octets {
			rest = append(rest, n)
			continue
		}
		var attr *model.Attr // nil is the element of a value path itself
		if len(c.path) > 0 {
			attr = c.path[len(c.path)-1]
		}
		if first[attr] == nil {
			first[attr] = c
			c.test.texts = make(map[string]struct{})
			rest = append(rest, c)
		}
		first[attr].test.texts[string(c.test.text)] = struct{}{}
	}
	return rest
}
