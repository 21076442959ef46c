package erp

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"

	"faturad/internal/dbtest"
	"faturad/internal/invoice"
	"faturad/internal/mysqlx"
)

// referenceERP is the reference schema with one sale.
func referenceERP(t *testing.T) (*dbtest.Database, *Source) {
	t.Helper()
	db := dbtest.New(t)
	cfg := preset(t, "reference")
	install(t, db, cfg, "reference")
	db.Exec(t, `INSERT INTO sales (sale_no, invoice_type, issue_date, issue_time, buyer_name, buyer_tax_no, buyer_tax_office, buyer_district, buyer_city, net, vat, gross, line_count)
		VALUES ('S-1', 'SATIS', '2026-09-02', '10:30:00', 'Işıltı Aydınlatma A.Ş.', '7473004654', 'Uludağ', 'Nilüfer', 'Bursa', 200, 40, 240, 2)`)
	db.Exec(t, `INSERT INTO sale_lines (sale_id, line_no, name, quantity, unit, unit_price, vat_rate, net, vat)
		VALUES (1, 2, 'Sehpa', 1, 'C62', 100, 20, 100, 20), (1, 1, 'Ampul', 2, 'adet', 50, 20, 100, 20)`)
	return db, open(t, db, cfg)
}

func TestReference(t *testing.T) {
	t.Parallel()
	db, src := referenceERP(t)
	checkFindings(t, src)
	loaded, err := src.Load(t.Context(), "sale", collect(t, src, "sale"))
	if err != nil || len(loaded) != 1 || len(loaded[0].Faults) > 0 {
		t.Fatalf("loaded %+v, error %v", loaded, err)
	}
	s := loaded[0].Sale
	if s.Key != "1" || s.ExpectedLines != 2 || len(s.Lines) != 2 || s.Lines[0].Name != "Ampul" || s.Lines[0].Unit != "C62" || !s.Gross.Decimal.Equal(decimal.NewFromInt(240)) || s.Deleted {
		t.Errorf("sale = %+v", s)
	}
	writeTwice(t, db, src, "sale", "1", "SELECT einvoice_state, einvoice_status, einvoice_no, ettn, einvoice_message, einvoice_updated_at FROM sales")
	after, err := src.Load(t.Context(), "sale", []string{"1"})
	if err != nil || after[0].Sale.Hash != s.Hash {
		t.Errorf("our own write-back changed the content hash (%v)", err)
	}
	db.Exec(t, "UPDATE sale_lines SET quantity = 3 WHERE line_no = 1")
	if after, err = src.Load(t.Context(), "sale", []string{"1"}); err != nil || after[0].Sale.Hash == s.Hash {
		t.Errorf("an edited line did not change the content hash (%v)", err)
	}
	db.Exec(t, "DELETE FROM sales")
	if after, err = src.Load(t.Context(), "sale", []string{"1"}); err != nil || !after[0].Missing {
		t.Errorf("a deleted sale is not missing (%v)", err)
	}
}

