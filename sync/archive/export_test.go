package archive

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"faturad/internal/invoice"
	"faturad/mapping/ubl"
	"faturad/sync/ledger"
)

// packOf unpacks an export into names and contents.
func packOf(t *testing.T, data []byte) (names []string, content map[string]string) {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	content = map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		if err != nil || r.Close() != nil {
			t.Fatal(err)
		}
		names = append(names, f.Name)
		content[f.Name] = string(data)
	}
	return names, content
}

func TestExport(t *testing.T) {
	t.Parallel()
	s, dir := newShelf(4), t.TempDir()
	s.issued[1].State = ledger.Cancelled
	s.issued[3].IssueDate = invoice.Date{Year: 2026, Month: 11, Day: 1} // not of the month
	golden, err := os.ReadFile(filepath.Join("..", "..", "mapping", "ubl", "testdata", goldenUBL(t)))
	if err != nil {
		t.Fatal(err)
	}
	s.raw[1] = golden
	doc, err := ubl.Parse(golden)
	if err != nil {
		t.Fatal(err)
	}
	j := s.job(t, dir, "one")
	if _, err := j.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	lost := s.issued[2].ETTN.String() + ".pdf"
	if err := os.Remove(filepath.Join(dir, "acme/2026/10/giden", lost)); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	month, err := ParseMonth("2026-10")
	if err != nil {
		t.Fatal(err)
	}
	e, err := j.Export(t.Context(), month, &out)
	if err != nil || e.Issued != 3 || e.Received != 4 || e.Files != 13 || e.Missing != 1 {
		t.Fatalf("%+v, %v", e, err)
	}
	names, content := packOf(t, out.Bytes())
	if len(names) != 15 || slices.ContainsFunc(names, func(n string) bool { return strings.Contains(n, "..") || strings.Contains(n, "passwd") }) {
		t.Errorf("%d entries: %q", len(names), names)
	}
	if name := "giden/" + s.issued[0].Number + "_" + s.issued[0].ETTN.String() + ".xml"; content[name] != "ubl of "+s.issued[0].ETTN.String() {
		t.Errorf("%s holds %q", name, content[name])
	}
	issued := rowsOf(t, content["liste-giden-2026-10.csv"])
	if len(issued) != 5 || issued[0][0] != "Fatura No" || issued[4][0] != "TOPLAM" || issued[4][13] != "241,00" {
		t.Errorf("the list of issued: %q", issued)
	}
	for _, r := range issued[1:4] {
		if r[7] != `'=Örnek; "A.Ş."` {
			t.Errorf("a title that a spreadsheet would calculate: %q", r[7])
		}
		if missing := r[1]+".pdf" == lost; missing != (r[16] == "eksik") || r[15] != "var" {
			t.Errorf("%s: UBL %s, PDF %s", r[1], r[15], r[16])
		}
	}
	received := rowsOf(t, content["liste-gelen-2026-10.csv"])
	found := slices.ContainsFunc(received, func(r []string) bool {
		return r[1] == s.received[0].ETTN.String() && r[9] == amount(doc.Invoice.Totals.TaxExclusive) && r[13] == amount(doc.Invoice.Totals.Payable)
	})
	if !found {
		t.Errorf("the totals of a received invoice are not those of its UBL: %q", received)
	}
	if len(e.Totals) < 2 || e.Totals[0].Direction != ledger.Outgoing || e.Totals[0].Count != 2 || e.Totals[0].Payable.String() != "241" {
		t.Errorf("totals: %+v", e.Totals)
	}
}

func rowsOf(t *testing.T, text string) [][]string {
	t.Helper()
	text, marked := strings.CutPrefix(text, "\xEF\xBB\xBF")
	if !marked || !strings.Contains(text, "\r\n") {
		t.Errorf("Excel would not read %.60q", text)
	}
	r := csv.NewReader(strings.NewReader(text))
	r.Comma = ';'
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// goldenUBL names one of the golden invoices.
func goldenUBL(t *testing.T) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "..", "mapping", "ubl", "testdata", "*.xml"))
	if err != nil || len(files) == 0 {
		t.Fatal("no golden invoices", err)
	}
	return filepath.Base(files[0])
}

func TestMonth(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"", "2026", "2026-13", "10-2026", "2026-10-01", "ekim"} {
		if m, err := ParseMonth(bad); err == nil {
			t.Errorf("%q was read as %s", bad, m)
		}
	}
	m, err := ParseMonth("2026-12")
	if err != nil || m.first().String() != "2026-12-01" || m.next().String() != "2027-01-01" || m.String() != "2026-12" {
		t.Errorf("%v, %s, %s, %v", m, m.first(), m.next(), err)
	}
}

// What a producer receipt pays out is no sale: receipts are summed apart.
func TestReceiptsHaveTotalsOfTheirOwn(t *testing.T) {
	t.Parallel()
	l := newList()
	for i, kind := range []invoice.Kind{invoice.EMM, invoice.EFatura, invoice.EArsiv, invoice.ESMM, invoice.EMM} {
		l.add(row{way: ledger.Outgoing, product: string(kind), currency: "TRY", payable: decimal.NewFromInt(int64(100 * (i + 1))), counts: true})
	}
	l.add(row{way: ledger.Outgoing, product: string(invoice.EMM), currency: "TRY", payable: decimal.NewFromInt(7)}) // cancelled
	want := []Total{
		{Direction: ledger.Outgoing, Currency: "TRY", Count: 2, Payable: decimal.NewFromInt(500)},
		{Direction: ledger.Outgoing, Receipt: invoice.EMM, Currency: "TRY", Count: 2, Payable: decimal.NewFromInt(600)},
		{Direction: ledger.Outgoing, Receipt: invoice.ESMM, Currency: "TRY", Count: 1, Payable: decimal.NewFromInt(400)},
	}
	got := l.totals(ledger.Outgoing)
	if len(got) != len(want) {
		t.Fatalf("%+v", got)
	}
	for i, w := range want {
		if g := got[i]; g.Receipt != w.Receipt || g.Count != w.Count || !g.Payable.Equal(w.Payable) {
			t.Errorf("total %d is %+v, want %+v", i, g, w)
		}
	}
	var out bytes.Buffer
	if err := l.write(&out); err != nil {
		t.Fatal(err)
	}
	rows := rowsOf(t, out.String())
	if sum := rows[len(rows)-2]; sum[0] != "TOPLAM" || sum[2] != "e-mm" || sum[13] != "600,00" {
		t.Errorf("the list ends with %q", rows[len(rows)-3:])
	}
}
