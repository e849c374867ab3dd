package token

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
)

// A Key seals tokens. Whoever reads the store but not the key can neither check
// a guess nor make a token.
//
// The zero Key stands for a key that everybody knows: it is what a Manager
// without keys uses, and what the list of a host that begins to use keys ends
// with, until the tokens from before have ended.
type Key struct {
	id     string
	secret *string // a pointer to a string is all that no verb of fmt follows
}

// NewKey makes a key of 32 random bytes or more. id names it in the store.
func NewKey(id string, secret []byte) Key {
	text := string(secret)
	return Key{id, &text}
}

var knownKey = []byte("github.com/scimkit/scimkit/token: sealed without a key")

// keyring holds the keys, the newest first.
type keyring []Key

func newKeyring(keys []Key) (keyring, error) {
	if len(keys) == 0 {
		keys = []Key{{}}
	}
	ids := map[string]bool{}
	for i, k := range keys {
		switch {
		case ids[k.id]:
			return nil, fmt.Errorf("key %d: there are two keys called %q", i, k.id)
		case k.id == "" && k.secret != nil:
			return nil, fmt.Errorf("key %d: the id is missing", i)
		case k.id != "" && len(*k.secret) < 32:
			return nil, fmt.Errorf("key %d: a key has 32 bytes or more", i)
		case len(k.id) > 64 || !printable(k.id):
			return nil, fmt.Errorf("key %d: the id has up to 64 printable characters", i)
		}
		ids[k.id] = true
	}
	return append(keyring(nil), keys...), nil
}

var errNoKey = errors.New("is sealed with a key that is not among Options.Keys")

func (r keyring) find(id string) (Key, error) {
	for _, k := range r {
		if k.id == id {
			return k, nil
		}
	}
	return Key{}, errNoKey
}

// seal is the digest of a token's secret. Tenant and id are part of it, so that
// a digest is worth nothing in another row.
func (k Key) seal(tenant, id, secret string) []byte {
	key := knownKey
	if k.secret != nil {
		key = []byte(*k.secret)
	}
	h := hmac.New(sha256.New, key)
	buf := make([]byte, 0, 256)
	buf = append(buf, "scimtok/1"...)
	for _, s := range []string{tenant, id} {
		buf = binary.BigEndian.AppendUint32(buf, uint32(len(s)))
		buf = append(buf, s...)
	}
	h.Write(append(buf, secret...))
	return h.Sum(nil)
}
