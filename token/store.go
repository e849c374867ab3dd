package token

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/scimkit/scimkit/scim"
)

// A Store keeps tokens, settings and events. It is safe for concurrent use.
// Package tokentest is its contract as a test suite.
//
// It is made for SQL: a row for each tenant, which Update locks, tokens with
// their id as the primary key, and events with tenant and number.
type Store interface {
	// Find loads one token by its id and the settings of its tenant, with
	// one look-up that costs the same however many tokens there are. An
	// id that is not there is ErrNotFound; any other error makes the
	// request 503. Letter case counts.
	Find(ctx context.Context, id string) (Token, Settings, error)

	// Tenant loads the settings and all tokens of a tenant, the tokens in
	// the order in which they were made. A tenant that was never updated is
	// the zero Tenant and no error.
	Tenant(ctx context.Context, tenant string) (Tenant, error)

	// Update changes a tenant in one transaction: it loads the tenant under
	// a lock, calls edit, stores what edit made of settings and tokens (new
	// ones, changed ones, and those that are gone from the list), numbers
	// the events in the slice that edit returned from the tenant's last
	// number on, and stores them. If edit or anything else fails, nothing
	// is stored and the error is returned, wrapped or as it is.
	//
	// edit may be called again after a lost race, and does not use the
	// store. A token's Tenant is tenant. An id that another token has,
	// also of another tenant, is an error. LastUsedAt of a token that is
	// there is left alone: it belongs to Touch.
	Update(ctx context.Context, tenant string, edit func(*Tenant) ([]Event, error)) error

	// Touch sets LastUsedAt of a token if it is zero or at least a minute
	// before at, and otherwise writes nothing: several processes see the
	// same token used. Of calls at the same time one writes. A token that
	// is not there is no error.
	Touch(ctx context.Context, id string, at time.Time) error

	// Events gives the events of a tenant, the newest first: at most limit
	// of those with a Seq below before, or of all if before is 0.
	Events(ctx context.Context, tenant string, before int64, limit int) ([]Event, error)
}

// The errors of a Manager; they may be wrapped.
var (
	// ErrNotFound: the tenant has no such token. A Store returns it as well.
	ErrNotFound = errors.New("token: there is no such token")
	// ErrInvalid: an argument is wrong; the text says which and why.
	ErrInvalid = errors.New("token: invalid")
	// ErrLimit: the tenant has as many live tokens as it may have.
	ErrLimit = errors.New("token: the tenant has the most live tokens that it may have")
	// ErrNotEntitled: Options.Entitled says that the tenant may not use
	// SCIM, so that it gets no new secret.
	ErrNotEntitled = errors.New("token: the tenant is not entitled")
	// ErrState: the token has ended or is being rotated, or is not.
	ErrState = errors.New("token: not in this state")

	// ErrOtherKind says that a request has no credentials of the kind that
	// an Authenticator is for: a [Chain] asks the next one. It is a
	// [scim.ErrUnauthorized].
	ErrOtherKind = fmt.Errorf("token: no credentials of this kind: %w", scim.ErrUnauthorized)
)
