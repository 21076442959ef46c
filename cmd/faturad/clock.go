//go:build !testclock

package main

import "faturad/internal/clock"

// newClock is the machine's clock; another one exists only in builds with the tag testclock.
func newClock() clock.Clock { return clock.Real{} }
