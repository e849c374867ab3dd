package patch

import (
	"github.com/scimkit/scimkit/filter"
	"github.com/scimkit/scimkit/internal/document"
)

// Work is counted in steps. One unit of Limits.Work is a comparison of a short
// value, a few hundred nanoseconds of it in the worst case.
const (
	unit        = 16
	walk        = unit / 4 // to look at one element without a filter
	pause       = 4096     // steps between two looks at Options.Stop
	defaultWork = 500_000  // Limits.Work
)

// errStopped says that the applier's stopped has the error.
var errStopped = &Error{Op: noOperation}

// spend notes work before it is done. It refuses more than the limit: every
// limit of the message holds for a request of many operations on many elements,
// and what is dear is the product.
func (a *applier) spend(steps int) *Error {
	a.work += int64(steps)
	if a.work > int64(a.limits.Work)*unit {
		return a.fail(invalidValue, "the operations so far look at more elements than the limit of work of one PATCH, %d comparisons, allows", a.limits.Work)
	}
	if a.work-a.paused < pause {
		return nil
	}
	return a.goOn()
}

// goOn asks whether to go on.
func (a *applier) goOn() *Error {
	a.paused = a.work
	if a.stop == nil {
		return nil
	}
	if a.stopped = a.stop(); a.stopped != nil {
		return errStopped
	}
	return nil
}

// walked is spend for looking at all elements of list.
func (a *applier) walked(list document.Node) *Error {
	if list == document.NoNode {
		return nil
	}
	return a.spend(walk * a.tree.Len(list))
}

// compared is spend for the filter of o on an element of so many bytes.
func (a *applier) compared(o *op, size int) *Error {
	return a.spend(walk + o.terms*(unit+size/4))
}

// copied is spend for giving the value of o to so many elements.
func (a *applier) copied(o *op, elements int) *Error {
	return a.spend(elements * (walk + len(o.value.Raw())/4))
}

// terms counts the comparisons of a filter.
func terms(x filter.Expr) int {
	n := 0
	switch x := x.(type) {
	case *filter.And:
		for _, t := range x.Terms {
			n += terms(t)
		}
	case *filter.Or:
		for _, t := range x.Terms {
			n += terms(t)
		}
	case *filter.Not:
		n = terms(x.X)
	case *filter.ValuePath:
		n = terms(x.Filter)
	default:
		n = 1
	}
	return n
}
