// Package outbound carries pending sales to the provider: discover, lease, map, prepare, intent, send, result, a file a
// step. It never looks an unknown outcome up (followup does), never writes to the ERP, and never sends what it has not
// committed an intent for. It knows the provider's port, the ERP source and the ledger; internal/app wires it.
package outbound
