package document_test

import (
	"runtime"
	"strconv"
	"strings"
	"testing"

	. "github.com/scimkit/scimkit/internal/document"
	"github.com/scimkit/scimkit/internal/model"
)

// bombs are documents that cost careless readers more than they cost the
// sender (test S10). The texts are made in the size asked for.
var bombs = []struct {
	name  string
	typ   *model.Type
	size  int
	text  func(n int) string
	small string // the error under the default limits, "" if it is read
	free  string // the error without limits
}{
	{"arrays, deep", userType, 1_000_000, func(n int) string { return `{"x":` + strings.Repeat("[", n) },
		"invalidSyntax : the nesting depth is over the limit of 32", "invalidSyntax : the nesting depth is over the limit of 1000"},
	{"objects, deep", userType, 1_000_000, func(n int) string { return strings.Repeat(`{"x":`, n) },
		"invalidSyntax : the nesting depth is over the limit of 32", "invalidSyntax : the nesting depth is over the limit of 1000"},
	{"arrays in a known list", userType, 1_000_000, func(n int) string { return `{"emails":` + strings.Repeat("[", n) },
		"invalidValue emails: one value is expected, not an array", "invalidValue emails: one value is expected, not an array"},
	{"empty objects", userType, 1_000_000, func(n int) string { return `{"x":[` + repeat("{}", n) + `]}` },
		"invalidSyntax : the number of values is over the limit of 250000", ""},
	{"empty elements", userType, 1_000_000, func(n int) string { return `{"emails":[` + repeat("{}", n) + `]}` },
		"invalidValue emails: the list is longer than the limit of 1000 elements", ""},
	{"nulls", userType, 1_000_000, func(n int) string { return `{"emails":[` + repeat("null", n) + `]}` },
		"invalidValue emails: the list is longer than the limit of 1000 elements", ""},
	{"numbers", userType, 1_000_000, func(n int) string { return `{"x":[` + repeat("1", n) + `]}` },
		"invalidSyntax : the number of values is over the limit of 250000", ""},
	{"a long string", userType, 10_000_000, func(n int) string { return `{"title":"` + strings.Repeat("a", n) + `"}` },
		"invalidSyntax title: the length of the value in bytes is over the limit of 8192", ""},
	{"a long string of escapes", userType, 1_600_000, func(n int) string { return `{"title":"` + strings.Repeat(`\u00e9`, n) + `"}` },
		"invalidSyntax title: the length of the value in bytes is over the limit of 8192", ""},
	{"a long unknown string", userType, 10_000_000, func(n int) string { return `{"x":"` + strings.Repeat("a", n) + `"}` },
		"invalidSyntax : the length of a string is over the limit of 65536", ""},
	{"a long name", userType, 10_000_000, func(n int) string { return `{"` + strings.Repeat("a", n) + `":1}` },
		"invalidSyntax : the length of a name is over the limit of 65536", ""},
	{"a long number", userType, 10_000_000, func(n int) string { return `{"x":` + strings.Repeat("1", n) + `}` },
		"invalidSyntax : the length of a number is over the limit of 64", ""},
	{"many names", userType, 1_000_000, func(n int) string { return `{` + names(n, "") + `}` },
		"invalidSyntax : the number of values is over the limit of 250000", ""},
	{"many names in an unknown object", userType, 1_000_000, func(n int) string { return `{"x":{` + names(n, "") + `}}` },
		"invalidSyntax : the number of values is over the limit of 250000", ""},
	{"many names with escapes", userType, 500_000, func(n int) string { return `{` + names(n, `\u00c9`) + `}` },
		"invalidSyntax : the number of values is over the limit of 250000", ""},
	{"equal names", userType, 1_000_000, func(n int) string { return `{"x":{` + repeat(`"a":1`, n) + `}}` },
		"invalidSyntax : at byte 12: the name \"a\" is there twice", "invalidSyntax : at byte 12: the name \"a\" is there twice"},
	{"names equal but for case, at the end", userType, 200_000, func(n int) string { return `{` + names(n, "a") + `,"NA0":1}` },
		"invalidSyntax : the name \"NA0\" is there twice", "invalidSyntax : the name \"NA0\" is there twice"},
	{"long list of distinct elements", groupType, 250_000, func(n int) string { return `{"members":[` + elements(n) + `]}` },
		"invalidValue members: the list is longer than the limit of 20000 elements", ""},
	{"long list of equal elements", groupType, 250_000, func(n int) string { return `{"members":[` + repeat(`{"value":"u1"}`, n) + `]}` },
		"invalidValue members: the list is longer than the limit of 20000 elements", ""},
	{"long list of texts", customType, 250_000, func(n int) string { return `{"texts":[` + repeat(`"a"`, n) + `]}` },
		"invalidValue texts: the list is longer than the limit of 1000 elements", ""},
	{"types of one value", customType, 250_000, func(n int) string { return `{"parts":[` + types(n) + `]}` },
		"invalidValue parts: the list is longer than the limit of 1000 elements", ""},
	{"20,000 members", groupType, 20_000, func(n int) string { return `{"members":[` + elements(n) + `]}` }, "", ""},
	{"20,000 equal short members", groupType, 20_000, func(n int) string { return `{"members":[` + repeat(`{"value":"a"}`, n) + `]}` }, "", ""},
	{"white space", userType, 10_000_000, func(n int) string { return `{"userName":` + strings.Repeat(" ", n) + `"a"}` }, "", ""},
}

