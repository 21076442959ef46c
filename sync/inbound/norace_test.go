//go:build !race

package inbound

// patience is 1 without the race detector.
const patience = 1
