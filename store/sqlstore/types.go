package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/scimkit/scimkit/internal/model"
)

// A typeRecord is what the database remembers of a resource type: where its
// resources lie, and by which attributes their keys were made.
type typeRecord struct {
	place      string            // a table of the host's, and what its ids are made of; "" for the library's
	attributes map[string]string // by path: what keys depend on
}

// record is what there is to remember of k.
func (k *kind) record() typeRecord {
	r := typeRecord{attributes: make(map[string]string)}
	mapped := make(map[string]bool)
	if o, ok := k.place.(*host); ok {
		r.place = o.info.place + o.identity()
		for _, m := range o.mapped {
			mapped[m.path] = true
		}
		for _, c := range o.child {
			mapped[c.attr.Path] = true
		}
	}
	for id := model.ID(1); int(id) < len(k.model.Attrs); id++ {
		a := k.model.Attr(id)
		if a.ResourceRef && a.Multi || a.Kind == model.Complex && !a.Multi {
			continue
		}
		r.attributes[a.Path] = k.keyed(a)
		if mapped[a.Path] {
			r.attributes[a.Path] += inColumn
			delete(mapped, a.Path)
		}
	}
	for path := range mapped {
		r.attributes[path] = inColumn // an element of a list
	}
	return r
}

// identity is what makes the ids of resources and their tenants.
func (o *host) identity() string {
	text := " ID=" + o.ID
	if o.IDPrefix != "" {
		text += " IDPrefix=" + o.IDPrefix
	}
	if o.Tenant != "" {
		text += " Tenant=" + o.Tenant
	}
	return text
}

// What a line says of an attribute, beside its type.
const (
	inColumn = " in a column"
	isUnique = " unique"
	lookedUp = " looked up"
	gone     = " gone" // documents may have it
)

// keyed is what the keys of an attribute depend on.
func (k *kind) keyed(a *model.Attr) string {
	text := " " + a.Kind.String()
	for _, flag := range []struct {
		is   bool
		text string
	}{{a.Multi, " multi-valued"}, {a.CaseExact, " caseExact"}, {a.Mutability == model.WriteOnly, " secret"}, {a.Unique, isUnique},
		{a == k.name || slices.Contains(k.indexed, a), lookedUp}, {a == k.name, " first"}} {
		if flag.is {
			text += flag.text
		}
	}
	return text
}

