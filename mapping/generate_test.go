package mapping

import (
	"maps"
	"slices"
	"strings"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"faturad/internal/invoice"
	"faturad/internal/invoice/codes"
)

// drawTrade draws a legal sale of everyday trade and books it as an ERP does: any buyer, any text, prices with or without
// VAT, discounts and charges on lines and document, several rates and reasons, withholding, taxes beside VAT, foreign
// currency. Its arithmetic is that of a till, and shares nothing with the solver.
func drawTrade(t *rapid.T) invoice.Sale {
	s := invoice.Sale{
		KeySpace: "invoice", Key: itoa(rapid.IntRange(1, 1<<30).Draw(t, "key")), Number: drawText(t, "number", 20),
		IssueDate: invoice.Date{Year: 2026, Month: 9, Day: rapid.IntRange(1, 3).Draw(t, "day")}, IssueTime: "09:07:50",
		Buyer: drawBuyer(t),
	}
	for range rapid.IntRange(0, 3).Draw(t, "notes") {
		s.Notes = append(s.Notes, drawText(t, "note", 300))
	}
	if rapid.Bool().Draw(t, "order") {
		s.Order = &invoice.Reference{Number: drawText(t, "order no", 30), Date: s.IssueDate.AddDays(-3)}
	}
	for range rapid.IntRange(0, 3).Draw(t, "despatches") {
		s.Despatches = append(s.Despatches, invoice.Reference{Number: drawText(t, "despatch no", 16), Date: s.IssueDate.AddDays(-1)})
	}
	if rapid.Bool().Draw(t, "payment") {
		s.Payment = &invoice.Payment{MeansCode: rapid.SampledFrom([]string{"1", "10", "42", "48"}).Draw(t, "means"), DueDate: s.IssueDate.AddDays(30), Note: drawText(t, "terms", 100)}
		if s.Payment.MeansCode == "42" {
			s.Payment.IBAN = "TR33 0006 1005 1978 6457 8413 26"
		}
	}
	if rapid.IntRange(0, 2).Draw(t, "foreign") == 0 {
		s.Currency = rapid.SampledFrom([]string{"USD", "EUR", "GBP", "JPY"}).Draw(t, "currency")
		s.Rate = invoice.Some(decimal.New(rapid.Int64Range(1_000_001, 99_999_999).Draw(t, "exchange rate"), -6))
	}
	if rapid.IntRange(0, 2).Draw(t, "basis") == 0 {
		s.PriceBasis = invoice.BasisGross
		bookGross(t, &s)
		return s
	}
	bookNet(t, &s)
	return s
}

// drawText draws what people and programs leave in text columns; some letter or digit is always among it.
func drawText(t *rapid.T, label string, most int) string {
	parts := []string{"Çelik", "ığdır", "İSTANBUL", "Işık", "ŞÖFÖR", "vida M8", "½\" boru", "R&D <50>", "O'Neill", "\"tırnak\"", "🧿", "👩🏽‍🔧", "𝒜", "قهوه",
		"\u00a0", "\u200b", "\v", "\t", "\r\n", "\x01", "\xff", "e\u0301", "I\u0307", "]]>", "&amp;", "–", "‘iyi’", "\ufeff", "\ufffe", "  "}
	var b strings.Builder
	b.WriteString("A")
	for range rapid.IntRange(0, 6).Draw(t, label) {
		p := rapid.SampledFrom(parts).Draw(t, label)
		if p == "\xff" && !strings.HasPrefix(label, "note") { // damaged letters hold a name, and pass in a note
			continue
		}
		if b.Len()+len(p)+1 > most {
			break
		}
		b.WriteString(" " + p)
	}
	return b.String()
}

// drawTaxNo draws a number with the right check digits.
func drawTaxNo(t *rapid.T, valid func(string) bool, length int) string {
	n := rapid.Int64Range(1, 9).Draw(t, "first digit")
	for range length - 2 {
		n = n*10 + rapid.Int64Range(0, 9).Draw(t, "digit")
	}
	stem := decimal.NewFromInt(n).String()
	if length == 11 { // the last two follow from the first nine
		stem = stem[:9]
	}
	for check := range 100 {
		text := itoa(check)
		if length == 11 && check < 10 {
			text = "0" + text
		}
		if no := stem + text; len(no) == length && valid(no) {
			return no
		}
	}
	panic("no check digit for " + stem)
}

