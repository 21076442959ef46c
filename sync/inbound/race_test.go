//go:build race

package inbound

// patience: the race detector slows everything down.
const patience = 10
