package app

import (
	"strconv"
	"strings"

	"github.com/shopspring/decimal"

	"faturad/internal/invoice"
	"faturad/internal/invoice/codes"
	"faturad/mapping/ubl"
)

// fact is one row of label and value on the printed invoice.
type fact struct{ Label, Value string }

// factList gathers rows and leaves out those without a value.
type factList []fact

func (l *factList) add(label string, parts ...string) {
	var kept []string
	for _, p := range parts {
		if p != "" {
			kept = append(kept, p)
		}
	}
	if len(kept) > 0 {
		*l = append(*l, fact{label, strings.Join(kept, ", ")})
	}
}

func (l *factList) reference(label string, r *invoice.Reference) {
	if r != nil {
		l.add(label, r.Number, turkishDate(r.Date))
	}
}

// facts is what the invoice says beside parties, lines and sums.
func facts(inv invoice.Invoice) []fact {
	var l factList
	for i := range inv.Returns {
		l.reference("İade edilen fatura", &inv.Returns[i])
	}
	l.reference("Sipariş", inv.Order)
	for i := range inv.Despatches {
		l.reference("İrsaliye", &inv.Despatches[i])
	}
	if inv.Receipt() != "" {
		l.add("Teslim tarihi", turkishDate(inv.Delivered))
	}
	l.reference("Sözleşme", inv.Contract)
	l.reference("Yatırım teşvik belgesi", inv.Investment)
	l.reference("Şarj raporu (ESÜ)", inv.ChargeReport)
	if p := inv.Period; p != nil {
		l.add("Fatura dönemi", strings.TrimSpace(turkishDate(p.Start)+" "+p.StartTime)+" – "+strings.TrimSpace(turkishDate(p.End)+" "+p.EndTime))
	}
	if s := inv.SGK; s != nil {
		l.add("SGK fatura tipi", s.Cost)
		l.add("Mükellef", s.PayerCode, s.PayerName)
		l.add("Dosya no", s.FileNo)
	}
	if p := inv.Payment; p != nil {
		name, _ := codes.PaymentMeans(p.MeansCode)
		if p.MeansCode == "1" || p.MeansCode == "" {
			name = ""
		}
		l.add("Ödeme şekli", name)
		l.add("Vade", turkishDate(p.DueDate))
		l.add("IBAN", groupedIBAN(p.IBAN))
		l.add("Ödeme koşulu", p.Note)
	}
	if s := inv.Internet; s != nil {
		l.add("İnternet satışı", s.Website, s.PaymentMethod, s.PaymentAgent, turkishDate(s.PaymentDate))
		l.add("Gönderi", s.CarrierName, s.CarrierTaxNo, turkishDate(s.ShipmentDate))
	}
	if inv.Currency != "TRY" {
		l.add("Kur", "1 "+inv.Currency+" = "+turkishNumber(inv.Rate.String())+" TL")
		l.add("Ödenecek tutarın TL karşılığı", turkishNumber(inv.Totals.Payable.Mul(inv.Rate).StringFixed(2))+" TL")
	}
	for _, f := range inv.Files {
		l.add("Ek", f.Name, turkishNumber(strconv.Itoa((len(f.Content)+1023)>>10))+" KB")
	}
	l.add("Yazıyla", ubl.Words(inv.Totals.Payable, inv.Currency))
	return l
}

// groupedIBAN prints an IBAN in groups of four, as banks do.
func groupedIBAN(iban string) string {
	var b strings.Builder
	for i, r := range iban {
		if i > 0 && i%4 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// goods is what a line says below its name.
func goods(line invoice.Line) []fact {
	var l factList
	l.add("Kod", line.SKU)
	l.add("Alıcı kodu", line.BuyerSKU)
	for _, id := range line.IDs {
		l.add(id.Scheme, id.Value)
	}
	if a := line.Asset; a != nil {
		l.add("Harcama tipi", a.Class)
		l.add("Model", a.Model)
		l.add("Seri no", a.Serial)
		l.add("Belge sıra no", a.Trace)
	}
	if d := line.Delivery; d != nil {
		mode, _ := codes.TransportMode(d.Mode)
		packed, _ := codes.Package(d.Package.Type)
		if d.Package.Quantity.Valid {
			packed = strings.TrimSpace(turkishNumber(d.Package.Quantity.Decimal.String()) + " " + packed)
		}
		l.add("GTİP", d.CustomsID)
		l.add("Teslim", d.Terms, mode, d.Address.Street, d.Address.City, d.Address.CountryName)
		l.add("Ambalaj", packed, d.Package.ID)
		l.add("DİİB satır kodu", d.BuyerLineCode, d.SellerLineCode)
	}
	return l
}

// sum is one row below the lines.
type sum struct {
	Label  string
	Amount decimal.Decimal
	Total  bool // printed in bold
}

// sums lists the rows from the lines' total to the amount to pay; what is taken off is negative.
func sums(inv invoice.Invoice) []sum {
	t := inv.Totals
	out := []sum{{Label: "Mal hizmet toplamı", Amount: t.LineExtension}}
	for _, a := range inv.Allowances {
		label, amount := "İskonto", a.Amount.Neg()
		if a.Charge {
			label, amount = "Artırım", a.Amount
		}
		if a.Rate.Valid {
			label += " %" + turkishNumber(a.Rate.Decimal.String())
		}
		out = append(out, sum{Label: strings.TrimSpace(label + " " + a.Reason), Amount: amount})
	}
	producer := inv.Receipt() == invoice.EMM // its totals are net of the deductions, and there is no VAT
	if len(inv.Allowances) > 0 && !producer {
		out = append(out, sum{Label: "Vergiler hariç toplam", Amount: t.TaxExclusive})
	}
	var kept []sum
	for _, x := range inv.Taxes {
		label := taxLabel(x)
		switch {
		case inv.Deducts(x.Code):
			kept = append(kept, sum{Label: label, Amount: x.Amount.Neg()})
		case x.NotAdded:
			out = append(out, sum{Label: label + " — tahsil edilmez", Amount: x.Amount})
		default:
			out = append(out, sum{Label: label, Amount: x.Amount})
		}
	}
	if !producer {
		out = append(out, sum{Label: "Vergiler dahil toplam", Amount: t.TaxInclusive})
	}
	out = append(out, kept...)
	for _, x := range inv.Withholding {
		out = append(out, sum{Label: "KDV tevkifatı " + x.Code + " %" + x.Rate.String() + " " + x.Name, Amount: x.Amount.Neg()})
	}
	for _, e := range inv.Expenses {
		out = append(out, sum{Label: e.Kind, Amount: e.Amount.Neg()})
	}
	if !t.Rounding.IsZero() {
		out = append(out, sum{Label: "Yuvarlama", Amount: t.Rounding})
	}
	return append(out, sum{Label: "Ödenecek tutar", Amount: t.Payable, Total: true})
}

func taxLabel(x invoice.TaxSubtotal) string {
	label := x.Name
	if !x.Fixed {
		label += " %" + turkishNumber(x.Rate.String())
	}
	label += " (matrah " + turkishNumber(x.Taxable.StringFixed(2)) + ")"
	if x.Exemption.Code != "" {
		label += " — " + x.Exemption.Code + " " + x.Exemption.Reason
	}
	return label
}
