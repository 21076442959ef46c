package ledger

import (
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"faturad/internal/invoice"
)

// NewDocument is a sale to be discovered: revision 1, with its derived ETTN.
type NewDocument struct {
	Key
	ERP            string // erp.id
	LocalReference string
	ETTN           uuid.UUID
	ProbeFirst     bool // ask the provider before the first send
}

// KnownDocument is a sale that the ERP's own columns say was issued, for rebuilding a lost ledger.
type KnownDocument struct {
	NewDocument
	Revision     int           // 0 = 1
	Number       string        // evidence; empty = the ERP keeps none
	State        string        // the ERP's word: evidence for the message only
	SentAt       time.Time     // when the provider took it, as the ERP shows it; zero = the ERP does not keep it
	IssueDate    invoice.Date  // the provider's, where its own list names it; zero = not known
	QuarantineIn time.Duration // "surely has not" is disbelieved for so long from now; 0 = not at all
}

// StateSum is what stands in one state in one currency.
type StateSum struct {
	State    State
	Currency string // empty = not mapped yet
	Count    int
	Payable  decimal.Decimal
}

// Written says that the ERP now shows Version of document ID. Make it with Document.Written, from the document as
// Unwritten returned it: then a second writer that worked on the same document meanwhile is noticed.
type Written struct {
	ID      int64
	Version int64
	seen    int64 // write_seq + 1 as read; 0 = not known
}

// Written is the note that the ERP now shows d as it is.
func (d Document) Written() Written {
	return Written{ID: d.ID, Version: d.Version, seen: d.writeSeq + 1}
}

// WriteFailure says why the ERP could not be told, and when to try again.
type WriteFailure struct {
	ID      int64
	Message string
	NextIn  time.Duration
	// Refused says that the ERP's table takes no document: that is no failure of this one, and does not count as one.
	Refused bool
}

// NewReceived is an incoming invoice with its bytes as the provider gave them.
type NewReceived struct {
	Received
	Raw    []byte        // empty: it could not be fetched yet; Reason says why
	Wants  []string      // further formats that are to be fetched later, such as "pdf"
	Found  bool          // somebody else had cleared its new flag: the sweep found it
	NextIn time.Duration // not before database now + it
}

// ReceivedMove is one guarded move of a received document: it happens only if the document is still in From and, when
// Lease is given, still leased under it.
type ReceivedMove struct {
	ID       int64
	From, To ReceivedState // the same state twice: only the patch, the reason and the times
	Lease    *Lease
	Reason   string        // why it is quarantined; empty clears it
	Failed   bool          // failures = failures + 1; false: back to 0 when the state changes
	NextIn   time.Duration // not before database now + it
	Patch    ReceivedPatch // header fields read from the UBL
}

// ReceivedPatch names the header fields that a move sets; nil leaves one as it is.
type ReceivedPatch struct {
	Number, SenderTaxNo, SenderTitle, Scenario, Type, Currency *string
	IssueDate                                                  *invoice.Date
	Payable                                                    *decimal.Decimal
}

// ReceivedFilter selects received documents for people, oldest first unless Newest is set.
type ReceivedFilter struct {
	Company string // empty = all
	Account string // empty = all
	States  []ReceivedState
	Search  string    // part of the number, the sender's title or tax number
	Since   time.Time // arrived since
	Limit   int       // 0 = 100
	AfterID int64
	Newest  bool // the newest first; AfterID then goes on to older ones (0 = from the newest)
}
