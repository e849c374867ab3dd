package document

import (
	"bytes"
	"fmt"
	"unicode"
	"unicode/utf8"
)

// A nameSet finds duplicate names of one object, up to letter case: ASCII case
// as RFC 7643 section 2.1 has it, and that of all Unicode, because programs
// that read a resource later may take "ſchemas" for "schemas". The first names
// stand in the scanner and are compared one by one; many go into a map, so
// that an object of n names costs n.
type nameSet struct {
	base int
	many map[string]struct{}
}

const fewNames = 32

func (s *scanner) newNames() nameSet { return nameSet{base: len(s.names)} }

func (s *scanner) closeNames(n *nameSet) { s.names = s.names[:n.base] }

// addName tells whether name is new. escaped: its memory is not the document's.
func (s *scanner) addName(n *nameSet, name []byte, escaped bool) bool {
	if n.many == nil {
		few := s.names[n.base:]
		for _, old := range few {
			if bytes.EqualFold(old, name) {
				return false
			}
		}
		if len(few) < fewNames {
			if escaped {
				name = bytes.Clone(name)
			}
			if s.names == nil {
				s.names = make([][]byte, 0, fewNames)
			}
			s.names = append(s.names, name)
			return true
		}
		n.many = make(map[string]struct{}, 2*fewNames)
		for _, old := range few {
			n.many[string(s.fold(old))] = struct{}{}
		}
	}
	s.fold(name)
	if _, ok := n.many[string(s.folded)]; ok {
		return false
	}
	n.many[string(s.folded)] = struct{}{}
	return true
}

// fold maps name to what all names have in common that differ from it only in
// letter case.
func (s *scanner) fold(name []byte) []byte {
	dst := s.folded[:0]
	for len(name) > 0 {
		r, n := foldNext(name)
		dst = utf8.AppendRune(dst, r)
		name = name[n:]
	}
	s.folded = dst
	return dst
}

// foldNext gives the first character of b, the least of those that differ only
// in case, and its length in b.
func foldNext(b []byte) (rune, int) {
	if c := b[0]; c < utf8.RuneSelf {
		if 'a' <= c && c <= 'z' {
			c -= 'a' - 'A'
		}
		return rune(c), 1
	}
	first, n := utf8.DecodeRune(b)
	least := first
	for r := unicode.SimpleFold(first); r != first; r = unicode.SimpleFold(r) {
		least = min(least, r)
	}
	return least, n
}

// compareFold orders names without regard to letter case.
func compareFold(a, b []byte) int {
	for len(a) > 0 && len(b) > 0 {
		x, n := foldNext(a)
		y, m := foldNext(b)
		if x != y {
			return int(x - y)
		}
		a, b = a[n:], b[m:]
	}
	return len(a) - len(b)
}

// equalFold compares up to ASCII letter case.
func equalFold[T string | []byte](a []byte, b T) bool {
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

// quote shows a client's text in an error, shortened.
func quote(text []byte) string {
	const most = 100
	if len(text) <= most {
		return fmt.Sprintf("%q", text)
	}
	cut := most
	for cut > 0 && !utf8.RuneStart(text[cut]) {
		cut--
	}
	return fmt.Sprintf("%q…", text[:cut])
}
