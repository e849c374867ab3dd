package scim

import (
	"encoding/json"
	"hash/fnv"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/scimkit/scimkit/internal/model"
	"github.com/scimkit/scimkit/schema"
)

// discovery holds the answers of the discovery endpoints (RFC 7644 section 4),
// each encoded when it is first asked for.
type discovery struct {
	srv     *Server
	schemas []*schema.Schema
	mu      sync.RWMutex
	m       map[discoveryKey]*discovered
	size    int // bytes of the answers in m
}

// discoveryKey names one answer: id is that of a schema in lower case, or of a
// resource type, "" for the whole list.
type discoveryKey struct {
	base string
	kind kind
	id   string
}

// discovered is one answer.
type discovered struct {
	body     []byte
	etag     []string
	location []string // nil for lists
}

// What is kept is bounded, because clients can make base URLs up: by the Host
// that they send and by the path before the endpoint.
const cachedAnswers, cachedBytes, cachedBaseBytes = 256, 2 << 20, 256

func newDiscovery(s *Server) *discovery {
	return &discovery{srv: s, schemas: s.schemas(), m: make(map[discoveryKey]*discovered)}
}

// discover answers GET of a discovery endpoint. Query parameters are ignored,
// but for a filter, which is refused.
func (rq *request) discover() error {
	p, err := rq.parseParams()
	if err != nil {
		return err
	}
	if p.hasFilter {
		return &Error{Status: http.StatusForbidden, Detail: "The discovery endpoints take no filter (RFC 7644 section 4)."}
	}
	base, err := rq.urlBase()
	if err != nil {
		return err
	}
	key := discoveryKey{base, rq.rt.kind, rq.rt.id}
	if key.kind == schemas { // URIs match in any letter case
		key.id = strings.ToLower(key.id)
	}
	d := rq.srv.discovery.get(key)
	if d == nil {
		return ErrNotFound
	}
	h := rq.w.Header()
	h["Etag"] = d.etag
	if none := rq.r.Header["If-None-Match"]; none != nil && entityTags(none, strings.Trim(d.etag[0], `W/"`)) {
		rq.writeHeader(http.StatusNotModified)
		return nil
	}
	if d.location != nil {
		h["Location"], h["Content-Location"] = d.location, d.location
	}
	rq.send(http.StatusOK, d.body)
	return nil
}

// get gives the answer, nil if there is none.
func (d *discovery) get(key discoveryKey) *discovered {
	d.mu.RLock()
	a := d.m[key]
	d.mu.RUnlock()
	if a != nil {
		return a
	}
	if a = d.encode(key); a == nil || len(key.base) > cachedBaseBytes {
		return a
	}
	key.base, key.id = strings.Clone(key.base), strings.Clone(key.id) // they are parts of larger texts
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.m) >= cachedAnswers || d.size+len(a.body) > cachedBytes {
		clear(d.m)
		d.size = 0
	}
	if d.m[key] == nil {
		d.m[key] = a
		d.size += len(a.body)
	}
	return a
}

// encode makes one answer.
func (d *discovery) encode(key discoveryKey) *discovered {
	v, location := d.find(key)
	if v == nil {
		return nil
	}
	body, err := json.Marshal(v)
	if err != nil {
		panic("scim: discovery: " + err.Error()) // v holds strings, numbers and schemas that are valid
	}
	h := fnv.New64a()
	h.Write(body)
	a := &discovered{body: body, etag: []string{etag(strconv.FormatUint(h.Sum64(), 36))}}
	if location != "" {
		a.location = []string{location}
	}
	return a
}

// find gives what an answer holds and, unless it is a list, its URL; nil if
// there is no such thing.
func (d *discovery) find(key discoveryKey) (v any, location string) {
	if key.kind == providerConfig {
		return d.providerConfig(key.base), key.base + "/ServiceProviderConfig"
	}
	var all []any
	if key.kind == resourceTypes {
		for _, ep := range d.srv.endpoints {
			loc := key.base + "/ResourceTypes/" + ep.model.Name
			switch key.id {
			case ep.model.Name:
				return resourceTypeMessage(ep, loc), loc
			case "":
				all = append(all, resourceTypeMessage(ep, loc))
			}
		}
	} else {
		for _, s := range d.schemas {
			loc := key.base + "/Schemas/" + s.ID
			switch key.id {
			case strings.ToLower(s.ID):
				return schemaMessage(s, loc), loc
			case "":
				all = append(all, schemaMessage(s, loc))
			}
		}
	}
	if key.id != "" {
		return nil, ""
	}
	return listMessage(all), ""
}

