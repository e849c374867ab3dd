package sqlstore

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
)

func TestCompile(t *testing.T) {
	text := "UPDATE t SET a = {v} WHERE tenant = {tenant} AND b = {v}"
	tests := []struct {
		d     Dialect
		first []string
		want  string
		args  string
	}{
		{PostgreSQL, nil, "UPDATE t SET a = $1 WHERE tenant = $2 AND b = $1", "[x acme]"},
		{SQLite, nil, "UPDATE t SET a = +?1 WHERE tenant = +?2 AND b = +?1", "[x acme]"},
		{PostgreSQL, []string{"tenant"}, "UPDATE t SET a = $2 WHERE tenant = $1 AND b = $2", "[acme x]"},
	}
	for _, test := range tests {
		s := sqlOf{test.d}.compile(text, test.first...)
		if s.text != test.want {
			t.Errorf("%v: %s, want %s", test.d, s.text, test.want)
		}
		if got := fmt.Sprint(s.args(params{"tenant": "acme", "v": "x"})); got != test.args {
			t.Errorf("%v: the arguments are %s, want %s", test.d, got, test.args)
		}
	}
}

// TestEveryStatementHasTheTenant looks at all statements about resources: one
// that does not name the tenant could reach another's.
func TestEveryStatementHasTheTenant(t *testing.T) {
	users, groups := schema.UserType(), schema.GroupType()
	var all []*layout
	for _, rt := range []*schema.ResourceType{users, groups} {
		l, err := newLayout(rt)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, l)
	}
	for _, d := range []Dialect{PostgreSQL, SQLite} {
		n := 0
		for _, l := range all {
			n += tenantless(t, l.model.Name, reflect.ValueOf(newOwn(sqlOf{d}, "scim_", l, all)).Elem())
		}
		if n < 40 {
			t.Errorf("%v: only %d statements were looked at", d, n)
		}
	}
}

// tenantless looks at the statements in v and counts them.
func tenantless(t *testing.T, name string, v reflect.Value) int {
	t.Helper()
	switch {
	case v.Type() == reflect.TypeFor[statement]():
		text := v.FieldByName("text").String()
		if text == "" {
			return 0
		}
		if names := fmt.Sprint(v.FieldByName("names")); !strings.Contains(names, "tenant") {
			t.Errorf("%s: no tenant in %s", name, text)
		}
		return 1
	case v.Kind() == reflect.Pointer && v.Type() == reflect.TypeFor[*references]() && !v.IsNil():
		return tenantless(t, name, v.Elem())
	}
	n := 0
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			n += tenantless(t, name+"."+v.Type().Field(i).Name, v.Field(i))
		}
	case reflect.Array, reflect.Slice:
		for i := range v.Len() {
			n += tenantless(t, name, v.Index(i))
		}
	}
	return n
}

// The control: a statement without one is seen.
func TestTenantlessIsSeen(t *testing.T) {
	bad := struct{ s statement }{sqlOf{SQLite}.compile("DELETE FROM t WHERE id = {id}")}
	seen := &testing.T{}
	if tenantless(seen, "bad", reflect.ValueOf(bad)); !seen.Failed() {
		t.Error("a statement without a tenant was not seen")
	}
}

// state is an error with an SQLSTATE.
type stateError string

func (e stateError) Error() string    { return "ERROR: said the server (SQLSTATE " + string(e) + ")" }
func (e stateError) SQLState() string { return string(e) }

// routineError is stateError of a driver that tells the routine.
type routineError struct {
	stateError
	Routine string
}

func TestErrors(t *testing.T) {
	wrap := func(err error) error { return fmt.Errorf("statement: %w", err) }
	tests := []struct {
		err                     error
		retry, duplicate, later bool
	}{
		{wrap(stateError("40001")), true, false, true},
		{wrap(stateError("40P01")), true, false, true},
		{wrap(&routineError{"0A000", "RevalidateCachedQuery"}), true, false, false},
		{wrap(&routineError{"0A000", "exec_stmt_raise"}), false, false, false},
		{stateError("0A000"), false, false, false},
		{stateError("23505"), false, true, false},
		{stateError("57P01"), false, false, true},
		{stateError("08006"), false, false, true},
		{stateError("53100"), false, false, true},
		{stateError("25006"), false, false, true},
		{stateError("42P01"), false, false, false},
		{errors.New("database is locked (5) (SQLITE_BUSY)"), true, false, true},
		{errors.New("constraint failed: UNIQUE constraint failed: t.a (2067)"), false, true, false},
		{errors.New("attempt to write a readonly database (8)"), false, false, true},
		{errors.New("database or disk is full (13)"), false, false, true},
		{errors.New("no such table: t (1)"), false, false, false},
	}
	for _, test := range tests {
		if got := retryable(test.err); got != test.retry {
			t.Errorf("retryable(%v) = %v", test.err, got)
		}
		if got := duplicate(test.err); got != test.duplicate {
			t.Errorf("duplicate(%v) = %v", test.err, got)
		}
		if got := errors.Is(failure(test.err), scim.ErrUnavailable); got != test.later {
			t.Errorf("failure(%v) is 503: %v", test.err, got)
		}
	}
}

func TestBounded(t *testing.T) {
	long := strings.Repeat("ü", longestKey)
	a, b := bounded(long+"a"), bounded(long+"b")
	switch {
	case bounded("short") != "short":
		t.Error("a short key is not kept")
	case len(a) > longestKey:
		t.Errorf("a key has %d bytes", len(a))
	case a == b:
		t.Error("two long keys are one")
	case a != bounded(long+"a"):
		t.Error("a key is not always the same")
	}
}
