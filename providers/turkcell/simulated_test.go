package turkcell_test

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"faturad/internal/fault"
	"faturad/internal/invoice"
	"faturad/mapping/ubl"
	"faturad/providers"
	"faturad/providers/providertest"
	"faturad/providers/turkcell"
	"faturad/providers/turkcell/turkcellsim"
)

// prepared is a sample on its way.
func prepared(t testing.TB, p *turkcell.Provider, d providers.Draft) providers.Outgoing {
	t.Helper()
	payload, err := p.Prepare(d)
	if err != nil {
		t.Fatal(err)
	}
	return providers.Outgoing{Identity: d.Identity, Route: d.Route, Payload: payload}
}

func sampleEFatura(n, company int) providers.Draft {
	d := providertest.Sample(invoice.EFatura, n)
	d.Invoice.Buyer.TaxNo, d.Invoice.Buyer.Name = turkcellsim.ExampleVKN(company), "Alıcı Ticaret Ltd. Şti."
	d.Invoice.Buyer.FirstName, d.Invoice.Buyer.LastName = "", ""
	d.Route.Alias = turkcellsim.ExampleAlias(company)
	return d
}

// TestNoFaultMakesSendLie puts every fault of the simulator into a create. What Send concludes must be true: "surely not"
// with no document there, success with one; and the look-up afterwards finds exactly what is there.
func TestNoFaultMakesSendLie(t *testing.T) {
	t.Parallel()
	for _, format := range []turkcell.Format{turkcell.FormatUBL, turkcell.FormatJSON} {
		for _, kind := range turkcellsim.FaultKinds() {
			t.Run(string(format)+" "+kind, func(t *testing.T) {
				t.Parallel()
				noFaultMakesSendLie(t, turkcell.Config{Format: format}, invoice.EArsiv, kind)
			})
		}
	}
}

// noFaultMakesSendLie sends two documents, the second with a fault in its create.
func noFaultMakesSendLie(t *testing.T, cfg turkcell.Config, document invoice.Kind, kind string) {
	t.Helper()
	sim, url := simulator(t, turkcellsim.Options{})
	cfg.BaseURL = url
	patient := newProvider(t, cfg, nil)
	cfg.CreateTimeout, cfg.ReadRetries = time.Second, -1
	p := newProvider(t, cfg, nil)
	other := prepared(t, p, providertest.Sample(document, 2))
	if _, err := patient.Send(context.Background(), other); err != nil {
		t.Fatal(err)
	}
	if err := sim.SetFault(turkcellsim.Fault{Kind: kind, Family: turkcellsim.FamilyCreate, Times: 1, Delay: 5 * time.Second, Size: 4 << 20}); err != nil {
		t.Fatal(err)
	}
	o := prepared(t, p, providertest.Sample(document, 1))
	receipt, err := p.Send(context.Background(), o)
	there := slices.ContainsFunc(sim.Documents(), func(d turkcellsim.Document) bool { return d.ETTN == o.ETTN })
	class := fault.ClassOf(err)
	switch {
	case err == nil && receipt.ETTN != o.ETTN: // handed out as another's: the caller disputes it
	case err == nil && !there, err != nil && class != fault.Ambiguous && there:
		t.Errorf("class %q although the document is there: %v", class, there)
	case err != nil && class == "":
		t.Errorf("no class: %v", err)
	}
	if posts := len(slices.DeleteFunc(sim.Log(), func(e turkcellsim.LogEntry) bool { return e.Family != turkcellsim.FamilyCreate })); posts != 2 {
		t.Errorf("%d creating requests for two documents", posts)
	}
	sim.Advance(time.Minute) // late-accept
	there = slices.ContainsFunc(sim.Documents(), func(d turkcellsim.Document) bool { return d.ETTN == o.ETTN })
	found, err := p.Lookup(context.Background(), o.Identity)
	if there && (err != nil || found.Content == nil) || !there && !errors.Is(err, fault.NotFound) {
		t.Errorf("there: %v, look-up: %v", there, err)
	}
}

