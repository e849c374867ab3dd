package schema

import (
	"slices"
	"strconv"

	"github.com/scimkit/scimkit/internal/model"
)

// compiled is a resource type as the engine wants it.
type compiled struct {
	model *model.Type
	defs  []*Attribute // by model.ID; nil for the root and extension containers
}

func (t *ResourceType) compile() (compiled, error) {
	t.once.Do(func() {
		if t.err = t.Validate(); t.err == nil {
			t.compiled = newCompiled(t)
		}
	})
	return t.compiled, t.err
}

// newCompiled numbers the attributes in the order in which they are written:
// schemas, id, externalId, the core schema, the extensions, meta.
func newCompiled(t *ResourceType) compiled {
	m := &model.Type{Name: t.Name, Endpoint: t.Endpoint, SchemaURN: t.Schema.ID}
	c := compiled{model: m}
	c.append(model.Attr{Parent: model.None, Kind: model.Complex, Schema: t.Schema.ID}, nil)

	commons := cloneAttributes(common)
	last := len(commons) - 1 // meta
	c.attributes(model.Root, "", "", commons[:last])
	c.attributes(model.Root, t.Schema.ID, "", own(cloneAttributes(t.Schema.Attributes)))
	for _, e := range t.Extensions {
		c.extension(e)
	}
	m.Meta = model.ID(len(m.Attrs))
	c.attributes(model.Root, "", "", commons[last:])
	m.Attrs[model.Root].End = model.ID(len(m.Attrs))

	m.MetaType, m.MetaCreated, m.MetaLastModified = m.Meta+1, m.Meta+2, m.Meta+3
	m.MetaLocation, m.MetaVersion = m.Meta+4, m.Meta+5
	m.Finish()
	return c
}

func (c *compiled) extension(e Extension) {
	urn := e.Schema.ID
	id := c.append(model.Attr{
		Parent:    model.Root,
		Name:      urn,
		Path:      urn,
		Schema:    urn,
		Kind:      model.Complex,
		Required:  e.Required,
		Extension: true,
	}, nil)
	c.attributes(id, urn, urn+":", cloneAttributes(e.Schema.Attributes))
	c.model.Attrs[id].End = model.ID(len(c.model.Attrs))
	c.model.Extensions = append(c.model.Extensions, model.Extension{URN: urn, ID: id, Required: e.Required})
}

// attributes adds list below parent; prefix is what comes before their names
// in a path.
func (c *compiled) attributes(parent model.ID, urn, prefix string, list []Attribute) {
	for i := range list {
		a := &list[i]
		id := c.append(model.Attr{
			Parent:     parent,
			Name:       a.Name,
			Path:       prefix + a.Name,
			Schema:     urn,
			Kind:       model.Kind(a.Type),
			Mutability: model.Mutability(a.Mutability),
			Returned:   model.Returned(a.returned()),
			Multi:      a.MultiValued,
			Required:   a.Required,
			CaseExact:  a.caseExact(),
			Unique:     a.Uniqueness != UniqueNone,
			Canonical:  slices.Clone(a.CanonicalValues),
			References: slices.Clone(a.ReferenceTypes),
		}, a)
		c.attributes(id, urn, prefix+a.Name+".", a.SubAttributes)
		c.model.Attrs[id].End = model.ID(len(c.model.Attrs))
	}
}

func (c *compiled) append(a model.Attr, def *Attribute) model.ID {
	a.ID = model.ID(len(c.model.Attrs))
	a.Key = strconv.Quote(a.Name) + ":"
	if a.ID == model.Root {
		a.Key = ""
	}
	c.model.Attrs = append(c.model.Attrs, a)
	c.defs = append(c.defs, def)
	return a.ID
}
