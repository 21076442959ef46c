package ubl

import (
	"strings"

	"faturad/internal/invoice"
)

// parseParty reads cac:Party and its like. The first VKN or TCKN is the tax number, whatever the case of its schemeID; a
// number of 10 or 11 digits without any schemeID counts too. A second one, and everything else, is a further
// identification.
func (r *reader) parseParty(n node) (invoice.Party, error) {
	p := invoice.Party{
		TaxOffice: r.textAt(n, "PartyTaxScheme", "TaxScheme", "Name"),
		Name:      r.textAt(n, "PartyName", "Name"),
		FirstName: r.textAt(n, "Person", "FirstName"),
		LastName:  r.textAt(n, "Person", "FamilyName"),
		Email:     r.textAt(n, "Contact", "ElectronicMail"),
		Phone:     r.textAt(n, "Contact", "Telephone"),
		Fax:       r.textAt(n, "Contact", "Telefax"),
		Website:   r.textAt(n, "WebsiteURI"),
	}
	p.LegalID = r.textAt(n, "PartyLegalEntity", "CompanyID")
	if person, ok := r.child(n, "Person"); ok {
		var err error
		if p.Traveller, err = r.parseTraveller(person); err != nil {
			return p, err
		}
	}
	if middle := r.textAt(n, "Person", "MiddleName"); middle != "" {
		p.FirstName = strings.TrimSpace(p.FirstName + " " + middle)
	}
	err := r.each(n, "PartyIdentification", func(c node) error {
		id, ok := r.child(c, "ID")
		if !ok {
			return nil
		}
		scheme, v := r.attr(id, "schemeID"), value(id)
		upper := strings.ToUpper(scheme)
		switch {
		case p.TaxNo == "" && (upper == "VKN" || upper == "TCKN" || scheme == "" && isTaxNo(v)):
			p.TaxNo = v
		case v != "" || scheme != "":
			p.IDs = append(p.IDs, invoice.PartyID{Scheme: scheme, Value: v})
		}
		return nil
	})
	if a, ok := r.child(n, "PostalAddress"); ok {
		p.Address = r.parseAddress(a)
	}
	if p.Name == "" {
		p.Name = r.textAt(n, "PartyLegalEntity", "RegistrationName")
	}
	p.Name = nameOf(p.Name, p.FirstName, p.LastName)
	return p, err
}

// parseTraveller reads what cac:Person says beyond the name; nil when it says nothing.
func (r *reader) parseTraveller(n node) (*invoice.Traveller, error) {
	t := invoice.Traveller{Nationality: r.textAt(n, "NationalityID"), PassportNo: r.textAt(n, "IdentityDocumentReference", "ID")}
	var err error
	if t.PassportDate, err = r.childDate(r.path(n, "IdentityDocumentReference"), "IssueDate"); err != nil {
		return nil, err
	}
	if a, ok := r.child(n, "FinancialAccount"); ok {
		t.Account = &invoice.BankAccount{
			Number: r.textAt(a, "ID"), Currency: r.textAt(a, "CurrencyCode"), Note: r.textAt(a, "PaymentNote"),
			Branch: r.textAt(a, "FinancialInstitutionBranch", "Name"), Bank: r.textAt(a, "FinancialInstitutionBranch", "FinancialInstitution", "Name"),
		}
	}
	if t == (invoice.Traveller{}) {
		return nil, nil
	}
	return &t, nil
}

func (r *reader) parseAddress(n node) invoice.Address {
	return invoice.Address{
		Street:      r.textAt(n, "StreetName"),
		BuildingNo:  r.textAt(n, "BuildingNumber"),
		DoorNo:      r.textAt(n, "Room"),
		District:    r.textAt(n, "CitySubdivisionName"),
		City:        r.textAt(n, "CityName"),
		PostCode:    r.textAt(n, "PostalZone"),
		Country:     r.textAt(n, "Country", "IdentificationCode"),
		CountryName: r.textAt(n, "Country", "Name"),
	}
}
