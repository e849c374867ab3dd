package scim

import (
	"net/http"
	"strings"
	"time"

	"github.com/scimkit/scimkit/internal/document"
	"github.com/scimkit/scimkit/internal/model"
)

// options are how the body of a request is read.
func (rq *request) options() *document.Options {
	rq.sc.options = document.Options{
		Limits:   rq.srv.limits.document(),
		Log:      &rq.log,
		Unknown:  rq.policy.unknown,
		DropRefs: true,
		TypeOf:   rq.srv.typeOf,
	}
	return &rq.sc.options
}

// bodyLimit is the largest body for the endpoint.
func (rq *request) bodyLimit() int {
	l := &rq.srv.limits
	switch {
	case rq.rt.ep.list != model.None:
		return l.ListBodyBytes
	case rq.r.Method == http.MethodPatch:
		return l.PatchBytes
	}
	return l.BodyBytes
}

// read reads a whole resource from the body: what POST and PUT have in common.
// The tree, which is the request's scratch memory, is not finished.
func (rq *request) read() (*document.Tree, error) {
	if _, err := rq.body(rq.bodyLimit()); err != nil {
		return nil, err
	}
	t := &rq.sc.tree
	return t, rq.parse(t)
}

// parse reads the body, which is in memory, into t.
func (rq *request) parse(t *document.Tree) error {
	t.Reset(rq.rt.ep.model)
	if err := t.Parse(rq.sc.body, rq.options()); err != nil {
		return told(err)
	}
	return told(t.CheckSchemas(&rq.log, rq.foreign))
}

// foreign tells whether urn is the core schema of another resource type.
func (rq *request) foreign(urn string) bool {
	for _, ep := range rq.srv.endpoints {
		if ep != rq.rt.ep && strings.EqualFold(ep.model.SchemaURN, urn) {
			return true
		}
	}
	return false
}

// finishTree checks a whole resource that a client has made or changed.
func (rq *request) finishTree(t *document.Tree, old *document.Doc) error {
	if err := t.Finish(&rq.log); err != nil {
		return told(err)
	}
	return told(checkSyntax(t, old))
}

// now is the time in the resolution of meta.
func (s *Server) now() time.Time { return s.config.Now().UTC().Truncate(time.Microsecond) }
