// Package bench measures faturad: the real binary against a private database with real flushes and a simulator in a process
// of its own, beside the limits of the same machine in the same run. `make bench` runs it; docs/performance.md explains the
// table. It holds test files only, and nothing imports it.
package bench
