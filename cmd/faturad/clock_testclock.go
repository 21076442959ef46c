//go:build testclock

package main

import (
	"os"
	"time"

	"faturad/internal/clock"
)

// shifted runs beside the real clock, at a fixed distance.
type shifted struct{ by time.Duration }

func (s shifted) Now() time.Time { return clock.Real{}.Now().Add(s.by) }

// newClock reads the time at which the process shall believe to start from FATURAD_CLOCK (RFC 3339).
func newClock() clock.Clock {
	start, err := time.Parse(time.RFC3339, os.Getenv("FATURAD_CLOCK"))
	if err != nil {
		return clock.Real{}
	}
	return shifted{start.Sub(clock.Real{}.Now())}
}
