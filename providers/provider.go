// Package providers is the port to the private integrators that file with the tax authority. It declares what faturad
// asks of a provider and what a provider promises; it knows no database, no concrete provider and nothing of sync.
// A provider (providers/NAME) implements Provider and as many of the optional interfaces as its API can carry; callers
// find those by type assertion. Every error has a fault.Class.
package providers

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"faturad/internal/invoice"
)

// Provider prepares documents, sends them and looks them up.
type Provider interface {
	// Capabilities says what the provider promises; constant for the life of the value.
	Capabilities() Capabilities
	// Prepare makes the bytes that Send will send. It is pure: no I/O, no clock, no randomness; the same draft gives
	// the same bytes. An invoice that the provider's model cannot carry is refused with fault.Permanent and the reason.
	Prepare(Draft) (Payload, error)
	// Send makes at most one request that creates. Its class tells what is known: nil = created; Retryable, Throttled
	// and Auth = surely not; Permanent = refused, nothing exists; Duplicate = something exists under our key;
	// anything else = Ambiguous.
	Send(context.Context, Outgoing) (Receipt, error)
	// Lookup asks by every key the provider can find, on the e-Fatura and the e-Arşiv side. fault.NotFound means a
	// recognised "no such document" to an authenticated question on every side; all else is "could not ask".
	Lookup(context.Context, Identity) (Found, error)
}

// StatusReader reads where a document stands. fault.NotFound: the provider no longer has it.
type StatusReader interface {
	Status(context.Context, Identity) (Status, error)
}

// Releaser turns a draft into a document with legal effect, or queues a failed one again.
type Releaser interface {
	// Release makes at most one request that changes something. Its error has the same meaning as that of Send. The
	// receipt holds what the answer said; where the provider says nothing, it is empty.
	Release(context.Context, Identity) (Receipt, error)
}

// Grounder is offered where a document refers to records that must exist at the provider first (contacts, products).
type Grounder interface {
	// Grounds names the kinds of records in the order in which they are made.
	Grounds() []Ground
	// Ground finds or makes the records of one kind that a document needs, and says which they are, for Outgoing.Grounds.
	// It may be repeated: it looks before it makes, and nothing that it makes has legal effect. Permanent means that the
	// provider refuses them; every other class means "try again later".
	Ground(ctx context.Context, kind Ground, o Outgoing) ([]byte, error)
}

// Ground is a kind of records that documents stand on.
type Ground string

// The kinds.
const (
	GroundContact Ground = "contact" // the buyer and its address
	GroundProduct Ground = "product" // what the lines sell
	GroundSale    Ground = "sale"    // the whole sale, which the provider then invoices
)

// DraftKeeper deletes drafts that nobody needs. It is offered by providers whose creates cannot be told apart (TwoStep).
type DraftKeeper interface {
	// DeleteDrafts deletes every draft that carries the document's key, but never one with legal effect, and not the one
	// whose own id is keep ("" = spare none). It says how many it deleted, and may be repeated.
	DeleteDrafts(ctx context.Context, id Identity, keep string) (int, error)
}

// Updater replaces the content of a draft or failed document under the same ETTN.
type Updater interface {
	Update(context.Context, Outgoing) (Receipt, error)
}

// Canceller cancels a document where law and provider allow, and takes away a draft where Capabilities.CancelsDrafts says so.
type Canceller interface {
	Cancel(ctx context.Context, id Identity, reason string) error
}

// Downloader fetches a document's files as the provider holds them.
type Downloader interface {
	Download(context.Context, Identity, FileFormat) ([]byte, error)
}

// Inbox lists, fetches and acknowledges incoming invoices. Pages may shift while they are read: the caller reads a listing
// again until it stands still.
type Inbox interface {
	// List returns one page, oldest first where the provider can. A provider without a new flag (Capabilities.InboxFlag)
	// ignores OnlyNew.
	List(context.Context, InboxQuery) (InboxPage, error)
	// Fetch returns the UBL of one incoming invoice, byte for byte.
	Fetch(ctx context.Context, ettn uuid.UUID) ([]byte, error)
	// FetchFile returns another representation of an incoming invoice.
	FetchFile(ctx context.Context, ettn uuid.UUID, format FileFormat) ([]byte, error)
	// Acknowledge clears the isNew flag. It may be repeated. Without a new flag it is never called.
	Acknowledge(ctx context.Context, ettns []uuid.UUID) error
}

