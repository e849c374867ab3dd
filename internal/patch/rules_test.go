package patch

import (
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scimkit/scimkit/internal/document"
	"github.com/scimkit/scimkit/internal/model"
	"github.com/scimkit/scimkit/internal/quirk"
)

// A rule is a PATCH and what comes of it: a scimType, or the attributes that
// differ as JSON ("{}" for none, null for one that is gone).
type rule struct {
	name     string
	before   string // attributes of the resource besides id and userName or displayName
	ops      string
	strict   string
	tolerant string    // "" if it is the same
	quirk    quirk.Set // what the tolerant run needs
}

func testRules(t *testing.T, typ *model.Type, rules []rule) {
	for _, r := range rules {
		t.Run(r.name, func(t *testing.T) {
			r.check(t, typ, strict(), r.strict)
			want := r.tolerant
			if want == "" {
				want = r.strict
			}
			o := tolerant()
			r.check(t, typ, o, want)
			if missing := r.quirk &^ o.Values.Log.Used; missing != 0 {
				for q := range missing.All {
					t.Errorf("the quirk %s is not noted", q)
				}
			}
			if want == r.strict || r.quirk == 0 {
				return
			}
			r.check(t, typ, options(r.quirk), want)
		})
	}
}

func (r *rule) check(t *testing.T, typ *model.Type, o Options, want string) {
	t.Helper()
	head := `{"id":"2819c223","userName":"bjensen"`
	if typ == groupType {
		head = `{"id":"2819c223","displayName":"Guides"`
	}
	if r.before != "" {
		head += ","
	}
	before := load(t, typ, head+r.before+`,"meta":{"resourceType":"X","version":"W/\"1\""}}`)
	after, changed, err := send(before, message(r.ops), o)
	if !strings.HasPrefix(want, "{") {
		if got := scimType(err); got != want {
			t.Errorf("allowed %b: error %v, want %s", o.Values.Log.Allowed, err, want)
		}
		return
	}
	if err != nil {
		t.Errorf("allowed %b: error %v (%s)", o.Values.Log.Allowed, err, scimType(err))
		return
	}
	full := decode(t, before.Bytes())
	maps.Copy(full, decode(t, []byte(want)))
	for k, v := range full {
		if v == nil {
			delete(full, k)
		}
	}
	got := decode(t, after.Bytes())
	got["schemas"] = full["schemas"]
	if diff := cmp.Diff(full, got); diff != "" {
		t.Errorf("allowed %b: (-want +got):\n%s", o.Values.Log.Allowed, diff)
	}
	if changed != (want != "{}") {
		t.Errorf("allowed %b: changed is %t", o.Values.Log.Allowed, changed)
	}
}

const (
	twoEmails = `"emails":[{"value":"w@x.com","type":"work","primary":true},{"value":"h@x.com","type":"home"}]`
	manager   = `"` + enterpriseURN + `":{"department":"Tours","manager":{"value":"m1","displayName":"Mona"}}`
)

