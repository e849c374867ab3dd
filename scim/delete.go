package scim

import (
	"errors"
	"net/http"
)

// delete answers DELETE (RFC 7644 section 3.6).
func (rq *request) delete() error {
	var v verdict
	check := v.whole(func(r *Resource) error {
		old, err := rq.checked(r)
		if err != nil {
			return err
		}
		return rq.checkMatch(old)
	})
	_, err := v.of(func() (*Resource, error) { return nil, rq.handler.Delete(rq, rq.rt.id, check) })
	switch {
	case err == nil && !v.called:
		err = errors.New("the handler did not call check")
	case err == nil:
		err = v.err
	}
	if err != nil {
		return err
	}
	rq.sendNothing()
	return nil
}

func (rq *request) sendNothing() {
	rq.writeHeader(http.StatusNoContent)
}
