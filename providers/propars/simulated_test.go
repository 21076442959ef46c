package propars_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"faturad/internal/clock"
	"faturad/internal/fault"
	"faturad/internal/invoice"
	"faturad/mapping/ubl"
	"faturad/providers"
	"faturad/providers/propars"
	"faturad/providers/propars/proparssim"
	"faturad/providers/providertest"
	"faturad/providers/simulator"
)

// outgoing prepares a sample and writes its sale.
func outgoing(t *testing.T, p *propars.Provider, d providers.Draft) providers.Outgoing {
	t.Helper()
	payload, err := p.Prepare(d)
	if err != nil {
		t.Fatal(err)
	}
	o := providers.Outgoing{Identity: d.Identity, Route: d.Route, Payload: payload}
	o.Kind = d.Route.Kind
	made, err := p.Ground(t.Context(), providers.GroundSale, o)
	if err != nil {
		t.Fatal(err)
	}
	o.Grounds = map[providers.Ground][]byte{providers.GroundSale: made}
	return o
}

// TestEveryReading sends one invoice under each guess about what Propars answers: the outcome is the same.
func TestEveryReading(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		rules proparssim.Rules
		cfg   propars.Config
	}{
		"as the facts say":       {},
		"answers without fields": {rules: proparssim.Rules{BareAnswers: true}},
		"other names":            {rules: proparssim.Rules{OtherNames: true}},
		"base64":                 {rules: proparssim.Rules{XMLBase64: true}},
		"unsigned is 400":        {rules: proparssim.Rules{UnsignedIs400: true}, cfg: propars.Config{UnsignedStatus: 400}},
		"VAT by rate":            {rules: proparssim.Rules{RoundRates: true}, cfg: propars.Config{Rounding: "rates"}},
		"sales by id":            {cfg: propars.Config{SendBy: "id"}},
		"ids, and none given":    {rules: proparssim.Rules{BareAnswers: true}, cfg: propars.Config{SendBy: "id"}},
		"refuses a second":       {rules: proparssim.Rules{SecondSendRefused: true}},
		"filters by code":        {rules: proparssim.Rules{SaleCodeFilter: true, NoExpiry: true}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sim, url := running(t, proparssim.Options{Rules: c.rules})
			c.cfg.BaseURL = url
			p := newProvider(t, c.cfg, nil)
			d := providertest.Sample(invoice.EArsiv, 1)
			o := outgoing(t, p, d)
			receipt, err := p.Send(t.Context(), o)
			if err != nil || receipt.ETTN != d.ETTN || receipt.Number != "PRA2026000000001" {
				t.Fatalf("%v, %+v", err, receipt)
			}
			again, err := p.Send(t.Context(), o)
			if c.rules.SecondSendRefused && !errors.Is(err, fault.Duplicate) || !c.rules.SecondSendRefused && (err != nil || again.Number != receipt.Number) {
				t.Errorf("the second time: %v, %+v", err, again)
			}
			// A sale that was sent cannot be written again; its invoice is found instead.
			if _, err := p.Ground(t.Context(), providers.GroundSale, o); err != nil {
				t.Errorf("writing a sale that was sent: %v", err)
			}
			found, err := p.Lookup(t.Context(), o.Identity)
			if err != nil || found.Content == nil || !found.Content.Payable.Equal(d.Invoice.Totals.Payable) {
				t.Errorf("%v, %+v", err, found)
			}
			if docs := sim.Documents(); len(docs) != 1 || docs[0].SaleCode != d.LocalReference {
				t.Errorf("documents %+v", docs)
			}
		})
	}
}