func TestGeneralRules(t *testing.T) {
	testRules(t, userType, []rule{
		{name: "R-311 no array index", before: twoEmails, ops: `[{"op":"replace","path":"emails[0].value","value":"x"}]`, strict: invalidPath},
		{name: "R-311 empty brackets", before: twoEmails, ops: `[{"op":"replace","path":"emails[].value","value":"x"}]`, strict: invalidPath},
		{name: "R-311 text behind the brackets", before: twoEmails, ops: `[{"op":"replace","path":"emails[type eq \"work\"]value","value":"x"}]`, strict: invalidPath},
		{name: "R-311 a filter on a single value", ops: `[{"op":"replace","path":"name[givenName eq \"x\"]","value":"x"}]`, strict: invalidPath},
		{name: "R-311 an unknown attribute in a filter", before: twoEmails, ops: `[{"op":"replace","path":"emails[colour eq \"x\"].value","value":"x"}]`, strict: invalidFilter},
		{name: "R-311 an unknown sub-attribute", before: twoEmails, ops: `[{"op":"replace","path":"emails[type eq \"work\"].colour","value":"x"}]`, strict: invalidPath},
		{name: "R-312 replace id", ops: `[{"op":"replace","path":"id","value":"x"}]`, strict: mutability},
		{name: "R-312 an object for a string", ops: `[{"op":"replace","path":"nickName","value":{}}]`, strict: invalidValue},
		{name: "R-313 a sub-attribute of a readOnly attribute", ops: `[{"op":"add","path":"meta.version","value":"x"}]`, strict: mutability},
		{name: "R-313 elements of a readOnly attribute", ops: `[{"op":"remove","path":"groups[value eq \"x\"]"}]`, strict: mutability},
		{name: "R-313 a readOnly sub-attribute", before: manager, ops: `[{"op":"replace","path":"` + enterpriseURN + `:manager.displayName","value":"x"}]`, strict: mutability},
		{name: "R-314 operations build on each other", ops: `[{"op":"add","path":"title","value":"a"},{"op":"replace","path":"title","value":"b"},{"op":"add","path":"nickName","value":"n"},{"op":"remove","path":"title"}]`,
			strict: `{"nickName":"n"}`},
		{name: "R-315 the last operation fails", ops: `[{"op":"add","path":"title","value":"a"},{"op":"add","path":"active","value":7}]`, strict: invalidValue},
		{name: "R-317 whole list with a primary", before: twoEmails, ops: `[{"op":"replace","path":"emails","value":[{"value":"a"},{"value":"b","primary":true}]}]`,
			strict: `{"emails":[{"value":"a"},{"value":"b","primary":true}]}`},
		{name: "R-317 an element that is there becomes primary", before: twoEmails, ops: `[{"op":"add","path":"emails","value":[{"value":"h@x.com","type":"home","primary":true}]}]`,
			strict: `{"emails":[{"value":"w@x.com","type":"work","primary":false},{"value":"h@x.com","type":"home","primary":true}]}`},
		{name: "R-317 all of them by sub-attribute", before: twoEmails, ops: `[{"op":"replace","path":"emails.primary","value":true}]`,
			strict:   invalidValue,
			tolerant: `{"emails":[{"value":"w@x.com","type":"work","primary":false},{"value":"h@x.com","type":"home","primary":true}]}`, quirk: quirk.Of(quirk.TwoPrimaries)},
		{name: "R-321 core URI and dots", ops: `[{"op":"add","path":"URN:ietf:params:scim:schemas:core:2.0:user:NAME.givenname","value":"x"}]`, strict: `{"name":{"givenName":"x"}}`},
		{name: "R-321 unknown URI", ops: `[{"op":"add","path":"urn:example:2.0:Thing:colour","value":"x"}]`, strict: invalidPath},
		{name: "R-324 removed and added again", ops: `[{"op":"remove","path":"userName"},{"op":"add","path":"userName","value":"x"}]`, strict: mutability},
		{name: "R-325 strange members", ops: `[{"op":"add","path":"title","value":"a","name":"addMember","from":"b"}]`, strict: `{"title":"a"}`, quirk: quirk.Of(quirk.PatchKeys)},
	})
}

