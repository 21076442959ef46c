package main

import (
	"slices"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"faturad/internal/clock"
	"faturad/internal/invoice"
)

func TestEverybodyIsMadeUpRight(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, c := range append(append(firms(), consumers()...), refusedFirm, failingFirm, rejectsFirm, customer{name: "the seller", taxNo: sellerVKN()}) {
		if !invoice.ValidTaxNo(c.taxNo) || c.person() != (len(c.taxNo) == 11) || seen[c.taxNo] {
			t.Errorf("%s has the tax number %q", c.title(), c.taxNo)
		}
		seen[c.taxNo] = true
	}
	if wrong := wrongDigit(sellerVKN()); invoice.ValidVKN(wrong) || len(wrong) != 10 {
		t.Errorf("%s is right", wrong)
	}
}

func TestOpening(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 2, 12, 40, 41, 200, maxSales} {
		if got := len(opening(n)); got != n {
			t.Errorf("%d sales asked for, %d made", n, got)
		}
	}
	if told, all := len(stories()), slices.ContainsFunc(opening(defaultSales), func(s sale) bool { return s.note == "müstahsil makbuzu" }); !all || planned(opening(defaultSales)).Held < 5 || told < 20 {
		t.Errorf("of %d stories too few are told in %d sales: %+v", told, defaultSales, planned(opening(defaultSales)))
	}
}

func TestBook(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 21, 30, 0, 0, time.UTC) // already the 2nd in Türkiye
	c := firms()[0]
	for name, test := range map[string]struct {
		sale sale
		want map[string]string
	}{
		"net prices":        {sale{customer: c, lines: []line{{quantity: "3", price: "10.005", vat: 20}, {quantity: "1", price: "5", vat: 1, discount: "10"}}}, map[string]string{"net": "34.52", "vat": "6.05", "gross": "40.57"}},
		"prices with VAT":   {sale{customer: c, gross: true, lines: []line{{quantity: "1", price: "119.99", vat: 20}}}, map[string]string{"net": "99.99", "vat": "20", "gross": "119.99"}},
		"document discount": {sale{customer: c, discount: "10", lines: []line{{quantity: "1", price: "99.99", vat: 20}}}, map[string]string{"net": "89.99", "vat": "18", "gross": "107.99"}},
		"withholding":       {sale{customer: c, lines: []line{{quantity: "1", price: "1000", vat: 20, withheld: "612"}}}, map[string]string{"gross": "1200", "withheld": "180", "payable": "1020"}},
		"producer receipt":  {sale{customer: c, lines: []line{{quantity: "64.5", price: "185", kept: []kept{{"0003", "2"}, {"SGK_PRIM", "1"}}}}}, map[string]string{"net": "11932.5", "vat": "0", "gross": "11932.5", "payable": "11574.52"}},
	} {
		header, _ := test.sale.book("S-1", now)
		if got := header["issue_date"]; got != "2026-03-02" {
			t.Errorf("%s: sold on %s", name, got)
		}
		for column, want := range test.want {
			if got, ok := header[column].(decimal.Decimal); !ok || !got.Equal(decimal.RequireFromString(want)) {
				t.Errorf("%s: %s is %v, want %s", name, column, header[column], want)
			}
		}
	}
	if old := oldNumber(now.In(clock.Istanbul)); !invoice.ValidNumber(old) {
		t.Errorf("%s is no invoice number", old)
	}
}

func TestAmount(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"0": "0,00 TL", "12.5": "12,50 TL", "1234.567": "1.234,57 TL", "-9876543.2": "-9.876.543,20 TL", "999.999": "1.000,00 TL"} {
		if got := amount(decimal.RequireFromString(in), "TRY"); got != want {
			t.Errorf("%s is printed %s, want %s", in, got, want)
		}
	}
}
