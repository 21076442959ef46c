package turkcell

import (
	"fmt"

	"faturad/internal/invoice"
	"faturad/internal/invoice/codes"
)

// buyerCustomer is facts 3.11: a traveller, or the real buyer of an export or of a public invoice.
type buyerCustomer struct {
	FirstName       string `json:"firstName,omitempty"`
	LastName        string `json:"familyName,omitempty"`
	Nationality     string `json:"nationality,omitempty"`
	TouristCountry  string `json:"touristCountry,omitempty"`
	TouristCity     string `json:"touristCity,omitempty"`
	TouristDistrict string `json:"touristDistrict,omitempty"`
	Bank            string `json:"financialInstitutionName,omitempty"`
	PassportNumber  string `json:"passportNumber,omitempty"`
	Account         string `json:"financialAccountId,omitempty"`
	AccountCurrency string `json:"currencyCode,omitempty"`
	PaymentNote     string `json:"paymentNote,omitempty"`
	PassportDate    string `json:"issueDate,omitempty"`

	CompanyID      string `json:"companyId,omitempty"`
	RegisteredName string `json:"registrationName,omitempty"`
	Name           string `json:"partyName,omitempty"`
	Street         string `json:"buyerStreet,omitempty"`
	BuildingNumber string `json:"buyerBuildingNumber,omitempty"`
	DoorNumber     string `json:"buyerDoorNumber,omitempty"`
	District       string `json:"buyerDistrict,omitempty"`
	ZipCode        string `json:"buyerZipCode,omitempty"`
	City           string `json:"buyerCity,omitempty"`
	Country        string `json:"buyerCountry,omitempty"`
	Phone          string `json:"buyerPhoneNumber,omitempty"`
	Fax            string `json:"buyerFaxNumber,omitempty"`
	Email          string `json:"buyerEmail,omitempty"`
	Website        string `json:"buyerWebSite,omitempty"`
	TaxOffice      string `json:"buyerTaxOffice,omitempty"`
}

// taxRepresentative is facts 3.12.
type taxRepresentative struct {
	TaxNo    string `json:"representativeVkn"`
	Alias    string `json:"representativeAlias"`
	District string `json:"representativeCitySubdivisionName,omitempty"`
	City     string `json:"representativeCity,omitempty"`
	Country  string `json:"representativeCountry,omitempty"`
}

// additionalTypeInfo is facts 3.10, for SGK.
type additionalTypeInfo struct {
	Cost      string `json:"accountingCostType"`
	PayerCode string `json:"taxPayerCode,omitempty"`
	PayerName string `json:"taxPayerName,omitempty"`
	FileNo    string `json:"documentNumber,omitempty"`
}

// lineDelivery is facts 3.4.2; all of it is text.
type lineDelivery struct {
	Terms       string `json:"deliveryTermsId,omitempty"`
	PackageType string `json:"packagingTypeCode,omitempty"`
	PackageID   string `json:"packagingId,omitempty"`
	Quantity    string `json:"quantity,omitempty"`
	Mode        string `json:"transportModeCode,omitempty"`
	CustomsID   string `json:"requiredCustomsId,omitempty"`
	Country     string `json:"deliveryCountry,omitempty"`
	City        string `json:"deliveryCity,omitempty"`
	District    string `json:"deliveryDistrict,omitempty"`
	Street      string `json:"deliveryStreetName,omitempty"`
	Building    string `json:"deliveryBuildingNumber,omitempty"`
	PostCode    string `json:"deliveryPostalZone,omitempty"`
}

// fitsKind refuses the kinds of sale whose fields the model does not have (facts section 3).
func fitsKind(inv invoice.Invoice) error {
	missing := ""
	switch {
	case inv.Scenario == "OZELFATURA":
		missing = "OZELFATURA senaryosu"
	case inv.Period != nil:
		missing = "fatura dönemi"
	case inv.Investment != nil || codes.ForInvestment(inv.Scenario, inv.Type):
		missing = "yatırım teşvik belgesi"
	case inv.ChargeReport != nil || inv.Scenario == "ENERJI":
		missing = "şarj bilgisi"
	case inv.Contract != nil:
		missing = "sözleşme"
	case inv.Delivery != nil:
		missing = "belgenin bütününe ait teslimat"
	case len(inv.Expenses) > 0:
		missing = "komisyoncu masrafı"
	case inv.Type == "TEVKIFATIADE":
		missing = "KDV'nin bir bölümünün iadesi"
	case inv.Representative != nil && inv.Representative.Name != "":
		missing = "aracı kurumun unvanı"
	}
	if missing == "" && len(inv.Seller.IDs) > 0 {
		for _, id := range inv.Seller.IDs {
			if id.Scheme == "SEVKIYATNO" {
				missing = "sevkiyat numarası"
			}
		}
	}
	if p := inv.BuyerCustomer; missing == "" && p != nil && p.Traveller != nil && p.Traveller.Account != nil && p.Traveller.Account.Branch != "" {
		missing = "banka şubesi"
	}
	if missing != "" {
		return notCarried("JSON modelinde "+missing+" için alan yok.", useUBL)
	}
	return nil
}

