package scim

import (
	"net/http"
)

// delete answers DELETE (RFC 7644 section 3.6).
func (rq *request) delete() error {
	err := rq.handler.Delete(rq, rq.rt.id, func(r *Resource) error {
		old, err := rq.checked(r)
		if err != nil {
			return err
		}
		return rq.checkMatch(old)
	})
	if err != nil {
		return err
	}
	rq.sendNothing()
	return nil
}

func (rq *request) sendNothing() {
	rq.writeHeader(http.StatusNoContent)
}
