package scim

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"

	"github.com/scimkit/scimkit/internal/document"
	"github.com/scimkit/scimkit/internal/model"
	"github.com/scimkit/scimkit/internal/quirk"
)

// params are the query parameters that SCIM knows. Others are ignored.
type params struct {
	attributes, excluded       string
	filter, sortBy, sortOrder  string
	startIndex, count          string
	hasAttributes, hasExcluded bool
	hasFilter                  bool
}

// parseParams reads the query once; names match in any letter case. A
// parameter that SCIM knows may stand once.
func (rq *request) parseParams() (params, error) {
	var p params
	for q := rq.r.URL.RawQuery; q != ""; {
		var pair string
		pair, q, _ = strings.Cut(q, "&")
		name, value, _ := strings.Cut(pair, "=")
		name, err := url.QueryUnescape(name)
		if err != nil {
			return p, badRequest("invalidValue", "The query has a bad percent-encoding.")
		}
		field, has := p.field(rq, name)
		if field == nil {
			continue
		}
		if *field != "" || has != nil && *has {
			return p, badRequest("invalidValue", "The query parameter %s is there twice.", name)
		}
		if *field, err = url.QueryUnescape(value); err != nil {
			return p, badRequest("invalidValue", "The query parameter %s has a bad percent-encoding.", name)
		}
		if has != nil {
			*has = true
		}
	}
	return p, nil
}

func (p *params) field(rq *request, name string) (value *string, has *bool) {
	fold := strings.ToLower(name)
	switch fold {
	case "attributes":
		value, has = &p.attributes, &p.hasAttributes
	case "excludedattributes":
		value, has = &p.excluded, &p.hasExcluded
	case "filter":
		value, has = &p.filter, &p.hasFilter
	case "sortby":
		value = &p.sortBy
	case "sortorder":
		value = &p.sortOrder
	case "startindex":
		value = &p.startIndex
	case "count":
		value = &p.count
	case "":
		return nil, nil
	default:
		rq.log.Note(quirk.UnknownParameter)
		return nil, nil
	}
	switch name {
	case "attributes", "excludedAttributes", "filter", "sortBy", "sortOrder", "startIndex", "count":
	default:
		rq.log.Note(quirk.ParameterCase)
	}
	return value, has
}

// projection gives the projection that the parameters ask for.
func (rq *request) projection(p *params) (*projection, error) {
	switch {
	case !p.hasAttributes && !p.hasExcluded:
		return rq.rt.ep.defaults, nil
	case p.hasAttributes && p.hasExcluded:
		return nil, badRequest("invalidValue", "attributes and excludedAttributes exclude each other (RFC 7644 section 3.9).")
	}
	list, kind := p.excluded, byte('-')
	if p.hasAttributes {
		list, kind = p.attributes, '+'
	}
	dialect := byte('0') // what a name means depends on two quirks
	if rq.log.Allows(quirk.BracketProjection) {
		dialect |= 1
	}
	if rq.log.Allows(quirk.ShortName) {
		dialect |= 2
	}
	key := string([]byte{kind, dialect}) + list
	cache := &rq.rt.ep.cache
	if cached, ok := cache.get(key); ok {
		return cached, nil
	}
	names, err := rq.names(list)
	if err != nil {
		return nil, err
	}
	used := rq.log.Used
	var proj *projection
	if p.hasAttributes {
		proj = newProjection(rq.rt.ep.model, names, nil, nil, &rq.log)
	} else {
		proj = newProjection(rq.rt.ep.model, nil, names, nil, &rq.log)
	}
	if rq.log.Used == used { // a quirk must be noted each time
		cache.put(key, proj)
	}
	return proj, nil
}

// withWritten adds to p what a response holds because this request wrote it.
func (rq *request) withWritten(q *params, p *projection, written []model.ID) *projection {
	if q.hasAttributes || written == nil {
		return p
	}
	var excluded []string
	if q.hasExcluded {
		excluded = strings.Split(q.excluded, ",")
	}
	return newProjection(rq.rt.ep.model, nil, excluded, written, &rq.log)
}

