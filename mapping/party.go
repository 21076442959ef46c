package mapping

import (
	"strings"
	"unicode/utf8"

	"faturad/internal/invoice"
	"faturad/internal/invoice/codes"
)

// Longest texts that providers store (Turkcell: title 500).
const (
	maxName = 500
	maxPart = 250 // one field of an address, a code, a reference
	maxText = 1000
	maxNote = 4000
)

// party cleans every text of a party; it judges nothing.
func cleanParty(p invoice.Party) invoice.Party {
	for _, s := range []*string{&p.TaxOffice, &p.Name, &p.FirstName, &p.LastName, &p.Email, &p.Phone, &p.Fax, &p.Website,
		&p.Address.Street, &p.Address.BuildingNo, &p.Address.DoorNo, &p.Address.District, &p.Address.City,
		&p.Address.PostCode, &p.Address.Country, &p.Address.CountryName} {
		*s = clean(*s)
	}
	p.TaxNo = cleanTaxNo(p.TaxNo)
	if p.Name == "" {
		p.Name = strings.TrimSpace(p.FirstName + " " + p.LastName)
	}
	p.Address.Country = strings.ToUpper(p.Address.Country)
	return p
}

// cleanTaxNo keeps letters and digits, and drops what people write before a Turkish number (TR, VKN, TCKN).
func cleanTaxNo(s string) string {
	var b strings.Builder
	for _, r := range strings.ToUpper(s) {
		if r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' {
			b.WriteRune(r)
		}
	}
	s = b.String()
	for _, prefix := range []string{"VKN", "TCKN", "TCNO", "TR", "TC"} {
		if rest, ok := strings.CutPrefix(s, prefix); ok && digits(rest) {
			return rest
		}
	}
	return s
}

func digits(s string) bool {
	return s != "" && strings.IndexFunc(s, func(r rune) bool { return r < '0' || r > '9' }) < 0
}

// buyer checks the sale's buyer and fills what the rules allow to fill.
func (m *mapper) buyer() invoice.Party {
	if m.toCustoms() {
		return customs()
	}
	p := cleanParty(m.sale.Buyer)
	m.checkCountry(&p)
	foreign := p.Address.Country != "TR"
	typed := p.TaxNo
	p.TaxNo = m.buyerTaxNo(p, foreign)
	if p.TaxNo == invoice.FinalConsumer {
		m.fillAnonymous(&p)
	}
	if foreign && p.TaxNo == invoice.ForeignBuyer && typed != "" && typed != invoice.ForeignBuyer {
		m.notes = append(m.notes, "Alıcının vergi numarası: "+typed)
	}
	m.buyerName(&p)
	m.buyerAddress(&p, foreign)
	m.lengths(&p)
	if len(p.TaxNo) == 10 && p.TaxNo != invoice.ForeignBuyer && p.TaxOffice == "" {
		m.fault("buyer.tax_office.missing", "buyer_tax_office", "")
	}
	if p.Email != "" {
		p.Email = m.email(p.Email)
	}
	kept := p.IDs[:0:0]
	for _, id := range p.IDs {
		id.Value = clean(id.Value)
		if _, ok := codes.PartyIDScheme(id.Scheme); !ok || id.Scheme == "VKN" || id.Scheme == "TCKN" {
			m.fault("buyer.id.unknown", "buyer_ids", id.Scheme)
		} else if id.Value != "" {
			kept = append(kept, id)
		}
	}
	p.IDs = kept
	return p
}

func (m *mapper) checkCountry(p *invoice.Party) {
	if p.Address.Country == "" {
		p.Address.Country = m.rules.country()
	}
	name, ok := codes.Country(p.Address.Country)
	if !ok || codes.Stopgap(p.Address.Country) {
		m.fault("buyer.country.unknown", "buyer_country", p.Address.Country)
	} else if p.Address.CountryName == "" {
		p.Address.CountryName = name
	}
}

