package schema

import (
	"strings"

	"github.com/scimkit/scimkit/internal/model"
)

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

func isAlnum(c byte) bool { return isLetter(c) || '0' <= c && c <= '9' }

// consistsOf tells whether s has no other characters than those of class and others.
func consistsOf(s string, class func(byte) bool, others string) bool {
	for i := 0; i < len(s); i++ {
		if !class(s[i]) && strings.IndexByte(others, s[i]) < 0 {
			return false
		}
	}
	return true
}

func cutPrefixFold(s, prefix string) (rest string, ok bool) {
	if len(s) < len(prefix) || !model.EqualFold(s[:len(prefix)], prefix) {
		return s, false
	}
	return s[len(prefix):], true
}

// choice writes "a", "b" or "c".
func choice(list []string) string {
	last := len(list) - 1
	return `"` + strings.Join(list[:last], `", "`) + `" or "` + list[last] + `"`
}
