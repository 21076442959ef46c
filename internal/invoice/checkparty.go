package invoice

import (
	"slices"

	"faturad/internal/invoice/codes"
)

// whole judges what every invoice must have whatever its kind: dates, texts, codes, identities (FACTS sections 3 to 5).
func (c *checker) whole() {
	inv := c.inv
	if y := inv.IssueDate.Year; y != 0 && (y < 2005 || y > 2099) {
		c.fault("issue_date.too_old", "issue_date", inv.IssueDate.String())
	}
	seller, buyer := inv.Seller, inv.Buyer
	if !taxNo(seller.TaxNo) {
		c.fault("seller.tax_no.invalid", "company.vkn", seller.TaxNo)
	} else if !named(seller) {
		c.fault("seller.name.missing", "company.seller.name", seller.Name)
	}
	switch {
	case !taxNo(buyer.TaxNo):
		c.fault("buyer.tax_no.format", "buyer_tax_no", MaskTaxNo(buyer.TaxNo))
	case !named(buyer) && len(buyer.TaxNo) == 11:
		c.fault("buyer.name.person", "buyer_name", buyer.Name)
	case !named(buyer):
		c.fault("buyer.name.missing", "buyer_name", "")
	}
	for _, p := range []*Party{&inv.Seller, &inv.Buyer} {
		for _, id := range p.IDs {
			_, ok := codes.PartyIDScheme(id.Scheme)
			c.must(ok && id.Scheme != "VKN" && id.Scheme != "TCKN", "kimlik türü "+id.Scheme)
		}
	}
	for _, p := range c.everybody() {
		if p.Address.Country != "" && !country(p.Address.Country) {
			c.fault("buyer.country.unknown", "buyer_country", p.Address.Country)
		}
		if p.Traveller != nil && p.Traveller.Account != nil {
			c.currency("traveller_account_currency", p.Traveller.Account.Currency)
		}
	}
	if p := inv.Payment; p != nil {
		if _, ok := codes.PaymentMeans(p.MeansCode); p.MeansCode != "" && !ok {
			c.fault("payment.means", "payment_means", p.MeansCode)
		}
		c.currency("currency", p.Currency)
	}
	if s := inv.Internet; s != nil && s.CarrierTaxNo != "" && !taxNo(s.CarrierTaxNo) {
		c.fault("internet.carrier", "carrier_tax_no", MaskTaxNo(s.CarrierTaxNo))
	}
	c.lineTexts()
	c.faults = append(c.faults, inv.CheckReferences(Date{})...)
}

// CheckReferences proves that every document named on the invoice, and a receipt's delivery, is of a day that GİB takes: from 2005 on (TimeCheck), and
// not after today, unless today is the zero date.
func (inv Invoice) CheckReferences(today Date) Faults {
	c := checker{inv: &inv}
	day := func(field string, r *Reference) {
		if r != nil && !r.Date.IsZero() && (r.Date.Year < 2005 || !today.IsZero() && today.Before(r.Date)) {
			c.fault("reference.range", field, r.Date.String(), r.Number)
		}
	}
	for i := range inv.Returns {
		day("return_date", &inv.Returns[i])
	}
	for i := range inv.Despatches {
		day("despatch_date", &inv.Despatches[i])
	}
	day("order_date", inv.Order)
	day("contract_date", inv.Contract)
	day("investment_date", inv.Investment)
	day("charging_report_date", inv.ChargeReport)
	if d := inv.Delivered; !d.IsZero() && (d.Year < 2005 || !today.IsZero() && today.Before(d)) {
		c.fault("receipt.delivery", "delivery_date", d.String())
	}
	if p := inv.BuyerCustomer; p != nil && p.Traveller != nil {
		day("traveller_passport_date", &Reference{p.Traveller.PassportNo, p.Traveller.PassportDate})
	}
	return c.faults
}

// everybody lists the parties of the document.
func (c *checker) everybody() []*Party {
	out := []*Party{&c.inv.Seller, &c.inv.Buyer}
	for _, p := range []*Party{c.inv.BuyerCustomer, c.inv.Representative} {
		if p != nil {
			out = append(out, p)
		}
	}
	return out
}

func (c *checker) currency(field, code string) {
	if _, ok := codes.Currency(code); code != "" && (!ok || codes.Stopgap(code)) {
		c.fault("currency.unknown", field, code)
	}
}

// lineTexts wants a name, a listed unit and an id of its own on every line.
func (c *checker) lineTexts() {
	var seen []string
	for i := range c.inv.Lines {
		l := &c.inv.Lines[i]
		if l.Name == "" {
			c.faults = append(c.faults, NewLineFault("line.name.missing", i+1, "name", ""))
		}
		if _, ok := codes.Unit(l.Unit); !ok {
			c.faults = append(c.faults, NewLineFault("line.unit.unknown", i+1, "unit", l.Unit))
		}
		seen = append(seen, l.ID)
	}
	slices.Sort(seen)
	c.must(!slices.Contains(seen, "") && len(slices.Compact(seen)) == len(c.inv.Lines), "satır numaraları")
}

// taxNo reports the form of a VKN or TCKN.
func taxNo(s string) bool { return digits(s) && (len(s) == 10 || len(s) == 11) }

// named reports a company with its title, or a person with both names.
func named(p Party) bool {
	if len(p.TaxNo) == 11 {
		return p.FirstName != "" && p.LastName != ""
	}
	return p.Name != ""
}

// CheckNumbers proves the check digits of every tax number. It is apart from Check because the published test numbers of
// the providers have wrong ones.
func (inv Invoice) CheckNumbers() Faults {
	c := checker{inv: &inv}
	if no := inv.Seller.TaxNo; !ValidVKN(no) && !ValidTCKN(no) {
		c.fault("seller.tax_no.invalid", "company.vkn", no)
	}
	if !ValidTaxNo(inv.Buyer.TaxNo) {
		c.fault("buyer.tax_no.checksum", "buyer_tax_no", MaskTaxNo(inv.Buyer.TaxNo))
	}
	if p := inv.BuyerCustomer; p != nil && p.TaxNo != "" && !ValidTaxNo(p.TaxNo) {
		c.fault("buyer.tax_no.checksum", "buyer_customer_tax_no", MaskTaxNo(p.TaxNo))
	}
	if s := inv.Internet; s != nil && s.CarrierTaxNo != "" && !ValidTaxNo(s.CarrierTaxNo) {
		c.fault("internet.carrier", "carrier_tax_no", MaskTaxNo(s.CarrierTaxNo))
	}
	return c.faults
}
