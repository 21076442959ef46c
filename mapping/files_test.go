package mapping

import (
	"bytes"
	"strings"
	"testing"

	"faturad/internal/invoice"
)

func TestFiles(t *testing.T) {
	t.Parallel()
	pdf := []byte("%PDF-1.7 içerik")
	for _, c := range []struct {
		name    string
		content []byte
		mime    string // "" = refused
		as      string
	}{
		{"rapor.pdf", pdf, "application/pdf", "rapor.pdf"},
		{`C:\\Belgeler\\Rapor İş.PDF`, pdf, "application/pdf", "Rapor İş.PDF"},
		{"../../etc/a<b>.pdf", pdf, "application/pdf", "a_b_.pdf"},
		{"resim.png", []byte("\x89PNG\r\n\x1a\n..."), "image/png", "resim.png"},
		{"resim.jpg", []byte("\xff\xd8\xff\xe0"), "image/jpeg", "resim.jpg"},
		{"saatler.csv", []byte("gün;saat\n1;8"), "text/csv", "saatler.csv"},
		{"resim.jpg", pdf, "", ""},
		{"rapor.pdf", []byte("MZ\x90"), "", ""},
		{"program.exe", []byte("MZ\x90"), "", ""},
		{"sayfa.html", []byte("<script>"), "", ""},
		{"saatler.csv", []byte("a\x00b"), "", ""},
		{"", pdf, "", ""},
	} {
		s := soundSale()
		s.Files = []invoice.File{{Name: c.name, Content: c.content}}
		inv, faults := FromSale(s, testRules())
		if c.mime == "" {
			if got := strings.Join(faults.Codes(), " "); got != "file.type" {
				t.Errorf("%s: %s", c.name, got)
			}
			continue
		}
		if len(faults) > 0 || len(inv.Files) != 1 || inv.Files[0].Mime != c.mime || inv.Files[0].Name != c.as {
			t.Errorf("%s: %v %+v", c.name, faults.Codes(), inv.Files)
		}
	}
	s := soundSale()
	s.Files = []invoice.File{{Name: "bos.pdf"}, {Name: "rapor.pdf", Content: append(pdf, bytes.Repeat([]byte("x"), 1<<20)...)}}
	if _, faults := FromSale(s, testRules()); strings.Join(faults.Codes(), " ") != "file.too_large" {
		t.Errorf("%v", faults.Codes())
	}
}
