package turkcellsim

import (
	"archive/zip"
	"bytes"
	"fmt"
	"html/template"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"faturad/providers/simulator"
)

// outgoing answers with a document's bytes, or 404.
func (s *Simulator) outgoing(c *call, f func(ubl []byte) reply) reply {
	var ubl []byte
	if !s.documents.with(c.route.kind, c.id, c.now, func(d *record) { ubl = d.ubl() }) {
		return s.missing(c.route.kind)
	}
	return f(ubl)
}

func (s *Simulator) downloadUBL(c *call) reply  { return s.outgoing(c, asXML) }
func (s *Simulator) downloadHTML(c *call) reply { return s.outgoing(c, asHTML) }
func (s *Simulator) downloadPDF(c *call) reply  { return s.outgoing(c, asPDF) }

func (s *Simulator) inboxUBL(c *call) reply {
	return s.incoming(c, func(i *Incoming, _ *incomingExtra) reply {
		i.Fetched++
		return asXML(i.UBL)
	})
}

func (s *Simulator) inboxHTML(c *call) reply {
	return s.incoming(c, func(i *Incoming, _ *incomingExtra) reply { return asHTML(i.UBL) })
}

func (s *Simulator) inboxPDF(c *call) reply {
	return s.incoming(c, func(i *Incoming, _ *incomingExtra) reply { return asPDF(i.UBL) })
}

func (s *Simulator) inboxZIP(c *call) reply {
	return s.incoming(c, func(i *Incoming, _ *incomingExtra) reply { return s.asZIP(i.ETTN, i.UBL) })
}

func (s *Simulator) downloadZIP(c *call) reply {
	return s.outgoing(c, func(ubl []byte) reply { return s.asZIP(c.id, ubl) })
}

// asZIP packs a document's XML, HTML and PDF.
func (s *Simulator) asZIP(id uuid.UUID, ubl []byte) reply {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, body := range map[string][]byte{"xml": ubl, "html": asHTML(ubl).body, "pdf": asPDF(ubl).body} {
		w, err := z.Create(id.String() + "." + name)
		if err == nil {
			_, err = w.Write(body)
		}
		if err != nil {
			return s.text(http.StatusInternalServerError, err.Error())
		}
	}
	if err := z.Close(); err != nil {
		return s.text(http.StatusInternalServerError, err.Error())
	}
	return reply{status: http.StatusOK, kind: "application/zip", body: b.Bytes()}
}

func asXML(ubl []byte) reply { return reply{status: http.StatusOK, kind: typeXML, body: ubl} }

var page = template.Must(template.New("invoice").Parse(`<!DOCTYPE html>
<html lang="tr"><head><meta charset="utf-8"><title>{{.Number}}</title>
<style>body{font:14px sans-serif;margin:2em}table{border-collapse:collapse}td,th{border:1px solid #999;padding:.3em .6em}</style></head>
<body><h1>{{.Title}} {{.Number}}</h1>
<p>{{.Date}} · {{.Scenario}} · {{.Type}} · ETTN {{.ETTN}}</p>
<p><b>{{.Seller}}</b> {{.SellerNo}}</p><p>Sayın <b>{{.Buyer}}</b> {{.BuyerNo}}<br>{{.Place}}</p>
<table><tr><th>Mal/Hizmet</th><th>Miktar</th><th>Birim fiyat</th><th>KDV %</th><th>Tutar</th></tr>
{{range .Lines}}<tr><td>{{.Name}}</td><td>{{.Quantity}} {{.Unit}}</td><td>{{.Price}}</td><td>{{.Rate}}</td><td>{{.Net}}</td></tr>
{{end}}</table>
<p>Vergiler hariç {{.Exclusive}} · Vergiler dahil {{.Inclusive}} · <b>Ödenecek {{.Payable}} {{.Currency}}</b></p>
{{range .Notes}}<p>{{.}}</p>{{end}}</body></html>
`))

// sight is what a reader of the invoice sees.
type sight struct {
	Title, Number, Date, Scenario, Type, ETTN string
	Seller, SellerNo, Buyer, BuyerNo, Place   string
	Exclusive, Inclusive, Payable, Currency   string
	Notes                                     []string
	Lines                                     []sightLine
}

type sightLine struct{ Name, Quantity, Unit, Price, Rate, Net string }