func TestAdd(t *testing.T) {
	testRules(t, userType, []rule{
		{name: "R-326 no value", ops: `[{"op":"add","path":"title"}]`, strict: invalidValue},
		{name: "R-326 no value and no path", ops: `[{"op":"add"}]`, strict: invalidValue},
		{name: "R-327 without path", before: twoEmails, ops: `[{"op":"add","value":{"title":"a","emails":[{"value":"o@x.com"}],"name":{"givenName":"G"}}}]`,
			strict: `{"title":"a","name":{"givenName":"G"},"emails":[{"value":"w@x.com","type":"work","primary":true},{"value":"h@x.com","type":"home"},{"value":"o@x.com"}]}`},
		{name: "R-328 absent list", ops: `[{"op":"add","path":"emails","value":{"value":"a"}}]`, strict: `{"emails":[{"value":"a"}]}`},
		{name: "R-329 complex merges", before: `"name":{"givenName":"G","familyName":"F"}`, ops: `[{"op":"add","path":"name","value":{"middleName":"M","familyName":null}}]`,
			strict: `{"name":{"givenName":"G","middleName":"M"}}`},
		{name: "R-331 single value", before: `"title":"a"`, ops: `[{"op":"add","path":"title","value":"b"}]`, strict: `{"title":"b"}`},
		{name: "R-332 what is there", before: twoEmails + `,"title":"a"`, ops: `[{"op":"add","path":"title","value":"a"},{"op":"add","path":"emails","value":[{"type":"work","value":"w@x.com"}]}]`, strict: `{}`},
		{name: "R-334 value and type, new display", before: twoEmails, ops: `[{"op":"add","path":"emails","value":[{"type":"home","value":"h@x.com","display":"H"}]}]`,
			strict: `{"emails":[{"value":"w@x.com","type":"work","primary":true},{"value":"h@x.com","type":"home","display":"H"}]}`},
		{name: "R-334 without value, whole element", before: `"addresses":[{"locality":"L","country":"US"}]`, ops: `[{"op":"add","path":"addresses","value":[{"country":"US","locality":"L"},{"country":"US","locality":"M"}]}]`,
			strict: `{"addresses":[{"locality":"L","country":"US"},{"locality":"M","country":"US"}]}`},
		{name: "R-335 nothing selected", before: twoEmails, ops: `[{"op":"add","path":"emails[type eq \"other\" and primary eq true].value","value":"o@x.com"},{"op":"add","path":"emails[type eq \"other\" and primary eq true].display","value":"O"}]`,
			strict:   noTarget,
			tolerant: `{"emails":[{"value":"w@x.com","type":"work","primary":false},{"value":"h@x.com","type":"home"},{"value":"o@x.com","display":"O","type":"other","primary":true}]}`, quirk: quirk.Of(quirk.CreateOnAbsent)},
		{name: "R-335 nothing selected, whole element", ops: `[{"op":"add","path":"emails[type eq \"work\"]","value":{"value":"w"}}]`,
			strict: noTarget, tolerant: `{"emails":[{"value":"w","type":"work"}]}`, quirk: quirk.Of(quirk.CreateOnAbsent)},
		{name: "R-335 what is created may be there", before: twoEmails, ops: `[{"op":"add","path":"emails[type eq \"home\" and display eq \"H\"].value","value":"h@x.com"}]`,
			strict: noTarget, tolerant: `{}`, quirk: quirk.Of(quirk.CreateOnAbsent)},
		{name: "R-335 a filter that describes nothing: co", ops: `[{"op":"add","path":"emails[value co \"w\"].type","value":"w"}]`, strict: noTarget},
		{name: "R-335 a filter that describes nothing: or", ops: `[{"op":"add","path":"emails[type eq \"a\" or type eq \"b\"].value","value":"w"}]`, strict: noTarget},
		{name: "R-335 a filter that describes nothing: a contradiction", ops: `[{"op":"add","path":"emails[type eq \"a\" and type eq \"b\"].value","value":"w"}]`, strict: noTarget},
		{name: "R-335 a filter that describes nothing: not", ops: `[{"op":"add","path":"emails[not (type eq \"a\")].value","value":"w"}]`, strict: noTarget},
		{name: "R-336 keys that are paths", before: twoEmails, ops: `[{"op":"add","value":{"name.givenName":"G","` + enterpriseURN + `:department":"D","emails[type eq \"home\"].display":"H"}}]`,
			strict:   `{}`,
			tolerant: `{"name":{"givenName":"G"},"` + enterpriseURN + `":{"department":"D"},"emails":[{"value":"w@x.com","type":"work","primary":true},{"value":"h@x.com","type":"home","display":"H"}]}`, quirk: quirk.Of(quirk.PathKeys)},
		{name: "R-336 keys that are broken paths", before: twoEmails, ops: `[{"op":"add","value":{"emails[type eq \"home\".display":"H"}}]`, strict: `{}`, tolerant: invalidPath},
		{name: "R-336 keys that are unknown paths", before: twoEmails, ops: `[{"op":"add","value":{"ghosts[type eq \"home\"].display":"H","name.ghost":"G","urn:x:y:z":1}}]`, strict: `{}`},
		{name: "R-337 extension URI", ops: `[{"op":"add","path":"` + enterpriseURN + `","value":{"department":"D","manager":{"value":"m"}}}]`,
			strict: `{"` + enterpriseURN + `":{"department":"D","manager":{"value":"m"}}}`},
		{name: "null adds nothing to a list", before: twoEmails, ops: `[{"op":"add","path":"emails","value":null},{"op":"add","path":"emails","value":[]}]`, strict: `{}`},
		{name: "null is unassigned", before: `"title":"a"`, ops: `[{"op":"add","path":"title","value":null}]`, strict: `{"title":null}`},
		{name: "a string for elements", ops: `[{"op":"add","path":"emails","value":"a@x.com"}]`, strict: invalidValue, tolerant: `{"emails":[{"value":"a@x.com"}]}`, quirk: quirk.Of(quirk.Wrap)},
	})
}

