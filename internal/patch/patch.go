// Package patch changes resources by PATCH requests (RFC 7644 section 3.5.2).
//
// Parse reads a request and resolves every path; what can be refused without
// the resource, is. A Request then is a pure function from resource to
// resource: Edit applies all of it or nothing, in order, any number of times.
// Where the resource holds a long list of references, such as the members of a
// group, Split takes the changes of that list out as a Delta, so that nobody
// has to load the list.
package patch

import (
	"slices"

	"github.com/scimkit/scimkit/filter"
	"github.com/scimkit/scimkit/internal/document"
	"github.com/scimkit/scimkit/internal/model"
	"github.com/scimkit/scimkit/internal/quirk"
)

// Schema is the URI of the PATCH message.
const Schema = "urn:ietf:params:scim:api:messages:2.0:PatchOp"

// Limits bound what a request may cost. A zero field stands for the default.
type Limits struct {
	Operations  int // operations, and filters in the keys of values; 1000
	PathBytes   int // bytes of one path; 1024
	FilterDepth int // nesting of a path's filter; 8
	Terms       int // comparisons of a path's filter; 16
	Work        int // comparisons of filters with elements, in all operations, a long value counting for many; 500,000
}

func (l Limits) withDefaults() Limits {
	if l.Operations <= 0 {
		l.Operations = 1000
	}
	if l.PathBytes <= 0 {
		l.PathBytes = 1024
	}
	if l.FilterDepth <= 0 {
		l.FilterDepth = 8
	}
	if l.Terms <= 0 {
		l.Terms = 16
	}
	if l.Work <= 0 {
		l.Work = defaultWork
	}
	return l
}

// Options say how a request is read and applied.
type Options struct {
	Limits Limits
	// Stop, if not nil, is called before each operation and now and then
	// within long ones. Its error ends Apply and Edit, which give it as it is.
	Stop func() error
	// Values say how the message and the values in it are read: limits, what
	// is tolerated, what becomes of attributes that the schema does not have.
	Values document.Options
}

// A Request is a PATCH request, read and resolved. It keeps views of the body.
type Request struct {
	t    *model.Type
	opts Options
	ops  []op
}

// op is one change of one attribute. An operation without a path gives one for
// each member of its value.
type op struct {
	index int // of the operation in the request
	kind  kind
	target
	name  string         // path or key as it was written; for keep the attribute's name
	value document.Value // zero if there is none
	ids   []string       // remove: the filter is value eq ids[0] or value eq ids[1] …
}

type kind uint8

const (
	add kind = iota
	replace
	remove       // all that the target names
	removeListed // the elements that value lists (quirk RemoveValues)
	unchanged    // refuse unless the readOnly attribute has this value already
	keep         // an attribute that the schema does not have, in the object attr
)

var kindNames = [...]string{add: "add", replace: "replace", remove: "remove", removeListed: "remove"}

// target is what a path names.
type target struct {
	attr     model.ID // the attribute; with elements, a multi-valued one
	sub      model.ID // elements: the sub-attribute of each, or None
	filter   *filter.Filter
	terms    int  // comparisons in filter
	elements bool // single elements are meant: those that filter selects, or all
}

// Apply changes t, which must be a resource of the request's type. When it
// fails, t is in no useful state. The caller calls t.FinishChange.
func (r *Request) Apply(t *document.Tree) error {
	ops := r.collapse(t)
	a := newApplier(r, t)
	for i := range ops {
		switch err := a.do(&ops[i]); err {
		case nil:
		case errStopped:
			return a.stopped
		default:
			return err
		}
	}
	return nil
}

// Edit applies r to d, which stays as it is, and tells whether the result
// differs; meta is not touched. t gives its memory to the work and is emptied
// first. An error is a *Error, or that of Stop.
func (r *Request) Edit(t *document.Tree, d *document.Doc) (*document.Doc, bool, error) {
	t.Reset(r.t)
	t.Load(d)
	if err := r.Apply(t); err != nil {
		return nil, false, err
	}
	if err := t.FinishChange(r.opts.Values.Log, d); err != nil {
		return nil, false, convert(noOperation, "", err)
	}
	out := t.Doc()
	if out.Equal(d) {
		return d, false, nil
	}
	return out, true, nil
}

// Empty tells whether r changes nothing, whatever the resource.
func (r *Request) Empty() bool { return len(r.ops) == 0 }

// Writes tells whether an operation of r names the attribute id, something in
// it or what it is part of.
func (r *Request) Writes(id model.ID) bool {
	return slices.ContainsFunc(r.ops, func(o op) bool {
		to := o.attr
		if o.sub != model.None {
			to = o.sub
		}
		return r.t.Is(id, to) || r.t.Is(to, id)
	})
}

// applier applies one operation after the other to a tree.
type applier struct {
	tree *document.Tree
	t    *model.Type
	opts *document.Options
	log  *quirk.Log

	op        *op
	primaries []document.Node // elements that the operation made primary
	scratch   []byte
	kept      int // attributes outside the schema so far

	limits  *Limits
	stop    func() error
	stopped error // what stop gave
	work    int64 // steps so far
	paused  int64 // work when stop was asked

	hitBuf  [8]document.Node // memory for few hits and short texts
	textBuf [256]byte
}

func newApplier(r *Request, t *document.Tree) *applier {
	a := &applier{tree: t, t: r.t, opts: &r.opts.Values, log: r.opts.Values.Log}
	a.limits, a.stop = &r.opts.Limits, r.opts.Stop
	a.scratch = a.textBuf[:0]
	return a
}
