package torture

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"faturad/internal/dbtest"
	"faturad/internal/invoice"
	"faturad/providers/kolaybi/kolaybisim"
)

// kolaybiWorld is an installation whose provider makes drafts first and refuses nothing by any key of ours: only faturad's own
// rules keep a sale from being two invoices.
type kolaybiWorld struct {
	*world
	office *kolaybisim.Simulator
}

const kolaybiConfig = `
[ledger]
dsn = { file = "%[1]s/ledger.dsn" }
migrate_dsn = { file = "%[1]s/migrate.dsn" }
[admin]
listen = "127.0.0.1:0"
token = { file = "%[1]s/admin.token" }
[[company]]
name = "acme"
vkn = "%[2]s"
  [company.seller]
  name = "Örnek Yazılım Ticaret A.Ş."
  tax_office = "Çankaya"
  street = "Atatürk Bulvarı"
  district = "Çankaya"
  city = "Ankara"
  [[company.account]]
  name = "main"
  active = true
  kind = "kolaybi"
  base_url = "%[3]s"
  api_key = { file = "%[1]s/provider.key" }
  channel = { file = "%[1]s/provider.channel" }
  in_flight = 4
    [company.account.kolaybi]
    page_pause = "1ms"
  [company.routing]
  kind = "e-arsiv"
  [company.erp]
  id = "erp1"
  dsn = { file = "%[1]s/erp.dsn" }
  preset = "reference"
  start = %[4]s
`

