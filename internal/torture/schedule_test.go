package torture

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"faturad/internal/clock"
	"faturad/internal/fault"
	"faturad/providers/turkcell"
	"faturad/providers/turkcell/turkcellsim"
	"faturad/sync/erp"
	"faturad/sync/inbound"
)

// TestInboxSchedules pulls and sweeps an inbox that changes between any two requests: invoices arrive and are deleted,
// others clear and set flags, pages change their size, keys are refused, servers fail. After one pull and one sweep, as
// often interrupted and gone on as it takes, the ledger and the ERP must hold every invoice of the provider byte for byte,
// each once.
//
// FATURAD_INBOX_SCHEDULES=from:count chooses the schedules by number; the number is the seed. Default 1:50.
func TestInboxSchedules(t *testing.T) {
	t.Parallel()
	from, count := rangeOf(t, "FATURAD_INBOX_SCHEDULES", 1, 50)
	w := newInboxWorld(t)
	var sum tally
	begun := time.Now()
	for seed := from; seed < from+count && !t.Failed(); seed++ {
		w.schedule(seed, &sum)
	}
	t.Logf("%d schedules in %s: %d invoices, %d events between requests (%v), %d interruptions; all stored byte for byte, each once",
		count, time.Since(begun).Round(time.Second), sum.invoices, sum.events, sum.kinds, sum.interruptions)
	if sum.events < count*5 || sum.interruptions < count/10 {
		t.Errorf("only %d events and %d interruptions: the schedules disturb too little", sum.events, sum.interruptions)
	}
}

// TestTenThousandIncoming is one long schedule (FATURAD_INBOX_COUNT invoices, 10,000 in make torture).
func TestTenThousandIncoming(t *testing.T) {
	t.Parallel()
	n := number(t, "FATURAD_INBOX_COUNT", 200)
	w := newInboxWorld(t)
	var sum tally
	begun := time.Now()
	w.play(7, n, min(500, max(20, n/20)), 60, &sum)
	t.Logf("%d invoices in %s, %d events, %d interruptions", sum.invoices, time.Since(begun).Round(time.Second), sum.events, sum.interruptions)
}

// rangeOf reads "from:count" from the environment.
func rangeOf(t *testing.T, name string, from, count int) (int, int) {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return from, count
	}
	a, b, ok := strings.Cut(text, ":")
	first, err1 := strconv.Atoi(a)
	many, err2 := strconv.Atoi(b)
	if !ok || err1 != nil || err2 != nil || many < 1 {
		t.Fatalf("%s=%q is not from:count", name, text)
	}
	return first, many
}

// tally is what schedules did.
type tally struct {
	invoices, events, interruptions int
	kinds                           map[string]int
}

// inboxWorld is a world whose provider changes between requests. The provider is asked without guards: they would make the
// test wait after a refused key.
type inboxWorld struct {
	*world
	models [][]byte // invoices to be varied
	random *rand.Rand
	sum    *tally
	budget int // events to come

	sweeping bool // the pull is over

	present map[uuid.UUID]string // hash of what the provider has or had
	deleted map[uuid.UUID]bool
	serial  int
}

func newInboxWorld(t *testing.T) *inboxWorld {
	w := &inboxWorld{world: newWorld(t, setup{})}
	w.models = models(t)
	return w
}

// models are real invoices: the official samples where they are beside the project, and our own golden ones.
func models(t *testing.T) (out [][]byte) {
	t.Helper()
	root := filepath.Join("..", "..")
	for _, pattern := range []string{filepath.Join("..", "shared", "ubltr", "samples", "*", "*.xml"), filepath.Join("mapping", "ubl", "testdata", "*.xml")} {
		files, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := turkcellsim.New(turkcellsim.Options{}).AddIncoming(data); err == nil { // what the provider would take
				out = append(out, data)
			}
		}
	}
	if len(out) < 40 {
		t.Fatalf("only %d model invoices", len(out))
	}
	return out
}