func TestRemove(t *testing.T) {
	testRules(t, userType, []rule{
		{name: "R-338 no path", ops: `[{"op":"remove","value":{"title":"a"}}]`, strict: noTarget},
		{name: "R-338 empty path", ops: `[{"op":"remove","path":""}]`, strict: noTarget},
		{name: "R-339 single value", before: `"title":"a"`, ops: `[{"op":"remove","path":"title"}]`, strict: `{"title":null}`},
		{name: "R-339 last sub-attribute", before: `"name":{"givenName":"G"}`, ops: `[{"op":"remove","path":"name.givenName"}]`, strict: `{"name":null}`},
		{name: "R-340 whole list", before: twoEmails, ops: `[{"op":"remove","path":"emails"}]`, strict: `{"emails":null}`},
		{name: "R-341 the last element", before: `"emails":[{"value":"a"}]`, ops: `[{"op":"remove","path":"emails[value eq \"A\"]"}]`, strict: `{"emails":null}`},
		{name: "R-342 a sub-attribute of those selected", before: twoEmails, ops: `[{"op":"remove","path":"emails[type eq \"work\"].type"}]`, strict: `{"emails":[{"value":"w@x.com","primary":true},{"value":"h@x.com","type":"home"}]}`},
		{name: "R-343 required", ops: `[{"op":"remove","path":"userName"}]`, strict: mutability},
		{name: "R-343 readOnly", ops: `[{"op":"remove","path":"id"}]`, strict: mutability},
		{name: "R-343 schemas", ops: `[{"op":"remove","path":"schemas"}]`, strict: mutability},
		{name: "R-343 the core schema", ops: `[{"op":"remove","path":"` + userURN + `"}]`, strict: mutability},
		{name: "R-344 nothing selected", before: twoEmails, ops: `[{"op":"remove","path":"emails[type eq \"other\"]"},{"op":"remove","path":"emails[type eq \"other\"].value"},{"op":"remove","path":"ims[type eq \"a\"]"}]`, strict: `{}`, quirk: quirk.Of(quirk.RemoveNoMatch)},
		{name: "R-345 unassigned", ops: `[{"op":"remove","path":"title"},{"op":"remove","path":"name.givenName"},{"op":"remove","path":"emails"},{"op":"remove","path":"` + enterpriseURN + `:department"}]`, strict: `{}`},
		{name: "R-346 listed elements", before: twoEmails, ops: `[{"op":"remove","path":"emails","value":[{"value":"w@x.com"},{"value":"nobody"},{"value":"h@x.com","type":"work"}]}]`,
			strict: invalidValue, tolerant: `{"emails":[{"value":"h@x.com","type":"home"}]}`, quirk: quirk.Of(quirk.RemoveValues)},
		{name: "R-346 listed by type", before: twoEmails, ops: `[{"op":"remove","path":"emails","value":{"type":"home"}}]`,
			strict: invalidValue, tolerant: `{"emails":[{"value":"w@x.com","type":"work","primary":true}]}`, quirk: quirk.Of(quirk.RemoveValues)},
		{name: "R-346 an element that says nothing", before: twoEmails, ops: `[{"op":"remove","path":"emails","value":[{}]}]`, strict: invalidValue, tolerant: `{}`, quirk: quirk.Of(quirk.RemoveValues)},
		{name: "extension by its URI", before: manager, ops: `[{"op":"remove","path":"` + enterpriseURN + `"}]`, strict: `{"` + enterpriseURN + `":null}`},
		{name: "every sub-attribute of all elements", before: twoEmails, ops: `[{"op":"remove","path":"emails.primary"}]`, strict: `{"emails":[{"value":"w@x.com","type":"work"},{"value":"h@x.com","type":"home"}]}`},
	})
}

