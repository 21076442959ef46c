//go:build race

package ubl

// raceFactor: the race detector slows everything down.
const raceFactor = 10
