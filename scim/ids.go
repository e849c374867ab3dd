package scim

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"strconv"
	"time"
)

// newUUID makes a UUID of version 7 (RFC 9562 section 5.7): ordered by time,
// which keeps indexes compact, with 74 random bits, which nobody can guess.
func newUUID() string {
	var b [16]byte
	rand.Read(b[:])
	var ms [8]byte
	binary.BigEndian.PutUint64(ms[:], uint64(time.Now().UnixMilli()))
	copy(b[:6], ms[2:])
	b[6] = b[6]&0x0f | 0x70
	b[8] = b[8]&0x3f | 0x80
	var out [36]byte
	hex.Encode(out[:], b[:4])
	out[8] = '-'
	hex.Encode(out[9:], b[4:6])
	out[13] = '-'
	hex.Encode(out[14:], b[6:8])
	out[18] = '-'
	hex.Encode(out[19:], b[8:10])
	out[23] = '-'
	hex.Encode(out[24:], b[10:])
	return string(out[:])
}

// newVersion makes the version of a resource that changed at now. Random bits
// keep apart two changes in the same microsecond, on two nodes.
func newVersion(now time.Time) string {
	var b [4]byte
	rand.Read(b[:])
	var out [32]byte
	text := strconv.AppendUint(out[:0], uint64(now.UnixMicro()), 36)
	return string(strconv.AppendUint(text, uint64(binary.BigEndian.Uint32(b[:])), 36))
}
