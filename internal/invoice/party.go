package invoice

// Party is a seller or buyer. In a Sale it is as typed in the ERP; in an Invoice it is checked: TaxNo has valid check
// digits (or is a placeholder), and either Name (10 digits) or FirstName and LastName (11 digits) are filled.
type Party struct {
	TaxNo     string // VKN (10 digits) or TCKN (11 digits)
	TaxOffice string
	Name      string // company title, or the full name as the ERP stores it
	FirstName string
	LastName  string
	Person    *bool // the ERP says: person or company; nil = the tax number's length decides
	Address   Address
	Email     string
	Phone     string
	Fax       string
	Website   string
	IDs       []PartyID // further identifications (MERSISNO, TICARETSICILNO ...)
	LegalID   string    // a company's number in its own country (cac:PartyLegalEntity)
	Traveller *Traveller
}

// PartyID is a further identification with its scheme (codelists/party_id_schemes.tsv).
type PartyID struct {
	Scheme string
	Value  string
}

// Address is a postal address. District is the ilçe, City the il; both are compulsory in UBL-TR.
type Address struct {
	Street      string
	BuildingNo  string
	DoorNo      string
	District    string
	City        string
	PostCode    string
	Country     string // ISO 3166-1 alpha-2
	CountryName string // as printed; empty = the Turkish name of Country
}

// Customs is the addressee of every export invoice: the ministry's information department.
const Customs = "1460415308"

// PartyType is the scheme by which BuyerCustomer says what it is, and the two things that it can be.
const (
	PartyType   = "PARTYTYPE"
	TypeExport  = "EXPORT"
	TypeTaxFree = "TAXFREE"
)

// The placeholders that GİB allows in place of a tax number.
const (
	FinalConsumer = "11111111111" // a consumer whose TCKN is unknown
	ForeignBuyer  = "2222222222"  // a buyer abroad
)