// incoming is a made-up received invoice.
func incoming() Received {
	d := decimal.RequireFromString
	vat := invoice.TaxSubtotal{Code: "0015", Name: "KDV", Taxable: d("100"), Rate: d("20"), Amount: d("20")}
	return Received{
		Company: "acme", ETTN: ettn, Number: "ABC2026000000123", State: "stored", StateText: "Geldi", ArrivedAt: time.Date(2026, 9, 3, 9, 0, 0, 0, time.UTC),
		Invoice: invoice.Invoice{
			Scenario: "TICARIFATURA", Type: "SATIS", IssueDate: invoice.Date{Year: 2026, Month: 9, Day: 3}, IssueTime: "11:20:00", Currency: "TRY",
			Seller: invoice.Party{TaxNo: "7473004654", Name: "Örnek Çay A.Ş.", TaxOffice: "Rize"},
			Lines: []invoice.Line{
				{ID: "1", Name: "Çay", Quantity: d("4"), Unit: "KGM", UnitPrice: d("25"), Net: d("100"), Taxes: []invoice.TaxSubtotal{vat}},
				{ID: "2", Name: "Numune", Quantity: d("1"), Unit: "C62"},
			},
			Taxes: []invoice.TaxSubtotal{vat}, Withholding: []invoice.TaxSubtotal{{Code: "624", Name: "Yük taşımacılığı", Taxable: d("20"), Rate: d("20"), Amount: d("4")}},
			Totals: invoice.Totals{LineExtension: d("100"), TaxExclusive: d("100"), TaxInclusive: d("120"), VAT: d("20"), Withheld: d("4"), Payable: d("116")},
			Notes:  []string{"bir", "iki"},
		},
		Files: []File{{Format: "ubl", Name: ettn.String() + ".xml", Bytes: []byte("<Invoice/>"), Size: 10, Hash: strings.Repeat("0", 64)}},
	}
}

func TestWriteReceivedTwice(t *testing.T) {
	t.Parallel()
	db, src := referenceERP(t)
	read := func() map[string][][]string {
		return map[string][][]string{
			"head":  rowsOf(t, db, "SELECT ettn, fatura_no, gonderen_vkn, gonderen_unvan, fatura_tarihi, kdv, tevkifat, odenecek, fatura_notu, satir_sayisi, durum, gelis_tarihi FROM efatura_gelen"),
			"lines": rowsOf(t, db, "SELECT sira, ad, miktar, birim, tutar, kdv_orani, kdv FROM efatura_gelen_satir ORDER BY sira"),
			"taxes": rowsOf(t, db, "SELECT sira, tevkifat, vergi_kodu, tutar FROM efatura_gelen_vergi ORDER BY sira"),
			"files": rowsOf(t, db, "SELECT bicim, ad, boyut, icerik FROM efatura_gelen_dosya"),
		}
	}
	write := func(r Received) error {
		errs, err := src.WriteReceived(t.Context(), []Received{r})
		return errors.Join(err, errors.Join(errs...))
	}
	r := incoming()
	if err := write(r); err != nil {
		t.Fatal(err)
	}
	once := read()
	want := map[string][][]string{
		"head":  {{ettn.String(), "ABC2026000000123", "7473004654", "Örnek Çay A.Ş.", "2026-09-03 00:00:00", "20.00", "4.00", "116.00", "bir\niki", "2", "Geldi", "2026-09-03 12:00:00"}},
		"lines": {{"1", "Çay", "4.00000000", "KGM", "100.00", "20.00", "20.00"}, {"2", "Numune", "1.00000000", "C62", "0.00", "", ""}},
		"taxes": {{"1", "0", "0015", "20.00"}, {"2", "1", "624", "4.00"}},
		"files": {{"ubl", ettn.String() + ".xml", "10", "<Invoice/>"}},
	}
	if diff := cmp.Diff(want, once); diff != "" {
		t.Error(diff)
	}
	if err := write(r); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(once, read()); diff != "" {
		t.Errorf("the second write changed something: %s", diff)
	}
	unread := Received{ETTN: ettn, Number: "X", State: "stored", StateText: "Okunamadı", Message: "UBL okunamadı."}
	unread.ETTN[0]++
	if err := write(unread); err != nil {
		t.Errorf("an invoice that could not be read: %v", err)
	}
}

