package erp

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"faturad/internal/invoice"
)

// source is a made-up source whose rows are given in memory.
func source(t testing.TB, change func(*Config)) (*reader, *document) {
	t.Helper()
	cfg := Config{ID: "erp1", Start: start, Documents: []Document{{
		Name: "sale", Key: []string{"id:int"}, Pending: "SELECT id FROM s",
		Header: "SELECT id FROM s WHERE id IN (:keys)", Lines: "SELECT id FROM l WHERE id IN (:keys)",
	}}}
	if change != nil {
		change(&cfg)
	}
	for _, p := range cfg.Check() {
		t.Fatalf("%s", p)
	}
	r, err := newReader(cfg)
	if err != nil {
		t.Fatal(err)
	}
	d, err := compileDocument(cfg, cfg.Documents[0])
	if err != nil {
		t.Fatal(err)
	}
	return r, d
}

// rowOf makes a row of alternating names and values; strings come as the driver gives them.
func rowOf(pairs ...any) row {
	in := row{"id": {v: int64(1)}}
	for i := 0; i < len(pairs); i += 2 {
		v, dbType := pairs[i+1], ""
		if s, ok := v.(string); ok {
			v, dbType = []byte(s), "VARCHAR"
		}
		in[fmt.Sprint(pairs[i])] = cell{v, dbType}
	}
	return in
}

