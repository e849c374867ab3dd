package filter_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/scimkit/scimkit/filter"
	"github.com/scimkit/scimkit/internal/model"
	"github.com/scimkit/scimkit/internal/quirk"
	"github.com/scimkit/scimkit/schema"
)

// Each quirk: the filter is refused by the letter, and taken and noted where the
// quirk is allowed. want is what it then means.
func TestQuirks(t *testing.T) {
	tests := []struct {
		q        quirk.ID
		in, want string
	}{
		{quirk.BareValue, `userName eq mira`, `userName eq "mira"`},
		{quirk.BareValue, `userName Eq mira@example.com and active eq true`, `userName eq "mira@example.com" and active eq true`},
		{quirk.BareValue, `(userName eq mira) or (userName eq o'hara)`, `userName eq "mira" or userName eq "o'hara"`},
		{quirk.BareValue, `meta.Created gt 2015-01-02T03:04:05Z`, `meta.created gt "2015-01-02T03:04:05Z"`},
		{quirk.BareValue, `emails[type eq work]`, `emails[type eq "work"]`},
		{quirk.BareValue, `schemas eq urn:ietf:params:scim:schemas:core:2.0:User`, `schemas eq "urn:ietf:params:scim:schemas:core:2.0:User"`},
		{quirk.BareValue, `userName eq 701984`, `userName eq "701984"`},
		{quirk.BareValue, `userName eq true`, `userName eq "true"`},
		{quirk.BareValue, `userName eq domain\mira`, `userName eq "domain\\mira"`},
		{quirk.BareValue, `profileUrl eq https://example.com/x`, `profileUrl eq "https://example.com/x"`},
		{quirk.BareWords, `displayName Eq Team Amber`, `displayName eq "Team Amber"`},
		{quirk.BareWords, `displayName eq Team Amber and active eq true`, `displayName eq "Team Amber" and active eq true`},
		{quirk.BareWords, `(displayName eq Team Amber)`, `displayName eq "Team Amber"`},
		{quirk.ValuePathSub, `emails[type eq "work"].value eq "x"`, `emails[type eq "work" and value eq "x"]`},
		{quirk.ValuePathSub, `emails[type eq "a" or type eq "b"].value pr`, `emails[(type eq "a" or type eq "b") and value pr]`},
		{quirk.QuotedBoolean, `active eq "True"`, `active eq true`},
		{quirk.QuotedBoolean, `emails[primary eq "false"]`, `emails[primary eq false]`},
		{quirk.ReferenceAsValue, enterprise + `:manager eq "26"`, enterprise + `:manager.value eq "26"`},
		{quirk.ShortName, `department eq "Orbit"`, enterprise + `:department eq "Orbit"`},
		{quirk.ShortName, `manager.value eq "26"`, enterprise + `:manager.value eq "26"`},
		{quirk.URNDot, enterprise + `.department eq "Orbit"`, enterprise + `:department eq "Orbit"`},
		{quirk.URNDot, enterprise + `.manager.value eq "26"`, enterprise + `:manager.value eq "26"`},
		{quirk.URNDot, `urn:ietf:params:scim:schemas:core:2.0:User.userName pr`, `userName pr`},
	}
	m := schema.UserType().Model()
	for _, test := range tests {
		log := allow(test.q)
		if test.q == quirk.BareWords {
			log.Allowed |= quirk.Of(quirk.BareValue)
		}
		without := everything()
		without.Allowed &^= quirk.Of(test.q)
		if f, err := bind(test.in, m, without); err == nil {
			t.Errorf("%s: taken as %s without %s", test.in, f, test.q)
		}
		f, err := bind(test.in, m, log)
		if err != nil {
			t.Errorf("%s: %v", test.in, err)
			continue
		}
		if f.String() != test.want || !log.Used.Has(test.q) {
			t.Errorf("%s: taken as %s with the note %b, want %s", test.in, f, log.Used, test.want)
		}
	}
}

