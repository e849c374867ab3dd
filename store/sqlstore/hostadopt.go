package sqlstore

import (
	"context"

	"github.com/scimkit/scimkit/internal/model"
	"github.com/scimkit/scimkit/scim"
)

// keepUnsent gives r, which a client has sent, what there, the row that it becomes,
// has in columns of which the client says nothing.
func (o *host) keepUnsent(ctx context.Context, there, r *scim.Resource) error {
	byDefault, _ := ctx.Value(model.ByDefault{}).(model.ID)
	for _, m := range o.mapped {
		if m.Name == "" {
			continue
		}
		if m.attr.ID == byDefault && m.attribute(r) == true {
			if err := r.Set(m.path, nil); err != nil { // the client has not said it
				return err
			}
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
