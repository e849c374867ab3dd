package scim

import (
	"time"

	"github.com/scimkit/scimkit/filter"
	"github.com/scimkit/scimkit/internal/document"
	"github.com/scimkit/scimkit/internal/patch"
)

// Limits bound what one request may cost. A field that is zero means its
// default; a negative one no limit, except that nesting ends at 1,000 because
// recursion must. Going over a limit is refused before the work is done, with a
// detail that names the limit.
type Limits struct {
	TargetBytes int // request target; 16 KiB; 414

	BodyBytes       int // POST and PUT of a resource; 256 KiB; 413
	PatchBytes      int // PATCH; 1 MiB; 413
	ListBodyBytes   int // POST, PUT and PATCH of a type with a list of members; 4 MiB; 413
	JSONDepth       int // nested arrays and objects; 32; 400 invalidSyntax
	JSONNodes       int // values in one document; 250,000; 400 invalidSyntax
	StringBytes     int // one string; 8 KiB; 400 invalidSyntax
	LongStringBytes int // one binary or reference value (photos, certificates); 64 KiB; 400 invalidSyntax
	NumberBytes     int // one number; 64; 400 invalidSyntax
	Elements        int // elements of one multi-valued attribute; 1,000; 400 invalidValue
	Members         int // elements of one list of members in one request; 20,000; 400 invalidValue
	UserNameRunes   int // userName; 320; 400 invalidValue
	LabelRunes      int // externalId, displayName; 512; 400 invalidValue

	FilterBytes   int // filter; 8 KiB; 400 invalidFilter
	FilterDepth   int // nested parentheses, nots and brackets; 32; 400 invalidFilter
	FilterTerms   int // comparisons; 500; 400 invalidFilter
	FilterLiteral int // bytes of one value; 1 KiB; 400 invalidFilter

	PatchOperations int // operations of one PATCH; 1,000; 400 invalidValue
	PathBytes       int // one path; 1 KiB; 400 invalidPath
	PathDepth       int // the same in a path, whose brackets count; 8; 400 invalidFilter
	PathTerms       int // comparisons in a path; 16; 400 invalidFilter
	PatchWork       int // comparisons of filters in paths with elements, long values count for many; 500,000; 400 invalidValue

	Attributes     int // names in attributes or excludedAttributes; 100; 400 invalidValue
	DefaultResults int // resources in a page when the client does not say; 100
	MaxResults     int // resources in a page; 1,000; more are not given (RFC 7644 section 3.4.2.4)
	MaxStartIndex  int // startIndex; 1,000,000,000; larger ones count as it

	InFlight    int           // requests of one tenant at a time; 64; 429
	IDBytes     int           // id in a URL; 128; 404
	ReadTimeout time.Duration // for a request's body to arrive; 30 s; 408
	Timeout     time.Duration // for the handler; 30 s; 503
}

// withDefaults fills in the defaults, and noLimit for what is negative.
func (l Limits) withDefaults() Limits {
	for _, f := range []struct {
		p   *int
		def int
	}{
		{&l.TargetBytes, 16 << 10}, {&l.BodyBytes, 256 << 10}, {&l.PatchBytes, 1 << 20}, {&l.ListBodyBytes, 4 << 20},
		{&l.JSONDepth, 32}, {&l.JSONNodes, 250_000}, {&l.StringBytes, 8 << 10}, {&l.LongStringBytes, 64 << 10},
		{&l.NumberBytes, 64}, {&l.Elements, 1000}, {&l.Members, 20_000}, {&l.UserNameRunes, 320}, {&l.LabelRunes, 512},
		{&l.FilterBytes, 8 << 10}, {&l.FilterDepth, 32}, {&l.FilterTerms, 500}, {&l.FilterLiteral, 1 << 10},
		{&l.PatchOperations, 1000}, {&l.PathBytes, 1 << 10}, {&l.PathDepth, 8}, {&l.PathTerms, 16}, {&l.PatchWork, 500_000},
		{&l.Attributes, 100}, {&l.DefaultResults, 100}, {&l.MaxResults, 1000}, {&l.MaxStartIndex, 1_000_000_000},
		{&l.InFlight, 64}, {&l.IDBytes, 128},
	} {
		switch {
		case *f.p == 0:
			*f.p = f.def
		case *f.p < 0:
			*f.p = noLimit
		}
	}
	for _, d := range []*time.Duration{&l.ReadTimeout, &l.Timeout} {
		if *d == 0 {
			*d = 30 * time.Second
		}
	}
	l.DefaultResults = min(l.DefaultResults, l.MaxResults)
	return l
}

// noLimit is larger than anything that fits into memory here. JSON depth keeps
// a bound of its own in the reader: recursion must end.
const noLimit = 1<<31 - 1

func (l *Limits) document() document.Limits {
	return document.Limits{
		Depth: min(l.JSONDepth, 1000), Nodes: l.JSONNodes, String: l.StringBytes, LongString: l.LongStringBytes,
		Number: l.NumberBytes, Elements: l.Elements, Members: l.Members, Label: l.LabelRunes, UserName: l.UserNameRunes,
	}
}

func (l *Limits) filter() filter.Limits {
	return filter.Limits{Bytes: l.FilterBytes, Depth: min(l.FilterDepth, 1000), Terms: l.FilterTerms, Literal: l.FilterLiteral}
}

func (l *Limits) patch() patch.Limits {
	return patch.Limits{
		Operations: l.PatchOperations, PathBytes: l.PathBytes, FilterDepth: min(l.PathDepth, 1000),
		Terms: l.PathTerms, Work: l.PatchWork,
	}
}
