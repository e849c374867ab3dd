package stores

import (
	"slices"
	"strings"
	"testing"

	"github.com/scimkit/scimkit/store/sqlstore"
)

// TestEmptyTextsOfLists: filters and what clients see agree that an empty text in a
// column of a list is none, and a row of nothing else no element.
func TestEmptyTextsOfLists(t *testing.T) {
	withRows(t, func(a *app, d sqlstore.Dialect) {
		exec(a, a.db, `INSERT INTO users (email) VALUES ('2'), ('3'), ('4'), ('5'), ('6');
INSERT INTO addresses (user_id, address, kind, main) VALUES (2, 'a', '', NULL), (3, 'b', NULL, false), (4, '', '', NULL), (5, '', 'home', NULL), (6, 'c', 'work', true), (6, 'd', '', NULL)`)
		ids := []string{"1", "2", "3", "4", "5", "6"}
		for _, text := range []string{`emails pr`, `emails.type pr`, `not (emails.type pr)`, `emails.type lt "work"`, `emails.type le "home"`, `emails.type ne "work"`,
			`emails[type ne "work"]`, `emails[not (type pr)]`, `emails[not (value pr)]`, `emails[not (primary eq true)]`, `emails.value co ""`, `emails[value pr and not (type pr)]`} {
			f := bind(a, a.user, text)
			var want []string
			for _, id := range ids {
				if f.Match(a.get(id)) {
					want = append(want, id)
				}
			}
			got := a.find(text)
			slices.Sort(got)
			a.is("what "+text+" finds", strings.Join(got, " "), strings.Join(want, " "))
		}
	})
}
