package kolaybi_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"faturad/internal/clock"
	"faturad/internal/invoice"
	"faturad/providers"
	"faturad/providers/kolaybi"
	"faturad/providers/kolaybi/kolaybisim"
)

// drafted prepares a sale, makes the records that it stands on, and sends it.
func drafted(t *testing.T, p *kolaybi.Provider, d providers.Draft) providers.Outgoing {
	t.Helper()
	payload, err := p.Prepare(d)
	if err != nil {
		t.Fatal(err)
	}
	o := providers.Outgoing{Identity: d.Identity, Route: d.Route, Payload: payload, Grounds: map[providers.Ground][]byte{}}
	o.Kind = d.Route.Kind
	for _, kind := range p.Grounds() {
		if o.Grounds[kind], err = p.Ground(t.Context(), kind, o); err != nil {
			t.Fatal(err)
		}
	}
	made, err := p.Send(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	o.ID = made.ID
	return o
}

// golden is an invoice of mapping's tests.
func golden(t *testing.T, name string) invoice.Invoice {
	t.Helper()
	text, err := os.ReadFile("../../mapping/testdata/" + name + ".golden.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Invoice invoice.Invoice }
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	return file.Invoice
}

// field finds one value of a draft as the simulator has it: numbers are text where it came as a form.
func field(body map[string]any, path ...string) string {
	for _, step := range path[:len(path)-1] {
		body, _ = body[step].(map[string]any)
	}
	return fmt.Sprint(body[path[len(path)-1]])
}

// TestRareFields: what only some accounts and sales have arrives in the draft as well, in both encodings.
func TestRareFields(t *testing.T) {
	t.Parallel()
	day := invoice.Date{Year: 2026, Month: 3, Day: 1}
	internet := func(t *testing.T) providers.Draft {
		t.Helper()
		d := sample(1)
		d.Route.Email = "fatura@example.test"
		d.Invoice.Buyer.Phone, d.Invoice.Buyer.Website = "+902120000000", "https://ayse.example.test"
		d.Invoice.Buyer.Address.BuildingNo, d.Invoice.Buyer.Address.DoorNo, d.Invoice.Buyer.Address.PostCode = "12", "4", "34674"
		d.Invoice.Internet = &invoice.InternetSale{Website: "https://shop.example.test", PaymentMethod: "ODEMEARACISI", PaymentAgent: "Örnek Ödeme", PaymentDate: day,
			ShipmentDate: day, CarrierTaxNo: "10000000146", CarrierName: "Mehmet Kurye"}
		d.Invoice.Totals.Payable = d.Invoice.Totals.Payable.Add(decimal.New(3, -2))
		return d
	}
	export := func(t *testing.T) providers.Draft {
		t.Helper()
		d := sample(2)
		d.Kind, d.Route.Kind, d.Invoice = invoice.EFatura, invoice.EFatura, golden(t, "kind_ihracat_istisna")
		d.IssueDate = d.Invoice.IssueDate
		for i := range d.Invoice.Lines {
			d.Invoice.Lines[i].Delivery.Package.ID, d.Invoice.Lines[i].Delivery.Terms = "KAP-7", "FOB"
		}
		freight, insurance := decimal.NewFromInt(40), decimal.NewFromInt(5)
		d.Invoice.Allowances = append(d.Invoice.Allowances, invoice.AllowanceCharge{Charge: true, Reason: "Navlun", Amount: freight},
			invoice.AllowanceCharge{Charge: true, Reason: "Sigorta", Amount: insurance})
		d.Invoice.Totals.Payable = d.Invoice.Totals.Payable.Add(freight).Add(insurance)
		return d
	}
	for name, c := range map[string]struct {
		cfg   kolaybi.Config
		draft func(*testing.T) providers.Draft
		want  map[string]string // by path
	}{
		"internet": {kolaybi.Config{Tags: []int64{12, 15}, ShipmentInclude: true, ProjectID: 4}, internet, map[string]string{
			"receiver_email": "fatura@example.test", "subtotal_correction_amount": "0.03", "tags/1": "15", "shipment_include": "true", "project_id": "4",
			"internet_sale/payment_platform": "Örnek Ödeme", "internet_sale_shipment/carrier_person": "Mehmet Kurye", "internet_sale_shipment/carrier_date": "2026-03-01",
			"internet_sale_shipment/carrier_company_tax_number": "10000000146"}},
		"export": {kolaybi.Config{LineExemption: "exemption_code"}, export, map[string]string{
			"handling_and_shipping_information/shipping_method_detail": "KAP-7", "handling_and_shipping_information/freight": "40.00",
			"handling_and_shipping_information/insurance_amount": "5.00"}},
	} {
		for _, format := range []kolaybi.Format{kolaybi.FormatForm, kolaybi.FormatJSON} {
			t.Run(name+" "+string(format), func(t *testing.T) {
				t.Parallel()
				sim, url := running(t, kolaybisim.Options{Clock: clock.NewManual(time.Date(2027, 1, 15, 9, 0, 0, 0, time.UTC))})
				cfg := c.cfg
				cfg.BaseURL, cfg.Format = url, format
				p := newProvider(t, cfg, nil)
				d := c.draft(t)
				drafted(t, p, d)
				drafts := sim.Drafts()
				if len(drafts) != 1 || !drafts[0].Payable.Equal(d.Invoice.Totals.Payable) {
					t.Fatalf("drafts %+v, want one of %s", drafts, d.Invoice.Totals.Payable)
				}
				for path, want := range c.want {
					if path == "tags/1" && format == kolaybi.FormatJSON {
						continue // a list there, and no map
					}
					if got := field(drafts[0].Body, strings.Split(path, "/")...); got != want {
						t.Errorf("%s is %s, want %s", path, got, want)
					}
				}
			})
		}
	}
}

// TestListKeys: whatever its rows look like, the list tells which of our keys are official, and on which day.
func TestListKeys(t *testing.T) {
	t.Parallel()
	for name, rules := range map[string]kolaybisim.Rules{"rows": {}, "old rows": {OldRows: true}, "no pagination": {NoPagination: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, url := running(t, kolaybisim.Options{Rules: rules, Instant: true})
			p := newProvider(t, kolaybi.Config{BaseURL: url}, nil)
			draft, issued := drafted(t, p, sample(1)), drafted(t, p, sample(2))
			receipt, err := p.Release(t.Context(), issued.Identity)
			if err != nil {
				t.Fatal(err)
			}
			found := map[uuid.UUID]providers.Keyed{}
			list := func(from, to invoice.Date) {
				t.Helper()
				clear(found)
				if err := p.ListKeys(t.Context(), from, to, func(k providers.Keyed) error { found[k.Key] = k; return nil }); err != nil {
					t.Fatal(err)
				}
			}
			day := issued.IssueDate
			if list(day.AddDays(-3), day.AddDays(3)); len(found) != 2 {
				t.Fatalf("found %+v", found)
			}
			if k := found[draft.ETTN]; k.State != providers.StateDraft || k.ID != draft.ID {
				t.Errorf("the draft is %+v", k)
			}
			if k := found[issued.ETTN]; k.State == providers.StateDraft || k.State == "" || k.ID != issued.ID || k.IssueDate != day || k.Number != receipt.Number {
				t.Errorf("the invoice is %+v", k)
			}
			if list(day.AddDays(1), day.AddDays(3)); len(found) != 0 {
				t.Errorf("later there are %+v", found)
			}
		})
	}
}

// TestLife: a draft becomes official under a series, is downloaded and cancelled; one that failed is sent again; one that
// nobody wants is deleted; and what came in is listed and fetched.
func TestLife(t *testing.T) {
	t.Parallel()
	sim, url := running(t, kolaybisim.Options{})
	p := newProvider(t, kolaybi.Config{BaseURL: url, CancelDates: true}, nil)
	if err := p.Check(t.Context()); err != nil {
		t.Error(err)
	}
	o := drafted(t, p, sample(1))
	o.Series = "KLA"
	if _, err := p.Release(t.Context(), o.Identity); err != nil {
		t.Fatal(err)
	}
	sim.Advance(time.Minute)
	if s, err := p.Status(t.Context(), o.Identity); err != nil || s.State != providers.StateAccepted {
		t.Errorf("%v, %+v", err, s)
	}
	for format, head := range map[providers.FileFormat]string{providers.FormatPDF: "%PDF", providers.FormatUBL: "<"} {
		if file, err := p.Download(t.Context(), o.Identity, format); err != nil || !bytes.HasPrefix(file, []byte(head)) {
			t.Errorf("%s: %v, %.20s", format, err, file)
		}
	}
	if err := p.Cancel(t.Context(), o.Identity, "deneme"); err != nil {
		t.Error(err)
	}
	unwanted := drafted(t, p, sample(2))
	if err := p.Cancel(t.Context(), unwanted.Identity, "deneme"); err != nil || len(sim.Drafts()) != 0 {
		t.Errorf("%v, drafts %+v", err, sim.Drafts())
	}
	d := sample(3)
	sim.SetBuyer(d.Invoice.Buyer.TaxNo, kolaybisim.BuyerFails)
	failed := drafted(t, p, d)
	if _, err := p.Release(t.Context(), failed.Identity); err != nil {
		t.Fatal(err)
	}
	sim.Advance(time.Minute)
	if _, err := p.Release(t.Context(), failed.Identity); err != nil {
		t.Errorf("sent again: %v", err)
	}
	sim.Advance(time.Minute)
	if s, err := p.Status(t.Context(), failed.Identity); err != nil || s.State != providers.StateAccepted {
		t.Errorf("after it was sent again: %v, %+v", err, s)
	}
	status := map[string]int{}
	for _, d := range sim.Documents() {
		status[d.Status]++
	}
	if len(sim.Documents()) != 2 || status["sent"] != 1 {
		t.Errorf("documents %v", status)
	}
	sim.GenerateIncoming(3, 1)
	page, err := p.List(t.Context(), providers.InboxQuery{})
	if err != nil || len(page.Items) != 3 {
		t.Fatalf("%v, %+v", err, page)
	}
	for _, in := range page.Items {
		if file, err := p.Fetch(t.Context(), in.ETTN); err != nil || !bytes.Contains(file, []byte(in.Number)) {
			t.Errorf("%s: %v", in.Number, err)
		}
	}
}

// TestListIssued: what is official, with the key under which it was made, both of two under one key, whatever ends of the time
// are open; what a person made carries none.
func TestListIssued(t *testing.T) {
	t.Parallel()
	sim, url := running(t, kolaybisim.Options{Instant: true})
	p := newProvider(t, kolaybi.Config{BaseURL: url, PerPage: 2}, nil)
	want := map[uuid.UUID]int{}
	day := sample(1).Invoice.IssueDate
	for _, n := range []int{1, 2, 3, 3, 4} {
		d := sample(n)
		if n == 2 {
			d.ETTN = uuid.Nil // no key of ours
		}
		o := drafted(t, p, d)
		if n == 4 {
			continue // a draft
		}
		if _, err := p.Release(t.Context(), o.Identity); err != nil {
			t.Fatal(err)
		}
		want[d.ETTN]++
	}
	if n := len(sim.Documents()); n != 4 {
		t.Fatalf("%d official documents", n)
	}
	begin := day.In(clock.Istanbul)
	for name, window := range map[string][2]time.Time{
		"all": {}, "since": {begin, time.Time{}}, "until": {{}, begin}, "the day": {begin, begin.AddDate(0, 0, 1)}, "days before": {{}, begin.AddDate(0, 0, -2)},
	} {
		got := map[uuid.UUID]int{}
		if err := p.ListIssued(t.Context(), window[0], window[1], func(s providers.Status) error {
			if s.IssueDate != day || s.ETTN == uuid.Nil || s.ETTN == s.Key || !s.Amount.Valid {
				t.Errorf("%s: %+v", name, s)
			}
			got[s.Key]++
			return nil
		}); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if name == "days before" && len(got) == 0 {
			continue
		}
		if name == "days before" || !maps.Equal(got, want) {
			t.Errorf("%s: listed %v, of all %v", name, got, want)
		}
	}
}

// TestContactsAreUpdated: a buyer who has another name, e-mail and phone is one contact still, written over once; what the
// sale does not say stays; without the setting nothing is written over, and placeholders never are.
func TestContactsAreUpdated(t *testing.T) {
	t.Parallel()
	for _, format := range []kolaybi.Format{kolaybi.FormatForm, kolaybi.FormatJSON} {
		for _, on := range []bool{true, false} {
			t.Run(fmt.Sprint(format, " ", on), func(t *testing.T) {
				t.Parallel()
				sim, url := running(t, kolaybisim.Options{})
				p := newProvider(t, kolaybi.Config{BaseURL: url, Format: format, UpdateContacts: on}, nil)
				company := func(n int, name, email, phone, office string) providers.Draft {
					d := sample(n)
					d.Kind, d.Route.Kind = invoice.EFatura, invoice.EFatura
					d.Invoice.Buyer = invoice.Party{TaxNo: buyer, Name: name, Email: email, Phone: phone, TaxOffice: office, Address: d.Invoice.Buyer.Address}
					return d
				}
				updates := func() (n int) {
					for _, e := range sim.Log() {
						if e.Method == "PUT" {
							n++
						}
					}
					return n
				}
				drafted(t, p, company(1, "Işıltı Aydınlatma Ltd.", "eski@example.test", "+902120000000", "Üsküdar"))
				drafted(t, p, company(2, "Işıltı Aydınlatma Ltd.", "yeni@example.test", "", ""))
				drafted(t, p, company(3, "Işıltı Aydınlatma A.Ş.", "yeni@example.test", "", ""))
				drafted(t, p, company(4, "Işıltı Aydınlatma A.Ş.", "yeni@example.test", "+902120000000", "Üsküdar"))
				nobody := func(n int, email string) providers.Draft {
					d := sample(n)
					d.Invoice.Buyer.TaxNo, d.Invoice.Buyer.Email = invoice.FinalConsumer, email
					return d
				}
				drafted(t, p, nobody(5, "bir@example.test"))
				drafted(t, p, nobody(6, "iki@example.test"))
				contacts, wrote := 2, 2
				if !on {
					contacts, wrote = 3, 0
				}
				if sim.Contacts() != contacts || updates() != wrote || len(sim.Drafts()) != 6 {
					t.Errorf("%d contacts, %d updates, %d drafts", sim.Contacts(), updates(), len(sim.Drafts()))
				}
			})
		}
	}
}