// written are the attributes returned on request that this request wrote.
func (rq *request) written(wrote func(model.ID) bool) (ids []model.ID) {
	for _, id := range rq.rt.ep.onRequest {
		if wrote(id) {
			ids = append(ids, id)
		}
	}
	return ids
}

// has tells whether d has the attribute, or the list whose elements may.
func has(d *document.Doc, id model.ID) bool {
	_, ok := d.Get(whole(d.Type(), id))
	return ok
}

// whole is the attribute id, or the list whose elements have it.
func whole(t *model.Type, id model.ID) model.ID {
	for t.Attrs[t.Attrs[id].Parent].Multi {
		id = t.Attrs[id].Parent
	}
	return id
}

// names splits a comma-separated list of attribute names.
func (rq *request) names(text string) ([]string, error) {
	if n := strings.Count(text, ",") + 1; n > rq.srv.limits.Attributes {
		return nil, badRequest("invalidValue", "There are more attribute names than the limit of %d.", rq.srv.limits.Attributes)
	}
	return strings.Split(text, ","), nil
}

// projectionCache remembers the projections that clients ask for again and
// again.
type projectionCache struct {
	mu sync.RWMutex
	m  map[string]*projection
}

const cachedProjections, cachedNameBytes = 64, 512

func (c *projectionCache) get(key string) (*projection, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	p, ok := c.m[key]
	return p, ok
}

func (c *projectionCache) put(key string, p *projection) {
	if len(key) > cachedNameBytes {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.m) >= cachedProjections {
		clear(c.m)
	}
	if c.m == nil {
		c.m = make(map[string]*projection)
	}
	c.m[key] = p
}

// number reads startIndex or count: an integer, clamped to most; def if it is
// not given (RFC 7644 section 3.4.2.4).
func number(name, text string, def, least, most int) (int, error) {
	if text == "" {
		return def, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		if e, ok := err.(*strconv.NumError); !ok || e.Err != strconv.ErrRange {
			return 0, badRequest("invalidValue", "%s must be an integer, not %.40q.", name, text)
		}
	}
	return int(max(int64(least), min(n, int64(most)))), nil
}

// entityTags tells whether one of the tags in header values is version, or the
// whole value is *. Tags are compared weakly: RFC 7644 section 3.14 sends weak ones in
// If-Match, too.
func entityTags(values []string, version string) bool {
	if len(values) == 1 && strings.Trim(values[0], " \t") == "*" {
		return true
	}
	for _, v := range values {
		for v != "" {
			v = strings.TrimLeft(v, " \t,")
			if v == "" {
				break
			}
			tag := strings.TrimPrefix(strings.TrimPrefix(v, "W/"), "w/")
			if tag == "" || tag[0] != '"' {
				word, rest, _ := strings.Cut(tag, ",") // a bare word: some clients forget the quotes
				if strings.TrimSpace(word) == version {
					return true
				}
				v = rest
				continue
			}
			end := strings.IndexByte(tag[1:], '"')
			if end < 0 {
				break
			}
			if tag[1:1+end] == version {
				return true
			}
			v = tag[end+2:]
		}
	}
	return false
}

var (
	errChanged = &Error{Status: http.StatusPreconditionFailed, Detail: "The resource has changed on the server since the version that the request names."}
	errMatches = &Error{Status: http.StatusPreconditionFailed, Detail: "The resource has a version that the request excludes (If-None-Match)."}
)

// checkMatch checks If-Match and If-None-Match against the version of r (RFC
// 9110 section 13.2.2).
func (rq *request) checkMatch(r *Resource) error {
	if h := rq.r.Header["If-Match"]; len(h) > 0 && !entityTags(h, r.version()) {
		return errChanged
	}
	if h := rq.r.Header["If-None-Match"]; len(h) > 0 && entityTags(h, r.version()) {
		return errMatches
	}
	return nil
}