// What the RFC gives a meaning keeps it, whatever is allowed.
func TestQuirksChangeNothingValid(t *testing.T) {
	m := schema.UserType().Model()
	for in, want := range map[string]string{
		`title eq null`:                  `title eq null`,
		`active eq true`:                 `active eq true`,
		`userName eq "a" and title pr`:   `userName eq "a" and title pr`,
		`userName eq "True"`:             `userName eq "True"`,
		`emails[value co "a"]`:           `emails[value co "a"]`,
		`displayName eq "Team Amber"`:    `displayName eq "Team Amber"`,
		`userName eq "1" or title eq ""`: `userName eq "1" or title eq ""`,
	} {
		log := everything()
		log.Allowed |= quirk.Of(quirk.BareWords)
		f, err := bind(in, m, log)
		if err != nil || f.String() != want || log.Used != 0 {
			t.Errorf("%s: %v, %v, note %b", in, f, err, log.Used)
		}
	}
}

// emails co "x" works by the letter, too: RFC 7644's own example has it. The
// note is for who counts.
func TestComplexAsValue(t *testing.T) {
	user, group := schema.UserType().Model(), schema.GroupType().Model()
	for _, test := range []struct {
		m        *model.Type
		q        quirk.ID
		in, want string
	}{
		{user, quirk.ComplexAsValue, `emails eq "x"`, `emails.value eq "x"`},
		{user, quirk.ComplexAsValue, `emails co "x"`, `emails.value co "x"`},
		{group, quirk.ReferenceAsValue, `members eq "x"`, `members.value eq "x"`},
	} {
		log := &quirk.Log{}
		f, err := bind(test.in, test.m, log)
		if err != nil || f.String() != test.want || !log.Used.Has(test.q) {
			t.Errorf("%s: %v, %v, note %b", test.in, f, err, log.Used)
		}
		if f, err := bind(test.in, test.m, nil); err != nil || f.String() != test.want {
			t.Errorf("%s without a log: %v, %v", test.in, f, err)
		}
	}
}

func TestQuirksStillRefused(t *testing.T) {
	m := schema.UserType().Model()
	for _, in := range []string{
		`userName eq 'mira'`, `userName eq mira x`, `userName eq mi"ra`, `userName eq mira(x`, `active eq yes`, `active eq "yes"`, `active gt "true"`,
		`meta.created gt yesterday`, `emails.primary eq 1`, `name eq "x"`, `emails gt "x"`, `addresses eq "x"`, `photos.value eq null x`,
		`unknown eq "x"`, `MIRA@EXAMPLE.TEST`, `userName eq`, `userName eq )`, "userName eq a\tb", "userName eq \xff", `userName eq "\ud800"`,
		`emails[type eq "work"].value`, `emails[type eq "work"].value.x eq "y"`, `emails[type eq "work"].unknown eq "y"`,
	} {
		_, err := bind(in, m, everything())
		var syntax *filter.SyntaxError
		var bound *filter.BindError
		if !errors.As(err, &syntax) && !errors.As(err, &bound) {
			t.Errorf("%q: got %v", in, err)
		}
	}
}

// A long or chain of a client that asks for many users at once (Q71), and
// names with anything in them (Q67).
func TestFiltersFromTheField(t *testing.T) {
	m := schema.UserType().Model()
	chain := strings.TrimSuffix(strings.Repeat(`userName eq "u" or `, 399)+`userName eq "last" or `, " or ")
	if f := mustBind(t, chain, m, nil); !f.Match(user(t, `{"userName":"LAST"}`)) || f.Match(user(t, `{"userName":"first"}`)) {
		t.Error("the chain matches the wrong users")
	}
	name := `R&D [a and b] (x.y) 'q' 100% + "z" or`
	f := mustBind(t, `displayName eq "R&D [a and b] (x.y) 'q' 100% + \"z\" or"`, m, nil)
	if !f.Match(user(t, `{"displayName":"`+strings.ReplaceAll(name, `"`, `\"`)+`"}`)) {
		t.Errorf("%s does not match its own name", f)
	}
	// Dates of Entra's inbound collection (Q65).
	r := user(t, `{"userName":"x","meta":{"lastModified":"2021-09-08T23:02:28.9861234Z"}}`)
	for text, want := range map[string]bool{
		`meta.lastModified gt "0001-01-01T00:00:00Z"`:              true,
		`meta.lastModified gt "2021-09-08T23:02:28.9861233Z"`:      true,
		`meta.lastModified ge "2021-09-09T01:02:28.9861234+02:00"`: true,
		`meta.lastModified gt "2021-09-08T23:02:28.9861234Z"`:      false,
	} {
		if f := mustBind(t, text, m, nil); f.Match(r) != want {
			t.Errorf("%s: want %v", text, want)
		}
	}
}
