// Package proparssim is Propars in memory: a real HTTP server that behaves as the guide and facts/kolaybi-propars.md (part B)
// say, with sales, one invoice for each, signed XML, a clock that can be moved, and switches for faults. It validates and refuses
// what the real service refuses; its preview is a GET that creates, as theirs is. Tests and the demo use it; the shipped daemon never does.
//
// Doors under /_sim (loopback only, no token) show what it holds and set faults; GET /_sim/ lists them. Propars publishes neither
// its answers' fields nor its errors: Rules has a switch for each guess, and its zero value is the one that the facts call likely.
package proparssim