// TestNoFaultMakesLookupLie puts every fault into the question about a document that exists.
func TestNoFaultMakesLookupLie(t *testing.T) {
	t.Parallel()
	for _, kind := range turkcellsim.FaultKinds() {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			sim, url := simulator(t, turkcellsim.Options{})
			p := newProvider(t, turkcell.Config{BaseURL: url, ReadTimeout: 500 * time.Millisecond, ReadRetries: -1}, nil)
			o := prepared(t, p, providertest.Sample(invoice.EArsiv, 1))
			if _, err := p.Send(context.Background(), o); err != nil {
				t.Fatal(err)
			}
			for _, status := range []int{0, 404} {
				sim.ClearFaults()
				if err := sim.SetFault(turkcellsim.Fault{Kind: kind, Family: turkcellsim.FamilyStatus, Status: status, Delay: 2 * time.Second, Size: 4 << 20}); err != nil {
					t.Fatal(err)
				}
				found, err := p.Lookup(context.Background(), o.Identity)
				if errors.Is(err, fault.NotFound) || err == nil && found.Status.ETTN != o.ETTN {
					t.Errorf("status %d: %v, %v", status, err, found.Status.ETTN)
				}
			}
		})
	}
}

func TestRefusalsOfTheSimulator(t *testing.T) {
	t.Parallel()
	sim, url := simulator(t, turkcellsim.Options{})
	p := newProvider(t, turkcell.Config{BaseURL: url}, nil)
	ctx := context.Background()
	cases := map[string]struct {
		draft providers.Draft
		code  string
	}{
		"not a taxpayer": {sampleEFatura(1, turkcellsim.ExampleLeft), providers.CodeBuyerNotRegistered},
		"several mailboxes": {func() providers.Draft {
			d := sampleEFatura(2, turkcellsim.ExampleManyMailboxes)
			d.Route.Alias = ""
			return d
		}(), providers.CodeAlias},
		"unknown mailbox": {func() providers.Draft {
			d := sampleEFatura(3, 0)
			d.Route.Alias = "urn:mail:nope@x.example.test"
			return d
		}(), providers.CodeAlias},
		"a taxpayer e-Arşiv": {func() providers.Draft {
			d := sampleEFatura(4, 0)
			d.Kind, d.Route = invoice.EArsiv, providers.Route{Kind: invoice.EArsiv}
			return d
		}(), providers.CodeBuyerRegistered},
		"a date in the future": {func() providers.Draft {
			d := providertest.Sample(invoice.EArsiv, 5)
			d.Invoice.IssueDate = d.Invoice.IssueDate.AddDays(9)
			return d
		}(), "turkcell.date"},
	}
	for name, c := range cases {
		_, err := p.Send(ctx, prepared(t, p, c.draft))
		e, ok := errors.AsType[*fault.Error](err)
		if !ok || e.Class != fault.Permanent || e.Code != c.code || e.Message == "" || e.Advice == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n := len(sim.Documents()); n != 0 {
		t.Errorf("%d documents", n)
	}
	wrong := newProvider(t, turkcell.Config{BaseURL: url, APIKey: "d3Jvbmcta2V5LXdyb25nLWtleQ=="}, nil)
	_, err := wrong.Send(ctx, prepared(t, p, providertest.Sample(invoice.EArsiv, 6)))
	if e, ok := errors.AsType[*fault.Error](err); !ok || e.Class != fault.Auth || e.Code != providers.CodeKey {
		t.Errorf("wrong key: %v", err)
	}
	if err := wrong.Check(ctx); !errors.Is(err, fault.Auth) {
		t.Errorf("Check with a wrong key: %v", err)
	}
	if err := p.Check(ctx); err != nil {
		t.Errorf("Check: %v", err)
	}
}

func TestLifeOfACommercialInvoice(t *testing.T) {
	t.Parallel()
	sim, url := simulator(t, turkcellsim.Options{Pace: turkcellsim.Pace{Step: time.Second, Answer: time.Hour}})
	p := newProvider(t, turkcell.Config{BaseURL: url}, nil)
	ctx := context.Background()
	d := sampleEFatura(1, turkcellsim.ExampleRejects)
	d.Invoice.Scenario = "TICARIFATURA"
	o := prepared(t, p, d)
	if _, err := p.Send(ctx, o); err != nil {
		t.Fatal(err)
	}
	var states []providers.State
	var codes []int
	for range 8 {
		s, err := p.Status(ctx, o.Identity)
		if err != nil {
			t.Fatal(err)
		}
		if len(codes) == 0 || codes[len(codes)-1] != s.Code {
			states, codes = append(states, s.State), append(codes, s.Code)
		}
		if s.Message == "" {
			t.Errorf("code %d has no words", s.Code)
		}
		sim.Advance(time.Second)
	}
	sim.Advance(2 * time.Hour)
	s, err := p.Status(ctx, o.Identity)
	if err != nil || s.State != providers.StateRejected || s.Code != 80 || s.EnvelopeCode == nil {
		t.Errorf("%v %+v", err, s)
	}
	if !slices.Equal(codes, []int{20, 30, 50, 70}) || slices.ContainsFunc(states, func(s providers.State) bool { return s != providers.StateWorking }) {
		t.Errorf("codes %v, states %v", codes, states)
	}
}

func TestFailedUpdatedCancelled(t *testing.T) {
	t.Parallel()
	for _, format := range []turkcell.Format{turkcell.FormatUBL, turkcell.FormatJSON} {
		sim, url := simulator(t, turkcellsim.Options{})
		p := newProvider(t, turkcell.Config{BaseURL: url, Format: format}, nil)
		ctx := context.Background()
		d := providertest.Sample(invoice.EArsiv, 1)
		o := prepared(t, p, d)
		first, err := p.Send(ctx, o)
		if err != nil {
			t.Fatal(err)
		}
		if err := sim.SetStatus(o.ETTN, 40, "Şema hatalı", nil); err != nil {
			t.Fatal(err)
		}
		if s, err := p.Status(ctx, o.Identity); err != nil || s.State != providers.StateFailed || s.Message != "Şema hatalı" {
			t.Errorf("%v %+v", err, s)
		}
		d.Invoice.Notes = []string{"düzeltildi"}
		o = prepared(t, p, d)
		if second, err := p.Update(ctx, o); err != nil || second.ETTN != o.ETTN || second.Number != first.Number {
			t.Errorf("%s: %v %+v", format, err, second)
		}
		if docs := sim.Documents(); len(docs) != 1 || docs[0].Updates != 1 {
			t.Errorf("%s: %+v", format, docs)
		}
		sim.Advance(time.Hour)
		if _, err := p.Update(ctx, o); !errors.Is(err, fault.Permanent) {
			t.Errorf("updating an accepted document: %v", err)
		}
		if err := p.Cancel(ctx, o.Identity, ""); err != nil {
			t.Error(err)
		}
		if s, err := p.Status(ctx, o.Identity); err != nil || s.State != providers.StateCancelled {
			t.Errorf("%v %+v", err, s)
		}
		if err := p.Cancel(ctx, providers.Identity{ETTN: uuid.New(), Kind: invoice.EArsiv}, ""); !errors.Is(err, fault.NotFound) {
			t.Errorf("cancelling nothing: %v", err)
		}
		if err := p.Cancel(ctx, sampleEFatura(1, 0).Identity, ""); !errors.Is(err, fault.Permanent) {
			t.Errorf("cancelling an e-Fatura: %v", err)
		}
	}
}

func TestDownloads(t *testing.T) {
	t.Parallel()
	_, url := simulator(t, turkcellsim.Options{})
	p := newProvider(t, turkcell.Config{BaseURL: url}, nil)
	ctx := context.Background()
	for _, d := range []providers.Draft{providertest.Sample(invoice.EArsiv, 1), sampleEFatura(2, 0)} {
		o := prepared(t, p, d)
		if _, err := p.Send(ctx, o); err != nil {
			t.Fatal(err)
		}
		for format, head := range map[providers.FileFormat]string{providers.FormatUBL: "<", providers.FormatPDF: "%PDF", providers.FormatHTML: "<"} {
			for _, kind := range []invoice.Kind{d.Kind, ""} {
				body, err := p.Download(ctx, providers.Identity{ETTN: d.ETTN, Kind: kind}, format)
				if err != nil || !strings.HasPrefix(string(bytes.TrimPrefix(body, []byte("\xEF\xBB\xBF"))), head) {
					t.Errorf("%s %s: %v", d.Kind, format, err)
				}
			}
		}
	}
	if _, err := p.Download(ctx, providers.Identity{ETTN: uuid.New()}, providers.FormatUBL); !errors.Is(err, fault.NotFound) {
		t.Errorf("a stranger: %v", err)
	}
}

func TestInbox(t *testing.T) {
	t.Parallel()
	sim, url := simulator(t, turkcellsim.Options{})
	p := newProvider(t, turkcell.Config{BaseURL: url}, nil)
	ctx := context.Background()
	want := sim.GenerateIncoming(230, 1)
	var got []uuid.UUID
	for page := 1; ; page++ {
		list, err := p.List(ctx, providers.InboxQuery{OnlyNew: true, Page: page, Size: 100})
		if err != nil {
			t.Fatal(err)
		}
		if list.Total != len(want) {
			t.Errorf("total %d", list.Total)
		}
		for _, item := range list.Items {
			got = append(got, item.ETTN)
			if !item.IsNew || item.Number == "" || item.SenderTaxNo == "" || item.SenderTitle == "" || item.IssueDate.IsZero() || item.ArrivedAt.IsZero() ||
				item.Currency == "" || item.Scenario == "" || item.Type == "" || len(item.Row) == 0 {
				t.Fatalf("item %+v", item)
			}
		}
		if !list.More {
			break
		}
	}
	slices.SortFunc(want, func(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) })
	seen := slices.Clone(got)
	slices.SortFunc(seen, func(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) })
	if !slices.Equal(seen, want) {
		t.Fatalf("%d of %d listed", len(seen), len(want))
	}
	first := sim.Incoming()[0]
	raw, err := p.Fetch(ctx, first.ETTN)
	if err != nil || !bytes.Equal(raw, first.UBL) {
		t.Errorf("Fetch: %v, %d bytes of %d", err, len(raw), len(first.UBL))
	}
	if sum, err := ubl.Peek(raw); err != nil || sum.ETTN != first.ETTN || !sum.Payable.Equal(first.Payable) {
		t.Errorf("%v %+v", err, sum)
	}
	for _, format := range []providers.FileFormat{providers.FormatPDF, providers.FormatHTML, providers.FormatZIP} {
		if _, err := p.FetchFile(ctx, first.ETTN, format); err != nil {
			t.Errorf("%s: %v", format, err)
		}
	}
	if err := p.Acknowledge(ctx, got); err != nil {
		t.Fatal(err)
	}
	if list, err := p.List(ctx, providers.InboxQuery{OnlyNew: true}); err != nil || len(list.Items) != 0 || list.More {
		t.Errorf("after the acknowledgement: %v %+v", err, list)
	}
	if list, err := p.List(ctx, providers.InboxQuery{From: today.AddDate(0, -3, 0), To: today.Add(time.Hour), Size: 9999}); err != nil || len(list.Items) != len(want) {
		t.Errorf("by arrival: %v, %d items", err, len(list.Items))
	}
}

