package memstore

import (
	"github.com/scimkit/scimkit/internal/document"
	"github.com/scimkit/scimkit/internal/model"
)

// bare gives what a record keeps of d: all but the lists and the secrets.
func (h *table) bare(d *document.Doc) *document.Doc {
	for _, a := range []*model.Attr{h.members, h.groups} {
		if a != nil {
			d = d.Without(a.ID)
		}
	}
	d = d.Public()
	if slack := cap(d.Bytes()) - len(d.Bytes()); slack > len(d.Bytes())/8 {
		d = d.With(model.IDAttr, idOf(d).Raw())
	}
	return d
}
