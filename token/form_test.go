package token

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"regexp"
	"strings"
	"testing"
)

// scanner is the rule that the package comment publishes.
var scanner = regexp.MustCompile(`\b[a-z][a-z0-9]{1,15}(?:_[a-z0-9]{1,15})?_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}\b`)

func mintText(prefix string) string {
	text := prefix + "_" + random(idLen) + "_" + random(secretLen)
	return text + checksum(text)
}

func TestForm(t *testing.T) {
	seen := map[string]bool{}
	for range 1000 {
		text := mintText("acmescim")
		id, ok := Parse(text)
		if !ok || id != text[9:21] || len(text) != 71 || seen[id] {
			t.Fatalf("%s: %q, %v", text, id, ok)
		}
		seen[id] = true
		if got := scanner.FindString("key=" + text + "\n"); got != text {
			t.Fatalf("the scanner's rule found %q in %q", got, text)
		}
	}
}

// TestChecksum: CRC-32 (IEEE) of "123456789" is cbf43926.
func TestChecksum(t *testing.T) {
	if got := checksum("123456789"); got != "3jZrau" {
		n := 0
		for _, c := range got {
			n = n*62 + strings.IndexRune(alphabet, c)
		}
		if n != 0xcbf43926 {
			t.Errorf("%q is %x", got, n)
		}
	}
	if got := checksum(""); got != "000000" {
		t.Errorf("%q", got)
	}
}

func TestParse(t *testing.T) {
	good := mintText("scim")
	resum := func(s string) string { return s[:len(s)-crcLen] + checksum(s[:len(s)-crcLen]) }
	for _, bad := range []string{
		"", "_", "scim", "Bearer", "undefined", "null", good[:len(good)-1], good[1:], good + "a", " " + good, good + "\n",
		strings.Replace(good, "scim_", "", 1), strings.ToUpper(good), strings.Repeat("a", 100), strings.Repeat("_", 71),
		good[:len(good)-crcLen] + "000000",
		resum("_" + good[5:]), resum(strings.Replace(good, "scim", "Scim", 1)), resum(strings.Replace(good, "scim", "1scim", 1)),
		resum(strings.Replace(good, "scim", "s", 1)), resum(strings.Replace(good, "scim", "a_b_c", 1)), resum(strings.Replace(good, "scim", "ab_", 1)),
		resum(strings.Replace(good, "scim", "abcdefghijklmnopq", 1)), resum(strings.Replace(good, "scim", "ab_abcdefghijklmnop", 1)),
		resum(good[:8] + "-" + good[9:]), resum(good[:17] + "-" + good[18:]), resum(good[:30] + "é" + good[32:]), resum(good[:30] + "\x00" + good[31:]),
	} {
		if id, ok := Parse(bad); ok {
			t.Errorf("%q has the id %q", bad, id)
		}
	}
	for _, prefix := range []string{"ab", "scim", "a1", "abcdefghijklmnop", "ab_c", "acme_scim2", "abcdefghijklmnop_abcdefghijklmno"} {
		if _, ok := Parse(mintText(prefix)); !ok {
			t.Errorf("the prefix %q is refused", prefix)
		}
	}
}

func FuzzParse(f *testing.F) {
	good := mintText("scim")
	for _, s := range []string{"", good, good[1:], "acme_" + good, strings.Repeat("_", 71), "a_b_c"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		id, ok := Parse(s)
		if !ok {
			if id != "" {
				t.Fatalf("%q is refused and has the id %q", s, id)
			}
			// What is refused for its checksum only is right with another.
			if n := len(s) - crcLen; n > 0 && scanner.FindString(s) == s && s != "" && checksum(s[:n]) == s[n:] {
				t.Fatalf("%q is refused", s)
			}
			return
		}
		if scanner.FindString(s) != s || len(id) != idLen || !strings.Contains(s, "_"+id+"_") || checksum(s[:len(s)-crcLen]) != s[len(s)-crcLen:] {
			t.Fatalf("%q has the id %q", s, id)
		}
	})
}

// TestSecretHides tries every way in which values reach texts.
func TestSecretHides(t *testing.T) {
	text := mintText("scim")
	type nested struct{ hidden Secret }
	type open struct {
		Secret  Secret
		Pointer *Secret
		Key     Key
	}
	s, key := Secret{&text}, NewKey("k1", []byte(text))
	values := []any{s, &s, nested{s}, &nested{s}, open{s, &s, key}, &open{s, &s, key}, []Secret{s}, map[string]Secret{"a": s}, key, &key, []Key{key},
		Options{Keys: []Key{key}}}
	var out strings.Builder
	for _, v := range values {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%c", "%U", "%e", "%t", "%p", "%o", "%b", "%10.3s", "%w"} {
			n := out.Len()
			fmt.Fprintf(&out, verb+"\n", v)
			if strings.Contains(out.String()[n:], fmt.Sprint([]byte(text))) {
				t.Errorf("%s of a %T", verb, v)
			}
		}
		if b, err := json.Marshal(v); err == nil {
			out.Write(b)
		}
		for _, h := range []slog.Handler{slog.NewJSONHandler(&out, nil), slog.NewTextHandler(&out, nil)} {
			slog.New(h).Info("m", "v", v, slog.Any("w", v), slog.Group("g", "v", v))
		}
	}
	fmt.Fprintln(&out, s.String(), s.GoString())
	hidden := []string{text, text[20:30], fmt.Sprintf("%x", text), fmt.Sprintf("%X", text), fmt.Sprint([]byte(text))}
	for _, h := range hidden {
		if strings.Contains(out.String(), h) {
			t.Errorf("%q got out", h)
		}
	}
	if s.Reveal() != text || (Secret{}).Reveal() != "" {
		t.Error("Reveal")
	}
}