// buyerTaxNo returns the number for the invoice: the buyer's own, a placeholder, or "" after a fault.
func (m *mapper) buyerTaxNo(p invoice.Party, foreign bool) string {
	const field = "buyer_tax_no"
	no := p.TaxNo
	firm := p.Person != nil && !*p.Person || company(p.Name)
	switch {
	case no == invoice.FinalConsumer || no == "" && !foreign && m.rules.Anonymous != nil && !firm:
		if firm {
			m.fault("buyer.tax_no.anonymous_company", field, no)
		}
		m.placeholderKind(invoice.FinalConsumer)
		return invoice.FinalConsumer
	case no == invoice.ForeignBuyer:
		if !foreign {
			m.fault("buyer.tax_no.placeholder", field, no)
		}
		m.placeholderKind(no)
		return no
	case foreign && !(invoice.ValidTCKN(no) || invoice.ValidVKN(no) && p.TaxOffice != ""):
		if !m.rules.ForeignPlaceholder {
			m.fault("buyer.tax_no.foreign", field, no)
			return ""
		}
		m.placeholderKind(invoice.ForeignBuyer)
		return invoice.ForeignBuyer
	case no == "":
		m.fault("buyer.tax_no.missing", field, "")
		return ""
	case no == cleanTaxNo(m.rules.Seller.TaxNo):
		m.fault("buyer.tax_no.is_seller", field, invoice.MaskTaxNo(no))
		return no
	case len(no) == 9 && digits(no) && invoice.ValidVKN("0"+no):
		m.fault("buyer.tax_no.leading_zero", field, no)
		return ""
	case !digits(no) || len(no) != 10 && len(no) != 11:
		m.fault("buyer.tax_no.format", field, m.enteredTaxNo(no))
		return ""
	case !invoice.ValidTaxNo(no) && !m.rules.AllowTestIDs:
		m.fault("buyer.tax_no.checksum", field, invoice.MaskTaxNo(no))
		return ""
	}
	return no
}

// longestShown is how much people see of what stands where a tax number belongs.
const longestShown = 40

// enteredTaxNo is what stands in the ERP where a tax number belongs: what is left of it after cleaning, nobody finds there. What may
// be a person's number is masked.
func (m *mapper) enteredTaxNo(cleaned string) string {
	entered := []rune(clean(m.sale.Buyer.TaxNo))
	switch {
	case len(cleaned) == 11:
		return invoice.MaskTaxNo(cleaned)
	case len(entered) > longestShown:
		return string(entered[:longestShown]) + "…"
	}
	return string(entered)
}

// placeholderKind refuses a pinned e-Fatura: a placeholder has no mailbox.
func (m *mapper) placeholderKind(no string) {
	if m.sale.Kind == invoice.EFatura {
		m.fault("buyer.tax_no.placeholder_kind", "kind", no)
	}
}

// fillAnonymous completes a walk-in customer from the configured party.
func (m *mapper) fillAnonymous(p *invoice.Party) {
	if m.rules.Anonymous == nil {
		return
	}
	a := cleanParty(*m.rules.Anonymous)
	if _, _, ok := splitPerson(p.Name); !ok && (p.FirstName == "" || p.LastName == "") {
		p.Name, p.FirstName, p.LastName = a.Name, a.FirstName, a.LastName
	}
	if p.Address.City == "" && p.Address.District == "" {
		country := p.Address.Country
		p.Address = a.Address
		if p.Address.Country == "" {
			p.Address.Country = country
		}
		if p.Address.CountryName == "" {
			p.Address.CountryName, _ = codes.Country(p.Address.Country)
		}
	}
}

