package scim

import (
	"encoding/asn1"
	"encoding/base64"
	"errors"
	"strings"

	"github.com/scimkit/scimkit/internal/document"
	"github.com/scimkit/scimkit/internal/identity"
	"github.com/scimkit/scimkit/internal/model"
)

// syntaxes are the attributes of the core schemas that have a syntax of their
// own (RFC 7643 section 4.1).
var syntaxes = []struct {
	name  string
	sub   string // of the elements
	kind  model.Kind
	check func(string) error
}{
	{"userName", "", model.String, identity.CheckUserName},
	{"locale", "", model.String, checkLocale},
	{"x509Certificates", "value", model.Binary, checkCertificate},
}

// checkSyntax checks those attributes where a request has changed them. What
// was there before may be older than the check: a user with an odd name must
// still be one who can be switched off.
func checkSyntax(t *document.Tree, old *document.Doc) error {
	for _, s := range syntaxes {
		id := t.T.SubString(model.Root, s.name)
		if id == model.None {
			continue // and what the tree keeps of unknown attributes is None, too
		}
		n := t.Child(t.Root(), id)
		if n == document.NoNode || unchanged(t, n, old, id) {
			continue
		}
		leaf := id
		if s.sub != "" {
			if leaf = t.T.SubString(id, s.sub); leaf == model.None {
				continue
			}
		}
		if t.T.Attrs[leaf].Kind != s.kind {
			continue // a schema of the host's own
		}
		for _, v := range values(t, n, leaf) {
			if err := s.check(v); err != nil {
				return &document.Error{Type: document.InvalidValue, Path: t.T.Attrs[leaf].Path, Detail: err.Error()}
			}
		}
	}
	return nil
}

// unchanged tells whether old has the value n of the attribute id.
func unchanged(t *document.Tree, n document.Node, old *document.Doc, id model.ID) bool {
	if old == nil {
		return false
	}
	v, ok := old.Get(id)
	return ok && string(v.Raw()) == string(t.Value(n).Raw())
}

// values gives the strings of the attribute leaf at n: n itself, or what its
// elements have.
func values(t *document.Tree, n document.Node, leaf model.ID) []string {
	if t.Kind(n) != document.Array {
		return []string{t.Leaf(n).String()}
	}
	var all []string
	for e := t.First(n); e != document.NoNode; e = t.Next(e) {
		if c := t.Child(e, leaf); c != document.NoNode {
			all = append(all, t.Leaf(c).String())
		}
	}
	return all
}

func checkLocale(s string) error {
	if strings.ContainsAny(s, " \t\r\n") {
		return errors.New("a language tag (RFC 5646) has no white space")
	}
	return nil
}

// checkCertificate tells whether s is one certificate in DER and base64 (RFC
// 7643 section 4.1.2): a sequence of three, of which the third is a signature
// (RFC 5280 section 4.1), and nothing behind it. Whether it is any good is the
// host's business.
func checkCertificate(s string) error {
	der, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(s, "="))
	if err == nil {
		var cert struct {
			TBS, Algorithm asn1.RawValue
			Signature      asn1.BitString
		}
		var rest []byte
		if rest, err = asn1.Unmarshal(der, &cert); err == nil && len(rest) > 0 {
			err = errors.New("there is more than one")
		}
	}
	if err != nil {
		return errors.New("one certificate in DER and base64 is expected")
	}
	return nil
}
