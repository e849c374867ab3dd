package schema

import (
	"slices"
	"strings"

	"github.com/scimkit/scimkit/internal/model"
)

// maxName is the length of the longest name or URN that is looked up.
const maxName = 256

// Validate reports everything that is wrong with s as DefinitionErrors: those
// of Only and Without, and what goes against RFC 7643 sections 2 and 7.
func (s *Schema) Validate() error {
	p := problems{errs: slices.Clone(s.errs)}
	s.validate(&p)
	return p.err()
}

func (s *Schema) validate(p *problems) {
	path := s.ID
	if path == "" {
		path = s.Name
	}
	if msg := wrongURN(s.ID); msg != "" {
		p.add(path, "%s", msg)
	}
	if len(s.Attributes) == 0 {
		p.add(path, "has no attributes")
	}
	v := validator{p, s}
	v.list(s.Attributes, nil, "attributes", s.path)
}

// wrongURN tells what keeps id from being the URN of a schema (RFC 7643 section
// 10.2.1, RFC 8141 section 2). The few characters that a URN may have and that
// would end an attribute's name in a filter or a list of attributes are refused.
func wrongURN(id string) string {
	rest, ok := cutPrefixFold(id, "urn:")
	nid, nss, colon := strings.Cut(rest, ":")
	switch {
	case id == "":
		return "has no ID; a schema is named by a URN, such as urn:example:schemas:Car"
	case !ok || nid == "" || !colon || nss == "":
		return "is not a URN, such as urn:example:schemas:Car"
	case len(id) > maxName:
		return "is longer than 256 characters"
	}
	if !consistsOf(nid, isAlnum, "-") || !consistsOf(nss, isAlnum, "-._~:/@%+!$*=") || strings.HasSuffix(nss, ":") {
		return "is not a URN: letters, digits and -._~:/@%+!$*= can follow urn:, and the last character is no colon"
	}
	if scim, ok := cutPrefixFold(id, "urn:ietf:params:scim:"); ok {
		kind, _, _ := strings.Cut(model.Lower(scim), ":")
		if kind == "api" || kind == "param" {
			return "is reserved for SCIM messages (RFC 7643 section 10.2.1); a schema of its own has a URN of its own"
		}
	}
	return ""
}
