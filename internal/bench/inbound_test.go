package bench

import (
	"bytes"
	"encoding/base64"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"text/tabwriter"

	"github.com/jmoiron/sqlx"

	"faturad/providers/turkcell/turkcellsim"
)

var incomingCount = flag.Int("incoming", 10_000, "incoming invoices of each run of BenchmarkInbound")

// The goals of BenchmarkInbound.
const (
	goalIncoming = 500.0    // invoices/s from a provider that answers at once
	goalPoisoned = 0.95     // of that speed, when one in a hundred cannot be read
	goalInboxRSS = 64 << 20 // bytes
	poisonEach   = 100
	hugeUBL      = 30 << 20 // bytes: a little less than is taken at all
)

// inboundRun is the medians' material.
type inboundRun struct{ plain, poisoned, files, huge, bare step }

// BenchmarkInbound has incoming invoices carried from a provider that answers at once into ledger and ERP, and their flags
// cleared; again with one in a hundred that nobody can read; again with their PDFs; again with one invoice of 30 MiB among
// them; and beside it the same rows inserted by plain statements. It wants -benchtime 1x.
func BenchmarkInbound(b *testing.B) {
	binary := filepath.Join(b.TempDir(), "faturad")
	build := exec.CommandContext(b.Context(), "go", "build", "-o", binary, "faturad/cmd/faturad")
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		b.Fatal("building faturad: ", err)
	}
	var all []inboundRun
	for n := range *runs {
		b.Run(fmt.Sprintf("run%d", n+1), func(b *testing.B) {
			var r inboundRun
			r.plain = receive(b, binary, mail{after: func(w *world) { r.bare = w.bareInserts(b) }})
			r.poisoned = receive(b, binary, mail{damaged: poisonEach})
			r.files = receive(b, binary, mail{pdf: true})
			r.huge = receive(b, binary, mail{huge: true})
			b.ReportMetric(r.plain.rate(), "invoices/s")
			all = append(all, r)
		})
	}
	if b.Failed() {
		return
	}
	if failed := printInbound(os.Stdout, all); len(failed) > 0 { // a busy machine is no wrong result
		b.Logf("not reached: %v", failed)
	}
}

// mail says what waits in the inbox.
type mail struct {
	damaged int          // each so many-th cannot be read; 0 = all can
	pdf     bool         // PDFs are wanted too
	huge    bool         // one more invoice, of hugeUBL
	after   func(*world) // called at the end; nil = nothing
}

// receive measures one `faturad sync inbound` in a world of its own.
func receive(b *testing.B, binary string, m mail) step {
	b.Helper()
	w := newWorld(b, binary, 0)
	text, err := os.ReadFile(w.config)
	if err != nil {
		b.Fatal(err)
	}
	changed := strings.Replace(string(text), "[[company.account]]", fmt.Sprintf("[[company.account]]\ninbox_pdf = %t", m.pdf), 1)
	if err := os.WriteFile(w.config, []byte(changed), 0o600); err != nil {
		b.Fatal(err)
	}
	w.sim.post(b, "inbox", fmt.Sprintf(`{"count":%d,"seed":1,"damaged":%d}`, *incomingCount, m.damaged))
	good, bad := *incomingCount, 0
	if m.damaged > 0 {
		bad = *incomingCount / m.damaged
		good -= bad
	}
	if m.huge {
		w.sim.post(b, "inbox", hugeInvoice(b))
		good++
	}
	s := w.observe(b, good, func(s *step) {
		cmd := w.command(b, "sync", "inbound")
		var out bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &out
		if err := cmd.Start(); err != nil {
			b.Fatal(err)
		}
		peak, ended := make(chan int64), make(chan struct{})
		go func() { peak <- watchPeak(cmd.Process.Pid, ended) }()
		err := cmd.Wait()
		close(ended)
		s.rss = <-peak
		if exit, ok := errors.AsType[*exec.ExitError](err); err != nil && (!ok || exit.ExitCode() != 3 || bad == 0) {
			b.Fatalf("faturad sync inbound: %v\n%s", err, &out)
		}
		s.cpu = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	})
	w.expectReceived(b, good, bad)
	if m.after != nil {
		m.after(w)
	}
	return s
}