func newKolaybiWorld(t *testing.T) *kolaybiWorld {
	t.Helper()
	w := &kolaybiWorld{world: &world{t: t, dir: t.TempDir(), erp: dbtest.New(t), ledger: dbtest.New(t), gate: &gate{}}}
	w.office = kolaybisim.New(kolaybisim.Options{Latency: 3 * time.Millisecond, Instant: true, SellerTaxNo: sellerVKN})
	w.server = httptest.NewServer(w.office)
	t.Cleanup(w.server.Close)
	for name, value := range map[string]string{
		"provider.key": kolaybisim.DefaultAPIKey, "provider.channel": kolaybisim.DefaultChannel, "admin.token": "torture-admin-token-of-some-length",
		"ledger.dsn": w.ledger.DSN(), "migrate.dsn": w.ledger.DSN(), "erp.dsn": w.erp.DSN(),
	} {
		w.secret(name, value)
	}
	w.config = filepath.Join(w.dir, "faturad.toml")
	w.judged = w.config
	text := fmt.Sprintf(kolaybiConfig, w.dir, sellerVKN, w.server.URL+kolaybisim.Base, time.Now().AddDate(0, -2, 0).Format(time.DateOnly))
	if err := os.WriteFile(w.config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	w.erp.Script(t, w.ok("init", "--erp", "reference", "--sql"))
	w.ok("migrate")
	w.ledger.Exec(t, "UPDATE birth SET created_at = created_at - INTERVAL 30 DAY")
	w.open(setup{})
	return w
}

// fresh forgets the round before and offers n sales.
func (w *kolaybiWorld) fresh(n int) {
	w.t.Helper()
	w.office.Reset()
	for _, table := range []string{"documents", "payloads", "attempts", "audit"} {
		w.ledger.Exec(w.t, "DELETE FROM `"+table+"`")
	}
	for _, table := range []string{"sales", "sale_lines"} {
		w.erp.Exec(w.t, "DELETE FROM `"+table+"`")
	}
	w.sales(1, n)
}

// sound wants one document a sale, or none and a person who is told why; no draft left; and the ERP with the numbers of the
// provider. It says how many sales wait for a person.
func (w *kolaybiWorld) sound(what string, sales int) (held int) {
	w.t.Helper()
	var rows []struct{ ID, State, Number, Message string }
	if err := w.erp.DB().SelectContext(w.t.Context(), &rows, `SELECT id, COALESCE(einvoice_state, '') AS state, COALESCE(einvoice_no, '') AS number,
		COALESCE(einvoice_message, '') AS message FROM sales`); err != nil {
		w.t.Fatal(err)
	}
	numbers := map[uuid.UUID][]string{}
	for _, d := range w.office.Documents() {
		numbers[d.Key] = append(numbers[d.Key], d.Number)
	}
	drafts := map[uuid.UUID]int{}
	for _, d := range w.office.Drafts() {
		drafts[d.Key]++
	}
	if len(rows) != sales {
		w.t.Errorf("%s: %d sales in the ERP instead of %d", what, len(rows), sales)
	}
	for _, r := range rows {
		key := invoice.ETTN(sellerVKN, "erp1", "sale", r.ID, 1)
		switch have := numbers[key]; {
		case len(have) > 1:
			w.t.Errorf("%s: DUPLICATE: sale %s has the numbers %v", what, r.ID, have)
		case r.State == "accepted" && (len(have) != 1 || have[0] != r.Number || drafts[key] != 0):
			w.t.Errorf("%s: sale %s shows %q, the provider has %v and %d drafts", what, r.ID, r.Number, have, drafts[key])
		case r.State == "disputed" && r.Message != "":
			held++ // its draft stays for the person who looks
		case r.State != "accepted":
			w.t.Errorf("%s: LOST: sale %s is %q: %s", what, r.ID, r.State, r.Message)
		}
	}
	return held
}

// kolaybiPoints are where a process that speaks to KolayBi may die, with the passes that each has for a dozen sales.
var kolaybiPoints = map[string]int{
	"ground.before": 24, "ground.after": 24, "release.legal": 12, "released.legal": 12, "send.before": 48, "send.after": 48, "send.queued": 48,
	"http.connected": 36, "http.written": 36, "http.answered": 36, "http.read": 36, "record.before": 8, "record.after": 8,
	"ledger.commit.before": 10, "ledger.commit.after": 10, "answers.before": 1, "writeback.before": 1,
}

// TestKolayBiKilled kills the process at every kind of place of the four steps, with and without a provider that loses answers.
func TestKolayBiKilled(t *testing.T) {
	t.Parallel()
	w := newKolaybiWorld(t)
	random := dice(t)
	const sales = 8
	kills, rounds, held, begun := 0, 0, 0, time.Now()
	passes := 1
	if long() {
		passes = 12
	}
	for range passes {
		for _, point := range slices.Sorted(maps.Keys(kolaybiPoints)) {
			most := kolaybiPoints[point]
			w.fresh(sales)
			if rounds%2 == 1 {
				w.weather(random)
			}
			at := fmt.Sprintf("%s:%d", point, 1+random.IntN(most))
			if w.start(at, "sync", "all").end() {
				kills++
			}
			w.office.ClearFaults()
			w.rest()
			rounds++
			held += w.sound(at, sales)
			if t.Failed() {
				t.FailNow()
			}
		}
	}
	if kills < rounds/3 {
		t.Errorf("%d of %d rounds were killed: the harness hits too little", kills, rounds)
	}
	t.Logf("%d kills in %d rounds of %d sales, %s: 0 duplicates, 0 lost, no draft beside an invoice; %d sales held for a person (the legal step was interrupted)",
		kills, rounds, sales, time.Since(begun).Round(time.Second), held)
}

// weather has the provider lose what it did, in every step.
func (w *kolaybiWorld) weather(random *rand.Rand) {
	w.t.Helper()
	for _, f := range []kolaybisim.Fault{
		{Kind: kolaybisim.FaultSavedError, Family: kolaybisim.FamilyDraft, Probability: 0.2},
		{Kind: kolaybisim.FaultAnswerLost, Family: kolaybisim.FamilyLegal, Probability: 0.2},
		{Kind: kolaybisim.FaultCut, Family: kolaybisim.FamilyLegal, Probability: 0.1},
		{Kind: kolaybisim.FaultAnswerLost, Family: kolaybisim.FamilyContact, Probability: 0.1},
		{Kind: kolaybisim.FaultExpireToken, Probability: 0.02},
	} {
		f.Seed = random.Uint64()
		if err := w.office.SetFault(f); err != nil {
			w.t.Fatal(err)
		}
	}
}
