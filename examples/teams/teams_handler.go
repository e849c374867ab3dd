package main

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/scimkit/scimkit/examples/internal/host"
	"github.com/scimkit/scimkit/scim"
)

// teams are the teams of a tenant as a scim.ResourceHandler, and as a
// scim.ListUpdater for their members.
type teams struct {
	db     *host.DB
	tenant string
}

var teamIndexes = []index{
	{path: "id", where: "id = $2"},
	{path: "displayName", where: "name_key = $2", key: scim.IdentityKey},
	{path: "externalId", where: "external_id = $2"},
	{path: "members.value", where: "(tenant, id) IN (SELECT tenant, team_id FROM team_members WHERE person_id = $2)"},
}

// get gives one team.
func (h teams) get(ctx context.Context, tx *host.Tx, id string, omit []string) (*team, error) {
	all, err := loadTeams(ctx, tx, h.tenant, !slices.Contains(omit, "members"), "tenant = $1 AND id = $2", h.tenant, id)
	switch {
	case err != nil:
		return nil, err
	case len(all) == 0:
		return nil, scim.ErrNotFound
	}
	return &all[0], nil
}

// setMembers makes ids the members.
func (h teams) setMembers(ctx context.Context, tx *host.Tx, id string, ids []string) error {
	d := scim.ListDelta{Replace: true}
	for _, id := range ids {
		d.Add = append(d.Add, scim.Member{Value: id})
	}
	_, unknown, err := changeMembers(ctx, tx, h.tenant, id, d)
	if err == nil && unknown != nil {
		err = &scim.UnknownMembersError{Attribute: "members", IDs: unknown}
	}
	return err
}

// Create implements scim.ResourceHandler.
func (h teams) Create(ctx context.Context, r *scim.Resource) error {
	t := &team{ID: r.ID()}
	t.take(r)
	var stored *scim.Resource
	err := h.db.Write(ctx, func(tx *host.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO teams (tenant, name_key, `+teamColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
			h.tenant, scim.IdentityKey(t.Name), t.ID, t.Name, t.ExternalID, host.Micro(t.meta.Created), host.Micro(t.meta.LastModified), t.meta.Version)
		if err != nil {
			return unique(err, "displayName")
		}
		if err := h.setMembers(ctx, tx, t.ID, memberIDs(r)); err != nil {
			return err
		}
		if t, err = h.get(ctx, tx, t.ID, nil); err != nil {
			return err
		}
		stored, err = t.resource()
		return err
	})
	if err == nil {
		*r = *stored
	}
	return err
}

// Get implements scim.ResourceHandler.
func (h teams) Get(ctx context.Context, id string, opt scim.GetOptions) (r *scim.Resource, err error) {
	err = h.db.Read(ctx, func(tx *host.Tx) error {
		t, err := h.get(ctx, tx, id, opt.Omit)
		if err != nil {
			return err
		}
		r, err = t.resource()
		return err
	})
	return r, err
}

// List implements scim.ResourceHandler.
func (h teams) List(ctx context.Context, q scim.Query) (page scim.Page, err error) {
	err = h.db.Read(ctx, func(tx *host.Tx) error {
		plan, err := planFor(ctx, tx, "teams", h.tenant, q, teamIndexes)
		if err != nil {
			return err
		}
		all, err := loadTeams(ctx, tx, h.tenant, needsMembers(q), plan.where, plan.args...)
		if err != nil {
			return err
		}
		resources := make([]*scim.Resource, len(all))
		for i := range all {
			if resources[i], err = all[i].resource(); err != nil {
				return err
			}
		}
		page = plan.page(q, resources)
		return nil
	})
	return page, err
}

// needsMembers tells whether the members are asked for, or what finds and orders
// the teams looks at them.
func needsMembers(q scim.Query) bool {
	return !slices.Contains(q.Omit, "members") ||
		q.Filter != nil && strings.Contains(q.Filter.String(), "members") ||
		q.Order != nil && strings.HasPrefix(q.Order.Path().String(), "members")
}

// Update implements scim.ResourceHandler.
func (h teams) Update(ctx context.Context, id string, edit func(*scim.Resource) error) (*scim.Resource, error) {
	return h.update(ctx, id, nil, func(_ *host.Tx, r *scim.Resource) error { return edit(r) }, func(tx *host.Tx, r *scim.Resource) error {
		return h.setMembers(ctx, tx, id, memberIDs(r))
	})
}

// UpdateList implements scim.ListUpdater. The change of the list comes first,
// because edit has to know whether it changes anything; that it cannot be is
// told last, because edit may have a better reason to refuse.
func (h teams) UpdateList(ctx context.Context, id string, d scim.ListDelta, edit func(*scim.Resource, bool) error) (*scim.Resource, error) {
	if d.Attribute != "members" {
		return nil, errors.ErrUnsupported
	}
	var unknown []string
	return h.update(ctx, id, []string{"members"}, func(tx *host.Tx, r *scim.Resource) (err error) {
		var changed bool
		if changed, unknown, err = changeMembers(ctx, tx, h.tenant, id, d); err != nil {
			return err
		}
		return edit(r, changed)
	}, func(*host.Tx, *scim.Resource) error {
		if unknown != nil {
			return &scim.UnknownMembersError{Attribute: "members", IDs: unknown}
		}
		return nil
	})
}

// update loads a team, has it edited, stores it, and gives it as it then is;
// members sees to those between storing and loading.
func (h teams) update(ctx context.Context, id string, omit []string, edit, members func(*host.Tx, *scim.Resource) error) (r *scim.Resource, err error) {
	err = h.db.Write(ctx, func(tx *host.Tx) error {
		t, err := h.get(ctx, tx, id, omit)
		if err != nil {
			return err
		}
		if r, err = t.resource(); err != nil {
			return err
		}
		if err := edit(tx, r); err != nil {
			return err
		}
		t.take(r)
		_, err = tx.ExecContext(ctx, `UPDATE teams SET name = $1, name_key = $2, external_id = $3, changed_at = $4, version = $5 WHERE tenant = $6 AND id = $7`,
			t.Name, scim.IdentityKey(t.Name), t.ExternalID, host.Micro(t.meta.LastModified), t.meta.Version, h.tenant, id)
		if err != nil {
			return unique(err, "displayName")
		}
		if err := members(tx, r); err != nil {
			return err
		}
		if t, err = h.get(ctx, tx, id, omit); err != nil {
			return err
		}
		r, err = t.resource()
		return err
	})
	if err != nil {
		return nil, err
	}
	return r, nil
}

// Delete implements scim.ResourceHandler. The foreign keys see to the members.
func (h teams) Delete(ctx context.Context, id string, check func(*scim.Resource) error) error {
	return h.db.Write(ctx, func(tx *host.Tx) error {
		t, err := h.get(ctx, tx, id, nil)
		if err != nil {
			return err
		}
		r, err := t.resource()
		if err != nil {
			return err
		}
		if err := check(r); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `DELETE FROM teams WHERE tenant = $1 AND id = $2`, h.tenant, id)
		return err
	})
}
