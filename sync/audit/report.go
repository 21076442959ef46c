package audit

import (
	"github.com/shopspring/decimal"

	"faturad/sync/ledger"
)

// Invariant names one of the rules.
type Invariant string

// The invariants that are about data; I10 (no secrets in outputs) and I11 (nothing left open) are about processes, and are
// for tests.
const (
	I1 Invariant = "I1"
	I2 Invariant = "I2"
	I3 Invariant = "I3"
	I4 Invariant = "I4"
	I5 Invariant = "I5"
	I6 Invariant = "I6"
	I7 Invariant = "I7"
	I8 Invariant = "I8"
	I9 Invariant = "I9"
)

// Finding is one difference: what it is, and what to do, one sentence each.
type Finding struct {
	Invariant Invariant
	Ref       string // local reference, sale key or ETTN
	Says      string
	Do        string
}

// Check says whether an invariant was checked.
type Check struct {
	Invariant Invariant
	Says      string
	Part      string // what could not be checked, and why; empty = all of it was
	Skipped   bool   // nothing of it could be checked
	Found     int
}

// Figure is a count and a sum.
type Figure struct {
	Count  int
	Amount decimal.Decimal
}

func (f *Figure) add(amount decimal.NullDecimal) {
	f.Count++
	if amount.Valid {
		f.Amount = f.Amount.Add(amount.Decimal)
	}
}

// Sum is one line of the reconciliation. The states are those that the ERP can show: what is prepared or being sent counts
// as pending.
type Sum struct {
	State                 ledger.State // empty = a word of the ERP that is no state
	Currency              string       // empty = not known
	Ledger, Provider, ERP Figure
}

// Report is the outcome of an audit.
type Report struct {
	Company  string
	Sums     []Sum
	Checks   []Check
	Findings []Finding
	Unasked  []Unasked
	Moving   int // documents that changed while they were compared; the next audit sees them
	Asking   int // documents that the ERP shows, and that the provider is being asked for
	Foreign  int // documents at the provider that faturad did not make
}
