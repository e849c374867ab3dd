package scim

import (
	"errors"
	"fmt"
	"hash/fnv"
	"net/http"
	"net/url"
	"reflect"
	"strconv"
	"strings"

	"github.com/scimkit/scimkit/filter"
	"github.com/scimkit/scimkit/internal/model"
	"github.com/scimkit/scimkit/internal/quirk"
)

// get answers GET of one resource (RFC 7644 section 3.4.1).
func (rq *request) get() error {
	p, err := rq.parseParams()
	if err != nil {
		return err
	}
	proj, err := rq.projection(&p)
	if err != nil {
		return err
	}
	r, err := rq.handler.Get(rq, rq.rt.id, GetOptions{Omit: rq.omit(proj)})
	if err != nil {
		return err
	}
	if r, err = rq.checked(r); err != nil {
		return err
	}
	if none := rq.r.Header["If-None-Match"]; none != nil && entityTags(none, r.version()) {
		rq.setTag(r)
		rq.writeHeader(http.StatusNotModified)
		return nil
	}
	rq.sendResource(http.StatusOK, r, proj)
	return nil
}

// omit names the long list if the response does not hold it.
func (rq *request) omit(p *projection) []string {
	if ep := rq.rt.ep; ep.list != model.None && !p.has(ep.list) {
		return ep.listName
	}
	return nil
}

// checked refuses what a handler must not return and gives a resource with a
// version: the handler's, or a hash of the content.
func (rq *request) checked(r *Resource) (*Resource, error) {
	switch {
	case r == nil || r.doc == nil:
		return nil, errors.New("the handler gave no resource and no error")
	case !rq.rt.ep.takes(r.doc.Type()):
		return nil, fmt.Errorf("the handler gave a resource of another type than the endpoint's %s; use one *schema.ResourceType for both", rq.rt.ep.model.Name)
	case !rq.named(r):
		return nil, fmt.Errorf("the handler gave a resource with the id %.100q, which is not the one that was asked for", r.ID())
	}
	return r.withVersion(), nil
}

// named tells whether r has an id: that of the URL, if the URL has one. A
// store that compares ids without regard to letter case must not give one
// resource for another.
func (rq *request) named(r *Resource) bool {
	v, ok := r.doc.Get(model.IDAttr)
	if !ok {
		return false
	}
	id := v.Bytes(nil)
	return len(id) > 0 && (rq.rt.kind != item || string(id) == rq.rt.id)
}

// takes tells whether a resource of type t can be served: t is the endpoint's
// own, or has the same attributes in the same places.
func (e *endpoint) takes(t *model.Type) bool {
	if t == e.model {
		return true
	}
	same, ok := e.twins.get(t)
	if !ok {
		same = reflect.DeepEqual(t, e.model)
		e.twins.put(t, same, cachedTwins)
	}
	return same
}

const cachedTwins = 64

// version is the opaque version in meta, "" if there is none.
func (r *Resource) version() string {
	v, _ := r.doc.Version()
	return string(v)
}

// withVersion gives r a version if the handler has none: a hash of the rest.
func (r *Resource) withVersion() *Resource {
	if _, ok := r.doc.Version(); ok {
		return r
	}
	h := fnv.New64a()
	h.Write(r.doc.Without(r.doc.Type().Meta).Bytes())
	m := r.doc.Meta()
	m.Version = strconv.FormatUint(h.Sum64(), 36)
	return &Resource{typ: r.typ, doc: r.doc.WithMeta(m)}
}

func etag(version string) string { return `W/"` + version + `"` }

// setTag sets the header ETag to the version of r.
func (rq *request) setTag(r *Resource) {
	version, _ := r.doc.Version()
	text := &rq.sc.text
	start := rq.sc.room(len(version) + 4)
	text.WriteString(`W/"`)
	text.Write(version)
	text.WriteByte('"')
	rq.etag[0] = text.String()[start:]
	rq.w.Header()["Etag"] = rq.etag[:]
}

