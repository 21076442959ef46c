package turkcell_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
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

// unpacked gives the only file of a zip.
func unpacked(t testing.TB, packed []byte) (name string, content []byte) {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(packed), int64(len(packed)))
	if err != nil || len(z.File) != 1 {
		t.Fatalf("no zip of one file: %v", err)
	}
	in, err := z.File[0].Open()
	if err != nil {
		t.Fatal(err)
	}
	content, err = io.ReadAll(in)
	if err != nil {
		t.Fatal(err)
	}
	return z.File[0].Name, content
}

// TestReceiptRequests shows every request about a receipt: method, path and body, with the zip opened.
func TestReceiptRequests(t *testing.T) {
	t.Parallel()
	inZip := regexp.MustCompile(`"(producerReceiptZip|voucherZip)": "([^"]*)"`)
	for _, c := range []struct {
		name   string
		form   receiptForm
		cfg    turkcell.Config
		change func(*providers.Draft)
		call   func(testing.TB, *turkcell.Provider, providers.Outgoing) error
	}{
		{"emm", producerForm, turkcell.Config{}, func(d *providers.Draft) { d.Route.Prefix, d.Route.Email = "MMK", "ayse@example.test" }, send},
		{"emm-own-number-draft", producerForm, turkcell.Config{OwnNumbers: true}, func(d *providers.Draft) {
			d.Invoice.SaleNumber, d.Route.Draft = "MMK2026000000007", true
		}, send},
		{"emm-update", producerForm, turkcell.Config{}, func(*providers.Draft) {}, update40},
		{"esmm", voucherForm, turkcell.Config{}, func(*providers.Draft) {}, send},
		{"esmm-update", voucherForm, turkcell.Config{}, func(*providers.Draft) {}, update40},
		{"esmm-json", modelForm, turkcell.Config{XSLTCode: "master"}, func(d *providers.Draft) { d.Route.Email, d.Route.Prefix = "ayse@example.test", "SMM" }, send},
		{"esmm-json-draft", modelForm, turkcell.Config{}, func(d *providers.Draft) { d.Route.Draft = true }, send},
		{"emm-others", producerForm, turkcell.Config{}, func(*providers.Draft) {}, others},
		{"esmm-others", voucherForm, turkcell.Config{OwnLook: true}, func(*providers.Draft) {}, others},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var seen bytes.Buffer
			var o providers.Outgoing
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				body, err := io.ReadAll(r.Body)
				if err != nil {
					t.Error(err)
				}
				fmt.Fprintf(&seen, "%s %s\n", r.Method, r.URL)
				if kind := r.Header.Get("Content-Type"); kind != "" {
					fmt.Fprintf(&seen, "Content-Type: %s\n", kind)
				}
				if len(body) > 0 {
					var indented bytes.Buffer
					if err := json.Indent(&indented, body, "", "  "); err != nil {
						t.Error(err)
					}
					text := inZip.ReplaceAllStringFunc(indented.String(), func(field string) string {
						m := inZip.FindStringSubmatch(field)
						packed, err := base64.StdEncoding.DecodeString(m[2])
						if err != nil {
							t.Error(err)
						}
						name, content := unpacked(t, packed)
						if !bytes.Equal(content, o.Payload.Bytes) {
							t.Errorf("the zip holds other bytes than were prepared:\n%s", content)
						}
						return `"` + m[1] + `": <the UBL as ` + name + `>`
					})
					seen.WriteString(text + "\n")
				}
				seen.WriteString("\n")
				switch {
				case strings.HasSuffix(r.URL.Path, "/status"):
					fmt.Fprintf(w, `{"id":%q,"status":40}`, o.ETTN)
				case strings.HasSuffix(r.URL.Path, "/updatestatuslist"), strings.HasSuffix(r.URL.Path, "/cancel"):
					fmt.Fprint(w, "null")
				default:
					w.WriteHeader(http.StatusTeapot)
				}
			}))
			t.Cleanup(server.Close)
			c.cfg.BaseURL, c.cfg.ReadRetries = server.URL, -1
			p := newProvider(t, c.form.config(c.cfg), nil)
			d := providertest.Sample(c.form.kind, 1)
			c.change(&d)
			o = prepared(t, p, d)
			if err := c.call(t, p, o); err == nil {
				t.Error("a teapot took it")
			}
			golden(t, c.name+".golden", seen.Bytes())
		})
	}
}

