package invoice

import (
	"github.com/shopspring/decimal"
)

// Kind says which legal document a sale becomes.
type Kind string

// The kinds of documents; the JSON output and the ledger use these words.
const (
	EFatura Kind = "e-fatura" // buyer is in the taxpayer registry
	EArsiv  Kind = "e-arsiv"  // buyer is not
	EMM     Kind = "e-mm"     // producer receipt
	ESMM    Kind = "e-smm"    // self-employment receipt
)

// Invoice is our checked domain value made from a sale: complete, exact, its totals adding up. Only mapping makes one.
// It carries no identity at the provider (ETTN, number) and no route; those come when the document is prepared.
type Invoice struct {
	SaleNumber string // the ERP's printed number, for notes
	Scenario   string // ProfileID for the e-Fatura side; an e-Arşiv route turns it into EARSIVFATURA; EARSIVBELGE = a receipt
	Type       string // InvoiceTypeCode, or CreditNoteTypeCode of a receipt
	IssueDate  Date
	IssueTime  string          // "15:04:05", never empty
	Currency   string          // ISO 4217
	Rate       decimal.Decimal // TRY per unit, at most 6 decimals; 1 for TRY
	Seller     Party
	Buyer      Party
	// BuyerCustomer is the real buyer where Buyer is only the addressee: the paying unit of a KAMU invoice, the foreign
	// buyer of an export. nil = none; a KAMU invoice then names Buyer itself.
	BuyerCustomer *Party
	Lines         []Line
	Allowances    []AllowanceCharge // on the document
	Taxes         []TaxSubtotal     // per tax and rate, over the whole document
	Withholding   []TaxSubtotal     // per withholding code
	Totals        Totals
	Convention    Convention
	NetRounding   NetConvention
	Notes         []string
	Files         []File      // embedded in the document
	Returns       []Reference // the originals of a return
	Order         *Reference
	Despatches    []Reference
	Payment       *Payment
	Internet      *InternetSale

	Contract       *Reference // the contract; never together with Investment
	Investment     *Reference // the investment incentive certificate (YTBNO); scenario YATIRIMTESVIK
	Period         *Period
	SGK            *SGK
	ChargeReport   *Reference // ESURaporID of a SARJ invoice
	Representative *Party     // the intermediary of a YOLCUBERABERFATURA, identified by ARACIKURUMVKN and ARACIKURUMETIKET
	Delivery       *Delivery  // of the whole document; mapping writes it to the lines
	Expenses       []Expense  // of a commission agent; they lower the amount to pay
	Delivered      Date       // day on which the goods of a receipt were handed over; zero = not said
}

// Line is one checked line; amounts have two decimals, Quantity and UnitPrice as many as they need.
type Line struct {
	ID          string // 1-based position, as text
	SaleLine    string // the ERP's own line number
	Name        string
	Description string
	SKU         string
	BuyerSKU    string
	Quantity    decimal.Decimal
	Unit        string
	UnitPrice   decimal.Decimal // without VAT
	Allowances  []AllowanceCharge
	Net         decimal.Decimal // LineExtensionAmount: quantity × price − discounts + charges
	Taxes       []TaxSubtotal   // taxes beside VAT first
	Withholding []TaxSubtotal
	IDs         []ItemID
	Asset       *Asset
	Delivery    *Delivery
}

// AllowanceCharge is a discount (Charge false) or a surcharge (Charge true).
type AllowanceCharge struct {
	Charge bool
	Reason string
	Rate   NullDecimal // percent; invalid when it was given as money
	Amount decimal.Decimal
	Base   decimal.Decimal
}

