package turkcellsim

import (
	"time"

	"faturad/internal/clock"
)

// DefaultAPIKey is accepted when Options.APIKey is empty. It has the length of a real key (44 characters of base64) and
// opens nothing but a simulator.
const DefaultAPIKey = "c2ltdWxhdG9yLWtleS1ub3QtYS1zZWNyZXQtMTIzNDU="

// The user whom POST /v1/token knows when Options name none. They open nothing but a simulator.
const (
	DefaultUsername = "servis@example.com"
	DefaultPassword = "bmJ0LWEtc2VjcmV0LXNpbXVsYXRvcg"
)

// Options set a simulator up. The zero value is a provider that behaves as the facts say, at once and without faults.
type Options struct {
	Clock  clock.Clock // base of the simulator's clock; nil = the machine's. Advance adds to it
	APIKey string      // the only accepted key, as x-api-key; "" = DefaultAPIKey
	// Username and Password are taken by POST /v1/token; "" = DefaultUsername and DefaultPassword.
	Username, Password string
	TokenLife          time.Duration // of the simulator's clock; 0 = a day
	Latency            time.Duration // real time that every provider call (not the doors) takes before it is worked on
	Pace               Pace          // how fast statuses advance
	Rules              Rules         // assumptions that can be turned; the zero value is the default reading

	SellerTaxNo string            // VKN of the company that owns the key; "" = any supplier is taken
	Taxpayers   []Taxpayer        // e-invoice taxpayers; nil = DefaultTaxpayers()
	Filler      int               // so many generated taxpayers more, made while they are streamed
	Buyers      map[string]Buyer  // what buyers do, by tax number; nil = DefaultBuyers()
	Prefixes    []string          // series that exist; nil = every well-formed one
	Default     map[string]string // default series by kind; a kind that is missing has EPA, EPK, EPM or SMM
	VoucherType string            // CreditNoteTypeCode that an e-SMM must have; "" = SERBESTMESLEKMAKBUZU
	LogLimit    int               // requests remembered for GET /_sim/log; 0 = 1,000,000
}

// Rules are assumptions about the provider that nobody could establish. Each zero value is the reading that facts and
// integrators make most likely; doc.go lists them.
type Rules struct {
	CloseReportedMonths  bool // refuse e-Arşiv dates in a month whose report is made (from the 15th of the next month)
	ETTNPerProduct       bool // a used ETTN is refused only within e-Fatura or within e-Arşiv
	RacyETTN             bool // a late save does not check its ETTN again: two documents with one ETTN can come to be
	ReferencePerProduct  bool // checkLocalReferenceId looks only within the same product
	DraftBlocksReference bool // an earlier draft (status 0) blocks its local reference too
	NoSendTypeNeeded     bool // an e-Arşiv UBL without SendType and IsInternetSale is accepted
	LenientTotals        bool // totals that do not add up are accepted (GİB itself checks no sum)
	LenientIDs           bool // wrong VKN/TCKN check digits are accepted (the provider's own test numbers have them)
	NumberWhenQueued     bool // a draft has no number until it is queued
	OnlyTR12             bool // CustomizationID TR1.2.1 is refused, as the 2019 rule text says
	StrictStatusList     bool // updatestatuslist does not know e-Arşiv documents
	QuotedText           bool // 403 and 404 texts come as a JSON string instead of plain text
	PascalReplies        bool // replies as the guide prints them (Id, InvoiceNumber) instead of as observed
	FailedReceiptsOpen   bool // a failed receipt's content may be replaced as it is, without turning it into a draft first
	IsNewAnswersNull     bool // updateisnew answers null (guide) instead of the number of rows (vendor's live test)
}

// PaceMode says what moves a document from status to status.
type PaceMode string

// The modes.
const (
	PaceClock   PaceMode = ""        // the simulator's clock: one stage each Pace.Step
	PacePerPoll PaceMode = "poll"    // each status question moves one stage
	PaceInstant PaceMode = "instant" // the last stage is reached at once
)

// Pace is how fast statuses advance. An e-Fatura passes six stages (20; 30 with envelope null, 1000, 1100; 50 with 1200;
// the end with 1300), an e-Arşiv four, a receipt two.
type Pace struct {
	Mode PaceMode
	Step time.Duration // time in one stage; 0 = 2 s
	// Answer is how long a commercial invoice waits (70) for a buyer who answers; 0 = the buyer keeps silent and 65
	// comes after eight days. In the modes poll and instant the answer is the next stage.
	Answer time.Duration
}