// hugeInvoice is an invoice with a large file in it that cannot be compressed much.
func hugeInvoice(b *testing.B) string {
	b.Helper()
	sim := turkcellsim.New(turkcellsim.Options{})
	sim.GenerateIncoming(1, 2)
	file := make([]byte, hugeUBL/4*3)
	if _, err := rand.NewChaCha8([32]byte{1}).Read(file); err != nil {
		b.Fatal(err)
	}
	const before = "<cac:AccountingSupplierParty>"
	ubl := string(sim.Incoming()[0].UBL)
	if !strings.Contains(ubl, before) {
		b.Fatalf("the simulator's invoice has no %s", before)
	}
	return strings.Replace(ubl, before, `<cac:AdditionalDocumentReference><cbc:ID>1</cbc:ID><cac:Attachment><cbc:EmbeddedDocumentBinaryObject mimeCode="image/png" `+
		`encodingCode="Base64" filename="a.png">`+base64.StdEncoding.EncodeToString(file)+`</cbc:EmbeddedDocumentBinaryObject></cac:Attachment></cac:AdditionalDocumentReference>`+before, 1)
}

// expectReceived fails unless ledger, ERP and provider agree.
func (w *world) expectReceived(b *testing.B, good, bad int) {
	b.Helper()
	var acknowledged, rows, lines int
	get := func(s server, into *int, query string) {
		if err := s.DB().GetContext(b.Context(), into, query); err != nil {
			b.Fatal(err)
		}
	}
	get(w.ledger, &acknowledged, "SELECT COUNT(*) FROM received WHERE state = 'acknowledged'")
	get(w.erp, &rows, "SELECT COUNT(*) FROM efatura_gelen g JOIN efatura_gelen_dosya d ON d.ettn = g.ettn AND d.bicim = 'ubl'")
	get(w.erp, &lines, "SELECT COUNT(*) FROM efatura_gelen_satir")
	var inbox []struct {
		IsNew bool `json:"isNew"`
	}
	w.sim.ask(b, "inbox", &inbox)
	news := 0
	for _, i := range inbox {
		if i.IsNew {
			news++
		}
	}
	if acknowledged != good || rows != good+bad || lines < good || news != bad {
		b.Fatalf("%d acknowledged, %d in the ERP with %d lines, %d still new; want %d and %d new", acknowledged, rows, lines, news, good, bad)
	}
}

// receivedTables are what an incoming invoice is made of.
var receivedTables = []string{"efatura_gelen", "efatura_gelen_satir", "efatura_gelen_vergi", "efatura_gelen_taraf", "efatura_gelen_referans", "efatura_gelen_dosya"}

// bareInserts empties the tables that were filled and inserts the same rows again with one prepared INSERT a row and a commit
// each hundred invoices: what the servers allow without any thought for order, reading, or a crash.
func (w *world) bareInserts(b *testing.B) step {
	b.Helper()
	type table struct {
		server server
		name   string
		rows   [][]any
	}
	tables := []*table{{server: w.ledger, name: "received"}}
	for _, name := range receivedTables {
		tables = append(tables, &table{server: w.erp, name: name})
	}
	for _, t := range tables {
		rows, err := t.server.DB().QueryxContext(b.Context(), "SELECT * FROM "+t.name) //nolint:sqlclosecheck // closed below: a benchmark that fails ends the process
		if err != nil {
			b.Fatal(err)
		}
		for rows.Next() {
			row, err := rows.SliceScan()
			if err != nil {
				b.Fatal(err)
			}
			t.rows = append(t.rows, row)
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			b.Fatal(err)
		}
		t.server.Exec(b, "TRUNCATE TABLE "+t.name)
	}
	return w.observe(b, *incomingCount, func(s *step) {
		begun := ownCPU()
		groups := (*incomingCount + 99) / 100
		for g := range groups {
			for _, t := range tables {
				from, to := len(t.rows)*g/groups, len(t.rows)*(g+1)/groups
				if err := insertBare(b, t.server.DB(), t.name, t.rows[from:to]); err != nil {
					b.Fatal(err)
				}
			}
		}
		s.cpu = ownCPU() - begun
	})
}

