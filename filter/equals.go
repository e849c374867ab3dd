package filter

// Equals tells whether f can only match resources that have an attribute value
// equal to value: where f says path eq value, alone, as a term of an and, or
// between brackets. path is in the spelling of Expr, such as "userName",
// "emails.value" or "members.value". A store that has an index on path then
// needs to look at what the index gives for value and match f against that;
// where the attribute is not caseExact, the index must be on comparison keys.
func (f *Filter) Equals(path string) (value string, ok bool) {
	return equals(f.expr, path)
}

func equals(e Expr, path string) (string, bool) {
	switch e := e.(type) {
	case *Compare:
		if e.Op == Eq && e.Value.Kind != Null && e.Attr.String() == path {
			return e.Value.Text, true
		}
	case *And:
		for _, t := range e.Terms {
			if value, ok := equals(t, path); ok {
				return value, true
			}
		}
	case *ValuePath:
		prefix := e.Attr.String()
		if len(path) > len(prefix)+1 && path[:len(prefix)] == prefix && (path[len(prefix)] == '.' || path[len(prefix)] == ':') {
			return equals(e.Filter, path[len(prefix)+1:])
		}
	}
	return "", false
}
