package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/scimkit/scimkit/internal/model"
	"github.com/scimkit/scimkit/scim"
)

// removal makes of what the database said of a resource that is to go, be it at
// once or at the end of the transaction, the error for the client.
func (h *handler) removal(err error) error {
	switch {
	case err == nil:
		return nil
	case dangling(err):
		return errors.Join(&scim.Error{Status: http.StatusConflict, Detail: "The application still refers to the " + h.model.Name + "."}, err)
	case raised(err):
		return errors.Join(h.kept(), err)
	}
	return err
}

// kept is for a resource that the application does not let go.
func (h *handler) kept() error {
	return &scim.Error{Status: http.StatusConflict, Detail: "The application does not let the " + h.model.Name + " go."}
}

// keptMember is for a member that the application does not let go.
func (h *handler) keptMember() error {
	list := h.layout.members
	return &scim.Error{Status: http.StatusConflict, Detail: list.Name + ": the application keeps a member in the " + h.model.Name + "."}
}

// errRefused is for a row that a trigger has left as it was.
var errRefused = &scim.Error{Status: http.StatusBadRequest, Type: "invalidValue", Detail: "The application does not take the change."}

// raised tells whether a trigger of the application's has refused. SQLite's drivers
// give the text of the trigger, some with the extended code.
func raised(err error) bool {
	return state(err) == "P0001" || state(err) == "" && says(err, "(1811)", "SQLITE_CONSTRAINT_TRIGGER")
}

// refusedMember makes of what the database says of a change of members the error
// for the client, if the change cannot be.
func (h *handler) refusedMember(err error) error {
	o, ok := h.place.(*host)
	switch {
	case !ok:
		return err
	case duplicate(err) && o.oneOnly:
		return errors.Join(&scim.Error{Status: http.StatusConflict, Detail: o.layout.members.Name + ": the application lets a " +
			o.Members.Type.Name + " be in one " + h.model.Name + " only."}, err)
	case duplicate(err):
		return errAgain // the application has added it meanwhile
	}
	return badValue(err, []valueColumn{{inCatalog(o.Members.Member), "", o.layout.members.Path}})
}

// conflict makes of a key that the host's table has already the error that names the
// attribute, if the index that the database names is on its column alone.
func (o *host) conflict(err error) error {
	if errors.Is(err, sql.ErrNoRows) { // of a trigger that lets nothing be done
		return errRefused
	}
	if err == nil || !duplicate(err) {
		return o.refused(err)
	}
	conditions := o.conditions()
	taken := slices.DeleteFunc(o.info.taken(err.Error()), func(name string) bool { return name == o.Tenant || fixes(conditions, name) })
	for _, m := range o.mapped {
		if len(taken) == 1 && (taken[0] == m.Name || taken[0] == m.Key) {
			return scim.Conflict(m.path)
		}
	}
	return scim.ErrConflict
}

// write makes a change in a transaction. Once more, if the database found at its
// end, when it looks at constraints that are deferred, that the application had
// changed the members meanwhile. What else it finds then becomes the error for the
// client.
func (h *handler) write(ctx context.Context, f func(tx runner) error, landed func(context.Context) (outcome, error)) error {
	err := h.store.db.write(ctx, f, landed)
	o, ok := h.place.(*host)
	if !ok || err == nil {
		return err
	}
	var e *scim.Error
	if o.Members != nil && (dangling(err) || duplicate(err)) && !errors.As(err, &e) {
		err = h.store.db.write(ctx, f, landed)
	}
	if errors.As(err, &e) {
		return err
	}
	return o.conflict(err)
}

// after loads the resource again: the database may have made more of it. A client
// does not make resources that it would not see, and no false, such as that of who is
// not active any more, of which the database has made true.
func (o *host) after(ctx context.Context, tx session, h *handler, is *record, p params) (*record, error) {
	rec, err := h.load(ctx, tx, is.shown, false, p)
	if errors.Is(err, scim.ErrNotFound) {
		return nil, final{errors.Join(&scim.Error{Status: http.StatusBadRequest, Type: "invalidValue",
			Detail: "The service does not keep such a " + h.model.Name + "."},
			fmt.Errorf("sqlstore: Table.Where of %s leaves out what would be stored; Table.Fixed can give new rows the values that it asks for", o.Name))}
	}
	if err == nil && o.takenBack(h, is, rec) {
		return nil, errRefused
	}
	return rec, err
}

