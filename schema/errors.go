package schema

import (
	"errors"
	"fmt"
)

// A DefinitionError is one thing that is wrong with a definition. Validate and
// Parse report all of them at once: errors.As finds the first.
type DefinitionError struct {
	// Path is what the error is about: the URN of a schema, or the name of a
	// resource type, followed by an attribute as in "urn:example:Car:owner.name".
	Path string
	Msg  string
}

func (e *DefinitionError) Error() string {
	if e.Path == "" {
		return "schema: " + e.Msg
	}
	return "schema: " + e.Path + ": " + e.Msg
}

// problems collects DefinitionErrors.
type problems struct{ errs []error }

func (p *problems) add(path, format string, args ...any) {
	p.errs = append(p.errs, &DefinitionError{path, fmt.Sprintf(format, args...)})
}

func (p *problems) err() error { return errors.Join(p.errs...) }

// path is where an attribute of s is, for a DefinitionError.
func (s *Schema) path(attribute string) string {
	switch {
	case s.ID != "":
		return s.ID + ":" + attribute
	case s.Name != "":
		return s.Name + ":" + attribute
	}
	return attribute
}
