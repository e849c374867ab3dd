package patch

import (
	"strings"
	"testing"

	"github.com/scimkit/scimkit/internal/quirk"
)

// TestTolerance has the quirks of operations, values and members: the letter of
// the RFC, and what identity providers mean.
func TestTolerance(t *testing.T) {
	testRules(t, userType, []rule{
		{name: "op-case", ops: `[{"op":"Add","path":"title","value":"a"},{"op":"REPLACE","path":"nickName","value":"b"}]`, strict: invalidSyntax, tolerant: `{"title":"a","nickName":"b"}`, quirk: quirk.Of(quirk.OpCase)},
		{name: "patch-keys in an operation", ops: `[{"OP":"add","Path":"title","Value":"a"}]`, strict: invalidSyntax, tolerant: `{"title":"a"}`, quirk: quirk.Of(quirk.PatchKeys)},
		{name: "urn-dot", ops: `[{"op":"add","path":"` + enterpriseURN + `.manager","value":{"value":"m"}},{"op":"add","path":"` + enterpriseURN + `.department","value":"D"}]`,
			strict: invalidPath, tolerant: `{"` + enterpriseURN + `":{"department":"D","manager":{"value":"m"}}}`, quirk: quirk.Of(quirk.URNDot)},
		{name: "short-name", ops: `[{"op":"add","path":"department","value":"D"},{"op":"add","path":"manager.value","value":"m"}]`,
			strict: invalidPath, tolerant: `{"` + enterpriseURN + `":{"department":"D","manager":{"value":"m"}}}`, quirk: quirk.Of(quirk.ShortName)},
		{name: "create-on-absent, three operations of one address", ops: `[{"op":"add","path":"addresses[type eq \"work\"].formatted","value":"F"},{"op":"add","path":"addresses[type eq \"work\"].locality","value":"L"},{"op":"replace","path":"addresses[type eq \"work\"].country","value":"US"}]`,
			strict: noTarget, tolerant: `{"addresses":[{"formatted":"F","locality":"L","country":"US","type":"work"}]}`, quirk: quirk.Of(quirk.CreateOnAbsent)},
		{name: "quoted-boolean", ops: `[{"op":"add","path":"roles[primary eq \"True\"].value","value":"a"},{"op":"add","path":"roles[primary eq \"True\"].display","value":"A"}]`,
			strict: invalidFilter, tolerant: `{"roles":[{"value":"a","display":"A","primary":true}]}`, quirk: quirk.Of(quirk.QuotedBoolean, quirk.CreateOnAbsent)},
		{name: "read-only-in-patch, the same id", ops: `[{"op":"replace","value":{"id":"2819c223","title":"a"}}]`, strict: `{"title":"a"}`},
		{name: "read-only-in-patch, another id", ops: `[{"op":"replace","value":{"id":"7","title":"a"}}]`, strict: mutability, tolerant: `{"title":"a"}`, quirk: quirk.Of(quirk.ReadOnlyInPatch)},
		{name: "read-only-in-patch, meta is ignored always", ops: `[{"op":"replace","value":{"meta":{"version":"W/\"9\""},"title":"a"}}]`, strict: `{"title":"a"}`, quirk: quirk.Of(quirk.ReadOnlyInPatch)},
		{name: "read-only-in-patch, groups", ops: `[{"op":"replace","value":{"groups":[{"value":"g"}],"title":"a"}}]`, strict: mutability, tolerant: `{"title":"a"}`, quirk: quirk.Of(quirk.ReadOnlyInPatch)},
		{name: "read-only-in-patch, id as a path key", ops: `[{"op":"replace","value":{"` + userURN + `:id":"7","meta.version":"8","title":"a"}}]`,
			strict: `{"title":"a"}`, tolerant: `{"title":"a"}`, quirk: quirk.Of(quirk.ReadOnlyInPatch)},
		{name: "read-only-in-patch, never by path", ops: `[{"op":"replace","path":"meta","value":{"version":"x"}}]`, strict: mutability},
		{name: "string-boolean", ops: `[{"op":"add","path":"active","value":"False"},{"op":"add","path":"emails","value":[{"value":"a","primary":"TRUE"}]}]`,
			strict: invalidValue, tolerant: `{"active":false,"emails":[{"value":"a","primary":true}]}`, quirk: quirk.Of(quirk.StringBoolean)},
		{name: "string-boolean, nonsense", ops: `[{"op":"add","path":"active","value":"maybe"}]`, strict: invalidValue},
		{name: "unwrap a string", ops: `[{"op":"replace","path":"title","value":["a"]}]`, strict: invalidValue, tolerant: `{"title":"a"}`, quirk: quirk.Of(quirk.Unwrap)},
		{name: "unwrap an object, which merges", before: `"name":{"givenName":"G"}`, ops: `[{"op":"replace","path":"name","value":[{"familyName":"F"}]}]`, strict: invalidValue, tolerant: `{"name":{"givenName":"G","familyName":"F"}}`, quirk: quirk.Of(quirk.Unwrap)},
		{name: "unwrap, two values", ops: `[{"op":"replace","path":"title","value":["a","b"]}]`, strict: invalidValue},
		{name: "unwrap below a filter", before: twoEmails, ops: `[{"op":"replace","path":"emails[type eq \"home\"]","value":[{"display":"D"}]}]`,
			strict: invalidValue, tolerant: `{"emails":[{"value":"w@x.com","type":"work","primary":true},{"value":"h@x.com","type":"home","display":"D"}]}`, quirk: quirk.Of(quirk.Unwrap)},
		{name: "wrap strings among objects", ops: `[{"op":"replace","path":"emails","value":["a",{"value":"b"}]}]`, strict: invalidValue, tolerant: `{"emails":[{"value":"a"},{"value":"b"}]}`, quirk: quirk.Of(quirk.Wrap)},
		{name: "wrap below a filter", before: twoEmails, ops: `[{"op":"replace","path":"emails[type eq \"home\"]","value":"n"}]`,
			strict: invalidValue, tolerant: `{"emails":[{"value":"w@x.com","type":"work","primary":true},{"value":"n","type":"home"}]}`, quirk: quirk.Of(quirk.Wrap)},
		{name: "reference-shape, bare id", before: manager, ops: `[{"op":"add","path":"` + enterpriseURN + `:manager","value":"m2"}]`,
			strict: invalidValue, tolerant: `{"` + enterpriseURN + `":{"department":"Tours","manager":{"value":"m2","displayName":"Mona"}}}`, quirk: quirk.Of(quirk.ReferenceShape)},
		{name: "reference-shape, array", ops: `[{"op":"add","path":"manager","value":[{"$ref":null,"value":"m2"}]}]`,
			strict: invalidPath, tolerant: `{"` + enterpriseURN + `":{"manager":{"value":"m2"}}}`, quirk: quirk.Of(quirk.ShortName, quirk.Unwrap)},
		{name: "reference-empty, string", before: manager, ops: `[{"op":"replace","path":"` + enterpriseURN + `:manager","value":""}]`,
			strict: invalidValue, tolerant: `{"` + enterpriseURN + `":{"department":"Tours"}}`, quirk: quirk.Of(quirk.ReferenceShape, quirk.ReferenceEmpty)},
		{name: "reference-empty, object", before: manager, ops: `[{"op":"replace","path":"` + enterpriseURN + `:manager","value":{"value":""}}]`,
			strict: invalidValue, tolerant: `{"` + enterpriseURN + `":{"department":"Tours"}}`, quirk: quirk.Of(quirk.ReferenceEmpty)},
		{name: "null unassigns a reference", before: manager, ops: `[{"op":"replace","path":"` + enterpriseURN + `:manager","value":null}]`, strict: `{"` + enterpriseURN + `":{"department":"Tours"}}`},
		{name: "empty-string", before: `"title":"a","name":{"givenName":"G"}`, ops: `[{"op":"replace","path":"title","value":""},{"op":"replace","value":{"name":{"givenName":""}}}]`,
			strict: `{"title":"","name":{"givenName":""}}`, tolerant: `{"title":null,"name":null}`, quirk: quirk.Of(quirk.EmptyString)},
		{name: "empty-string, required", ops: `[{"op":"replace","path":"userName","value":""}]`, strict: invalidValue},
		{name: "empty-string drops an element", before: twoEmails, ops: `[{"op":"replace","path":"emails[type eq \"work\"].value","value":""}]`,
			strict:   `{"emails":[{"value":"","type":"work","primary":true},{"value":"h@x.com","type":"home"}]}`,
			tolerant: `{"emails":[{"value":"h@x.com","type":"home"}]}`, quirk: quirk.Of(quirk.EmptyString)},
		{name: "empty-string keeps an element that says more", before: `"emails":[{"value":"a","type":"work","display":"A"}]`, ops: `[{"op":"replace","path":"emails[type eq \"work\"].value","value":""}]`,
			strict: `{"emails":[{"value":"","type":"work","display":"A"}]}`, tolerant: `{"emails":[{"type":"work","display":"A"}]}`, quirk: quirk.Of(quirk.EmptyString)},
		{name: "empty-string creates nothing", ops: `[{"op":"replace","path":"emails[type eq \"work\"].value","value":""}]`, strict: noTarget, tolerant: `{}`, quirk: quirk.Of(quirk.EmptyString, quirk.CreateOnAbsent)},
		{name: "nested-value of a single attribute", ops: `[{"op":"add","path":"title","value":{"title":"a"}},{"op":"add","path":"name.givenName","value":{"givenName":"G"}}]`,
			strict: invalidValue, tolerant: `{"title":"a","name":{"givenName":"G"}}`, quirk: quirk.Of(quirk.NestedValue)},
	})
}