// TestOneWriteEach counts what a sale costs, and that no question has a side effect.
func TestOneWriteEach(t *testing.T) {
	t.Parallel()
	sim, url := running(t, proparssim.Options{})
	p := newProvider(t, propars.Config{BaseURL: url}, nil)
	o := outgoing(t, p, providertest.Sample(invoice.EArsiv, 1))
	if _, err := p.Lookup(t.Context(), o.Identity); !errors.Is(err, fault.NotFound) {
		t.Errorf("before: %v", err)
	}
	if _, err := p.Status(t.Context(), o.Identity); !errors.Is(err, fault.NotFound) {
		t.Errorf("before: %v", err)
	}
	if _, err := p.Download(t.Context(), o.Identity, providers.FormatHTML); !errors.Is(err, fault.Retryable) || len(sim.Unsent()) != 0 {
		t.Errorf("the picture of an unsent sale: %v, %d invoices made", err, len(sim.Unsent()))
	}
	if _, err := p.Send(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	if html, err := p.Download(t.Context(), o.Identity, providers.FormatHTML); err != nil || len(html) == 0 {
		t.Errorf("%v, %d bytes", err, len(html))
	}
	count := map[proparssim.Family]int{}
	for _, e := range sim.Log() {
		count[e.Family]++
	}
	if count[proparssim.FamilyToken] != 1 || count[proparssim.FamilySale] != 1 || count[proparssim.FamilySend] != 1 || count[proparssim.FamilyPreview] != 1 {
		t.Errorf("requests %v", count)
	}
}

// TestListIssued: what was sent, made by us or by a person, with what its signed XML says; what was cancelled, as such; and
// nothing that was only written or previewed.
func TestListIssued(t *testing.T) {
	t.Parallel()
	sim, url := running(t, proparssim.Options{})
	p := newProvider(t, propars.Config{BaseURL: url, PageSize: 2}, nil)
	want, sold := map[string]providers.State{}, map[string]string{}
	for n := 1; n <= 7; n++ {
		o := outgoing(t, p, providertest.Sample(invoice.EArsiv, n))
		switch n {
		case 6: // written only
			continue
		case 7: // made, not sent
			o.Route.Draft = true
		}
		receipt, err := p.Send(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		if n == 3 {
			if err := p.Cancel(t.Context(), o.Identity, ""); err != nil {
				t.Fatal(err)
			}
		}
		if n < 6 {
			sold[receipt.Number] = o.LocalReference
			want[receipt.Number] = map[bool]providers.State{true: providers.StateCancelled, false: providers.StateAccepted}[n == 3]
		}
	}
	list := func(from, to time.Time) map[string]providers.State {
		t.Helper()
		got := map[string]providers.State{}
		if err := p.ListIssued(t.Context(), from, to, func(s providers.Status) error {
			if _, twice := got[s.Number]; twice || !s.Amount.Valid || s.Currency != "TRY" || s.ETTN == uuid.Nil || s.Kind != invoice.EArsiv || s.IssueDate.IsZero() ||
				s.LocalReference == "" || s.LocalReference != sold[s.Number] {
				t.Errorf("%+v", s)
			}
			got[s.Number] = s.State
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		return got
	}
	if got := list(time.Time{}, time.Time{}); !maps.Equal(got, want) {
		t.Errorf("listed %v, want %v", got, want)
	}
	day := providertest.Sample(invoice.EArsiv, 1).IssueDate.In(clock.Istanbul)
	if got := list(day, day.AddDate(0, 0, 1)); !maps.Equal(got, want) {
		t.Errorf("of their day: %v, want %v", got, want)
	}
	if got := list(day.AddDate(0, 0, 2), day.AddDate(0, 0, 3)); len(got) != 0 {
		t.Errorf("of another day: %v", got)
	}
	if got := len(sim.Unsent()); got != 1 {
		t.Errorf("%d unsent invoices: listing must make none", got)
	}
	stop := errors.New("enough")
	if err := p.ListIssued(t.Context(), time.Time{}, time.Time{}, func(providers.Status) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("the caller's own error became %v", err)
	}
	if err := sim.SetFault(proparssim.Fault{Kind: simulator.FaultStatus, Family: proparssim.FamilySigned}); err != nil {
		t.Fatal(err)
	}
	if err := p.ListIssued(t.Context(), time.Time{}, time.Time{}, func(providers.Status) error { return nil }); err == nil {
		t.Error("what could not be asked is no list")
	}
}

// TestSignedLater: between sending and the signed XML an answer that names ETTN and number is enough; one that names nothing is not.
func TestSignedLater(t *testing.T) {
	t.Parallel()
	for _, bare := range []bool{false, true} {
		sim, url := running(t, proparssim.Options{Signing: time.Minute, Rules: proparssim.Rules{BareAnswers: bare}})
		p := newProvider(t, propars.Config{BaseURL: url}, nil)
		o := outgoing(t, p, providertest.Sample(invoice.EArsiv, 1))
		receipt, err := p.Send(t.Context(), o)
		if bare && !errors.Is(err, fault.Ambiguous) || !bare && (err != nil || receipt.Number == "") {
			t.Errorf("bare %v: %v, %+v", bare, err, receipt)
		}
		if _, err := p.Lookup(t.Context(), o.Identity); err == nil || errors.Is(err, fault.NotFound) {
			t.Errorf("a look-up while it is being signed: %v", err)
		}
		if s, err := p.Status(t.Context(), o.Identity); err != nil || s.State != providers.StateWorking {
			t.Errorf("%v, %+v", err, s)
		}
		sim.Advance(time.Hour)
		if s, err := p.Status(t.Context(), o.Identity); err != nil || s.State != providers.StateAccepted || s.Number == "" {
			t.Errorf("%v, %+v", err, s)
		}
	}
}

// TestInvoicedByHand: an invoice that somebody made in the panel is never taken for ours, and never doubled.
func TestInvoicedByHand(t *testing.T) {
	t.Parallel()
	sim, url := running(t, proparssim.Options{})
	p := newProvider(t, propars.Config{BaseURL: url}, nil)
	d := providertest.Sample(invoice.EArsiv, 1)
	o := outgoing(t, p, d)
	byHand := o
	byHand.ETTN = providertest.Sample(invoice.EArsiv, 2).ETTN
	if _, err := p.Send(t.Context(), byHand); err != nil {
		t.Fatal(err)
	}
	receipt, err := p.Send(t.Context(), o)
	if err != nil || receipt.ETTN != byHand.ETTN || len(sim.Documents()) != 1 {
		t.Errorf("%v, %+v, %d documents", err, receipt, len(sim.Documents()))
	}
	_, err = p.Lookup(t.Context(), o.Identity)
	if e, ok := errors.AsType[*fault.Error](err); !ok || e.Class != fault.Ambiguous || e.Existing != byHand.ETTN.String() || e.Advice == "" {
		t.Errorf("look-up: %v", err)
	}
}

// TestTotalIsComparedBeforeSending: a sale that Propars adds up otherwise is refused while it has no legal effect.
func TestTotalIsComparedBeforeSending(t *testing.T) {
	t.Parallel()
	sim, url := running(t, proparssim.Options{})
	p := newProvider(t, propars.Config{BaseURL: url, LineFields: map[string]string{"price": "price"}, TotalField: "id"}, nil) // its id is surely another number
	d := providertest.Sample(invoice.EArsiv, 1)
	payload, err := p.Prepare(d)
	if err != nil {
		t.Fatal(err)
	}
	_, err = p.Ground(t.Context(), providers.GroundSale, providers.Outgoing{Identity: d.Identity, Route: d.Route, Payload: payload})
	if e, ok := errors.AsType[*fault.Error](err); !ok || e.Class != fault.Permanent || e.Code != "propars.total" || len(sim.Documents()) != 0 {
		t.Errorf("%v", err)
	}
}

// TestCancel: by code, by the sale's id where the code is not known, and only where Propars allows it.
func TestCancel(t *testing.T) {
	t.Parallel()
	sim, url := running(t, proparssim.Options{Report: time.Hour})
	p := newProvider(t, propars.Config{BaseURL: url}, nil)
	send := func(kind invoice.Kind, n int) providers.Outgoing {
		d := providertest.Sample(kind, n)
		if kind == invoice.EFatura {
			d.Invoice.Buyer = invoice.Party{TaxNo: buyer, Name: "Alıcı Ticaret Ltd. Şti.", TaxOffice: "Üsküdar", Address: d.Invoice.Buyer.Address}
		}
		o := outgoing(t, p, d)
		if _, err := p.Send(t.Context(), o); err != nil {
			t.Fatal(err)
		}
		return o
	}
	fresh, late, eFatura := send(invoice.EArsiv, 1), send(invoice.EArsiv, 2), send(invoice.EFatura, 3)
	if err := p.Cancel(t.Context(), fresh.Identity, "deneme"); err != nil {
		t.Error(err)
	}
	// The answer is lost: made again, the refusal is looked behind.
	lost := send(invoice.EArsiv, 4)
	if err := sim.SetFault(proparssim.Fault{Kind: simulator.FaultAnswerLost, Family: proparssim.FamilyCancel, Times: 1}); err != nil {
		t.Fatal(err)
	}
	if err := p.Cancel(t.Context(), lost.Identity, "deneme"); !errors.Is(err, fault.Ambiguous) {
		t.Errorf("class %q: %v", fault.ClassOf(err), err)
	}
	if err := p.Cancel(t.Context(), lost.Identity, "deneme"); err != nil {
		t.Errorf("made again: %v", err)
	}
	sim.Advance(2 * time.Hour)
	for name, o := range map[string]providers.Outgoing{"reported": late, "e-Fatura": eFatura} {
		if err := p.Cancel(t.Context(), o.Identity, "deneme"); !errors.Is(err, fault.Permanent) {
			t.Errorf("%s: %v", name, err)
		}
	}
	status := map[string]int{}
	for _, d := range sim.Documents() {
		status[d.Status]++
	}
	if status["cancelled"] != 2 || status["sent"] != 2 {
		t.Errorf("documents %v", status)
	}
}

// TestByNumber: an invoice is found, sent and cancelled by Propars' own numbers where its sale's code is not known.
func TestByNumber(t *testing.T) {
	t.Parallel()
	sim, url := running(t, proparssim.Options{})
	p := newProvider(t, propars.Config{BaseURL: url, SendBy: "id"}, nil)
	if err := p.Check(t.Context()); err != nil {
		t.Error(err)
	}
	d := providertest.Sample(invoice.EArsiv, 1)
	d.Invoice.Buyer.Phone, d.Invoice.Buyer.Fax = "+902120000000", "+902120000001"
	d.Route.Draft = true
	o := outgoing(t, p, d)
	if _, err := p.Send(t.Context(), o); err != nil || len(sim.Unsent()) != 1 {
		t.Fatalf("%v, %v", err, sim.Unsent())
	}
	o.Route.Draft = false
	sent, err := p.Send(t.Context(), o)
	if err != nil || sent.ID == "" {
		t.Fatalf("%v, %+v", err, sent)
	}
	byNumber := providers.Identity{ETTN: d.ETTN, ID: sent.ID, Kind: d.Kind}
	if found, err := p.Lookup(t.Context(), byNumber); err != nil || found.Status.Number != sent.Number {
		t.Errorf("%v, %+v", err, found)
	}
	if again, err := p.Release(t.Context(), byNumber); err != nil || again.Number != sent.Number {
		t.Errorf("%v, %+v", err, again)
	}
	if err := sim.SetFault(proparssim.Fault{Kind: simulator.FaultStatus, Family: proparssim.FamilyCancel, Status: 404, Body: `{"detail":"Bulunamadı."}`, Times: 1}); err != nil {
		t.Fatal(err)
	}
	if err := p.Cancel(t.Context(), o.Identity, "deneme"); err != nil {
		t.Error(err)
	}
	if docs := sim.Documents(); len(docs) != 1 || docs[0].Status != "cancelled" {
		t.Errorf("documents %+v", docs)
	}
}

// TestInbox: a window of days, newest first, each invoice's UBL byte for byte, and nothing but questions.
func TestInbox(t *testing.T) {
	t.Parallel()
	sim, url := running(t, proparssim.Options{})
	sim.GenerateIncoming(23, 1)
	p := newProvider(t, propars.Config{BaseURL: url}, nil)
	got := map[string]string{}
	for page, more := 1, true; more; page++ {
		list, err := p.List(t.Context(), providers.InboxQuery{From: today.AddDate(0, 0, -7), To: today, Page: page, Size: 5})
		if err != nil {
			t.Fatal(err)
		}
		for _, item := range list.Items {
			raw, err := p.Fetch(t.Context(), item.ETTN)
			if err != nil {
				t.Fatal(err)
			}
			sum := sha256.Sum256(raw)
			got[item.ETTN.String()] = hex.EncodeToString(sum[:])
			if doc, err := ubl.Parse(raw); err != nil || doc.Number != item.Number {
				t.Errorf("%v, %s", err, item.Number)
			}
		}
		more = list.More
	}
	for _, in := range sim.Incoming() {
		if got[in.ETTN.String()] != in.SHA256 {
			t.Errorf("%s: %q", in.Number, got[in.ETTN.String()])
		}
	}
	if len(got) != 23 {
		t.Errorf("%d invoices", len(got))
	}
	// Without a listing before, the number is looked for; a window that lies later ends the paging at its first page.
	fresh := newProvider(t, propars.Config{BaseURL: url}, nil)
	if _, err := fresh.Fetch(context.Background(), sim.Incoming()[3].ETTN); err != nil {
		t.Error(err)
	}
	later, err := p.List(t.Context(), providers.InboxQuery{From: today.AddDate(0, 1, 0), Page: 1, Size: 5})
	if err != nil || later.More || len(later.Items) != 0 {
		t.Errorf("%v, %+v", err, later)
	}
}

// TestDraft: the preview makes an invoice under our ETTN once; releasing sends it.
func TestDraft(t *testing.T) {
	t.Parallel()
	for _, json := range []bool{false, true} {
		sim, url := running(t, proparssim.Options{Rules: proparssim.Rules{HTMLInJSON: json}})
		p := newProvider(t, propars.Config{BaseURL: url}, nil)
		d := providertest.Sample(invoice.EArsiv, 1)
		d.Route.Draft = true
		o := outgoing(t, p, d)
		if receipt, err := p.Send(t.Context(), o); err != nil || !receipt.Draft || len(sim.Unsent()) != 1 || sim.Unsent()[0].ETTN != d.ETTN {
			t.Fatalf("%v, %+v, %v", err, receipt, sim.Unsent())
		}
		if json { // somebody cancels it in the panel before it is released
			if err := p.Cancel(t.Context(), o.Identity, "deneme"); err != nil {
				t.Fatal(err)
			}
		}
		if receipt, err := p.Release(t.Context(), o.Identity); err != nil || receipt.ETTN != d.ETTN || receipt.Number == "" || len(sim.Unsent()) != 0 {
			t.Errorf("%v, %+v", err, receipt)
		}
	}
}

// TestRefusals: what Propars has no known field for is refused with its reason, before anything is sent.
func TestRefusals(t *testing.T) {
	t.Parallel()
	p := newProvider(t, propars.Config{BaseURL: "http://127.0.0.1:1"}, nil)
	for name, damage := range map[string]func(*providers.Draft){
		"withholding": func(d *providers.Draft) { d.Invoice.Withholding = d.Invoice.Taxes },
		"type":        func(d *providers.Draft) { d.Invoice.Type = "IADE" },
		"scenario":    func(d *providers.Draft) { d.Invoice.Scenario = "KAMU" },
		"currency":    func(d *providers.Draft) { d.Invoice.Currency = "USD" },
		"exemption":   func(d *providers.Draft) { d.Invoice.Lines[0].Taxes[0].Exemption.Code = "301" },
		"abroad":      func(d *providers.Draft) { d.Invoice.Buyer.Address.Country = "DE" },
		"prefix":      func(d *providers.Draft) { d.Route.Prefix = "ABC" },
		"other totals": func(d *providers.Draft) {
			d.Invoice.Totals.Payable = d.Invoice.Totals.Payable.Add(d.Invoice.Totals.VAT)
		},
		"receipt": func(d *providers.Draft) { d.Route.Kind = invoice.EMM },
	} {
		d := providertest.Sample(invoice.EArsiv, 1)
		damage(&d)
		_, err := p.Prepare(d)
		if e, ok := errors.AsType[*fault.Error](err); !ok || e.Class != fault.Permanent || e.Message == "" || e.Advice == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestConfig: every mistake at once, and no secret among the words.
func TestConfig(t *testing.T) {
	t.Parallel()
	_, err := propars.New(propars.Config{BaseURL: "http://example.test", Password: "gizli-parola", SendBy: "x", LineFields: map[string]string{"colour": "c"}, UnsignedStatus: 500}, nil, nil)
	text := fmt.Sprint(err)
	for _, want := range []string{"https", "username", "send_by", "line_fields", "unsigned_status"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q does not name %s", text, want)
		}
	}
	if strings.Contains(text, "gizli") {
		t.Error("the password is in the error")
	}
}
