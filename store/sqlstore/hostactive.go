package sqlstore

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/scimkit/scimkit/internal/model"
)

// keepsInactive refuses a Table.Where that leaves out who is not active: nobody could be
// deactivated. Each term with the column of active is tried on rows that have nothing
// but what says true there, and false: what asks for something else is as true of both.
func (o *host) keepsInactive(ctx context.Context, d *database) error {
	for _, m := range o.mapped {
		if m.attr.Path != "active" || m.attr.Kind != model.Boolean || m.Name == "" {
			continue
		}
		for _, term := range termsOf(bare(o.Where)) {
			if !slices.Contains(o.info.mentions(term), m.Name) {
				continue
			}
			active, err := o.truth(ctx, d, term, m, true)
			if err != nil {
				return err
			}
			inactive, err := o.truth(ctx, d, term, m, false)
			if err != nil {
				return err
			}
			if inactive < active {
				return fmt.Errorf("%q asks for the column %s, of %s: who is deactivated would be no resource any more, so that nobody can be", term, m.Name, m.path)
			}
		}
	}
	return nil
}

// truth is 2 for a term that is true of a row with nothing but what m holds for v, 0 if
// it is false, and 1 if that is not known.
func (o *host) truth(ctx context.Context, d *database, term string, m *mappedColumn, v bool) (is int, err error) {
	cell, err := o.column(m, v)
	if err != nil {
		return 0, fmt.Errorf("the column %s, for %s: %w", m.Name, m.path, err)
	}
	s := o.dialect.compile("SELECT CASE WHEN " + term + " THEN 2 WHEN NOT (" + term + ") THEN 0 ELSE 1 END FROM (" + o.rowWith(m) + ") t")
	err = s.row(ctx, d.reader(), params{"v": cell}).Scan(&is)
	return is, err
}

// rowWith is a row of the table in which all but the column of m is NULL. Where names
// no column with a brace.
func (o *host) rowWith(m *mappedColumn) string {
	var columns []string
	for _, name := range slices.Sorted(maps.Keys(o.info.columns)) {
		switch {
		case name == m.Name:
			columns = append(columns, "CAST({v} AS "+m.info.castType(o.dialect.Dialect)+") AS "+name)
		case !strings.ContainsAny(name, "{}"):
			columns = append(columns, "x."+anyInSQL(name))
		}
	}
	return "SELECT " + strings.Join(columns, ", ") + " FROM (SELECT 1) one LEFT JOIN " + o.Name + " x ON 1 = 0"
}

var wordOrSign = regexp.MustCompile(`'(?:[^']|'')*'|"[^"]*"|[\pL\pN_$]+|[^\pL\pN_$]`)

// termsOf are the parts of a condition between the ANDs, as they are written. With OR
// beside an AND, or BETWEEN, it is one term.
func termsOf(sql string) []string {
	var terms []string
	depth, from := 0, 0
	for _, at := range wordOrSign.FindAllStringIndex(sql, -1) {
		switch word := strings.ToLower(sql[at[0]:at[1]]); {
		case word == "(":
			depth++
		case word == ")":
			depth--
		case depth > 0:
		case word == "or" || word == "between" || word == "case":
			return []string{sql}
		case word == "and":
			terms = append(terms, sql[from:at[0]])
			from = at[1]
		}
	}
	return append(terms, sql[from:])
}
