package invoice

import (
	"github.com/shopspring/decimal"
)

// Sale is one pending row of the ERP with its lines, as the ERP's SELECTs give it: decoded, trimmed, translated by the
// value tables, exact in money, but not yet judged. Empty strings and invalid NullDecimals mean "the ERP gave none".
// The contract of docs/erp-contract.md names the column alias behind each field.
type Sale struct {
	KeySpace string // name of the [[document]] it was read by; part of every ETTN
	Key      string // canonical text of the key: its parts joined with "-" (erp.Key)
	Hash     string // hex SHA-256 of the row as read; changes when the ERP user edits the sale

	Number         string      // the number the ERP prints; may be empty, repeated or changed: never an identity
	Kind           Kind        // pinned by an ERP column; empty = the registry decides between e-Fatura and e-Arşiv
	Scenario       string      // ProfileID wished by the ERP (TEMELFATURA, TICARIFATURA ...); empty = the default
	Type           string      // InvoiceTypeCode wished by the ERP (SATIS, IADE ...); empty = derived from the content
	Alias          string      // the buyer's mailbox pinned by the ERP; empty = the registry decides
	Prefix         string      // three-character series pinned by the ERP; empty = the config decides
	Branch         string      // the seller's branch, as the config names it; empty = none
	Draft          *bool       // true: leave as a draft at the provider; nil = the config decides
	IssueDate      Date        // local date of the sale
	IssueTime      string      // "15:04:05" local; empty = unknown
	Currency       string      // ISO 4217 code; empty = TRY
	Rate           NullDecimal // TRY per one unit of Currency; invalid = none stored
	Buyer          Party       // as typed in the ERP: check digits are not yet checked
	Net            NullDecimal // booked total without taxes, after all discounts
	VAT            NullDecimal // booked VAT total
	Gross          NullDecimal // booked total with taxes
	Payable        NullDecimal // booked amount to pay, when it differs from Gross (withholding, rounding)
	Withheld       NullDecimal // booked withheld VAT
	OtherTaxes     NullDecimal // booked taxes beside VAT that the lines do not carry (stamp, local tax)
	OtherTaxCode   string      // GİB code of OtherTaxes, where the ERP books one tax for the whole sale
	OtherTaxRate   NullDecimal // its rate in percent; invalid = OtherTaxes is an amount without a rate
	Discount       NullDecimal // document discount as money, not yet in the lines
	DiscountRate   NullDecimal // document discount in percent, not yet in the lines
	Charge         NullDecimal // document charge as money (freight and the like), not yet in the lines
	ChargeVATRate  NullDecimal // VAT rate in percent on Charge
	PriceBasis     PriceBasis  // whether unit prices and line amounts contain VAT; empty = net
	Exemption      Exemption   // reason for VAT 0 on lines that name none of their own
	Withholding    Withholding // withholding on lines that name none of their own
	Return         *Reference  // for IADE: the original invoice
	MoreReturns    []Reference // for IADE: originals beside Return
	ReturnKey      string      // for IADE: canonical key of the original sale in the same source, when Return has no number
	Order          *Reference  // the buyer's order
	MoreOrders     []Reference // orders beside Order
	Despatches     []Reference // e-İrsaliye numbers
	Notes          []string    // free text, printed on the invoice
	Files          []File      // to go with the invoice
	Payment        *Payment    // means, due date, account
	Internet       *InternetSale
	Lines          []SaleLine
	BuyerCustomer  *Party          // the real buyer where Buyer is only the addressee: the paying unit of KAMU, the buyer abroad of IHRACAT
	Traveller      *Traveller      // YOLCUBERABERFATURA
	Representative *Representative // YOLCUBERABERFATURA
	Period         *Period         // SGK, ENERJI
	SGK            *SGK
	Charging       *Charging  // ENERJI
	Contract       *Reference // the contract
	MoreContracts  []Reference
	Investment     *Reference // the investment incentive certificate (YATIRIMTESVIK)
	Delivery       *Delivery  // for lines that have none of their own
	DeliveryDate   Date       // of a receipt: day on which the goods were handed over; zero = IssueDate
	ShipmentNo     string     // SEVKIYATNO (IDIS)
	Expenses       []Expense  // of a commission agent (KOMISYONCU)
	ExpectedLines  int        // number of lines the ERP says there are; 0 = it does not say
	Deleted        bool
}

// SaleLine is one line of a Sale. Amounts are in the sale's currency, as stored (unrounded beyond the alias's scale).
type SaleLine struct {
	No           string // the ERP's line number or key, for messages
	Name         string
	Description  string
	SKU          string // the seller's item code
	BuyerSKU     string
	Quantity     NullDecimal
	Unit         string // UN/ECE Recommendation 20 code after translation (C62 = adet)
	UnitPrice    NullDecimal
	PriceBasis   PriceBasis  // empty = the sale's
	DiscountRate NullDecimal // percent of quantity × price
	Discount     NullDecimal // money off the whole line
	Charge       NullDecimal // money on the whole line
	Net          NullDecimal // booked line total without taxes, after discount
	VATRate      NullDecimal // percent
	VAT          NullDecimal // booked VAT of the line
	Gross        NullDecimal // booked line total with VAT
	Exemption    Exemption
	Withholding  Withholding
	Taxes        []SaleTax   // taxes beside VAT (ÖTV, konaklama ...)
	SpecialBase  NullDecimal // the VAT base of codes 801-812, where it is not the line's net
	IDs          []ItemID
	Asset        *Asset
	Delivery     *Delivery
}

// SaleTax is a tax beside VAT on a line, as the ERP books it.
type SaleTax struct {
	Code      string // GİB tax type code, e.g. 0059
	Rate      NullDecimal
	Base      NullDecimal // what Rate is taken of; invalid = the line's net
	Amount    NullDecimal
	InBase    bool // true: part of the VAT base; ÖTV is in any case
	Exemption Exemption
}

// NullDecimal is a decimal that may be absent.
type NullDecimal = decimal.NullDecimal

// Some makes a present NullDecimal.
func Some(d decimal.Decimal) NullDecimal { return NullDecimal{Decimal: d, Valid: true} }

// PriceBasis says whether a price contains VAT.
type PriceBasis string

// The two bases; the empty basis means "as the level above says", and BasisNet at the top.
const (
	BasisNet   PriceBasis = "net"
	BasisGross PriceBasis = "gross"
)