func drawBuyer(t *rapid.T) invoice.Party {
	p := invoice.Party{TaxOffice: "Nilüfer", Address: invoice.Address{Street: drawText(t, "street", 60), District: drawText(t, "district", 30), City: drawText(t, "city", 30)},
		Email: rapid.SampledFrom([]string{"", "muhasebe@ornek.example", "a@b.example; c@d.example"}).Draw(t, "email"), Phone: drawText(t, "phone", 20)}
	switch rapid.SampledFrom([]string{"company", "person", "trader", "consumer"}).Draw(t, "buyer") {
	case "company":
		p.TaxNo, p.Name = drawTaxNo(t, invoice.ValidVKN, 10), drawText(t, "title", 200)+" A.Ş."
		p.IDs = []invoice.PartyID{{Scheme: "MERSISNO", Value: "0481205733700015"}}
	case "person":
		p.TaxNo, p.Name = drawTaxNo(t, invoice.ValidTCKN, 11), "Ayşe Gül "+drawText(t, "surname", 60)
	case "trader":
		p.TaxNo, p.FirstName, p.LastName, p.Name = drawTaxNo(t, invoice.ValidTCKN, 11), "Işıl", "Öz", drawText(t, "trade name", 80)
	case "consumer":
		p.TaxNo, p.FirstName, p.LastName = invoice.FinalConsumer, "Nihai", "Tüketici"
	}
	return p
}

// flavours are the kinds of lines that can stand on one invoice together.
var flavours = []string{"plain", "withheld", "exempt", "taxed"}

func drawGoods(t *rapid.T, pos int) invoice.SaleLine {
	return invoice.SaleLine{
		No: itoa(pos), Name: drawText(t, "name", 200), Description: drawText(t, "description", 400), SKU: drawText(t, "sku", 20),
		Unit:      rapid.SampledFrom([]string{"C62", "KGM", "LTR", "HUR", "MTR", "DAY", "BX"}).Draw(t, "unit"),
		Quantity:  invoice.Some(decimal.New(rapid.Int64Range(1, 90000).Draw(t, "quantity"), -rapid.Int32Range(0, 3).Draw(t, "quantity places"))),
		UnitPrice: invoice.Some(decimal.New(rapid.Int64Range(0, 9000000).Draw(t, "price"), -rapid.Int32Range(0, 6).Draw(t, "price places")).Add(one)),
		VATRate:   invoice.Some(rapid.SampledFrom(defaultRates[:]).Draw(t, "rate")),
	}
}

// bookNet books a sale with prices without VAT: line discounts and charges, then a document discount, VAT rounded on each
// line or once a rate.
func bookNet(t *rapid.T, s *invoice.Sale) {
	flavour := rapid.SampledFrom(flavours).Draw(t, "flavour")
	perRate := flavour == "plain" && rapid.Bool().Draw(t, "VAT once a rate")
	var nets, exact []decimal.Decimal
	sum := decimal.Zero
	for i := range rapid.IntRange(1, 8).Draw(t, "lines") {
		l := drawGoods(t, i+1)
		amount := l.Quantity.Decimal.Mul(l.UnitPrice.Decimal)
		e := amount
		switch rapid.IntRange(0, 3).Draw(t, "discounted") {
		case 0:
			l.DiscountRate = invoice.Some(decimal.New(rapid.Int64Range(0, 9000).Draw(t, "discount"), -2))
			e = e.Sub(amount.Mul(l.DiscountRate.Decimal).Shift(-2))
		case 1:
			l.Discount = invoice.Some(amount.Mul(decimal.New(rapid.Int64Range(0, 90).Draw(t, "discount share"), -2)).RoundDown(2))
			e = e.Sub(l.Discount.Decimal)
		}
		if rapid.IntRange(0, 5).Draw(t, "charged") == 0 {
			l.Charge = invoice.Some(decimal.New(rapid.Int64Range(1, 99999).Draw(t, "charge"), -2))
			e = e.Add(l.Charge.Decimal)
		}
		drawFlavour(t, flavour, i, &l)
		nets, exact, sum = append(nets, e.Round(2)), append(exact, e.Round(2)), sum.Add(e.Round(2))
		s.Lines = append(s.Lines, l)
	}
	net := sum
	if flavour == "plain" && rapid.IntRange(0, 2).Draw(t, "document discount") == 0 {
		d := sum.Mul(decimal.New(rapid.Int64Range(1, 60).Draw(t, "share"), -2)).Round(2)
		if d.IsPositive() {
			s.Discount, perRate = invoice.Some(d), true
			for i := range exact {
				exact[i] = exact[i].Sub(exact[i].Mul(d).DivRound(sum, 12))
			}
			net = net.Sub(d)
		}
	}
	if flavour == "plain" && rapid.IntRange(0, 4).Draw(t, "freight") == 0 {
		s.Charge = invoice.Some(decimal.New(rapid.Int64Range(1, 99999).Draw(t, "freight money"), -2))
		s.ChargeVATRate = invoice.Some(rapid.SampledFrom(defaultRates[:]).Draw(t, "freight rate"))
		net = net.Add(s.Charge.Decimal)
	}
	vat, other, withheld := decimal.Zero, decimal.Zero, decimal.Zero
	byRate := map[string]decimal.Decimal{}
	for i := range s.Lines {
		l := &s.Lines[i]
		base := exact[i]
		for _, x := range l.Taxes {
			amount := nets[i].Mul(x.Rate.Decimal).Shift(-2).Round(2)
			other = other.Add(amount)
			if codes.Excise(x.Code) || x.InBase {
				base = base.Add(amount)
			}
		}
		byRate[l.VATRate.Decimal.String()] = byRate[l.VATRate.Decimal.String()].Add(base)
		if !perRate {
			v := base.Mul(l.VATRate.Decimal).Shift(-2).Round(2)
			vat = vat.Add(v)
			withheld = withheld.Add(v.Mul(l.Withholding.Rate.Decimal).Shift(-2).Round(2))
		}
	}
	if perRate {
		if s.Charge.Valid {
			rate := s.ChargeVATRate.Decimal.String()
			byRate[rate] = byRate[rate].Add(s.Charge.Decimal)
		}
		for _, rate := range slices.Sorted(maps.Keys(byRate)) {
			vat = vat.Add(byRate[rate].Mul(decimal.RequireFromString(rate)).Shift(-2).Round(2))
		}
	} else if s.Charge.Valid {
		vat = vat.Add(s.Charge.Decimal.Mul(s.ChargeVATRate.Decimal).Shift(-2).Round(2))
	}
	s.Net, s.VAT, s.Gross = invoice.Some(net), invoice.Some(vat), invoice.Some(net.Add(vat).Add(other))
	if flavour == "withheld" {
		s.Withheld, s.Payable = invoice.Some(withheld), invoice.Some(s.Gross.Decimal.Sub(withheld))
	}
}