func send(_ testing.TB, p *turkcell.Provider, o providers.Outgoing) error {
	_, err := p.Send(context.Background(), o)
	return err //nolint:wrapcheck // the provider's own
}

// update40 mends a receipt that failed.
func update40(_ testing.TB, p *turkcell.Provider, o providers.Outgoing) error {
	_, err := p.Update(context.Background(), o)
	return err //nolint:wrapcheck // the provider's own
}

// others are the calls that are no creates; the last is a download that the teapot refuses.
func others(t testing.TB, p *turkcell.Provider, o providers.Outgoing) error {
	ctx := context.Background()
	_, releaseErr := p.Release(ctx, o.Identity)
	_, statusErr := p.Status(ctx, o.Identity)
	if err := errors.Join(releaseErr, statusErr, p.Cancel(ctx, o.Identity, "")); err != nil {
		t.Error(err)
	}
	var err error
	for _, format := range []providers.FileFormat{providers.FormatHTML, providers.FormatPDF, providers.FormatZIP, providers.FormatUBL} {
		_, err = p.Download(ctx, o.Identity, format)
	}
	return err //nolint:wrapcheck // the teapot's
}

// TestReceiptsLive follows receipts from the draft to the cancellation, by way of a failure that is mended.
func TestReceiptsLive(t *testing.T) {
	t.Parallel()
	for _, form := range receiptForms() {
		t.Run(form.name, func(t *testing.T) {
			t.Parallel()
			sim, url := simulator(t, turkcellsim.Options{})
			p := newProvider(t, form.config(turkcell.Config{BaseURL: url, XSLTCode: "master"}), nil)
			ctx := context.Background()
			d := providertest.Sample(form.kind, 1)
			d.Route.Draft, d.Route.Prefix, d.Route.Email = true, "MMK", "ayse@example.test"
			o := prepared(t, p, d)
			first, err := p.Send(ctx, o)
			if err != nil || !first.Draft || first.Number == "" || first.ETTN != o.ETTN {
				t.Fatalf("%v %+v", err, first)
			}
			state := func(want providers.State) {
				t.Helper()
				s, err := p.Status(ctx, o.Identity)
				if err != nil || s.State != want || s.Kind != form.kind || s.Number != first.Number || s.Message == "" || s.EnvelopeCode != nil {
					t.Errorf("%v %+v, want %s", err, s, want)
				}
			}
			state(providers.StateDraft)
			if _, err := p.Release(ctx, o.Identity); err != nil {
				t.Fatal(err)
			}
			state(providers.StateWorking)
			if err := p.Cancel(ctx, o.Identity, ""); !errors.Is(err, fault.Permanent) || codeOf(err) != "turkcell.state" {
				t.Errorf("cancelling before it is approved: %v", err)
			}
			if _, err := p.Update(ctx, o); !errors.Is(err, fault.Permanent) {
				t.Errorf("updating what is on its way: %v", err)
			}
			if err := sim.SetStatus(o.ETTN, 40, "Şema hatalı", nil); err != nil {
				t.Fatal(err)
			}
			state(providers.StateFailed)

			d.Route.Draft, d.Invoice.Notes = false, []string{"düzeltildi"}
			mender := newProvider(t, turkcell.Config{BaseURL: url}, nil)
			if form.format == turkcell.FormatJSON {
				if _, err := p.Update(ctx, prepared(t, p, d)); codeOf(err) != "turkcell.update_json" || !errors.Is(err, fault.Permanent) {
					t.Errorf("an update by the model: %v", err)
				}
				state(providers.StateFailed)
			}
			second, err := mender.Update(ctx, prepared(t, mender, d))
			if err != nil || second.ETTN != o.ETTN || second.Number != first.Number || second.Draft {
				t.Fatalf("%v %+v", err, second)
			}
			if docs := sim.Documents(); len(docs) != 1 || docs[0].Updates != 1 || docs[0].Kind != string(form.kind) {
				t.Errorf("%+v", docs)
			}
			sim.Advance(time.Hour)
			state(providers.StateAccepted)

			for format, head := range map[providers.FileFormat]string{providers.FormatUBL: "<", providers.FormatPDF: "%PDF", providers.FormatHTML: "<", providers.FormatZIP: "PK"} {
				body, err := p.Download(ctx, o.Identity, format)
				if err != nil || !bytes.HasPrefix(body, []byte(head)) {
					t.Errorf("%s: %v", format, err)
				}
				nameless := o.Identity
				if nameless.Kind = ""; format != providers.FormatZIP {
					if again, err := p.Download(ctx, nameless, format); err != nil || !bytes.Equal(again, body) {
						t.Errorf("%s of a document of unknown kind: %v", format, err)
					}
				}
			}
			if raw, err := p.Download(ctx, o.Identity, providers.FormatUBL); err != nil || !bytes.Contains(raw, []byte("düzeltildi")) || !bytes.Contains(raw, []byte(first.Number)) {
				t.Errorf("%v\n%s", err, raw)
			}

			late := o.Identity
			late.IssueDate = late.IssueDate.AddDays(-300) // for receipts no limit is known: the provider decides
			if err := p.Cancel(ctx, late, ""); err != nil {
				t.Error(err)
			}
			state(providers.StateCancelled)
			stranger := providers.Identity{ETTN: uuid.New(), Kind: form.kind}
			if err := p.Cancel(ctx, stranger, ""); !errors.Is(err, fault.NotFound) {
				t.Errorf("cancelling nothing: %v", err)
			}
			if _, err := p.Update(ctx, providers.Outgoing{Identity: stranger, Route: providers.Route{Kind: form.kind}, Payload: prepared(t, mender, d).Payload}); !errors.Is(err, fault.NotFound) {
				t.Errorf("updating nothing: %v", err)
			}
			if _, err := p.Mails(ctx, o.Identity); codeOf(err) != "turkcell.mail_receipt" {
				t.Errorf("its mails: %v", err)
			}
			if err := p.Remail(ctx, o.Identity, nil); codeOf(err) != "turkcell.mail_receipt" {
				t.Errorf("mailing again: %v", err)
			}
			if words, err := p.BuyerAnswer(ctx, o.Identity); err != nil || words != "" {
				t.Errorf("the buyer's answer: %v %q", err, words)
			}
		})
	}
}

