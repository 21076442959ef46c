package ledger

import (
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"faturad/internal/invoice"
	"faturad/providers"
)

// Document is the ledger's row for one (company, local reference, revision). Times are UTC; a zero time or nil means
// "none".
type Document struct {
	ID             int64
	Company        string
	ERP            string // erp.id: part of the ETTN
	KeySpace       string // name of the ERP document
	SaleKey        string // canonical key of the sale
	LocalReference string
	Revision       int
	ETTN           uuid.UUID
	State          State
	Superseded     bool // a later revision exists: the ERP shows that one

	SaleNumber string // the ERP's printed number
	SaleHash   string // content hash of the sale that was mapped last
	Changed    bool   // the sale changed after it was sent, or was deleted
	Gone       bool   // it was deleted, or the ERP says that it is not to be issued; only together with Changed
	Convention string // rounding convention that reproduced the ERP's totals
	BuyerTaxNo string
	BuyerName  string
	Currency   string
	Payable    decimal.NullDecimal
	IssueDate  invoice.Date
	MovedFrom  invoice.Date // the sale's own date where the invoice went out under a later one; zero = it did not

	Account     string // name of the account that issues it; pinned when prepared
	Provider    string // its kind
	Route       providers.Route
	ContentType string
	PayloadHash string

	Number         string    // the provider's number
	ProviderID     string    // the provider's own id of the document, where it is not the ETTN
	Assigned       uuid.UUID // the ETTN that the provider gave, where it does not take ours
	Legal          LegalStep
	Loose          bool // drafts of it may lie at the provider that the ledger does not know
	Mail           Mail
	ProviderStatus *int
	EnvelopeStatus *int
	Code           string // stable code of the fault or error class behind Message; empty = none
	Message        string // what happened, for the accountant
	Advice         string // what to do, for the accountant

	Attempts        int       // attempts opened, of every operation
	Failures        int       // consecutive attempts or polls without progress: drives the back-off
	NextAt          time.Time // not before this
	UnknownSince    time.Time // first time the outcome became unknown; kept until settled
	QuarantineUntil time.Time // "surely has not" counts only after this
	WasUnknown      bool      // some earlier attempt of this revision was unknown
	ProbeFirst      bool      // ask the provider before the first send (ledger younger than the sale, or rebuilt)

	LeaseOwner string
	LeaseEpoch int64
	LeaseUntil time.Time

	Version        int64 // rises with every change that the ERP must see
	WrittenVersion int64 // the version the ERP shows
	WriteFailures  int
	WriteNextAt    time.Time
	WriteMessage   string // why the last write-back failed; empty = it did not
	writeSeq       int64  // rises with every note about the ERP, so that two writers notice each other

	CreatedAt, UpdatedAt, SentAt, FinalAt time.Time
}

// Lease is the right under which the document was leased, for a Change.
func (d Document) Lease() *Lease { return &Lease{Owner: d.LeaseOwner, Epoch: d.LeaseEpoch} }

// Identity is every key under which the provider may know the document.
func (d Document) Identity() providers.Identity {
	return providers.Identity{ETTN: d.ETTN, LocalReference: d.LocalReference, Kind: d.Route.Kind, Number: d.Number, IssueDate: d.IssueDate,
		ID: d.ProviderID, Assigned: d.Assigned, Series: d.Route.Prefix}
}

// LegalETTN is the ETTN that counts for the law and that people see: the one that the provider gave, where it gives its
// own, else ours.
func (d Document) LegalETTN() uuid.UUID {
	if d.Assigned != uuid.Nil {
		return d.Assigned
	}
	return d.ETTN
}

// LegalStep says where the second step of a document stands, at providers whose first step makes only a draft
// (providers.Capabilities.TwoStep). Empty elsewhere, before the draft, after the step, and for drafts that wait for a person.
type LegalStep string

// The stages of the legal step.
const (
	LegalNone LegalStep = ""
	// LegalDue: the draft is there, and the step was surely not done.
	LegalDue LegalStep = "due"
	// LegalOpen: its intent is committed, and nothing was heard since. Who takes over may look, but never repeat.
	LegalOpen LegalStep = "open"
	// LegalUnknown: who made the request recorded that its outcome is unknown. It may be repeated once a look-up after the
	// quarantine found the draft still without a number.
	LegalUnknown LegalStep = "unknown"
)

// Key names a sale inside one company.
type Key struct {
	KeySpace string
	SaleKey  string
}

// Known is a sale that the ERP's own columns say was issued; a lost ledger is rebuilt from these.
type Known struct {
	Key
	ETTN   uuid.UUID // zero = the ERP does not keep it: the derived one is used
	Number string
	State  string // the ERP's word, as evidence for messages only
}

// Operation is a write at the provider for a document.
type Operation string

// The operations.
const (
	OpPrepare Operation = "prepare"
	OpContact Operation = "contact" // providers.GroundContact
	OpProduct Operation = "product" // providers.GroundProduct
	OpSale    Operation = "sale"    // providers.GroundSale
	OpCreate  Operation = "create"
	OpLookup  Operation = "lookup"
	OpStatus  Operation = "status"
	OpUpdate  Operation = "update"
	OpRelease Operation = "release"
	OpCancel  Operation = "cancel"
	OpResend  Operation = "resend"
	OpAnswer  Operation = "answer"
	OpMail    Operation = "mail"   // to the buyer, again
	OpDelete  Operation = "delete" // of drafts that nobody needs
)

// Event is one append-only row of the attempts table: an attempt opened or closed.
type Event struct {
	ID         int64
	Document   int64
	Attempt    int // number of the attempt within the document
	Operation  Operation
	Opened     bool   // true = intent; false = outcome
	Class      string // fault.Class of the outcome; "ok" when it succeeded; empty on opening
	HTTPStatus int
	Message    string
	Answer     []byte    // kept compressed; secrets masked by the provider
	PayloadSHA string    // hash of what was (to be) sent
	Owner      string    // who did it
	At         time.Time // database clock
}

