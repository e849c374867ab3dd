package patch

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/scimkit/scimkit/internal/document"
)

var (
	randomPaths = map[string][]string{
		"User": {
			"title", "active", "name", "name.givenName", "emails", "emails.type", "emails.primary", "id", "meta", "groups", "schemas", "colour", "userName", "displayName",
			`emails[type eq \"work\"]`, `emails[type eq \"home\"].value`, `emails[type eq \"x\" and primary eq true].value`, `emails[value sw \"h\"].primary`,
			`emails[not (type pr)].type`, `addresses[type eq \"work\"].country`, "addresses", "roles", `roles[primary eq \"True\"].display`, `addresses.type`,
			enterpriseURN, enterpriseURN + ":department", enterpriseURN + ":manager", enterpriseURN + ".manager.value", "manager", "department", userURN, userURN + ":title",
		},
		"Group": {
			"displayName", "members", `members[value eq \"a\"]`, `members[value eq \"a\" or value eq \"c\"]`, `members[type eq \"User\"]`, `members[value eq \"b\"].type`, groupURN, "members.display",
		},
		"Device": {
			"serial", "tags", `tags[value eq \"a\"]`, "ports", "owners", `owners[value eq \"o1\"]`, "place", "place.floor", "model", "model.name", "model.colours", "label", "label.text",
			"urn:example:2.0:Extra:note", "urn:example:2.0:Extra", `model.colours[value eq \"red\"]`, "ghost",
		},
	}
	randomValues = []string{
		`"a"`, `"b"`, `""`, `null`, `[]`, `{}`, `true`, `"True"`, `7`, `["a"]`, `["a","b"]`, `[1,2]`, `[[]]`, `[{}]`,
		`{"value":"a"}`, `{"value":""}`, `{"value":null}`, `[{"value":"a"},{"value":"c","type":"User"}]`, `{"type":"work"}`, `{"primary":true}`,
		`[{"value":"h@x.com","type":"home","primary":true}]`, `{"value":"w@x.com","type":"work","display":"D"}`, `[{"type":"work","country":"US"}]`,
		`{"givenName":"H","ghost":1}`, `{"name":"n","colours":["red","blue"],"hash":"h"}`, `{"room":"s"}`, `{"text":null}`,
		`{"members":[{"value":"a"}]}`, `{"note":"m","state":"s"}`, `{"department":"D","manager":{"value":"m2","$ref":"x"}}`,
	}
)

func pick(r *rand.Rand, list []string) string { return list[r.IntN(len(list))] }

func randomOperation(r *rand.Rand, paths []string) string {
	verb := pick(r, []string{"add", "replace", "remove", "Add"})
	switch r.IntN(4) {
	case 0:
		var members []string
		for range 1 + r.IntN(3) {
			members = append(members, `"`+pick(r, paths)+`":`+pick(r, randomValues))
		}
		return `{"op":"` + verb + `","value":{` + strings.Join(members, ",") + `}}`
	case 1:
		return `{"op":"` + verb + `","path":"` + pick(r, paths) + `"}`
	}
	return `{"op":"` + verb + `","path":"` + pick(r, paths) + `","value":` + pick(r, randomValues) + `}`
}

// TestRandomPatches is FuzzPatch with operations that are mostly well formed:
// whatever they do, the result is a resource of the schema.
func TestRandomPatches(t *testing.T) {
	docs := stored(t)
	rnd := rand.New(rand.NewPCG(3, 4))
	applied, last := 0, ""
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(last)
		}
	})
	for range 40000 {
		before := docs[rnd.IntN(len(docs))]
		var ops []string
		for range 1 + rnd.IntN(3) {
			ops = append(ops, randomOperation(rnd, randomPaths[before.Type().Name]))
		}
		last = message("[" + strings.Join(ops, ",") + "]")
		r, err := Parse([]byte(last), before.Type(), fuzzOptions(uint8(rnd.IntN(16))))
		var after *document.Doc
		if err == nil {
			after, _, err = r.Edit(document.NewTree(before.Type()), before)
		}
		if err != nil {
			checkError(t, err)
			continue
		}
		applied++
		checkResult(t, before, after)
		checkSplit(t, r, before)
	}
	if applied < 3000 {
		t.Errorf("only %d requests came through", applied)
	}
}
