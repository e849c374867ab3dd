package document_test

import (
	"fmt"
	"slices"
	"strings"
)

// verdict is what becomes of a tricky document.
type verdict int

const (
	refused verdict = iota // as JSON decoders that keep to RFC 8259 and RFC 7493 do
	ours                   // refused by a rule of our own: case, U+0000, depth
	fine
)

type tricky struct {
	name, text string
	want       verdict
}

// trickyDocuments are more than 500 documents that JSON decoders disagree
// about, or that would do harm.
func trickyDocuments() []tricky {
	return slices.Concat(trickyBytes(), trickyEscapes(), trickyUTF8(), trickyNumbers(),
		trickyWords(), trickyStructure(), trickyNames(), trickyDepth())
}

func all(want verdict, group string, texts ...string) []tricky {
	var list []tricky
	for i, text := range texts {
		list = append(list, tricky{fmt.Sprintf("%s %d", group, i), text, want})
	}
	return list
}

// trickyBytes has each ASCII character inside and outside of a string.
func trickyBytes() (list []tricky) {
	for c := range 0x80 {
		in := tricky{fmt.Sprintf("in a string 0x%02x", c), `{"x":"a` + string(rune(c)) + `b"}`, fine}
		if c < ' ' || c == '"' || c == '\\' { // "\b" is an escape
			in.want = refused
		}
		if c == '\\' {
			in.want = fine
		}
		out := tricky{fmt.Sprintf("outside 0x%02x", c), `[1` + string(rune(c)) + `]`, refused}
		if strings.ContainsRune(" \t\r\n0123456789", rune(c)) {
			out.want = fine
		}
		list = append(list, in, out)
	}
	return list
}