// TestReceiptUpdateIsSafe breaks each request of an update: the receipt is updated exactly when Update says so, and a second
// try mends it.
func TestReceiptUpdateIsSafe(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault turkcellsim.Fault
		class fault.Class
		saved bool // the new content is there
	}{
		"the question is cut":              {turkcellsim.Fault{Kind: turkcellsim.FaultAnswerLost, Family: turkcellsim.FamilyStatus}, fault.Retryable, false},
		"the question meets a wrong key":   {turkcellsim.Fault{Kind: turkcellsim.FaultStatus, Family: turkcellsim.FamilyStatus, Status: 401}, fault.Auth, false},
		"back to draft, the answer lost":   {turkcellsim.Fault{Kind: turkcellsim.FaultAnswerLost, Family: turkcellsim.FamilyUpdate}, fault.Retryable, false},
		"back to draft not done":           {turkcellsim.Fault{Kind: turkcellsim.FaultStatus, Family: turkcellsim.FamilyUpdate, Status: 500}, fault.Retryable, false},
		"too often":                        {turkcellsim.Fault{Kind: turkcellsim.FaultStatus, Family: turkcellsim.FamilyUpdate, Status: 429}, fault.Throttled, false},
		"the content saved, answer lost":   {turkcellsim.Fault{Kind: turkcellsim.FaultAnswerLost, Family: turkcellsim.FamilyUpdate, Skip: 1}, fault.Ambiguous, true},
		"the content not saved, 500":       {turkcellsim.Fault{Kind: turkcellsim.FaultStatus, Family: turkcellsim.FamilyUpdate, Skip: 1, Status: 500}, fault.Ambiguous, false},
		"the content refused":              {turkcellsim.Fault{Kind: turkcellsim.FaultStatus, Family: turkcellsim.FamilyUpdate, Skip: 1, Status: 422}, fault.Permanent, false},
		"the content saved, empty receipt": {turkcellsim.Fault{Kind: turkcellsim.FaultEmpty, Family: turkcellsim.FamilyUpdate, Skip: 1}, "", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sim, url := simulator(t, turkcellsim.Options{})
			p := newProvider(t, turkcell.Config{BaseURL: url, ReadRetries: -1}, nil)
			ctx := context.Background()
			d := providertest.Sample(invoice.EMM, 1)
			o := prepared(t, p, d)
			if _, err := p.Send(ctx, o); err != nil {
				t.Fatal(err)
			}
			if err := sim.SetStatus(o.ETTN, 40, "Şema hatalı", nil); err != nil {
				t.Fatal(err)
			}
			d.Invoice.Notes = []string{"düzeltildi"}
			o = prepared(t, p, d)
			c.fault.Times = 1
			if err := sim.SetFault(c.fault); err != nil {
				t.Fatal(err)
			}
			_, err := p.Update(ctx, o)
			if fault.ClassOf(err) != c.class {
				t.Errorf("class %q, want %q: %v", fault.ClassOf(err), c.class, err)
			}
			if saved := bytes.Contains(sim.UBL(o.ETTN), []byte("düzeltildi")); saved != c.saved {
				t.Errorf("the new content is there: %t", saved)
			}
			if c.saved {
				return
			}
			if _, err := p.Update(ctx, o); err != nil || !bytes.Contains(sim.UBL(o.ETTN), []byte("düzeltildi")) {
				t.Errorf("once more: %v", err)
			}
			if docs := sim.Documents(); len(docs) != 1 || docs[0].Status != 20 {
				t.Errorf("%+v", docs)
			}
		})
	}
}

