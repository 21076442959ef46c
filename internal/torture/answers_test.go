package torture

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"faturad/internal/config"
	"faturad/providers/turkcell/turkcellsim"
)

// answerPoints are the places between the steps of answering incoming invoices and of filing documents.
var answerPoints = []string{
	"answer.taken", "answer.intent", "answer.sending", "answer.sent", "answer.looked", "answer.writing",
	"archive.fetched", "archive.written", "archive.named", "archive.recording", "archive.recorded",
}

// clerkWorld is a world in which people answer incoming invoices in the ERP, and whose archive is on.
type clerkWorld struct {
	*world
	folder  string            // of the archive
	decided map[string]string // by ETTN, what the provider must hold in the end
}

func newClerkWorld(t *testing.T) *clerkWorld {
	w := &clerkWorld{folder: filepath.Join(t.TempDir(), "archive")}
	w.world = newWorld(t, setup{sim: turkcellsim.Options{Latency: 3 * time.Millisecond}, tune: func(c *config.Config) {
		c.Archive.Enabled, c.Archive.Dir, c.Archive.MinFreeMB = true, w.folder, 1
	}})
	w.edit("# enabled = true\n# dir = \"/var/lib/faturad/archive\"", fmt.Sprintf("enabled = true\ndir = %q\nmin_free_mb = 1", w.folder))
	return w
}

// clerkSales and clerkIncoming are what each round holds.
const (
	clerkSales    = 2
	clerkIncoming = 8
)

// round offers sales, and incoming invoices that are stored already, and enters an answer to each commercial one in the ERP.
func (w *clerkWorld) round(random *rand.Rand) {
	w.t.Helper()
	w.begin(clerkSales, 0, 0)
	if err := os.RemoveAll(w.folder); err != nil {
		w.t.Fatal(err)
	}
	w.decided = map[string]string{}
	for len(w.decided) < 3 { // the simulator draws the scenarios
		w.sim.GenerateIncoming(clerkIncoming, random.Uint64())
		for _, in := range w.sim.Incoming() {
			if in.Scenario == "TICARIFATURA" {
				w.decided[in.ETTN.String()] = ""
			}
		}
	}
	if _, err := w.company.Inbound(w.t.Context(), nil); err != nil {
		w.t.Fatal(err)
	}
	var rows []string
	for _, in := range w.sim.Incoming() {
		if in.Scenario != "TICARIFATURA" {
			continue
		}
		id, answer, reason := in.ETTN.String(), "accept", "NULL"
		if w.decided[id] = "KABUL "; random.IntN(2) == 0 {
			answer, reason, w.decided[id] = "reject", "'fiyat farkı'", "RED fiyat farkı"
		}
		rows = append(rows, fmt.Sprintf("(%d, '%s', '%s', %s, 'ayse')", len(rows)+1, id, answer, reason))
	}
	w.erp.Exec(w.t, "INSERT INTO efatura_yanit (id, ettn, yanit, sebep, kim) VALUES "+strings.Join(rows, ", "))
	w.later(time.Hour)
}

// posted counts the answers that the provider was sent.
func (w *clerkWorld) posted() (n int) {
	for _, e := range w.sim.Log() {
		if e.Method == "POST" && strings.HasSuffix(strings.ToLower(e.Path), "/v1/invoiceresponse") {
			n++
		}
	}
	return n
}

// moving counts the answers and files that will still change without anybody's help.
func (w *clerkWorld) moving() int {
	return w.count(`SELECT (SELECT COUNT(*) FROM answers WHERE state IN ('open', 'wanted', 'sending', 'unknown', 'sent', 'failed') OR written_version < version)
		+ (SELECT COUNT(*) FROM files WHERE state = 'wanted' OR shown = FALSE)`)
}

// finish lets time pass until every answer and every file has come to rest.
func (w *clerkWorld) finish() {
	w.t.Helper()
	var last error
	for range 15 {
		w.later(time.Hour)
		_, last = w.company.Answers(w.t.Context())
		if _, err := w.company.Archive(w.t.Context(), nil); err != nil {
			last = err
		}
		if last == nil && w.moving() == 0 {
			return
		}
	}
	w.t.Errorf("answers and archive do not come to rest: %d still move; the last error is: %v", w.moving(), last)
}

