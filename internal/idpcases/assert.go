package idpcases

import (
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
)

// ops decides on the nodes of a path (or the value of a header). An operator
// that speaks of one node fails on several.
var ops = map[string]func(nodes []any, want any) bool{
	"eq":         one(equal),
	"ne":         one(func(n, want any) bool { return !looseEqual(n, want) }),
	"in":         one(func(n, want any) bool { return contains(want, n) }),
	"type":       one(func(n, want any) bool { return typeName(n) == want }),
	"lenGte":     one(func(n, want any) bool { return isList(n) && number(length(n)) >= number(want) }),
	"contains":   one(contains),
	"matches":    one(matches),
	"gte":        one(func(n, want any) bool { return typeName(n) == "number" && number(n) >= number(want) }),
	"noNull":     one(func(n, _ any) bool { return noNull(n) }),
	"notMatches": atMostOne(func(n, want any) bool { return !matches(n, want) }),
	// Missing or null has no length, and holds nothing.
	"len": atMostOne(func(n, want any) bool {
		return looseEqual(length(n), want)
	}),
	"notContains": atMostOne(func(n, want any) bool { return n == nil || !contains(n, want) }),
	"eqOrAbsent": func(nodes []any, want any) bool {
		return len(nodes) == 0 || len(nodes) == 1 && looseEqual(nodes[0], want)
	},
	"exists":  func(nodes []any, _ any) bool { return slices.ContainsFunc(nodes, notNil) },
	"absent":  func(nodes []any, _ any) bool { return !slices.ContainsFunc(nodes, notNil) },
	"notNull": func(nodes []any, _ any) bool { return !slices.Contains(nodes, nil) },
	"empty": func(nodes []any, _ any) bool {
		return !slices.ContainsFunc(nodes, func(n any) bool { return !isEmpty(n) })
	},
	"count": func(nodes []any, want any) bool {
		return float64(len(nodes)) == number(want)
	},
}

// eqPath is the one operator whose value is a path.
const eqPath = "eqPath"

func one(f func(n, want any) bool) func([]any, any) bool {
	return func(nodes []any, want any) bool { return len(nodes) == 1 && f(nodes[0], want) }
}

func atMostOne(f func(n, want any) bool) func([]any, any) bool {
	return func(nodes []any, want any) bool {
		switch len(nodes) {
		case 0:
			return f(nil, want)
		case 1:
			return f(nodes[0], want)
		}
		return false
	}
}

func (a Assertion) validate() error {
	if (a.Path == "") == (a.Header == "") {
		return fmt.Errorf("assertion %v: wants a path or a header", a)
	}
	if _, ok := ops[a.Op]; !ok && a.Op != eqPath {
		return fmt.Errorf("operator %q is unknown", a.Op)
	}
	if strings.HasSuffix(strings.ToLower(a.Op), "matches") {
		pattern, _ := a.Value.(string)
		if _, err := regexp.Compile(pattern); err != nil || pattern == "" {
			return fmt.Errorf("pattern %v: %v", a.Value, err)
		}
	}
	if a.Op == eqPath {
		path, _ := a.Value.(string)
		if _, err := parsePath(path); err != nil {
			return err
		}
	}
	if a.Path != "" {
		_, err := parsePath(a.Path)
		return err
	}
	return nil
}

// holds tells whether the answer is as asserted.
func (a Assertion) holds(r *answer) (bool, error) {
	found, err := a.nodes(r)
	if err != nil {
		return false, err
	}
	if a.Op == eqPath {
		path, _ := a.Value.(string)
		other, err := nodes(r.root, path)
		return len(found) > 0 && looseEqual(found, other), err
	}
	op, ok := ops[a.Op]
	if !ok {
		return false, fmt.Errorf("operator %q is unknown", a.Op)
	}
	return op(found, a.Value), nil
}

func (a Assertion) nodes(r *answer) ([]any, error) {
	if a.Header == "" {
		return nodes(r.root, a.Path)
	}
	if values := r.Header.Values(a.Header); len(values) > 0 {
		return []any{values[len(values)-1]}, nil
	}
	return nil, nil
}

// equal is looseEqual between values of one type; 1 and 1.0 are of two.
func equal(a, b any) bool {
	if isInteger(a) != isInteger(b) {
		return false
	}
	return looseEqual(a, b)
}

func isInteger(v any) bool {
	n, ok := v.(json.Number)
	return ok && !strings.ContainsAny(n.String(), ".eE")
}

// looseEqual compares JSON values, numbers by what they stand for.
func looseEqual(a, b any) bool { return reflect.DeepEqual(plain(a), plain(b)) }

func plain(v any) any {
	switch v := v.(type) {
	case json.Number:
		return number(v)
	case []any:
		list := make([]any, len(v))
		for i, e := range v {
			list[i] = plain(e)
		}
		return list
	case map[string]any:
		object := make(map[string]any, len(v))
		for k, e := range v {
			object[k] = plain(e)
		}
		return object
	}
	return v
}

func number(v any) float64 {
	n, _ := v.(json.Number)
	f, _ := n.Float64()
	return f
}

func typeName(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case json.Number:
		return "number"
	case string:
		return "string"
	case []any:
		return "array"
	}
	return "object"
}

func isList(v any) bool {
	_, ok := v.([]any)
	return ok
}

// length is 0 for what is missing and -1 for what is no list.
func length(v any) any {
	n := -1
	if list, ok := v.([]any); ok {
		n = len(list)
	} else if v == nil {
		n = 0
	}
	return json.Number(fmt.Sprint(n))
}

// contains looks for an element, a part of a string or a member's name.
func contains(v, want any) bool {
	switch v := v.(type) {
	case []any:
		return slices.ContainsFunc(v, func(e any) bool { return looseEqual(e, want) })
	case string:
		s, ok := want.(string)
		return ok && strings.Contains(v, s)
	case map[string]any:
		s, ok := want.(string)
		_, has := v[s]
		return ok && has
	}
	return false
}

func matches(v, pattern any) bool {
	s, ok := v.(string)
	p, _ := pattern.(string)
	return ok && regexp.MustCompile(p).MatchString(s)
}

func notNil(v any) bool { return v != nil }

// isEmpty: a server may show that there is nothing in any of these ways.
func isEmpty(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case string:
		return v == ""
	case []any:
		return len(v) == 0
	case map[string]any:
		return len(v) == 0 || len(v) == 1 && v["value"] == ""
	}
	return false
}

func noNull(v any) bool {
	switch v := v.(type) {
	case nil:
		return false
	case []any:
		return !slices.ContainsFunc(v, func(e any) bool { return !noNull(e) })
	case map[string]any:
		for _, e := range v {
			if !noNull(e) {
				return false
			}
		}
	}
	return true
}
