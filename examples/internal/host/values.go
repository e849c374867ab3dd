package host

import (
	"encoding/json"
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

// JSON is a list as json_each reads it, so that one statement can be about any
// number of ids.
func JSON(list []string) string {
	if list == nil {
		list = []string{}
	}
	text, _ := json.Marshal(list) // strings always can be
	return string(text)
}