// takenBack tells whether an attribute that has become false is true in its column.
func (o *host) takenBack(h *handler, is, stored *record) bool {
	became, got := scim.ResourceOf(h.rt, is.doc), scim.ResourceOf(h.rt, stored.doc)
	return slices.ContainsFunc(o.mapped, func(m *mappedColumn) bool {
		if m.Name == "" || m.attr.Kind != model.Boolean || m.attribute(&got) != true {
			return false
		}
		speaker, v := o.speaker(m, nil, &became)
		if is.host != nil {
			was := scim.ResourceOf(h.rt, is.host.whole)
			return speaker == m && v == false && m.attribute(&was) != false
		}
		return speaker == m && v == false
	})
}

// unfit tells whether err says that a value is not one for its column: too long,
// out of range, of another form, missing, against a CHECK, or of a row that is
// not there.
func unfit(err error) bool {
	if dangling(err) {
		return true
	}
	switch state(err) {
	case "22001", "22003", "22007", "22008", "22021", "22P02", "22P05", "23502", "23514":
		return true
	case "": // of SQLite, or of a driver, before PostgreSQL sees the value
		return says(err, "CHECK constraint failed", "NOT NULL constraint failed", "datatype mismatch", "cannot store ",
			"is greater than maximum value", "is less than minimum value")
	}
	return false
}

// valueColumn is a column that an error of the database may name.
type valueColumn struct{ name, typ, path string }

// refused makes of a value that a column does not take the error that names the
// attribute, if the database tells which it is.
func (o *host) refused(err error) error {
	var all []valueColumn
	for _, m := range o.mapped {
		all = append(all, valueColumn{inCatalog(m.Name), m.info.typ, m.path}, valueColumn{inCatalog(m.Key), "", m.path})
	}
	return badValue(err, all)
}

func (c *childList) refused(err error) error {
	if err != nil && duplicate(err) {
		return errors.Join(scim.Conflict(c.attr.Path), err)
	}
	var all []valueColumn
	for _, sub := range c.subs {
		all = append(all, valueColumn{inCatalog(sub.column), sub.info.typ, sub.attr.Path})
	}
	return badValue(err, all)
}

func badValue(err error, all []valueColumn) error {
	if err != nil && raised(err) {
		return errors.Join(errRefused, err)
	}
	if err == nil || !unfit(err) {
		return err
	}
	what := "A value"
	if path := blamed(err.Error(), all); path != "" {
		what = "The value of " + path
	}
	e := &scim.Error{Status: http.StatusBadRequest, Type: "invalidValue", Detail: what + " is not one that the service can store."}
	switch {
	case state(err) == "22001":
		e.Detail = what + " is too long."
	case state(err) == "23502" || state(err) == "" && says(err, "NOT NULL constraint"):
		e.Detail = what + " is missing."
	}
	return errors.Join(e, err)
}

var (
	namesColumn = regexp.MustCompile(`column "([^"]+)"|NOT NULL constraint failed: .*?(\w+)(?:$| \()|cannot store .* column .*?(\w+)(?:$| \()`)
	namesCheck  = regexp.MustCompile(`(?:check|foreign key) constraint "([^"]+)"|CHECK constraint failed: (.*)`)
)

// blamed is the path of the attribute whose column an error is about, "" if that
// cannot be told: a column that it names, the one in the name or the text of a
// CHECK, or the only one that has the type that is too short.
func blamed(text string, all []valueColumn) string {
	is := func(c valueColumn) bool { return c.typ != "" && strings.Contains(text, "too long for type "+c.typ) }
	if found := namesColumn.FindStringSubmatch(text); found != nil {
		name := strings.Join(found[1:], "")
		is = func(c valueColumn) bool { return c.name == name }
	} else if found := namesCheck.FindStringSubmatch(text); found != nil {
		check := strings.Join(found[1:], "")
		is = func(c valueColumn) bool { return word(c.name, check) }
	}
	var column, path string
	for _, c := range all {
		switch {
		case c.name == "" || !is(c):
		case path == "" || c.name != column && word(column, c.name): // first_name rather than name
			column, path = c.name, c.path
		case path != c.path && c.name != column && !word(c.name, column):
			return ""
		}
	}
	return path
}

// word tells whether a name is in a text, where _ separates names, too.
func word(name, text string) bool {
	return regexp.MustCompile(`(?i)(^|[^a-z0-9])` + regexp.QuoteMeta(name) + `([^a-z0-9]|$)`).MatchString(text)
}