func TestReplace(t *testing.T) {
	testRules(t, userType, []rule{
		{name: "R-348 without path", before: twoEmails + `,"title":"a"`, ops: `[{"op":"replace","value":{"emails":[{"value":"o"}],"nickName":"n"}}]`, strict: `{"emails":[{"value":"o"}],"nickName":"n"}`},
		{name: "R-349 single value", before: `"title":"a"`, ops: `[{"op":"replace","path":"title","value":"b"}]`, strict: `{"title":"b"}`},
		{name: "R-350 whole list", before: twoEmails, ops: `[{"op":"replace","path":"emails","value":[{"value":"o"}]}]`, strict: `{"emails":[{"value":"o"}]}`},
		{name: "R-351 absent", ops: `[{"op":"replace","path":"name.givenName","value":"G"}]`, strict: `{"name":{"givenName":"G"}}`},
		{name: "R-352 complex", before: `"name":{"givenName":"G","familyName":"F"}`, ops: `[{"op":"replace","path":"name","value":{"givenName":"H"}}]`, strict: `{"name":{"givenName":"H","familyName":"F"}}`},
		{name: "R-353 all matches", before: twoEmails, ops: `[{"op":"replace","path":"emails[value co \"x.com\"]","value":{"display":"D"}}]`,
			strict: `{"emails":[{"value":"w@x.com","type":"work","primary":true,"display":"D"},{"value":"h@x.com","type":"home","display":"D"}]}`},
		{name: "R-354 a sub-attribute of all matches", before: twoEmails, ops: `[{"op":"replace","path":"emails[value co \"x.com\"].display","value":"D"}]`,
			strict: `{"emails":[{"value":"w@x.com","type":"work","primary":true,"display":"D"},{"value":"h@x.com","type":"home","display":"D"}]}`},
		{name: "R-355 no match", before: twoEmails, ops: `[{"op":"replace","path":"emails[type eq \"other\"]","value":{"value":"x"}}]`, strict: noTarget,
			tolerant: `{"emails":[{"value":"w@x.com","type":"work","primary":true},{"value":"h@x.com","type":"home"},{"value":"x","type":"other"}]}`, quirk: quirk.Of(quirk.CreateOnAbsent)},
		{name: "R-355 no elements and no filter", ops: `[{"op":"replace","path":"emails.value","value":"x"}]`, strict: noTarget},
		{name: "R-356 null and []", before: twoEmails + `,"title":"a"`, ops: `[{"op":"replace","path":"title","value":null},{"op":"replace","path":"emails","value":[]}]`, strict: `{"title":null,"emails":null}`},
		{name: "R-356 null for what is required", ops: `[{"op":"replace","path":"userName","value":null}]`, strict: mutability},
		{name: "R-356 null selected", before: twoEmails, ops: `[{"op":"replace","path":"emails[type eq \"home\"]","value":null}]`, strict: `{"emails":[{"value":"w@x.com","type":"work","primary":true}]}`},
		{name: "R-357 no value", ops: `[{"op":"replace","path":"title"}]`, strict: invalidValue},
		{name: "R-358 two primaries", ops: `[{"op":"replace","path":"emails","value":[{"value":"a","primary":true},{"value":"b","primary":true}]}]`,
			strict: invalidValue, tolerant: `{"emails":[{"value":"a","primary":false},{"value":"b","primary":true}]}`, quirk: quirk.Of(quirk.TwoPrimaries)},
		{name: "R-358 a number for a string", ops: `[{"op":"replace","path":"title","value":7}]`, strict: invalidValue},
		{name: "elements that become the same are one", before: `"emails":[{"value":"a","type":"work"},{"value":"a","type":"home"}]`, ops: `[{"op":"replace","path":"emails[type eq \"home\"].type","value":"work"}]`,
			strict: `{"emails":[{"value":"a","type":"work"}]}`},
	})
}

