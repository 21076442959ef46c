package mapping

import (
	"strings"
	"testing"

	"faturad/internal/invoice"
)

func TestSplitPerson(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ in, first, last string }{
		{"Ayşe Işık", "Ayşe", "Işık"},
		{"Ayşe Nur Işık", "Ayşe Nur", "Işık"},
		{"AYŞE NUR IŞIK-YILMAZ", "AYŞE NUR", "IŞIK-YILMAZ"},
		{"Mehmet Özgür – Özgür Market", "Mehmet", "Özgür"},
		{"Mehmet Özgür - Özgür Market", "Mehmet", "Özgür"},
		{"Özgür Market / Mehmet Özgür", "Mehmet", "Özgür"},
		{"Karadağ Market", "Karadağ", "Market"}, // nothing better is known
		{"Gülşah Yılmaz (EUR)", "Gülşah", "Yılmaz"},
		{"Müge İnce 🧿", "Müge", "İnce"},
		{"Sayın Dr. Ömer Güneş", "Ömer", "Güneş"},
		{"Dr. Güneş", "Dr.", "Güneş"}, // a title is better than no first name
		{"Av. Sıla Şeker", "Sıla", "Şeker"},
		{"Işık, Ayşe", "Işık", "Ayşe"},
	} {
		first, last, ok := splitPerson(c.in)
		if !ok || first != c.first || last != c.last {
			t.Errorf("%q: %q, %q, %v", c.in, first, last, ok)
		}
	}
	for _, in := range []string{"", "Ayşe", "Ayşe 🌷", "(Ayşe Işık)", " - "} {
		if first, last, ok := splitPerson(in); ok && in != "(Ayşe Işık)" {
			t.Errorf("%q: %q, %q", in, first, last)
		}
	}
}

func TestCompany(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]bool{
		"Çınar Makine A.Ş.": true, "Çınar Makine A.Ş": true, "ÇINAR MAKİNE AŞ": true, "Aş Evi": false, "Çınar LTD.ŞTİ": false,
		"Çınar Ltd. Şti.": true, "ÇINAR LİMİTED ŞİRKETİ": true, "Çınar Anonim Şirketi": true, "CINAR LIMITED": true, "Ayşe Işık": false,
		"Müller GmbH": true, "": false, "AŞ": false,
	} {
		if got := company(in); got != want {
			t.Errorf("%q: %v", in, got)
		}
	}
}

func TestCleanTaxNo(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"844 996 3570": "8449963570", "TR1993693465": "1993693465", "tr 199-369.34/65": "1993693465", "VKN: 1993693465": "1993693465",
		"TCKN 10000000146": "10000000146", "T.C. 10000000146": "10000000146", "DE811907980": "DE811907980", "\u00a04638864528 ": "4638864528",
		"": "", "—": "", "TR": "TR",
	} {
		if got := cleanTaxNo(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestClean(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"Işıltı Aydınlatma A.Ş.": "Işıltı Aydınlatma A.Ş.", "  Dağ  Evi ": "Dağ Evi", "a\u000bb": "a b", "a\u00a0\u00a0b": "a b",
		"U\u0308mi\u0307t": "Ümit", "I\u0307zmir": "İzmir", "a\u200bb\ufeff": "ab", "a\xffb": "a\ufffdb", "\u0000": "", "satır\nsatır": "satır satır",
		"a\uffff": "a", "🧿 a": "🧿 a", "x ": "x", "Kutu × 2 – ‘iyi’": "Kutu × 2 – ‘iyi’",
	} {
		if got := clean(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	if got := cleanLines(" bir\r\n\r\n iki\u000büç "); got != "bir\niki\nüç" {
		t.Errorf("%q", got)
	}
}

// Every text of a sale has a limit; nothing is cut in silence.
func TestTextsAreBounded(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("ş", maxPart+1)
	for column, put := range map[string]func(*invoice.Sale){
		"buyer_street":     func(s *invoice.Sale) { s.Buyer.Address.Street = long },
		"buyer_district":   func(s *invoice.Sale) { s.Buyer.Address.District = long },
		"buyer_city":       func(s *invoice.Sale) { s.Buyer.Address.City = long },
		"buyer_tax_office": func(s *invoice.Sale) { s.Buyer.TaxOffice = long },
		"buyer_phone":      func(s *invoice.Sale) { s.Buyer.Phone = long },
		"lines[1].sku":     func(s *invoice.Sale) { s.Lines[0].SKU = long },
		"buyer_name":       func(s *invoice.Sale) { s.Buyer.Name = strings.Repeat("ş", maxName+1) },
		"lines[1].name":    func(s *invoice.Sale) { s.Lines[0].Name = strings.Repeat("ş", maxText+1) },
		"note":             func(s *invoice.Sale) { s.Notes = []string{strings.Repeat("ş", maxNote+1)} },
	} {
		s := soundSale()
		put(&s)
		_, faults := FromSale(s, testRules())
		if len(faults) != 1 || faults[0].Code != "text.too_long" || faults[0].Field != column {
			t.Errorf("%s: %+v", column, faults)
		} else if says := faults[0].Message; strings.ContainsAny(says.TR+says.EN, "{_“") {
			t.Errorf("%s has no name: %+v", column, says)
		}
	}
	s := soundSale()
	s.Buyer.Address.Street = long
	if _, faults := FromSale(s, testRules()); faults[0].Message.TR != "Alıcının adresi 250 karakterden uzun." {
		t.Errorf("%+v", faults[0].Message)
	}
}
