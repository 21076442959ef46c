package ubl

import (
	"strings"

	"faturad/internal/invoice"
)

// The words of GİB's e-Arşiv report for how a web shop was paid (odemeSekli).
const (
	paidByCard     = "KREDIKARTI/BANKAKARTI"
	paidByTransfer = "EFT/HAVALE"
	paidAtDoor     = "KAPIDAODEME"
	paidByAgent    = "ODEMEARACISI"
	paidOtherwise  = "DIGER"
)

// agentMark stands between the method and the payment agent in InstructionNote.
const agentMark = " - "

// delivery writes what a web shop must say about the shipment.
func (e *encoder) delivery(s *invoice.InternetSale) {
	if s == nil || s.ShipmentDate.IsZero() && s.CarrierTaxNo == "" {
		return
	}
	e.open("cac:Delivery")
	e.text("cbc:ActualDeliveryDate", s.ShipmentDate.String())
	if s.CarrierTaxNo != "" {
		e.party("cac:CarrierParty", invoice.Party{TaxNo: s.CarrierTaxNo, Name: s.CarrierName})
	}
	e.close("cac:Delivery")
}

// payment writes cac:PaymentMeans and cac:PaymentTerms. There is one PaymentMeans at most, because Turkcell wants
// exactly one on a web sale: the sale's method and date go before the due date, which then stands in the terms.
func (e *encoder) payment(p *invoice.Payment, s *invoice.InternetSale) {
	if p == nil {
		return
	}
	e.open("cac:PaymentMeans")
	e.must("cbc:PaymentMeansCode", p.MeansCode)
	if s != nil {
		e.text("cbc:PaymentDueDate", s.PaymentDate.String())
		e.text("cbc:InstructionNote", instruction(s))
	} else {
		e.text("cbc:PaymentDueDate", p.DueDate.String())
	}
	if p.IBAN != "" {
		e.open("cac:PayeeFinancialAccount")
		e.must("cbc:ID", p.IBAN)
		e.text("cbc:CurrencyCode", p.Currency)
		e.close("cac:PayeeFinancialAccount")
	}
	e.close("cac:PaymentMeans")
	if p.Note != "" || !p.DueDate.IsZero() {
		e.open("cac:PaymentTerms")
		e.text("cbc:Note", p.Note)
		e.text("cbc:PaymentDueDate", p.DueDate.String())
		e.close("cac:PaymentTerms")
	}
}

// instruction says how a web sale was paid: the method, and the agent where there is one.
func instruction(s *invoice.InternetSale) string {
	if s.PaymentAgent == "" {
		return s.PaymentMethod
	}
	return s.PaymentMethod + agentMark + s.PaymentAgent
}

// normalizePayment fills in what UBL demands: the means code (from the IBAN, or from the method of a web sale), the
// account's currency; an IBAN has no spaces. A web sale always has a payment.
func normalizePayment(p *invoice.Payment, s *invoice.InternetSale, currency string) *invoice.Payment {
	if p == nil && s == nil {
		return nil
	}
	var out invoice.Payment
	if p != nil {
		out = *p
	}
	out.IBAN = strings.ToUpper(strings.Join(strings.Fields(clean(out.IBAN)), ""))
	out.Note = clean(out.Note)
	if out.MeansCode == "" {
		out.MeansCode = meansCode(out, s)
	}
	switch {
	case out.IBAN == "":
		out.Currency = ""
	case out.Currency == "":
		out.Currency = currency
	}
	return &out
}

func meansCode(p invoice.Payment, s *invoice.InternetSale) string {
	if s != nil {
		switch s.PaymentMethod {
		case paidByCard:
			return "48"
		case paidByTransfer:
			return "42"
		case paidAtDoor:
			return "10"
		}
	}
	if p.IBAN != "" {
		return "42"
	}
	return "1"
}

// normalizeInternet keeps a web sale for e-Arşiv only, where the law asks for it, and fills in the method.
func normalizeInternet(s *invoice.InternetSale, kind invoice.Kind) *invoice.InternetSale {
	if s == nil || kind != invoice.EArsiv {
		return nil
	}
	out := *s
	for _, f := range []*string{&out.Website, &out.PaymentMethod, &out.PaymentAgent, &out.CarrierTaxNo, &out.CarrierName} {
		*f = clean(*f)
	}
	if out.PaymentMethod == "" {
		out.PaymentMethod = paidOtherwise
	}
	if out.CarrierTaxNo == "" {
		out.CarrierName = ""
	}
	return &out
}
