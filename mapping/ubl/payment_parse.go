package ubl

import (
	"strings"

	"faturad/internal/invoice"
)

// payments is what the payment and delivery parts of a document say, before it is known whether it was a web sale.
type payments struct {
	payment      *invoice.Payment
	instruction  string
	terms        invoice.Date
	shipped      invoice.Date
	carrierTaxNo string
	carrierName  string
}

// parsePaymentMeans reads the first cac:PaymentMeans; further ones are alternatives.
func (r *reader) parsePaymentMeans(n node, into *payments) error {
	if into.payment != nil && into.payment.MeansCode != "" {
		return nil
	}
	p := into.ensure()
	p.MeansCode = r.textAt(n, "PaymentMeansCode")
	p.IBAN = r.textAt(n, "PayeeFinancialAccount", "ID")
	p.Currency = r.textAt(n, "PayeeFinancialAccount", "CurrencyCode")
	into.instruction = r.textAt(n, "InstructionNote")
	var err error
	p.DueDate, err = r.childDate(n, "PaymentDueDate")
	return err
}

// parsePaymentTerms reads cac:PaymentTerms.
func (r *reader) parsePaymentTerms(n node, into *payments) error {
	into.ensure().Note = r.textAt(n, "Note")
	var err error
	into.terms, err = r.childDate(n, "PaymentDueDate")
	return err
}

func (p *payments) ensure() *invoice.Payment {
	if p.payment == nil {
		p.payment = &invoice.Payment{}
	}
	return p.payment
}

// parseDelivery reads the shipment; the first one that names a date or a carrier counts.
func (r *reader) parseDelivery(n node, into *payments) error {
	if into.shipped.IsZero() {
		var err error
		if into.shipped, err = r.childDate(n, "ActualDeliveryDate"); err != nil {
			return err
		}
	}
	if carrier, ok := r.child(n, "CarrierParty"); ok && into.carrierTaxNo == "" {
		p, err := r.parseParty(carrier)
		if err != nil {
			return err
		}
		into.carrierTaxNo, into.carrierName = p.TaxNo, p.Name
	}
	return nil
}

// settle tells payment and web sale apart. internet is what a reference said; nil = none did, and then the method in the
// instruction decides.
func (p *payments) settle(inv *invoice.Invoice, kind invoice.Kind, internet *bool) {
	method, agent, _ := strings.Cut(p.instruction, agentMark)
	isMethod := false
	switch method {
	case paidByCard, paidByTransfer, paidAtDoor, paidByAgent, paidOtherwise:
		isMethod = true
	}
	inv.Payment = p.payment
	if kind != invoice.EArsiv || internet == nil && !isMethod || internet != nil && !*internet {
		if inv.Payment != nil && inv.Payment.DueDate.IsZero() {
			inv.Payment.DueDate = p.terms
		}
		return
	}
	s := &invoice.InternetSale{
		Website:       inv.Seller.Website,
		PaymentMethod: method,
		PaymentAgent:  agent,
		ShipmentDate:  p.shipped,
		CarrierTaxNo:  p.carrierTaxNo,
		CarrierName:   p.carrierName,
	}
	if inv.Payment != nil {
		s.PaymentDate, inv.Payment.DueDate = inv.Payment.DueDate, p.terms
	}
	inv.Internet = s
}
