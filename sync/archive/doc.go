// Package archive keeps the files of issued and received invoices in a folder tree (company/year/month) for as long as the
// law asks: UBL, PDF and HTML as the provider and the ledger hold them, written so that a file is there whole or not at all,
// with size and SHA-256 in the ledger. It finds what is missing or changed, fetches it again, and packs a month for the
// accountant. It never deletes a file, never blocks sending, and knows the provider's port, the ledger and one folder;
// internal/app wires it.
package archive