func trickyEscapes() (list []tricky) {
	for c := ' '; c < 0x7f; c++ {
		want := refused
		if strings.ContainsRune(`"\/bfnrt`, c) {
			want = fine
		}
		list = append(list, tricky{fmt.Sprintf("escape %q", c), `["\` + string(c) + `"]`, want})
	}
	return slices.Concat(list,
		all(fine, "u escape", `["\u0001"]`, `["\u001f"]`, `["\u0022"]`, `["\u005C"]`, `["\u00e9"]`, `["\u00E9"]`,
			`["\ud7ff"]`, `["\uE000"]`, `["\uFFFD"]`, `["\uffff"]`, `["\ud800\udc00"]`, `["\uDBFF\uDFFF"]`,
			`["\ud83d\uDE00x"]`, `{"\u0061":1}`, `["\\u0000"]`),
		all(ours, "NUL", `["\u0000"]`, `["a\u0000b"]`, `{"\u0000":1}`, `{"a":{"b\u0000":[]}}`, `["\\\u0000"]`),
		all(refused, "bad u escape", `["\u"]`, `["\u1"]`, `["\u12"]`, `["\u123"]`, `["\u 123"]`, `["\u+123"]`, `["\u12g4"]`,
			`["\U0041"]`, `["\u{41}"]`, `["\x41"]`, `["\u00`, `["\`, `["\u`, `["\"]`),
		all(refused, "surrogate", `["\ud800"]`, `["\udc00"]`, `["\udfff"]`, `["\ud800x"]`, `["\ud800\n"]`, `["\ud800\u0041"]`,
			`["\ud800\ud800"]`, `["\udc00\ud800"]`, `["\ud800\ud800\udc00"]`, `["\ud800\u"]`, `["\ud800\udc"]`, `{"\ud800":1}`,
			`["\ud800\\udc00"]`, `["\ud800`, `["\ud800\`, `["\ud800\udc0`))
}

func trickyUTF8() (list []tricky) {
	for c := 0x80; c <= 0xff; c++ {
		list = append(list, tricky{fmt.Sprintf("lone byte 0x%02x", c), "[\"a" + string([]byte{byte(c)}) + "b\"]", refused})
	}
	bad := []string{
		"\xc0\x80", "\xc1\xbf", "\xe0\x80\x80", "\xe0\x9f\xbf", "\xf0\x80\x80\x80", "\xf0\x8f\xbf\xbf", // overlong
		"\xc0\xaf", "\xe0\x80\xaf", "\xf0\x80\x80\xaf", "\xf8\x88\x80\x80\x80", "\xfc\x84\x80\x80\x80\x80",
		"\xed\xa0\x80", "\xed\xaf\xbf", "\xed\xb0\x80", "\xed\xbf\xbf", "\xed\xa0\xbd\xed\xb8\x80", // surrogates
		"\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xf7\xbf\xbf\xbf", "\xfe\xff", "\xff\xfe", // beyond U+10FFFF
		"\xc3", "\xe2\x82", "\xf0\x9f\x98", "\xc3\xc3\xa9", "\xe2\x28\xa1", "\xf0\x28\x8c\xbc", "\xf0\x90\x28\xbc", // cut short
		"é\x80", "\x80é", "abcdefg\xff", "abcdefgh\xff", "é\xe2\x82é",
	}
	good := []string{
		"\u007f", "\u0080", "\u07ff", "\u0800", "\ud7ff", "\ue000", "\uffff", "\U00010000", "\U0010ffff", "\ufffd", "\ufeff",
		"\ufdd0", "\u2028", "\u200b", "\u202e", "é", "e\u0301", "日本語", "😀", "İstanbul", "ﬁre", "abcdefgé", "abcdefghé",
	}
	for _, s := range bad {
		list = append(list, all(refused, "bad UTF-8", `["`+s+`"]`, `{"`+s+`":1}`, `[`+s+`]`, `["`+s)...)
	}
	for _, s := range good {
		list = append(list, all(fine, "good UTF-8", `["`+s+`"]`, `{"`+s+`":1}`)...)
		list = append(list, all(refused, "bare UTF-8", `[1`+s+`]`)...)
	}
	return list
}

func trickyNumbers() []tricky {
	return slices.Concat(
		all(fine, "number", "0", "-0", "1", "-1", "10", "0.0", "-0.0", "0.10", "1e1", "1E1", "1e+1", "1e-1", "1.5e10", "0e0", "0e-0",
			"9223372036854775807", "9223372036854775808", "-9223372036854775809", "1e400", "-1e-400", "1e99999999999999999999",
			strings.Repeat("9", 400), "0."+strings.Repeat("0", 400)+"1", "[0,-0]", " 1 ", "1\n"),
		all(refused, "not a number", "", "-", "+", "+1", "01", "-01", "00", "1.", ".1", "-.1", "1.e1", "1e", "1e+", "1e-", "1e1.5", "1..2",
			"0x10", "0b1", "0o7", "1_000", "1,000", "--1", "1-", "1+1", "NaN", "-NaN", "Infinity", "-Infinity", "inf", "1f", "1L", "1 2",
			"１", "½", "1e１", "0e", "-e1", "1e1e1", "0.1.2", "1.0E+", "'1'", "$1"))
}

func trickyWords() []tricky {
	return slices.Concat(
		all(fine, "word", "true", "false", "null", "[true,false,null]", " null ", "\t\r\n true"),
		all(refused, "no word", "t", "tr", "tru", "truee", "True", "TRUE", "f", "fals", "False", "falsee", "n", "nul", "nulll", "Null", "NULL",
			"nil", "None", "undefined", "yes", "no", "on", "true false", "true,", "truefalse", "nullnull", "null1", "1null", "true\"x\"",
			"\"x\"true", "x", "[true", "[truex]", "[nul]", "tru\xc3\xa9"))
}

func trickyStructure() []tricky {
	return slices.Concat(
		all(fine, "structure", "{}", "[]", `""`, "[[]]", "[{}]", `{"a":{}}`, `{"":1}`, "\t\n\r {\t\"a\"\n:\r1 } ", `[1,"2",null,[],{}]`,
			`{"a":[{"b":[{"c":1}]}]}`, `{"a":1,"b":{"a":1,"b":{"a":1}}}`, `[{"a":1},{"a":1}]`),
		all(refused, "structure", " ", "\t\n", "{", "}", "[", "]", "{]", "[}", "[[]", "[]]", "{}}", "{{}}", "[,]", "[1,]", "[,1]", "[1,,2]", "[1 2]",
			"{,}", `{"a"}`, `{"a":}`, `{"a":1,}`, `{,"a":1}`, `{"a":1,,"b":2}`, `{"a":1 "b":2}`, `{"a" 1}`, `{"a"::1}`, `{"a":1:2}`, `{:1}`,
			"{a:1}", "{'a':1}", "{1:1}", "{null:1}", "{true:1}", "{[]:1}", "{{}:1}", `["a"`, `["a",`, `{"a":1`, `{"a":`, `{"a"`, `{"`, `"`, `"a`, `'a'`,
			"`a`", `["a]`, `["a"b]`, `["a"'b']`, `[a]`, `["a" "b"]`, "[1;2]", "(1)", "<a/>", "a=1&b=2", "--- a", "%7B%7D"),
		all(refused, "comment", "// a\n1", "/* a */1", "1//a", "[1/*a*/]", "# a\n1", "1#", `{"a":1/**/}`, "<!-- -->1"),
		all(refused, "trailing data", "{}{}", "{} {}", "[][]", "1 1", `"" ""`, "{}x", "{}\x00", "[]\x00", "{},", "[],1", "{}\xff", "{}\ufeff", "{}\n{}", "{};",
			"{}]", "null,", "{}\x1a", "{}\x04", `{}"`, `{}//`),
		all(refused, "white space", "\f1", "\v1", "\u00a01", "\u20281", "\u30001", "1\f", "[1,\v2]", "{\u00a0}", "\x001", "1\x00", "\u200b1", "\u00851"),
		all(refused, "byte order mark", "\ufeff{}", "\ufeff1", "\xef\xbb{}", "\xfe\xff\x00{\x00}", "\xff\xfe{\x00}\x00", "\x00\x00\xfe\xff", "{\ufeff}", "\ufeff"),
		all(refused, "UTF-16", "{\x00}\x00", "\x00{\x00}", "[\x001\x00]\x00"))
}

func trickyNames() []tricky {
	return slices.Concat(
		all(refused, "twice", `{"a":1,"a":1}`, `{"a":1,"a":2}`, `{"a":1,"b":2,"a":3}`, `{"":1,"":2}`, `{"a":1,"\u0061":2}`, `{"\u0061":1,"a":2}`,
			`{"a\n":1,"a\u000a":2}`, `{"x":{"a":1,"a":1}}`, `[{"a":1,"a":1}]`, `{"\/":1,"/":2}`, `{"é":1,"\u00e9":2}`, `{"😀":1,"\ud83d\ude00":2}`,
			`{"active":false,"active":true}`, `{"userName":"a","userName":"b"}`, `{"a":{},"a":{}}`, `{"a":null,"a":1}`, many(40, `"n7":1`)),
		all(ours, "twice but for case", `{"a":1,"A":2}`, `{"active":false,"Active":true}`, `{"userName":"a","USERNAME":"b"}`, `{"x":[{"a":1,"A":1}]}`,
			`{"É":1,"é":2}`, `{"σ":1,"ς":2}`, `{"Σ":1,"ς":2}`, `{"µ":1,"μ":2}`, `{"k":1,"\u212a":2}`, "{\"K\":1,\"\u212a\":2}", `{"s":1,"ſ":2}`, `{"S":1,"\u017f":2}`,
			`{"schemas":[],"ſchemas":[]}`, `{"ſchemas":[],"schemas":[]}`, `{"nickName":"a","nic\u212aName":"b"}`, "{\"nic\u212aName\":1,\"NICKNAME\":2}",
			`{"A\u0042":1,"ab":2}`, `{"Я":1,"я":2}`, `{"ǅ":1,"ǆ":2}`, many(40, `"N7":1`), many(40, `"x\u212a":1,"xk":1`)),
		all(fine, "not twice", `{"a":1,"a ":2}`, `{"e\u0301":1,"é":2}`, `{"ss":1,"ß":2}`, `{"İ":1,"i":2}`, `{"i̇":1,"İ":2}`, `{"ı":1,"i":2}`, `{"ﬁ":1,"fi":2}`, `{"a":1,"ａ":2}`,
			`{"a":{"a":{"a":1}}}`, `{"a":"a","b":"a"}`, "{\"\u212a\":1}", `{"ſchemas":[]}`, `{"l":1,"I":2}`, `{"o":1,"0":2}`, `{"а":1,"a":2}`, many(40, `"n41":1`), many(300, `"x":1`)))
}

// many is an object of n names and more.
func many(n int, more string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `"n%d":%d,`, i, i)
	}
	return "{" + b.String() + more + "}"
}

func trickyDepth() []tricky {
	nest := func(open, inside, closing string, n int) string {
		return strings.Repeat(open, n) + inside + strings.Repeat(closing, n)
	}
	return slices.Concat(
		all(fine, "deep", nest("[", "", "]", 1000), nest("[", "1", "]", 999), nest(`{"a":`, "1", "}", 1000), nest(`[{"a":`, "1", "}]", 500)),
		all(ours, "too deep", nest("[", "", "]", 1001), nest("[", "", "]", 9000), nest(`{"a":`, "1", "}", 1001), nest(`[{"a":`, "1", "}]", 501)),
		all(refused, "too deep for anyone", nest("[", "", "]", 100_000), strings.Repeat("[", 1_000_000), strings.Repeat(`{"a":`, 200_000), strings.Repeat(`[{"":`, 200_000)))
}
