package mapping

import (
	"github.com/shopspring/decimal"

	"faturad/internal/invoice"
)

// Rules are what a company decides once for all its sales. The zero value is strict: nothing is guessed, no total may
// be off, and a buyer without a tax number is held. Fields with a toml tag are filled from [company.rules];
// the others are filled by the wiring.
type Rules struct {
	// Seller is the company itself, checked like a buyer. Compulsory.
	Seller invoice.Party `toml:"-"`
	// Today is the present date in Europe/Istanbul, given by the caller; the zero date switches the date checks off.
	Today invoice.Date `toml:"-"`
	// AllowTestIDs accepts tax numbers with wrong check digits: the providers' published test numbers have them.
	AllowTestIDs bool `toml:"-"`

	// Scenario is the e-Fatura scenario of sales that wish none: TEMELFATURA (default) or TICARIFATURA.
	Scenario string `toml:"scenario"`
	// IssueTime is the "15:04:05" of sales without a time; default 00:00:00, which is never in the future.
	IssueTime string `toml:"issue_time"`
	// MaxAgeDays holds sales older than this many days (VUK 231/5: 7 days after delivery); 0 = never.
	MaxAgeDays int `toml:"max_age_days"`
	// Country is the ISO code of buyers without one; default TR.
	Country string `toml:"country"`
	// District stands in for a missing ilçe, e.g. "MERKEZ"; empty = the sale is held.
	District string `toml:"district"`

	// Anonymous is the party behind walk-in customers: it permits TCKN 11111111111 for consumers without a tax number,
	// and fills what their sale leaves out (name, address). nil = such sales are held.
	Anonymous *invoice.Party `toml:"-"`
	// AnonymousLimit is the largest gross total in TRY that may go to an anonymous buyer; 0 = no limit.
	AnonymousLimit decimal.Decimal `toml:"anonymous_limit"`
	// ForeignPlaceholder permits VKN 2222222222 for buyers abroad who have no Turkish tax number. Their own number goes
	// into a note.
	ForeignPlaceholder bool `toml:"foreign_placeholder"`

	// IBAN is the company's account for invoices to the public sector that name none.
	IBAN string `toml:"iban"`

	// VATRates are the legal rates in percent; default 1, 10 and 20. 0 is always legal, with an exemption code.
	VATRates []decimal.Decimal `toml:"vat_rates"`
	// Exemption is the reason for VAT 0 on lines of domestic sales that name none; an empty Code = they are held.
	Exemption invoice.Exemption `toml:"exemption"`
	// ExportExemption is the same for buyers abroad, usually 301 (goods) or 302 (services).
	ExportExemption invoice.Exemption `toml:"export_exemption"`

	// Conventions are tried in this order; default all, in the order of their constants.
	Conventions []invoice.Convention `toml:"conventions"`
	// Tolerance is how far a booked line amount may lie from the computed one and still be taken; default 0.01.
	Tolerance decimal.Decimal `toml:"tolerance"`
	// PayableRounding is the largest difference that may be shown as PayableRoundingAmount when the ERP's amount to pay
	// is not what its lines give; default 0: such a sale is held.
	PayableRounding decimal.Decimal `toml:"payable_rounding"`
	// MaxFilesKB bounds the attachments of one invoice together, in KB; default 1024. GİB takes envelopes of a few MB.
	MaxFilesKB int `toml:"max_files_kb"`
	// NegativeLines says what becomes of lines with a negative amount: empty = the sale is held; "discount" = they are taken
	// from the lines of the same VAT rate, reason and withholding as a discount, and named in a note.
	NegativeLines string `toml:"negative_lines"`
	// AllowZeroTotal lets sales of 0,00 through.
	AllowZeroTotal bool `toml:"allow_zero_total"`
}

func (r Rules) maxFilesKB() int {
	if r.MaxFilesKB == 0 {
		return 1024
	}
	return r.MaxFilesKB
}

func (r Rules) country() string {
	if r.Country == "" {
		return "TR"
	}
	return r.Country
}

func (r Rules) issueTime() string {
	if r.IssueTime == "" {
		return "00:00:00"
	}
	return r.IssueTime
}

func (r Rules) scenario() string {
	if r.Scenario == "" {
		return "TEMELFATURA"
	}
	return r.Scenario
}

func (r Rules) tolerance() decimal.Decimal {
	if r.Tolerance.IsZero() {
		return kurus
	}
	return r.Tolerance
}

func (r Rules) conventions() []invoice.Convention {
	if len(r.Conventions) == 0 {
		return invoice.Conventions()
	}
	return r.Conventions
}

// legalRate reports whether a VAT rate needs no leave; 0 is always legal.
func (r Rules) legalRate(rate decimal.Decimal) bool {
	if rate.IsZero() {
		return true
	}
	for _, legal := range r.vatRates() {
		if legal.Equal(rate) {
			return true
		}
	}
	return false
}

func (r Rules) vatRates() []decimal.Decimal {
	if len(r.VATRates) == 0 {
		return defaultRates[:]
	}
	return r.VATRates
}

// In force since 10.07.2023 (Presidential Decision 7346).
var defaultRates = [...]decimal.Decimal{one, decimal.NewFromInt(10), decimal.NewFromInt(20)}
