package sqlstore

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/scimkit/scimkit/internal/document"
	"github.com/scimkit/scimkit/internal/model"
	"github.com/scimkit/scimkit/scim"
)

// restText is SQL of what Table.Rest holds.
func (o *host) restText() string { return "CAST(t." + o.Rest + " AS text)" }

// atOnce is how many rows get new keys with one statement.
const atOnce = 500

// restStatements are about the rows whose comparison keys are not those of what
// Table.Rest holds. A row of the library's that has nothing but keys, as no client has
// made or adopted the host's, has no version.
func (o *host) restStatements() {
	if o.Rest == "" {
		return
	}
	doc, side := "substr(r.doc, instr(r.doc, char(10)) + 1)", "substr(r.doc, 1, instr(r.doc || char(10), char(10)) - 1)"
	if o.dialect.Dialect == PostgreSQL {
		doc, side = "substr(r.doc, strpos(r.doc, chr(10)) + 1)", "split_part(r.doc, chr(10), 1)"
	}
	o.changed = o.compile("SELECT CAST(t." + o.ID + " AS text) FROM " + o.from + " WHERE " + o.where +
		" AND " + o.dialect.bytes("coalesce("+o.restText()+", '')") + " <> " + o.dialect.bytes("coalesce("+doc+", '')"))
	o.held = o.compile("SELECT " + o.idText + ", coalesce(" + o.display + ", ''), r.doc, " + o.restText() + " FROM " + o.Name + " t LEFT JOIN " + o.row() +
		" WHERE " + o.where + " AND t." + o.ID + " IN (SELECT CAST(j.value AS " + o.key.indexed(o.dialect.Dialect) + ") FROM " + o.dialect.eachText("{ids}") + ")")

	d, e := o.dialect, o.dialect.element
	o.rekey = d.compile("INSERT INTO " + o.prefix + "resources (tenant, type, id, display, doc, keys, external_key, version, created, modified) SELECT CAST({tenant} AS text), " +
		literal(o.layout.model.Name) + ", " + e(0) + ", " + e(1) + ", " + e(2) + ", " + d.toJSON(e(3)) + ", " + e(4) + ", '', 0, 0 FROM " + d.each("{rows}") +
		" WHERE 1 = 1 ON CONFLICT (tenant, type, id) DO UPDATE SET doc = excluded.doc, keys = excluded.keys, external_key = excluded.external_key" +
		" WHERE " + strings.ReplaceAll(side, "r.doc", o.prefix+"resources.doc") + " = " + strings.ReplaceAll(side, "r.doc", "excluded.doc"))
	purge := "DELETE FROM " + o.prefix + "resources AS r WHERE r.tenant = {tenant} AND r.type = " + literal(o.layout.model.Name) + " AND r.version = ''"
	if o.Existing == Adopt { // otherwise, clients see no such rows
		purge += " AND NOT EXISTS (SELECT 1 FROM " + o.Name + " t WHERE t." + o.ID + " = " + o.keyOf("r.id") + " AND " + o.idText + " = r.id)"
	}
	o.purge = d.compile(purge)
}

// row is the library's row r for t. A PostgreSQL that has no statistics yet looks it up
// where the query leaves it no choice.
func (o *host) row() string {
	on := "r.tenant = {tenant} AND r.type = " + literal(o.layout.model.Name) + " AND r.id = " + o.idText
	if o.dialect.Dialect == PostgreSQL {
		return "LATERAL (SELECT r.doc, r.display FROM " + o.prefix + "resources r WHERE " + on + " OFFSET 0) r ON true"
	}
	return o.prefix + "resources r ON " + on
}

// ready gives keys to the rows that the application has changed, if conditions are
// on the keys. Nothing is locked: a row that changes meanwhile has another text than
// its keys again, and what else a change has put into doc stays.
func (o *host) ready(ctx context.Context, h *handler, conditions string) error {
	if o.Rest == "" || !strings.Contains(conditions, "r.keys") && !strings.Contains(conditions, "external_key") {
		return nil
	}
	p := o.everything(h)
	keys, err := o.changedKeys(ctx, h, p)
	if err != nil || len(keys) == 0 {
		return err
	}
	for chunk := range slices.Chunk(keys, atOnce) {
		p["ids"] = texts(slices.Values(chunk))
		if p["rows"], err = o.newKeys(ctx, h, p); err != nil {
			return err
		}
		if err := o.write(ctx, h, o.rekey, p); err != nil {
			return err
		}
	}
	return o.write(ctx, h, o.purge, p)
}