func TestBuild(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		change func(*Config)
		header row
		lines  []row
		want   map[string]string // see show
		faults []string
	}{
		{
			name:   "floats lose their binary dust, and scales are kept",
			change: func(c *Config) { c.Money.Scale = map[string]int{"net": 2, "line.net": 3} },
			header: rowOf("gross", 22306.920000000002, "net", 10.005),
			lines:  []row{rowOf("net", 1.23456, "unit_price", 0.1+0.2)},
			want:   map[string]string{"gross": "22306.92", "net": "10.01", "line.net": "1.235", "line.unit_price": "0.3"},
		},
		{
			name: "a return turns its signs, and lines may oppose the header",
			change: func(c *Config) {
				c.Map = map[string]map[string]string{"invoice_type": {"11": "IADE", "*": "SATIS"}}
				c.Money.Sign = map[string]SignRule{"IADE": {Header: "abs", Lines: "keep", Quantity: "negate"}}
			},
			header: rowOf("invoice_type", int64(11), "gross", -120.0),
			lines:  []row{rowOf("quantity", -2.0, "unit_price", 50.0, "net", 100.0)},
			want:   map[string]string{"type": "IADE", "gross": "120", "line.quantity": "2", "line.unit_price": "50", "line.net": "100"},
		},
		{
			name:   "amounts in another currency are multiplied and rounded",
			header: rowOf("amount_factor", "0.0236", "gross", "1000.00"),
			lines:  []row{rowOf("net", "333.33", "unit_price", "333.33", "amount_factor", "2")},
			want:   map[string]string{"gross": "23.6", "line.net": "666.66", "line.unit_price": "666.66"},
		},
		{
			name: "foreign per base is turned round",
			change: func(c *Config) {
				scale := 4
				c.Money.RateDirection, c.Money.RateScale = "foreign_per_base", &scale
			},
			header: rowOf("currency", "USD", "exchange_rate", 0.023600),
			want:   map[string]string{"currency": "USD", "rate": "42.3729"},
		},
		{name: "a rate of zero is none", header: rowOf("exchange_rate", 0.0), want: map[string]string{}},
		{
			name:   "fractions",
			change: func(c *Config) { c.Money.VATUnit, c.Money.DiscountUnit = "fraction", "fraction" },
			lines:  []row{rowOf("vat_rate", 0.2, "discount_rate", 0.125)},
			want:   map[string]string{"line.vat_rate": "20", "line.discount_rate": "12.5"},
		},
		{
			name:   "percents snap within the tolerance only",
			change: func(c *Config) { c.Money.VATTolerance = "0.5" },
			lines:  []row{rowOf("vat_rate", 19.9999)},
			want:   map[string]string{"line.vat_rate": "20"},
		},
		{
			name:   "a ratio finds the legal rate",
			change: func(c *Config) { c.Money.VATUnit = "ratio" },
			lines:  []row{rowOf("net", "1.72", "vat", "0.34")},
			want:   map[string]string{"line.net": "1.72", "line.vat": "0.34", "line.vat_rate": "20"},
		},
		{
			name:   "a ratio far from every rate finds none",
			change: func(c *Config) { c.Money.VATUnit = "ratio" },
			lines:  []row{rowOf("net", "100", "vat", "18")},
			want:   map[string]string{"line.net": "100", "line.vat": "18"},
		},
		{
			name:   "a free line has the fallback rate",
			change: func(c *Config) { c.Money.VATUnit, c.Money.VATFallback = "ratio", "10" },
			lines:  []row{rowOf("net", "0", "vat", "0")},
			want:   map[string]string{"line.net": "0", "line.vat": "0", "line.vat_rate": "10"},
		},
		{
			name:  "discount per unit",
			lines: []row{rowOf("quantity", "3", "discount_per_unit", "1.25")},
			want:  map[string]string{"line.quantity": "3", "line.discount": "3.75"},
		},
		{
			name: "percent or money by a flag",
			change: func(c *Config) {
				c.Map = map[string]map[string]string{"discount_kind": {"0": "percent", "1": "money"}}
			},
			lines: []row{rowOf("quantity", "2", "discount_value", "10", "discount_kind", int64(1))},
			want:  map[string]string{"line.quantity": "2", "line.discount": "10"},
		},
		{
			name: "the price basis by a column",
			change: func(c *Config) {
				c.Map = map[string]map[string]string{"price_basis": {"1": "gross", "0": "net"}}
			},
			header: rowOf("price_basis", int64(1)),
			lines:  []row{rowOf("price_basis", int64(0))},
			want:   map[string]string{"basis": "gross", "line.basis": "net"},
		},
		{
			name:   "UTC moves the day, even over the month",
			change: func(c *Config) { c.Zones = map[string]string{"issue_date": "UTC"} },
			header: rowOf("issue_date", "2026-09-30 22:30:00"),
			want:   map[string]string{"date": "2026-10-01", "time": "01:30:00"},
		},
		{
			name:   "date and time columns",
			header: rowOf("issue_date", "2026-09-01", "issue_time", "7:05"),
			want:   map[string]string{"date": "2026-09-01", "time": "07:05:00"},
		},
		{name: "a zero date is none", header: rowOf("issue_date", "0000-00-00"), want: map[string]string{}},
		{
			name:   "unless it is a fault",
			change: func(c *Config) { c.ZeroDate = "fault" },
			header: rowOf("issue_date", "0000-00-00"), want: map[string]string{}, faults: []string{"erp.value.date issue_date"},
		},
		{
			name: "tax office and number out of one field",
			change: func(c *Config) {
				c.Text.Extract = []Extract{{From: []string{"tax_id"}, Patterns: []string{`^(?P<buyer_tax_office>.*?) V\.D\. (?P<buyer_tax_no>.*)$`}, Otherwise: "buyer_tax_no"}}
				c.Text.Replace = []Replace{{In: []string{"buyer_tax_no"}, Pattern: `\D`}}
			},
			header: rowOf("tax_id", "Kadıköy V.D. 363 557 8219"),
			want:   map[string]string{"tax_no": "3635578219", "tax_office": "Kadıköy"},
		},
		{
			name:   "the first that is not empty",
			change: func(c *Config) { c.Text.First = map[string][]string{"buyer_tax_no": {"a", "b", "c"}} },
			header: rowOf("a", nil, "b", " ", "c", "3635578219"),
			want:   map[string]string{"tax_no": "3635578219"},
		},
		{
			name: "a walk-in customer is the configured party",
			change: func(c *Config) {
				c.Documents[0].Default = map[string]string{"buyer_name": "Nihai Tüketici", "buyer_tax_no": "11111111111"}
			},
			header: rowOf("buyer_name", nil, "buyer_tax_no", ""),
			want:   map[string]string{"name": "Nihai Tüketici", "tax_no": "11111111111"},
		},
		{
			name:   "values are compared byte by byte",
			change: func(c *Config) { c.Map = map[string]map[string]string{"unit": {"adet": "C62", "": "C62"}} },
			lines:  []row{rowOf("unit", " adet "), rowOf("unit", nil), rowOf("unit", "ADET")},
			want:   map[string]string{"line.unit": "C62 C62"}, faults: []string{"erp.map.unit lines[3].unit"},
		},
		{
			name:   "unreadable values are faults, each at its place",
			header: rowOf("gross", "çok", "issue_date", "dün", "draft", "belki", "buyer_name", "GÃ¼neÅŸ"),
			lines:  []row{rowOf("quantity", "1"), rowOf("quantity", "iki")},
			want:   map[string]string{"line.quantity": "1", "name": "GÃ¼neÅŸ"},
			faults: []string{"erp.value.bool draft", "erp.value.date issue_date", "erp.text.damaged buyer_name", "erp.value.number gross", "erp.value.number lines[2].quantity"},
		},
		{
			name:   "long texts are cut to characters",
			change: func(c *Config) { c.Text.MaxLength = map[string]int{"buyer_name": 5} },
			header: rowOf("buyer_name", "Şişli Ltd."), want: map[string]string{"name": "Şişli"},
		},
		{
			name:   "a BLOB has the charset that the source names",
			change: func(c *Config) { c.Text.Charset = map[string]string{"note": "windows-1254"} },
			header: row{"id": {v: int64(1)}, "note": {[]byte("\xfeimdi"), "BLOB"}}, want: map[string]string{"note": "şimdi"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r, d := source(t, c.change)
			if c.header == nil {
				c.header = rowOf()
			}
			sale, faults := r.build(d, "1", c.header, c.lines)
			if diff := cmp.Diff(c.want, show(sale)); diff != "" {
				t.Error(diff)
			}
			var got []string
			for _, f := range faults {
				got = append(got, f.Code+" "+f.Field)
				if f.Message.TR == "" || f.Message.EN == "" || f.Advice.TR == "" {
					t.Errorf("%s has no words", f.Code)
				}
			}
			if !slices.Equal(got, c.faults) {
				t.Errorf("faults = %v, want %v", got, c.faults)
			}
		})
	}
}

