package scim

import (
	"errors"

	"github.com/scimkit/scimkit/internal/patch"
	"github.com/scimkit/scimkit/internal/quirk"
)

// withoutUnknownMembers runs do. If do finds unknown members and the policy is
// to leave those out, it runs again, told which.
func (rq *request) withoutUnknownMembers(do func(skip members) error) error {
	var skip members
	for {
		err := do(skip)
		if err == nil {
			return nil
		}
		var unknown *UnknownMembersError
		if !errors.As(err, &unknown) || len(unknown.IDs) == 0 || !rq.log.Try(quirk.UnknownMember) {
			return err
		}
		before := len(skip)
		skip = skip.with(unknown.IDs)
		if len(skip) == before {
			return err
		}
	}
}

// members is a set of ids that a list is to leave out.
type members map[string]struct{}

func (m members) with(ids []string) members {
	if m == nil {
		m = make(members, len(ids))
	}
	for _, id := range ids {
		m[id] = struct{}{}
	}
	return m
}

// from gives r without the references in m.
func (m members) from(r *Resource) (*Resource, error) {
	if len(m) == 0 {
		return r, nil
	}
	list := patch.List(r.doc.Type())
	v, ok := r.doc.Get(list)
	if !ok {
		return r, nil
	}
	value := &r.doc.Type().Attrs[r.doc.Type().Attrs[list].Value]
	kept := []byte{'['}
	it := v.Iter()
	for e, ok := it.Next(); ok; e, ok = it.Next() {
		if id, ok := e.Member(value); ok && m.has(id.String()) {
			continue
		}
		if len(kept) > 1 {
			kept = append(kept, ',')
		}
		kept = append(kept, e.Raw()...)
	}
	if kept = append(kept, ']'); len(kept) == 2 {
		kept = nil
	}
	return &Resource{typ: r.typ, doc: r.doc.With(list, kept)}, nil
}

func (m members) has(id string) bool {
	_, ok := m[id]
	return ok
}