func insertBare(b *testing.B, db *sqlx.DB, name string, rows [][]any) error {
	if len(rows) == 0 {
		return nil
	}
	tx, err := db.BeginTxx(b.Context(), nil)
	if err != nil {
		return err
	}
	insert, err := tx.PreparexContext(b.Context(), "INSERT INTO "+name+" VALUES ("+strings.TrimSuffix(strings.Repeat("?, ", len(rows[0])), ", ")+")") //nolint:sqlclosecheck // closed by the defer below
	if err != nil {
		return errors.Join(err, tx.Rollback())
	}
	defer insert.Close()
	for _, row := range rows {
		if _, err := insert.ExecContext(b.Context(), row...); err != nil {
			return errors.Join(err, tx.Rollback())
		}
	}
	return tx.Commit()
}

// post knocks at a door.
func (s simulator) post(b *testing.B, door, body string) {
	b.Helper()
	req, err := http.NewRequestWithContext(b.Context(), http.MethodPost, s.url+"/_sim/"+door, strings.NewReader(body))
	if err != nil {
		b.Fatal(err)
	}
	res, err := new(http.Client).Do(req)
	if err != nil {
		b.Fatal("asking the simulator: ", err)
	}
	text, err := io.ReadAll(res.Body)
	if err = errors.Join(err, res.Body.Close()); err != nil || res.StatusCode != http.StatusOK {
		b.Fatalf("the simulator's %s: %d %.200s (%v)", door, res.StatusCode, text, err)
	}
}

// printInbound writes the table and returns the goals that were not reached.
func printInbound(out io.Writer, all []inboundRun) (failed []string) {
	median := func(of func(inboundRun) step, f func(step) float64) float64 {
		var values []float64
		for _, r := range all {
			values = append(values, f(of(r)))
		}
		return middle(values)
	}
	plain := func(r inboundRun) step { return r.plain }
	poisoned := func(r inboundRun) step { return r.poisoned }
	bare := func(r inboundRun) step { return r.bare }
	fmt.Fprintf(out, "\n%d incoming invoices from a provider that answers at once, medians of %d runs\n", *incomingCount, len(all))
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "\tinvoices/s\tof bare inserts\twall s\tCPU s/1000\tDB\tprovider\tpeak RSS MiB\tledger commits/inv\tERP commits/inv\tforeign CPU\t")
	for _, k := range []struct {
		name string
		of   func(inboundRun) step
	}{{"bare inserts of the same rows", bare}, {"sync inbound", plain}, {"with one in 100 unreadable", poisoned}, {"with PDFs", func(r inboundRun) step { return r.files }}, {"with one of 30 MiB", func(r inboundRun) step { return r.huge }}} {
		m := func(f func(step) float64) float64 { return median(k.of, f) }
		fmt.Fprintf(t, "%s\t%.0f\t%.1f %%\t%.2f\t%.3f\t%.3f\t%.3f\t%s\t%.4f\t%.4f\t%s\t\n", k.name, m(step.rate), 100*m(step.rate)/median(bare, step.rate),
			m(func(s step) float64 { return s.wall.Seconds() }), m(func(s step) float64 { return s.each(s.cpu) }), m(func(s step) float64 { return s.each(s.dbCPU) }),
			m(func(s step) float64 { return s.each(s.simCPU) }), orDash(m(func(s step) float64 { return float64(s.rss) / (1 << 20) })),
			m(func(s step) float64 { return float64(s.ledger.commits) / float64(s.sales) }), m(func(s step) float64 { return float64(s.erp.commits) / float64(s.sales) }),
			percent(m(func(s step) float64 { return s.foreign })))
	}
	_ = t.Flush() // a table that cannot be written has no reader
	rss := max(median(plain, func(s step) float64 { return float64(s.rss) }), median(poisoned, func(s step) float64 { return float64(s.rss) }))
	share := median(poisoned, step.rate) / median(plain, step.rate)
	for _, g := range []struct {
		what    string
		got     float64
		goal    float64
		reached bool
	}{
		{"incoming invoices/s", median(plain, step.rate), goalIncoming, median(plain, step.rate) >= goalIncoming},
		{"share of the speed with one in 100 unreadable", share, goalPoisoned, share >= goalPoisoned},
		{"peak memory in MiB", rss / (1 << 20), goalInboxRSS >> 20, rss <= goalInboxRSS},
	} {
		word := "PASS"
		if !g.reached {
			word, failed = "FAIL", append(failed, g.what)
		}
		fmt.Fprintf(out, "  %s  %-60s %8.2f  (goal %.2f)\n", word, g.what, g.got, g.goal)
	}
	return failed
}