func look(ubl []byte) sight {
	c, err := readUBL(ubl)
	if err != nil { // only what was read before is stored
		return sight{Title: err.Error()}
	}
	v := sight{
		Title: "e-Fatura", Number: c.id, Date: c.issueDate + " " + c.issueTime, Scenario: c.profile, Type: c.typeCode,
		ETTN: c.uuid, Seller: c.supplier.title(), SellerNo: c.supplier.taxNo, Buyer: c.customer.title(),
		BuyerNo: c.customer.taxNo, Place: c.customer.district + " / " + c.customer.city, Exclusive: c.exclusive.text,
		Inclusive: c.inclusive.text, Payable: c.payable.text, Currency: c.currency, Notes: c.notes,
	}
	switch {
	case c.profile == "EARSIVFATURA":
		v.Title = "e-Arşiv Fatura"
	case c.creditNote && c.typeCode == typeProducer:
		v.Title = "e-Müstahsil Makbuzu"
	case c.creditNote:
		v.Title = "e-Serbest Meslek Makbuzu"
	}
	for _, l := range c.lines {
		v.Lines = append(v.Lines, sightLine{l.name, l.quantity.text, l.unit, l.price.text, l.rate, l.net.text})
	}
	return v
}

func asHTML(ubl []byte) reply {
	var b bytes.Buffer
	if err := page.Execute(&b, look(ubl)); err != nil {
		return reply{status: http.StatusInternalServerError, kind: typeText, body: []byte(err.Error())}
	}
	return reply{status: http.StatusOK, kind: typeHTML, body: b.Bytes()}
}

// asPDF prints the invoice on one page, with the standard font and the Turkish letters mapped by hand.
func asPDF(ubl []byte) reply {
	v := look(ubl)
	lines := []string{
		v.Title + " " + v.Number, v.Date + "  " + v.Scenario + "  " + v.Type, "ETTN " + v.ETTN, "",
		v.Seller + "  " + v.SellerNo, "Sayın " + v.Buyer + "  " + v.BuyerNo, v.Place, "",
	}
	for i, l := range v.Lines {
		if i == 40 {
			lines = append(lines, fmt.Sprintf("... ve %d kalem daha", len(v.Lines)-i))
			break
		}
		lines = append(lines, fmt.Sprintf("%s   %s %s x %s   KDV %%%s   %s", l.Name, l.Quantity, l.Unit, l.Price, l.Rate, l.Net))
	}
	lines = append(lines, "", "Vergiler hariç "+v.Exclusive, "Vergiler dahil "+v.Inclusive, "Ödenecek "+v.Payable+" "+v.Currency)
	return reply{status: http.StatusOK, kind: "application/pdf", body: pdf(lines)}
}

// pdf builds a valid PDF 1.4 of one A4 page.
func pdf(lines []string) []byte {
	var text bytes.Buffer
	text.WriteString("BT /F1 10 Tf 40 800 Td 14 TL\n")
	for _, l := range lines {
		fmt.Fprintf(&text, "(%s) Tj T*\n", pdfText(l))
	}
	text.WriteString("ET")
	objects := []string{
		"<< /Type /Catalog /Pages 2 0 R >>",
		"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
		"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
		fmt.Sprintf("<< /Length %d >>\nstream\n%s\nendstream", text.Len(), text.String()),
		"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding << /Type /Encoding /BaseEncoding /WinAnsiEncoding " +
			"/Differences [208 /Gbreve 221 /Idotaccent /Scedilla 240 /gbreve 253 /dotlessi /scedilla] >> >>",
	}
	var out bytes.Buffer
	out.WriteString("%PDF-1.4\n")
	offsets := make([]int, len(objects))
	for i, o := range objects {
		offsets[i] = out.Len()
		fmt.Fprintf(&out, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	start := out.Len()
	fmt.Fprintf(&out, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, o := range offsets {
		fmt.Fprintf(&out, "%010d 00000 n \n", o)
	}
	fmt.Fprintf(&out, "trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, start)
	return out.Bytes()
}

// pdfText encodes a line for the font above and escapes what PDF strings reserve.
func pdfText(s string) string {
	if !utf8.ValidString(s) {
		return ""
	}
	return strings.NewReplacer(`\`, `\\`, "(", `\(`, ")", `\)`, "\n", " ", "\r", " ").Replace(string(simulator.Latin5([]byte(s))))
}
