package filter_test

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/scimkit/scimkit/filter"
)

func TestParse(t *testing.T) {
	tests := []struct{ in, want string }{
		{`userName eq "bjensen"`, `userName eq "bjensen"`},
		{`userName EQ "bjensen"`, `userName eq "bjensen"`},
		{`title PR`, `title pr`},
		{`a ne 1`, `a ne 1`}, {`a co ""`, `a co ""`}, {`a sw "x"`, `a sw "x"`}, {`a ew "x"`, `a ew "x"`},
		{`a gt -1.50E+3`, `a gt -1.50E+3`}, {`a ge 0`, `a ge 0`}, {`a lt true`, `a lt true`}, {`a le null`, `a le null`},
		{`a pr or b pr and c pr`, `a pr or b pr and c pr`},
		{`(a pr or b pr) and c pr`, `(a pr or b pr) and c pr`},
		{`(a pr and b pr) and c pr`, `a pr and b pr and c pr`},
		{`a pr or (b pr or (c pr))`, `a pr or b pr or c pr`},
		{`NOT(a pr) AND not  ( b pr )`, `not (a pr) and not (b pr)`},
		{`not (not (a pr))`, `not (not (a pr))`},
		{`not pr`, `not pr`}, {`and eq "or"`, `and eq "or"`}, {`true eq true`, `true eq true`},
		{`  a   pr  and  b  eq   1 `, `a pr and b eq 1`},
		{`emails [ type eq "work" and ( value co "@x" or primary eq true ) ]`, `emails[type eq "work" and (value co "@x" or primary eq true)]`},
		{`members[$ref eq "x"]`, `members[$ref eq "x"]`},
		{`name.familyName co "O'Malley"`, `name.familyName co "O'Malley"`},
		{`urn:ietf:params:scim:schemas:core:2.0:User:name.givenName pr`, `urn:ietf:params:scim:schemas:core:2.0:User:name.givenName pr`},
		{`http://example.com/s/1.0:a-b_c$1 pr`, `http://example.com/s/1.0:a-b_c$1 pr`},
		{`a eq "\u00dc\uD83D\uDE00\/\"\\\b\f\n\r\t"`, `a eq "Ü😀/\"\\\b\f\n\r\t"`},
		{`a eq "and ) ] \" or"`, `a eq "and ) ] \" or"`},
	}
	for _, test := range tests {
		e, err := filter.Parse(test.in)
		if err != nil {
			t.Errorf("%s: %v", test.in, err)
			continue
		}
		if got := e.String(); got != test.want {
			t.Errorf("%s: printed as %s, want %s", test.in, got, test.want)
		}
		if again, err := filter.Parse(e.String()); err != nil || again.String() != e.String() {
			t.Errorf("%s: printing and parsing again gives %v, %v", test.in, again, err)
		}
	}
}

