package document

// KeepMembers gives the list of references that fresh becomes where old is
// stored: an element whose value old has stays as it is there, for its
// sub-attributes are immutable and the provider has written some of them (RFC
// 7643 section 4.2); where the values are the same, so is the list. It takes
// the elements out of old and fresh.
func (t *Tree) KeepMembers(old, fresh Node) Node {
	a := t.Attr(fresh)
	if t.Kind(old) != Array || t.Kind(fresh) != Array {
		return fresh
	}
	stored := make(map[string]Node, t.Len(old))
	for e := t.First(old); e != NoNode; e = t.Next(e) {
		stored[string(t.key(a, e))] = e
	}
	list := make([]Node, 0, t.Len(fresh))
	kept := 0
	for e := t.First(fresh); e != NoNode; e = t.Next(e) {
		key := t.key(a, e)
		n, ok := stored[string(key)]
		if !ok || len(key) == 0 {
			list = append(list, e)
			continue
		}
		delete(stored, string(key))
		list = append(list, n)
		kept++
	}
	if kept == len(list) && len(stored) == 0 && kept == t.Len(old) {
		return old
	}
	out := t.NewArray(a.ID)
	for _, e := range list {
		t.Append(out, e)
	}
	return out
}
