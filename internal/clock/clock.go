// Package clock is the source of the present time, so that tests can choose it. Stored times are UTC; dates that the
// law or an accountant sees are decided in Europe/Istanbul. It never sleeps. Anyone but the pure packages (mapping,
// internal/invoice) may import it.
package clock

import (
	"sync"
	"time"
	_ "time/tzdata" // a machine without zone files must still know Istanbul
)

// Clock tells the present.
type Clock interface {
	// Now is the present instant.
	Now() time.Time
}

// Real is the machine's clock.
type Real struct{}

// Now returns the machine's time in UTC.
func (Real) Now() time.Time { return time.Now().UTC() }

// Istanbul is the zone in which dates are decided (UTC+3 all year since 2016).
var Istanbul = mustZone("Europe/Istanbul")

func mustZone(name string) *time.Location {
	zone, err := time.LoadLocation(name)
	if err != nil { // cannot happen: tzdata is linked in
		panic(err)
	}
	return zone
}

// Text is an instant as people read it, in Türkiye and in one form a language: 01.09.2026 15:04:05 in Turkish ("tr"),
// 2026-09-01 15:04:05 otherwise. Empty for the zero time. Programs are given RFC 3339 instead.
func Text(t time.Time, language string) string {
	if t.IsZero() {
		return ""
	}
	layout := time.DateTime
	if language == "tr" {
		layout = "02.01.2006 15:04:05"
	}
	return t.In(Istanbul).Format(layout)
}

// Manual is a clock that moves only when told to. The zero value stands at the zero time; safe for concurrent use.
type Manual struct {
	mu  sync.Mutex
	now time.Time
}

// NewManual returns a clock that stands at t.
func NewManual(t time.Time) *Manual { return &Manual{now: t.UTC()} }

// Now returns where the clock stands.
func (m *Manual) Now() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.now
}

// Advance moves the clock by d.
func (m *Manual) Advance(d time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.now = m.now.Add(d)
}

// Set moves the clock to t.
func (m *Manual) Set(t time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.now = t.UTC()
}