// drawFlavour gives a line what its flavour is about; the first line always has it.
func drawFlavour(t *rapid.T, flavour string, i int, l *invoice.SaleLine) {
	if i > 0 && rapid.Bool().Draw(t, "ordinary line") {
		return
	}
	switch flavour {
	case "withheld":
		all := withholdingPairs()
		w := all[rapid.IntRange(0, len(all)-1).Draw(t, "withholding")]
		l.Withholding = w
		if l.VATRate.Decimal.LessThan(hundred) {
			l.VATRate = invoice.Some(decimal.NewFromInt(20))
		}
	case "exempt":
		l.VATRate = invoice.Some(decimal.Zero)
		l.Exemption.Code = rapid.SampledFrom([]string{"351", "201", "217", "301", "302", "325", "350"}).Draw(t, "reason")
	case "taxed":
		l.Taxes = []invoice.SaleTax{{Code: rapid.SampledFrom([]string{"0071", "0073", "0074", "0075", "0076", "0077", "4080", "0059", "0021"}).Draw(t, "tax"),
			Rate: invoice.Some(decimal.New(rapid.Int64Range(1, 4000).Draw(t, "tax rate"), -2))}}
	}
}

// withholdingPairs lists every code with every percent that GİB takes.
func withholdingPairs() []invoice.Withholding {
	var out []invoice.Withholding
	for n := 601; n <= 825; n++ {
		w, ok := codes.WithholdingOf(itoa(n))
		if !ok {
			continue
		}
		for _, percent := range w.Percents {
			out = append(out, invoice.Withholding{Code: w.Code, Rate: invoice.Some(decimal.RequireFromString(percent))})
		}
	}
	return out
}

// bookGross books a sale with prices that contain VAT, taken out of each line or of the sum of each rate.
func bookGross(t *rapid.T, s *invoice.Sale) {
	perRate := rapid.Bool().Draw(t, "VAT taken out per rate")
	gross, net := decimal.Zero, decimal.Zero
	sums := map[string]decimal.Decimal{}
	for i := range rapid.IntRange(1, 8).Draw(t, "lines") {
		l := drawGoods(t, i+1)
		l.Quantity = invoice.Some(l.Quantity.Decimal.Ceil())
		l.UnitPrice = invoice.Some(l.UnitPrice.Decimal.Round(2))
		amount := l.Quantity.Decimal.Mul(l.UnitPrice.Decimal)
		if rapid.IntRange(0, 3).Draw(t, "discounted") == 0 {
			l.DiscountRate = invoice.Some(decimal.NewFromInt(rapid.Int64Range(0, 90).Draw(t, "discount")))
			amount = amount.Sub(amount.Mul(l.DiscountRate.Decimal).Shift(-2)).Round(2)
		}
		gross = gross.Add(amount)
		rate := l.VATRate.Decimal
		sums[rate.String()] = sums[rate.String()].Add(amount)
		if !perRate {
			net = net.Add(amount.Mul(hundred).DivRound(hundred.Add(rate), 12).Round(2))
		}
		s.Lines = append(s.Lines, l)
	}
	if perRate {
		for _, rate := range slices.Sorted(maps.Keys(sums)) {
			net = net.Add(sums[rate].Mul(hundred).DivRound(hundred.Add(decimal.RequireFromString(rate)), 12).Round(2))
		}
	}
	s.Net, s.VAT, s.Gross = invoice.Some(net), invoice.Some(gross.Sub(net)), invoice.Some(gross)
}
