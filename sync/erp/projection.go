package erp

import (
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"faturad/internal/invoice"
)

// Projection is what the ledger knows of a document, on its way into the ERP. Each field is a named parameter of the
// on.status statements (params.go). Empty texts, nil and zero times are bound as NULL.
type Projection struct {
	Company string
	Space   string // name of the ERP document
	Key     string // canonical key of the sale

	State     string // pending, held, unknown, disputed, refused, draft, sent, failed, accepted, rejected or cancelled
	StateText string // the accountant's word in the chosen language; map.status of the source may translate State instead

	Kind           string // e-fatura, e-arsiv, e-mm, e-smm
	Scenario       string
	Number         string // the provider's invoice number
	ETTN           uuid.UUID
	LocalReference string
	Revision       int
	SaleNumber     string // the ERP's printed number when it was mapped
	SaleHash       string
	Code           string // stable code of the fault behind Message
	Message        string
	Advice         string
	Account        string
	Provider       string
	ProviderStatus *int
	EnvelopeStatus *int
	MailText       string    // where the provider's mail to the buyer stands, in the chosen language; empty = there is none
	Mail           string    // the same for programs: waiting, sent, failed or stopped
	MailAddress    string    // where it goes
	MailAt         time.Time // when the provider sent it, or tried to
	Currency       string
	Payable        decimal.NullDecimal
	IssueDate      invoice.Date
	Changed        bool // the sale changed after it was sent
	Attempts       int

	UpdatedAt     time.Time // last change in the ledger; also bound as :at, so that a repeated write-back writes the same
	SentAt        time.Time
	FinalAt       time.Time
	NextAttemptAt time.Time
}

// Received is an incoming invoice on its way into the ERP. Each field is a named parameter of the on.received
// statements.
type Received struct {
	Company    string
	ETTN       uuid.UUID
	Number     string
	Envelope   string // the envelope's id; empty = the provider does not tell
	Alias      string // our mailbox it came to
	Account    string
	Provider   string
	State      string // stored, accepted, rejected ...
	StateText  string
	ArrivedAt  time.Time
	AnswerTill invoice.Date    // last day for an answer to a commercial invoice; zero = none
	Invoice    invoice.Invoice // when the UBL could not be read: what the provider's listing says, no lines and no taxes
	Unread     bool            // the UBL could not be read: amounts other than Payable are not known
	Message    string          // why it could not be read, or what to do
	Advice     string
	Hash       string // hex SHA-256 of the UBL
	Files      []File
	UpdatedAt  time.Time
}

// File is one representation of a document, for statements with each = "file".
type File struct {
	Format string // ubl, html, pdf, zip
	Name   string // "ETTN.xml"
	Bytes  []byte // nil when only the path is written
	Path   string // where it lies; empty = nowhere
	Size   int
	Hash   string // hex SHA-256
}

// DocumentFile is a file of an issued document, for on.file.
type DocumentFile struct {
	Projection
	File
}

// ReceivedFile is an archived file of a received invoice, for on.received_file.
type ReceivedFile struct {
	Company string
	ETTN    uuid.UUID
	File
}

// Elsewhere is an invoice of the company that was made past faturad, for on.elsewhere.
type Elsewhere struct {
	Company        string
	ETTN           uuid.UUID
	Kind           string
	Number         string
	BuyerTaxNo     string
	BuyerName      string
	IssueDate      invoice.Date
	Currency       string
	Payable        decimal.NullDecimal
	Code           int    // the provider's status
	Counts         bool   // neither failed nor cancelled
	LocalReference string // the sale that it surely is the invoice of; empty = none
	FoundAt        time.Time
}

// Heartbeat tells the ERP that faturad lives, for on.heartbeat.
type Heartbeat struct {
	Company       string
	Version       string    // of faturad
	Host          string    // which daemon
	At            time.Time // now
	LastSuccessAt time.Time // end of the last pass without errors
	Waiting       int       // documents that wait
	Review        int       // documents that need a person
	OldestAt      time.Time // the oldest waiting document
	Message       string    // what is wrong; empty = nothing
}

// Request is something a person entered in the ERP.
type Request struct {
	ID     string
	Action string // resync, cancel, release, reissue or mail
	Space  string // empty = the only document
	Key    string
	Reason string
	By     string
}

// Answer is a person's answer to a received commercial invoice, entered in the ERP.
type Answer struct {
	ID      string
	ETTN    uuid.UUID
	Accept  bool
	Reason  string
	By      string
	Problem string // why the row cannot be understood; empty = it can
}

// AnswerProjection is where the answer to a received commercial invoice stands, for on.answered.
type AnswerProjection struct {
	Company    string
	ETTN       uuid.UUID
	Number     string // the sender's invoice number
	State      string // open, wanted, sending, unknown, sent, failed, refused, accepted, rejected, lapsed, cancelled
	StateText  string
	Accept     *bool // nil = nobody decided yet
	Reason     string
	By         string
	AnswerTill invoice.Date
	DaysLeft   *int // nil = the answer reached its end
	Code       *int // the provider's status of the invoice
	Message    string
	Advice     string
	UpdatedAt  time.Time
}

// Done is the outcome of a request or an answer, for on.request and on.answer.
type Done struct {
	ID      string
	OK      bool
	Message string
	At      time.Time
}

// KnownSale is a sale that carries our marks in the ERP.
type KnownSale struct {
	Key    string
	ETTN   uuid.UUID // zero = the ERP does not keep it
	Number string
	State  string    // the ERP's word, as evidence only
	SentAt time.Time // when the provider took it, as we wrote it; zero = the ERP does not keep it
}

// Loaded is one sale as read. Faults name values that could not be read; mapping adds its own.
type Loaded struct {
	Sale    invoice.Sale
	Faults  invoice.Faults
	Missing bool // the key has no header row any more
}

// Severity of a finding.
type Severity string

// The severities: an error stops the start, a warning is shown, a note is information.
const (
	SeverityError   Severity = "error"
	SeverityWarning Severity = "warning"
	SeverityNote    Severity = "note"
)

// Problem is a contradiction in a source, found without a database.
type Problem struct {
	Place   string // "dolibarr.toml:41:3 document[invoice].header"
	Message string // what is wrong and what to do, one sentence
}

// String prints "place: message".
func (p Problem) String() string { return p.Place + ": " + p.Message }

// Finding is what Check found in the real ERP.
type Finding struct {
	Severity Severity
	Place    string
	Message  string // what is wrong
	Advice   string // what to do; may be empty
}

// String prints "severity: place: message. advice".
func (f Finding) String() string {
	s := string(f.Severity) + ": " + f.Place + ": " + f.Message
	if f.Advice != "" {
		s += " " + f.Advice
	}
	return s
}

// PresetInfo names an embedded preset.
type PresetInfo struct {
	Name  string
	Title string
}
