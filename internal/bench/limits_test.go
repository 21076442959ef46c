package bench

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"faturad/internal/clock"
	"faturad/internal/config"
	"faturad/internal/invoice"
	"faturad/internal/mysqlx"
	"faturad/mapping"
	"faturad/providers"
	"faturad/providers/turkcell"
	"faturad/providers/turkcell/turkcellsim"
	"faturad/sync/erp"
)

// controls is how many invoices a control sends: as many as the run itself, or enough for five seconds.
func (w *world) controls() int {
	if w.lat == 0 {
		return *saleCount
	}
	return min(*saleCount, int(5*time.Second/w.lat)*inFlight)
}

// crowd has inFlight workers do n pieces of work; work gets the piece's number from 1.
func crowd(b *testing.B, n int, work func(int) error) {
	b.Helper()
	var next, failed atomic.Int64
	var workers sync.WaitGroup
	for range inFlight {
		workers.Go(func() {
			for i := int(next.Add(1)); i <= n && failed.Load() == 0; i = int(next.Add(1)) {
				if err := work(i); err != nil {
					failed.Add(1)
					b.Error(err)
				}
			}
		})
	}
	workers.Wait()
	if b.Failed() {
		b.FailNow()
	}
}

// bareHTTP is what net/http alone reaches: ready requests, inFlight at a time, no database.
func (w *world) bareHTTP(b *testing.B) step {
	b.Helper()
	form := w.record(b)
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: inFlight}}
	defer client.CloseIdleConnections()
	n := w.controls()
	s := w.observe(b, n, func(s *step) {
		cpu := ownCPU()
		crowd(b, n, func(i int) error { return form.send(b.Context(), client, w.sim.url, i) })
		s.cpu = ownCPU() - cpu
	})
	w.sim.reset(b)
	return s
}

// recorded is a creating request of ours as it went over the wire.
type recorded struct {
	path      string
	header    http.Header
	body      []byte
	ettn      string
	reference string
}

// send repeats the request for another document.
func (r *recorded) send(ctx context.Context, client *http.Client, base string, n int) error {
	body := bytes.ReplaceAll(r.body, []byte(r.ettn), []byte(uuid.NewString()))
	body = bytes.ReplaceAll(body, []byte(r.reference), fmt.Appendf(nil, "%s:sale:%07d", company, n))
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, base+r.path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header = r.header
	res, err := client.Do(req)
	if err != nil {
		return err
	}
	answer, err := io.ReadAll(res.Body)
	if cerr := res.Body.Close(); err == nil {
		err = cerr
	}
	if err == nil && res.StatusCode/100 != 2 {
		err = fmt.Errorf("the simulator answered %d: %s", res.StatusCode, answer)
	}
	return err
}

// record has the provider send one of our sales to a server that only looks at it.
func (w *world) record(b *testing.B) *recorded {
	b.Helper()
	var r recorded
	ear := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, req *http.Request) {
		r.path, r.header = req.URL.Path, req.Header.Clone()
		r.body, _ = io.ReadAll(req.Body) // a cut body makes every later request fail
		out.WriteHeader(http.StatusInternalServerError)
	}))
	defer ear.Close()
	p := w.pool(b, ear.URL, 1)
	if err := p.issue(b.Context(), 1, "sale:0000000"); err == nil {
		b.Fatal("the recording server took a document")
	}
	r.header.Del("Content-Length")
	r.ettn, r.reference = p.ettn("sale:0000000").String(), company+":sale:0000000"
	if len(r.body) == 0 || !bytes.Contains(r.body, []byte(r.ettn)) || !bytes.Contains(r.body, []byte(r.reference)) {
		b.Fatal("the recorded request does not name its document")
	}
	w.empty(b)
	return &r
}

// pool is how one would write it without a ledger: read a sale, map it, send it, mark it. A crash sends duplicates.
type pool struct {
	source   *erp.Source
	provider *turkcell.Provider
	rules    mapping.Rules
	mark     func(ctx context.Context, id int, number string, ettn uuid.UUID) error
}

