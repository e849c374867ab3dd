package scim

import (
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"slices"
	"time"

	"github.com/scimkit/scimkit/internal/model"
)

// withDefaults fills in what c leaves out.
func (c Config) withDefaults() Config {
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.NewID == nil {
		c.NewID = newUUID
	}
	if c.Challenge == "" {
		c.Challenge = `Bearer realm="scim"`
	}
	if c.Tolerance == nil {
		t := Tolerant()
		c.Tolerance = &t
	}
	return c
}

// check tells what is wrong with c but for its endpoints.
func (c *Config) check() (errs []error) {
	if c.Authenticator == nil {
		errs = append(errs, errors.New("Authenticator is missing"))
	} else if isNil(c.Authenticator) {
		errs = append(errs, fmt.Errorf("Authenticator is a nil %T", c.Authenticator))
	}
	if len(c.Endpoints) == 0 {
		errs = append(errs, errors.New("no Endpoints"))
	}
	for i, p := range c.TrustedProxies {
		if !p.IsValid() {
			errs = append(errs, fmt.Errorf("TrustedProxies[%d] is no prefix", i))
		}
	}
	primary := 0
	for i, a := range c.AuthenticationSchemes {
		if err := a.check(); err != nil {
			errs = append(errs, fmt.Errorf("AuthenticationSchemes[%d]: %w", i, err))
		}
		if a.Primary {
			primary++
		}
	}
	if primary > 1 {
		errs = append(errs, fmt.Errorf("%d AuthenticationSchemes are primary; one may be (RFC 7643 section 2.4)", primary))
	}
	return errs
}

// check tells what is wrong with e by itself.
func (e *Endpoint) check() error {
	if e.Type == nil {
		return errors.New("a Type is missing")
	}
	if err := e.Type.Validate(); err != nil {
		return err
	}
	if (e.Handler == nil) == (e.ForTenant == nil) {
		return fmt.Errorf("%s needs exactly one of Handler and ForTenant", e.Type.Name)
	}
	if isNil(e.Handler) {
		return fmt.Errorf("the Handler of %s is a nil %T", e.Type.Name, e.Handler)
	}
	if e.PatchResponse > PatchNoContent {
		return fmt.Errorf("PatchResponse %d is none of the constants", e.PatchResponse)
	}
	return nil
}

// isNil tells whether v is an interface that holds a nil.
func isNil(v any) bool {
	switch x := reflect.ValueOf(v); x.Kind() {
	case reflect.Pointer, reflect.Func, reflect.Map:
		return x.IsNil()
	}
	return false
}

// checkTenants refuses a server that some tenants' data could not be kept
// apart in.
func (s *Server) checkTenants() error {
	many := slices.ContainsFunc(s.config.Endpoints, func(e Endpoint) bool { return e.ForTenant != nil })
	if _, ok := s.config.Authenticator.(staticToken); ok && many {
		return errors.New("StaticToken has no tenant, and an endpoint has ForTenant, which needs one")
	}
	if s.base.tenant && !many {
		return fmt.Errorf("BaseURL %q has a {tenant}, but no endpoint has ForTenant", s.base.text)
	}
	return nil
}

// checkTolerance refuses values that mean nothing: a name in PutKeeps that is
// spelled wrong would lose what it is to keep.
func (s *Server) checkTolerance() error {
	t := s.config.Tolerance
	if t.Unknown > KeepUnknown {
		return fmt.Errorf("Tolerance.Unknown %d is none of the constants", t.Unknown)
	}
	for _, name := range t.PutKeeps {
		if name != "active" && !slices.ContainsFunc(s.endpoints, func(ep *endpoint) bool { return ep.has(name) }) { // Tolerant has it for every server
			return fmt.Errorf("Tolerance.PutKeeps: no resource type has an attribute %q", name)
		}
	}
	return nil
}

// has tells whether the type has an attribute with this path.
func (e *endpoint) has(path string) bool {
	return slices.ContainsFunc(e.model.Attrs, func(a model.Attr) bool { return model.EqualFold(a.Path, path) })
}
