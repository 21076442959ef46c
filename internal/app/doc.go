// Package app wires faturad together: it opens the databases and providers that a config names, gives each company its
// passes (outbound, followup, inbound, registry), and runs them on their schedule. It holds no business rule: those live
// in sync, mapping and providers. Only cmd may import it.
package app
