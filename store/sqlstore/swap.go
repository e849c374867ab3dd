package sqlstore

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/scimkit/scimkit/scim"
)

// What a swap does to the list beside the resource.
const (
	swapAdds = 1 << iota
	swapDrops
)

// swapList changes a resource that has the version {was}, and its list with it, and
// tells of how many that is: one or none. That everybody who changes a list changes
// the version is what makes it right.
func swapList(how int) string {
	text := `WITH u AS (` + updateResource + ` AND version = {was} RETURNING id)`
	if how&swapAdds != 0 {
		text += `, a AS (INSERT INTO {p}members (tenant, list_type, list_id, member_type, member_id, place)
			SELECT {tenant}, {TYPE}, u.id, j.value ->> 1, j.value ->> 0, {place} + j.key
			FROM u CROSS JOIN jsonb_array_elements(CAST({added} AS jsonb)) WITH ORDINALITY AS j (value, key))`
	}
	if how&swapDrops != 0 {
		text += `, d AS (DELETE FROM {p}members m USING u, jsonb_array_elements(CAST({dropped} AS jsonb)) AS j (value)
			WHERE m.tenant = {tenant} AND m.list_type = {TYPE} AND m.list_id = u.id AND m.member_type = j.value ->> 1 AND m.member_id = j.value ->> 0)`
	}
	return text + ` SELECT count(*) FROM u`
}

func (o *own) compileSwaps(d sqlOf, c func(text string) statement) {
	for how := range o.swapped {
		o.swapped[how] = c(swapList(how))
	}
	if o.refs.planned != "" {
		o.peeking = c(selectResources(o.refs.columns(showGroups)+`, (SELECT `+d.gather("x.value, x.type, x.display, x.member_id")+
			` FROM (`+o.refs.planned+`) x)`) + ` AND r.id = {id}`)
	}
}

// peek reads a resource without a lock, and the standings of members at the same
// moment.
func (o *own) peek(ctx context.Context, on session, h *handler, p params, now standings) (*record, error) {
	p["ids"] = texts(h.keys(maps.Keys(now)))
	var found []byte
	rec, err := o.scan(h, before{o.peeking.row(ctx, on, p), &found})
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil, scim.ErrNotFound
	case err != nil:
		return nil, err
	}
	rec.shown = showGroups
	var rows [][4]*string
	if found != nil {
		err = json.Unmarshal(found, &rows)
	}
	for _, row := range rows {
		now.know(*row[0], row[1], row[2], row[3])
	}
	return rec, err
}

// before is a row before its last column.
type before struct {
	row  *sql.Row
	last any
}

func (b before) Scan(columns ...any) error { return b.row.Scan(append(columns, b.last)...) }

// errStale says that a resource is another one than what was read.
var errStale = errors.New("sqlstore: changed since it was read")

// swaps tells whether lists change by swap. Where members may have to be adopted,
// more is to be written.
func (o *own) swaps() bool { return o.swapped[0].text != "" && len(o.refs.adopt) == 0 }

// swap stores is in the place of was, with the change of its list.
func (o *own) swap(ctx context.Context, on session, h *handler, was, is *record, c *change) error {
	if !bytes.Equal(h.appendNames(nil, was.doc), h.appendNames(nil, is.doc)) {
		return final{errStale} // there is more to change than a swap does
	}
	p, how := h.row(is.doc), 0
	p["was"], p["place"] = versionOf(was), time.Now().UnixMicro()
	for _, part := range []struct {
		flag     int
		name     string
		elements []element
	}{{swapAdds, "added", c.added}, {swapDrops, "dropped", c.dropped}} {
		list := []byte{'['}
		for _, e := range part.elements {
			list = append(appendTexts(list, slices.Values([]string{e.value, e.typ})), ',')
		}
		if list = closeList(list); list != nil {
			how |= part.flag
			p[part.name] = string(list)
		}
	}
	var n int64
	err := o.swapped[how].row(ctx, on, p).Scan(&n)
	switch {
	case err == nil && n == 0:
		return final{errStale}
	case err != nil && dangling(err):
		return errAgain // a member went after it was found
	}
	return h.conflict(err)
}
