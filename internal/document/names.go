package document

// nameSet finds duplicate names of one object, up to ASCII letter case. Few
// names are compared one by one; many go into a map, so that an object of n
// names costs n.
type nameSet struct {
	few  [fewNames][]byte
	n    int
	many map[string]struct{}
}

const fewNames = 12

// add tells whether name is new.
func (n *nameSet) add(name []byte) bool {
	if n.many == nil {
		for _, old := range n.few[:n.n] {
			if equalFold(old, name) {
				return false
			}
		}
		if n.n < fewNames {
			n.few[n.n] = name
			n.n++
			return true
		}
		n.many = make(map[string]struct{}, 4*fewNames)
		for _, old := range n.few {
			n.many[lower(old)] = struct{}{}
		}
	}
	key := lower(name)
	if _, ok := n.many[key]; ok {
		return false
	}
	n.many[key] = struct{}{}
	return true
}

func equalFold(a, b []byte) bool {
	if len(a) != len(b) {
		return false
	}
	for i, x := range a {
		if lowerByte(x) != lowerByte(b[i]) {
			return false
		}
	}
	return true
}

func lowerByte(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

func lower(b []byte) string {
	out := make([]byte, len(b))
	for i, c := range b {
		out[i] = lowerByte(c)
	}
	return string(out)
}
