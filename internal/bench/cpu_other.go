//go:build !unix

package bench

import "time"

var start = time.Now()

// cpuTime is the time of the wall where no other is to be had simply.
func cpuTime() time.Duration { return time.Since(start) }