func repeat(item string, n int) string { return strings.TrimSuffix(strings.Repeat(item+",", n), ",") }

// series numbers n items, in hexadecimal between before and after.
func series(before, after string, n int) string {
	b := make([]byte, 0, n*(len(before)+len(after)+6))
	for i := range n {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, before...)
		b = strconv.AppendInt(b, int64(i), 16)
		b = append(b, after...)
	}
	return string(b)
}

func names(n int, prefix string) string { return series(`"n`+prefix, `":0`, n) }
func elements(n int) string             { return series(`{"value":"u`, `"}`, n) }
func types(n int) string                { return series(`{"value":"a","type":"t`, `"}`, n) }

// TestBombs reads and refuses them within at most 20 times their own memory,
// and a little more where no limit holds. What grows faster than the document
// would not stay within that.
func TestBombs(t *testing.T) {
	for _, tt := range bombs {
		t.Run(tt.name, func(t *testing.T) {
			body := []byte(tt.text(tt.size))
			explode(t, tt.typ, body, limits, tt.small, 20)
			explode(t, tt.typ, []byte(tt.text(tt.size/10)), Limits{}, tt.free, 24)
			used := allocated(func() { _, _ = Scan(body, limits) })
			if most := 20*uint64(len(body)) + 1000; used > most {
				t.Errorf("Scan allocated %d bytes for %d", used, len(body))
			}
		})
	}
}

// explode reads body, which may cost factor times its memory.
func explode(t *testing.T, typ *model.Type, body []byte, l Limits, want string, factor int) {
	t.Helper()
	for _, unknown := range []UnknownPolicy{IgnoreUnknown, KeepUnknown} {
		var err error
		used := allocated(func() {
			tree := NewTree(typ)
			if err = tree.Parse(body, &Options{Limits: l, Unknown: unknown}); err == nil {
				tree.Doc()
			}
		})
		problem(t, err, want)
		if err != nil {
			wellFormed(t, err)
		}
		if used > uint64(factor*len(body)) {
			t.Errorf("%d bytes allocated for %d, %d times (limits %v)", used, len(body), used/uint64(len(body)), l)
		}
	}
}

// allocated is how many bytes f allocates.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// TestNodeLimit has one value more and one less than allowed, of each kind.
func TestNodeLimit(t *testing.T) {
	for _, body := range []string{
		`{"userName":"a","name":{"givenName":"b"}}`, `{"emails":[{"value":"a"}]}`, `{"x":[1,{}]}`, `{"x":{"y":{"z":1}}}`,
		`{"groups":[1,2]}`, `{"title":null,"emails":[],"x":1}`, `{"emails":[null,null]}`,
	} {
		for nodes, want := range map[int]string{4: "", 3: "invalidSyntax : the number of values is over the limit of 3"} {
			_, err := read(t, userType, body, Options{Limits: Limits{Nodes: nodes}})
			problem(t, err, want)
		}
	}
}
