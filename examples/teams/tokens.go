package main

import (
	"context"
	"errors"
	"slices"

	"github.com/scimkit/scimkit/examples/internal/host"
	"github.com/scimkit/scimkit/token"
)

// replaceToken makes the token of the tenant, in place of the one that it has if
// it has one. However many ask at once, on however many nodes, one of the tokens
// that they get is left: that of the last one.
func (a *app) replaceToken(ctx context.Context, tenant, actor string) (secret token.Secret, made token.Token, err error) {
	for tried := ""; ; {
		s, failed := a.tokens.Status(ctx, tenant)
		if failed != nil {
			return token.Secret{}, token.Token{}, failed
		}
		i := slices.IndexFunc(s.Tokens, replaceable) // the newest
		switch {
		case i < 0:
			first := context.WithValue(ctx, onlyFirst{}, true)
			secret, made, err = a.tokens.Generate(first, tenant, token.GenerateOptions{Name: "API", Actor: actor})
			if !errors.Is(err, errNotFirst) {
				return secret, made, err
			}
		case s.Tokens[i].ID == tried:
			return secret, made, err
		default:
			tried = s.Tokens[i].ID
			secret, made, err = a.tokens.Rotate(ctx, tenant, tried, actor)
			if !errors.Is(err, token.ErrState) && !errors.Is(err, token.ErrNotFound) {
				return secret, made, err
			}
		}
		// It is being rotated, or somebody was quicker, with whose token it
		// goes on.
	}
}

// replaceable tells of a token whether it works and may do everything: tokens for
// less than that are the settings page's, and those of starts are nobody's that
// the API should end.
func replaceable(t token.Token) bool {
	return host.Works(&t) && t.CreatedBy != host.System && slices.Contains(t.Scopes, token.ReadAll) && slices.Contains(t.Scopes, token.WriteAll)
}

// tokenStore is a token.Store which refuses, in the transaction of the change, to
// store a token under a context with onlyFirst where there is one to be replaced.
type tokenStore struct{ token.Store }

type onlyFirst struct{}

var errNotFirst = errors.New("there is a token already")

// Update implements token.Store.
func (s tokenStore) Update(ctx context.Context, tenant string, edit func(*token.Tenant) ([]token.Event, error)) error {
	return s.Store.Update(ctx, tenant, func(t *token.Tenant) ([]token.Event, error) {
		if ctx.Value(onlyFirst{}) != nil && slices.ContainsFunc(t.Tokens, replaceable) {
			return nil, errNotFirst
		}
		return edit(t)
	})
}
