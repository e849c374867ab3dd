package sqlstore

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/scimkit/scimkit/internal/document"
	"github.com/scimkit/scimkit/scim"
)

// putLists stores the lists of is that differ from those of was, nil for none.
func (o *host) putLists(ctx context.Context, tx session, h *handler, p params, was *hostRow, is *document.Doc) error {
	for i, c := range o.child {
		list, _ := is.Get(c.attr.ID)
		var rows []*childRow
		if was != nil {
			if before, _ := was.whole.Get(c.attr.ID); string(before.Raw()) == string(list.Raw()) {
				continue
			}
			rows = c.parse(was.lists[i])
		}
		if err := o.putList(ctx, tx, p, c, rows, c.elements(list)); err != nil {
			return err
		}
	}
	return nil
}

// putList makes of the rows of a list those of elements.
func (o *host) putList(ctx context.Context, tx session, p params, c *childList, rows []*childRow, elements []*childElement) error {
	gone := c.match(rows, elements)
	put(elements, rows)
	if err := c.drop(ctx, tx, p, gone); err != nil {
		return err
	}
	// What is no longer the primary one first, as an index may allow one only.
	primary := slices.IndexFunc(c.subs, func(s childColumn) bool { return s.attr.Name == "primary" })
	changed := slices.SortedStableFunc(slices.Values(elements), func(a, b *childElement) int {
		if primary < 0 {
			return 0
		}
		return cmp.Compare(truthOf(a.cells[primary]), truthOf(b.cells[primary]))
	})
	for _, e := range changed {
		if err := o.updateChild(ctx, tx, p, c, e); err != nil {
			return err
		}
	}
	added := slices.DeleteFunc(elements, func(e *childElement) bool { return e.row != nil })
	if len(added) == 0 {
		return nil
	}
	p["elements"] = c.rows(added)
	n, err := c.add.exec(ctx, tx, p)
	if err == nil && n < int64(len(added)) {
		return errRefused
	}
	return c.refused(err)
}

func truthOf(cell *string) int {
	if cell != nil && *cell == "1" {
		return 1
	}
	return 0
}

// drop removes rows. Those that the application refers to stay.
func (c *childList) drop(ctx context.Context, tx session, p params, gone []*childRow) error {
	if len(gone) == 0 {
		return nil
	}
	p["rows"] = rawsOf(gone...)
	n, err := c.remove.exec(ctx, tx, p)
	for _, row := range gone {
		n -= int64(len(row.raws))
	}
	switch {
	case err != nil && dangling(err):
		return c.referred(err)
	case err == nil && n < 0:
		return c.short(ctx, tx, p, &scim.Error{Status: http.StatusConflict, Detail: "The application keeps an element of " + c.attr.Path + "."})
	}
	return c.refused(err)
}

// short is for rows of which fewer went, or changed, than were to: the application has
// changed one since, or, with triggers and policies, does not let it, which is refused.
func (c *childList) short(ctx context.Context, tx session, p params, refused error) error {
	switch err := c.held.row(ctx, tx, p).Scan(new(int)); {
	case err == nil:
		return refused
	case !errors.Is(err, sql.ErrNoRows):
		return err
	}
	return errAgain
}

func (c *childList) referred(err error) error {
	return errors.Join(&scim.Error{Status: http.StatusConflict, Detail: "The application still refers to an element of " + c.attr.Path + "."}, err)
}

// rawsOf are rows as the statements find them.
func rawsOf(rows ...*childRow) string {
	return texts(func(yield func(string) bool) {
		for _, row := range rows {
			for _, raw := range row.raws {
				if !yield(raw) {
					return
				}
			}
		}
	})
}

// updateChild writes what is new of an element that has a row.
func (o *host) updateChild(ctx context.Context, tx session, p params, c *childList, e *childElement) error {
	if e.row == nil {
		return nil
	}
	p = maps.Clone(p)
	var set []string
	for i := range c.subs {
		if cellsKey(e.cells[i:i+1]) == cellsKey(e.row.cells[i:i+1]) {
			continue
		}
		p["v"+strconv.Itoa(i)] = e.cells[i]
		set = append(set, o.assignment(c, i))
	}
	if c.Order != "" && e.place != e.row.place {
		p["place"] = e.place
		set = append(set, c.Order+" = {place}")
	}
	if set == nil {
		return nil
	}
	p["rows"] = rawsOf(e.row)
	n, err := o.compile("UPDATE "+c.Table+" AS c SET "+strings.Join(set, ", ")+c.found).exec(ctx, tx, p)
	switch {
	case err == nil && n == 0:
		return c.short(ctx, tx, p, errRefused)
	case err != nil && dangling(err) && says(err, "update or delete on table"): // of PostgreSQL
		return c.referred(err)
	}
	return c.refused(err)
}

// assignment puts {v}, with the number of a column, into it.
func (o *host) assignment(c *childList, i int) string {
	sub := c.subs[i]
	return sub.column + " = CAST(CAST({v" + strconv.Itoa(i) + "} AS text) AS " + sub.info.castType(o.dialect.Dialect) + ")"
}

// rows are elements as a JSON array of arrays of texts, with their places.
func (c *childList) rows(elements []*childElement) string {
	var all [][]*string
	for _, e := range elements {
		place := strconv.FormatInt(e.place, 10)
		all = append(all, append(slices.Clone(e.cells), &place))
	}
	text, _ := json.Marshal(all)
	return string(text)
}