// TaxpayerSource streams the provider's list of e-invoice taxpayers.
type TaxpayerSource interface {
	// Taxpayers calls each for every mailbox of the list; memory does not grow with the list. An error from each stops
	// it and is returned as is.
	Taxpayers(ctx context.Context, each func(Taxpayer) error) error
}

// CodeSource fetches the provider's own code lists.
type CodeSource interface {
	// Codes returns one list whole; an empty list is an error.
	Codes(ctx context.Context, list CodeList) ([]Code, error)
}

// Lister lists what the provider holds, for reconciliation (the auditor, invoices made elsewhere).
type Lister interface {
	// ListIssued calls each for every document with, or once with, legal effect whose date lies between from and to; a zero
	// time leaves that end open. It may give neighbouring days too. Of what carries a key of ours, Status.Key or
	// Status.LocalReference is set, unless it was cancelled. An error from each stops it and is returned as is.
	ListIssued(ctx context.Context, from, to time.Time, each func(Status) error) error
}

// KeyLister lists the keys of ours under which the provider has documents. It is offered where nothing refuses a used key: a
// ledger that was restored together with the ERP learns by it alone what it forgot.
type KeyLister interface {
	// ListKeys lists the documents of these days, both included, that carry a key of ours, drafts among them.
	ListKeys(ctx context.Context, from, to invoice.Date, each func(Keyed) error) error
}

// Keyed is a document at the provider that carries a key of ours.
type Keyed struct {
	Key       uuid.UUID
	ID        string // the provider's own id
	Number    string // for people; empty = the list does not tell
	IssueDate invoice.Date
	State     State // empty = the list does not tell: ask StatusReader
}

// Checker makes one cheap authenticated call that proves that address, key and permission are right.
type Checker interface {
	Check(context.Context) error
}

// Identity is every key under which a provider may know a document.
type Identity struct {
	ETTN           uuid.UUID
	LocalReference string
	Kind           invoice.Kind // empty = ask every side
	Number         string       // the provider's number; empty = not known yet
	IssueDate      invoice.Date
	ID             string      // the provider's own id, where it is not our ETTN; empty = none, or not known
	Assigned       uuid.UUID   // the ETTN that the provider gave, where it does not take ours; zero = not known
	Later          []uuid.UUID // Lookup only: keys of later revisions, one of which it may be; the one with Number, or else the last
	Series         string      // what Release numbers it in, where numbers come that late; empty = the provider's default
}

// Route is how a document goes out: decided when it is prepared, frozen with its bytes.
type Route struct {
	Kind   invoice.Kind // e-fatura or e-arsiv
	Alias  string       // the buyer's mailbox; e-Fatura only
	Prefix string       // series; empty = the provider's default
	Draft  bool         // leave it without legal effect
	Email  string       // where the provider mails an e-Arşiv invoice; empty = nowhere
}

// Draft is what Prepare works on.
type Draft struct {
	Identity
	Route   Route
	Invoice invoice.Invoice
}

// Payload is what leaves the house, frozen. Hash is the hex SHA-256 of Bytes.
type Payload struct {
	ContentType string
	Bytes       []byte
	Hash        string
}

// Outgoing is one frozen document on its way.
type Outgoing struct {
	Identity
	Route   Route
	Payload Payload
	Grounds map[Ground][]byte // what Ground found or made; nil where the provider is no Grounder
}

// Receipt is the provider's answer to a successful create, update or release.
type Receipt struct {
	ETTN   uuid.UUID // zero when the answer names none
	ID     string    // the provider's own id, where it is not our ETTN
	Number string    // empty when the provider numbers later
	Draft  bool      // the provider holds it without legal effect
	Answer []byte    // as received, secrets masked
}

// Found is the answer of a successful look-up.
type Found struct {
	Status Status
	Key    uuid.UUID // which of Identity.Later it was found under; zero = the identity's own
	// Content is what the downloaded document says, to be compared with what we meant to send; nil = not readable yet.
	Content *Content
}

// Content is what identifies a document's meaning.
type Content struct {
	BuyerTaxNo     string
	Payable        decimal.Decimal
	Currency       string
	IssueDate      invoice.Date
	LocalReference string // empty when the provider does not return it
}

// State is a provider's view of a document, reduced to what followup needs.
type State string

