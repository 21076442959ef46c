package proparssim

import (
	"time"

	"faturad/internal/clock"
)

// DefaultUsername and DefaultPassword are accepted when Options name none. They open nothing but a simulator.
const (
	DefaultUsername = "muhasebe@simulator.example"
	DefaultPassword = "c2ltdWxhdG9yLXByb3BhcnMtcGFzc3dvcmQtMDE="
)

// Options set a simulator up. The zero value behaves as the facts say, at once and without faults.
type Options struct {
	Clock     clock.Clock   // base of the simulator's clock; nil = the machine's. Advance adds to it
	Username  string        // the only accepted account; "" = DefaultUsername
	Password  string        // "" = DefaultPassword
	Latency   time.Duration // real time that every call (not the doors) takes before it is worked on
	Signing   time.Duration // from sending to the signed XML; 0 = at once
	TokenLife time.Duration // 0 = 24 h
	Report    time.Duration // from sending an e-Arşiv invoice to its report, after which it cannot be cancelled; 0 = 24 h

	SellerTaxNo string            // "" = 4812057337
	Taxpayers   []string          // tax numbers of e-Fatura users
	Refused     []string          // tax numbers whose invoices are refused
	Prefix      map[string]string // series by kind ("e-fatura", "e-arsiv"); nil = PRE and PRA
	Rules       Rules
	LogLimit    int // requests remembered; 0 = 1,000,000
}

// Rules are readings of what nobody could establish.
type Rules struct {
	SecondSendRefused bool // a second send is a 400 instead of a 200 with the same invoice
	AutomaticDating   bool // the account dates invoices itself: invoice_date may be missing
	BareAnswers       bool // answers about sales and invoices are empty objects
	OtherNames        bool // an invoice names its fields ettn and number
	UnsignedIs400     bool // the signed XML of an unsent invoice is a 400 instead of a 404
	XMLBase64         bool // the signed XML comes as a JSON string with base64
	HTMLInJSON        bool // the preview comes as {"html": "..."}
	SaleCodeFilter    bool // GET core/sale/ obeys sale_code, which is not documented
	RoundRates        bool // VAT is rounded once for each rate instead of on each line
	NoExpiry          bool // the log-in does not say when its token ends
	NoIncomingXML     bool // incoming invoices have no XML
}