// buyerName fills first and last name of a person, and checks that there is a name at all.
func (m *mapper) buyerName(p *invoice.Party) {
	switch {
	case p.Name == "":
		m.fault("buyer.name.missing", "buyer_name", "")
	case damaged(p.Name):
		m.fault("text.damaged", "buyer_name", p.Name)
	case utf8.RuneCountInString(p.Name) > maxName:
		m.fault("text.too_long", "buyer_name", "", "500")
	case len(p.TaxNo) == 10:
		p.FirstName, p.LastName = "", ""
	case len(p.TaxNo) == 11 && (p.FirstName == "" || p.LastName == ""):
		first, last, ok := splitPerson(p.Name)
		if p.TaxNo != invoice.FinalConsumer && company(p.Name) {
			m.fault("buyer.name.company", "buyer_name", p.Name)
		} else if !ok {
			m.fault("buyer.name.person", "buyer_name", p.Name)
		}
		p.FirstName, p.LastName = first, last
	}
}

// buyerAddress checks il and ilçe, which UBL-TR demands. Abroad one of them may stand for the other.
func (m *mapper) buyerAddress(p *invoice.Party, foreign bool) {
	a := &p.Address
	if foreign && a.City == "" {
		a.City = a.District
	}
	if foreign && a.District == "" {
		a.District = a.City
	}
	if a.District == "" {
		a.District = m.rules.District
	}
	if a.City == "" {
		m.fault("buyer.city.missing", "buyer_city", "")
	}
	if a.District == "" {
		m.fault("buyer.district.missing", "buyer_district", "")
	}
}

// lengths refuses texts that no provider stores and no form prints.
func (m *mapper) lengths(p *invoice.Party) {
	a := &p.Address
	for _, f := range [...]struct{ column, text string }{{"buyer_tax_office", p.TaxOffice}, {"buyer_street", a.Street}, {"buyer_building_no", a.BuildingNo},
		{"buyer_door_no", a.DoorNo}, {"buyer_district", a.District}, {"buyer_city", a.City}, {"buyer_postcode", a.PostCode}, {"buyer_phone", p.Phone},
		{"buyer_fax", p.Fax}, {"buyer_website", p.Website}, {"buyer_email", p.Email}} {
		if len(f.text) > maxPart && utf8.RuneCountInString(f.text) > maxPart {
			m.fault("text.too_long", f.column, "", itoa(maxPart))
		}
	}
}

// email returns the first usable address of a field that may hold several.
func (m *mapper) email(s string) string {
	for part := range strings.FieldsFuncSeq(s, func(r rune) bool { return r == ';' || r == ',' || r == ' ' }) {
		local, domain, ok := strings.Cut(part, "@")
		if ok && local != "" && strings.Contains(strings.Trim(domain, "."), ".") && !strings.Contains(domain, "@") {
			return part
		}
	}
	m.fault("buyer.email.invalid", "buyer_email", s)
	return ""
}

// seller checks the company's own block; its faults concern the administrator.
func (m *mapper) seller() invoice.Party {
	p := cleanParty(m.rules.Seller)
	if p.Address.Country == "" {
		p.Address.Country = "TR"
	}
	if p.Address.CountryName == "" {
		p.Address.CountryName, _ = codes.Country(p.Address.Country)
	}
	if !(invoice.ValidVKN(p.TaxNo) || invoice.ValidTCKN(p.TaxNo) || m.rules.AllowTestIDs && digits(p.TaxNo) && (len(p.TaxNo) == 10 || len(p.TaxNo) == 11)) {
		m.fault("seller.tax_no.invalid", "company.vkn", p.TaxNo)
	}
	if len(p.TaxNo) == 11 && (p.FirstName == "" || p.LastName == "") {
		p.FirstName, p.LastName, _ = splitPerson(p.Name)
	}
	if p.Name == "" || len(p.TaxNo) == 11 && p.LastName == "" {
		m.fault("seller.name.missing", "company.seller.name", p.Name)
	}
	if p.Address.City == "" || p.Address.District == "" {
		m.fault("seller.address.missing", "company.seller.city", p.Address.City)
	}
	return p
}