// The states a provider can report.
const (
	StateDraft     State = "draft"     // held without legal effect
	StateWorking   State = "working"   // on its way
	StateAccepted  State = "accepted"  // final success
	StateRejected  State = "rejected"  // the buyer rejected it
	StateFailed    State = "failed"    // the provider or GİB failed it; may be updated or queued again
	StateCancelled State = "cancelled" // cancelled there
)

// Status is where a document stands.
type Status struct {
	ETTN         uuid.UUID // the legal one; zero = none yet
	ID           string    // the provider's own id, where it is not our ETTN
	Kind         invoice.Kind
	Number       string
	State        State
	Code         int    // the provider's own code
	EnvelopeCode *int   // GİB's envelope code; nil = no envelope yet
	Message      string // the provider's or GİB's words; empty = none
	// SentAt is when the provider passed it on; zero = it does not tell.
	SentAt time.Time
	Answer []byte
	// What follows is filled by listings only.
	Amount         decimal.NullDecimal
	Currency       string
	IssueDate      invoice.Date
	Key            uuid.UUID // the ETTN that we derived, where the document carries it beside its own
	LocalReference string    // where the document carries ours, or another program's
}

// FileFormat is a representation of a document.
type FileFormat string

// The formats a provider may offer.
const (
	FormatUBL  FileFormat = "ubl"
	FormatPDF  FileFormat = "pdf"
	FormatHTML FileFormat = "html"
	FormatZIP  FileFormat = "zip"
)

// InboxQuery selects incoming invoices.
type InboxQuery struct {
	OnlyNew  bool
	From, To time.Time // arrival at the provider; zero = unbounded
	Page     int       // 1-based
	Size     int
}

// InboxPage is one page of incoming invoices.
type InboxPage struct {
	Items []InboxItem
	Rows  int  // rows that the provider sent, those that cannot be read among them; 0 = as many as Items
	More  bool // there are further pages
	Total int  // rows of all pages; 0 = the provider does not say
}

// InboxItem is the listing's row of an incoming invoice.
type InboxItem struct {
	ETTN        uuid.UUID
	Number      string
	SenderTaxNo string
	SenderTitle string
	Scenario    string
	Type        string
	IssueDate   invoice.Date
	ArrivedAt   time.Time
	Payable     decimal.Decimal
	Currency    string
	StatusCode  int
	IsNew       bool
	Row         []byte // the listing's JSON
}

// Taxpayer is one mailbox of one e-invoice taxpayer.
type Taxpayer struct {
	TaxNo   string
	Title   string
	Alias   string
	Public  bool // public sector (GibUserType 2)
	Since   time.Time
	Product string // "invoice" or "despatch"
}

// Capabilities is what a provider promises; the contract suite tests exactly this.
type Capabilities struct {
	Name                 string
	TakesETTN            bool          // our ETTN becomes the document's
	RefusesUsedETTN      bool          // a second create with the same ETTN is refused, for ever
	RefusesUsedReference bool          // a second create with the same local reference is refused
	FindsByETTN          bool          // Lookup by ETTN is authoritative
	FindsByReference     bool          // Lookup by local reference is authoritative
	Numbers              bool          // the provider assigns invoice numbers
	Drafts               bool          // can hold a document without legal effect
	CancelsDrafts        bool          // Cancel takes a draft away; false: only people do, in its portal
	InboxFlag            bool          // marks incoming invoices as new until Inbox.Acknowledge; false: they are found by arrival date alone
	Files                []FileFormat  // forms in which Downloader gives issued documents; nil = UBL, PDF and HTML
	InboxFiles           []FileFormat  // forms in which Inbox.FetchFile gives incoming invoices; nil = UBL, PDF and HTML
	TwoStep              bool          // Send never makes more than a draft; Release is the legal step, and gives ETTN and number
	Quarantine           time.Duration // how long "surely has not" must be disbelieved after the last byte may have left
	RequestTimeout       time.Duration // deadline of one creating request
	RatePerSecond        float64       // 0 = none known
	// CancelDays is how many days after its date an accepted document of a kind may still be cancelled without us, so that it
	// is asked for again that long. Nothing for a kind: it cannot be cancelled, or its status would not tell.
	CancelDays map[invoice.Kind]int
}

// Offers says that issued documents can be had in this form.
func (c Capabilities) Offers(f FileFormat) bool { return c.Files == nil || slices.Contains(c.Files, f) }

// OffersIncoming says that incoming invoices can be had in this form.
func (c Capabilities) OffersIncoming(f FileFormat) bool {
	return c.InboxFiles == nil || slices.Contains(c.InboxFiles, f)
}
