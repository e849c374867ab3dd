package document

import (
	"bytes"

	"github.com/scimkit/scimkit/internal/model"
	"github.com/scimkit/scimkit/internal/quirk"
)

// unknownMember deals with a member that the schema does not have.
func (p *parser) unknownMember(n Node, name []byte) *Error {
	switch p.o.Unknown {
	case RejectUnknown:
		return &Error{InvalidSyntax, p.t.Attr(n).Path, "the schema has no attribute " + quote(name)}
	case IgnoreUnknown:
		p.o.Log.Note(quirk.UnknownAttribute)
		return p.any()
	}
	at := len(p.t.buf)
	p.t.buf = append(AppendString(p.t.buf, name), ':')
	start := p.pos
	if err := p.any(); err != nil {
		return err
	}
	text := len(p.t.buf)
	p.t.buf = appendCompact(p.t.buf, p.src[start:p.pos])
	switch string(p.t.buf[text:]) {
	case "null", "[]", "{}":
		p.t.buf = p.t.buf[:at]
		return nil
	}
	p.o.Log.Note(quirk.UnknownAttribute)
	p.t.Append(n, p.t.addLeaf(model.None, String, at, len(p.t.buf)))
	return nil
}

// appendCompact writes checked JSON of unknown shape without white space and
// needless escapes.
func appendCompact(dst, text []byte) []byte {
	var buf []byte
	for i := 0; i < len(text); {
		if text[i] != '"' {
			if text[i] > ' ' {
				dst = append(dst, text[i])
			}
			i++
			continue
		}
		end := skipString(text, i)
		if s := text[i:end]; bytes.IndexByte(s, '\\') < 0 {
			dst = append(dst, s...)
		} else {
			buf = unescape(buf[:0], s[1:len(s)-1])
			dst = AppendString(dst, buf)
		}
		i = end
	}
	return dst
}
