package token

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	maxName  = 100 // characters
	maxActor = 255 // characters
)

// ValidName tells whether a token may have this name: up to 100 characters in
// any script, without control characters.
func ValidName(name string) bool {
	return utf8.ValidString(name) && utf8.RuneCountInString(name) <= maxName &&
		!strings.ContainsFunc(name, func(r rune) bool { return !inText(r) })
}

// inText tells whether a character may be in what people read: it is printed, is
// any space, joins letters and emoji, or is a tag of an emoji flag. That leaves
// out what ends lines or turns the direction.
func inText(r rune) bool {
	return unicode.IsPrint(r) || unicode.Is(unicode.Zs, r) || unicode.Is(unicode.Join_Control, r) || 0xe0020 <= r && r <= 0xe007f
}

// cleanActor is the name of who made a change as it is stored. It comes from the
// host's directory, and no change fails for how somebody is called there.
func cleanActor(name string) string {
	chars := []rune(strings.Map(func(r rune) rune {
		if inText(r) {
			return r
		}
		return utf8.RuneError
	}, name))
	if len(chars) > maxActor {
		chars = append(chars[:maxActor-1], '…')
	}
	return string(chars)
}

// printable tells whether s is text without control characters and with no
// space but the usual one.
func printable(s string) bool {
	for _, r := range s {
		if !unicode.IsPrint(r) {
			return false
		}
	}
	return utf8.ValidString(s)
}
