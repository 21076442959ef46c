package ubl

import (
	"slices"

	"faturad/internal/invoice"
)

// Schemes and type codes of references with a meaning of their own.
const (
	schemeCertificate = "YTBNO"
	schemeReport      = "ESURaporID"
	codePayerCode     = "MUKELLEF_KODU"
	codePayerName     = "MUKELLEF_ADI"
	codeFileNo        = "DOSYA_NO"
)

// invoicePeriod writes cac:InvoicePeriod.
func (e *encoder) invoicePeriod(p *invoice.Period) {
	if p == nil {
		return
	}
	e.open("cac:InvoicePeriod")
	e.text("cbc:StartDate", p.Start.String())
	e.text("cbc:StartTime", p.StartTime)
	e.text("cbc:EndDate", p.End.String())
	e.text("cbc:EndTime", p.EndTime)
	e.close("cac:InvoicePeriod")
}

// contract writes the certificate of an investment, or the contract: GİB takes one cac:ContractDocumentReference beside a
// certificate.
func (e *encoder) contract(inv *invoice.Invoice) {
	switch {
	case inv.Investment != nil:
		e.open("cac:ContractDocumentReference")
		e.attributed("cbc:ID", "schemeID", schemeCertificate, inv.Investment.Number)
		e.must("cbc:IssueDate", inv.Investment.Date.String())
		e.close("cac:ContractDocumentReference")
	case inv.Contract != nil:
		e.reference("cac:ContractDocumentReference", *inv.Contract)
	}
}

// kindReferences writes what SGK and charging invoices carry as cac:AdditionalDocumentReference.
func (e *encoder) kindReferences(inv *invoice.Invoice) {
	if s := inv.SGK; s != nil {
		for _, f := range []struct{ code, value string }{{codePayerCode, s.PayerCode}, {codePayerName, s.PayerName}, {codeFileNo, s.FileNo}} {
			if f.value != "" {
				e.additional(Additional{ID: f.code, TypeCode: f.code, Type: f.value}, inv.IssueDate)
			}
		}
	}
	if r := inv.ChargeReport; r != nil {
		e.additional(Additional{ID: r.Number, Scheme: schemeReport, Date: r.Date}, inv.IssueDate)
	}
}

// takeKind takes a reference that says something of SGK or charging out of the further ones.
func (d *draft) takeKind(a Additional) bool {
	inv := &d.doc.Invoice
	sgk := func() *invoice.SGK {
		if inv.SGK == nil {
			inv.SGK = &invoice.SGK{}
		}
		return inv.SGK
	}
	switch {
	case a.Scheme == schemeReport && inv.ChargeReport == nil:
		inv.ChargeReport = &invoice.Reference{Number: a.ID, Date: a.Date}
	case a.TypeCode == codePayerCode:
		sgk().PayerCode = a.Type
	case a.TypeCode == codePayerName:
		sgk().PayerName = a.Type
	case a.TypeCode == codeFileNo:
		sgk().FileNo = a.Type
	default:
		return false
	}
	return true
}

// parsePeriod reads cac:InvoicePeriod; nil when it is empty.
func (r *reader) parsePeriod(n node) (*invoice.Period, error) {
	p := invoice.Period{StartTime: clockTime(r.textAt(n, "StartTime")), EndTime: clockTime(r.textAt(n, "EndTime"))}
	var err error
	if p.Start, err = r.childDate(n, "StartDate"); err != nil {
		return nil, err
	}
	if p.End, err = r.childDate(n, "EndDate"); err != nil || p == (invoice.Period{}) {
		return nil, err
	}
	return &p, nil
}

// expenses writes the expenses of a commission agent, in the form of GİB's example: allowances that leave net and VAT alone.
func (e *encoder) expenses(list []invoice.Expense) {
	for _, x := range list {
		e.open("cac:AllowanceCharge")
		e.must("cbc:ChargeIndicator", "false")
		e.must("cbc:AllowanceChargeReason", x.Kind)
		if x.Rate.Valid {
			e.number("cbc:MultiplierFactorNumeric", x.Rate.Decimal.Shift(-2))
		}
		e.amount("cbc:Amount", x.Amount)
		e.close("cac:AllowanceCharge")
	}
}

// normalizeKinds cleans copies of what single kinds of sale carry.
func normalizeKinds(inv *invoice.Invoice) {
	for _, p := range []**invoice.Reference{&inv.Contract, &inv.Investment, &inv.ChargeReport} {
		if *p == nil {
			continue
		}
		r := **p
		r.Number = clean(r.Number)
		if r.Date.IsZero() {
			r.Date = inv.IssueDate
		}
		*p = &r
	}
	if inv.Investment != nil {
		inv.Contract = nil
	}
	if inv.SGK != nil {
		s := *inv.SGK
		for _, f := range []*string{&s.Cost, &s.PayerCode, &s.PayerName, &s.FileNo} {
			*f = clean(*f)
		}
		inv.SGK = &s
		if s == (invoice.SGK{}) {
			inv.SGK = nil
		}
	}
	if inv.Period != nil && *inv.Period == (invoice.Period{}) {
		inv.Period = nil
	}
	if inv.Representative != nil {
		p := normalizeParty(*inv.Representative)
		inv.Representative = &p
	}
	inv.Delivery = normalizeDelivery(inv.Delivery)
	cloned := false
	for i := range inv.Lines {
		l := &inv.Lines[i]
		if l.Delivery == nil && l.Asset == nil && len(l.IDs) == 0 {
			continue
		}
		if !cloned {
			inv.Lines, cloned = slices.Clone(inv.Lines), true
			l = &inv.Lines[i]
		}
		l.Delivery, l.Asset, l.IDs = normalizeDelivery(l.Delivery), normalizeAsset(l.Asset), normalizeIDs(l.IDs)
	}
}

func normalizeAsset(a *invoice.Asset) *invoice.Asset {
	if a == nil {
		return nil
	}
	out := invoice.Asset{Class: clean(a.Class), Model: clean(a.Model), Trace: clean(a.Trace), Serial: clean(a.Serial)}
	if out == (invoice.Asset{}) {
		return nil
	}
	return &out
}

func normalizeIDs(ids []invoice.ItemID) []invoice.ItemID {
	out := make([]invoice.ItemID, 0, len(ids))
	for _, id := range ids {
		if id.Value = clean(id.Value); id.Value != "" {
			out = append(out, invoice.ItemID{Scheme: clean(id.Scheme), Value: id.Value})
		}
	}
	return out
}
