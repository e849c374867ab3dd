package scim

import (
	"io"
	"strings"

	"github.com/scimkit/scimkit/internal/document"
)

// scratch is memory that requests use one after the other.
type scratch struct {
	body []byte
	out  []byte
	base []byte // the base URL as the begin of a JSON string
	tree document.Tree
	text strings.Builder

	writer  writer
	limited io.LimitedReader
	options document.Options
}

const (
	maxKeep   = 1 << 20 // scratch memory larger than this is not kept
	textChunk = 4 << 10
)

// take gets scratch memory; give returns it.
func (s *Server) take() *scratch { return s.scratch.Get().(*scratch) }

func (s *Server) give(sc *scratch) {
	if max(cap(sc.body), cap(sc.out), cap(sc.base), sc.text.Cap(), sc.tree.Size()) <= maxKeep {
		sc.writer, sc.limited, sc.options = writer{}, io.LimitedReader{}, document.Options{}
		s.scratch.Put(sc)
	}
}

// join gives the parts as one string. The strings of many requests share a
// chunk of memory; nothing is written twice, so that they stay as they are.
func (sc *scratch) join(parts ...string) string {
	n := 0
	for _, p := range parts {
		n += len(p)
	}
	start := sc.room(n)
	for _, p := range parts {
		sc.text.WriteString(p)
	}
	return sc.text.String()[start:]
}

// room makes place for n bytes of text and tells where they begin.
func (sc *scratch) room(n int) int {
	if sc.text.Cap()-sc.text.Len() < n {
		sc.text.Reset()
		sc.text.Grow(max(n, textChunk))
	}
	return sc.text.Len()
}
