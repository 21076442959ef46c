package mapping

import (
	"regexp"
	"strings"

	"faturad/internal/invoice"
	"faturad/internal/invoice/codes"
)

// lineKinds fills what single kinds of sale need on every line, and has the whole judged. Where the lines could not be
// built, stand-ins take their place: all faults are told at once.
func (m *mapper) lineKinds(inv *invoice.Invoice) {
	if m.broken || len(inv.Lines) != len(m.sale.Lines) {
		standIn := *inv
		standIn.Lines = make([]invoice.Line, len(m.sale.Lines))
		inv = &standIn
	}
	for i := range inv.Lines {
		l, src := &inv.Lines[i], &m.sale.Lines[i]
		l.IDs = m.itemIDs(i+1, src.IDs)
		l.Asset = cleanAsset(src.Asset)
		m.lineDelivery(inv, i+1, l, src)
	}
	m.faults = append(m.faults, inv.CheckKind()...)
}

// itemIDs cleans the identifications; one field may hold several, separated by commas or semicolons.
func (m *mapper) itemIDs(pos int, ids []invoice.ItemID) []invoice.ItemID {
	var out []invoice.ItemID
	for _, id := range ids {
		scheme, value := strings.ToUpper(clean(id.Scheme)), clean(id.Value)
		if value == "" {
			continue
		}
		if !codes.ItemScheme(scheme) {
			m.lineFault("line.item_id", pos, "item_id_scheme", scheme)
			continue
		}
		if scheme == "MALSAHIBIADSOYADUNVAN" {
			out = append(out, invoice.ItemID{Scheme: scheme, Value: value})
			continue
		}
		for _, v := range strings.FieldsFunc(value, func(r rune) bool { return r == ',' || r == ';' }) {
			if v = strings.TrimSpace(v); v != "" {
				out = append(out, invoice.ItemID{Scheme: scheme, Value: v})
			}
		}
	}
	return out
}

func cleanAsset(a *invoice.Asset) *invoice.Asset {
	if a == nil {
		return nil
	}
	out := invoice.Asset{Class: clean(a.Class), Model: clean(a.Model), Trace: clean(a.Trace), Serial: clean(a.Serial)}
	if len(out.Class) == 1 {
		out.Class = "0" + out.Class
	}
	if out == (invoice.Asset{}) {
		return nil
	}
	return &out
}

var notDigits = regexp.MustCompile(`[^0-9]`)

// lineDelivery completes the line's delivery from the sale's, and for exports the place from the buyer's address.
func (m *mapper) lineDelivery(inv *invoice.Invoice, pos int, l *invoice.Line, src *invoice.SaleLine) {
	if src.Delivery == nil && m.sale.Delivery == nil && inv.Scenario != export {
		return
	}
	var d invoice.Delivery
	if src.Delivery != nil {
		d = *src.Delivery
	}
	if whole := m.sale.Delivery; whole != nil {
		for _, f := range []struct{ own, other *string }{{&d.Terms, &whole.Terms}, {&d.Mode, &whole.Mode}, {&d.CustomsID, &whole.CustomsID},
			{&d.BuyerLineCode, &whole.BuyerLineCode}, {&d.SellerLineCode, &whole.SellerLineCode}} {
			if clean(*f.own) == "" {
				*f.own = *f.other
			}
		}
		if d.Address == (invoice.Address{}) {
			d.Address = whole.Address
		}
		if d.Package == (invoice.Package{}) {
			d.Package = whole.Package
		}
	}
	a := cleanParty(invoice.Party{Address: d.Address}).Address
	if inv.Scenario == export && a.City == "" && inv.BuyerCustomer != nil {
		a = inv.BuyerCustomer.Address
	}
	if a.City != "" || a.Country != "" {
		if a.Country == "" {
			a.Country = "TR"
			if inv.BuyerCustomer != nil {
				a.Country = inv.BuyerCustomer.Address.Country
			}
		}
		if a.CountryName == "" {
			a.CountryName, _ = codes.Country(a.Country)
		}
		if a.District == "" {
			a.District = "-"
		}
	} else {
		a = invoice.Address{}
	}
	d.Address = a
	for _, s := range []*string{&d.Terms, &d.Mode, &d.Package.Type, &d.Package.ID, &d.BuyerLineCode, &d.SellerLineCode} {
		*s = clean(*s)
	}
	d.Terms, d.Package.Type = strings.ToUpper(d.Terms), strings.ToUpper(d.Package.Type)
	if d.CustomsID = clean(d.CustomsID); strings.IndexFunc(d.CustomsID, func(r rune) bool { return r >= 'A' && r <= 'Z' }) < 0 {
		d.CustomsID = notDigits.ReplaceAllString(d.CustomsID, "") // people write 8471.30.00.00.00
	}
	if !usable(d.Package.Quantity.Decimal) {
		m.lineFault("number.range", pos, "package_quantity", "", "package_quantity")
		return
	}
	if d != (invoice.Delivery{}) {
		l.Delivery = &d
	}
}
