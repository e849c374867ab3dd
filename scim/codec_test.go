package scim_test

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
)

// level is a type of its own for text.
type level int

func (l level) MarshalText() ([]byte, error) { return fmt.Appendf(nil, "level %d", int(l)), nil }

func (l *level) UnmarshalText(text []byte) error {
	_, err := fmt.Sscanf(string(text), "level %d", (*int)(l))
	return err
}

// pointed marshals by its pointer only.
type pointed struct{ text string }

func (p *pointed) MarshalText() ([]byte, error) { return []byte("<" + p.text + ">"), nil }

func (p *pointed) UnmarshalText(text []byte) error {
	p.text = strings.Trim(string(text), "<>")
	return nil
}

type names struct {
	Given  string `scim:"givenName"`
	Family string `scim:"familyName"`
}

type contact struct {
	Work  string     `scim:"emails[type eq \"work\"].value"`
	Chief bool       `scim:"emails[type eq \"work\"].primary,omitempty"`
	Phone *string    `scim:"phoneNumbers[type eq \"mobile\"].value"`
	At    time.Time  `scim:"meta.created"`
	Seen  *time.Time `scim:"meta.lastModified"`
}

// account is an application's own struct with about everything that one can
// have.
type account struct {
	contact
	Login    string   `scim:"userName"`
	Name     names    `scim:"name"`
	Nick     *string  `scim:"nickName"`
	Active   *bool    `scim:"active"`
	Level    level    `scim:"title,omitempty"`
	Pointed  pointed  `scim:"userType"`
	Roles    []string `scim:"roles"`
	Photos   []*photo `scim:"photos"`
	Keys     [][]byte `scim:"-"`
	Dept     string   `scim:"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department"`
	Boss     *boss    `scim:"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager"`
	Internal string
	hidden   string `scim:"displayName"`
}

type photo struct {
	URL string `scim:"value"`
}

type boss struct {
	ID string `scim:"value"`
}

