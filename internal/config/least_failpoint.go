//go:build failpoint

package config

import "time"

// Builds that are made to be killed may wait less: their tests sit through leases and time-outs.
const (
	leastLease   = time.Second
	leastTimeout = 200 * time.Millisecond
)
