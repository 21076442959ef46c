package e2e

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"faturad/internal/dbtest"
	"faturad/providers/kolaybi/kolaybisim"
	"faturad/providers/propars/proparssim"
	"faturad/providers/simulator"
	"faturad/providers/turkcell/turkcellsim"
)

// office is one company of an installation with several: its own ERP, its own provider, the ledger and config of all.
type office struct {
	*world
	name, vkn         string
	url               string // of the provider
	turnstile         *turnstile
	drafts, documents func() int   // at its provider: without and with legal effect
	lose              func() error // has the provider do the next release, and the next cancellation, without answering
}

// offices installs one faturad for three companies at three providers, each behind a turnstile.
func offices(t *testing.T, turkcell turkcellsim.Options) (shared *world, turk, kolay, pars *office) {
	t.Helper()
	t.Parallel()
	shared = &world{t: t, dir: t.TempDir(), ledger: dbtest.New(t)}
	shared.config = filepath.Join(shared.dir, "faturad.toml")
	var companies strings.Builder
	join := func(name, vkn, kind, path string, sim http.Handler) *office {
		front := &turnstile{provider: sim}
		server := httptest.NewServer(front)
		t.Cleanup(server.Close)
		o := &office{world: &world{t: t, dir: shared.dir, config: shared.config, ledger: shared.ledger, erp: dbtest.New(t, dbtest.Charset("utf8mb4", ""))},
			name: name, vkn: vkn, url: server.URL + path, turnstile: front}
		shared.secret(name+".dsn", o.erp.DSN())
		fmt.Fprintf(&companies, companyConfig, name, vkn, accountAt(shared.dir, kind, o.url, true), shared.dir, time.Now().AddDate(0, -2, 0).Format(time.DateOnly))
		return o
	}
	turkcell.APIKey = apiKey
	kolayVKN, parsVKN := turkcellsim.ExampleVKN(21), turkcellsim.ExampleVKN(22)
	atTurkcell := turkcellsim.New(turkcell)
	atKolayBi := kolaybisim.New(kolaybisim.Options{Instant: true, SellerTaxNo: kolayVKN})
	atPropars := proparssim.New(proparssim.Options{SellerTaxNo: parsVKN})
	turk = join("turk", sellerVKN, "turkcell", "", atTurkcell)
	kolay = join("kolay", kolayVKN, "kolaybi", kolaybisim.Base, atKolayBi)
	pars = join("pars", parsVKN, "propars", proparssim.Base, atPropars)
	turk.sim = atTurkcell
	turk.drafts = func() int {
		return len(slices.DeleteFunc(atTurkcell.Documents(), func(d turkcellsim.Document) bool { return d.Status != 0 }))
	}
	turk.documents = func() int { return len(atTurkcell.Documents()) - turk.drafts() }
	turk.lose = func() error {
		return atTurkcell.SetFault(turkcellsim.Fault{Kind: turkcellsim.FaultAnswerLost, Family: turkcellsim.FamilyUpdate, Times: 1})
	}
	kolay.lose = func() error { return nil } // its releases belong to outbound, which has look-ups of its own
	pars.lose = func() error {
		return errors.Join(atPropars.SetFault(proparssim.Fault{Kind: simulator.FaultAnswerLost, Family: proparssim.FamilySend, Times: 1}),
			atPropars.SetFault(proparssim.Fault{Kind: simulator.FaultAnswerLost, Family: proparssim.FamilyCancel, Times: 1}))
	}
	kolay.drafts, kolay.documents = func() int { return len(atKolayBi.Drafts()) }, func() int { return len(atKolayBi.Documents()) }
	pars.drafts, pars.documents = func() int { return len(atPropars.Unsent()) }, func() int { return len(atPropars.Documents()) }
	for name, value := range map[string]string{
		"turkcell.key": apiKey, "kolaybi.key": kolaybisim.DefaultAPIKey, "kolaybi.channel": kolaybisim.DefaultChannel, "propars.password": proparssim.DefaultPassword,
		"admin.token": "e2e-admin-token-of-some-length", "ledger.dsn": shared.ledger.DSN(), "migrate.dsn": shared.ledger.DSN(),
	} {
		shared.secret(name, value)
	}
	text := fmt.Sprintf(sharedConfig, shared.dir) + companies.String()
	if err := os.WriteFile(shared.config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	install := shared.ok("init", "--erp", "reference", "--sql")
	for _, o := range []*office{turk, kolay, pars} {
		o.erp.Script(t, install)
	}
	shared.ok("migrate")
	return shared, turk, kolay, pars
}

const sharedConfig = `
[ledger]
dsn = { file = "%[1]s/ledger.dsn" }
migrate_dsn = { file = "%[1]s/migrate.dsn" }
[admin]
listen = "127.0.0.1:0"
token = { file = "%[1]s/admin.token" }
[archive]
enabled = false
`

const companyConfig = `
[[company]]
name = "%[1]s"
vkn = "%[2]s"
  [company.seller]
  name = "Örnek Yazılım Ticaret A.Ş."
  tax_office = "Çankaya"
  street = "Atatürk Bulvarı"
  district = "Çankaya"
  city = "Ankara"
%[3]s
  [company.routing]
  kind = "e-arsiv"
  [company.erp]
  id = "erp-%[1]s"
  dsn = { file = "%[4]s/%[1]s.dsn" }
  preset = "reference"
  start = %[5]s
`

// accountAt is an account's block in the config.
func accountAt(dir, kind, url string, active bool) string {
	credentials := map[string]string{
		"turkcell": `api_key = { file = "%[1]s/turkcell.key" }`,
		"kolaybi":  `api_key = { file = "%[1]s/kolaybi.key" }` + "\n  " + `channel = { file = "%[1]s/kolaybi.channel" }`,
		"propars":  `username = "` + proparssim.DefaultUsername + `"` + "\n  " + `password = { file = "%[1]s/propars.password" }`,
	}[kind]
	return fmt.Sprintf("  [[company.account]]\n  name = %q\n  active = %t\n  kind = %q\n  base_url = %q\n  "+strings.ReplaceAll(credentials, "%[1]s", dir), kind, active, kind, url)
}

// accepted counts the sales that the ERP shows as accepted.
func (o *office) accepted() (n int) {
	o.t.Helper()
	if err := o.erp.DB().GetContext(o.t.Context(), &n, "SELECT COUNT(*) FROM sales WHERE einvoice_state = 'accepted'"); err != nil {
		o.t.Fatal(err)
	}
	return n
}

// One daemon serves three companies at three providers. One provider never answers, to none of the third company's passes; the
// sales of the two others all complete meanwhile, in the ERP too, and what hung is as it was. No clock decides: the requests
// that hung before the first of these sales came still hang after the last. What that costs is measured by
// BenchmarkCompanies.
func TestProviderThatNeverAnswersHoldsUpNobodyElse(t *testing.T) {
	shared, turk, kolay, pars := offices(t, turkcellsim.Options{Pace: turkcellsim.Pace{Mode: turkcellsim.PaceInstant}})
	shared.everySecond()
	const n = 10
	shared.edit(func(text string) string { // requests hang for as long as the test lasts, whatever the machine
		text = strings.Replace(text, "[ledger]\n", "[ledger]\nlease = \"30m\"\n", 1)
		return strings.Replace(text, `kind = "propars"`, "kind = \"propars\"\n  timeout = \"10m\"", 1)
	})
	daemon, _, _ := shared.daemon()
	pars.sales(1, 2) // tokens: once
	pars.until(func() bool { return pars.accepted() == 2 || daemon.ended() })

	pars.turnstile.shut()
	t.Cleanup(pars.turnstile.open)
	pars.sales(3, n)
	hung := 0 // of those that the pass found when it began; it has begun, and will not end
	pars.until(func() bool { hung, _ = pars.turnstile.hanging(); return hung > 0 || daemon.ended() })
	for _, o := range []*office{turk, kolay} {
		o.sales(1, n)
	}
	for _, o := range []*office{turk, kolay} {
		o.until(func() bool { return o.accepted() == n || daemon.ended() })
	}
	if now, left := pars.turnstile.hanging(); now < max(1, hung) || left > 0 {
		t.Errorf("%d requests hang at the third provider, %d ended before the sales of the others were done: nothing was shown", now, left)
	}
	if got := pars.accepted(); got != 2 {
		t.Errorf("the provider that never answers accepted %d sales", got-2)
	}
	pars.turnstile.open()
	pars.until(func() bool { return pars.accepted() == 2+n || daemon.ended() })
	if daemon.ended() {
		t.Fatalf("the daemon ended:\n%s", daemon.err)
	}
}

// In the foreground it is the same: the first company's provider does not answer before the sales of the two others are done,
// and one command still serves all three, with one report in the order of the config.
func TestForegroundServesCompaniesAtOnce(t *testing.T) {
	shared, turk, kolay, pars := offices(t, turkcellsim.Options{Pace: turkcellsim.Pace{Mode: turkcellsim.PaceInstant}})
	const n = 5
	shared.edit(func(text string) string { // requests hang for as long as the test lasts, whatever the machine
		text = strings.Replace(text, "[ledger]\n", "[ledger]\nlease = \"30m\"\n", 1)
		return strings.Replace(text, `kind = "turkcell"`, "kind = \"turkcell\"\n  timeout = \"10m\"", 1)
	})
	turk.turnstile.shut()
	t.Cleanup(turk.turnstile.open)
	for _, o := range []*office{turk, kolay, pars} {
		o.sales(1, n)
	}
	command := shared.start("sync", "outbound", "--json")
	shared.until(func() bool { return kolay.documents() == n && pars.documents() == n || command.ended() })
	if got := turk.documents(); got > 0 || command.ended() {
		t.Errorf("the command ended (%t), or %d sales went out at a provider that does not answer\n%s", command.ended(), got, command.err)
	}
	turk.turnstile.open()
	r := command.wait()
	var report struct {
		Companies []struct {
			Company  string
			Outbound struct{ Sent int }
		}
	}
	if err := json.Unmarshal([]byte(r.out), &report); err != nil || r.code != 0 {
		t.Fatalf("exit code %d, %v\n%s%s", r.code, err, r.out, r.errOut)
	}
	if got, want := fmt.Sprint(report.Companies), fmt.Sprintf("[{turk {%[1]d}} {kolay {%[1]d}} {pars {%[1]d}}]", n); got != want {
		t.Errorf("the report has %s, want %s", got, want)
	}
}

// A company that moved to another provider sends there, and what it issued before is followed, cancelled, mailed and archived
// where it was issued.
func TestMovedCompanyIsFollowedAtTheOldProvider(t *testing.T) {
	shared, turk, kolay, _ := offices(t, turkcellsim.Options{Pace: turkcellsim.Pace{Mode: turkcellsim.PacePerPoll}})
	turk.sales(1, 3)
	turk.erp.Exec(t, "UPDATE sales SET buyer_email = 'alici@example.com' WHERE id = 2")
	turk.sim.SetMailbox("alici@example.com", turkcellsim.MailboxBounces)
	shared.edit(func(text string) string {
		return strings.Replace(text, "[archive]\nenabled = false", "[archive]\nenabled = true\ndir = \""+shared.dir+"/archive\"", 1)
	})
	shared.ok("sync", "outbound", "--company", "turk")
	if n := turk.accepted(); n != 0 {
		t.Fatalf("%d documents are final before the company moved: nothing would be followed", n)
	}
	shared.edit(func(text string) string {
		old := accountAt(shared.dir, "turkcell", turk.url, true)
		if !strings.Contains(text, old) {
			t.Fatalf("the config has no\n%s", old)
		}
		return strings.Replace(text, old, strings.Replace(old, "active = true", "active = false", 1)+"\n"+
			accountAt(shared.dir, "kolaybi", kolay.url, true), 1)
	})
	turk.sales(4, 2)
	shared.everySecond()
	daemon, _, _ := shared.daemon()
	turk.until(func() bool { return turk.accepted() == 5 || daemon.ended() })
	want := [][]string{{"kolaybi", "2"}, {"turkcell", "3"}}
	got := rowsOf(t, shared.ledger.DB(), "SELECT provider, COUNT(*) FROM documents WHERE company = 'turk' AND state = 'accepted' GROUP BY provider ORDER BY provider")
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("the ledger has %v, want %v\n%s", got, want, daemon.err)
	}
	turk.until(func() bool { return turk.mailed("2") == "İletilemedi: alici@example.com" || daemon.ended() })
	turk.sim.SetMailbox("alici@example.com", turkcellsim.MailboxTakes)
	turk.erp.Exec(t, "INSERT INTO efatura_istek (id, sale_id, islem, sebep, kim) VALUES (1, 1, 'cancel', 'mükerrer', 'ayse'), (2, 2, 'mail', '', 'ayse')")
	turk.until(func() bool {
		state := turk.rows("SELECT einvoice_state FROM sales WHERE id = 1")[0][0]
		return state == "cancelled" && turk.mailed("2") == "Gönderildi" || daemon.ended()
	})
	if d := turk.issued()["turk:sale:1"]; d.Status != 100 {
		t.Errorf("the cancelled invoice stands at %d at the old provider", d.Status)
	}
	daemon.stop()
	turk.pass("sync", "all", "--wait")
	files := rowsOf(t, shared.ledger.DB(), "SELECT account, COUNT(*) FROM files WHERE company = 'turk' AND state = 'stored' AND account = 'turkcell' GROUP BY account")
	if want := [][]string{{"turkcell", "9"}}; fmt.Sprint(files) != fmt.Sprint(want) {
		t.Errorf("of the old provider's three invoices the archive has %v, want %v", files, want)
	}
}
