package kolaybi

import (
	"slices"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"

	"faturad/internal/invoice"
	"faturad/internal/invoice/codes"
)

// special fills the one special base that an invoice may have.
func (m *mapper) special(out *draft) error {
	var base *specialBase
	for _, t := range m.inv.Taxes {
		if !codes.SpecialBase(t.Exemption.Code) {
			continue
		}
		if base != nil || m.inv.Type != typeSpecial {
			return notCarried("KolayBi'de bir faturada yalnız bir özel matrah olabilir, o da OZELMATRAH tipinde.")
		}
		base = &specialBase{Code: t.Exemption.Code, Total: t.Taxable.StringFixed(2), Percent: t.Rate.String(), VAT: t.Amount.StringFixed(2)}
	}
	if base == nil && m.inv.Type == typeSpecial {
		return notCarried("Özel matrah faturasında özel matrah kodu yok.")
	}
	out.SpecialBase = base
	return nil
}

// payments are KolayBi's words for how an internet sale was paid.
var payments = map[string]string{
	"KREDIKARTI/BANKAKARTI": "credit-card", "EFT/HAVALE": "bank-transfer", "KAPIDAODEME": "pay-at-door", "ODEMEARACISI": "payment-platform",
}

func (m *mapper) internet(out *draft) error {
	s := m.inv.Internet
	if s == nil {
		return nil
	}
	payment, known := payments[s.PaymentMethod]
	if !known {
		return notCarried("KolayBi internet satışında %q ödeme şeklini tanımıyor.", s.PaymentMethod)
	}
	out.Internet = &internet{URL: s.Website, PaymentType: payment, Platform: s.PaymentAgent, PaymentDate: date(s.PaymentDate)}
	carrier := shipment{TaxNo: s.CarrierTaxNo, Date: date(s.ShipmentDate)}
	if len(s.CarrierTaxNo) == 11 {
		carrier.Person = s.CarrierName
	} else {
		carrier.Company = s.CarrierName
	}
	if carrier != (shipment{}) {
		out.Shipment = &carrier
	}
	return nil
}

// conditions are the delivery terms that KolayBi takes; detailed are the ways that may carry a text.
var (
	conditions = []string{"FAS", "FOB", "DDU", "DDP", "EXW", "DEQ", "CFR"}
	detailed   = []int{1, 2, 3, 4}
)

// export fills handling and shipping from the lines, which must agree, and the two charges that KolayBi has fields for.
func (m *mapper) export(out *draft) error {
	if m.inv.Scenario != scenarioExport {
		return nil
	}
	var e export
	var detail string
	for _, l := range m.inv.Lines {
		d := l.Delivery
		if d == nil {
			d = m.inv.Delivery
		}
		if d == nil {
			return notCarried("İhracat faturasında teslim şartı ve gönderim şekli eksik (satır %s).", l.ID)
		}
		method, err := strconv.Atoi(d.Mode)
		switch {
		case !slices.Contains(conditions, d.Terms):
			return notCarried("KolayBi %q teslim şartını tanımıyor (satır %s).", d.Terms, l.ID)
		case err != nil || method < 1 || method > 7:
			return notCarried("KolayBi %q gönderim şeklini tanımıyor (satır %s).", d.Mode, l.ID)
		case e.Condition != "" && (e.Condition != d.Terms || e.Method != method):
			return notCarried("KolayBi'de bütün satırların teslim şartı ve gönderim şekli aynı olmalı (satır %s).", l.ID)
		case len(d.CustomsID) != 12:
			return notCarried("KolayBi ihracatta 12 haneli GTİP ister (satır %s).", l.ID)
		case d.Package.ID != "" && detail == "":
			detail = d.Package.ID
		}
		e.Condition, e.Method = d.Terms, method
	}
	if slices.Contains(detailed, e.Method) {
		e.Detail = detail
	}
	freight, insurance := decimal.Zero, decimal.Zero
	for _, a := range m.inv.Allowances {
		if !a.Charge {
			continue
		}
		switch reason := fold(a.Reason); {
		case strings.Contains(reason, "navlun"), strings.Contains(reason, "freight"):
			freight = freight.Add(a.Amount)
		case strings.Contains(reason, "sigorta"), strings.Contains(reason, "insurance"):
			insurance = insurance.Add(a.Amount)
		default:
			return notCarried("KolayBi'de ihracatta navlun ve sigorta dışında artırım için alan yok (%s).", a.Reason)
		}
	}
	if !freight.IsZero() {
		e.Freight = freight.StringFixed(2)
	}
	if !insurance.IsZero() {
		e.Insurance = insurance.StringFixed(2)
	}
	out.Export = &e
	return nil
}

// company words are what is put where KolayBi insists on a surname and a title has one word only.
const companyWord = "ŞTİ."

// otherOffice stands for the tax office that KolayBi insists on and the sale does not name.
const otherOffice = "Diğer"

// buyer makes contact and address. An export names the foreign buyer.
func (m *mapper) buyer() (contact, address, error) {
	b := m.inv.Buyer
	if m.inv.Scenario == scenarioExport {
		if m.inv.BuyerCustomer == nil {
			return contact{}, address{}, notCarried("İhracat faturasında yurt dışındaki alıcı eksik.")
		}
		b = *m.inv.BuyerCustomer
		b.TaxNo = invoice.ForeignBuyer
	}
	c := contact{Identity: b.TaxNo, Corporate: len(b.TaxNo) == 10 && b.FirstName == "", Type: "customer", TaxOffice: b.TaxOffice, Phone: b.Phone, Email: b.Email, Website: b.Website}
	c.Name, c.Surname = b.FirstName, b.LastName
	if c.Corporate || c.Name == "" || c.Surname == "" {
		words := strings.Fields(b.Name)
		switch len(words) {
		case 0:
			return c, address{}, notCarried("Alıcının adı eksik.")
		case 1:
			c.Name, c.Surname = words[0], companyWord
		default:
			c.Name, c.Surname = strings.Join(words[:len(words)-1], " "), words[len(words)-1]
		}
	}
	if len([]rune(c.Name)) < 2 || len([]rune(c.Surname)) < 2 {
		return c, address{}, notCarried("KolayBi ad ve soyadda en az iki harf ister (%s %s).", c.Name, c.Surname)
	}
	if c.Corporate && c.TaxOffice == "" {
		c.TaxOffice = otherOffice
	}
	a := b.Address
	out := address{
		Street: a.Street, Building: a.BuildingNo, Number: a.DoorNo, District: a.District, City: a.City, PostalCode: a.PostCode, Type: "invoice",
		Country: a.CountryName, Abroad: a.Country != "" && a.Country != "TR",
	}
	out.Text = strings.Join(strings.Fields(strings.Join([]string{a.Street, a.BuildingNo, a.DoorNo}, " ")), " ")
	if out.Text == "" {
		out.Text = strings.TrimSpace(a.District + " " + a.City)
	}
	if out.Country == "" {
		out.Country = "Türkiye"
		if out.Abroad {
			if name, known := codes.Country(a.Country); known {
				out.Country = name
			}
		}
	}
	if out.Abroad {
		c.Type = "abroad"
		if out.PostalCode == "" {
			out.PostalCode = "00000" // compulsory abroad
		}
	}
	return c, out, nil
}
