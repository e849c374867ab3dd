package filter

import "fmt"

// Limits bound what a filter may cost. They are checked while the text is
// read, so that no input takes more time or memory than they allow. A zero
// field stands for the default.
type Limits struct {
	Bytes   int // length of the text; 8192
	Depth   int // nested parentheses and brackets; 32, and never more than 1000
	Terms   int // comparisons; 500
	Literal int // bytes of one string or number; 1024
}

const maxDepth = 1000

func (l Limits) withDefaults() Limits {
	set := func(v *int, value int) {
		if *v <= 0 {
			*v = value
		}
	}
	set(&l.Bytes, 8192)
	set(&l.Depth, 32)
	set(&l.Terms, 500)
	set(&l.Literal, 1024)
	l.Depth = min(l.Depth, maxDepth)
	return l
}

// A SyntaxError tells where and why a text is no filter, or no PATCH path. The
// answer to the client is 400 invalidFilter or invalidPath (RFC 7644 table 9).
type SyntaxError struct {
	Offset int    // byte offset into the text
	Msg    string // one sentence for the client
}

func (e *SyntaxError) Error() string { return fmt.Sprintf("at byte %d: %s", e.Offset, e.Msg) }
