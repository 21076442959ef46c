package ubl

import (
	"strings"

	"faturad/internal/invoice"
	"faturad/internal/invoice/codes"
)

// party writes cac:Party under the name it plays (cac:Party, cac:CarrierParty). A VKN (10 digits) goes with a title, a
// TCKN (11 digits) with a person; the title of a person is written only when it says something else.
func (e *encoder) party(name string, p invoice.Party) {
	e.open(name)
	e.text("cbc:WebsiteURI", p.Website)
	if p.TaxNo != "" {
		e.identification(taxScheme(p.TaxNo), p.TaxNo)
	}
	for _, id := range p.IDs {
		e.identification(id.Scheme, id.Value)
	}
	person := p.FirstName != "" || p.LastName != ""
	if p.Name != "" && (!person || p.Name != nameOf("", p.FirstName, p.LastName)) {
		e.open("cac:PartyName")
		e.text("cbc:Name", p.Name)
		e.close("cac:PartyName")
	}
	e.addressAs("cac:PostalAddress", p.Address)
	if p.TaxOffice != "" {
		e.open("cac:PartyTaxScheme")
		e.open("cac:TaxScheme")
		e.text("cbc:Name", p.TaxOffice)
		e.close("cac:TaxScheme")
		e.close("cac:PartyTaxScheme")
	}
	if exported := isExported(p); exported || p.LegalID != "" {
		e.open("cac:PartyLegalEntity")
		if exported {
			e.must("cbc:RegistrationName", p.Name)
		}
		e.text("cbc:CompanyID", p.LegalID)
		e.close("cac:PartyLegalEntity")
	}
	if p.Phone != "" || p.Fax != "" || p.Email != "" {
		e.open("cac:Contact")
		e.text("cbc:Telephone", p.Phone)
		e.text("cbc:Telefax", p.Fax)
		e.text("cbc:ElectronicMail", p.Email)
		e.close("cac:Contact")
	}
	if person {
		e.open("cac:Person")
		e.must("cbc:FirstName", p.FirstName)
		e.must("cbc:FamilyName", p.LastName)
		e.traveller(p.Traveller)
		e.close("cac:Person")
	}
	e.close(name)
}

func (e *encoder) identification(scheme, value string) {
	e.open("cac:PartyIdentification")
	e.attributed("cbc:ID", "schemeID", scheme, value)
	e.close("cac:PartyIdentification")
}

// isExported reports a buyer abroad behind an invoice to the customs, whose registered name GİB asks for.
func isExported(p invoice.Party) bool {
	for _, id := range p.IDs {
		if id.Scheme == invoice.PartyType && id.Value == invoice.TypeExport {
			return true
		}
	}
	return false
}

// traveller writes nationality, account and passport, inside cac:Person.
func (e *encoder) traveller(t *invoice.Traveller) {
	if t == nil {
		return
	}
	e.text("cbc:NationalityID", t.Nationality)
	if a := t.Account; a != nil {
		e.open("cac:FinancialAccount")
		e.must("cbc:ID", a.Number)
		e.text("cbc:CurrencyCode", a.Currency)
		e.text("cbc:PaymentNote", a.Note)
		if a.Bank != "" || a.Branch != "" {
			e.open("cac:FinancialInstitutionBranch")
			e.text("cbc:Name", a.Branch)
			if a.Bank != "" {
				e.open("cac:FinancialInstitution")
				e.must("cbc:Name", a.Bank)
				e.close("cac:FinancialInstitution")
			}
			e.close("cac:FinancialInstitutionBranch")
		}
		e.close("cac:FinancialAccount")
	}
	if t.PassportNo != "" {
		e.reference("cac:IdentityDocumentReference", invoice.Reference{Number: t.PassportNo, Date: t.PassportDate})
	}
}

// addressAs writes cac:PostalAddress, or another address of that form. The XSD demands district, city and country; the country needs a name, and carries
// its code only when there is one.
func (e *encoder) addressAs(name string, a invoice.Address) {
	e.open(name)
	e.text("cbc:Room", a.DoorNo)
	e.text("cbc:StreetName", a.Street)
	e.text("cbc:BuildingNumber", a.BuildingNo)
	e.must("cbc:CitySubdivisionName", a.District)
	e.must("cbc:CityName", a.City)
	e.text("cbc:PostalZone", a.PostCode)
	e.open("cac:Country")
	e.text("cbc:IdentificationCode", a.Country)
	e.must("cbc:Name", a.CountryName)
	e.close("cac:Country")
	e.close(name)
}

// taxScheme is VKN for 10 digits and TCKN for anything else.
func taxScheme(taxNo string) string {
	if len(taxNo) == 10 {
		return "VKN"
	}
	return "TCKN"
}

// normalizeParty gives a party the form in which it is read back: a name for a person who has only its parts, a printed
// name for the country, no opinion on Person (the tax number decides), nothing but clean text.
func normalizeParty(p invoice.Party) invoice.Party {
	for _, s := range []*string{
		&p.TaxNo, &p.TaxOffice, &p.Name, &p.FirstName, &p.LastName, &p.Email, &p.Phone, &p.Fax, &p.Website, &p.LegalID,
	} {
		*s = clean(*s)
	}
	p.Person = nil
	p.Name = nameOf(p.Name, p.FirstName, p.LastName)
	p.Address = normalizeAddress(p.Address)
	if p.Traveller != nil {
		t := *p.Traveller
		t.Nationality, t.PassportNo = clean(t.Nationality), clean(t.PassportNo)
		if t.Account != nil {
			a := *t.Account
			for _, s := range []*string{&a.Number, &a.Currency, &a.Bank, &a.Branch, &a.Note} {
				*s = clean(*s)
			}
			t.Account = &a
		}
		p.Traveller = &t
	}
	return p
}

func normalizeAddress(a invoice.Address) invoice.Address {
	for _, s := range []*string{&a.Street, &a.BuildingNo, &a.DoorNo, &a.District, &a.City, &a.PostCode, &a.Country, &a.CountryName} {
		*s = clean(*s)
	}
	a.Country = strings.ToUpper(a.Country)
	if a.CountryName == "" {
		a.CountryName = a.Country
		if name, ok := codes.Country(a.Country); ok {
			a.CountryName = name
		}
	}
	return a
}

// nameOf gives a person without a title the full name.
func nameOf(title, first, last string) string {
	if title == "" {
		return strings.TrimSpace(first + " " + last)
	}
	return title
}
