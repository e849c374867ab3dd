// Package token gives each tenant bearer tokens for its provisioning clients:
// generated, shown once, verified without a scan, rotated without an outage,
// revoked.
//
//	tokens, err := token.New(token.NewMemoryStore(), token.Options{Prefix: "acmescim"})
//	if err != nil {
//		return err
//	}
//	defer tokens.Close(ctx)
//	err = tokens.SetEnabled(ctx, "acme", true, "mira@acme.example")
//	secret, tok, err := tokens.Generate(ctx, "acme", token.GenerateOptions{Name: "Okta", Actor: "mira@acme.example"})
//	fmt.Println(secret.Reveal(), tok.ID) // the only time that the secret is there
//
//	server, err := scim.NewServer(scim.Config{
//		Endpoints:     endpoints,
//		Authenticator: tokens,
//		BaseURL:       "https://api.example.com/scim/v2/{tenant}",
//	})
//
// # Form
//
// A token is
//
//	acmescim_7Qm3xV9cT2bK_<43 characters><6 characters>
//
// the host's prefix; 12 characters that name the token and are no secret; 43
// random ones, 256 bits; and the CRC-32 of all before, so that a scanner for
// leaked secrets can tell a token from noise without asking anyone. All are
// letters, digits and underscores: a double click selects the token. For
// scanners:
//
//	\b[a-z][a-z0-9]{1,15}(?:_[a-z0-9]{1,15})?_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}\b
//
// # What is stored
//
// Of the secret only HMAC-SHA-256 under one of Options.Keys, over the tenant,
// the id and the secret. Nothing that is stored authenticates, and a row that is
// copied to another tenant does not verify. The secret is random, so that a slow
// hash would protect nothing.
//
// Keys are rotated by putting a new one in front: it seals new tokens, the
// others go on verifying. A token cannot be sealed anew, because its secret is
// not there; a key is needed until the last token that names it has ended. A
// token whose key is missing is answered by 503 and an error in the log, not by
// 401: that would make identity providers give up on their credentials.
//
// # Verifying
//
// A request has exactly one Authorization header with a bearer token. The token
// is found by its id and its digest compared in constant time. Then it must be
// of the tenant in the URL, and be neither revoked nor expired. Everything that
// fails so far gives the same 401, and takes the same work: a token that is
// missing or malformed is replaced by a decoy of the usual length, which goes the
// same way through the cache, one look-up and one HMAC. Three things are not
// hidden. A store may take longer to find a row than to find none, which says
// that there is or was a token of this id: ids are random and no secret. A
// [Chain] takes longer for a request that has to ask more of its members, which
// says what the client knows, the form of what it sent. And a token that is
// sealed with a missing key is 503 (see above).
//
// The proof of a client is its token alone. There is no mutual TLS, RFC 8705, so
// that nothing here looks at certificates: a host that wants them checks them
// before, or in a [scim.Authenticator] of its own. Wrong tokens are not counted
// for each address of a client; a guess finds nothing in 256 bits, and limits
// against floods are those of the host's proxy. Scopes are checked for each
// request as a whole, because package scim has no Bulk.
//
// A token that has proved itself may learn more: 429 over the rate limit, 403
// where SCIM is switched off or the tenant not entitled, 503 with Retry-After
// while it is paused. Such a request has a Principal beside its error, so that a
// log of requests takes it for the tenant's own. It counts as a use of the token,
// because somebody has it. A store that fails is 503,
// never 401.
//
// What was found is kept for Options.CacheTTL, 5 seconds by default; refusals
// for a second at most. So a revocation is seen at once by the Manager that
// did it, and by every other one within CacheTTL. Expiry is checked each time.
//
// # Rotation
//
// StartRotation gives a token a successor; for an overlap of a day both work.
// CompleteRotation ends it earlier, CancelRotation takes the successor back, and
// Revoke of either token does the same. So the old token never ends because of a
// successor that was revoked. Nor does a successor expire while the rotation is
// under way: an overlap is never longer than Options.MaxLifetime. When the
// overlap is over, the old token has ended without another word. Rotate is the
// one-step form without overlap.
package token
