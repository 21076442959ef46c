package turkcell

import (
	"errors"
	"fmt"

	"github.com/shopspring/decimal"

	"faturad/internal/fault"
	"faturad/internal/invoice"
	"faturad/providers"
)

// voucher is the JSON model of an e-SMM (facts 2.7). That its parts have the fields of the invoice model is assumed. It has no
// local reference, no series beside the general part's, and no settings: the provider computes the amounts.
type voucher struct {
	Status           int         `json:"status"`
	SendEMail        bool        `json:"sendEMail"`
	UseManualVoucher bool        `json:"useManualVoucherId"`
	XSLTCode         string      `json:"xsltCode,omitempty"`
	Notes            []modelNote `json:"notes,omitempty"`
	AddressBook      addressBook `json:"addressBook"`
	GeneralInfo      generalInfo `json:"generalInfoModel"`
	Lines            []modelLine `json:"invoiceLines"`
}

// The scenario and type of an e-SMM in the model's numbers (facts 4.3, 4.4).
const (
	voucherProfile = 7  // EARSIVBELGE
	voucherType    = 10 // SERBESTMESLEKMAKBUZU
)

const useVoucherUBL = `Bu makbuz için turkcell.voucher_format = "ubl" ayarını kullanın`

// buildVoucher writes the JSON model of an e-SMM. As with invoices, what the model cannot carry, or would carry with other
// totals than ours, is refused.
func (p *Provider) buildVoucher(d providers.Draft) ([]byte, error) {
	m, err := p.voucher(d)
	if e, ok := errors.AsType[*fault.Error](err); ok && e.Advice == useUBL {
		e.Advice = useVoucherUBL
	}
	if err != nil {
		return nil, err
	}
	return encodeModel(m)
}

func (p *Provider) voucher(d providers.Draft) (voucher, error) {
	inv := d.Invoice
	if err := p.fitsVoucher(inv); err != nil {
		return voucher{}, err
	}
	if err := fitsModel(inv); err != nil {
		return voucher{}, err
	}
	m := voucher{
		Status: statusCode(d.Route.Draft), SendEMail: d.Route.Email != "", XSLTCode: p.cfg.XSLTCode, AddressBook: receiver(inv.Buyer, d.Route),
		GeneralInfo: generalInfo{
			ETTN: d.ETTN.String(), Prefix: d.Route.Prefix, Profile: voucherProfile, Type: voucherType,
			IssueDate: inv.IssueDate.String() + "T" + inv.IssueTime, Currency: inv.Currency,
		},
	}
	m.GeneralInfo.IssueTime = m.GeneralInfo.IssueDate
	m.AddressBook.Email = d.Route.Email // the only place for it: sendEMail has no address of its own
	if inv.Delivered != inv.IssueDate {
		m.GeneralInfo.DeliveryDate = midnight(inv.Delivered)
	}
	if inv.Currency != "TRY" {
		m.GeneralInfo.ExchangeRate = amount{inv.Rate}
	}
	for _, note := range inv.Notes {
		m.Notes = append(m.Notes, modelNote{note})
	}
	for _, l := range inv.Lines {
		line, err := modelLineOf(inv, l)
		if err != nil {
			return voucher{}, err
		}
		if !computed(l) {
			return voucher{}, notCarried("JSON modelinde tutarları entegratör hesaplar; "+l.ID+". satırda başka bir tutar çıkar.", useVoucherUBL)
		}
		m.Lines = append(m.Lines, line)
	}
	return m, nil
}

// fitsVoucher refuses what the model of an e-SMM lacks although that of an invoice has it.
func (p *Provider) fitsVoucher(inv invoice.Invoice) error {
	missing := ""
	switch {
	case p.cfg.OwnNumbers: // guide: a number given by hand "is not followed", the provider numbers all the same
		missing = "kendi makbuz numaranız"
	case inv.Order != nil:
		missing = "sipariş"
	case len(inv.Despatches) > 0:
		missing = "irsaliye"
	case inv.Payment != nil:
		missing = "ödeme bilgisi"
	}
	if missing != "" {
		return notCarried(fmt.Sprintf("JSON modelinde %s için alan yok.", missing), useVoucherUBL)
	}
	return nil
}

// computed reports whether the provider's own arithmetic gives a line's amounts: quantity by price less the discount, and each
// tax of its base, rounded on the line.
func computed(l invoice.Line) bool {
	net := l.Quantity.Mul(l.UnitPrice)
	for _, a := range l.Allowances {
		net = net.Sub(a.Amount)
	}
	fits := net.Round(2).Equal(l.Net)
	for _, taxes := range [][]invoice.TaxSubtotal{l.Taxes, l.Withholding} {
		for _, t := range taxes {
			fits = fits && t.Taxable.Mul(t.Rate).Div(decimal.NewFromInt(100)).Round(2).Equal(t.Amount)
		}
	}
	return fits
}
