package identity

import (
	"errors"
	"fmt"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/secure/precis"
	"golang.org/x/text/unicode/norm"
)

var profile = precis.NewFreeform(precis.FoldWidth, precis.FoldCase(), precis.Norm(norm.NFC), precis.DisallowEmpty)

// CheckUserName tells why s cannot be a userName: it is empty, begins or ends
// with a space, or has a character that nobody sees or that the PRECIS Freeform
// class (RFC 8264 section 4.3) refuses: controls, format and bidi characters,
// U+FFFD, private and unassigned code points. The error names the first such
// character and is fit for a client's eyes.
func CheckUserName(s string) error {
	if s == "" {
		return errors.New("is empty")
	}
	if isPlain(s) && s[0] != ' ' && s[len(s)-1] != ' ' {
		return nil
	}
	if !utf8.ValidString(s) {
		return errors.New("is not valid UTF-8")
	}
	if first, _ := utf8.DecodeRuneInString(s); unicode.IsSpace(first) {
		return errors.New("begins with a space")
	}
	if last, _ := utf8.DecodeLastRuneInString(s); unicode.IsSpace(last) {
		return errors.New("ends with a space")
	}
	for _, r := range s {
		if kind := refused(r); kind != "" {
			return fmt.Errorf("has the %s %U", kind, r)
		}
	}
	return checkProfile(s)
}

func refused(r rune) string {
	switch {
	case r == utf8.RuneError:
		return "replacement character"
	case unicode.Is(unicode.Cc, r):
		return "control character"
	case unicode.Is(unicode.Bidi_Control, r):
		return "bidirectional control"
	case unicode.Is(unicode.Cf, r), r == '\u2028', r == '\u2029':
		return "invisible format character"
	case unicode.Is(unicode.Co, r):
		return "private-use character"
	}
	return ""
}

// checkProfile leaves the rest to PRECIS: unassigned code points, old Hangul
// Jamo, characters that are allowed in some contexts only.
func checkProfile(s string) error {
	if isPlain(s) {
		return nil
	}
	if _, err := profile.String(s); err == nil {
		return nil
	}
	for _, r := range s {
		if _, err := profile.String(string(r)); err != nil {
			return fmt.Errorf("has the character %U, which PRECIS (RFC 8264) does not allow here", r)
		}
	}
	return errors.New("has characters that PRECIS (RFC 8264) does not allow together")
}

// isPlain knows what PRECIS says of visible ASCII, without asking.
func isPlain(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}
