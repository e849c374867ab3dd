package sqlstore

import (
	"context"
	"slices"

	"github.com/scimkit/scimkit/internal/model"
	"github.com/scimkit/scimkit/scim"
)

// keepUnsent gives r, which a client has sent, the values that there, the row that it
// takes over, has in columns of which the client says nothing.
func (o *host) keepUnsent(ctx context.Context, there, r *scim.Resource) error {
	if err := o.unsaid(ctx, there, r); err != nil {
		return err
	}
	for _, m := range o.mapped {
		if m.Name == "" {
			continue
		}
		if _, v := o.speaker(m, nil, r); v != nil {
			continue
		}
		if v := m.attribute(there); v != nil {
			if err := r.Set(m.path, v); err != nil {
				return err
			}
		}
	}
	return nil
}

// unsaid takes out of r the true that the engine gives an attribute by default, not
// the client, where the row has a value of its own: who is disabled stays so.
func (o *host) unsaid(ctx context.Context, there, r *scim.Resource) error {
	id, _ := ctx.Value(model.ByDefault{}).(model.ID)
	if id == model.Root {
		return nil
	}
	a := o.layout.model.Attr(id)
	inColumn := slices.ContainsFunc(o.mapped, func(m *mappedColumn) bool { return m.attr == a && m.Name != "" })
	if !r.Bool(a.Path) || !inColumn && !there.Has(a.Path) {
		return nil
	}
	return r.Set(a.Path, nil)
}