func TestEncodeDecode(t *testing.T) {
	nick, phone, no, seen := "Babs", "+1", false, time.Date(2021, 1, 1, 0, 0, 0, 0, time.UTC)
	full := account{
		contact: contact{Work: "w@example.com", Chief: true, Phone: &phone, At: time.Date(2020, 1, 2, 3, 4, 5, 6000, time.UTC), Seen: &seen},
		Login:   "bjensen", Name: names{"Barbara", "Jensen"}, Nick: &nick, Active: &no, Level: 3, Pointed: pointed{"staff"},
		Roles: []string{"a", "b"}, Photos: []*photo{{"https://example.com/1"}}, Dept: "Tours", Boss: &boss{"u2"},
	}
	for _, tt := range []struct {
		name string
		in   account
		want string
	}{
		{"full", full, `{
			"schemas": ["` + userURN + `", "` + enterpriseURN + `"],
			"userName": "bjensen", "name": {"givenName": "Barbara", "familyName": "Jensen"}, "nickName": "Babs",
			"active": false, "title": "level 3", "userType": "<staff>",
			"emails": [{"value": "w@example.com", "type": "work", "primary": true}],
			"phoneNumbers": [{"value": "+1", "type": "mobile"}],
			"roles": [{"value": "a"}, {"value": "b"}], "photos": [{"value": "https://example.com/1"}],
			"` + enterpriseURN + `": {"department": "Tours", "manager": {"value": "u2"}},
			"meta": {"resourceType": "User", "created": "2020-01-02T03:04:05.000006Z", "lastModified": "2021-01-01T00:00:00.000000Z"}}`},
		{"empty", account{Login: "x"}, `{"schemas": ["` + userURN + `"], "userName": "x", "meta": {"resourceType": "User"}}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.in.Internal, tt.in.hidden = "not a", "part of it"
			r, err := scim.NewResource(schema.UserType(), &tt.in)
			if err != nil {
				t.Fatal(err)
			}
			got := object(t, string(r.JSON()))
			if diff := cmp.Diff(object(t, tt.want), got); diff != "" {
				t.Fatalf("Encode (-want +got):\n%s", diff)
			}
			out := account{Login: "old", Nick: &nick, Roles: []string{"old"}, Internal: "stays", hidden: "stays"}
			if err := r.Decode(&out); err != nil {
				t.Fatal(err)
			}
			tt.in.Internal, tt.in.hidden = "stays", "stays"
			if diff := cmp.Diff(tt.in, out, cmp.AllowUnexported(account{}, contact{}, pointed{})); diff != "" {
				t.Errorf("Decode (-want +got):\n%s", diff)
			}
		})
	}
}

// TestEncodeOver: Encode unassigns what is empty and leaves what no tag names;
// numbers and booleans are set unless omitempty.
func TestEncodeOver(t *testing.T) {
	r := parse(t, schema.UserType(), barbara)
	err := r.Encode(struct {
		Title  string `scim:"title"`
		Given  string `scim:"name.givenName"`
		Active bool   `scim:"active"`
		Home   string `scim:"emails[type eq \"home\"].value"`
	}{Title: "Guide"})
	if err != nil {
		t.Fatal(err)
	}
	want := `{"title":"Guide","name":{"familyName":"Jensen"},"active":false,
		"emails":[{"value":"work@example.com","type":"work","primary":true}]}`
	if diff := cmp.Diff(object(t, want), changes(t, barbara, r)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestDecodeKinds(t *testing.T) {
	r := parse(t, deviceType(), `{"id":"1","label":"10.0.0.1","slots":300,"made":{"by":"ACME","year":2020}}`)
	var got struct {
		Label  netip.Addr      `scim:"label"`
		Text   string          `scim:"slots"`
		Slots  uint16          `scim:"slots"`
		Float  float64         `scim:"slots"`
		Raw    json.RawMessage `scim:"made"`
		Year   *int            `scim:"made.year"`
		Absent *int            `scim:"made.checked"`
	}
	if err := r.Decode(&got); err != nil {
		t.Fatal(err)
	}
	if s := fmt.Sprintf("%v %v %v %v %s %v %v", got.Label, got.Text, got.Slots, got.Float, got.Raw, *got.Year, got.Absent); s != `10.0.0.1 300 300 300 {"by":"ACME","year":2020} 2020 <nil>` {
		t.Error(s)
	}
	cert := schema.UserType()
	u := parse(t, cert, `{"userName":"x","x509Certificates":[{"value":"AAEC"},{"value":"AwQ="}]}`)
	var keys struct {
		Certs []struct {
			DER []byte `scim:"value"`
		} `scim:"x509Certificates"`
	}
	if err := u.Decode(&keys); err != nil || len(keys.Certs) != 2 || string(keys.Certs[0].DER)+string(keys.Certs[1].DER) != "\x00\x01\x02\x03\x04" {
		t.Errorf("%v %v", keys, err)
	}
	if err := u.Encode(keys); err != nil || u.String("x509Certificates.value") != "AAEC" {
		t.Errorf("%s %v", u.JSON(), err)
	}
}

func TestDecodeErrors(t *testing.T) {
	r := parse(t, schema.UserType(), barbara)
	for _, tt := range []struct {
		dst  any
		want string
	}{
		{nil, "Decode needs a pointer to a struct, not <nil>"},
		{struct{}{}, "Decode needs a pointer to a struct"},
		{new(string), "Decode needs a pointer to a struct, not *string"},
		{(*scim.User)(nil), "Decode needs a pointer to a struct"},
		{&struct {
			X string `scim:"favouriteColour"`
		}{}, `resource type User has no attribute "favouriteColour"`},
		{&struct {
			X names `scim:"userName"`
		}{}, "userName: the value does not fit into a scim_test.names"},
		{&struct {
			X int `scim:"userName"`
		}{}, "userName: the value does not fit into a int"},
		{&struct {
			X []string `scim:"userName"`
		}{}, "userName: one value does not fit into a []string"},
		{&struct {
			X time.Time `scim:"userName"`
		}{}, `userName: "bjensen" is no dateTime`},
		{&struct {
			X struct {
				Y string `scim:"colour"`
			} `scim:"name"`
		}{}, `name has no sub-attribute "colour"`},
		{&struct {
			X level `scim:"userName"`
		}{}, "userName: "},
	} {
		if err := r.Decode(tt.dst); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("Decode(%T): %v, want %q", tt.dst, err, tt.want)
		}
	}
	d := parse(t, deviceType(), `{"id":"1","label":"x","slots":300}`)
	if err := d.Decode(&struct {
		Slots int8 `scim:"slots"`
	}{}); err == nil || !strings.Contains(err.Error(), "slots") {
		t.Errorf("300 in an int8: %v", err)
	}
}

func TestEncodeErrors(t *testing.T) {
	for _, tt := range []struct {
		src  any
		want string
	}{
		{nil, "Encode needs a struct"},
		{"x", "Encode needs a struct, not string"},
		{(*scim.User)(nil), "Encode needs a struct, not *scim.User"},
		{struct {
			X string `scim:"favouriteColour"`
		}{}, `no attribute "favouriteColour"`},
		{struct {
			X string `scim:"emails[type eq"`
		}{"x"}, "emails[type eq"},
		{struct {
			X int `scim:"userName"`
		}{5}, "userName"},
		{struct {
			X string `scim:"active"`
		}{"perhaps"}, "active"},
		{struct {
			X names `scim:"userName"`
		}{names{Given: "x"}}, "userName"},
		{struct {
			X struct{ String string } `scim:"nickName"`
		}{struct{ String string }{"x"}}, "nickName"},
		{struct {
			X struct {
				Y string `scim:"colour"`
			} `scim:"name"`
		}{struct {
			Y string `scim:"colour"`
		}{"x"}}, `name has no sub-attribute "colour"`},
	} {
		r := parse(t, schema.UserType(), barbara)
		before := string(r.JSON())
		if err := r.Encode(tt.src); err == nil || !strings.Contains(err.Error(), tt.want) || strings.Count(err.Error(), "scim: ") != 1 || string(r.JSON()) != before {
			t.Errorf("Encode(%#v): %v, want %q", tt.src, err, tt.want)
		}
		if tt.src == nil {
			continue
		}
		if r, err := scim.NewResource(schema.UserType(), tt.src); err == nil || r != nil {
			t.Errorf("NewResource(%#v) gives no error", tt.src)
		}
	}
	if r, err := scim.NewResource(schema.UserType(), nil); err != nil || r.ID() != "" {
		t.Errorf("an empty resource: %v", err)
	}
}