func TestRequestsAnswersHeartbeat(t *testing.T) {
	t.Parallel()
	db, src := referenceERP(t)
	db.Exec(t, "INSERT INTO efatura_istek (sale_id, islem, sebep, kim) VALUES (1, 'resync', 'adres düzeltildi', 'ayşe')")
	db.Exec(t, "INSERT INTO efatura_yanit (ettn, yanit, sebep) VALUES (?, 'reject', 'mal gelmedi'), ('bozuk', 'accept', NULL)", ettn.String())
	requests, err := src.Requests(t.Context())
	if diff := cmp.Diff([]Request{{ID: "1", Action: "resync", Space: "sale", Key: "1", Reason: "adres düzeltildi", By: "ayşe"}}, requests); diff != "" || err != nil {
		t.Errorf("%v %s", err, diff)
	}
	answers, err := src.Answers(t.Context())
	if diff := cmp.Diff([]Answer{{ID: "1", ETTN: ettn, Reason: "mal gelmedi"}, {ID: "2", Accept: true, Problem: `ETTN "bozuk"`}}, answers); diff != "" || err != nil {
		t.Errorf("%v %s", err, diff)
	}
	at := time.Date(2026, 9, 1, 9, 0, 0, 0, time.UTC)
	for range 2 {
		if err := src.FinishRequest(t.Context(), Done{ID: "1", OK: true, Message: "yapıldı", At: at}); err != nil {
			t.Fatal(err)
		}
		if err := src.FinishAnswer(t.Context(), Done{ID: "1", OK: false, Message: "süresi geçti", At: at}); err != nil {
			t.Fatal(err)
		}
		if err := src.Heartbeat(t.Context(), Heartbeat{Company: "acme", Version: "1", At: at, Waiting: 3}); err != nil {
			t.Fatal(err)
		}
	}
	if left, err := src.Requests(t.Context()); err != nil || len(left) != 0 {
		t.Errorf("left: %v, %v", left, err)
	}
	if got := rowsOf(t, db, "SELECT sirket, bekleyen, son_gorulme FROM efatura_servis"); len(got) != 1 || got[0][2] != "2026-09-01 12:00:00" {
		t.Errorf("heartbeat = %v", got)
	}
}

// TestCheckNamesWhatIsWrong: each mistake in a source is named with its place and the nearest right name; nothing is
// changed in the ERP.
func TestCheckNamesWhatIsWrong(t *testing.T) {
	t.Parallel()
	_, good := referenceERP(t)
	for _, c := range []struct {
		name   string
		change func(*Config)
		want   []string
	}{
		{"misspelt column", func(c *Config) {
			c.Documents[0].Header = strings.Replace(c.Documents[0].Header, "s.buyer_name,", "s.buyer_nmae,", 1)
		}, []string{"reference.toml:", "document[sale].header: there is no column buyer_nmae (did you mean buyer_name?)"}},
		{"misspelt alias", func(c *Config) {
			c.Documents[0].Lines = strings.Replace(c.Documents[0].Lines, "l.quantity,", "l.quantity AS qantity,", 1)
		}, []string{"the query returns qantity, which the contract does not know (did you mean quantity?)", "does not return quantity, which is required"}},
		{"misspelt table", func(c *Config) {
			c.Documents[0].Pending = strings.Replace(c.Documents[0].Pending, "{p}sales", "{p}salse", 1)
		}, []string{"document[sale].pending: there is no table"}},
		{"wrong type", func(c *Config) {
			c.Documents[0].Header = strings.Replace(c.Documents[0].Header, "s.gross,", "s.issue_date AS gross,", 1)
		}, []string{"gross must be a money, but the column's type is DATE"}},
		{"no privilege", func(c *Config) { c.Requests = "SELECT user AS request_id, host AS action FROM mysql.user" }, []string{"requests: there is no table user, or this user may not see it"}},
		{"syntax", func(c *Config) { c.Documents[0].Known = "SELECT id FORM sales" }, []string{"document[sale].known: the database cannot parse"}},
		{"statement", func(c *Config) {
			c.On["status"] = []Statement{{SQL: "UPDATE {p}sales SET einvoice_statsu = :status WHERE id = :id"}}
		}, []string{"on.status[0].sql: there is no column einvoice_statsu (did you mean einvoice_status?)"}},
		{"short column", func(c *Config) {
			c.On["status"] = []Statement{{SQL: "UPDATE {p}sales SET series = :ettn WHERE id = :id"}}
		}, []string{"sales.series holds 3 characters, but :ettn needs 36"}},
		{"required column", func(c *Config) { c.Require["{p}sales"] = []string{"buyer_taxno"} }, []string{"require", "has no column buyer_taxno (did you mean buyer_tax_no?)"}},
		{"zone", func(c *Config) { c.TimeZone = "UTC" }, []string{`time_zone "UTC" is 0`}},
		{"damaged letters", func(c *Config) { c.TurkishSample = "SELECT 'GÃ¼neÅŸ' AS a UNION SELECT 'Iþýltý'" }, []string{"turkish_sample: Turkish letters are damaged in 2 of 2"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			cfg := preset(t, "reference")
			c.change(&cfg)
			src, err := Open(good.db, cfg, good.log)
			if err != nil {
				t.Fatal(err)
			}
			var all strings.Builder
			for _, f := range src.Check(t.Context()) {
				if f.Severity == SeverityError {
					all.WriteString(f.String() + "\n")
				}
			}
			for _, want := range c.want {
				if !strings.Contains(all.String(), want) {
					t.Errorf("%q is not in:\n%s", want, all.String())
				}
			}
			if _, err := src.Load(t.Context(), "sale", []string{"1"}); c.name == "misspelt alias" && err == nil {
				t.Error("Load took a misspelt alias")
			}
		})
	}
}