// TaxSubtotal is one tax at one rate over one base.
type TaxSubtotal struct {
	Code      string // GİB tax type code (0015 = KDV, 6xx/8xx = withholding)
	Name      string
	Taxable   decimal.Decimal
	Rate      decimal.Decimal // percent
	Amount    decimal.Decimal
	Exemption Exemption // for amount 0, and for VAT that is charged under a rule of its own (555, 501, 701-704, 801-812)
	// NotAdded: the tax is shown, but nobody pays it with this invoice (CalculationSequenceNumeric -1): VAT of registered
	// export and of investment exemptions.
	NotAdded bool
	// Fixed: the amount is no percentage of Taxable (ÖTV per litre); Rate is meaningless.
	Fixed bool
}

// Totals are the document's sums, two decimals each.
type Totals struct {
	LineExtension decimal.Decimal // sum of line nets
	TaxExclusive  decimal.Decimal // after document discounts and charges; of an e-MM after its deductions too
	TaxInclusive  decimal.Decimal // with all taxes, withholding not deducted; of an e-MM the same as TaxExclusive
	Allowance     decimal.Decimal // document discounts only
	Charge        decimal.Decimal // document charges only
	Rounding      decimal.Decimal // PayableRoundingAmount; may be negative
	VAT           decimal.Decimal // full VAT, before withholding; without VAT that is only shown
	OtherTaxes    decimal.Decimal // added taxes beside VAT (ÖTV, konaklama ...)
	Withheld      decimal.Decimal
	Deducted      decimal.Decimal // taxes that the buyer keeps and pays for the seller: stopaj, ÖTV tevkifatı, all of an e-MM
	Expenses      decimal.Decimal // what a commission agent takes off
	Payable       decimal.Decimal
}

// Convention is the way of rounding that reproduces the ERP's own totals; it is recorded with the document.
type Convention string

// The conventions, in the order in which mapping tries them.
const (
	RoundLines Convention = "lines"       // VAT rounded on each line, then summed
	RoundRates Convention = "rates"       // VAT computed once on the sum of each rate
	ERPLines   Convention = "erp"         // the ERP's own line VAT taken as booked (within tolerance of the computed one)
	GrossLines Convention = "gross"       // prices with VAT: each line's VAT is its rounded gross less its rounded net
	GrossRates Convention = "gross-rates" // prices with VAT: the same, once on the sum of each rate
)

// Conventions lists them all, in that order.
func Conventions() []Convention {
	return []Convention{RoundLines, RoundRates, ERPLines, GrossLines, GrossRates}
}

// NetConvention is the way in which the lines' net amounts were rounded.
type NetConvention string

// The ways, in the order in which mapping tries them.
const (
	NetBooked   NetConvention = "booked"   // the ERP's own line nets (within tolerance of the computed ones)
	NetComputed NetConvention = "computed" // quantity × price − discounts, rounded on each line
	NetSpread   NetConvention = "spread"   // the ERP rounds only the sum: its kuruş are spread over the lines, at most one each
)

// Exemption is the reason for VAT 0: a code of GİB's list and its text.
type Exemption struct {
	Code   string
	Reason string
}

// Withholding (tevkifat) is a code of GİB's list and the percent of the VAT that the buyer withholds.
type Withholding struct {
	Code string
	Rate NullDecimal
}

// Reference names another document.
type Reference struct {
	Number string
	Date   Date
}

// File is a document that goes with the invoice, such as a time sheet: PDF, PNG, JPEG or CSV.
type File struct {
	Name    string
	Mime    string // filled by mapping from the content
	Content []byte
}

// Payment says how the buyer pays.
type Payment struct {
	MeansCode string // UN/ECE 4461: 42 bank account, 48 card, 10 cash, 1 undefined
	DueDate   Date
	IBAN      string
	Currency  string
	Note      string
}

// InternetSale holds what an e-Arşiv invoice of a web shop must carry.
type InternetSale struct {
	Website       string
	PaymentMethod string // KREDIKARTI/BANKAKARTI, EFT/HAVALE, KAPIDAODEME, ODEMEARACISI, DIGER
	PaymentAgent  string
	PaymentDate   Date
	ShipmentDate  Date
	CarrierTaxNo  string
	CarrierName   string
}
