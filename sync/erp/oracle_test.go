package erp

import (
	"strconv"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"faturad/internal/dbtest"
	"faturad/internal/invoice"
)

// collect gathers what a callback API hands out.
func collect(t testing.TB, src *Source, space string) []string {
	t.Helper()
	var keys []string
	if err := src.Pending(t.Context(), space, 0, func(k []string) error { keys = append(keys, k...); return nil }); err != nil {
		t.Fatal(err)
	}
	return keys
}

// checkFindings fails on errors of the live check.
func checkFindings(t testing.TB, src *Source) {
	t.Helper()
	for _, f := range src.Check(t.Context()) {
		if f.Severity == SeverityError {
			t.Errorf("check: %s", f)
		} else {
			t.Logf("check: %s", f)
		}
	}
}

// compare loads every ok row of the oracle and compares it; drafts and cancellations must not be offered.
func compare(t *testing.T, src *Source, space, table string) {
	t.Helper()
	pending := map[string]bool{}
	for _, k := range collect(t, src, space) {
		pending[k] = true
	}
	byKey := map[string]oracle{}
	var keys []string
	for _, o := range readOracle(t, table) {
		if ok := o["state"] == "ok"; ok != pending[o["sale_key"]] {
			t.Errorf("%s is %s, offered: %v", o["sale_key"], o["state"], pending[o["sale_key"]])
		}
		delete(pending, o["sale_key"])
		if o["state"] == "ok" {
			byKey[o["sale_key"]] = o
			keys = append(keys, o["sale_key"])
		}
	}
	for k := range pending {
		t.Errorf("%s is offered, but the oracle does not know it", k)
	}
	loaded, err := src.Load(t.Context(), space, keys)
	if err != nil {
		t.Fatal(err)
	}
	lines, invoices := 0, 0
	for i, l := range loaded {
		if l.Sale.Key != keys[i] || l.Missing {
			t.Fatalf("row %d is %q, want %q (missing: %v)", i, l.Sale.Key, keys[i], l.Missing)
		}
		for _, f := range l.Faults {
			t.Errorf("%s: fault %s %s: %s", keys[i], f.Code, f.Field, f.Message.EN)
		}
		lines += len(l.Sale.Lines)
		compareSale(t, l.Sale, byKey[keys[i]])
		if compareInvoice(t, l.Sale, byKey[keys[i]]) {
			invoices++
		}
	}
	t.Logf("%d sales with %d lines equal the oracle, %d invoices made of them have its totals", len(loaded), lines, invoices)
	if invoices < len(loaded)-2 {
		t.Errorf("only %d of %d sales became invoices", invoices, len(loaded))
	}
}

func compareSale(t *testing.T, s invoice.Sale, o oracle) {
	t.Helper()
	want := func(field, got string) {
		if expected := o[field]; got != expected {
			t.Errorf("%s %s: %s = %q, want %q", o["sale_key"], o["edge"], field, got, expected)
		}
	}
	want("doc_no", s.Number)
	want("doc_type", s.Type)
	want("issue_date", s.IssueDate.String())
	want("issue_time", s.IssueTime)
	want("currency", s.Currency)
	if rate := decimal.RequireFromString(o["rate_try"]); !s.Rate.Valid || !s.Rate.Decimal.Equal(rate) {
		t.Errorf("%s: rate = %v, want %s", o["sale_key"], s.Rate, rate)
	}
	if name := Clean(o["customer_name"], false); s.Buyer.Name != name {
		t.Errorf("%s: name = %q, want %q", o["sale_key"], s.Buyer.Name, name)
	}
	want("tax_no_clean", s.Buyer.TaxNo)
	want("tax_office", s.Buyer.TaxOffice)
	want("n_lines", strconv.Itoa(len(s.Lines)))
	money := func(field string, got invoice.NullDecimal) {
		if !got.Valid || !got.Decimal.Equal(decimal.RequireFromString(o[field])) {
			t.Errorf("%s: %s = %v, want %s", o["sale_key"], field, got, o[field])
		}
	}
	money("gross", s.Gross)
	if s.Net.Valid {
		money("net", s.Net)
	}
	if s.VAT.Valid {
		money("vat", s.VAT)
	}
	compareRates(t, s, o)
}

// compareRates adds the lines' booked amounts up by VAT rate.
func compareRates(t *testing.T, s invoice.Sale, o oracle) {
	t.Helper()
	type sums struct{ net, vat decimal.Decimal }
	got := map[string]sums{}
	for i, l := range s.Lines {
		if !l.Net.Valid || !l.VAT.Valid || !l.VATRate.Valid || !l.Quantity.Valid || !l.UnitPrice.Valid || l.Name == "" {
			t.Errorf("%s: line %d is incomplete: %+v", o["sale_key"], i+1, l)
			continue
		}
		sum := got[l.VATRate.Decimal.String()]
		got[l.VATRate.Decimal.String()] = sums{sum.net.Add(l.Net.Decimal), sum.vat.Add(l.VAT.Decimal)}
	}
	for _, part := range strings.Split(o["vat_by_rate"], ";") {
		rate, amounts, _ := strings.Cut(part, ":")
		net, vat, _ := strings.Cut(amounts, "/")
		g := got[rate]
		if !g.net.Equal(decimal.RequireFromString(net)) || !g.vat.Equal(decimal.RequireFromString(vat)) {
			t.Errorf("%s: rate %s = %s/%s, want %s/%s", o["sale_key"], rate, g.net, g.vat, net, vat)
		}
		delete(got, rate)
	}
	for rate := range got {
		t.Errorf("%s: rate %s is not in the oracle", o["sale_key"], rate)
	}
}