// TestCheckWarnsOfOldServers: an ERP's server cannot be chosen, so its age is a warning and never an error.
func TestCheckWarnsOfOldServers(t *testing.T) {
	t.Parallel()
	db, good := referenceERP(t)
	for version, want := range map[string]string{
		"5.7.44": "warning: dsn: MySQL 5.7.44 is older than", "5.5.5-10.4.34-MariaDB-log": "warning: dsn: MariaDB 10.4.34 is older than", "8.0.46": "",
	} {
		conn := db.Open(t, db.Claiming(t, db.DSN(), version), mysqlx.Options{TimeZone: good.cfg.Session()})
		src, err := Open(conn, good.cfg, nil)
		if err != nil {
			t.Fatal(err)
		}
		var said string
		for _, f := range src.Check(t.Context()) {
			if f.Severity == SeverityError {
				t.Errorf("%s: %s", version, f)
			}
			if strings.Contains(f.Message, "older") {
				said += f.String()
			}
		}
		if !strings.HasPrefix(said, want) || (want == "") != (said == "") {
			t.Errorf("%s: check says %q, want %q", version, said, want)
		}
	}
}

// TestReferenceCommits: a group of documents is one commit in the ERP, reading is none.
func TestReferenceCommits(t *testing.T) {
	db := dbtest.New(t, dbtest.OwnServer())
	cfg := preset(t, "reference")
	install(t, db, cfg, "reference")
	db.Exec(t, "INSERT INTO sales (issue_date) SELECT '2026-09-02' FROM information_schema.COLUMNS LIMIT 200")
	conn := db.Open(t, db.DSN(), mysqlx.Options{TimeZone: cfg.Session()})
	src, err := Open(conn, cfg, nil)
	if err != nil {
		t.Fatal(err)
	}
	keys := collect(t, src, "sale")
	docs := make([]Projection, len(keys))
	for i, k := range keys {
		docs[i] = accepted("sale", k)
	}
	before := db.Counters(t)
	if _, err := src.Load(t.Context(), "sale", keys); err != nil {
		t.Fatal(err)
	}
	if _, err := src.WriteBack(t.Context(), docs); err != nil {
		t.Fatal(err)
	}
	spent := db.Counters(t).Sub(before)
	if len(keys) != 200 || spent.Commits != 1 || spent.Updates != 200 {
		t.Errorf("%d documents took %+v, want one commit and one UPDATE each", len(keys), spent)
	}
}