func TestParseErrors(t *testing.T) {
	tests := []struct {
		in     string
		offset int
		msg    string
	}{
		{``, 0, "the filter is empty"},
		{`   `, 3, "the filter is empty"},
		{`userName`, 8, "an operator is expected"},
		{`userName `, 9, "an operator is expected"},
		{`userName eq`, 11, `a value is expected behind "eq"`},
		{`userName eq"x"`, 11, "a blank and a value are expected"},
		{`eq "x"`, 3, "an operator is expected"},
		{`userName regex "x"`, 9, `operator "regex" is not supported`},
		{`userName ǝq "x"`, 9, `operator "ǝq" is not supported`},
		{`userName eq 'bjensen'`, 12, "strings are written in double quotes"},
		{`userName eq bjensen`, 12, `"bjensen" is no value; strings are written in double quotes`},
		{`userName eq True`, 12, `"True" is no value`},
		{`userName eq 01`, 12, `"01" is no value`},
		{`userName eq 1.`, 12, `"1." is no value`},
		{`userName eq .5`, 12, `".5" is no value`},
		{`userName eq 1e`, 12, `"1e" is no value`},
		{`userName eq +1`, 12, `"+1" is no value`},
		{`userName eq "bjensen`, 12, "the string is not closed"},
		{`userName eq "\`, 13, "no escape of JSON"},
		{`userName eq "a\q"`, 14, "no escape of JSON"},
		{`userName eq "\u12"`, 13, "four hexadecimal digits"},
		{`userName eq "\u0000"`, 13, "U+0000"},
		{`userName eq "\ud800"`, 13, "lone surrogate"},
		{`userName eq "\ud800\u0041"`, 13, "lone surrogate"},
		{`userName eq "\udc00"`, 13, "lone surrogate"},
		{"userName eq \"a\x00\"", 14, "control character"},
		{"userName eq \"a\\n\x01\"", 16, "control character"},
		{"userName eq \"\xff\"", 13, "not valid UTF-8"},
		{"userName eq \"\\n\xff\"", 15, "not valid UTF-8"},
		{`userName eq "a"b`, 15, "a blank is expected behind a value"},
		{`(userName eq "x"`, 0, "the parenthesis is not closed"},
		{`userName eq "x")`, 15, "the parenthesis was never opened"},
		{`a[b pr`, 1, "the bracket is not closed"},
		{`a pr]`, 4, "the bracket was never opened"},
		{`(a pr]`, 5, "the bracket was never opened"},
		{`a[b pr)`, 6, "the parenthesis was never opened"},
		{`a[]`, 2, "the brackets are empty"},
		{`a[b[c pr]]`, 3, "brackets must not stand inside brackets"},
		{`a[b pr and c[d pr]]`, 12, "brackets must not stand inside brackets"},
		{`a[b pr].c eq "x"`, 7, "put the condition into the brackets: a[… and …]"},
		{`a pr and`, 5, `"and" must have a blank and an expression behind it`},
		{`a pr and `, 9, "an attribute name is expected"},
		{`a pr and(b pr)`, 5, `"and" must have a blank`},
		{`a pr b pr`, 5, `"and", "or" or the end is expected, not "b"`},
		{`a pr "x"`, 5, `"and", "or" or the end is expected, not "\""`},
		{`not a pr`, 4, `"not" must be followed by a filter in parentheses`},
		{`not`, 3, "an operator is expected"},
		{`()`, 1, "an attribute name is expected"},
		{`1a pr`, 0, `"1a" is no attribute name`},
		{`a..b pr`, 0, "more than one sub-attribute"},
		{`a. pr`, 2, "an attribute name is expected"},
		{`.a pr`, 0, "an attribute name is expected"},
		{`$ pr`, 0, "an attribute name is expected"},
		{`a.b.c pr`, 0, `"a.b.c" has more than one sub-attribute`},
		{`a:b pr`, 0, `"a" is no schema URI`},
		{`urn:x: pr`, 6, "an attribute name is expected"},
		{"a\tpr", 1, "must not have the character"},
		{"ä pr", 0, "must not have the character"},
		{"\x00", 0, "must not have the character"},
	}
	for _, test := range tests {
		e, err := filter.Parse(test.in)
		var syntax *filter.SyntaxError
		if !errors.As(err, &syntax) {
			t.Errorf("%q: got %v, %v; want a SyntaxError", test.in, e, err)
			continue
		}
		if syntax.Offset != test.offset || !strings.Contains(syntax.Msg, test.msg) {
			t.Errorf("%q: %v, want %q at byte %d", test.in, err, test.msg, test.offset)
		}
	}
}

func TestParsePath(t *testing.T) {
	tests := []struct {
		in   string
		want filter.Path
	}{
		{`members`, filter.Path{Attr: filter.AttrPath{Name: "members"}}},
		{`name.familyName`, filter.Path{Attr: filter.AttrPath{Name: "name", Sub: "familyName"}}},
		{`urn:x:y:User:a.b`, filter.Path{Attr: filter.AttrPath{URN: "urn:x:y:User", Name: "a", Sub: "b"}}},
		{`urn:x:y:User`, filter.Path{Attr: filter.AttrPath{URN: "urn:x:y", Name: "User"}}},
		{`urn:x:y:1.0`, filter.Path{Attr: filter.AttrPath{URN: "urn:x:y:1.0"}}},
	}
	for _, test := range tests {
		got, err := filter.ParsePath(test.in)
		if err != nil || got != test.want || got.String() != test.in {
			t.Errorf("%s: %#v, %v", test.in, got, err)
		}
	}
	p, err := filter.ParsePath(`addresses [type EQ "work"].streetAddress`)
	if err != nil || p.Attr.Name != "addresses" || p.Filter.String() != `type eq "work"` || p.Sub != "streetAddress" {
		t.Errorf("%#v, %v", p, err)
	}
	if want := `addresses[type eq "work"].streetAddress`; p.String() != want {
		t.Errorf("printed as %s, want %s", p, want)
	}
}

func TestParsePathErrors(t *testing.T) {
	for in, msg := range map[string]string{
		``:                       "the path is empty",
		`emails[0].value`:        "no array index",
		`a[b pr].`:               "an attribute name is expected",
		`a[b pr].c.d`:            `"c.d" is no attribute name`,
		`a[b pr].c[d pr]`:        "goes on with",
		`a[b pr]c`:               "goes on with",
		`userName eq "x"`:        `goes on with "eq"`,
		`a[b pr] and c`:          "goes on with",
		`a[b[c pr]]`:             "brackets must not stand inside brackets",
		`/active`:                `"/active" is no attribute name`,
		`..`:                     "an attribute name is expected",
		`urn:x:1..`:              `"1" is no attribute name`,
		"members[value eq \"a\\": "no escape",
	} {
		p, err := filter.ParsePath(in)
		var syntax *filter.SyntaxError
		if !errors.As(err, &syntax) || !strings.Contains(syntax.Msg, msg) {
			t.Errorf("%q: got %v, %v; want %q", in, p, err, msg)
		}
	}
}

func TestLimits(t *testing.T) {
	long := filter.Parser{Limits: filter.Limits{Bytes: 1 << 20, Terms: 1000}}
	terms := func(n int) string { return strings.Repeat("a pr or ", n-1) + "a pr" }
	nested := func(n int) string { return strings.Repeat("(", n) + "a pr" + strings.Repeat(")", n) }
	tests := []struct {
		name string
		p    filter.Parser
		in   string
		msg  string
	}{
		{"500 terms", filter.Parser{}, terms(500), ""},
		{"501 terms", filter.Parser{}, terms(501), "more comparisons than the limit of 500"},
		{"1000 terms", long, terms(1000), ""},
		{"depth 32", filter.Parser{}, nested(32), ""},
		{"depth 33", filter.Parser{}, nested(33), "nested deeper than the limit of 32"},
		{"depth is never over 1000", filter.Parser{Limits: filter.Limits{Depth: 1 << 30}}, nested(1001), "nested deeper than the limit of 1000"},
		{"8192 bytes", filter.Parser{}, "a pr" + strings.Repeat(" ", 8188), ""},
		{"8193 bytes", filter.Parser{}, "a pr" + strings.Repeat(" ", 8189), "longer than the limit of 8192 bytes"},
		{"1024 bytes in a string", filter.Parser{}, `a eq "` + strings.Repeat("x", 1024) + `"`, ""},
		{"1025 bytes in a string", filter.Parser{}, `a eq "` + strings.Repeat("x", 1025) + `"`, "longer than the limit of 1024 bytes"},
		{"1024 escapes", filter.Parser{}, `a eq "` + strings.Repeat(`\u0041`, 1024) + `"`, ""},
		{"1025 escapes", filter.Parser{}, `a eq "` + strings.Repeat(`\u0041`, 1026) + `"`, "longer than the limit of 1024 bytes"},
		{"a number of 1025 digits", filter.Parser{}, `a eq ` + strings.Repeat("1", 1025), "longer than the limit of 1024 bytes"},
	}
	for _, test := range tests {
		_, err := test.p.Parse(test.in)
		if test.msg == "" && err != nil || test.msg != "" && (err == nil || !strings.Contains(err.Error(), test.msg)) {
			t.Errorf("%s: got %v, want %q", test.name, err, test.msg)
		}
	}
}

// hostile are texts that cost a careless parser much. They come twice: as they
// are, and with a limit of bytes that lets them in.
func hostile() map[string]string {
	const m = 1_000_000
	return map[string]string{
		"1M parentheses":     strings.Repeat("(", m),
		"1M not (":           strings.Repeat("not (", m),
		"100k and":           strings.Repeat("a pr and ", 100_000) + "a pr",
		"100k or":            strings.Repeat("a pr or ", 100_000) + "a pr",
		"100k dots":          strings.Repeat("a.", 100_000) + "a pr",
		"100k colons":        strings.Repeat("a:", 100_000) + "a pr",
		"1M brackets":        strings.Repeat("a[", m),
		"1M open brackets":   strings.Repeat("[", m),
		"1M quotes":          strings.Repeat(`"`, m),
		"1M escapes":         `a eq "` + strings.Repeat(`\\`, m),
		"1M half escapes":    `a eq "` + strings.Repeat(`\ud800`, m),
		"1M bytes of string": `a eq "` + strings.Repeat("x", m) + `"`,
		"1M bytes of word":   `a eq ` + strings.Repeat("x", m),
		"1M digits":          `a eq ` + strings.Repeat("9", m),
		"1M blanks":          "a pr" + strings.Repeat(" ", m) + ")",
		"1M bytes of name":   strings.Repeat("a", m) + " pr",
		"1M bytes of op":     "a " + strings.Repeat("q", m) + ` "x"`,
		"1M invalid bytes":   strings.Repeat("\xff", m),
	}
}

func TestHostileFilters(t *testing.T) {
	worst := map[string]string{
		"500 long terms":     strings.Repeat(`aaaa eq "b" or `, 499) + `a eq "b"`,
		"500 escaped terms":  strings.Repeat(`a eq "\n" and `, 499) + `a eq "b"`,
		"nested at the cap":  strings.Repeat("not (", 32) + strings.Repeat("a pr and ", 499) + "a pr" + strings.Repeat(")", 32),
		"escapes at the cap": `a eq "` + strings.Repeat(`\u0041`, 1024) + `"`,
	}
	for name, text := range hostile() {
		worst[name] = text
		if len(text) > 8192 {
			worst[name+", first 8192"] = text[:8192]
		}
	}
	most := 2 * time.Millisecond
	if race {
		most *= 20
	}
	for name, text := range worst {
		best, bytes := cost(func() {
			_, _ = filter.Parse(text)
			_, _ = filter.ParsePath(text)
		})
		if best > most || bytes > 2<<20 {
			t.Errorf("%s: filter and path cost %v and %d bytes, want at most 1 ms and 1 MB each", name, best, bytes)
		}
	}
}

func TestHostileFiltersWithoutByteLimit(t *testing.T) {
	p := filter.Parser{Limits: filter.Limits{Bytes: 1 << 30}}
	for name, text := range hostile() {
		if _, err := p.Parse(text); err != nil && len(err.Error()) > 400 {
			t.Errorf("%s: the message has %d bytes", name, len(err.Error()))
		}
		if _, bytes := cost(func() { _, _ = p.Parse(text) }); bytes > 1<<20 {
			t.Errorf("%s: %d bytes, want at most 1 MB", name, bytes)
		}
	}
}

// cost measures the least time of some runs and the memory of one.
func cost(f func()) (best time.Duration, bytes uint64) {
	best = time.Hour
	var before, after runtime.MemStats
	for range 5 {
		runtime.ReadMemStats(&before)
		start := time.Now()
		f()
		best = min(best, time.Since(start))
		runtime.ReadMemStats(&after)
		bytes = after.TotalAlloc - before.TotalAlloc
	}
	return best, bytes
}

func TestParserIsReusable(t *testing.T) {
	var p filter.Parser
	for i := range 3 {
		text := fmt.Sprintf(`(a eq %d)`, i)
		if e, err := p.Parse(text); err != nil || e.String() != text[1:len(text)-1] {
			t.Errorf("%s: %v, %v", text, e, err)
		}
	}
}