func TestSchemasAttribute(t *testing.T) {
	testRules(t, userType, []rule{
		{name: "R-320 a known URI", ops: `[{"op":"add","path":"schemas","value":["` + enterpriseURN + `"]}]`, strict: `{}`},
		{name: "R-320 an unknown URI", ops: `[{"op":"add","path":"schemas","value":["urn:x:y"]}]`, strict: invalidValue, tolerant: `{}`, quirk: quirk.Of(quirk.UnknownSchema)},
		{name: "R-320 without the core schema", ops: `[{"op":"replace","path":"schemas","value":["` + enterpriseURN + `"]}]`, strict: invalidValue, tolerant: `{}`, quirk: quirk.Of(quirk.ReadOnlyInPatch)},
	})
	before := load(t, userType, `{"userName":"a"}`)
	after, _, err := send(before, message(`[{"op":"add","path":"`+enterpriseURN+`:department","value":"D"},{"op":"add","path":"title","value":"t"}]`), strict())
	if err != nil {
		t.Fatal(err)
	}
	if v, _ := after.Get(model.Schemas); string(v.Raw()) != `["`+userURN+`","`+enterpriseURN+`"]` {
		t.Errorf("R-320: schemas are %s", v.Raw())
	}
	if after, _, err = send(after, message(`[{"op":"remove","path":"`+enterpriseURN+`:department"}]`), strict()); err != nil {
		t.Fatal(err)
	}
	if v, _ := after.Get(model.Schemas); string(v.Raw()) != `["`+userURN+`"]` {
		t.Errorf("R-320: without the extension's data, schemas are %s", v.Raw())
	}
}

func TestUnknownAttributes(t *testing.T) {
	ops := message(`[{"op":"replace","value":{"colour":"red","name":{"aura":"blue","givenName":"G"}}},{"op":"replace","value":{"Colour":"green"}}]`)
	for _, c := range []struct {
		policy document.UnknownPolicy
		want   string
	}{
		{document.IgnoreUnknown, `{"schemas":["` + userURN + `"],"userName":"a","name":{"givenName":"G"}}`},
		{document.KeepUnknown, `{"schemas":["` + userURN + `"],"userName":"a","name":{"givenName":"G","aura":"blue"},"Colour":"green"}`},
		{document.RejectUnknown, invalidSyntax},
	} {
		o := strict()
		o.Values.Unknown = c.policy
		after, _, err := send(load(t, userType, `{"userName":"a"}`), ops, o)
		got := scimType(err)
		if err == nil {
			got = string(after.Bytes())
		}
		if got != c.want {
			t.Errorf("policy %d: %s, want %s", c.policy, got, c.want)
		}
	}
	o := strict()
	o.Values.Unknown = document.KeepUnknown
	if _, _, err := send(load(t, userType, `{"userName":"a"}`), message(`[{"op":"replace","path":"colour","value":"red"}]`), o); scimType(err) != invalidPath {
		t.Errorf("an explicit path: %v", err)
	}
}
