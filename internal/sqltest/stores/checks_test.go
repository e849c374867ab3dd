package stores

import (
	"database/sql"
	"errors"
	"strings"
	"testing"

	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/store/sqlstore"
)

// is checks a text.
func (a *app) is(what, got, want string) {
	a.Helper()
	if got != want {
		a.Errorf("%s is %q, want %q", what, got, want)
	}
}

// fails checks that err is want.
func (a *app) fails(what string, err, want error) {
	a.Helper()
	if !errors.Is(err, want) {
		a.Errorf("%s: error is %v, want %v", what, err, want)
	}
}

// refusal checks that err is an error for the client that has a detail.
func (a *app) refusal(what string, err error, status int, detail string) {
	a.Helper()
	e := new(scim.Error)
	if !errors.As(err, &e) || e.Status != status || e.Detail != detail || status == 400 && e.Type != "invalidValue" {
		a.Errorf("%s: %v, want %d %s", what, err, status, detail)
	}
}

// finds checks which users a filter finds, by their ids.
func (a *app) finds(f, want string) {
	a.Helper()
	a.is(f, strings.Join(a.find(f), " "), want)
}

// must is says for one part, "" for no error, where the test cannot go on.
func (a *app) must(err error, want string) {
	a.Helper()
	if !says(a, err, wrong(want)...) {
		a.FailNow()
	}
}

// says fails the test if the text of err lacks a part that is wanted, or if there is
// an error and none is wanted. It tells whether all is well.
func says(t testing.TB, err error, want ...string) (ok bool) {
	t.Helper()
	if want == nil && err != nil {
		t.Errorf("the error is %v, want none", err)
		return false
	}
	for _, part := range want {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("the error is %v, want %q in it", err, part)
			return false
		}
	}
	return true
}

// wrong is what says wants for one part, "" for no error.
func wrong(part string) []string {
	if part == "" {
		return nil
	}
	return []string{part}
}

// A mappingTest is a change to a mapping, and what the error has to say of it, nil
// if there is none.
type mappingTest struct {
	name   string
	change func(users, groups *sqlstore.Table)
	want   []string
}

// testMappings opens stores with changed mappings on one database.
func testMappings(t *testing.T, db *sql.DB, d sqlstore.Dialect, tests []mappingTest, mapping func() []sqlstore.Table) {
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tables := mapping()
			tt.change(&tables[0], &tables[1])
			_, err := openStore(t, db, d, sqlstore.Options{Tables: tables})
			says(t, err, tt.want...)
		})
	}
}
