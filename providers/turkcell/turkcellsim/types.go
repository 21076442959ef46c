package turkcellsim

import (
	"encoding/json"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
)

// The kinds of documents, in the words of GET /_sim/documents.
const (
	KindEFatura = "e-fatura"
	KindEArsiv  = "e-arsiv"
	KindEMM     = "e-mm"  // producer receipt
	KindESMM    = "e-smm" // self-employment receipt
)

// Document is one accepted outgoing document as the doors show it.
type Document struct {
	ETTN             uuid.UUID       `json:"ettn"`
	LocalReferenceID string          `json:"local_reference_id"`
	Number           string          `json:"number"`
	Kind             string          `json:"kind"` // one of the Kind... constants
	Status           int             `json:"status"`
	EnvelopeStatus   *int            `json:"envelope_status"`
	Message          string          `json:"message"`
	Payable          decimal.Decimal `json:"payable"` // two decimals, in Currency
	Currency         string          `json:"currency"`
	Buyer            string          `json:"buyer"` // tax number
	BuyerName        string          `json:"name"`
	Alias            string          `json:"alias"`
	IssueDate        string          `json:"issue_date"` // YYYY-MM-DD
	Type             string          `json:"type"`       // InvoiceTypeCode or CreditNoteTypeCode
	Scenario         string          `json:"scenario"`   // ProfileID
	Lines            int             `json:"lines"`
	SHA256           string          `json:"sha256"` // of the UBL (of a receipt as unzipped) or the JSON body as received
	AcceptedAt       time.Time       `json:"accepted_at"`
	Updates          int             `json:"updates"` // successful PUTs of its content
}

// LogEntry is one request as the simulator saw it.
type LogEntry struct {
	At             time.Time `json:"at"` // simulator's clock, on arrival
	Method         string    `json:"method"`
	Path           string    `json:"path"`             // with the query
	Family         Family    `json:"family,omitempty"` // empty for unknown paths
	Status         int       `json:"status"`           // answered; 0 = no answer was given
	Saved          bool      `json:"saved"`            // the request changed something at the provider
	Fault          string    `json:"fault,omitempty"`  // the fault that struck
	ETTN           string    `json:"ettn,omitempty"`
	LocalReference string    `json:"local_reference_id,omitempty"`
	SHA256         string    `json:"sha256,omitempty"` // of the invoice file or JSON body of a create or update
	CorrelationID  string    `json:"correlation_id"`
}

// Family groups endpoints for faults and the log.
type Family string

// The families.
const (
	FamilyCreate    Family = "create"    // the POSTs that make a document
	FamilyUpdate    Family = "update"    // PUTs of content, updatestatuslist, cancel, answers, mail
	FamilyStatus    Family = "status"    // status questions: the look-up of one document
	FamilyList      Family = "list"      // inbox list, documents without local reference
	FamilyDownload  Family = "download"  // html, pdf, ubl, zip
	FamilyAck       Family = "ack"       // updateisnew
	FamilyTaxpayers Family = "taxpayers" // the taxpayer zip
	FamilyCodes     Family = "codes"     // static lists
	FamilyToken     Family = "token"     // the older log-in
)

// Incoming is one incoming invoice as the doors show it.
type Incoming struct {
	ETTN        uuid.UUID       `json:"ettn"`
	Number      string          `json:"number"`
	Sender      string          `json:"sender"` // tax number
	SenderName  string          `json:"sender_name"`
	Scenario    string          `json:"scenario"`
	Type        string          `json:"type"`
	Status      int             `json:"status"`
	IsNew       bool            `json:"isNew"`
	IssueDate   string          `json:"issue_date"`
	ArrivedAt   time.Time       `json:"arrived_at"`
	Net         decimal.Decimal `json:"net"`
	Payable     decimal.Decimal `json:"payable"`
	Currency    string          `json:"currency"`
	SHA256      string          `json:"sha256"`
	Lines       int             `json:"lines"`
	ClearedAt   *time.Time      `json:"cleared_at"` // when isNew was last cleared
	Fetched     int             `json:"fetched"`    // UBL downloads
	UBL         []byte          `json:"-"`
	Response    string          `json:"response,omitempty"` // KABUL or RED once answered
	ResponseWhy string          `json:"response_reason,omitempty"`
}

// Taxpayer is one mailbox of one e-invoice taxpayer: one row of the provider's list.
type Taxpayer struct {
	TaxNo    string    `json:"tax_no"`
	Title    string    `json:"title"`
	Alias    string    `json:"alias"`
	Despatch bool      `json:"despatch"` // an e-İrsaliye mailbox: not a place for invoices
	Sender   bool      `json:"sender"`   // a sending unit (GB), not a mailbox (PK)
	Public   bool      `json:"public"`   // GibUserType 2
	Inactive bool      `json:"inactive"` // left the system
	Since    time.Time `json:"since"`    // AliasCreationTime; zero = 2020-01-01
}

// Buyer is what the world does with documents to one tax number.
type Buyer string

// What buyers can do; "envelope:1163" fails with that envelope code.
const (
	BuyerAccepts  Buyer = "accept"    // the default: success; a commercial invoice is answered after Pace.Answer
	BuyerRejects  Buyer = "reject"    // a commercial invoice ends in 80
	BuyerSilent   Buyer = "silent"    // a commercial invoice becomes 65 after eight days
	BuyerFails    Buyer = "fail"      // ends in 40, always
	BuyerFailOnce Buyer = "fail-once" // ends in 40 the first time, succeeds when updated or queued again
	BuyerStuck    Buyer = "stuck"     // stays in 50 with envelope 1220
	BuyerRefused  Buyer = "refuse"    // create is refused with 422
)

// MarshalJSON prints amounts as JSON numbers with two decimals.
func (d Document) MarshalJSON() ([]byte, error) {
	type plain Document
	return json.Marshal(struct {
		plain
		Payable json.Number `json:"payable"`
	}{plain(d), json.Number(d.Payable.StringFixed(2))})
}
