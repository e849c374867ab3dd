package filter

import (
	"sync"
	"unicode/utf8"

	"github.com/scimkit/scimkit/internal/identity"
)

// foldTable has the comparison keys of the Latin, Greek and Cyrillic letters
// whose keys do not depend on what stands beside them: all up to U+052F but the
// combining marks. Most names that are not ASCII are made of these, and so
// need no look at Unicode's rules.
var foldTable = sync.OnceValue(func() *[foldLimit]string {
	var table [foldLimit]string
	for r := range rune(foldLimit) {
		if r < 0x300 || 0x370 <= r && r < 0x483 || r >= 0x48A {
			table[r] = identity.Key(string(r))
		}
	}
	return &table
})

const foldLimit = 0x530

// appendKey is identity.AppendKey, which allocates only for characters that
// are not in the table.
func appendKey(dst, s []byte) []byte {
	table, start := foldTable(), len(dst)
	for rest := s; len(rest) > 0; {
		r, n := utf8.DecodeRune(rest)
		if r >= foldLimit || table[r] == "" {
			return identity.AppendKey(dst[:start], s)
		}
		dst = append(dst, table[r]...)
		rest = rest[n:]
	}
	return dst
}
