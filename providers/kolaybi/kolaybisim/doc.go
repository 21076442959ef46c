// Package kolaybisim is KolayBi in memory: a real HTTP server that behaves as the guide and facts/kolaybi-propars.md say, with
// contacts, products, drafts and official documents, a clock that can be moved, and switches for faults. It validates and
// refuses what the real service refuses, gives ETTN and number itself, and keeps two records of one sale when it is asked twice. Tests and the demo
// use it; the shipped daemon never does.
//
// Doors under /_sim (loopback only, no key) show what it holds and set faults; GET /_sim/ lists them. Where the facts
// contradict each other or say nothing, Rules has a switch, and its zero value is the reading that integrators make most likely.
package kolaybisim
