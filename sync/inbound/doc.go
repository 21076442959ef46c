// Package inbound brings incoming invoices home: pull (raw bytes and hash into the ledger), project (into the ERP's own
// tables), acknowledge (clear the provider's isNew flag, and read it back). Nothing is acknowledged before both
// databases have it (design.md, invariant 6). It never answers an invoice and never changes a stored byte; internal/app
// wires it.
package inbound