// sound wants every decision at the provider, by one request each, and every file of every document whole. It gives the
// number of creating requests.
func (w *clerkWorld) sound(what string) (creates int) {
	w.t.Helper()
	creates = w.world.sound(what, clerkSales).creates
	if n := w.posted(); n != len(w.decided) {
		w.t.Errorf("PROMISE BROKEN: %s: %d requests for %d answers", what, n, len(w.decided))
	}
	for _, in := range w.sim.Incoming() {
		said := ""
		if in.Response != "" {
			said = in.Response + " " + in.ResponseWhy
		}
		if said != w.decided[in.ETTN.String()] {
			w.t.Errorf("PROMISE BROKEN: %s: the answer to %s is %q at the provider, %q was decided", what, in.ETTN, said, w.decided[in.ETTN.String()])
		}
	}
	var unfinished int
	if err := w.erp.DB().GetContext(w.t.Context(), &unfinished, "SELECT COUNT(*) FROM efatura_yanit WHERE sonuc IS NULL OR sonuc <> 1"); err != nil || unfinished > 0 {
		w.t.Errorf("%s: %d answers of the ERP have no outcome beside them (%v)", what, unfinished, err)
	}
	if n := w.count("SELECT COUNT(*) FROM answers WHERE state IN ('accepted', 'rejected')"); n != len(w.decided) {
		w.t.Errorf("%s: the ledger knows the end of %d of %d answers", what, n, len(w.decided))
	}
	w.whole(what)
	return creates
}

// whole wants three files of every invoice, each with the bytes whose hash the ledger has, and shown in the ERP.
func (w *clerkWorld) whole(what string) {
	w.t.Helper()
	var files []struct{ Path, SHA256, State string }
	if err := w.ledger.DB().SelectContext(w.t.Context(), &files, "SELECT path, sha256, state FROM files"); err != nil {
		w.t.Fatal(err)
	}
	if want := 3 * (clerkSales + len(w.sim.Incoming())); len(files) != want {
		w.t.Errorf("LOST: %s: %d files in the ledger, want %d", what, len(files), want)
	}
	for _, f := range files {
		data, err := os.ReadFile(filepath.Join(w.folder, f.Path))
		if sum := sha256.Sum256(data); err != nil || f.State != "stored" || hex.EncodeToString(sum[:]) != f.SHA256 {
			w.t.Errorf("LOST: %s: %s is %s and not what the ledger says (%v)", what, f.Path, f.State, err)
		}
	}
	var shown int
	const query = "SELECT (SELECT COUNT(*) FROM efatura_dosya) + (SELECT COUNT(*) FROM efatura_gelen_dosya WHERE yol IS NOT NULL AND yol <> '')"
	if err := w.erp.DB().GetContext(w.t.Context(), &shown, query); err != nil || shown != len(files) {
		w.t.Errorf("%s: the ERP shows %d of %d files (%v)", what, shown, len(files), err)
	}
}

// TestKilledWhileAnsweringAndFiling kills the process between any two steps of answering and of the archive. Afterwards each
// answer has reached the provider by one request, and every file lies in the archive with the hash that the ledger has.
func TestKilledWhileAnsweringAndFiling(t *testing.T) {
	t.Parallel()
	w := newClerkWorld(t)
	c := newCampaign(t, "killed while answering and filing")
	want := number(t, "FATURAD_TORTURE_KILLS", 0) / 10
	all := stage{name: "answers and files", args: []string{"sync", "all"}}
	for c.Rounds < len(answerPoints) || c.Kills < want {
		random := c.dice()
		point := answerPoints[c.Rounds%len(answerPoints)]
		w.round(random)
		at := place{all, point, 1 + random.IntN(2)}
		if strings.HasSuffix(point, "recording") || strings.HasSuffix(point, "recorded") {
			at.n = 1 // once for a whole batch
		}
		if w.die(at) {
			c.Kills++
		} else {
			c.Missed++
		}
		w.rest()
		w.finish()
		c.Creates += w.sound(at.String())
		c.Sales += clerkSales
		c.done()
	}
	t.Log(c)
	if c.Missed > c.Rounds/4 {
		t.Errorf("%d of %d kills came too late: the harness hits too little", c.Missed, c.Rounds)
	}
}