// realBuyer fills the block of the buyer behind the addressee. The model takes the VKN of a paying unit as its company id
// (facts 3.11: the same block for exports and the public sector).
func realBuyer(inv invoice.Invoice) *buyerCustomer {
	p := inv.BuyerCustomer
	if p == nil {
		return nil
	}
	if t := p.Traveller; t != nil {
		out := buyerCustomer{
			FirstName: p.FirstName, LastName: p.LastName, Nationality: t.Nationality, PassportNumber: t.PassportNo, PassportDate: midnight(t.PassportDate),
			TouristCountry: p.Address.CountryName, TouristCity: p.Address.City, TouristDistrict: p.Address.District,
		}
		if a := t.Account; a != nil {
			out.Account, out.AccountCurrency, out.Bank, out.PaymentNote = a.Number, a.Currency, a.Bank, a.Note
		}
		return &out
	}
	out := buyerCustomer{
		CompanyID: p.LegalID, RegisteredName: p.Name, Name: p.Name, Street: p.Address.Street, BuildingNumber: p.Address.BuildingNo,
		DoorNumber: p.Address.DoorNo, District: p.Address.District, ZipCode: p.Address.PostCode, City: p.Address.City, Country: p.Address.CountryName,
		Phone: p.Phone, Fax: p.Fax, Email: p.Email, Website: p.Website, TaxOffice: p.TaxOffice,
	}
	if out.CompanyID == "" {
		out.CompanyID = p.TaxNo
	}
	return &out
}

func representative(p *invoice.Party) *taxRepresentative {
	if p == nil {
		return nil
	}
	out := taxRepresentative{District: p.Address.District, City: p.Address.City, Country: p.Address.CountryName}
	for _, id := range p.IDs {
		switch id.Scheme {
		case "ARACIKURUMVKN":
			out.TaxNo = id.Value
		case "ARACIKURUMETIKET":
			out.Alias = id.Value
		}
	}
	return &out
}

func additionalInfo(s *invoice.SGK) *additionalTypeInfo {
	if s == nil {
		return nil
	}
	return &additionalTypeInfo{Cost: s.Cost, PayerCode: s.PayerCode, PayerName: s.PayerName, FileNo: s.FileNo}
}

// lineTaxes fills VAT and the taxes beside it. The model has no place for a VAT base of its own, for VAT that is only shown,
// and for a tax without a rate.
func lineTaxes(inv invoice.Invoice, l invoice.Line, out *modelLine) error {
	vats := 0
	inBase := l.Net
	for _, t := range l.Taxes {
		if codes.Excise(t.Code) {
			inBase = inBase.Add(t.Amount)
		}
	}
	for _, t := range l.Taxes {
		if t.NotAdded || t.Fixed {
			return notCarried(fmt.Sprintf("JSON modelinde %s vergisi bu biçimde gösterilemiyor (satır %s).", t.Code, l.ID), useUBL)
		}
		if t.Code != vatCode {
			out.Taxes = append(out.Taxes, modelTax{Code: t.Code, Name: t.Name, Rate: amount{t.Rate}, Amount: amount{t.Amount}, Taxable: amount{t.Taxable},
				ExemptionCode: t.Exemption.Code, ExemptionReason: t.Exemption.Reason})
			continue
		}
		vats++
		if !t.Taxable.Equal(inBase) {
			return notCarried("JSON modelinde satır tutarından farklı KDV matrahı yok (satır "+l.ID+").", useUBL)
		}
		out.VATRate, out.VATAmount = amount{t.Rate}, amount{t.Amount}
		e := reasonOf(inv, t)
		out.ExemptionCode, out.ExemptionReason = e.Code, e.Reason
	}
	if vats != 1 {
		return notCarried("JSON modelinde her satırda KDV olmalı (satır "+l.ID+").", useUBL)
	}
	return nil
}

// reasonOf is the reason that goes with a line's VAT. The document's reason for VAT that rounds to 0,00 stands on no line, and
// in this model there is no other place for it. The rate of free lines alone is none of the document's; the provider would
// make it one, and ask for a reason.
func reasonOf(inv invoice.Invoice, vat invoice.TaxSubtotal) invoice.Exemption {
	if vat.Exemption.Code != "" || !vat.Amount.IsZero() {
		return vat.Exemption
	}
	for _, t := range inv.Taxes {
		switch {
		case t.Code != vatCode || !t.Rate.Equal(vat.Rate):
		case t.Amount.IsZero():
			return t.Exemption
		default:
			return vat.Exemption
		}
	}
	e, _ := codes.ExemptionOf(codes.NotExempt)
	return invoice.Exemption{Code: e.Code, Reason: e.Name}
}

// lineKind fills what exports and the wholesale market say on a line, and refuses the rest.
func lineKind(l invoice.Line, out *modelLine) error {
	for _, id := range l.IDs {
		field := map[string]*string{"KUNYENO": &out.TagNumber, "MALSAHIBIADSOYADUNVAN": &out.OwnerName, "MALSAHIBIVKNTCKN": &out.OwnerNumber}[id.Scheme]
		if field == nil || *field != "" {
			return notCarried(fmt.Sprintf("JSON modelinde %s ürün kimliği için alan yok (satır %s).", id.Scheme, l.ID), useUBL)
		}
		*field = id.Value
	}
	if l.Asset != nil {
		return notCarried("JSON modelinde seri numarası ve harcama tipi için alan yok (satır "+l.ID+").", useUBL)
	}
	d := l.Delivery
	if d == nil {
		return nil
	}
	if d.BuyerLineCode != "" || d.SellerLineCode != "" {
		return notCarried("JSON modelinde DİİB satır kodu için alan yok (satır "+l.ID+").", useUBL)
	}
	out.Delivery = &lineDelivery{
		Terms: d.Terms, Mode: d.Mode, CustomsID: d.CustomsID, PackageType: d.Package.Type, PackageID: d.Package.ID,
		Country: d.Address.CountryName, City: d.Address.City, District: d.Address.District, Street: d.Address.Street,
		Building: d.Address.BuildingNo, PostCode: d.Address.PostCode,
	}
	if d.Package.Quantity.Valid {
		out.Delivery.Quantity = d.Package.Quantity.Decimal.String()
	}
	return nil
}