const twoMembers = `"members":[{"value":"a","type":"User","display":"A"},{"value":"b"}]`

// TestMembers has the quirks of group membership.
func TestMembers(t *testing.T) {
	testRules(t, groupType, []rule{
		{name: "remove-values", before: twoMembers, ops: `[{"op":"remove","path":"members","value":[{"value":"a","$ref":null},{"value":"gone"}]}]`,
			strict: invalidValue, tolerant: `{"members":[{"value":"b"}]}`, quirk: quirk.Of(quirk.RemoveValues)},
		{name: "remove-values, the last one", before: twoMembers, ops: `[{"op":"remove","path":"members","value":[{"value":"a"},{"value":"b"}]}]`,
			strict: invalidValue, tolerant: `{"members":null}`, quirk: quirk.Of(quirk.RemoveValues)},
		{name: "remove-values, one object or string", before: twoMembers, ops: `[{"op":"remove","path":"members","value":{"value":"a"}},{"op":"remove","path":"members","value":"b"}]`,
			strict: invalidValue, tolerant: `{"members":null}`, quirk: quirk.Of(quirk.RemoveValues, quirk.Wrap)},
		{name: "remove-values, an empty string is nobody", before: twoMembers, ops: `[{"op":"remove","path":"members","value":""}]`,
			strict: invalidValue, tolerant: `{}`, quirk: quirk.Of(quirk.RemoveValues, quirk.Wrap, quirk.EmptyString)},
		{name: "remove without value removes all", before: twoMembers, ops: `[{"op":"remove","path":"members"}]`, strict: `{"members":null}`},
		{name: "remove-null", before: twoMembers, ops: `[{"op":"remove","path":"members","value":null}]`, strict: invalidValue, tolerant: `{"members":null}`, quirk: quirk.Of(quirk.RemoveNull)},
		{name: "remove-null, empty list", before: twoMembers, ops: `[{"op":"remove","path":"members","value":[]}]`, strict: invalidValue, tolerant: `{}`, quirk: quirk.Of(quirk.RemoveNull)},
		{name: "remove by filters", before: twoMembers, ops: `[{"op":"remove","path":"members[value eq \"a\"]"},{"op":"remove","path":"members[value eq \"b\" or value eq \"c\"]"}]`, strict: `{"members":null}`},
		{name: "remove by type", before: twoMembers, ops: `[{"op":"remove","path":"members[type eq \"user\"]"}]`, strict: `{"members":[{"value":"b"}]}`},
		{name: "add what is there", before: twoMembers, ops: `[{"op":"add","path":"members","value":[{"value":"a","display":"Other"},{"value":"a"}]}]`, strict: `{}`},
		{name: "add twice, once", ops: `[{"op":"add","path":"members","value":[{"value":"a"},{"value":"a"}]},{"op":"add","value":{"members":[{"value":"a"}]}}]`, strict: `{"members":[{"value":"a"}]}`},
		{name: "replace", before: twoMembers, ops: `[{"op":"replace","path":"members","value":[{"value":"c"}]}]`, strict: `{"members":[{"value":"c"}]}`},
		{name: "replace by nothing", before: twoMembers, ops: `[{"op":"replace","path":"members","value":[]}]`, strict: `{"members":null}`},
		{name: "a new name keeps the members", before: twoMembers, ops: `[{"op":"replace","value":{"id":"2819c223","displayName":"N"}}]`, strict: `{"displayName":"N"}`},
		{name: "nested-value", ops: `[{"op":"add","path":"members","value":{"members":[{"value":"a"}]}}]`, strict: invalidValue, tolerant: `{"members":[{"value":"a"}]}`, quirk: quirk.Of(quirk.NestedValue)},
		{name: "nested-value on remove", before: twoMembers, ops: `[{"op":"remove","path":"members","value":{"members":[{"value":"a"}]}}]`, strict: invalidValue, tolerant: `{"members":[{"value":"b"}]}`, quirk: quirk.Of(quirk.NestedValue, quirk.RemoveValues)},
		{name: "immutable sub-attribute", before: twoMembers, ops: `[{"op":"replace","path":"members[value eq \"a\"].value","value":"c"}]`, strict: mutability},
		{name: "immutable sub-attribute, the same value", before: twoMembers, ops: `[{"op":"replace","path":"members[value eq \"a\"].value","value":"a"}]`, strict: `{}`},
		{name: "immutable sub-attribute without value", before: twoMembers, ops: `[{"op":"add","path":"members[value eq \"b\"].type","value":"User"}]`, strict: `{"members":[{"value":"a","type":"User","display":"A"},{"value":"b","type":"User"}]}`},
		{name: "immutable sub-attribute removed", before: twoMembers, ops: `[{"op":"remove","path":"members[value eq \"a\"].type"}]`, strict: mutability},
		{name: "a member without value", ops: `[{"op":"add","path":"members","value":[{"display":"A"}]}]`, strict: invalidValue},
		{name: "a member among others without value", ops: `[{"op":"add","path":"members","value":[{"value":"a"},{"id":"b"}]}]`, strict: invalidValue},
		{name: "membership is no side effect", ops: `[{"op":"replace","path":"members[value eq \"a\"].display","value":"A"}]`, strict: noTarget},
	})
}

// TestComputedReferences checks that a client's $ref gives way where responses
// compute it.
func TestComputedReferences(t *testing.T) {
	o := strict()
	o.Values.DropRefs = true
	before := load(t, groupType, `{"displayName":"G","members":[{"value":"a"}]}`)
	after, changed, err := send(before, message(`[{"op":"add","path":"members","value":[{"value":"a","$ref":"x"}]},{"op":"add","path":"members[value eq \"a\"].$ref","value":"x"},{"op":"add","path":"members","value":{"value":"b","$ref":"../Users/b"}}]`), o)
	if err != nil || !changed {
		t.Fatal(changed, err)
	}
	if strings.Contains(string(after.Bytes()), "$ref") || !strings.Contains(string(after.Bytes()), `{"value":"b"}`) {
		t.Errorf("%s", after.Bytes())
	}
	if !o.Values.Log.Used.Has(quirk.ReferenceRebuilt) {
		t.Error("the quirk reference-rebuilt is not noted")
	}
}