// show lists what a sale has; lines are joined.
func show(s invoice.Sale) map[string]string {
	out := map[string]string{}
	put := func(name, v string) {
		if v != "" {
			out[name] = strings.TrimSpace(out[name] + " " + v)
		}
	}
	num := func(name string, d invoice.NullDecimal) {
		if d.Valid {
			put(name, d.Decimal.String())
		}
	}
	put("type", s.Type)
	put("date", s.IssueDate.String())
	put("time", s.IssueTime)
	put("currency", s.Currency)
	put("basis", string(s.PriceBasis))
	put("name", s.Buyer.Name)
	put("tax_no", s.Buyer.TaxNo)
	put("tax_office", s.Buyer.TaxOffice)
	put("note", strings.Join(s.Notes, "|"))
	num("rate", s.Rate)
	num("gross", s.Gross)
	num("net", s.Net)
	for _, l := range s.Lines {
		put("line.unit", l.Unit)
		put("line.basis", string(l.PriceBasis))
		num("line.quantity", l.Quantity)
		num("line.unit_price", l.UnitPrice)
		num("line.net", l.Net)
		num("line.vat", l.VAT)
		num("line.vat_rate", l.VATRate)
		num("line.discount", l.Discount)
		num("line.discount_rate", l.DiscountRate)
	}
	return out
}