// sendResource answers with a resource.
func (rq *request) sendResource(status int, r *Resource, p *projection) {
	rq.sc.out = rq.writer(p).resource(rq.sc.out[:0], r.doc)
	rq.setTag(r)
	rq.location[0] = rq.locate(r)
	h, loc := rq.w.Header(), rq.location[:]
	h["Location"], h["Content-Location"] = loc, loc // RFC 7644 has the one, RFC 7643 section 3.1 the other
	rq.send(status, rq.sc.out)
}

// list answers GET of a resource type (RFC 7644 section 3.4.2).
func (rq *request) list() error {
	p, err := rq.parseParams()
	if err != nil {
		return err
	}
	proj, err := rq.projection(&p)
	if err != nil {
		return err
	}
	q, err := rq.query(&p)
	if err != nil {
		return err
	}
	q.Omit = rq.omit(proj)
	page, err := rq.handler.List(rq, q)
	if err != nil {
		return err
	}
	if len(page.Resources) > q.Count {
		return fmt.Errorf("the handler gave %d resources where %d were asked for", len(page.Resources), q.Count)
	}
	return rq.sendList(page, q.StartIndex, proj)
}

// query checks the parameters of a list.
func (rq *request) query(p *params) (Query, error) {
	l := &rq.srv.limits
	var q Query
	var err error
	if q.StartIndex, err = number("startIndex", p.startIndex, 1, 1, l.MaxStartIndex); err != nil {
		return q, err
	}
	if q.Count, err = number("count", p.count, l.DefaultResults, 0, l.MaxResults); err != nil {
		return q, err
	}
	descending, err := direction(p.sortOrder)
	if err != nil {
		return q, err
	}
	if p.sortBy != "" {
		if q.Order, err = filter.NewOrderIn(rq.rt.ep.model, p.sortBy, descending, &rq.log); err != nil {
			return q, badRequest("invalidValue", "sortBy: %s", err)
		}
	}
	if p.hasFilter {
		q.Filter, err = rq.filter(p.filter)
	}
	return q, err
}

func direction(sortOrder string) (descending bool, err error) {
	switch strings.ToLower(sortOrder) {
	case "", "ascending":
		return false, nil
	case "descending":
		return true, nil
	}
	return false, badRequest("invalidValue", "sortOrder must be ascending or descending, not %.40q.", sortOrder)
}

// filter parses and binds a filter.
func (rq *request) filter(text string) (*filter.Filter, error) {
	parser := filter.Parser{Limits: rq.srv.limits.filter(), Log: &rq.log}
	expr, err := parser.Parse(text)
	if err != nil && strings.Contains(text, "%2") && rq.log.Allows(quirk.DoubleEscape) {
		if again, e := url.QueryUnescape(text); e == nil {
			if expr, e = parser.Parse(again); e == nil {
				rq.log.Try(quirk.DoubleEscape)
				err = nil
			}
		}
	}
	if err != nil {
		return nil, told(err)
	}
	f, err := filter.BindIn(expr, rq.rt.ep.model, model.Root, &rq.log)
	return f, told(err)
}

// sendList writes a ListResponse.
func (rq *request) sendList(page Page, start int, p *projection) error {
	w := rq.writer(p)
	out := appendListHead(rq.sc.out[:0], max(page.Total, len(page.Resources)), start, len(page.Resources))
	for i, r := range page.Resources {
		r, err := rq.checked(r)
		if err != nil {
			return err
		}
		if i > 0 {
			out = append(out, ',')
		}
		out = w.resource(out, r.doc)
	}
	rq.sc.out = append(out, "]}"...)
	rq.send(http.StatusOK, rq.sc.out)
	return nil
}

func appendListHead(dst []byte, total, start, n int) []byte {
	dst = append(dst, `{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":`...)
	dst = strconv.AppendInt(dst, int64(total), 10)
	dst = strconv.AppendInt(append(dst, `,"startIndex":`...), int64(start), 10)
	dst = strconv.AppendInt(append(dst, `,"itemsPerPage":`...), int64(n), 10)
	return append(dst, `,"Resources":[`...)
}