// text is the attributes as the database has them.
func (r typeRecord) text() string {
	var lines []string
	for path, what := range r.attributes {
		lines = append(lines, path+"\t"+what)
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

func readRecord(place, text string) typeRecord {
	r := typeRecord{place, make(map[string]string)}
	for line := range strings.SplitSeq(text, "\n") {
		path, what, _ := strings.Cut(line, "\t")
		r.attributes[path] = what
	}
	return r
}

// remember adds the attributes of was that r has no more: documents may have them.
func (r typeRecord) remember(was typeRecord) {
	for path, what := range was.attributes {
		if _, ok := r.attributes[path]; !ok {
			r.attributes[path] = strings.TrimSuffix(what, gone) + gone
		}
	}
}

// changes are the attributes whose keys are others, or whose values lie elsewhere,
// by is.
func (r typeRecord) changes(is typeRecord) (paths []string) {
	for path, what := range r.attributes {
		switch now := is.attributes[path]; {
		case now == what || now == strings.TrimSuffix(what, inColumn):
		case now == what+gone && !strings.Contains(what, lookedUp):
		default:
			paths = append(paths, path)
		}
	}
	for path, what := range is.attributes {
		if _, ok := r.attributes[path]; !ok && (strings.Contains(what, lookedUp) || strings.HasSuffix(what, inColumn)) {
			paths = append(paths, path)
		}
	}
	slices.Sort(paths)
	return paths
}

const (
	readType   = `SELECT place, attributes FROM {p}types WHERE type = ?`
	addType    = `INSERT INTO {p}types (type, place, attributes) VALUES (?, ?, ?) ON CONFLICT (type) DO NOTHING`
	changeType = `UPDATE {p}types SET place = ?, attributes = ? WHERE type = ?`
	anyOfType  = `SELECT 1 FROM {p}resources WHERE type = ? AND version <> '' LIMIT 1`
)

// settle compares the types with those that the database remembers. Keys that would
// be others by now are made again; resources that lie in another place are refused.
func (s *Store) settle(ctx context.Context) error {
	for _, k := range s.kinds {
		err := k.settle(ctx)
		if o, ok := k.place.(*host); ok && err == nil {
			err = o.fillKeys(ctx, s.db)
		}
		if err != nil {
			return fmt.Errorf("sqlstore: the resource type %s: %w", k.model.Name, err)
		}
	}
	return nil
}

func (k *kind) settle(ctx context.Context) error {
	db, is := k.store.db, k.record()
	sqlText := func(text string) string { return strings.Replace(text, "{p}", k.store.prefix, 1) }
	var place, text string
	err := db.read(ctx, func(r runner) error {
		return r.row(ctx, sqlText(readType), k.model.Name).Scan(&place, &text)
	})
	write := func(text string, args ...any) error {
		return db.write(ctx, func(tx runner) error { _, err := tx.exec(ctx, sqlText(text), args...); return err }, nil)
	}
	switch {
	case errors.Is(err, sql.ErrNoRows):
		if err = write(addType, k.model.Name, is.place, is.text()); err == nil {
			return k.settle(ctx) // another node may have been faster, with another mapping
		}
		return err
	case err != nil:
		return err
	}
	was := readRecord(place, text)
	if is.remember(was); place == is.place && text == is.text() {
		return nil
	}
	if was.place != is.place {
		if err := k.moved(ctx, was.place, is.place); err != nil {
			return err
		}
	}
	if changed := was.changes(is); changed != nil {
		if err := k.rekey(ctx, was, changed); err != nil {
			return fmt.Errorf("attributes have changed since the database was opened last (%s), and the keys of resources cannot be made again: %w", strings.Join(changed, ", "), err)
		}
	}
	return write(changeType, is.place, is.text(), k.model.Name)
}

// moved tells whether resources that lay in one place may be taken for those of
// another: where it is the same table with a new name, or there are none.
func (k *kind) moved(ctx context.Context, was, is string) error {
	table, identity, _ := strings.Cut(was, " ")
	now, by, _ := strings.Cut(is, " ")
	query, about := anyOfType, k.model.Name
	switch {
	case table == now && identity == "": // remembered before the identity was
		return nil
	case table != "" && (identity == by || identity == "" || now == ""):
		query, about = `SELECT 1 FROM sqlite_master WHERE lower(name) = ?`, table
		if k.store.db.dialect.Dialect == PostgreSQL {
			query = `SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname || '.' || c.relname = ?`
		}
	}
	var one int
	err := k.store.db.read(ctx, func(r runner) error {
		return r.row(ctx, strings.Replace(query, "{p}", k.store.prefix, 1), about).Scan(&one)
	})
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil
	case err != nil:
		return err
	}
	return fmt.Errorf("what %[1]sresources has of it belongs to resources in %[2]s, which are still there, and would be taken for that of others, in %[3]s: "+
		"take another Options.Prefix, or, if %[3]s has the same resources by the same ids, UPDATE %[1]stypes SET place = '%[4]s' WHERE type = '%[5]s'",
		k.store.prefix, k.where(was), k.where(is), strings.ReplaceAll(is, "'", "''"), k.model.Name)
}

// where is a place in words.
func (k *kind) where(place string) string {
	table, identity, _ := strings.Cut(place, " ")
	switch {
	case table == "":
		return "the library's own tables, " + k.store.prefix + "…"
	case identity == "":
		return "the table " + table
	}
	return "the table " + table + " with " + identity
}
