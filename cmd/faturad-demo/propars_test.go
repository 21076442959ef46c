package main

import (
	"bytes"
	"strings"
	"testing"

	"faturad/internal/clock"
	"faturad/providers/propars/proparssim"
	"faturad/sync/ledger"
)

// TestBooksAtPropars: what the ERP shows is what Propars holds, to the kuruş; everything else says why it waits.
func TestBooksAtPropars(t *testing.T) {
	ctx := t.Context()
	w, err := open(ctx, options{once: true, provider: propars, language: "tr"}, clock.Real{})
	defer func() {
		if err := w.close(); err != nil {
			t.Error(err)
		}
	}()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.fill(ctx, opening(defaultSales)); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := w.work(ctx, newPrinter(&out, options{language: "tr"})); err != nil {
		t.Fatal(err)
	}
	b, err := w.shop.read(ctx)
	if err != nil {
		t.Fatal(err)
	}
	office, ok := w.office.(proparsOffice)
	if !ok {
		t.Fatalf("the office is a %T", w.office)
	}
	documents := map[string]proparssim.Document{}
	for _, d := range office.Documents() {
		documents[d.Number] = d
	}
	if want := "2 of the unknown outcomes found"; !strings.Contains(out.String(), want) {
		t.Errorf("two answers were botched, and the demo does not say %q:\n%s", want, out.String())
	}
	accepted := 0
	for _, row := range b.sales {
		d, there := documents[row.Number]
		switch {
		case row.State == ledger.Accepted:
			accepted++
			if !there || !d.Payable.Equal(row.Total) || d.Currency != row.Currency {
				t.Errorf("%s over %s %s has the number %q; Propars holds %s %s", row.No, row.Total, row.Currency, row.Number, d.Payable, d.Currency)
			}
		case there || row.Message == "" || row.Advice == "":
			t.Errorf("%s is %s: %q %q (number %q)", row.No, row.State, row.Message, row.Advice, row.Number)
		}
	}
	if accepted != len(documents) || accepted < len(b.sales)/2 || len(office.Unsent()) != 0 {
		t.Errorf("%d accepted of %d, %d documents, %d made and not sent", accepted, len(b.sales), len(documents), len(office.Unsent()))
	}
	if f := w.figures(b); f.Duplicates != 0 || f.Unknown != 0 || f.Received != incoming {
		t.Errorf("%+v", f)
	}
}
