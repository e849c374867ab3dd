package token

import (
	"crypto/rand"
	"hash/crc32"
)

// The parts of a token behind the prefix.
const (
	idLen     = 12
	secretLen = 43 // 43 characters of 62 are 256.03 bits
	crcLen    = 6

	shortest = 2 + 1 + idLen + 1 + secretLen + crcLen
	longest  = 16 + 1 + 15 + 1 + idLen + 1 + secretLen + crcLen
)

const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// Parse checks the form and the checksum of a token, and gives the id that is
// in it. It does not tell whether there is such a token.
func Parse(token string) (id string, ok bool) {
	id, _, ok = split(token)
	return id, ok
}

// split takes a token apart. Among texts that have the length of a token, how
// much work it does says nothing of what is wrong with them.
func split(token string) (id, secret string, ok bool) {
	if len(token) < shortest || len(token) > longest {
		return "", "", false
	}
	at := len(token) - crcLen
	sum := checksum(token[:at]) == token[at:]
	secret, rest := token[at-secretLen:at], token[:at-secretLen]
	id = rest[len(rest)-1-idLen : len(rest)-1]
	prefix := rest[:len(rest)-1-idLen]
	letters := [2]bool{base62(id), base62(secret)}
	valid := validPrefix(prefix[:len(prefix)-1])
	if !sum || !letters[0] || !letters[1] || !valid || rest[len(rest)-1] != '_' || prefix[len(prefix)-1] != '_' {
		return "", "", false
	}
	return id, secret, true
}

// validPrefix: [a-z][a-z0-9]{1,15}(_[a-z0-9]{1,15})?
func validPrefix(p string) bool {
	part, parts := 0, 1
	for i := 0; i < len(p); i++ {
		switch c := p[i]; {
		case c == '_' && parts == 1 && part >= 2:
			part, parts = 0, 2
			continue
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9' && i > 0:
		default:
			return false
		}
		if part++; part > 16 || part > 15 && parts == 2 {
			return false
		}
	}
	return part >= 2 || part == 1 && parts == 2
}

// base62 looks at all of s, whatever it finds.
func base62(s string) bool {
	good := true
	for i := 0; i < len(s); i++ {
		good = isBase62[s[i]] && good
	}
	return good
}

var isBase62 = func() (is [256]bool) {
	for i := 0; i < len(alphabet); i++ {
		is[alphabet[i]] = true
	}
	return is
}()

// checksum is the CRC-32 (IEEE) of s in six digits to the base 62.
func checksum(s string) string {
	var d [crcLen]byte
	sum := crc32.ChecksumIEEE([]byte(s))
	for i := len(d) - 1; i >= 0; i-- {
		d[i] = alphabet[sum%62]
		sum /= 62
	}
	return string(d[:])
}

// random makes n characters, each of the 62 as likely as the others.
func random(n int) string {
	text := make([]byte, 0, n)
	var buf [64]byte
	for len(text) < n {
		rand.Read(buf[:]) // never fails
		for _, b := range buf {
			if b < 4*62 && len(text) < n {
				text = append(text, alphabet[b%62])
			}
		}
	}
	return string(text)
}
