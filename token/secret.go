package token

import (
	"fmt"
	"io"
	"log/slog"
)

// A Secret is a token in full. It hides itself from printing, logging and
// marshalling; only Reveal gives it.
type Secret struct {
	v *string // a pointer, because fmt prints unexported fields of others by reflection
}

const redacted = "[secret]"

// Reveal gives the token, to be shown once and kept nowhere.
func (s Secret) Reveal() string {
	if s.v == nil {
		return ""
	}
	return *s.v
}

func (s Secret) String() string { return redacted }

// GoString hides the secret from %#v.
func (s Secret) GoString() string { return redacted }

// Format hides the secret from every verb.
func (s Secret) Format(f fmt.State, _ rune) { io.WriteString(f, redacted) }

// MarshalText hides the secret from JSON and other encodings.
func (s Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// MarshalJSON hides the secret from JSON.
func (s Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + redacted + `"`), nil }

// LogValue hides the secret from log/slog.
func (s Secret) LogValue() slog.Value { return slog.StringValue(redacted) }
