package turkcell_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/shopspring/decimal"

	"faturad/internal/invoice"
	"faturad/providers"
	"faturad/providers/providertest"
	"faturad/providers/turkcell"
)

var update = flag.Bool("update", false, "write the golden files")

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path) // a path of the test's own
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs; run with -update and read the diff. Got:\n%s", name, got)
	}
}

// TestRequests shows what leaves the house: method, path, headers and body. The UBL itself is mapping/ubl's matter.
func TestRequests(t *testing.T) {
	t.Parallel()
	buyer := func(d *providers.Draft) {
		d.Invoice.Buyer.TaxNo, d.Invoice.Buyer.Name = "4812057003", "Alıcı Ticaret Ltd. Şti."
		d.Invoice.Buyer.FirstName, d.Invoice.Buyer.LastName = "", ""
	}
	cases := []struct {
		name   string
		cfg    turkcell.Config
		kind   invoice.Kind
		change func(*providers.Draft)
		update bool
	}{
		{"efatura-ubl", turkcell.Config{}, invoice.EFatura, func(d *providers.Draft) {
			buyer(d)
			d.Route.Alias, d.Route.Prefix = "urn:mail:defaultpk@ornek.example.test", "ABC"
		}, false},
		{"efatura-ubl-draft-first-alias", turkcell.Config{UseFirstAlias: true, XSLTCode: "master"}, invoice.EFatura, func(d *providers.Draft) {
			buyer(d)
			d.Route.Draft = true
		}, false},
		{"efatura-ubl-update", turkcell.Config{}, invoice.EFatura, buyer, true},
		{"earsiv-ubl-mail", turkcell.Config{AllowOldEArsiv: true}, invoice.EArsiv, func(d *providers.Draft) { d.Route.Email = "ayse@example.test" }, false},
		{"earsiv-ubl", turkcell.Config{}, invoice.EArsiv, func(*providers.Draft) {}, false},
		{"efatura-json", turkcell.Config{Format: turkcell.FormatJSON}, invoice.EFatura, func(d *providers.Draft) {
			buyer(d)
			d.Route.Alias, d.Route.Prefix = "urn:mail:defaultpk@ornek.example.test", "ABC"
			withhold(&d.Invoice)
		}, false},
		{"earsiv-json-internet", turkcell.Config{Format: turkcell.FormatJSON}, invoice.EArsiv, func(d *providers.Draft) {
			d.Route.Email = "ayse@example.test"
			internet(&d.Invoice)
		}, false},
		{"earsiv-json-update", turkcell.Config{Format: turkcell.FormatJSON}, invoice.EArsiv, func(d *providers.Draft) {
			d.Invoice.Type, d.Invoice.Returns = "IADE", []invoice.Reference{{Number: "ABC2026000000007", Date: d.IssueDate}}
			d.Invoice.Currency, d.Invoice.Rate = "USD", decimal.RequireFromString("34.567891")
		}, true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var seen bytes.Buffer
			var sent []byte
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				body, err := io.ReadAll(r.Body)
				if err != nil {
					t.Error(err)
				}
				body = bytes.ReplaceAll(body, sent, []byte("<the UBL>"))
				fmt.Fprintf(&seen, "%s %s\n", r.Method, r.URL)
				for _, name := range []string{"Accept", "Content-Type", "User-Agent", "Idempotency-Key", "X-Idempotency-Key", "Expect", "Accept-Encoding"} {
					if v := r.Header.Get(name); v != "" {
						fmt.Fprintf(&seen, "%s: %s\n", name, v)
					}
				}
				fmt.Fprintf(&seen, "X-Api-Key: %d characters\n\n", len(r.Header.Get("X-Api-Key")))
				if c.cfg.Format == turkcell.FormatJSON {
					var indented bytes.Buffer
					if err := json.Indent(&indented, body, "", "  "); err != nil {
						t.Error(err)
					}
					body = append(indented.Bytes(), '\n')
				}
				seen.Write(bytes.ReplaceAll(body, []byte("\r\n"), []byte("\n")))
				w.WriteHeader(http.StatusTeapot)
			}))
			t.Cleanup(server.Close)
			c.cfg.BaseURL = server.URL + "/base"
			p := newProvider(t, c.cfg, nil)
			d := providertest.Sample(c.kind, 1)
			c.change(&d)
			payload, err := p.Prepare(d)
			if err != nil {
				t.Fatal(err)
			}
			if c.cfg.Format == turkcell.FormatJSON {
				sent = []byte("\x00never")
			} else {
				sent = payload.Bytes
			}
			o := providers.Outgoing{Identity: d.Identity, Route: d.Route, Payload: payload}
			send := p.Send
			if c.update {
				send = p.Update
			}
			if _, err := send(context.Background(), o); err == nil {
				t.Error("a teapot took it")
			}
			text := seen.Bytes()
			if c.cfg.Format != turkcell.FormatJSON {
				text = bytes.ReplaceAll(text, []byte(payload.Hash[:48]), []byte("HASH"))
			}
			golden(t, c.name+".golden", text)
		})
	}
}

func withhold(inv *invoice.Invoice) {
	inv.Type = "TEVKIFAT"
	w := invoice.TaxSubtotal{Code: "612", Name: "Temizlik hizmeti", Taxable: inv.Totals.VAT, Rate: decimal.NewFromInt(90), Amount: inv.Totals.VAT.Mul(decimal.New(9, -1)).Round(2)}
	inv.Lines[0].Withholding, inv.Withholding = []invoice.TaxSubtotal{w}, []invoice.TaxSubtotal{w}
	inv.Totals.Withheld = w.Amount
	inv.Totals.Payable = inv.Totals.TaxInclusive.Sub(w.Amount)
	inv.Order = &invoice.Reference{Number: "SIP-1", Date: inv.IssueDate}
	inv.Despatches = []invoice.Reference{{Number: "IRS2026000000007", Date: inv.IssueDate}}
	inv.Payment = &invoice.Payment{MeansCode: "42", DueDate: inv.IssueDate.AddDays(30), IBAN: "TR330006100519786457841326", Currency: "TRY", Note: "30 gün vade"}
}

func internet(inv *invoice.Invoice) {
	l := &inv.Lines[0]
	l.Allowances = []invoice.AllowanceCharge{{Reason: "Kampanya", Rate: invoice.Some(decimal.NewFromInt(10)), Amount: decimal.RequireFromString("20.20"), Base: l.Net}}
	l.Net = l.Net.Sub(l.Allowances[0].Amount)
	l.Taxes[0].Taxable, l.Taxes[0].Amount = l.Net, l.Net.Mul(decimal.New(2, -1)).Round(2)
	inv.Taxes = l.Taxes
	inv.Totals.LineExtension, inv.Totals.TaxExclusive, inv.Totals.VAT = l.Net, l.Net, l.Taxes[0].Amount
	inv.Totals.TaxInclusive = l.Net.Add(inv.Totals.VAT)
	inv.Totals.Payable = inv.Totals.TaxInclusive
	inv.Internet = &invoice.InternetSale{Website: "https://shop.example.test", PaymentMethod: "KREDIKARTI/BANKAKARTI", PaymentDate: inv.IssueDate,
		ShipmentDate: inv.IssueDate, CarrierTaxNo: "1234567890", CarrierName: "Örnek Kargo A.Ş."}
}
