package document_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	. "github.com/scimkit/scimkit/internal/document"
	"github.com/scimkit/scimkit/internal/model"
	"github.com/scimkit/scimkit/internal/quirk"
	"github.com/scimkit/scimkit/schema"
)

func tree(t testing.TB, typ *model.Type, body string) *Tree {
	t.Helper()
	tr := NewTree(typ)
	if err := tr.Parse([]byte(body), &Options{Trusted: true, Unknown: KeepUnknown}); err != nil {
		t.Fatal(err)
	}
	return tr
}

// id finds an attribute by its names.
func id(typ *model.Type, names ...string) model.ID { return parentOf(typ, names) }

func text(tr *Tree) string { return string(tr.Doc().Bytes()) }

// TestPut keeps the members of an object in order whatever the order in which
// they come, and replaces.
func TestPut(t *testing.T) {
	tr := NewTree(customType)
	names := []string{"must", "text", "link", "count", "when", "flag", "text", "must", "link"}
	for i, name := range names {
		tr.Put(tr.Root(), tr.NewString(id(customType, name), fmt.Sprint(i)))
	}
	if got, want := text(tr), `{"text":"6","flag":"5","count":"3","when":"4","link":"8","must":"7"}`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// TestEdit compares random edits of one level with a simple model.
func TestEdit(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	var ids []model.ID
	for i := model.Root + 1; i < customType.Attrs[0].End; i = customType.Attrs[i].End {
		ids = append(ids, i)
	}
	for range 200 {
		tr := NewTree(customType)
		arr := tr.NewArray(id(customType, "texts"))
		members, list := map[model.ID]Node{}, []Node(nil)
		for range 60 {
			attr := ids[rnd.IntN(len(ids))]
			switch op := rnd.IntN(6); {
			case op < 2:
				n := tr.NewString(attr, fmt.Sprint(rnd.IntN(100)))
				tr.Put(tr.Root(), n)
				members[attr] = n
			case op == 2 && members[attr] != 0:
				tr.Remove(tr.Root(), members[attr])
				delete(members, attr)
			case op == 3:
				n := tr.NewString(id(customType, "texts"), fmt.Sprint(rnd.IntN(100)))
				tr.Append(arr, n)
				list = append(list, n)
			case op == 4 && len(list) > 0:
				i := rnd.IntN(len(list))
				tr.Remove(arr, list[i])
				list = slices.Delete(list, i, i+1)
			case op == 5:
				gone := func(n Node) bool { return int(n)%5 == 0 }
				if got, want := tr.Filter(arr, func(n Node) bool { return !gone(n) }), len(list); got != want-tr.Len(arr) {
					t.Fatalf("%d went, %d are left of %d", got, tr.Len(arr), want)
				}
				list = slices.DeleteFunc(list, gone)
			}
		}
		if got := children(tr, arr); !slices.Equal(got, list) || tr.Len(arr) != len(list) {
			t.Fatalf("elements %v, want %v", got, list)
		}
		var want []Node
		for _, attr := range ids {
			if n, ok := members[attr]; ok {
				want = append(want, n)
			}
			if tr.Child(tr.Root(), attr) != tr.Get(attr) {
				t.Fatal("Child and Get differ")
			}
		}
		if got := children(tr, tr.Root()); !slices.Equal(got, want) {
			t.Fatalf("members %v, want %v", got, want)
		}
	}
}

func children(tr *Tree, n Node) (list []Node) {
	for c := tr.First(n); c != NoNode; c = tr.Next(c) {
		list = append(list, c)
	}
	return list
}

func TestMakeUnset(t *testing.T) {
	tr := NewTree(userType)
	set := func(value string, names ...string) {
		attr := id(userType, names...)
		tr.Put(tr.Make(attr), tr.NewString(attr, value))
	}
	set("m", enterpriseURN, "manager", "value")
	set("a", "userName")
	set("b", "name", "givenName")
	set("c", "name", "familyName")
	want := `{"userName":"a","name":{"familyName":"c","givenName":"b"},"` + enterpriseURN + `":{"manager":{"value":"m"}}}`
	if got := text(tr); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	for _, step := range []struct{ path, want string }{
		{"name givenName", `{"userName":"a","name":{"familyName":"c"},"` + enterpriseURN + `":{"manager":{"value":"m"}}}`},
		{"name formatted", `{"userName":"a","name":{"familyName":"c"},"` + enterpriseURN + `":{"manager":{"value":"m"}}}`},
		{enterpriseURN + " manager value", `{"userName":"a","name":{"familyName":"c"}}`},
		{enterpriseURN + " department", `{"userName":"a","name":{"familyName":"c"}}`},
		{"name", `{"userName":"a"}`},
		{"userName", `{}`},
		{"userName", `{}`},
	} {
		if tr.Unset(id(userType, strings.Split(step.path, " ")...)); text(tr) != step.want {
			t.Errorf("without %s: %s, want %s", step.path, text(tr), step.want)
		}
	}
}

// TestParseParts reads values, elements and extensions into a tree that has
// content.
func TestParseParts(t *testing.T) {
	tr := tree(t, userType, `{"userName":"a","emails":[{"value":"b"}],`+enterprise(`"department":"c","costCenter":"d"`)[1:])
	o := &Options{Limits: limits, Log: &quirk.Log{Allowed: tolerant}}
	emails := id(userType, "emails")

	n, err := tr.ParseValue(emails, Trusted([]byte(` [ {"TYPE":"home","value":"x\u0041"} , {"value":"x"}, {"value":"x"} ] `)), o)
	if err != nil || string(tr.Value(n).Raw()) != `[{"value":"xA","type":"home"},{"value":"x"}]` {
		t.Errorf("%v %s", err, tr.Value(n).Raw())
	}
	tr.Put(tr.Root(), n)
	n, err = tr.ParseElement(emails, Trusted([]byte(`{"value":"y","primary":"True"}`)), o)
	if err != nil {
		t.Fatal(err)
	}
	if tr.Append(tr.Get(emails), n); !tr.IsPrimary(n) || tr.IsPrimary(tr.First(tr.Get(emails))) {
		t.Error("IsPrimary")
	}
	ext := tr.Get(id(userType, enterpriseURN))
	if err := tr.ParseExtension(ext, Trusted([]byte(`{"organization":"o","COSTCENTER":"e","department":null}`)), o); err != nil {
		t.Fatal(err)
	}
	want := `{"userName":"a","emails":[{"value":"xA","type":"home"},{"value":"x"},{"value":"y","primary":true}],` +
		enterprise(`"costCenter":"e","organization":"o","department":"c"`)[1:]
	if got := text(tr); got != want {
		t.Errorf("is   %s\nwant %s", got, want)
	}

	for _, unassigned := range []string{"null", "[]", "[null]", "[{}]", `""`} {
		if n, err := tr.ParseValue(emails, Trusted([]byte(unassigned)), o); n != NoNode || err != nil {
			t.Errorf("%s: %d %v", unassigned, n, err)
		}
	}
	for value, want := range map[string]string{
		`5`:               "invalidValue emails: an array is expected, not a number",
		`[5]`:             "invalidValue emails: an object is expected, not a number",
		`[{"value":5}]`:   "invalidValue emails.value: a string is expected, not a number",
		``:                "invalidSyntax : the document ends",
		`[{"a":1,"A":2}]`: `invalidSyntax : at byte 8: the name "A" is there twice`,
	} {
		_, err := tr.ParseValue(emails, Trusted([]byte(value)), o)
		problem(t, err, want)
	}
	_, err = tr.ParseElement(emails, Trusted([]byte(`[[1]]`)), o)
	problem(t, err, "invalidValue emails: one value is expected, not an array")
	err = tr.ParseExtension(ext, Trusted([]byte(`"a"`)), o)
	problem(t, err, "invalidValue "+enterpriseURN+": a JSON object is expected, not a string")
	err = tr.ParseExtension(tr.Root(), Value{}, o)
	problem(t, err, "invalidValue : a JSON object is expected, not nothing")
	if got := text(tr); got != want {
		t.Errorf("changed by errors: %s", got)
	}
}

// TestParseOwnText reads text of the tree itself.
func TestParseOwnText(t *testing.T) {
	tr := tree(t, userType, `{"emails":[{"value":"a"}],"phoneNumbers":[{"value":"b"}]}`)
	o := &Options{}
	for range 200 {
		for _, name := range []string{"emails", "phoneNumbers"} {
			attr := id(userType, name)
			n, err := tr.ParseValue(attr, tr.Value(tr.Get(attr)), o)
			if err != nil {
				t.Fatal(err)
			}
			tr.Put(tr.Root(), n)
		}
	}
	if got := text(tr); got != `{"emails":[{"value":"a"}],"phoneNumbers":[{"value":"b"}]}` {
		t.Error(got)
	}
}

// TestValueStays: what Value gave stays as it was while the tree changes, and
// the tree does not grow by the text of all values that were looked at.
func TestValueStays(t *testing.T) {
	tr := tree(t, groupType, `{"displayName":"g","members":[`+elements(1000)+`]}`)
	members := tr.Get(id(groupType, "members"))
	var values []Value
	var want []string
	for n := tr.First(members); n != NoNode; n = tr.Next(n) {
		values = append(values, tr.Value(n))
		want = append(want, string(tr.Value(n).Raw()))
	}
	whole := tr.Value(tr.Root())
	wholeText := string(whole.Raw())
	for range 100 {
		tr.Put(tr.Root(), tr.NewString(id(groupType, "displayName"), strings.Repeat("x", 1000)))
		tr.Value(tr.Root())
		tr.Doc()
	}
	for i, v := range values {
		if string(v.Raw()) != want[i] {
			t.Fatalf("value %d became %s", i, v.Raw())
		}
	}
	if string(whole.Raw()) != wholeText {
		t.Error("the text of the root changed")
	}
	if tr.Size() > 2_000_000 {
		t.Errorf("the tree holds %d bytes", tr.Size())
	}
	_ = append(values[0].Raw(), "overwritten"...)
	if string(values[1].Raw()) != want[1] {
		t.Error("a value can be overwritten through another")
	}
}

func TestEqual(t *testing.T) {
	tr := tree(t, userType, `{"emails":[{"value":"a","type":"b"},{"type":"b","value":"a","x":1},{"value":"a","type":"b","x":1},{"value":"a","type":"c"},{"value":"a"}]}`)
	list := children(tr, tr.Get(id(userType, "emails")))
	for i, a := range list {
		for j, b := range list {
			if got, want := tr.Equal(a, b), string(tr.Value(a).Raw()) == string(tr.Value(b).Raw()); got != want {
				t.Errorf("%d = %d: %v, want %v", i, j, got, want)
			}
		}
	}
	// Empty objects and arrays are not there.
	a, b := tr.NewObject(id(userType, "name")), tr.NewObject(id(userType, "name"))
	tr.Put(a, tr.NewArray(id(userType, "name", "givenName")))
	if !tr.Equal(a, b) || tr.Equal(a, tr.NewArray(id(userType, "name"))) {
		t.Error("empty objects")
	}
}

// TestEmptyLeftOut: changes may leave empty objects and arrays, documents have
// none.
func TestEmptyLeftOut(t *testing.T) {
	tr := tree(t, userType, `{"userName":"a","name":{"givenName":"b"},"emails":[{"value":"c"},{"value":"d"}],"photos":[{"value":"e"}]}`)
	tr.Remove(tr.Get(id(userType, "name")), tr.Get(id(userType, "name", "givenName")))
	emails := tr.Get(id(userType, "emails"))
	tr.Remove(tr.First(emails), tr.First(tr.First(emails)))
	photos := tr.Get(id(userType, "photos"))
	tr.Remove(tr.First(photos), tr.First(tr.First(photos)))
	want := `{"userName":"a","emails":[{"value":"d"}]}`
	if got := text(tr); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	tr.Settle()
	if got := text(tr); got != `{"schemas":["`+userURN+`"],`+want[1:] || tr.Get(id(userType, "name")) != NoNode {
		t.Error(got)
	}
}

// TestReset: documents do not share memory with the tree, which is used again.
func TestReset(t *testing.T) {
	tr := NewTree(userType)
	var docs []*Doc
	for i := range 20 {
		tr.Reset(userType)
		body := fmt.Sprintf(`{"userName":"u%d","title":"\u0041%s","x":[ %d ]}`, i, strings.Repeat("y", i*10), i)
		if err := tr.Parse([]byte(body), &Options{Unknown: KeepUnknown}); err != nil {
			t.Fatal(err)
		}
		docs = append(docs, tr.Doc())
		if i%3 == 0 { // an error in between does no harm
			tr.Reset(groupType)
			if tr.Parse([]byte(`{"displayName":"a","x":{"b":`), &Options{Unknown: KeepUnknown}) == nil {
				t.Fatal("no error")
			}
		}
	}
	for i, d := range docs {
		if want := fmt.Sprintf(`{"userName":"u%d","title":"A%s","x":[%d]}`, i, strings.Repeat("y", i*10), i); string(d.Bytes()) != want {
			t.Errorf("%s, want %s", d.Bytes(), want)
		}
	}
}

// TestLargeSchema has more attributes than idSet has bits, in reverse.
func TestLargeSchema(t *testing.T) {
	s := &schema.Schema{ID: "urn:example:Large", Name: "Large"}
	var parts []string
	for i := range 2000 {
		s.Attributes = append(s.Attributes, schema.Attribute{Name: fmt.Sprintf("a%d", i), Type: schema.Integer})
		parts = append(parts, fmt.Sprintf(`"A%d":%d`, i, i))
	}
	typ := (&schema.ResourceType{Name: "Large", Endpoint: "/Large", Schema: s}).Model()
	want := strings.ToLower("{" + strings.Join(parts, ",") + "}")
	slices.Reverse(parts)
	got, err := read(t, typ, "{"+strings.Join(parts, ",")+"}", Options{})
	if err != nil || got != want {
		t.Errorf("%v %.200s", err, got)
	}
	for _, i := range []int{7, 254, 255, 1999} {
		_, err = read(t, typ, fmt.Sprintf(`{"a7":1,%s,"a%d":2}`, strings.Join(parts[:1990], ","), i), Options{})
		problem(t, err, "invalidSyntax : is there twice")
	}
}

// TestAllocations of reading a user with a tree that was used before: the
// document itself, nothing else.
func TestAllocations(t *testing.T) {
	body := testdata(t, "post.json")
	tr := NewTree(userType)
	log := &quirk.Log{Allowed: tolerant}
	o := &Options{Limits: limits, Log: log, DropRefs: true}
	if got := testing.AllocsPerRun(100, func() {
		tr.Reset(userType)
		if tr.Parse(body, o) != nil || tr.CheckSchemas(log, nil) != nil || tr.Finish(log) != nil {
			t.Fatal("refused")
		}
		tr.Doc()
	}); got > 3 {
		t.Errorf("%v allocations", got)
	}
	doc := tr.Doc()
	if got := testing.AllocsPerRun(100, func() {
		tr.Reset(userType)
		tr.Load(doc)
	}); got > 0 {
		t.Errorf("%v allocations of Load", got)
	}
}
