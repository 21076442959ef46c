// Package registry keeps the list of e-invoice taxpayers and their mailboxes, per provider environment, and decides from
// it whether a sale becomes an e-Fatura or an e-Arşiv invoice, and to which mailbox it goes. It knows the provider port
// only: where the list comes from is not its business. It never deletes a row and never changes a document.
// internal/app and cmd may import it.
//
// The list of an environment lives in two slots of one table. An import writes into the slot that is not in use, and one
// statement switches over when the new list is complete and plausible; until then, and after any failure, lookups see the
// old list whole. Rows of earlier generations that stay in a slot are never seen: every row carries the generation that
// wrote it last, and lookups ask for the current one.
package registry