// TestHash: an edit changes the hash; a change marker, an added empty column and another rule do not.
func TestHash(t *testing.T) {
	t.Parallel()
	r, d := source(t, nil)
	hash := func(r *reader, h row, l ...row) string {
		s, _ := r.build(d, "1", h, l)
		return s.Hash
	}
	base := hash(r, rowOf("buyer_name", "A", "gross", 1.5), rowOf("quantity", "1"))
	same := map[string]string{
		"change marker": hash(r, rowOf("buyer_name", "A", "gross", 1.5, "changed_at", "2026-09-02"), rowOf("quantity", "1")),
		"empty column":  hash(r, rowOf("buyer_name", "A", "gross", 1.5, "note", nil, "sku", ""), rowOf("quantity", "1")),
	}
	ruled, _ := source(t, func(c *Config) {
		c.Text.MaxLength = map[string]int{"buyer_name": 1}
		c.Money.Scale = map[string]int{"gross": 0}
	})
	same["another rule"] = hash(ruled, rowOf("buyer_name", "A", "gross", 1.5), rowOf("quantity", "1"))
	for name, h := range same {
		if h != base {
			t.Errorf("%s changed the hash", name)
		}
	}
	for name, h := range map[string]string{
		"header":    hash(r, rowOf("buyer_name", "B", "gross", 1.5), rowOf("quantity", "1")),
		"line":      hash(r, rowOf("buyer_name", "A", "gross", 1.5), rowOf("quantity", "2")),
		"more line": hash(r, rowOf("buyer_name", "A", "gross", 1.5), rowOf("quantity", "1"), rowOf("quantity", "1")),
	} {
		if h == base {
			t.Errorf("an edited %s did not change the hash", name)
		}
		if SameSale(h, base) {
			t.Errorf("with an edited %s it is called the same sale", name)
		}
	}
	if h := hash(r, rowOf("buyer_name", "A", "gross", 1.5, "buyer_email", "a@example.com"), rowOf("quantity", "1")); h == base || !SameSale(h, base) {
		t.Errorf("a corrected address: %s, before %s", h, base)
	}
}

// A list column becomes documents, a file column bytes that no text rule touches; both are part of the content.
func TestBuildListsAndFiles(t *testing.T) {
	t.Parallel()
	r, d := source(t, func(c *Config) { c.Text.UnescapeHTML = []string{"*"} })
	pdf := "%PDF-\xff\x00&amp;\r\n"
	header := rowOf("return_no", "ABC2026000000001", "return_list", "ABC2026000000002 2026-09-01,\nABC2026000000003 02.09.2026", "order_list", "SIP-1 2026-08-28",
		"despatch_no", "IRS1", "despatch_list", "IRS2 2026-08-31", "file_name", "mesai.pdf")
	header["file_content"] = cell{[]byte(pdf), "BLOB"}
	sale, faults := r.build(d, "1", header, nil)
	if len(faults) > 0 {
		t.Fatal(faults.Sentence("en"))
	}
	day := func(m, d int) invoice.Date { return invoice.Date{Year: 2026, Month: time.Month(m), Day: d} }
	if diff := cmp.Diff([]invoice.Reference{{Number: "ABC2026000000002", Date: day(9, 1)}, {Number: "ABC2026000000003", Date: day(9, 2)}}, sale.MoreReturns); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]invoice.Reference{{Number: "IRS1"}, {Number: "IRS2", Date: day(8, 31)}}, sale.Despatches); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]invoice.File{{Name: "mesai.pdf", Content: []byte(pdf)}}, sale.Files); diff != "" || len(sale.MoreOrders) != 1 {
		t.Error(diff, sale.MoreOrders)
	}
	header["file_content"] = cell{[]byte(pdf + "x"), "BLOB"}
	if changed, _ := r.build(d, "1", header, nil); changed.Hash == sale.Hash {
		t.Error("another file is the same content")
	}
	header["return_list"] = cell{[]byte("ABC2026000000002 dün"), "VARCHAR"}
	if _, faults := r.build(d, "1", header, nil); len(faults) != 1 || faults[0].Code != "erp.value.list" || faults[0].Field != "return_list" {
		t.Errorf("%+v", faults)
	}
}
