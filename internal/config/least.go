//go:build !failpoint

package config

import "time"

// The shortest lease and request time-out that a config may ask for.
const (
	leastLease   = 30 * time.Second
	leastTimeout = 5 * time.Second
)