// Audit is one row of the audit trail: a person's action, or an adoption that nobody asked for.
type Audit struct {
	ID       int64
	At       time.Time
	User     string
	Action   string
	Document int64 // 0 = none
	Ref      string
	From, To State
	Reason   string
}

// Change is one guarded move of one document. It is applied only if the document is still in a state with an arrow to
// To (or in To itself when Stay is set), and, when Lease is given, still leased under that owner and epoch, and what its Event
// names as PayloadSHA still frozen. Otherwise nothing of it happens: no patch, no event, no payload.
type Change struct {
	Document int64
	Lease    *Lease // nil = not under a lease (people's commands): then the lease must be free or expired
	To       State
	Stay     bool // the state does not change; To names the state it must be in
	// From narrows the guard to one state: for changes that were decided on what was read without a lease, which may be
	// stale. Empty = every state with an arrow to To.
	From    State
	Patch   Patch
	Event   *Event             // appended when the change is applied
	Payload *providers.Payload // stored when the change is applied (prepare)
	Audit   *Audit
	// Likeness is kept when the change is applied, for Alike; zero = none.
	Likeness Likeness
	Unlease  bool // give the lease back
	// Seize takes the document also from somebody who holds its lease: what that one reports is then dropped. It is for
	// parking a document that must not go on, and needs Lease nil.
	Seize bool
	Quiet bool // nothing that the ERP shows changes: do not raise the version
}

// Patch names the columns that a Change sets; nil leaves a column as it is.
type Patch struct {
	SaleNumber, SaleHash, Convention, BuyerTaxNo, BuyerName, Currency *string
	Payable                                                           *decimal.Decimal
	IssueDate                                                         *invoice.Date
	MovedFrom                                                         *invoice.Date // the zero date clears it
	ETTN                                                              *uuid.UUID
	Revision                                                          *int // with ETTN and LocalReference: a lost ledger took it for another
	LocalReference                                                    *string
	Changed, WasUnknown, ProbeFirst                                   *bool
	Gone                                                              bool // with Changed: because the sale is gone
	Account, Provider                                                 *string
	Route                                                             *providers.Route
	Number, ProviderID                                                *string
	Assigned                                                          *uuid.UUID
	Legal                                                             *LegalStep
	Loose                                                             *bool
	Mail                                                              *MailPatch
	ProviderStatus, EnvelopeStatus                                    *int
	Code, Message, Advice                                             *string
	CountAttempt                                                      bool // attempts + 1; what a leased intent opens is Event.Attempt
	Failures                                                          *int
	NextIn                                                            *time.Duration // next_at = database now + NextIn
	Unknown                                                           *bool          // true: unknown_since = now if not set; false: clear it
	QuarantineIn                                                      *time.Duration // quarantine_until = database now + it
	LeaseFor                                                          *time.Duration // lease_until = database now + it: an intent renews its lease
	SentAt                                                            *time.Time     // sent_at if not set
	MarkSent, MarkFinal                                               bool           // sent_at / final_at = now if not set
}

// Lease is the right to work on documents for a while.
type Lease struct {
	Owner string
	Epoch int64
}

// Outcome tells what became of one Change.
type Outcome struct {
	Applied bool
	// Err concerns this change only: fault.Permanent when its data cannot be stored, fault.Duplicate with a *Clash when
	// its number, ETTN or reference belongs to another document. nil with Applied false = the guard said no.
	Err error
}

// Filter selects documents for people.
type Filter struct {
	Company string
	States  []State
	Search  string    // part of the local reference, sale number, invoice number or buyer name
	Since   time.Time // changed in the ledger since
	Code    string    // only those with this code
	// DueSince is only those that were due since, or will be; with States it is the cheap way to those that moved lately.
	DueSince time.Time
	Changed  bool // only those whose sale changed after it was sent
	Loose    bool // only those that may have drafts at the provider that the ledger does not know
	Limit    int  // 0 = 100
	AfterID  int64
	Newest   bool // the newest first; AfterID then goes on to older ones (0 = from the newest)
}

// ReceivedState is where an incoming invoice stands (design.md invariant 6).
type ReceivedState string

// The states of a received document, in order; quarantined ones are retried with growing delay.
const (
	ReceivedStored       ReceivedState = "stored"       // raw bytes and hash are in the ledger
	ReceivedProjected    ReceivedState = "projected"    // and in the ERP
	ReceivedAcknowledged ReceivedState = "acknowledged" // and isNew is cleared at the provider
	ReceivedQuarantined  ReceivedState = "quarantined"  // cannot be parsed or stored; raw bytes kept with the reason
)

// Received is an incoming invoice.
type Received struct {
	ID          int64
	Company     string
	Account     string
	ETTN        uuid.UUID
	Number      string
	SenderTaxNo string
	SenderTitle string
	Scenario    string
	Type        string
	IssueDate   invoice.Date
	Currency    string
	Payable     decimal.NullDecimal
	State       ReceivedState
	Hash        string // hex SHA-256 of the raw UBL
	Reason      string // why it is quarantined
	Failures    int
	NextAt      time.Time
	ArrivedAt   time.Time
	StoredAt    time.Time
	ProjectedAt time.Time
	AckedAt     time.Time
	LeaseOwner  string
	LeaseEpoch  int64
	LeaseUntil  time.Time
}

// Lease is the right under which the received document was leased.
func (r Received) Lease() *Lease { return &Lease{Owner: r.LeaseOwner, Epoch: r.LeaseEpoch} }