// TestNoFaultMakesReceiptsLie is TestNoFaultMakesSendLie for receipts.
func TestNoFaultMakesReceiptsLie(t *testing.T) {
	t.Parallel()
	for _, form := range receiptForms() {
		for _, kind := range turkcellsim.FaultKinds() {
			t.Run(form.name+" "+kind, func(t *testing.T) {
				t.Parallel()
				noFaultMakesSendLie(t, form.config(turkcell.Config{}), form.kind, kind)
			})
		}
	}
}

// TestLookupOfUnknownKind: what has no kind any more is looked for on every side. An account that lacks the receipts, or an
// interface that has none, leaves no invoice in doubt; a side that merely does not answer does.
func TestLookupOfUnknownKind(t *testing.T) {
	t.Parallel()
	const absent = `"Fatura bulunamadı."`
	type reply struct {
		status int
		kind   string
		body   string
	}
	for name, c := range map[string]struct {
		invoices, receipts reply
		class              fault.Class
	}{
		"nowhere":                     {reply{404, "application/json", absent}, reply{404, "text/plain", "e-Müstahsil Makbuzu bulunamadı."}, fault.NotFound},
		"no permission for receipts":  {reply{404, "application/json", absent}, reply{403, "text/plain", "E-MM gönderme yetkiniz yoktur."}, fault.NotFound},
		"no such path":                {reply{404, "application/json", absent}, reply{404, "text/html", "<html>404</html>"}, fault.NotFound},
		"no such method":              {reply{404, "application/json", absent}, reply{405, "", ""}, fault.NotFound},
		"receipts fail":               {reply{404, "application/json", absent}, reply{500, "", ""}, fault.Retryable},
		"receipts answer with a page": {reply{404, "application/json", absent}, reply{200, "text/html", "<html>Giriş</html>"}, fault.Retryable},
		"a wrong key":                 {reply{404, "application/json", absent}, reply{401, "", ""}, fault.Auth},
		"invoices fail":               {reply{500, "", ""}, reply{403, "text/plain", "yetkiniz yoktur."}, fault.Retryable},
		"no permission for invoices":  {reply{403, "text/plain", "yetkiniz yoktur."}, reply{404, "text/plain", "Makbuz bulunamadı."}, fault.Auth},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				a := c.invoices
				if strings.HasPrefix(r.URL.Path, "/v1/producerreceipt/") || strings.HasPrefix(r.URL.Path, "/v1/voucher/") {
					a = c.receipts
				}
				w.Header().Set("Content-Type", a.kind)
				w.WriteHeader(a.status)
				_, _ = io.WriteString(w, a.body)
			}))
			t.Cleanup(server.Close)
			p := newProvider(t, turkcell.Config{BaseURL: server.URL, ReadRetries: -1}, nil)
			if _, err := p.Lookup(context.Background(), providers.Identity{ETTN: uuid.New()}); fault.ClassOf(err) != c.class {
				t.Errorf("class %q, want %q: %v", fault.ClassOf(err), c.class, err)
			}
			if c.receipts.status == http.StatusForbidden { // a receipt itself is another matter
				if _, err := p.Lookup(context.Background(), providers.Identity{ETTN: uuid.New(), Kind: invoice.EMM}); !errors.Is(err, fault.Auth) {
					t.Errorf("a receipt without permission: %v", err)
				}
			}
		})
	}
}

