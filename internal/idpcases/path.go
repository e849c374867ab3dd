package idpcases

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
)

// The path subset of the cases: .name ['any name'] [0] [?(@.key=='text')]
// [?(@.key==true)], and .length on arrays.
var segmentPattern = regexp.MustCompile(`^(?:\.([A-Za-z_$][\w$]*)|\['([^']+)'\]|\[(\d+)\]|\[\?\(@\.([\w$]+)==(?:'([^']*)'|(true|false))\)\])`)

// A segment takes one step from a node to those below it.
type segment func(node any) []any

func parsePath(path string) ([]segment, error) {
	if path == "" || path[0] != '$' {
		return nil, fmt.Errorf("path %q does not start with $", path)
	}
	var segments []segment
	for rest := path[1:]; rest != ""; {
		m := segmentPattern.FindStringSubmatch(rest)
		if m == nil {
			return nil, fmt.Errorf("path %q: cannot read %q", path, rest)
		}
		segments = append(segments, newSegment(m))
		rest = rest[len(m[0]):]
	}
	return segments, nil
}

func newSegment(m []string) segment {
	switch {
	case m[1] != "":
		return byName(m[1])
	case m[2] != "":
		return byName(m[2])
	case m[3] != "":
		i, _ := strconv.Atoi(m[3])
		return func(node any) []any {
			if list, ok := node.([]any); ok && i < len(list) {
				return list[i : i+1]
			}
			return nil
		}
	case m[6] != "":
		return byMember(m[4], m[6] == "true")
	}
	return byMember(m[4], m[5])
}

func byName(name string) segment {
	return func(node any) []any {
		switch node := node.(type) {
		case map[string]any:
			if v, ok := node[name]; ok {
				return []any{v}
			}
		case []any:
			if name == "length" {
				return []any{json.Number(strconv.Itoa(len(node)))}
			}
		}
		return nil
	}
}

// byMember takes the elements of an array whose member key is want.
func byMember(key string, want any) segment {
	return func(node any) []any {
		list, _ := node.([]any)
		var found []any
		for _, e := range list {
			if object, ok := e.(map[string]any); ok && object[key] == want {
				found = append(found, e)
			}
		}
		return found
	}
}

// nodes gives what path leads to. The root of an answer without a JSON body is
// no node.
func nodes(root any, path string) ([]any, error) {
	segments, err := parsePath(path)
	if err != nil {
		return nil, err
	}
	if root == nil {
		return nil, nil
	}
	current := []any{root}
	for _, step := range segments {
		var next []any
		for _, n := range current {
			next = append(next, step(n)...)
		}
		current = next
	}
	return current, nil
}