var (
	uuidElement = regexp.MustCompile(`<cbc:UUID>[^<]*</cbc:UUID>`)
	idElement   = regexp.MustCompile(`<cbc:ID>[A-Z0-9]{16}</cbc:ID>`)
)

// another makes one more invoice out of a model.
func (w *inboxWorld) another() []byte {
	w.serial++
	var id uuid.UUID
	for i := range id {
		id[i] = byte(w.random.Uint32())
	}
	id[6], id[8] = id[6]&0x0f|0x40, id[8]&0x3f|0x80
	model := w.models[w.random.IntN(len(w.models))]
	data := replaceFirst(uuidElement, model, "<cbc:UUID>"+id.String()+"</cbc:UUID>")
	return replaceFirst(idElement, data, fmt.Sprintf("<cbc:ID>GLN2026%09d</cbc:ID>", w.serial))
}

func replaceFirst(pattern *regexp.Regexp, data []byte, with string) []byte {
	at := pattern.FindIndex(data)
	if at == nil {
		return data
	}
	return slices.Concat(data[:at[0]], []byte(with), data[at[1]:])
}

// arrive puts one more invoice into the inbox: sometimes one that arrived days ago, sometimes one that nobody can read.
func (w *inboxWorld) arrive() {
	data := w.another()
	if w.random.IntN(20) == 0 {
		id := uuid.MustParse(string(uuidElement.Find(data)[len("<cbc:UUID>") : len("<cbc:UUID>")+36]))
		data = append(data[:len(data)/2:len(data)/2], []byte("<!DOCTYPE x></Invoice>")...)
		w.sim.AddDamaged(id, fmt.Sprintf("BZK2026%09d", w.serial), data)
		w.present[id] = hashOf(data)
		return
	}
	id, err := w.sim.AddIncomingAt(data, time.Now().Add(-time.Duration(w.random.IntN(5*24))*time.Hour))
	if err != nil {
		w.t.Fatal(err)
	}
	w.present[id] = hashOf(data)
}

