// Package simulator is what simulated providers have in common, whatever they simulate: a clock that people can move, sessions,
// faults and how they travel, the log, the doors under /_sim, and the server around them. A provider's own simulator embeds Core
// and says of each request what it is (Exchange). It belongs to tests and to the demo: the shipped binary links none of it.
package simulator
