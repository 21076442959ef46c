package app

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"strings"

	"github.com/shopspring/decimal"

	"faturad/internal/invoice"
	"faturad/internal/invoice/codes"
)

//go:embed preview.html
var previewHTML string

var previewTemplate = template.Must(template.New("preview").Funcs(template.FuncMap{
	"money":  func(d decimal.Decimal) string { return turkishNumber(d.StringFixed(2)) },
	"price":  price,
	"number": func(d decimal.Decimal) string { return turkishNumber(d.String()) },
	"date":   turkishDate,
	"unit":   unitName,
	"name":   partyName,
	"no":     taxNoLabel,
	"facts":  facts,
	"goods":  goods,
	"sums":   sums,
	"title":  documentTitle,
	"text":   func(t invoice.Text, language string) string { return t.In(language) },
}).Parse(previewHTML))

// WriteHTML writes a preview: the invoice as the buyer would see it, or, for a sale that cannot become one, what the ERP
// holds with every fault beside its field and the comparison of the totals. It is one page without scripts or anything
// from elsewhere, made for printing.
func WriteHTML(w io.Writer, p Preview, language string) error {
	page := struct {
		Preview
		Language   string
		Legal      bool
		Held       heldSale
		Comparison [][]string
		Fixes      []string
	}{Preview: p, Language: language, Legal: len(p.Faults.Blocking()) == 0}
	if !page.Legal {
		page.Held = newHeldSale(p.Sale, p.Faults, language)
	}
	if !p.Explanation.Exact && len(p.Explanation.Lines) > 0 {
		page.Comparison = p.Explanation.Table(language)
		for _, f := range p.Explanation.Fixes {
			page.Fixes = append(page.Fixes, f.In(language))
		}
	}
	if err := previewTemplate.Execute(w, page); err != nil {
		return fmt.Errorf("writing the preview: %w", err)
	}
	return nil
}

// documentTitle is what a kind of document is called on its face.
func documentTitle(kind invoice.Kind) string {
	switch kind {
	case invoice.EArsiv:
		return "e-Arşiv Fatura"
	case invoice.EMM:
		return "e-Müstahsil Makbuzu"
	case invoice.ESMM:
		return "e-Serbest Meslek Makbuzu"
	case invoice.EFatura:
	}
	return "e-Fatura"
}

func partyName(p invoice.Party) string {
	if p.Name != "" {
		return p.Name
	}
	return strings.TrimSpace(p.FirstName + " " + p.LastName)
}

// taxNoLabel says what a tax number is.
func taxNoLabel(taxNo string) string {
	if len(taxNo) == 11 {
		return "TCKN"
	}
	return "VKN"
}

// unitName is the Turkish name of a unit, or its code where the list has none.
func unitName(code string) string {
	if name, ok := codes.Unit(code); ok {
		return name
	}
	return code
}

// turkishDate prints 01.09.2026.
func turkishDate(d invoice.Date) string { return d.Text("tr") }

// price prints a price with two decimals, or as many as it has.
func price(d decimal.Decimal) string {
	if d.Exponent() > -2 || d.Equal(d.Round(2)) {
		return turkishNumber(d.StringFixed(2))
	}
	return turkishNumber(strings.TrimRight(d.String(), "0"))
}

// turkishNumber writes 1234567.5 as 1.234.567,5.
func turkishNumber(s string) string {
	sign := ""
	if rest, ok := strings.CutPrefix(s, "-"); ok {
		sign, s = "-", rest
	}
	whole, fraction, found := strings.Cut(s, ".")
	var groups []string
	for len(whole) > 3 {
		groups = append([]string{whole[len(whole)-3:]}, groups...)
		whole = whole[:len(whole)-3]
	}
	out := sign + strings.Join(append([]string{whole}, groups...), ".")
	if found {
		out += "," + fraction
	}
	return out
}
