package app

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"unicode"
	"unicode/utf8"

	"github.com/shopspring/decimal"

	"faturad/internal/invoice"
	"faturad/internal/invoice/codes"
)

// textName is how much of a name a line of WriteText shows.
const textName = 48

// WriteText writes an invoice as a person reads it, in plain text and in Turkish as invoices are: parties, lines, sums, and
// what else it says. Everything in it may come from a stranger: what could steer a terminal is left out.
func WriteText(w io.Writer, inv invoice.Invoice) error {
	t := table{w: tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)}
	t.row("Satıcı", partyText(inv.Seller))
	t.row("", addressText(inv.Seller.Address))
	t.row("Alıcı", partyText(inv.Buyer))
	t.row("", addressText(inv.Buyer.Address))
	if b := inv.BuyerCustomer; b != nil {
		t.row("Asıl alıcı", partyText(*b))
	}
	t.end()

	t.row("SIRA", "MAL / HİZMET", "MİKTAR", "BİRİM FİYAT", "VERGİ", "TUTAR")
	for _, l := range inv.Lines {
		t.row(l.ID, cut(l.Name, textName), turkishNumber(l.Quantity.String())+" "+unitName(l.Unit), price(l.UnitPrice), rates(l), amount(l.Net, inv.Currency))
		for _, f := range goods(l) {
			t.row("", cut("  "+f.Label+": "+f.Value, textName), "", "", "", "") // as many cells as its neighbours, or the columns break
		}
	}
	t.end()

	for _, s := range sums(inv) {
		t.row(s.Label, amount(s.Amount, inv.Currency))
	}
	t.end()

	for _, f := range facts(inv) {
		t.row(f.Label, f.Value)
	}
	for _, n := range inv.Notes {
		t.row("Not", n)
	}
	t.end()
	return t.err
}

// table writes cells in columns; end closes one table and leaves a line free.
type table struct {
	w    *tabwriter.Writer
	rows int
	err  error
}

// row writes one row; a row with nothing behind its label is left out.
func (t *table) row(cells ...string) {
	for i, c := range cells {
		cells[i] = Harmless(c)
	}
	if strings.Join(cells[1:], "") == "" {
		return
	}
	t.rows++
	t.print(strings.Join(cells, "\t") + "\n")
}

func (t *table) end() {
	if t.rows > 0 {
		t.print("\n")
	}
	t.rows = 0
	if err := t.w.Flush(); t.err == nil && err != nil {
		t.err = fmt.Errorf("printing the invoice: %w", err)
	}
}

func (t *table) print(text string) {
	if _, err := io.WriteString(t.w, text); t.err == nil && err != nil {
		t.err = fmt.Errorf("printing the invoice: %w", err)
	}
}

// Harmless puts a text on one line and leaves out what steers a terminal: control characters and those that turn the
// direction of writing.
func Harmless(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r):
			return -1
		}
		return r
	}, s)
	return strings.TrimRight(s, " ")
}

func partyText(p invoice.Party) string {
	text := strings.TrimSpace(partyName(p) + "  " + taxNoLabel(p.TaxNo) + " " + p.TaxNo)
	if p.TaxOffice != "" {
		text += " (" + p.TaxOffice + ")"
	}
	return text
}

func addressText(a invoice.Address) string {
	street := strings.Join(strings.Fields(a.Street+" "+a.BuildingNo+" "+a.DoorNo), " ")
	place := strings.Trim(a.District+" / "+a.City, " /")
	return strings.Trim(street+", "+place, ", ")
}

// rates is what is levied on a line, such as "KDV %20".
func rates(l invoice.Line) string {
	var out []string
	for _, x := range l.Taxes {
		name, _, _ := strings.Cut(x.Name, " ")
		if x.Code == codes.VAT {
			name = "KDV"
		}
		if !x.Fixed {
			name += " %" + turkishNumber(x.Rate.String())
		}
		out = append(out, name)
	}
	return strings.Join(out, ", ")
}

func amount(d decimal.Decimal, currency string) string {
	return turkishNumber(d.StringFixed(2)) + " " + currency
}

// cut shortens a text to n characters.
func cut(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n-1]) + "…"
}