// write runs a statement that may as well run twice.
func (o *host) write(ctx context.Context, h *handler, s statement, p params) error {
	return h.store.db.write(ctx, func(tx runner) error { _, err := s.exec(ctx, tx, p); return err }, nil)
}

// changedKeys are those of the rows whose keys are of another text than Table.Rest.
func (o *host) changedKeys(ctx context.Context, h *handler, p params) (keys []string, err error) {
	rows, err := o.changed.query(ctx, h.store.db.pool(), p)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		keys = append(keys, "")
		if err := rows.Scan(&keys[len(keys)-1]); err != nil {
			return nil, err
		}
	}
	return keys, rows.Err()
}

// newKeys makes of the rows with the keys {ids} what rekey wants.
func (o *host) newKeys(ctx context.Context, h *handler, p params) (string, error) {
	rows, err := o.held.query(ctx, h.store.db.pool(), p)
	if err != nil {
		return "", err
	}
	defer rows.Close()
	all := [][]any{}
	for rows.Next() {
		var id, display string
		var doc []byte
		var column sql.NullString
		if err := rows.Scan(&id, &display, &doc, &column); err != nil {
			return "", err
		}
		side, _, _ := bytes.Cut(doc, []byte(behindRest))
		row, err := o.keyed(h, side, column.String)
		if err != nil {
			return "", fmt.Errorf("sqlstore: the column %s of %s %s: %w", o.Rest, h.model.Name, id, err)
		}
		all = append(all, []any{id, display, row["doc"], row["keys"], row["external_key"]})
	}
	if err := rows.Err(); err != nil {
		return "", err
	}
	text, err := json.Marshal(all)
	return string(text), err
}

// keyed is the row of the library's for its document, side, and what Table.Rest
// holds.
func (o *host) keyed(h *handler, side []byte, column string) (params, error) {
	r, err := o.visible(h, side, column)
	if err != nil {
		return nil, err
	}
	d := o.remainder(h, r.Document())
	row := h.row(d)
	row["doc"] = string(side) + behindRest + column
	row["keys"] = o.keysOf(d)
	return row, nil
}

// beside makes of the document of the library's row, and what Table.Rest holds, the
// resource without what is in other columns, and what of it the version depends on.
// moves tells that the document has attributes that belong in Table.Rest.
func (o *host) beside(h *handler, doc, column []byte) (r *scim.Resource, text []byte, moves bool, err error) {
	side, keyed, found := bytes.Cut(doc, []byte(behindRest))
	switch {
	case o.Rest == "" && doc == nil:
		r, err = scim.NewResource(h.rt, nil)
		return r, doc, false, err
	case o.Rest == "" && !found:
		r, err = scim.ParseResource(h.rt, doc)
		return r, doc, false, err
	case o.Rest == "": // which the mapping had before
		column = keyed
	}
	if r, err = o.visible(h, side, string(column)); err != nil {
		return nil, nil, false, err
	}
	kept := o.known(nil, document.Trusted(side), document.Value{}, model.Root)
	return r, o.remainder(h, r.Document()).Bytes(), o.Rest != "" && len(kept) > len("{}"), nil
}

// keepRest gives r what Table.Rest of an existing row has and r has not.
func (o *host) keepRest(there *document.Doc, r *scim.Resource) error {
	if o.Rest == "" {
		return nil
	}
	return o.keepBelow(there, r, model.Root)
}

func (o *host) keepBelow(there *document.Doc, r *scim.Resource, parent model.ID) error {
	t := o.layout.model
	for id := parent + 1; id < t.Attr(parent).End; id = t.Attr(id).End {
		v, ok := there.Get(id)
		if !ok || o.outside[id] {
			continue
		}
		a := t.Attr(id)
		if !a.Multi && a.Kind == model.Complex {
			if err := o.keepBelow(there, r, id); err != nil {
				return err
			}
			continue
		}
		if _, has := r.Document().Get(id); has {
			continue
		}
		if err := r.Set(a.Path, json.RawMessage(v.Raw())); err != nil {
			return err
		}
	}
	return nil
}
