//go:build !race

package ubl

// raceFactor is 1 without the race detector.
const raceFactor = 1
