package invoice

import "strings"

// Fault is one thing that stands between a sale and a legal invoice: where it is, what it is, what to do. Accountants
// read it in the ERP, so each text is one sentence, without technical words.
type Fault struct {
	Code    string // stable, e.g. "buyer.tax_no.checksum"; never reused for another meaning
	Field   string // the contract's column alias, e.g. "buyer_tax_no"; with a line "lines[3].vat_rate"
	Value   string // what stands there now; masked where personal
	Message Text   // what is wrong
	Advice  Text   // what to do
	Warning bool   // true: the invoice can be made all the same
}

// Text is one sentence in both languages.
type Text struct{ TR, EN string }

// In returns the sentence in language "tr" or "en"; anything else gives Turkish.
func (t Text) In(language string) string {
	if language == "en" {
		return t.EN
	}
	return t.TR
}

// Faults are all faults of one sale, in the order of the contract.
type Faults []Fault

// Blocking returns those that keep the sale from becoming an invoice.
func (f Faults) Blocking() Faults {
	var out Faults
	for _, x := range f {
		if !x.Warning {
			out = append(out, x)
		}
	}
	return out
}

// Sentence joins the messages for the ERP's message column.
func (f Faults) Sentence(language string) string {
	parts := make([]string, len(f))
	for i, x := range f {
		parts[i] = x.Message.In(language)
	}
	return strings.Join(parts, " ")
}

// Advice joins the distinct advices for the ERP's "what to do" column.
func (f Faults) Advice(language string) string {
	seen := map[string]bool{}
	var parts []string
	for _, x := range f {
		if a := x.Advice.In(language); a != "" && !seen[a] {
			seen[a] = true
			parts = append(parts, a)
		}
	}
	return strings.Join(parts, " ")
}

// Codes lists the distinct codes, in order.
func (f Faults) Codes() []string {
	seen := map[string]bool{}
	var out []string
	for _, x := range f {
		if !seen[x.Code] {
			seen[x.Code] = true
			out = append(out, x.Code)
		}
	}
	return out
}