// TestVoucherModelCarriesOrRefuses: what the JSON model of an e-SMM has no field for, or would carry with other amounts, is
// refused with the reason.
func TestVoucherModelCarriesOrRefuses(t *testing.T) {
	t.Parallel()
	p := newProvider(t, modelForm.config(turkcell.Config{BaseURL: "https://x.example.test"}), nil)
	if caps := p.Capabilities(); caps.RefusesUsedReference {
		t.Error("the model has no local reference, and the account promises to check it")
	}
	one := decimal.NewFromInt(1)
	for name, change := range map[string]func(*invoice.Invoice){
		"an order":            func(i *invoice.Invoice) { i.Order = &invoice.Reference{Number: "S-1", Date: i.IssueDate} },
		"a despatch":          func(i *invoice.Invoice) { i.Despatches = []invoice.Reference{{Number: "I-1", Date: i.IssueDate}} },
		"a payment":           func(i *invoice.Invoice) { i.Payment = &invoice.Payment{MeansCode: "42"} },
		"a document discount": func(i *invoice.Invoice) { i.Allowances = []invoice.AllowanceCharge{{Amount: one}} },
		"rounding":            func(i *invoice.Invoice) { i.Totals.Rounding = one },
		"a file":              func(i *invoice.Invoice) { i.Files = []invoice.File{{Name: "a.pdf"}} },
		"other VAT": func(i *invoice.Invoice) {
			i.Lines[0].Taxes[0].Amount = i.Lines[0].Taxes[0].Amount.Add(decimal.New(1, -2))
			i.Totals.VAT, i.Totals.Payable = i.Totals.VAT.Add(decimal.New(1, -2)), i.Totals.Payable.Add(decimal.New(1, -2))
		},
		"other totals": func(i *invoice.Invoice) { i.Totals.Payable = i.Totals.Payable.Add(one) },
	} {
		d := providertest.Sample(invoice.ESMM, 1)
		change(&d.Invoice)
		_, err := p.Prepare(d)
		e, ok := errors.AsType[*fault.Error](err)
		if !ok || e.Class != fault.Permanent || e.Code != providers.CodeNotCarried || e.Message == "" || !strings.Contains(e.Advice, "voucher_format") {
			t.Errorf("%s: %v", name, err)
		}
	}
	own := newProvider(t, modelForm.config(turkcell.Config{BaseURL: "https://x.example.test", OwnNumbers: true}), nil)
	if _, err := own.Prepare(providertest.Sample(invoice.ESMM, 1)); codeOf(err) != providers.CodeNotCarried {
		t.Errorf("a number of one's own: %v", err)
	}
}

// TestVoucherType: the type code of an e-SMM is a setting.
func TestVoucherType(t *testing.T) {
	t.Parallel()
	for _, typeCode := range []string{"", "SMM"} {
		sim, url := simulator(t, turkcellsim.Options{VoucherType: typeCode})
		p := newProvider(t, turkcell.Config{BaseURL: url, VoucherType: typeCode, ReceiptCustomization: "TR1.2"}, nil)
		o := prepared(t, p, providertest.Sample(invoice.ESMM, 1))
		if _, err := p.Send(context.Background(), o); err != nil {
			t.Errorf("%q: %v", typeCode, err)
			continue
		}
		if d := sim.Documents()[0]; typeCode != "" && d.Type != typeCode || !bytes.Contains(sim.UBL(o.ETTN), []byte(">TR1.2<")) {
			t.Errorf("%q: %+v", typeCode, d)
		}
		if _, err := ubl.Peek(sim.UBL(o.ETTN)); err != nil {
			t.Errorf("%q: %v", typeCode, err)
		}
	}
	for _, wrong := range []turkcell.Config{{VoucherFormat: "xml"}} {
		wrong.BaseURL, wrong.APIKey = "https://x.example.test", "none"
		if _, err := turkcell.New(wrong, nil, nil); err == nil || !strings.Contains(err.Error(), "voucher_format") {
			t.Errorf("%+v: %v", wrong, err)
		}
	}
}
