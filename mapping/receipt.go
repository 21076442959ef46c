package mapping

import (
	"strings"

	"github.com/shopspring/decimal"

	"faturad/internal/invoice"
	"faturad/internal/invoice/codes"
)

// receiptType is the CreditNoteTypeCode of the receipt that the sale asks for.
func (m *mapper) receiptType() string {
	if m.sale.Kind == invoice.EMM {
		return codes.ProducerReceipt
	}
	return codes.ServiceReceipt
}

// receiptWish is readWish for a receipt. What many ERPs fill in for every sale (SATIS, their usual scenario) says nothing
// here; any other type or scenario means an invoice, and one of the two columns is wrong.
func (m *mapper) receiptWish() wish {
	typ, scenario := strings.ToUpper(clean(m.sale.Type)), strings.ToUpper(clean(m.sale.Scenario))
	if typ != "" && typ != sale && typ != m.receiptType() {
		m.fault("receipt.type", "invoice_type", typ, string(m.sale.Kind))
	}
	switch scenario {
	case "", "TEMELFATURA", "TICARIFATURA", archive, codes.ReceiptProfile:
	default:
		m.fault("receipt.type", "scenario", scenario, string(m.sale.Kind))
	}
	return wish{typ: m.receiptType(), raw: typ}
}

// receipt fills what a receipt has in place of scenario and type, and refuses what only invoices have.
func (m *mapper) receipt(inv *invoice.Invoice, items []item) {
	inv.Scenario, inv.Type = codes.ReceiptProfile, m.receiptType()
	if inv.Delivered = m.sale.DeliveryDate; inv.Delivered.IsZero() {
		inv.Delivered = inv.IssueDate
	}
	s := m.sale
	for _, f := range []struct {
		given  bool
		column string
	}{
		{s.Return != nil || len(s.MoreReturns) > 0 || s.ReturnKey != "", "return_no"}, {s.Investment != nil, "investment_no"}, {s.SGK != nil, "sgk_cost"},
		{s.Charging != nil, "charging_plate"}, {s.BuyerCustomer != nil, "buyer_customer_name"}, {s.Traveller != nil, "traveller_passport_no"},
		{s.Representative != nil, "representative_tax_no"}, {s.Internet != nil, "internet_website"}, {clean(s.ShipmentNo) != "", "shipment_no"},
	} {
		if f.given {
			m.fault("receipt.field", f.column, f.column)
		}
	}
	for i := range items {
		it := &items[i]
		if code := it.exemption.Code; code != "" && !codes.ReceiptExemption(code) {
			m.lineFault("line.exemption.type", it.pos, "exemption_code", code, inv.Type)
		}
	}
}

// untaxed reads the VAT columns of an e-MM line, where nothing may stand: a farmer charges none.
func (m *mapper) untaxed(it *item) {
	l := it.src
	if rate := l.VATRate.Decimal; !rate.IsZero() {
		m.broken = true
		m.lineFault("receipt.vat", it.pos, "vat_rate", rate.String())
	}
	if code := clean(l.Withholding.Code); code != "" || clean(m.sale.Withholding.Code) != "" {
		if code == "" {
			code = clean(m.sale.Withholding.Code)
		}
		m.lineFault("receipt.withholding", it.pos, "withholding_code", code)
	}
}

// taxName is the name of a tax beside VAT that this document may show.
func (m *mapper) taxName(code string) (string, bool) {
	switch kind := m.sale.Kind; {
	case kind == invoice.EMM:
		return codes.ProducerDeduction(code)
	case kind == invoice.ESMM && code != codes.IncomeTax:
		return "", false
	}
	return codes.TaxName(code)
}

// deducts reports a tax that lowers what is paid: everything on an e-MM.
func (m *mapper) deducts(code string) bool {
	return m.sale.Kind == invoice.EMM || codes.Deducted(code)
}

// paidAsTotal understands ERPs whose total of a receipt is what is paid after the deductions, and which book no amount to pay
// beside it. Nothing is taken on trust: the lines must give that amount.
func paidAsTotal(b *booked, payable *invoice.NullDecimal) {
	if payable.Valid || !b.gross.Valid || !b.net.Valid {
		return
	}
	if before := b.net.Decimal.Add(b.vat.Decimal); b.gross.Decimal.LessThan(before) {
		*payable, b.gross.Decimal = b.gross, before
	}
}

// deductOnCodes rounds the deductions of a receipt once for each code and rate, and shares the kuruş over the lines, where
// only that reproduces what the ERP pays: many work them out on the whole receipt.
func (m *mapper) deductOnCodes(inv *invoice.Invoice, w work) {
	t := &inv.Totals
	if !m.sale.Kind.Receipt() || !w.payable.Valid {
		return
	}
	rest := t.TaxInclusive.Sub(t.Withheld) // before the deductions: an e-MM is turned net afterwards
	whole := decimal.Zero
	for _, x := range inv.Taxes {
		switch {
		case !inv.Deducts(x.Code):
		case x.Fixed:
			whole = whole.Add(x.Amount)
		default:
			whole = whole.Add(vatOf(x.Taxable, x.Rate).Round(2))
		}
	}
	if whole.Equal(t.Deducted) || !rest.Sub(whole).Equal(w.payable.Decimal) {
		return
	}
	for i := range inv.Taxes {
		x := &inv.Taxes[i]
		if !inv.Deducts(x.Code) || x.Fixed {
			continue
		}
		var exact []decimal.Decimal
		var lines []*invoice.TaxSubtotal
		for k := range inv.Lines {
			for j := range inv.Lines[k].Taxes {
				if l := &inv.Lines[k].Taxes[j]; l.Code == x.Code && l.Rate.Equal(x.Rate) && !l.Fixed {
					exact, lines = append(exact, vatOf(l.Taxable, l.Rate)), append(lines, l)
				}
			}
		}
		amount := vatOf(x.Taxable, x.Rate).Round(2)
		parts, ok := allot(exact, amount)
		if !ok {
			return // checkPayable tells
		}
		for k, l := range lines {
			l.Amount = parts[k]
		}
		t.Deducted = t.Deducted.Add(amount).Sub(x.Amount)
		x.Amount = amount
	}
}

// netOfDeductions turns the totals of an e-MM into those that it prints: everything behind the sum of its lines is what is
// left after the deductions.
func (m *mapper) netOfDeductions(t *invoice.Totals) {
	before := t.TaxExclusive
	t.TaxExclusive = before.Sub(t.Deducted)
	t.TaxInclusive, t.Payable = t.TaxExclusive, t.TaxExclusive
	if t.Payable.IsNegative() {
		m.fault("receipt.deductions", "payable", t.Deducted.StringFixed(2), before.StringFixed(2))
	}
}