// TestDolibarr: the preset reads every sale of a real Dolibarr 22 as the oracle says.
func TestDolibarr(t *testing.T) {
	t.Parallel()
	dump := dump(t, "dolibarr.sql.gz")
	db := dbtest.New(t, dbtest.Charset("utf8", "utf8_unicode_ci"))
	db.Load(t, dump)
	cfg := preset(t, "dolibarr")
	install(t, db, cfg, "dolibarr")
	src := open(t, db, cfg)
	checkFindings(t, src)
	compare(t, src, "invoice", "dolibarr.expected.tsv")
	hash := func() string {
		loaded, err := src.Load(t.Context(), "invoice", []string{"241"})
		if err != nil {
			t.Fatal(err)
		}
		return loaded[0].Sale.Hash
	}
	before := hash()
	if errs, err := src.WriteBack(t.Context(), []Projection{accepted("invoice", "230")}); err != nil || errs[0] != nil {
		t.Fatal(err, errs)
	}
	if hash() != before {
		t.Error("writing an invoice's number back looks like an edit of its credit note")
	}
	db.Exec(t, "DELETE FROM llx_facture_extrafields WHERE fk_object = 230")
	writeTwice(t, db, src, "invoice", "217", "SELECT efatura_durum, efatura_no, efatura_ettn, efatura_mesaj, efatura_tarih FROM llx_facture_extrafields WHERE fk_object = 217")
}

// TestFrontAccounting: a source written by hand reads a real FrontAccounting, in true utf8 and with Windows-1254 bytes in
// latin1 columns.
func TestFrontAccounting(t *testing.T) {
	t.Parallel()
	for name, charset := range map[string][2]string{"frontacc": {"utf8", "utf8_turkish_ci"}, "frontacclatin5": {"latin1", ""}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dump := dump(t, name+".sql.gz")
			db := dbtest.New(t, dbtest.Charset(charset[0], charset[1]))
			db.Load(t, dump)
			file := "testdata/" + name + ".toml"
			cfg := preset(t, file)
			install(t, db, cfg, file)
			src := open(t, db, cfg)
			checkFindings(t, src)
			compare(t, src, "sale", name+".expected.tsv")
			writeTwice(t, db, src, "sale", "10-6", "SELECT status, number, ettn, message FROM efatura_status")
			dotless := map[string]string{"frontacc": "C4B1", "frontacclatin5": "FD"}[name] // ı as the ERP's own programs write it
			if memo := rowsOf(t, db, "SELECT HEX(memo_) FROM 0_comments WHERE type = 10 AND id = 6"); len(memo) != 1 || !strings.Contains(memo[0][0], "64"+dotless+"20") {
				t.Errorf("comment bytes = %v, want one row with %s", memo, dotless)
			}
		})
	}
}

// TestDolibarr5: the demo of an old version loads whole; nothing crashes, and what cannot be read is a fault.
func TestDolibarr5(t *testing.T) {
	t.Parallel()
	dump := dump(t, "dolibarr5.sql.gz")
	db := dbtest.New(t, dbtest.Charset("utf8", "utf8_unicode_ci"))
	db.Load(t, dump)
	cfg := preset(t, "dolibarr5")
	cfg.Start = invoice.Date{Year: 2000, Month: 1, Day: 1}
	install(t, db, cfg, "dolibarr5")
	src := open(t, db, cfg)
	checkFindings(t, src)
	keys := collect(t, src, "invoice")
	loaded, err := src.Load(t.Context(), "invoice", keys)
	if err != nil {
		t.Fatal(err)
	}
	lines, faults := 0, 0
	for _, l := range loaded {
		lines += len(l.Sale.Lines)
		faults += len(l.Faults)
		if l.Missing || !l.Sale.Gross.Valid {
			t.Errorf("%s was not read: %+v", l.Sale.Key, l)
		}
	}
	t.Logf("%d sales, %d lines, %d faults", len(loaded), lines, faults)
	if len(loaded) != 16 {
		t.Errorf("%d sales, want the 16 standard invoices and credit notes that are validated", len(loaded))
	}
	writeTwice(t, db, src, "invoice", keys[0], "SELECT efatura_durum, efatura_no, efatura_ettn FROM llx_facture_extrafields")
	wrong := preset(t, "dolibarr")
	other, err := Open(src.db, wrong, src.log)
	if err != nil {
		t.Fatal(err)
	}
	if !hasError(other.Check(t.Context()), "has no column ref") {
		t.Error("the preset of another version is not named")
	}
}

func hasError(findings []Finding, text string) bool {
	for _, f := range findings {
		if f.Severity == SeverityError && strings.Contains(f.String(), text) {
			return true
		}
	}
	return false
}
