package scim

import (
	"errors"
	"net/http"

	"github.com/scimkit/scimkit/internal/document"
	"github.com/scimkit/scimkit/internal/model"
)

// modify answers PATCH (RFC 7644 section 3.5.2).
func (rq *request) modify() error {
	p, err := rq.parseParams()
	if err != nil {
		return err
	}
	proj, err := rq.projection(&p)
	if err != nil {
		return err
	}
	_ = proj
	return errors.New("not yet")
}

var _ = http.StatusOK
var _ document.Doc
var _ model.ID