func hashOf(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// disturb lets one thing happen.
func (w *inboxWorld) disturb() {
	if w.budget == 0 || w.random.IntN(3) > 0 {
		return
	}
	w.budget--
	all := w.sim.Incoming()
	kinds := []string{"arrival", "arrival", "deletion", "cleared", "cleared", "set", "page size", "401", "500", "500 download", "garbage", "cleared for nothing"}
	kind := kinds[w.random.IntN(len(kinds))]
	if len(all) == 0 {
		kind = "arrival"
	}
	w.sum.events++
	w.sum.kinds[kind]++
	any := func() uuid.UUID { return all[w.random.IntN(len(all))].ETTN }
	once := func(f turkcellsim.Fault) {
		f.Times = 1
		w.turkcellFault(f)
	}
	switch kind {
	case "arrival":
		for range 1 + w.random.IntN(3) {
			w.arrive()
		}
	case "deletion":
		id := any()
		w.sim.RemoveIncoming(id)
		w.deleted[id] = true
	case "cleared":
		w.sim.SetIsNew(any(), false)
	case "set":
		w.sim.SetIsNew(any(), true)
	case "page size":
		w.sim.SetLargestPage(1 + w.random.IntN(12))
	case "401":
		once(turkcellsim.Fault{Kind: turkcellsim.FaultStatus, Status: http.StatusUnauthorized})
	case "500":
		once(turkcellsim.Fault{Kind: turkcellsim.FaultStatus, Status: http.StatusInternalServerError})
	case "500 download":
		once(turkcellsim.Fault{Kind: turkcellsim.FaultStatus, Status: http.StatusInternalServerError, Family: turkcellsim.FamilyDownload})
	case "garbage":
		once(turkcellsim.Fault{Kind: turkcellsim.FaultTruncated, Family: turkcellsim.FamilyDownload})
	case "cleared for nothing":
		once(turkcellsim.Fault{Kind: turkcellsim.FaultStatus, Status: http.StatusOK, Body: "7", Family: turkcellsim.FamilyAck})
	}
}

// ServeHTTP lets something happen before the listing answers, and before flags are cleared. After the last page of the sweep
// nothing happens any more: what arrives then belongs to the next pull, and what is cleared then to the next sweep.
func (w *inboxWorld) ServeHTTP(out http.ResponseWriter, r *http.Request) {
	listing := strings.HasSuffix(r.URL.Path, "/list")
	clearing := strings.HasSuffix(r.URL.Path, "/updateisnew") || r.URL.Query().Get("isNew") != ""
	if listing && !clearing || clearing && !w.sweeping {
		w.disturb()
	}
	w.sim.ServeHTTP(out, r)
}

// schedule plays one short schedule.
func (w *inboxWorld) schedule(seed int, sum *tally) {
	random := rand.New(rand.NewPCG(uint64(seed), 2))
	w.play(seed, 5+random.IntN(40), 3+random.IntN(8), 5+random.IntN(20), sum)
}

// play fills the inbox with n invoices and pulls and sweeps it in pages of a size while budget events happen.
func (w *inboxWorld) play(seed, n, page, budget int, sum *tally) {
	t := w.t
	t.Helper()
	w.begin(0, 0, 0)
	for _, table := range []string{"marks", "received_files", "received_fetches", "received_finds", "received_misses"} {
		w.ledger.Exec(t, "DELETE FROM "+table)
	}
	w.random, w.sum, w.budget, w.serial, w.sweeping = rand.New(rand.NewPCG(uint64(seed), 1)), sum, budget, 0, false
	w.present, w.deleted = map[uuid.UUID]string{}, map[uuid.UUID]bool{}
	if sum.kinds == nil {
		sum.kinds = map[string]int{}
	}
	for range n {
		w.arrive()
	}
	server := httptest.NewServer(w)
	defer server.Close()
	provider, err := turkcell.New(turkcell.Config{BaseURL: server.URL, APIKey: apiKey, ReadRetries: -1}, clock.Real{}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	source, err := w.company.Source(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	job := &inbound.Job{
		Company: "acme", Owner: fmt.Sprint("schedule ", seed), Ledger: w.app.Ledger, ERP: always{source}, Clock: clock.Real{}, Log: w.log(), PageSize: page,
		Account: inbound.Account{Name: "main", Kind: turkcell.Name, Inbox: provider, InFlight: 1 + seed%5}, PDF: seed%7 == 0,
	}
	w.through(seed, "pull", job.Run)
	w.sweeping = true
	w.through(seed, "sweep", job.Sweep)
	w.budget = 0
	w.sim.ClearFaults()
	w.sameSet(seed, w.missed())
	// What was interrupted or cleared for nothing is made up for when it is due again.
	for range 10 {
		w.later(12 * time.Hour)
		if _, err := job.Run(t.Context()); err != nil {
			t.Errorf("schedule %d: afterwards: %v", seed, err)
		}
		if w.count("SELECT COUNT(*) FROM received WHERE state IN ('stored', 'projected') OR failures = 1 AND state = 'quarantined'") == 0 &&
			len(w.missed()) == 0 {
			break // everything is done, and what is quarantined was tried again
		}
	}
	w.settledInbox(seed)
	sum.invoices += len(w.present)
}

// through runs a pass until it ends without an error: each interruption goes on where it was.
func (w *inboxWorld) through(seed int, what string, pass func(context.Context) (inbound.Result, error)) {
	w.t.Helper()
	for range 60 {
		_, err := pass(w.t.Context())
		if err == nil {
			return
		}
		if !errors.Is(err, fault.Auth) && !errors.Is(err, fault.Retryable) && !errors.Is(err, fault.Ambiguous) {
			w.t.Errorf("schedule %d: %s: %v", seed, what, err)
		}
		w.sum.interruptions++
	}
	w.t.Errorf("schedule %d: the %s does not come to an end", seed, what)
}

// missed are the invoices whose download failed so often in one pass that the next one has to ask again.
func (w *inboxWorld) missed() map[uuid.UUID]bool {
	w.t.Helper()
	var ids []uuid.UUID
	if err := w.ledger.DB().SelectContext(w.t.Context(), &ids, "SELECT ettn FROM received_misses"); err != nil {
		w.t.Fatal(err)
	}
	late := map[uuid.UUID]bool{}
	for _, id := range ids {
		late[id] = true
	}
	return late
}

// sameSet wants the ledger to hold what the provider has, byte for byte, each once, and beyond that only what was deleted. Only
// late ones may still be absent.
func (w *inboxWorld) sameSet(seed int, late map[uuid.UUID]bool) {
	w.t.Helper()
	var rows []struct {
		ID   int64
		ETTN uuid.UUID
	}
	if err := w.ledger.DB().SelectContext(w.t.Context(), &rows, "SELECT id, ettn FROM received"); err != nil {
		w.t.Fatal(err)
	}
	stored := map[uuid.UUID]string{}
	for _, row := range rows {
		raw, err := w.app.Ledger.RawReceived(w.t.Context(), row.ID)
		if err != nil {
			w.t.Fatal(err)
		}
		if _, twice := stored[row.ETTN]; twice {
			w.t.Errorf("schedule %d: %s is stored twice", seed, row.ETTN)
		}
		stored[row.ETTN] = hashOf(raw)
	}
	for _, in := range w.sim.Incoming() {
		if got, there := stored[in.ETTN]; got != in.SHA256 && (there || !late[in.ETTN]) {
			w.t.Errorf("schedule %d: %s (new %t): the provider has %.12s, the ledger %.12q", seed, in.ETTN, in.IsNew, in.SHA256, stored[in.ETTN])
		}
	}
	for id, hash := range stored {
		if w.present[id] != hash {
			w.t.Errorf("schedule %d: %s is stored with bytes that the provider never had", seed, id)
		}
	}
}

// settledInbox wants everything readable in the ERP, once, every flag of it cleared, and the rest quarantined and shown.
func (w *inboxWorld) settledInbox(seed int) {
	w.t.Helper()
	w.sameSet(seed, nil)
	w.judgeSecrets(func(format string, args ...any) { w.t.Errorf("schedule %d: "+format, append([]any{seed}, args...)...) })
	var files []struct{ ETTN, Hash, Status string }
	if err := w.erp.DB().SelectContext(w.t.Context(), &files, `SELECT g.ettn, SHA2(d.icerik, 256) AS hash, g.durum AS status FROM efatura_gelen g
		JOIN efatura_gelen_dosya d ON d.ettn = g.ettn AND d.bicim = 'ubl'`); err != nil {
		w.t.Fatal(err)
	}
	shown := map[string]bool{}
	for _, f := range files {
		shown[f.ETTN] = true
		if w.present[uuid.MustParse(f.ETTN)] != f.Hash {
			w.t.Errorf("schedule %d: the ERP has other bytes of %s than the provider", seed, f.ETTN)
		}
	}
	states := map[string]string{}
	var rows []struct{ ETTN, State string }
	if err := w.ledger.DB().SelectContext(w.t.Context(), &rows, "SELECT ettn, state FROM received"); err != nil {
		w.t.Fatal(err)
	}
	for _, r := range rows {
		states[r.ETTN] = r.State
		if !shown[r.ETTN] {
			w.t.Errorf("schedule %d: %s (%s) is not in the ERP", seed, r.ETTN, r.State)
		}
	}
	for _, in := range w.sim.Incoming() {
		damaged := bytes.Contains(in.UBL, []byte("<!DOCTYPE"))
		want := "acknowledged"
		if damaged {
			want = "quarantined"
		}
		if got := states[in.ETTN.String()]; got != want || !damaged && in.IsNew {
			w.t.Errorf("schedule %d: %s is %s, new %t; want %s", seed, in.ETTN, got, in.IsNew, want)
		}
	}
}

// always is an ERP that is there.
type always struct{ *erp.Source }

// Ready implements inbound.Target.
func (always) Ready(context.Context) error { return nil }
