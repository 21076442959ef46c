package e2e

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"faturad/providers/turkcell/turkcellsim"
)

// alarms are the names of what `faturad status` says is wrong.
func (w *world) alarms() (names []string) {
	w.t.Helper()
	var status struct {
		Alarms []struct{ Name, Message, Advice string }
	}
	if r := w.json(&status, "status"); (r.code == 3) != (len(status.Alarms) > 0) || r.code != 0 && r.code != 3 {
		w.t.Errorf("faturad status: exit code %d with %d alarms", r.code, len(status.Alarms))
	}
	for _, a := range status.Alarms {
		if a.Message == "" || a.Advice == "" {
			w.t.Errorf("%s says %q and advises %q", a.Name, a.Message, a.Advice)
		}
		names = append(names, a.Name)
	}
	return names
}

// alarming is what `faturad status` says while an alarm stands.
func (w *world) alarming() string {
	w.t.Helper()
	r := w.run("status")
	if r.code != 3 {
		w.t.Errorf("faturad status: exit code %d while an alarm stands\n%s", r.code, r.out)
	}
	return r.out
}

func (w *world) wantAlarms(want ...string) {
	w.t.Helper()
	if got := strings.Join(w.alarms(), " "); got != strings.Join(want, " ") {
		w.t.Errorf("the alarms are %q, want %q", got, want)
	}
}

