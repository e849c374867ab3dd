package sqlstore

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"github.com/scimkit/scimkit/internal/document"
	"github.com/scimkit/scimkit/internal/model"
)

// A row of a child table may have columns of the application's, and others may
// refer to it: of a list that changes, only the rows of elements that change are
// written, and of these only the columns that do. A row is found again by all that
// its mapped columns held when it was read, so that what the application changes
// meanwhile is not lost: the transaction runs again.

// A childRow is what a child table has of one element. Rows that are equal are one.
type childRow struct {
	raws    []string // the columns as the database wrote them
	element map[string]any
	cells   []*string // as they are written, nil for NULL
	place   int64     // the column of List.Order
}

// A childElement is an element that a list is to have, and the row for it, nil if
// there is none yet.
type childElement struct {
	cells []*string
	place int64
	row   *childRow
	value document.Value
}

// parse reads the rows that the database gathered. One with text that is none, as
// SQLite takes it, is no element, and stays.
func (c *childList) parse(gathered []byte) []*childRow {
	var rows []*childRow
	known := make(map[string]*childRow)
	it := document.Trusted(gathered).Iter()
	for e, ok := it.Next(); ok; e, ok = it.Next() {
		if _, err := document.Scan(e.Raw(), document.Limits{}); err != nil {
			continue
		}
		row := &childRow{raws: []string{string(e.Raw())}, element: make(map[string]any)}
		columns := e.Iter()
		for _, sub := range c.subs {
			cell, _ := columns.Next()
			v := sub.value(cell)
			if row.cells = append(row.cells, sub.written(v)); v != nil {
				row.element[sub.attr.Name] = v
			}
		}
		place, _ := columns.Next()
		row.place, _ = strconv.ParseInt(place.String(), 10, 64)
		if same := known[cellsKey(row.cells)]; same != nil {
			same.raws = append(same.raws, row.raws...)
			continue
		}
		known[cellsKey(row.cells)] = row
		rows = append(rows, row)
	}
	return rows
}

// cellsKey is equal for equal cells.
func cellsKey(cells []*string) string {
	text, _ := json.Marshal(cells)
	return string(text)
}

// written is the text of a value for the column, nil for NULL.
func (s childColumn) written(v any) *string {
	text := ""
	switch v := v.(type) {
	case nil:
		if !s.info.notNull {
			return nil
		}
		if s.attr.Kind == model.Boolean {
			text = "0"
		}
	case bool:
		if text = "0"; v {
			text = "1"
		}
	case float64:
		text = strconv.FormatFloat(v, 'f', -1, 64)
	default:
		text = fmt.Sprint(v)
	}
	return &text
}

// elements are the elements of a list, each once.
func (c *childList) elements(list document.Value) []*childElement {
	var all []*childElement
	known := make(map[string]bool)
	it := list.Iter()
	for e, ok := it.Next(); ok; e, ok = it.Next() {
		x := &childElement{value: e}
		for _, sub := range c.subs {
			v, ok := e, true
			if sub.attr != c.attr {
				v, ok = e.Member(sub.attr)
			}
			if !ok {
				v = document.Value{}
			}
			x.cells = append(x.cells, sub.written(sub.value(v)))
		}
		if key := cellsKey(x.cells); !known[key] {
			known[key] = true
			all = append(all, x)
		}
	}
	return all
}

// match finds the rows of elements: those that are equal, those with the same
// value, and those of the same type if there is one such row and one such element.
// It gives the rows of which no element is left.
func (c *childList) match(rows []*childRow, elements []*childElement) []*childRow {
	return pair(c.alike(rows, elements), elements, c.cell("type"), true)
}

// alike finds the rows that are equal, and those with the same value.
func (c *childList) alike(rows []*childRow, elements []*childElement) []*childRow {
	return pair(pair(rows, elements, cellsKey, false), elements, c.cell("value"), false)
}

// cell is the cell of a sub-attribute that is not the only one, "" if there is none.
func (c *childList) cell(name string) func(cells []*string) string {
	i := slices.IndexFunc(c.subs, func(s childColumn) bool { return s.attr.Name == name })
	return func(cells []*string) string {
		if i < 0 || len(cells) == 1 || cells[i] == nil {
			return ""
		}
		return *cells[i]
	}
}

// pair gives elements rows with the same key, if it is not empty; with once, only
// where one row and one element have it. It gives the rows that are left.
func pair(rows []*childRow, elements []*childElement, key func(cells []*string) string, once bool) []*childRow {
	free := make(map[string][]*childRow)
	for _, row := range rows {
		free[key(row.cells)] = append(free[key(row.cells)], row)
	}
	wanted := make(map[string]int)
	for _, e := range elements {
		if e.row == nil {
			wanted[key(e.cells)]++
		}
	}
	taken := make(map[*childRow]bool)
	for _, e := range elements {
		k := key(e.cells)
		if e.row != nil || k == "" || len(free[k]) == 0 || once && (len(free[k]) > 1 || wanted[k] > 1) {
			continue
		}
		e.row, free[k] = free[k][0], free[k][1:]
		taken[e.row] = true
	}
	return slices.DeleteFunc(slices.Clone(rows), func(row *childRow) bool { return taken[row] })
}

// put gives elements their places: rows keep theirs if they are in order, and new
// elements come behind them. Else all get new ones, that no row has: an index may
// keep them unique.
func put(elements []*childElement, rows []*childRow) {
	low, high, last, ordered := int64(0), int64(-1), int64(0), true
	for i, row := range rows {
		if i == 0 || row.place < low {
			low = row.place
		}
		high = max(high, row.place)
	}
	behind := false
	for i, e := range elements {
		switch {
		case e.row == nil:
			behind = true
		case behind || i > 0 && e.row.place <= last:
			ordered = false
		default:
			last, e.place = e.row.place, e.row.place
		}
	}
	next := high + 1
	if !ordered && low >= int64(len(elements)) {
		next = 0
	}
	for _, e := range elements {
		if e.row == nil || !ordered {
			e.place = next
			next++
		}
	}
}
