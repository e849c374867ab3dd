package filter

import (
	"strings"

	"github.com/scimkit/scimkit/internal/quirk"
)

// attrPath reads [URI ":"] name ["." name].
func (s *scanner) attrPath() (AttrPath, error) {
	start := s.pos
	colon := -1
	for s.pos < len(s.src) {
		c := s.src[s.pos]
		if ends(c) {
			break
		}
		if c <= ' ' || c >= 0x7f {
			return AttrPath{}, s.fail(s.pos, "an attribute name must not have the character %s", s.token())
		}
		if c == ':' {
			colon = s.pos
		}
		s.pos++
	}
	if s.pos == start {
		if start == len(s.src) {
			return AttrPath{}, s.fail(start, "an attribute name is expected")
		}
		return AttrPath{}, s.fail(start, "an attribute name is expected, not %s", s.token())
	}
	if colon < 0 {
		return s.split(start, AttrPath{}, s.src[start:s.pos])
	}
	// The last colon ends the schema's URI. Whether it does indeed, only the
	// resource type can tell: the URI may also be all there is.
	urn, rest := s.src[start:colon], s.src[colon+1:s.pos]
	if !isURI(urn) {
		return AttrPath{}, s.fail(start, "%q is no schema URI", s.clip(start, colon))
	}
	if s.path && isVersion(rest) {
		return AttrPath{URN: s.src[start:s.pos]}, nil
	}
	return s.split(colon+1, AttrPath{URN: urn}, rest)
}

// split takes name or name.sub, which begins at start.
func (s *scanner) split(start int, p AttrPath, text string) (AttrPath, error) {
	name, sub, dotted := strings.Cut(text, ".")
	if dotted && p.URN != "" && strings.IndexByte(sub, '.') >= 0 && s.log.Allows(quirk.URNDot) {
		// urn:…:User.manager.value: the first dot stands for a colon.
		if err := s.checkName(start, name); err != nil {
			return p, err
		}
		s.log.Try(quirk.URNDot)
		p.URN += ":" + name
		start += len(name) + 1
		name, sub, _ = strings.Cut(sub, ".")
	}
	if err := s.checkName(start, name); err != nil {
		return p, err
	}
	p.Name = name
	if dotted {
		if strings.IndexByte(sub, '.') >= 0 {
			return p, s.fail(start, "%q has more than one sub-attribute", s.clip(start, s.pos))
		}
		if err := s.checkName(start+len(name)+1, sub); err != nil {
			return p, err
		}
		p.Sub = sub
	}
	return p, nil
}

// name reads the sub-attribute behind "].".
func (s *scanner) name() (string, error) {
	start := s.pos
	for s.pos < len(s.src) && !ends(s.src[s.pos]) {
		s.pos++
	}
	name := s.src[start:s.pos]
	return name, s.checkName(start, name)
}

// checkName applies ATTRNAME of RFC 7643 section 2.1. Of the names that begin
// with "$", the RFC itself uses "$ref".
func (s *scanner) checkName(at int, name string) error {
	for i := 0; i < len(name); i++ {
		c := name[i]
		letter := 'a' <= c|0x20 && c|0x20 <= 'z'
		ok := letter || c == '$' || i > 0 && ('0' <= c && c <= '9' || c == '-' || c == '_')
		if !ok {
			return s.fail(at, "%q is no attribute name", s.clip(at, at+len(name)))
		}
	}
	if name == "" || name == "$" {
		return s.fail(at, "an attribute name is expected")
	}
	return nil
}

// isURI tells whether a prefix has the form of a schema URI: a scheme and more.
func isURI(urn string) bool {
	scheme, rest, ok := strings.Cut(urn, ":")
	return ok && rest != "" && scheme != "" && 'a' <= scheme[0]|0x20 && scheme[0]|0x20 <= 'z' && !strings.HasSuffix(urn, ":")
}

// isVersion tells whether the last part of a URI is no name but a number, as
// in urn:example:schemas:2.0.
func isVersion(part string) bool {
	if part == "" || part[0] < '0' || part[0] > '9' || part[len(part)-1] == '.' {
		return false
	}
	for i := 0; i < len(part); i++ {
		c := part[i]
		if (c < '0' || c > '9') && c != '.' {
			return false
		}
	}
	return true
}
