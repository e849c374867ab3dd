package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"maps"

	"github.com/scimkit/scimkit/internal/document"
	"github.com/scimkit/scimkit/internal/identity"
	"github.com/scimkit/scimkit/internal/model"
	"github.com/scimkit/scimkit/scim"
)

// comparable is the value of a unique attribute as sameAs compares it.
func (m *mappedColumn) comparable(r *scim.Resource) any {
	v := m.attribute(r)
	text, ok := v.(string)
	switch {
	case m.Key != "":
		return m.keyOf(v)
	case ok && m.attr.Kind == model.String && !m.attr.CaseExact:
		return identity.Key(text)
	}
	return v
}

// free tells whether the unique values that a resource gets are nobody else's. The
// index of the database may take names for different that differ in letter case.
func (o *host) free(ctx context.Context, tx session, h *handler, p params, was, is *document.Doc) error {
	before, after := scim.ResourceOf(h.rt, was), scim.ResourceOf(h.rt, is)
	for _, m := range o.mapped {
		v := m.comparable(&after)
		if !m.attr.Unique || v == nil || v == m.comparable(&before) {
			continue
		}
		q := maps.Clone(p)
		q["unique_"+m.path], q["sent_"+m.path] = v, m.attribute(&after)
		taken, err := m.isTaken(ctx, tx, q)
		if err == nil && taken {
			var freed bool
			if freed, err = o.freeKeys(ctx, tx, q); err == nil && freed {
				taken, err = m.isTaken(ctx, tx, q)
			}
		}
		switch {
		case err != nil:
			return err
		case taken:
			return scim.Conflict(m.path)
		}
	}
	return nil
}

// taken finds rows with a value, as sameAs, and by the value itself where the application
// has written no key.
func (m *mappedColumn) taken(d sqlOf, key, sent string) string {
	same := m.sameAs(d, key, sent)
	if m.Key == "" || m.key.notNull || !m.info.notNull && !m.attr.Required {
		return same
	}
	return "(" + same + " OR t." + m.Key + " IS NULL AND " + m.folded() + " IN (" + key + ", " + m.fold("CAST("+sent+" AS text)") + "))"
}

// isTaken tells whether another row has the value.
func (m *mappedColumn) isTaken(ctx context.Context, tx session, p params) (bool, error) {
	err := m.other.row(ctx, tx, p).Scan(new(int))
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// freeKeys puts right the stale ones among the keys that p has for unique attributes,
// which others want. It tells whether there were any.
func (o *host) freeKeys(ctx context.Context, tx session, p params) (found bool, err error) {
	for _, m := range o.keying {
		if !m.attr.Unique || p["unique_"+m.path] == nil {
			continue
		}
		freed, _, err := o.rightKeys(ctx, tx, m, o.wanting(m), p)
		if err != nil {
			return false, err
		}
		found = found || freed
	}
	return found, nil
}

// wanting finds the rows of the tenant that have the unique value of a resource.
func (o *host) wanting(m *mappedColumn) string {
	where := m.taken(o.dialect, "{unique_"+m.path+"}", "{sent_"+m.path+"}")
	if o.Tenant != "" {
		where += " AND " + o.ofTenant("t.")
	}
	return where
}
