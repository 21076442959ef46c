package torture

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"faturad/providers/simulator"
)

// TestFaultMatrix lets every request meet every fault, through the whole of faturad with a real ledger and ERP, at each provider.
// Afterwards everything must be there, once. At Turkcell it also wants to see where documents stand while it lasts. The short
// form takes a part of the cells, drawn by the seed: a sixth, at the other providers a twentieth.
func TestFaultMatrix(t *testing.T) {
	random := dice(t)
	part := os.Getenv("FATURAD_TORTURE_CELLS")
	all := part != "" || long()
	if part == "1" {
		part = ""
	}
	for _, o := range offices {
		first, of := o.name == offices[0].name, drawn
		if !first {
			of = drawnElsewhere
		}
		which := random.IntN(of)
		for at, name := range columns {
			t.Run(o.name+"/"+name, func(t *testing.T) {
				t.Parallel()
				w := newFaultyWorld(t, o.make(0))
				cells, begun := 0, time.Now()
				for row, m := range matrix {
					if !strings.Contains(m.name, part) || !all && (row+3*at)%of != which {
						continue
					}
					got := w.cell(m, column(at))
					t.Logf("%-10s %-55s %s", name, m.name, got)
					if first && !agrees(m, m.want[at], got) {
						t.Errorf("%s meets %q: %s, want %s", name, m.name, got, m.want[at])
					}
					cells++
				}
				t.Logf("%s: %d of %d cells in %s: 0 duplicates, 0 lost", name, cells, len(matrix), time.Since(begun).Round(time.Second))
			})
		}
	}
}

// drawn and drawnElsewhere are the parts of the cells that the short form takes.
const drawn, drawnElsewhere = 6, 20

// agrees lets "a or b" stand for either, or one document each. How much of a request that breaks off in TLS the provider reads,
// and counts as sent, depends on the moment.
func agrees(m meets, want, got string) bool {
	if m.over != overPlain {
		got, _, _ = strings.Cut(got, ", ")
	}
	a, b, either := strings.Cut(want, " or ")
	return want == got || either && (got == a || got == b || got == a+" and "+b)
}

// faultyWorld is a world whose provider can be reached over several routes, each with faults of its own.
type faultyWorld struct {
	*world
	line  *wire               // before the provider without TLS
	site  *site               // nil = no route has needed it yet
	plain string              // its address, as the office gives it
	known [overProxy + 1]bool // whether the taxpayer list was fetched over the route
}

func newFaultyWorld(t *testing.T, o office) *faultyWorld {
	t.Helper()
	w := newWorld(t, setup{office: o})
	return &faultyWorld{world: w, line: newWire(t, w.server.Listener.Addr().String()), plain: w.loaded.Companies[0].Accounts[0].BaseURL}
}

// travel restarts this process, to reach the provider over a route. No breaker is open from what was before.
func (w *faultyWorld) travel(over route) {
	w.t.Helper()
	at := "http://" + w.line.addr
	if over != overPlain {
		if w.site == nil {
			w.site = newSite(w.t, w.world)
		}
		at = w.site.url(over)
	}
	w.loaded.Companies[0].Accounts[0].BaseURL = strings.Replace(w.plain, w.server.URL, at, 1)
	w.reopen(w.loaded)
	if w.known[over] || !w.first() {
		return
	}
	w.known[over] = true
	if _, err := w.company.ImportTaxpayers(w.t.Context()); err != nil { // the list belongs to the address
		w.t.Fatal(err)
	}
}

// cell has one kind of request meet one fault, says where things stand while it lasts, and wants everything in its place
// once it is over.
func (w *faultyWorld) cell(m meets, at column) (stands string) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), patience)
	defer cancel()
	const n = 3
	w.loaded.Companies[0].Accounts[0].Timeout.Duration = time.Minute
	if m.short {
		w.loaded.Companies[0].Accounts[0].Timeout.Duration = 500 * time.Millisecond
	}
	w.travel(m.over)
	w.begin(1, 0, 1) // one sale goes out in peace
	w.settle()
	w.sales(2, n-1)
	w.office.receive(2, 5)
	pass := func() { _, _ = w.company.Outbound(ctx, nil) } // that it fails is the point
	switch at {
	case lookUp:
		w.fault(create, simulator.Fault{Kind: simulator.FaultAnswerLost})
		pass()
		w.office.ClearFaults()
		pass = func() { _, _ = w.company.Followup(ctx, nil) }
	case status:
		pass()
		pass = func() { _, _ = w.company.Followup(ctx, nil) }
	case list, download:
		pass = func() { _, _ = w.company.Inbound(ctx, nil) }
	}
	w.later(10 * time.Minute)
	if m.wire == "refused" {
		w.server.CloseClientConnections() // else they are still open
	}
	heal := w.meet(m, at)
	pass()
	stands = w.stands(at)
	heal()
	w.office.ClearFaults()
	w.office.Advance(2 * time.Minute)
	w.reopen(w.loaded)
	w.attended(n)
	if m.bends && at == download { // what was served is what is kept, byte by byte; it is not what the provider holds
		w.office.Reset()
		return stands
	}
	v := w.sound(columns[at]+" meets "+m.name, n)
	if again := v.legal - n; again > 0 {
		stands += fmt.Sprintf(", %d sent again", again)
	}
	return stands
}

// meet begins a fault; the function that it gives ends it.
func (w *faultyWorld) meet(m meets, at column) (heal func()) {
	w.t.Helper()
	if m.over != overPlain {
		w.site.strike(w.t, m.wire)
		return w.site.mend
	}
	switch m.wire {
	case "":
		f := m.fault
		f.Body = strings.ReplaceAll(f.Body, "{key}", w.office.key())
		w.fault(at, f)
		return func() {}
	case "idle closed":
		w.server.CloseClientConnections()
		return func() {}
	}
	w.line.fail(m.wire)
	return func() { w.line.fail("") }
}

// stands says where documents or incoming invoices are.
func (w *world) stands(at column) string {
	w.t.Helper()
	query := "SELECT state, COUNT(*) AS n FROM documents WHERE sale_key <> '1' GROUP BY state"
	if at == list || at == download {
		query = "SELECT state, COUNT(*) AS n FROM received GROUP BY state"
	}
	var rows []struct {
		State string
		N     int
	}
	if err := w.ledger.DB().SelectContext(w.t.Context(), &rows, query); err != nil {
		w.t.Fatal(err)
	}
	var out []string
	for _, r := range rows {
		out = append(out, r.State)
	}
	if len(out) == 0 {
		return "still new"
	}
	slices.Sort(out)
	return strings.Join(out, " and ")
}

// attended lets everything come to rest, with a person who does what the advice says: a refused sale is corrected, a disputed
// document is looked up in the portal and marked.
func (w *world) attended(n int) {
	w.t.Helper()
	w.settle()
	if w.count("SELECT COUNT(*) FROM documents WHERE state = 'accepted'") == n {
		return
	}
	w.person()
	w.erp.Exec(w.t, "UPDATE sales s JOIN sale_lines l ON l.sale_id = s.id SET s.note = 'düzeltildi', l.description = 'düzeltildi' WHERE s.einvoice_state IN ('refused', 'held')")
	w.reopen(w.loaded)
	w.settle()
}
