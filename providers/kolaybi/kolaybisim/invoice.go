package kolaybisim

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
)

// record is a draft, and the official document that may come of it.
type record struct {
	id          int64
	at          time.Time
	body        tree
	kind        string // InvoiceType
	contact     *contact
	date        string
	currency    string
	scenario    string
	docType     string
	description string
	net, vat    decimal.Decimal
	grand       decimal.Decimal
	rate        decimal.Decimal

	draftETTN uuid.UUID // shown by Rules.DraftETTN
	ettn      uuid.UUID
	number    string
	sentAt    time.Time
	cancelled time.Time
	resent    bool
}

func (s *Simulator) record(id int64) *record {
	for _, r := range s.records {
		if r.id == id {
			return r
		}
	}
	return nil
}

func (r *record) eKind() string {
	if r.scenario == "EARSIVFATURA" {
		return KindEArsiv
	}
	return KindEFatura
}

// status is the word of the lists.
func (s *Simulator) status(r *record, now time.Time) string {
	buyer := s.o.Buyers[r.contact.identity]
	switch {
	case !r.cancelled.IsZero():
		return "cancelled"
	case r.number == "":
		return "not_sent"
	case !s.o.Instant && now.Sub(r.sentAt) < s.o.Step:
		return "waiting"
	case buyer == BuyerFails && !r.resent:
		return "failed"
	case buyer == BuyerRejects && r.scenario == "TICARIFATURA" && now.Sub(r.sentAt) >= s.o.Answer:
		return "rejected"
	case r.scenario == "TICARIFATURA" && buyer == "" && now.Sub(r.sentAt) >= s.o.Answer:
		return "accepted"
	case r.eKind() == KindEFatura:
		return "sent_to_receiver"
	}
	return "sent"
}

func (s *Simulator) row(r *record) Document {
	return Document{ID: r.id, Key: keyOf(r.description), ETTN: r.ettn, Number: r.number, Kind: r.eKind(), Scenario: r.scenario, Type: r.docType,
		Status: s.status(r, s.Now()), Payable: r.grand, Currency: strings.ToUpper(r.currency), Buyer: r.contact.identity,
		BuyerName: r.contact.name + " " + r.contact.surname, IssueDate: r.date, Description: r.description, Body: r.body}
}

// keyOf finds faturad's key, for the people who look through the doors. KolayBi itself knows nothing of it.
func keyOf(description string) uuid.UUID {
	_, rest, _ := strings.Cut(description, "[faturad:")
	if len(rest) < 36 {
		return uuid.Nil
	}
	id, err := uuid.Parse(rest[:36])
	if err != nil {
		return uuid.Nil
	}
	return id
}

// makeInvoice is POST invoices: a draft, each time one.
func (c *call) makeInvoice() reply {
	r := &record{at: c.now, body: c.body, contact: c.s.contact(c.body.id("contact_id")), date: c.body.text("order_date"), currency: strings.ToLower(c.body.text("currency")),
		kind: c.body.text("type"), scenario: c.body.text("document_scenario"), docType: c.body.text("document_type"), description: c.body.text("description")}
	if other := c.body.text("invoice_scenario"); r.scenario == "" { // the guide's own examples use this name
		r.scenario = other
	}
	if r.scenario == "" {
		r.scenario = "TICARIFATURA"
	}
	if r.docType == "" {
		r.docType = "SATIS"
	}
	if r.kind == "" {
		r.kind = "sale_invoice"
	}
	if refused := c.checkInvoice(r); refused != nil {
		if c.s.o.Rules.RefusalIs200 && refused.status == http.StatusBadRequest {
			refused.status = http.StatusOK
		}
		return *refused
	}
	if refused := c.compute(r); refused != nil {
		return *refused
	}
	r.id = c.s.newID()
	if c.s.o.Rules.DraftETTN {
		r.draftETTN = uuid.New()
	}
	c.s.records = append(c.s.records, r)
	c.entry.Saved, c.entry.ID, c.entry.Key = true, r.id, keyOf(r.description)
	return good(map[string]any{"document_id": r.id, "grand_total": r.grand.InexactFloat64(), "grand_currency": r.currency,
		"exchange_grand_total": r.grand.Mul(r.rate).Round(2).InexactFloat64(), "exchange_grand_currency": "try"})
}

// compute works the totals out (facts A7): lines without VAT, the discount on the whole spread, VAT on each line.
func (c *call) compute(r *record) *reply {
	number := func(t tree, name string) decimal.Decimal {
		d, _, err := t.amount(name)
		if err != nil {
			return decimal.Zero
		}
		return d
	}
	items := c.body.list("items")
	nets := make([]decimal.Decimal, len(items))
	for i, it := range items {
		nets[i] = number(it, "quantity").Mul(number(it, "unit_price")).Sub(number(it, "discount_amount")).Round(2)
		r.net = r.net.Add(nets[i])
	}
	discount, left := number(c.body, "subtotal_discount_amount"), number(c.body, "subtotal_discount_amount")
	withheld := decimal.Zero
	for i, it := range items {
		share := left
		if i < len(items)-1 && !r.net.IsZero() {
			share = discount.Mul(nets[i]).Div(r.net).Round(2)
		}
		left = left.Sub(share)
		vat := nets[i].Sub(share).Mul(number(it, "vat_rate")).Shift(-2).Round(2)
		r.vat = r.vat.Add(vat)
		withheld = withheld.Add(vat.Mul(number(it, "withholding_value")).Shift(-2).Round(2))
	}
	if base, ok := c.body.sub("special_tax_base"); ok {
		r.vat = r.vat.Add(number(base, "vat"))
	}
	r.net = r.net.Sub(discount)
	r.grand = r.net.Add(r.vat).Sub(withheld).Add(number(c.body, "subtotal_correction_amount"))
	if e, ok := c.body.sub("handling_and_shipping_information"); ok {
		r.grand = r.grand.Add(number(e, "freight")).Add(number(e, "insurance_amount"))
	}
	if r.rate = number(c.body, "exchange_rate"); r.rate.IsZero() {
		r.rate = decimal.NewFromInt(1)
	}
	if r.grand.IsNegative() {
		return refuse("Fatura toplamı eksi olamaz.")
	}
	return nil
}

// deleteInvoice is DELETE invoices/{id}: drafts only.
func (c *call) deleteInvoice() reply {
	r := c.s.record(c.id)
	if r == nil {
		return bad(http.StatusNotFound, 10404, "Fatura bulunamadı.")
	}
	if r.number != "" {
		return bad(http.StatusUnprocessableEntity, 10422, "Resmîleşmiş fatura silinemez.")
	}
	c.s.records = slices.DeleteFunc(c.s.records, func(o *record) bool { return o.id == c.id })
	c.entry.Saved, c.entry.ID = true, c.id
	return good([]any{})
}
