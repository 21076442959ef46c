package propars

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"faturad/internal/clock"
	"faturad/internal/fault"
	"faturad/internal/invoice"
	"faturad/internal/invoice/codes"
	"faturad/providers"
)

// timeLayout is Propars' way of writing a moment: an offset without a colon.
const timeLayout = "2006-01-02T15:04:05-0700"

const scenarioArchive = "EARSIVFATURA"

// mapper makes what Propars will be told from an invoice. Every refusal says which field is missing there.
type mapper struct {
	cfg Config
	d   providers.Draft
	inv invoice.Invoice
}

// Prepare makes the frozen bytes: the whole body of create_nested, the invoice's date, and what the signed XML must say.
func (p *Provider) Prepare(d providers.Draft) (providers.Payload, error) {
	m := mapper{cfg: p.cfg, d: d, inv: d.Invoice}
	out, err := m.prepared()
	if err != nil {
		return providers.Payload{}, err
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(out); err != nil {
		return providers.Payload{}, fault.New(fault.Permanent, "preparing a sale for propars", err)
	}
	raw := bytes.TrimRight(b.Bytes(), "\n")
	sum := sha256.Sum256(raw)
	return providers.Payload{ContentType: typeJSON, Bytes: raw, Hash: hex.EncodeToString(sum[:])}, nil
}

// unmarshal is json.Unmarshal that leaves numbers as they are written, and takes one value only.
func unmarshal(raw []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	if err := decoder.Decode(into); err != nil {
		return err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return errors.New("more than one JSON value")
	}
	return nil
}

// notCarried is a sale that Propars' model has no known place for.
func notCarried(format string, args ...any) error {
	return &fault.Error{Class: fault.Permanent, Doing: "preparing a sale for propars", Code: providers.CodeNotCarried,
		Message: fmt.Sprintf(format, args...), Advice: "Bu faturayı Propars panelinden ya da başka bir entegratörle kesin"}
}

func (m *mapper) prepared() (prepared, error) {
	if err := m.fits(); err != nil {
		return prepared{}, err
	}
	items, err := m.items()
	if err != nil {
		return prepared{}, err
	}
	inv := m.inv
	at, err := time.ParseInLocation("2006-01-02 15:04:05", inv.IssueDate.String()+" "+inv.IssueTime, clock.Istanbul)
	if err != nil {
		return prepared{}, fault.New(fault.Permanent, "preparing a sale for propars", err)
	}
	moment := at.Format(timeLayout)
	sale := map[string]any{
		"sale_code": m.d.LocalReference, "order_number": inv.SaleNumber, "order_date": moment, "currency": m.cfg.Currencies[inv.Currency], "box": "SENTBOX",
		"einvoice_type": inv.Type, "einvoice_profile": m.scenario(), "source": "store", "notes": m.notes(),
		"customer_detail": m.customer(), "billing_address_detail": m.address(), "items": items,
	}
	if inv.Internet != nil {
		sale["source"], sale["website_url"] = "website", inv.Internet.Website
	}
	if inv.Currency != "TRY" {
		sale[m.cfg.RateField] = number(inv.Rate)
	}
	return prepared{Sale: sale, Date: moment, Expect: expected{
		Buyer: inv.Buyer.TaxNo, Payable: inv.Totals.Payable.StringFixed(2), Currency: inv.Currency, IssueDate: inv.IssueDate,
	}}, nil
}

// fits refuses the kinds of sale whose fields Propars does not have, or does not tell the public.
func (m *mapper) fits() error {
	inv := m.inv
	refusals := []struct {
		missing bool
		what    string
	}{
		{m.d.Route.Kind != invoice.EFatura && m.d.Route.Kind != invoice.EArsiv, "e-Fatura ve e-Arşiv dışındaki belgeler"},
		{inv.Type != "SATIS", inv.Type + " fatura tipi"},
		{!slices.Contains([]string{"", "TEMELFATURA", "TICARIFATURA", scenarioArchive}, inv.Scenario), inv.Scenario + " senaryosu"},
		{m.cfg.Currencies[inv.Currency] == 0, inv.Currency + " para birimi (numarası currencies ayarında yok)"},
		{len(inv.Withholding) > 0, "tevkifat"},
		{len(inv.Returns) > 0, "iade edilen fatura"},
		{inv.Period != nil, "fatura dönemi"},
		{inv.SGK != nil, "SGK bilgileri"},
		{inv.ChargeReport != nil, "şarj bilgisi"},
		{inv.Investment != nil, "yatırım teşvik belgesi"},
		{inv.Representative != nil, "aracı kurum"},
		{inv.BuyerCustomer != nil, "asıl alıcı"},
		{inv.Delivery != nil, "teslimat bilgisi"},
		{len(inv.Expenses) > 0, "komisyoncu masrafı"},
		{len(inv.Files) > 0, "ekli dosya"},
		{!inv.Totals.OtherTaxes.IsZero() || !inv.Totals.Deducted.IsZero(), "KDV dışındaki vergiler"},
		{!inv.Totals.Rounding.IsZero(), "ödenecek tutar yuvarlaması"},
		{inv.Buyer.Address.Country != "" && inv.Buyer.Address.Country != "TR", "yurt dışındaki alıcı"},
		{m.cfg.Discounts == "refuse" && m.discounted(), "indirim ve artırım"},
		{len(inv.Buyer.IDs) > 0, "alıcının VKN/TCKN dışındaki numaraları"},
		{m.d.Route.Prefix != "", "fatura serisi (panelde tanımlıdır)"},
	}
	for _, r := range refusals {
		if r.missing {
			return notCarried("Propars'ta %s için bilinen alan yok.", r.what)
		}
	}
	if m.d.LocalReference == "" {
		return fault.Newf(fault.Permanent, "preparing a sale for propars", "it has no key")
	}
	return nil
}

func (m *mapper) discounted() bool {
	return len(m.inv.Allowances) > 0 || slices.ContainsFunc(m.inv.Lines, func(l invoice.Line) bool { return len(l.Allowances) > 0 })
}

func (m *mapper) scenario() string {
	switch {
	case m.d.Route.Kind == invoice.EArsiv:
		return scenarioArchive
	case m.inv.Scenario == "" || m.inv.Scenario == scenarioArchive:
		return "TEMELFATURA"
	}
	return m.inv.Scenario
}

// items are the lines, with prices without VAT where those give the sale's totals, else with VAT. The total must come out to
// the kuruş: otherwise the sale would become another invoice.
func (m *mapper) items() ([]any, error) {
	want := sums{payable: m.inv.Totals.Payable, vat: m.inv.Totals.VAT}
	var got sums
	shares := m.shares()
	for _, included := range []bool{false, true} {
		lines := make([]position, len(m.inv.Lines))
		for i, l := range m.inv.Lines {
			line, err := m.position(l, shares[i], included)
			if err != nil {
				return nil, err
			}
			lines[i] = line
		}
		got = sumsOf(lines, included, m.cfg.Rounding)
		if got.payable.Equal(want.payable) && got.vat.Equal(want.vat) {
			return m.written(lines, included), nil
		}
	}
	return nil, notCarried("Propars bu satış için %s (KDV %s) hesaplardı, ERP'deki tutar %s (KDV %s).",
		got.payable.StringFixed(2), got.vat.StringFixed(2), want.payable.StringFixed(2), want.vat.StringFixed(2))
}

// shares spreads the discounts and charges on the document over the lines; the last line takes what rounding leaves.
func (m *mapper) shares() []decimal.Decimal {
	out := make([]decimal.Decimal, len(m.inv.Lines))
	left, total := decimal.Zero, decimal.Zero
	for _, a := range m.inv.Allowances {
		if a.Charge {
			left = left.Sub(a.Amount)
		} else {
			left = left.Add(a.Amount)
		}
	}
	for _, l := range m.inv.Lines {
		total = total.Add(l.Net)
	}
	if left.IsZero() || total.IsZero() {
		return out
	}
	amount := left
	for i, l := range m.inv.Lines {
		if out[i] = amount.Mul(l.Net).Div(total).Round(2); i == len(out)-1 {
			out[i] = left
		}
		left = left.Sub(out[i])
	}
	return out
}

// position is one line, its discounts and its share of the document's in the price.
func (m *mapper) position(l invoice.Line, share decimal.Decimal, included bool) (position, error) {
	out := position{amount: l.Quantity}
	switch {
	case !l.Quantity.IsPositive():
		return out, notCarried("Propars'ta miktarı sıfır ya da eksi olan satır kesilemez (satır %s).", l.ID)
	case len(l.Taxes) != 1 || l.Taxes[0].Code != codes.VAT || l.Taxes[0].Fixed || l.Taxes[0].NotAdded:
		return out, notCarried("Propars'ta her satırda bir KDV olmalı, başka vergi için alan yok (satır %s).", l.ID)
	case l.Taxes[0].Exemption.Code != "" || l.Taxes[0].Rate.IsZero():
		return out, notCarried("Propars'ta KDV istisna kodu için bilinen alan yok (satır %s).", l.ID)
	case len(l.IDs) > 0 || l.Asset != nil || l.Delivery != nil:
		return out, notCarried("Propars'ta ürün kimliği ve satır teslimatı için alan yok (satır %s).", l.ID)
	case m.cfg.Units == "refuse" && !piece(l.Unit):
		return out, notCarried("Propars'ta satır birimi için bilinen alan yok (satır %s, %s).", l.ID, l.Unit)
	}
	out.rate = l.Taxes[0].Rate
	net := l.Net.Sub(share)
	value, price := net, l.UnitPrice
	if included {
		vat := l.Taxes[0].Amount
		if !share.IsZero() {
			vat = net.Mul(out.rate).Div(hundred).Round(2)
		}
		value = net.Add(vat)
		price = price.Mul(hundred.Add(out.rate)).Div(hundred)
	}
	if !price.Equal(price.Round(8)) || !l.Quantity.Mul(price).Round(2).Equal(value) {
		price = value.DivRound(l.Quantity, 8)
	}
	out.price = price
	return out, nil
}

func (m *mapper) written(lines []position, included bool) []any {
	f := m.cfg.LineFields
	out := make([]any, len(lines))
	for i, l := range lines {
		source := m.inv.Lines[i]
		out[i] = map[string]any{
			f[fieldName]: nameOf(source), f[fieldCode]: codeOf(source), f[fieldAmount]: number(l.amount), f[fieldPrice]: number(l.price),
			f[fieldRate]: number(l.rate), f[fieldIncluded]: included,
		}
	}
	return out
}

// piece are the units that need no word.
func piece(unit string) bool { return slices.Contains([]string{"", "C62", "NIU", "H87"}, unit) }

// nameOf is what is printed: Propars has no known field for a line's description or unit.
func nameOf(l invoice.Line) string {
	name := l.Name
	if l.Description != "" && l.Description != l.Name {
		name += " - " + l.Description
	}
	if !piece(l.Unit) {
		unit, known := codes.Unit(l.Unit)
		if !known {
			unit = l.Unit
		}
		name += " (" + unit + ")"
	}
	return name
}

// codeOf is the seller's own code, else one made of the name: the same text is the same product.
func codeOf(l invoice.Line) string {
	if l.SKU != "" {
		return l.SKU
	}
	return "F-" + short(l.Name)
}

func short(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\n")))
	return strings.ToUpper(hex.EncodeToString(sum[:5]))
}

// customer is the buyer. Buyers without a number of their own are told apart by name and address, or they would overwrite
// each other in Propars' address book.
func (m *mapper) customer() map[string]any {
	b := m.inv.Buyer
	email := m.d.Route.Email
	if email == "" {
		email = b.Email
	}
	code := b.TaxNo
	if b.TaxNo == invoice.FinalConsumer {
		code = "F-" + short(b.Name, b.Address.Street, b.Address.City)
	}
	out := map[string]any{
		"name": b.Name, "integration_store_id": code, "email": email, "telephone_number": b.Phone, "fax_number": b.Fax, "city_name": b.Address.City,
		"district": b.Address.District, "company_title": "", "tax_office": b.TaxOffice, "tax_number": "", "tc_identity_number": b.TaxNo, "customer_type": "individual",
	}
	if len(b.TaxNo) == 10 {
		out["company_title"], out["tax_number"], out["tc_identity_number"], out["customer_type"] = b.Name, b.TaxNo, "", "organizational"
	}
	return out
}

func (m *mapper) address() map[string]any {
	b := m.inv.Buyer
	a := b.Address
	street := strings.Join(slices.DeleteFunc([]string{a.Street, a.BuildingNo, a.DoorNo, a.PostCode}, func(s string) bool { return s == "" }), " ")
	return map[string]any{
		"name": b.Name, "code": "A-" + short(b.TaxNo, street, a.District, a.City), "telephone_number": b.Phone, "fax_number": b.Fax,
		"city_name": a.City, "district": a.District, "address": street,
	}
}

// notes are what the sale says, and what Propars has no field for and may be said in words.
func (m *mapper) notes() string {
	inv := m.inv
	lines := slices.Clone(inv.Notes)
	say := func(what, number string, day invoice.Date) {
		if number != "" {
			if !day.IsZero() {
				number += " " + day.String()
			}
			lines = append(lines, what+": "+number)
		}
	}
	if o := inv.Order; o != nil {
		say("Sipariş", o.Number, o.Date)
	}
	for _, d := range inv.Despatches {
		say("İrsaliye", d.Number, d.Date)
	}
	if c := inv.Contract; c != nil {
		say("Sözleşme", c.Number, c.Date)
	}
	if p := inv.Payment; p != nil {
		if !p.DueDate.IsZero() {
			lines = append(lines, "Vade: "+p.DueDate.String())
		}
		say("Ödeme", p.IBAN, invoice.Date{})
		say("Ödeme", p.Note, invoice.Date{})
	}
	return strings.Join(lines, "\n")
}