// pool fills the ERP with n sales and makes a pool for the provider at base.
func (w *world) pool(b *testing.B, base string, n int) *pool {
	b.Helper()
	cfg, err := config.Load(w.config)
	if err != nil {
		b.Fatal(err)
	}
	c := cfg.Companies[0]
	w.fill(b, n)
	db := w.erp.Open(b, w.erp.DSN(), mysqlx.Options{Role: mysqlx.ERP, MaxOpen: inFlight, TimeZone: c.ERP.Source().Session()})
	p := &pool{rules: c.MappingRules()}
	p.rules.Today = w.today
	if p.source, err = erp.Open(db, c.ERP.Source(), slog.New(slog.DiscardHandler)); err != nil {
		b.Fatal(err)
	}
	p.provider, err = turkcell.New(turkcell.Config{BaseURL: base, APIKey: turkcellsim.DefaultAPIKey}, clock.Real{}, slog.New(slog.DiscardHandler))
	if err != nil {
		b.Fatal(err)
	}
	marked, err := db.PreparexContext(b.Context(), "UPDATE sales SET einvoice_state = 'sent', einvoice_no = ?, ettn = ? WHERE id = ?") //nolint:sqlclosecheck // closed by the cleanup below
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = marked.Close() }) // its connection may be closed already
	p.mark = func(ctx context.Context, id int, number string, ettn uuid.UUID) error {
		_, err := marked.ExecContext(ctx, number, ettn.String(), id)
		return err
	}
	return p
}

func (p *pool) ettn(reference string) uuid.UUID {
	return invoice.ETTN(sellerVKN, "pool", "sale", reference, 1)
}

// issue carries one sale.
func (p *pool) issue(ctx context.Context, id int, reference string) error {
	loaded, err := p.source.Load(ctx, "sale", []string{strconv.Itoa(id)})
	if err != nil {
		return err
	}
	inv, faults := mapping.FromSale(loaded[0].Sale, p.rules)
	if len(faults.Blocking()) > 0 {
		return fmt.Errorf("sale %d: %s", id, faults.Sentence("en"))
	}
	route := providers.Route{Kind: invoice.EArsiv}
	for i := range 5 {
		if inv.Buyer.TaxNo == turkcellsim.ExampleVKN(i) {
			route = providers.Route{Kind: invoice.EFatura, Alias: turkcellsim.ExampleAlias(i)}
		}
	}
	identity := providers.Identity{ETTN: p.ettn(reference), LocalReference: company + ":" + reference, Kind: route.Kind, IssueDate: inv.IssueDate}
	payload, err := p.provider.Prepare(providers.Draft{Identity: identity, Route: route, Invoice: inv})
	if err != nil {
		return err
	}
	receipt, err := p.provider.Send(ctx, providers.Outgoing{Identity: identity, Route: route, Payload: payload})
	if err != nil {
		return err
	}
	return p.mark(ctx, id, receipt.Number, identity.ETTN)
}

// workerPool is the control: the same reading, mapping and sending with one ERP commit a sale and no ledger.
func (w *world) workerPool(b *testing.B) step {
	b.Helper()
	n := w.controls()
	p := w.pool(b, w.sim.url, n)
	s := w.observe(b, n, func(s *step) {
		cpu := ownCPU()
		crowd(b, n, func(i int) error { return p.issue(b.Context(), i, "sale:"+strconv.Itoa(i)) })
		s.cpu = ownCPU() - cpu
	})
	w.empty(b)
	w.sim.reset(b)
	return s
}

// empty takes all sales away again.
func (w *world) empty(b *testing.B) {
	b.Helper()
	w.erp.Exec(b, "TRUNCATE TABLE sale_lines")
	w.erp.Exec(b, "TRUNCATE TABLE sales")
}
