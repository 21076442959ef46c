package mapping

import (
	"strings"
	"testing"

	"faturad/internal/invoice"
)

// TestWhatWasEnteredIsShown: whoever looks for a wrong value in the ERP finds it by what the sentence shows.
func TestWhatWasEnteredIsShown(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		put         func(*invoice.Sale)
		code, shows string
	}{
		{func(s *invoice.Sale) { s.Buyer.TaxNo = " ' OR 1=1 -- " }, "buyer.tax_no.format", "' OR 1=1 --"},
		{func(s *invoice.Sale) { s.Buyer.TaxNo = "TR 12-34" }, "buyer.tax_no.format", "TR 12-34"},
		{func(s *invoice.Sale) { s.Buyer.TaxNo = "1234567890A" }, "buyer.tax_no.format", "123*****90A"},
		{func(s *invoice.Sale) { s.Buyer.TaxNo = strings.Repeat("x", 300) }, "buyer.tax_no.format", strings.Repeat("x", longestShown) + "… "},
		{func(s *invoice.Sale) { s.Currency = "XXX" }, "currency.unknown", "XXX tanınmıyor"},
		{func(s *invoice.Sale) { s.Currency = "XTS" }, "currency.unknown", "XTS tanınmıyor"},
		{func(s *invoice.Sale) { s.Buyer.Address.Country = "zz" }, "buyer.country.unknown", "ZZ tanınmıyor"},
	} {
		s := soundSale()
		c.put(&s)
		_, faults := FromSale(s, testRules())
		if len(faults.Blocking()) == 0 || faults.Blocking()[0].Code != c.code || !strings.Contains(faults.Sentence("tr"), c.shows) {
			t.Errorf("want %s with %q, have %+v", c.code, c.shows, faults)
		}
	}
}