// look reads a page of the daemon.
func (w *world) look(url string) string {
	t := w.t
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer e2e-admin-token-of-some-length")
	answer, err := w.server.Client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestRefusedKeyIsOneAlarm: a key that the provider refuses stops the paid calls, is said in one sentence wherever people look,
// fails no document, and is over by itself.
func TestRefusedKeyIsOneAlarm(t *testing.T) {
	w := ready(t, turkcellsim.Options{})
	w.everySecond()
	w.account("  in_flight = 2")
	w.sales(1, 40)
	w.fault(turkcellsim.Fault{Kind: turkcellsim.FaultStatus, Status: http.StatusUnauthorized})
	p, _, admin := w.daemon()
	w.until(func() bool { return w.count("SELECT COUNT(*) FROM documents") == 40 }) // any job may be the first to be refused
	const alarm = "provider.main.key"
	const sentence = "hesabının anahtarını kabul etmiyor"
	w.until(func() bool {
		return strings.Contains(w.look(admin+"/metrics"), `faturad_alarms{alarm="`+alarm+`",company="acme"} 1`)
	})
	w.wantAlarms(alarm)
	if text := w.alarming(); strings.Count(text, sentence) != 1 {
		t.Errorf("status says:\n%s", text)
	}
	if page := w.look(admin + "/"); strings.Count(page, sentence) != 1 {
		t.Errorf("the page says:\n%s", page)
	}
	if asked, _ := w.creates(); asked > 2 {
		t.Errorf("%d paid requests with a refused key, 2 at a time", asked)
	}
	if got := w.states(); got["pending"]+got["prepared"]+got["sending"] != 40 {
		t.Errorf("documents were failed for the account's key: %v", got)
	}
	w.sim.ClearFaults()
	w.until(func() bool {
		return w.count("SELECT COUNT(*) FROM documents WHERE state = 'accepted' AND NOT unwritten") == 40
	})
	w.until(func() bool { return !strings.Contains(w.look(admin+"/metrics"), alarm) })
	r := p.stop()
	if n := strings.Count(r.errOut, "ALARM"); n != 1 {
		t.Errorf("%d alarms in the log, want one:\n%s", n, r.errOut)
	}
	w.wantAlarms()
	w.exactlyOnce(40)
}

// TestRefusedKeyIsToldToOthers: the process that was refused says so in the ledger, and the next one asks something that costs
// nothing before it makes a paid call; once the key is good again, it sends.
func TestRefusedKeyIsToldToOthers(t *testing.T) {
	w := ready(t, turkcellsim.Options{})
	w.account("  in_flight = 2")
	w.edit(func(text string) string {
		return strings.Replace(text, "[company.erp]", "[company.elsewhere]\n  off = true\n  [company.erp]", 1) // it would be the one to be refused
	})
	w.sales(1, 40)
	w.fault(turkcellsim.Fault{Kind: turkcellsim.FaultStatus, Status: http.StatusUnauthorized})
	if r := w.run("sync", "outbound"); r.code == 0 {
		t.Errorf("a refused key was no error:\n%s%s", r.out, r.errOut)
	}
	first, _ := w.creates()
	if first == 0 || first > 2 {
		t.Errorf("%d paid requests with a refused key, 2 at a time", first)
	}
	w.wantAlarms("provider.main.key")
	if r := w.run("sync", "outbound"); r.code == 0 {
		t.Errorf("a refused key was no error:\n%s%s", r.out, r.errOut)
	}
	w.wantCreates(first) // another process, and 38 sales that are due
	w.sim.ClearFaults()
	w.settle()
	w.exactlyOnce(40)
	w.wantCreates(40 + first)
	w.wantAlarms()
}

// TestMissingPermissionStopsOneProduct: e-Fatura goes on while e-Arşiv is not permitted.
func TestMissingPermissionStopsOneProduct(t *testing.T) {
	const taxpayer = "3570418921"
	w := ready(t, turkcellsim.Options{Taxpayers: []turkcellsim.Taxpayer{{TaxNo: taxpayer, Title: "Örnek Lojistik A.Ş.", Alias: "urn:mail:defaultpk@ornek.example"}}})
	w.sales(1, 20)
	for id := 21; id <= 40; id++ {
		w.sale(id, "Örnek Lojistik A.Ş.", taxpayer, saleDate)
	}
	w.fault(turkcellsim.Fault{Kind: turkcellsim.FaultStatus, Status: http.StatusForbidden, TaxNo: buyerVKN, Family: turkcellsim.FamilyCreate})
	w.run("sync", "outbound")
	if n := w.count("SELECT COUNT(*) FROM documents WHERE state = 'sent' AND route_kind = 'e-fatura'"); n != 20 {
		t.Errorf("%d of 20 e-Fatura were sent while e-Arşiv is not permitted: %v", n, w.states())
	}
	if n := w.count("SELECT COUNT(*) FROM documents WHERE state = 'prepared' AND route_kind = 'e-arsiv'"); n != 20 {
		t.Errorf("%d of 20 e-Arşiv wait: %v", n, w.states())
	}
	w.wantAlarms("provider.main.permission.e-arsiv")
	w.sim.ClearFaults()
	w.settle()
	w.exactlyOnce(40)
	w.wantAlarms()
}

// TestOneNumberForTwoSalesParksBoth: a person settles each, audited, and the alarm is over.
func TestOneNumberForTwoSalesParksBoth(t *testing.T) {
	w := ready(t, turkcellsim.Options{})
	w.sales(1, 1)
	w.settle()
	w.exactlyOnce(1)
	w.fault(turkcellsim.Fault{Kind: turkcellsim.FaultTakenNumber, Family: turkcellsim.FamilyCreate, Times: 1})
	w.sales(2, 1)
	w.run("sync", "outbound")
	w.wantStates(map[string]int{"disputed": 2})
	w.wantAlarms("number.clash")
	for id, other := range map[int]string{1: "acme:sale:2", 2: "acme:sale:1"} {
		state, message, advice, _ := w.mark(id)
		if state != "disputed" || !strings.Contains(message, other) || advice == "" {
			t.Errorf("the ERP shows sale %d as %q %q %q", id, state, message, advice)
		}
	}
	w.sales(3, 5) // nobody else waits for it
	w.settle()
	w.wantStates(map[string]int{"accepted": 5, "disputed": 2})
	if r := w.run("mark", "acme:sale:1", "sent", "--yes"); r.code == 0 {
		t.Errorf("a disputed document was settled without a reason\n%s%s", r.out, r.errOut)
	}
	for _, ref := range []string{"acme:sale:1", "acme:sale:2"} {
		w.ok("mark", ref, "sent", "--yes", "--reason", "portalde iki ayrı numara var")
	}
	w.settle()
	w.exactlyOnce(7)
	w.wantCreates(7)
	w.wantAlarms()
	var shown struct {
		Documents []struct {
			Audit []struct{ User, Action, Reason string }
		}
	}
	w.json(&shown, "document", "acme:sale:1")
	if a := shown.Documents[0].Audit; len(a) != 1 || a[0].Action != "mark" || a[0].User == "" || a[0].Reason != "portalde iki ayrı numara var" {
		t.Errorf("audit trail: %+v", a)
	}
}

// TestAnswersDueIsAnAlarm: two days before silence becomes consent it is said wherever people look, with the last day; an
// answer ends it.
func TestAnswersDueIsAnAlarm(t *testing.T) {
	w := ready(t, turkcellsim.Options{SellerTaxNo: sellerVKN})
	ids, _ := answered(t, w, 1)
	w.wantAlarms()
	w.ledger.Exec(t, "UPDATE answers SET till = ? WHERE ettn <> ?", on(-9), ids[0])
	w.ledger.Exec(t, "UPDATE answers SET till = ? WHERE ettn = ?", on(-2), ids[0])
	w.everySecond()
	p, _, admin := w.daemon()
	const figure = `faturad_alarms{alarm="answers.due",company="acme"} 1`
	w.until(func() bool { return strings.Contains(w.look(admin+"/metrics"), figure) })
	w.wantAlarms("answers.due")
	day, err := time.Parse("2006-01-02", on(-2))
	if err != nil {
		t.Fatal(err)
	}
	sentence := "Yanıtlanmamış ticari fatura: 1; ilkinin son günü " + day.Format("02.01.2006")
	if text := w.alarming(); strings.Count(text, sentence) != 1 {
		t.Errorf("status says:\n%s", text)
	}
	if page := w.look(admin + "/"); strings.Count(page, sentence) != 1 {
		t.Errorf("the page says:\n%s", page)
	}
	w.ok("inbox", "accept", ids[0], "--yes")
	w.until(func() bool {
		w.ledger.Exec(t, "UPDATE answers SET next_at = UTC_TIMESTAMP(6)")
		return !strings.Contains(w.look(admin+"/metrics"), figure)
	})
	w.wantAlarms()
	if r := p.stop(); !strings.Contains(r.errOut, "ALARM: "+sentence) || !strings.Contains(r.errOut, "an alarm is over") {
		t.Errorf("the log:\n%s", r.errOut)
	}
}

// TestFullArchiveDiskIsAnAlarm: it is raised by the pass that finds no room and lowered by the one that finds it again;
// meanwhile everything else goes on.
func TestFullArchiveDiskIsAnAlarm(t *testing.T) {
	w := ready(t, turkcellsim.Options{SellerTaxNo: sellerVKN})
	dir := w.archive()
	const room, none = "min_free_mb = 1", "min_free_mb = 100000000" // 100 TB
	w.edit(func(text string) string {
		return strings.Replace(text, "enabled = true\n", "enabled = true\n"+none+"\n", 1)
	})
	w.sales(1, 2)
	w.settle()
	w.exactlyOnce(2)
	w.wantAlarms("archive.paused")
	if text := w.alarming(); strings.Count(text, "Arşiv duraklatıldı: "+dir) != 1 {
		t.Errorf("status says:\n%s", text)
	}
	w.ok("sync", "outbound") // does not know better
	w.wantAlarms("archive.paused")
	w.edit(func(text string) string { return strings.Replace(text, none, room, 1) })
	w.ok("sync", "archive")
	w.wantAlarms()
	w.wholeArchive(dir, 2)
}
