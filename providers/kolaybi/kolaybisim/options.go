package kolaybisim

import (
	"time"

	"faturad/internal/clock"
)

// DefaultAPIKey and DefaultChannel are accepted when Options name none. They open nothing but a simulator.
const (
	DefaultAPIKey  = "c2ltdWxhdG9yLWtvbGF5Ymkta2V5LTAwMDAwMDAwMDE="
	DefaultChannel = "simulator-channel"
)

// Options set a simulator up. The zero value behaves as the facts say, at once and without faults.
type Options struct {
	Clock     clock.Clock   // base of the simulator's clock; nil = the machine's. Advance adds to it
	APIKey    string        // the only accepted key; "" = DefaultAPIKey
	Channel   string        // the only accepted channel; "" = DefaultChannel
	Latency   time.Duration // real time that every call (not the doors) takes before it is worked on
	Step      time.Duration // time from "waiting" to the end; 0 = 2 s
	Instant   bool          // no waiting at all
	Answer    time.Duration // how long a commercial buyer who rejects takes; 0 = 10 s
	TokenLife time.Duration // 0 = 24 h

	CompanyID   int64             // 0 = 7001
	SellerTaxNo string            // "" = 4812057337
	Taxpayers   []string          // tax numbers of e-Fatura users
	Buyers      map[string]Buyer  // what happens to documents for a tax number
	Prefix      map[string]string // series by kind ("e-fatura", "e-arsiv"); nil = KLE and KLA
	Rules       Rules
	LogLimit    int // requests remembered; 0 = 1,000,000
}

// Buyer is what happens to the documents of one buyer.
type Buyer string

// The buyers.
const (
	BuyerFails   Buyer = "fails"   // the document fails on its way to GİB
	BuyerRejects Buyer = "rejects" // the buyer rejects a commercial invoice
	BuyerRefused Buyer = "refused" // KolayBi refuses the draft
)

// Rules are readings of what nobody could establish.
type Rules struct {
	REXNames       bool // GET e_document/invoices names its columns document_id, uuid, no, status instead of the documented ones
	OldRows        bool // GET invoices gives the old documented shape of rows
	NoPagination   bool // lists say nothing about their length
	ShortPages     int  // lists never give more rows a page than this; 0 = as asked, at most 250
	RepeatPages    bool // every page of a list is the first one
	IgnoreFilters  bool // lists give everything, whatever was asked for
	Missing404     bool // an empty search for contacts is a 404 with code 10404
	DraftETTN      bool // a draft shows an ETTN already
	NoNumber       bool // e-document/create answers without ETTN and number
	CancelIs200    bool // a refused cancellation is a 200 with success:false instead of a 422
	RefusalIs200   bool // a refused draft is a 200 with success:false instead of a 400
	NoPrefix       bool // the account has no series: nothing can be made official
	SecondNumber   bool // a second e-document/create gives a second document: what must not be hoped against
	NotResendable  bool // is_invoice_resendble is false
	UniqueContacts bool // a second contact with one tax number is refused with 412
}
