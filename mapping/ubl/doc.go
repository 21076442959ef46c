// Package ubl turns a checked invoice into UBL-TR XML and reads UBL-TR XML, ours or a stranger's, back. It is pure: no
// SQL, no HTTP, no clock, no files, no goroutines, and it never executes, fetches or resolves anything that a document
// names (no DTD, no XInclude, no stylesheet). mapping, providers, sync and the simulators may import it.
//
// Writing and reading are pairs, a pair for each part of the document: party.go and party_parse.go, totals.go and
// totals_parse.go, and so on. Parse(Write(inv)) gives inv again, in the canonical form that normalize describes.
package ubl
