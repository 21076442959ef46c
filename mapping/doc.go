// Package mapping turns a sale, as an ERP stores it, into a checked invoice, or into the complete list of faults that
// stand in the way. It is pure: no SQL, no HTTP, no clock, no files. It never changes a total: what the ERP booked is
// reproduced to the kuruş by a rounding convention that it finds and records, or the sale is held with an explanation.
// The outbound flow, the preview command and the audit may import it.
package mapping
