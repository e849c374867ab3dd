package main

import (
	"context"
	"crypto/rand"
	"time"

	"github.com/scimkit/scimkit/examples/internal/host"
	"github.com/scimkit/scimkit/scim"
)

// A team of a tenant.
type team struct {
	ID         string
	Name       string
	ExternalID string
	Members    []member // nil also where they were not loaded
	meta       scim.Meta
}

// A member of a team is a person.
type member struct {
	ID   string `scim:"value"`
	Name string `scim:"display"`
	Type string `scim:"type"`
}

// group is a team in SCIM.
type group struct {
	ID          string   `scim:"id"`
	ExternalID  string   `scim:"externalId"`
	DisplayName string   `scim:"displayName"`
	Members     []member `scim:"members"`
}

// resource gives the team as SCIM shows it.
func (t *team) resource() (*scim.Resource, error) {
	r, err := scim.NewResource(teamType, group{t.ID, t.ExternalID, t.Name, t.Members})
	if err != nil {
		return nil, err
	}
	r.SetMeta(t.meta)
	return r, nil
}

// take takes over what a client made of the team, but for the members.
func (t *team) take(r *scim.Resource) {
	t.Name, t.ExternalID, t.meta = r.String("displayName"), r.String("externalId"), r.Meta()
}

// memberIDs are the members of a resource.
func memberIDs(r *scim.Resource) []string {
	var ids []string
	for _, v := range r.Values("members") {
		ids = append(ids, v.String("value"))
	}
	return ids
}

const teamColumns = `id, name, external_id, created_at, changed_at, version`

// loadTeams gives the teams that the condition selects, with their members or
// without.
func loadTeams(ctx context.Context, tx *host.Tx, tenant string, members bool, where string, args ...any) (all []team, err error) {
	at := make(map[string]int)
	err = tx.Rows(ctx, func(scan func(...any) error) error {
		var t team
		var created, changed int64
		err := scan(&t.ID, &t.Name, &t.ExternalID, &created, &changed, &t.meta.Version)
		t.meta.Created, t.meta.LastModified = host.Time(created), host.Time(changed)
		at[t.ID] = len(all)
		all = append(all, t)
		return err
	}, `SELECT `+teamColumns+` FROM teams WHERE `+where, args...)
	if err != nil || !members || len(all) == 0 {
		return all, err
	}
	ids := make([]string, len(all))
	for i := range all {
		ids[i] = all[i].ID
	}
	err = tx.Rows(ctx, func(scan func(...any) error) error {
		var in string
		var p person
		err := scan(&in, &p.ID, &p.Email, &p.GivenName, &p.FamilyName, &p.NickName)
		t := &all[at[in]]
		t.Members = append(t.Members, member{p.ID, p.Name(), "User"})
		return err
	}, `SELECT m.team_id, p.id, p.email, p.given_name, p.family_name, p.nick_name
		FROM team_members m JOIN people p ON p.tenant = m.tenant AND p.id = m.person_id
		WHERE m.tenant = $1 AND m.team_id IN (SELECT value FROM `+tx.Each("$2")+`)
		ORDER BY m.team_id, m.person_id`, tenant, host.JSON(ids))
	return all, err
}

// changeMembers does to the members of a team what d says, in statements about
// sets: what it costs depends on d, and with Replace on the members before. It
// tells whether that changed anything, and which of those to add are nobody.
func changeMembers(ctx context.Context, tx *host.Tx, tenant, id string, d scim.ListDelta) (changed bool, unknown []string, err error) {
	add := make([]string, len(d.Add))
	for i, m := range d.Add {
		add[i] = m.Value
	}
	remove, which := d.Remove, "IN"
	if d.Replace {
		remove, which = add, "NOT IN"
	}
	for _, s := range []struct {
		statement string
		ids       []string
	}{
		{`DELETE FROM team_members WHERE tenant = $1 AND team_id = $2 AND person_id ` + which + ` (SELECT value FROM ` + tx.Each("$3") + `)`, remove},
		{`INSERT INTO team_members (tenant, team_id, person_id)
			SELECT tenant, $2, id FROM people WHERE tenant = $1 AND id IN (SELECT value FROM ` + tx.Each("$3") + `)
			ON CONFLICT DO NOTHING`, add},
	} {
		done, err := tx.ExecContext(ctx, s.statement, tenant, id, host.JSON(s.ids))
		if err != nil {
			return false, nil, err
		}
		n, err := done.RowsAffected()
		if err != nil {
			return false, nil, err
		}
		changed = changed || n > 0
	}
	err = tx.Rows(ctx, func(scan func(...any) error) error {
		var id string
		err := scan(&id)
		unknown = append(unknown, id)
		return err
	}, `SELECT DISTINCT value FROM `+tx.Each("$1")+` WHERE NOT EXISTS (SELECT 1 FROM people WHERE tenant = $2 AND id = value)`, host.JSON(add), tenant)
	return changed || unknown != nil, unknown, err
}

// touchTeamsOf gives the teams of a person a new version.
func touchTeamsOf(ctx context.Context, tx *host.Tx, tenant, person string) error {
	_, err := tx.ExecContext(ctx, `UPDATE teams SET version = $1, changed_at = CASE WHEN changed_at < $2 THEN $2 ELSE changed_at + 1 END
		WHERE tenant = $3 AND id IN (SELECT team_id FROM team_members WHERE tenant = $4 AND person_id = $5)`,
		rand.Text(), host.Micro(time.Now()), tenant, tenant, person)
	return err
}
