package audit

import (
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"faturad/internal/invoice"
	"faturad/providers"
	"faturad/sync/ledger"
)

// Books is everything that Compare looks at. The zero value of a part means "not read"; the flags beside the parts say what
// may be concluded from something's absence.
type Books struct {
	Company string
	Now     time.Time // the ledger's clock

	Documents []ledger.Document        // of the period, every revision
	History   map[int64][]ledger.Event // by document
	Trail     map[int64][]ledger.Audit // by document
	Lease     time.Duration            // how long an intent lets a request take; 0 = not known
	Waits     map[string]time.Duration // quarantine by account
	TwoStep   map[string]bool          // accounts whose creates make only drafts

	Issued   []Issued
	Complete bool                 // Issued has everything that the provider holds for the company
	Absent   map[uuid.UUID]bool   // asked for one by one, and surely not there
	Silent   map[uuid.UUID]bool   // asked for one by one, without an answer
	Several  map[uuid.UUID]string // asked for one by one: there is more than one, in the provider's words
	Requests []Request
	Logged   bool // Requests has every create and every release that reached the provider

	Marks   []Mark
	Marked  bool                  // the ERP's marks were read
	Offered []ledger.Key          // sales that the ERP still offers as pending
	Deleted map[ledger.Key]bool   // sales that the ERP no longer has, or says are not to be issued
	Content map[ledger.Key]string // content hashes of the sales as the ERP has them now

	Received []ledger.Received
	Incoming []Incoming
	Inboxed  bool // Incoming has everything that the provider's inbox holds of the period

	Unasked []Unasked
	Moving  int // documents left out because they changed while they were compared

	progress func(done, total int) // may be nil
}

// step tells whoever waits for the audit of one more document.
func (b *Books) step() {
	if b.progress != nil {
		b.progress(1, 0)
	}
}

// Issued is one document as the provider holds it. Empty fields are not compared.
type Issued struct {
	Account        string
	ETTN           uuid.UUID
	Key            uuid.UUID // the ETTN that we derived, where the document carries it beside its own
	LocalReference string
	Number         string
	Kind           invoice.Kind
	State          providers.State
	BuyerTaxNo     string
	Payable        decimal.NullDecimal
	Currency       string
	IssueDate      invoice.Date
	Hash           string // hex SHA-256 of the bytes it was sent
}

// live reports whether the document has, or may get, legal effect.
func (i Issued) live() bool {
	return i.State != providers.StateCancelled && i.State != providers.StateRejected && i.State != providers.StateFailed
}

// Request is one request for a document as the provider's own log has it: a create, or the release of a draft.
type Request struct {
	ETTN    uuid.UUID
	At      time.Time
	Hash    string // of a create
	Release bool
}

// Mark is what the ERP shows of one sale.
type Mark struct {
	ledger.Key
	ETTN     uuid.UUID // zero = the ERP does not keep it
	Number   string
	State    string              // the ERP's word
	Payable  decimal.NullDecimal // what the ERP booked
	Currency string
	Stray    bool // the ledger knows no document of this sale, in the period or before
}

// Incoming is one received invoice as the provider's inbox has it.
type Incoming struct {
	ETTN   uuid.UUID
	Number string
	Hash   string // hex SHA-256 of the UBL; empty = not read
	IsNew  bool
}

// Unasked is something that could not be asked, and why.
type Unasked struct {
	What string
	Err  error
}
