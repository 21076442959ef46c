package mapping

import (
	"strings"

	"faturad/internal/invoice"
	"faturad/internal/invoice/codes"
)

// customs is the addressee of exports, as GİB's example writes it.
func customs() invoice.Party {
	return invoice.Party{
		TaxNo: invoice.Customs, TaxOffice: "Ulus", Name: "Gümrük ve Ticaret Bakanlığı Gümrükler Genel Müdürlüğü- Bilgi İşlem Dairesi Başkanlığı",
		Address: invoice.Address{District: "Çankaya", City: "Ankara", Country: "TR", CountryName: "Türkiye"},
	}
}

// toCustoms reports the scenarios whose invoices go to the customs, whoever buys.
func (m *mapper) toCustoms() bool { return codes.EFaturaOnly(m.wish.scenario) }

// foreigner is the buyer behind an invoice to the customs: the sale's own buyer, unless the ERP names the customs there
// and the real buyer apart.
func (m *mapper) foreigner() invoice.Party {
	if m.sale.BuyerCustomer != nil {
		return *m.sale.BuyerCustomer
	}
	return m.sale.Buyer
}

// exported fills what an export needs: the buyer abroad and, on every line, customs number, delivery terms, transport and
// place. GİB asks for the lines only in IHRACAT; whatever the ERP gives goes out in OZELFATURA too.
func (m *mapper) exported(inv *invoice.Invoice) {
	p := m.foreigner()
	tax := cleanTaxNo(p.TaxNo)
	unit := m.party(p, "buyer_")
	unit.TaxNo, unit.TaxOffice, unit.FirstName, unit.LastName = "", "", "", ""
	if unit.LegalID == "" && tax != invoice.ForeignBuyer && tax != invoice.FinalConsumer && tax != invoice.Customs {
		unit.LegalID = tax
	}
	unit.IDs = []invoice.PartyID{{Scheme: invoice.PartyType, Value: invoice.TypeExport}}
	if unit.Address.City == "" {
		m.fault("buyer.city.missing", "buyer_city", "")
	}
	inv.BuyerCustomer = &unit
}

// taxFree fills traveller and intermediary.
func (m *mapper) taxFree(inv *invoice.Invoice) {
	p := m.party(m.foreigner(), "buyer_")
	p.TaxNo, p.TaxOffice, p.LegalID = "", "", ""
	if p.FirstName == "" || p.LastName == "" {
		p.FirstName, p.LastName, _ = splitPerson(p.Name)
	}
	p.Name = strings.TrimSpace(p.FirstName + " " + p.LastName)
	var t invoice.Traveller
	if m.sale.Traveller != nil {
		t = *m.sale.Traveller
	}
	t.Nationality, t.PassportNo = strings.ToUpper(clean(t.Nationality)), clean(t.PassportNo)
	if t.Nationality == "" {
		t.Nationality = p.Address.Country
	}
	if t.PassportDate.IsZero() {
		t.PassportDate = inv.IssueDate // the XSD wants a date; few ERPs have the passport's
	}
	if a := t.Account; a != nil {
		b := *a
		for _, s := range []*string{&b.Number, &b.Currency, &b.Bank, &b.Branch, &b.Note} {
			*s = clean(*s)
		}
		if _, ok := codes.Currency(b.Currency); !ok {
			b.Currency = inv.Currency
		}
		t.Account = &b
		if b.Number == "" {
			t.Account = nil
		}
	}
	p.Traveller = &t
	p.IDs = []invoice.PartyID{{Scheme: invoice.PartyType, Value: invoice.TypeTaxFree}}
	inv.BuyerCustomer = &p
	m.representative(inv)
}

func (m *mapper) representative(inv *invoice.Invoice) {
	r := m.sale.Representative
	if r == nil {
		r = &invoice.Representative{}
	}
	no, alias := cleanTaxNo(r.TaxNo), clean(r.Alias)
	if (len(no) == 10 || len(no) == 11) && !invoice.ValidTaxNo(no) && !m.rules.AllowTestIDs {
		m.fault("representative.missing", "representative_tax_no", no)
	}
	p := cleanParty(invoice.Party{Name: r.Name, Address: r.Address})
	if p.Address.Country == "" {
		p.Address.Country = "TR"
	}
	if p.Address.CountryName == "" {
		p.Address.CountryName, _ = codes.Country(p.Address.Country)
	}
	p.IDs = []invoice.PartyID{{Scheme: "ARACIKURUMVKN", Value: no}, {Scheme: "ARACIKURUMETIKET", Value: alias}}
	inv.Representative = &p
}

// expenses are what a commission agent takes off the amount to pay.
func (m *mapper) expenses(inv *invoice.Invoice) {
	for _, e := range m.sale.Expenses {
		if e.Amount.IsZero() {
			continue
		}
		if e.Amount.IsNegative() {
			m.broken = true // CheckKind says so
		}
		e.Amount = e.Amount.Round(2)
		inv.Expenses = append(inv.Expenses, e)
	}
}