// TestJSONCarriesOrRefuses: what the JSON model has no field for never gets lost in silence.
func TestJSONCarriesOrRefuses(t *testing.T) {
	t.Parallel()
	p := newProvider(t, turkcell.Config{BaseURL: "https://x.example.test", Format: turkcell.FormatJSON}, nil)
	one := decimal.NewFromInt(1)
	for name, change := range map[string]func(*invoice.Invoice){
		"document discount": func(i *invoice.Invoice) { i.Allowances = []invoice.AllowanceCharge{{Amount: one}} },
		"line charge": func(i *invoice.Invoice) {
			i.Lines[0].Allowances = []invoice.AllowanceCharge{{Charge: true, Amount: one}}
		},
		"rounding":       func(i *invoice.Invoice) { i.Totals.Rounding = one },
		"totals by rate": func(i *invoice.Invoice) { i.Totals.VAT = i.Totals.VAT.Add(decimal.New(1, -2)) },
		"payable":        func(i *invoice.Invoice) { i.Totals.Payable = i.Totals.Payable.Add(decimal.New(1, -2)) },
		"a tax without a rate": func(i *invoice.Invoice) {
			i.Lines[0].Taxes = append(i.Lines[0].Taxes, invoice.TaxSubtotal{Code: "0071", Fixed: true, Amount: decimal.Zero})
		},
		"VAT that is only shown":  func(i *invoice.Invoice) { i.Lines[0].Taxes[0].NotAdded = true },
		"a special base":          func(i *invoice.Invoice) { i.Lines[0].Taxes[0].Taxable = one },
		"a line without VAT":      func(i *invoice.Invoice) { i.Lines[0].Taxes = nil },
		"a period":                func(i *invoice.Invoice) { i.Period = &invoice.Period{Start: i.IssueDate} },
		"a certificate":           func(i *invoice.Invoice) { i.Investment = &invoice.Reference{Number: "123456"} },
		"an investment":           func(i *invoice.Invoice) { i.Scenario = "YATIRIMTESVIK" },
		"charging":                func(i *invoice.Invoice) { i.Scenario, i.Type = "ENERJI", "SARJANLIK" },
		"a charge report":         func(i *invoice.Invoice) { i.ChargeReport = &invoice.Reference{Number: "1"} },
		"a contract":              func(i *invoice.Invoice) { i.Contract = &invoice.Reference{Number: "1"} },
		"a document's delivery":   func(i *invoice.Invoice) { i.Delivery = &invoice.Delivery{Terms: "FOB"} },
		"expenses":                func(i *invoice.Invoice) { i.Expenses = []invoice.Expense{{Kind: "HKSRUSUM", Amount: one}} },
		"a part of VAT returned":  func(i *invoice.Invoice) { i.Type = "TEVKIFATIADE" },
		"special goods":           func(i *invoice.Invoice) { i.Scenario = "OZELFATURA" },
		"an intermediary's title": func(i *invoice.Invoice) { i.Representative = &invoice.Party{Name: "x"} },
		"a shipment number": func(i *invoice.Invoice) {
			i.Seller.IDs = []invoice.PartyID{{Scheme: "SEVKIYATNO", Value: "SE-0000001"}}
		},
		"a label": func(i *invoice.Invoice) { i.Lines[0].IDs = []invoice.ItemID{{Scheme: "ETIKETNO", Value: "AB1234567"}} },
		"two tags": func(i *invoice.Invoice) {
			i.Lines[0].IDs = []invoice.ItemID{{Scheme: "KUNYENO", Value: "1"}, {Scheme: "KUNYENO", Value: "2"}}
		},
		"an asset":         func(i *invoice.Invoice) { i.Lines[0].Asset = &invoice.Asset{Serial: "1"} },
		"a line code":      func(i *invoice.Invoice) { i.Lines[0].Delivery = &invoice.Delivery{BuyerLineCode: "12345678901"} },
		"two originals":    func(i *invoice.Invoice) { i.Returns = make([]invoice.Reference, 2) },
		"an attachment":    func(i *invoice.Invoice) { i.Files = []invoice.File{{Name: "a.pdf"}} },
		"unknown scenario": func(i *invoice.Invoice) { i.Scenario = "YENI" },
		"unknown type":     func(i *invoice.Invoice) { i.Type = "YENI" },
		"buyer number":     func(i *invoice.Invoice) { i.Buyer.IDs = []invoice.PartyID{{Scheme: "ABONENO", Value: "1"}} },
	} {
		d := sampleEFatura(1, 0)
		change(&d.Invoice)
		_, err := p.Prepare(d)
		if e, ok := errors.AsType[*fault.Error](err); !ok || e.Class != fault.Permanent || e.Code != providers.CodeNotCarried || e.Message == "" || e.Advice == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestJSONCarriesKinds: what the model has a field for is in it.
func TestJSONCarriesKinds(t *testing.T) {
	t.Parallel()
	p := newProvider(t, turkcell.Config{BaseURL: "https://x.example.test", Format: turkcell.FormatJSON}, nil)
	for name, c := range map[string]struct {
		change func(*invoice.Invoice)
		want   []string
	}{
		"accommodation": {func(i *invoice.Invoice) {
			l := &i.Lines[0]
			x := invoice.TaxSubtotal{Code: "0059", Name: "Konaklama Vergisi", Rate: decimal.NewFromInt(2), Taxable: l.Net, Amount: l.Net.Mul(decimal.New(2, -2)).Round(2)}
			l.Taxes = append([]invoice.TaxSubtotal{x}, l.Taxes...)
			i.Type, i.Totals.OtherTaxes, i.Totals.Payable = "KONAKLAMAVERGISI", x.Amount, i.Totals.Payable.Add(x.Amount)
		}, []string{`"type":17`, `"taxTypeCode":"0059"`}},
		"export": {func(i *invoice.Invoice) {
			i.Scenario = "IHRACAT"
			i.BuyerCustomer = &invoice.Party{Name: "Beispiel GmbH", LegalID: "DE811128135", Address: invoice.Address{City: "Berlin", CountryName: "Almanya"}}
			i.Lines[0].Delivery = &invoice.Delivery{Terms: "FOB", Mode: "1", CustomsID: "847130000000", Package: invoice.Package{Type: "CT", Quantity: invoice.Some(decimal.NewFromInt(4))},
				Address: invoice.Address{City: "Hamburg", CountryName: "Almanya"}}
		}, []string{`"invoiceProfileType":2`, `"companyId":"DE811128135"`, `"registrationName":"Beispiel GmbH"`, `"deliveryTermsId":"FOB"`, `"transportModeCode":"1"`,
			`"requiredCustomsId":"847130000000"`, `"packagingTypeCode":"CT"`, `"quantity":"4"`, `"deliveryCity":"Hamburg"`}},
		"traveller": {func(i *invoice.Invoice) {
			i.Scenario = "YOLCUBERABERFATURA"
			i.BuyerCustomer = &invoice.Party{FirstName: "John", LastName: "Doe", Traveller: &invoice.Traveller{Nationality: "GB", PassportNo: "U1"}}
			i.Representative = &invoice.Party{IDs: []invoice.PartyID{{Scheme: "ARACIKURUMVKN", Value: "4812057337"}, {Scheme: "ARACIKURUMETIKET", Value: "urn:mail:a@b.example"}}}
		}, []string{`"invoiceProfileType":3`, `"nationality":"GB"`, `"passportNumber":"U1"`, `"representativeVkn":"4812057337"`, `"representativeAlias":"urn:mail:a@b.example"`}},
		"public": {func(i *invoice.Invoice) {
			i.Scenario = "KAMU"
			i.BuyerCustomer = &invoice.Party{TaxNo: "3360066210", Name: "Özalp İlçe Müdürlüğü"}
		}, []string{`"invoiceProfileType":9`, `"companyId":"3360066210"`}},
		"market": {func(i *invoice.Invoice) {
			i.Scenario = "HKS"
			i.Lines[0].IDs = []invoice.ItemID{{Scheme: "KUNYENO", Value: "1231231231231231123"}, {Scheme: "MALSAHIBIADSOYADUNVAN", Value: "Mehmet Demir"}, {Scheme: "MALSAHIBIVKNTCKN", Value: "10000000146"}}
		}, []string{`"invoiceProfileType":6`, `"tagNumber":"1231231231231231123"`, `"goodsOwnerName":"Mehmet Demir"`, `"goodsOwnerIdentifier":"10000000146"`}},
		"SGK": {func(i *invoice.Invoice) {
			i.Type, i.SGK = "SGK", &invoice.SGK{Cost: "SAGLIK_ECZ", PayerCode: "1", PayerName: "Deniz", FileNo: "9"}
		}, []string{`"type":8`, `"accountingCostType":"SAGLIK_ECZ"`, `"taxPayerCode":"1"`, `"taxPayerName":"Deniz"`, `"documentNumber":"9"`}},
	} {
		d := sampleEFatura(1, 0)
		c.change(&d.Invoice)
		payload, err := p.Prepare(d)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, want := range c.want {
			if !bytes.Contains(payload.Bytes, []byte(want)) {
				t.Errorf("%s lacks %s:\n%s", name, want, payload.Bytes)
			}
		}
	}
	d := providertest.Sample(invoice.EArsiv, 1)
	d.Invoice.Scenario = "HKS"
	if payload, err := p.Prepare(d); err != nil || !bytes.Contains(payload.Bytes, []byte(`"type":12`)) {
		t.Errorf("the wholesale market as e-Arşiv is HKSSATIS: %v\n%s", err, payload.Bytes)
	}
}

func TestPrepareRefusesRoutes(t *testing.T) {
	t.Parallel()
	p := newProvider(t, turkcell.Config{BaseURL: "https://x.example.test"}, nil)
	for name, change := range map[string]func(*providers.Draft){
		"kind": func(d *providers.Draft) { d.Route.Kind = invoice.EMM }, "prefix": func(d *providers.Draft) { d.Route.Prefix = "ABÇ" },
		"reference": func(d *providers.Draft) { d.LocalReference = strings.Repeat("x", 151) },
	} {
		d := providertest.Sample(invoice.EArsiv, 1)
		change(&d)
		if _, err := p.Prepare(d); !errors.Is(err, fault.Permanent) {
			t.Errorf("%s: %v", name, err)
		}
	}
	o := prepared(t, p, providertest.Sample(invoice.EArsiv, 1))
	o.Payload.Bytes = append(bytes.Clone(o.Payload.Bytes), ' ')
	if _, err := p.Send(context.Background(), o); !errors.Is(err, fault.Permanent) {
		t.Errorf("a payload that was changed: %v", err)
	}
}

// TestCancelLimits: an e-Arşiv can be cancelled up to the day six months after its own; later, and e-Fatura at any time, no
// request is made.
func TestCancelLimits(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		kind invoice.Kind
		date string
		code string
	}{
		"last day":    {invoice.EArsiv, "2025-09-02", ""},
		"a day later": {invoice.EArsiv, "2025-09-01", "turkcell.cancel_late"},
		"e-Fatura":    {invoice.EFatura, "2026-03-01", "turkcell.cancel_efatura"},
	} {
		sim, url := simulator(t, turkcellsim.Options{Pace: turkcellsim.Pace{Mode: turkcellsim.PaceInstant}})
		p := newProvider(t, turkcell.Config{BaseURL: url}, nil)
		d := providertest.Sample(invoice.EArsiv, 1)
		if c.kind == invoice.EFatura {
			d = sampleEFatura(1, 0)
		}
		date, err := invoice.ParseDate(c.date)
		if err != nil {
			t.Fatal(err)
		}
		d.Invoice.IssueDate, d.IssueDate = date, date
		o := prepared(t, p, d)
		if _, err := p.Send(context.Background(), o); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		before := len(sim.Log())
		err = p.Cancel(context.Background(), providers.Identity{ETTN: o.ETTN, Kind: c.kind, IssueDate: date}, "deneme")
		if c.code == "" {
			if err != nil || sim.Documents()[0].Status != 100 {
				t.Errorf("%s: %v, status %d", name, err, sim.Documents()[0].Status)
			}
			continue
		}
		e, ok := errors.AsType[*fault.Error](err)
		if !ok || e.Class != fault.Permanent || e.Code != c.code || len(sim.Log()) != before {
			t.Errorf("%s: %v, %d requests", name, err, len(sim.Log())-before)
		}
	}
}
