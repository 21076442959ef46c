package invoice

import "github.com/shopspring/decimal"

// The structs of this file are what single kinds of sale need beside the common fields. They are the same in a Sale, as
// the ERP typed them, and in an Invoice, checked.

// Period is the time that an invoice is for: the month of an SGK invoice, the hours of a charging session.
type Period struct {
	Start     Date
	StartTime string // "15:04:05"; empty = none
	End       Date
	EndTime   string
}

// SGK is what an invoice to the social security institution says beside its lines (type SGK).
type SGK struct {
	Cost      string // AccountingCost: SAGLIK_ECZ, SAGLIK_HAS, SAGLIK_OPT, SAGLIK_MED, ABONELIK, MAL_HIZMET or DIGER
	PayerCode string // the seller's code at SGK (MUKELLEF_KODU)
	PayerName string // MUKELLEF_ADI
	FileNo    string // DOSYA_NO
}

// Charging is what an invoice for charging an electric vehicle needs (scenario ENERJI).
type Charging struct {
	Plate      string // capitals, digits, _ and -
	VehicleID  string // ARACKIMLIKNO; optional
	ReportID   string // ESURaporID, a GUID; for SARJ
	ReportDate Date
}

// Traveller is a tourist who takes goods out of the country (scenario YOLCUBERABERFATURA).
type Traveller struct {
	Nationality  string // ISO 3166-1 alpha-2
	PassportNo   string
	PassportDate Date // of issue
	Account      *BankAccount
}

// BankAccount is where a traveller's VAT is refunded to.
type BankAccount struct {
	Number   string
	Currency string
	Bank     string
	Branch   string
	Note     string
}

// Representative is the intermediary firm that refunds a traveller's VAT (cac:TaxRepresentativeParty).
type Representative struct {
	TaxNo   string // ARACIKURUMVKN
	Alias   string // ARACIKURUMETIKET
	Name    string
	Address Address
}

// Delivery is where and how goods go: of an export, or of goods sold for export (codes 701-704). In a Sale the header's
// stands in for what a line leaves out; in an Invoice each line has its own.
type Delivery struct {
	Terms          string // INCOTERMS code
	Mode           string // transport mode: 1 sea, 2 rail, 3 road, 4 air ...
	Address        Address
	CustomsID      string // GTİP, 12 digits
	Package        Package
	BuyerLineCode  string // ALICIDIBSATIRKOD, 11 characters; code 702
	SellerLineCode string // SATICIDIBSATIRKOD, 11 characters
}

// Package is a piece of packed goods.
type Package struct {
	ID       string // brand, number of a container
	Quantity NullDecimal
	Type     string // UN/ECE Recommendation 21 code
}

// ItemID is a further identification of an item: KUNYENO, ETIKETNO, ILAC, TIBBICIHAZ, TELEFON, TABLET_PC, DIGER,
// MALSAHIBIADSOYADUNVAN, MALSAHIBIVKNTCKN.
type ItemID struct {
	Scheme string
	Value  string
}

// Asset describes the single thing that a line sells: the machine of an investment, the charging point of a session.
type Asset struct {
	Class  string // investment expense: 01 machine, 02 construction, 03 land, 04 other
	Model  string // machine name
	Trace  string // ProductTraceID: the machine's number in the certificate
	Serial string // SerialID
}

// Expense is a cost that a commission agent of the wholesale market takes off what is paid (types KOMISYONCU).
type Expense struct {
	Kind   string // HKSKOMISYON, HKSNAVLUN ... (codes.Expense)
	Rate   NullDecimal
	Amount decimal.Decimal
}
