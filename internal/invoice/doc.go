// Package invoice holds the nouns of faturad: the sale as the ERP gives it, the checked invoice made from it, parties,
// money, taxes, dates, and the faults found on the way. It is pure: no SQL, no HTTP, no clock, no files. Everybody may
// import it; it imports nothing of ours.
package invoice