// schemas are the schemas of every resource type, each once, and those of the
// discovery documents themselves (RFC 7643 section 7: a Schema resource for
// every URI in use).
func (s *Server) schemas() []*schema.Schema {
	var all []*schema.Schema
	seen := make(map[string]bool)
	add := func(list []*schema.Schema) {
		for _, x := range list {
			if key := model.Lower(x.ID); !seen[key] {
				seen[key] = true
				all = append(all, x)
			}
		}
	}
	for _, ep := range s.endpoints {
		add(ep.Type.Schemas())
	}
	add(schema.ServiceProvider())
	return all
}

type metaMessage struct {
	ResourceType string `json:"resourceType"`
	Location     string `json:"location"`
}

type listResponse struct {
	Schemas      []string `json:"schemas"`
	TotalResults int      `json:"totalResults"`
	StartIndex   int      `json:"startIndex"`
	ItemsPerPage int      `json:"itemsPerPage"`
	Resources    []any    `json:"Resources"`
}

func listMessage(items []any) listResponse {
	return listResponse{
		Schemas:      []string{"urn:ietf:params:scim:api:messages:2.0:ListResponse"},
		TotalResults: len(items), StartIndex: 1, ItemsPerPage: len(items), Resources: items,
	}
}

type supported struct {
	Supported bool `json:"supported"`
}

// providerConfig is the ServiceProviderConfig (RFC 7643 section 5).
func (d *discovery) providerConfig(base string) any {
	type scheme struct {
		Type             string `json:"type"`
		Name             string `json:"name"`
		Description      string `json:"description"`
		SpecURI          string `json:"specUri,omitempty"`
		DocumentationURI string `json:"documentationUri,omitempty"`
		Primary          bool   `json:"primary,omitempty"`
	}
	c := &d.srv.config
	given := c.AuthenticationSchemes
	if len(given) == 0 {
		given = []AuthenticationScheme{{Type: "oauthbearertoken", Name: "OAuth Bearer Token",
			Description: "Authentication by a bearer token (RFC 6750)", SpecURI: "https://www.rfc-editor.org/info/rfc6750", Primary: true}}
	}
	var list []scheme
	for _, s := range given {
		list = append(list, scheme(s))
	}
	return struct {
		Schemas               []string       `json:"schemas"`
		DocumentationURI      string         `json:"documentationUri,omitempty"`
		Patch                 supported      `json:"patch"`
		Bulk                  map[string]any `json:"bulk"`
		Filter                map[string]any `json:"filter"`
		ChangePassword        supported      `json:"changePassword"`
		Sort                  supported      `json:"sort"`
		ETag                  supported      `json:"etag"`
		AuthenticationSchemes []scheme       `json:"authenticationSchemes"`
		Meta                  metaMessage    `json:"meta"`
	}{
		Schemas:               []string{"urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"},
		DocumentationURI:      c.DocumentationURI,
		Patch:                 supported{true},
		Bulk:                  map[string]any{"supported": false, "maxOperations": 0, "maxPayloadSize": 0},
		Filter:                map[string]any{"supported": true, "maxResults": d.srv.limits.MaxResults},
		ChangePassword:        supported{c.ChangePassword},
		Sort:                  supported{true},
		ETag:                  supported{true},
		AuthenticationSchemes: list,
		Meta:                  metaMessage{"ServiceProviderConfig", base + "/ServiceProviderConfig"},
	}
}

// resourceTypeMessage is a ResourceType resource (RFC 7643 section 6).
func resourceTypeMessage(ep *endpoint, location string) any {
	type extension struct {
		Schema   string `json:"schema"`
		Required bool   `json:"required"`
	}
	var extensions []extension
	for _, e := range ep.model.Extensions {
		extensions = append(extensions, extension{e.URN, e.Required})
	}
	return struct {
		Schemas          []string    `json:"schemas"`
		ID               string      `json:"id"`
		Name             string      `json:"name"`
		Endpoint         string      `json:"endpoint"`
		Description      string      `json:"description,omitempty"`
		Schema           string      `json:"schema"`
		SchemaExtensions []extension `json:"schemaExtensions,omitempty"`
		Meta             metaMessage `json:"meta"`
	}{
		[]string{"urn:ietf:params:scim:schemas:core:2.0:ResourceType"}, ep.model.Name, ep.model.Name, ep.model.Endpoint,
		ep.Type.Description, ep.model.SchemaURN, extensions, metaMessage{"ResourceType", location},
	}
}

// schemaMessage is a Schema resource (RFC 7643 section 7).
func schemaMessage(s *schema.Schema, location string) any {
	raw, err := s.MarshalJSON()
	if err != nil {
		panic("scim: discovery: " + err.Error()) // NewServer has validated it
	}
	meta, err := json.Marshal(metaMessage{"Schema", location})
	if err != nil {
		panic("scim: discovery: " + err.Error())
	}
	out := append(raw[:len(raw)-1:len(raw)-1], `,"meta":`...)
	return json.RawMessage(append(append(out, meta...), '}'))
}
