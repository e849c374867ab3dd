package host

import (
	"encoding/json"
	"strings"
	"time"
)

// Micro is how times are stored: in microseconds, which is what meta.created
// and meta.lastModified have. The zero time is 0.
func Micro(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// Time is the time of Micro.
func Time(micro int64) time.Time {
	if micro == 0 {
		return time.Time{}
	}
	return time.UnixMicro(micro).UTC()
}

// JSON is a list for [Tx.Each], so that one statement can be about any number of
// ids. Nothing has an id with U+0000, which PostgreSQL has not.
func JSON(list []string) string {
	ids := make([]string, 0, len(list))
	for _, id := range list {
		if !strings.Contains(id, "\x00") {
			ids = append(ids, id)
		}
	}
	text, _ := json.Marshal(ids) // strings always can be
	return string(text)
}
