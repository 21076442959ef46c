package mapping

import (
	"strings"
	"time"

	"faturad/internal/invoice"
	"faturad/internal/invoice/codes"
)

// kinds fills what single kinds of sale need beside the common fields; Invoice.CheckKind judges it, once the lines are there.
func (m *mapper) kinds(inv *invoice.Invoice) {
	inv.Contract = m.contract()
	if codes.ForInvestment(inv.Scenario, inv.Type) {
		m.investment(inv)
	}
	inv.Period = m.period()
	switch inv.Type {
	case socialSecurity:
		m.socialSecurity(inv)
	case charging, chargingNow:
		m.charging(inv)
	case technology:
		inv.Buyer.IDs = nil // GİB takes nothing beside the TCKN
	}
	switch inv.Scenario {
	case public:
		m.public(inv)
	case rebar:
		if no := strings.ToUpper(clean(m.sale.ShipmentNo)); no != "" {
			inv.Seller.IDs = append(inv.Seller.IDs[:len(inv.Seller.IDs):len(inv.Seller.IDs)], invoice.PartyID{Scheme: "SEVKIYATNO", Value: no})
		}
	case export, specialGoods:
		m.exported(inv)
	case taxFree:
		m.taxFree(inv)
	}
	m.expenses(inv)
}

func (m *mapper) contract() *invoice.Reference {
	return m.single(m.sale.Contract, m.sale.MoreContracts, "contract_date", "Sözleşme: ")
}

// investment takes the certificate. GİB takes no other contract beside it.
func (m *mapper) investment(inv *invoice.Invoice) {
	inv.Contract = nil
	if r := m.sale.Investment; r != nil {
		inv.Investment = &invoice.Reference{Number: clean(r.Number), Date: r.Date}
	}
}

func (m *mapper) period() *invoice.Period {
	p := m.sale.Period
	if p == nil || p.Start.IsZero() && p.End.IsZero() {
		return nil
	}
	out := *p
	for _, s := range []*string{&out.StartTime, &out.EndTime} {
		if *s = clean(*s); *s == "" {
			continue
		}
		t, err := time.Parse(time.TimeOnly, *s)
		if err != nil {
			t, err = time.Parse("15:04", *s)
		}
		if err != nil {
			m.fault("issue_time.invalid", "period_start_time", *s)
		}
		*s = t.Format(time.TimeOnly)
	}
	return &out
}

func (m *mapper) socialSecurity(inv *invoice.Invoice) {
	var s invoice.SGK
	if m.sale.SGK != nil {
		s = *m.sale.SGK
	}
	for _, f := range []*string{&s.Cost, &s.PayerCode, &s.PayerName, &s.FileNo} {
		*f = clean(*f)
	}
	if s.PayerCode == "" || s.PayerName == "" {
		m.fault("sgk.payer", "sgk_payer_code", s.PayerCode)
	}
	inv.SGK = &s
}

// charging puts plate and vehicle among the buyer's identifications, where GİB looks for them.
func (m *mapper) charging(inv *invoice.Invoice) {
	var c invoice.Charging
	if m.sale.Charging != nil {
		c = *m.sale.Charging
	}
	c.Plate = strings.ToUpper(strings.Join(strings.Fields(clean(c.Plate)), ""))
	ids := inv.Buyer.IDs[:len(inv.Buyer.IDs):len(inv.Buyer.IDs)]
	if c.Plate != "" {
		ids = append(ids, invoice.PartyID{Scheme: "PLAKA", Value: c.Plate})
	}
	if id := clean(c.VehicleID); id != "" {
		ids = append(ids, invoice.PartyID{Scheme: "ARACKIMLIKNO", Value: id})
	}
	inv.Buyer.IDs = ids
	if id := strings.ToUpper(clean(c.ReportID)); inv.Type == charging && id != "" {
		inv.ChargeReport = &invoice.Reference{Number: id, Date: c.ReportDate}
	}
}

// public wants the account to pay to and the unit that pays, which is the buyer where none is named.
func (m *mapper) public(inv *invoice.Invoice) {
	p := inv.Payment
	if p == nil {
		p = &invoice.Payment{MeansCode: "42"}
	}
	if p.IBAN == "" {
		p.IBAN = iban(m.rules.IBAN)
	}
	inv.Payment = p
	unit := inv.Buyer
	if m.sale.BuyerCustomer != nil {
		unit = m.party(*m.sale.BuyerCustomer, "buyer_customer_")
		if len(unit.TaxNo) == 10 && !invoice.ValidVKN(unit.TaxNo) && !m.rules.AllowTestIDs {
			m.fault("buyer.tax_no.checksum", "buyer_customer_tax_no", unit.TaxNo)
		}
	}
	inv.BuyerCustomer = &unit
}

// iban drops the blanks that people group an IBAN with.
func iban(s string) string { return strings.ToUpper(strings.Join(strings.Fields(clean(s)), "")) }

// party cleans a further party and completes its country; its tax number is judged by the caller.
func (m *mapper) party(p invoice.Party, column string) invoice.Party {
	p = cleanParty(p)
	p.LegalID, p.IDs = clean(p.LegalID), nil
	if p.Address.Country == "" {
		p.Address.Country = "TR"
	}
	name, ok := codes.Country(p.Address.Country)
	if !ok || codes.Stopgap(p.Address.Country) {
		m.fault("buyer.country.unknown", column+"country", p.Address.Country)
	} else if p.Address.CountryName == "" {
		p.Address.CountryName = name
	}
	switch {
	case p.Name == "":
		m.fault("buyer.name.missing", column+"name", "")
	case damaged(p.Name):
		m.fault("text.damaged", column+"name", p.Name)
	case len([]rune(p.Name)) > maxName:
		m.fault("text.too_long", column+"name", "", itoa(maxName))
	}
	if len(p.TaxNo) == 10 {
		p.FirstName, p.LastName = "", ""
	}
	if a := &p.Address; a.Country != "TR" {
		if a.District == "" {
			a.District = "-"
		}
	}
	return p
}
