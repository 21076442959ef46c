package e2e

import (
	"slices"
	"strings"
	"testing"
	"time"

	"faturad/providers/turkcell/turkcellsim"
)

// answered fills an inbox with incoming invoices, has them stored, and gives the ETTNs of the commercial ones and of a Temel one.
func answered(t *testing.T, w *world, n int) (commercial []string, temel string) {
	t.Helper()
	for seed := uint64(1); len(commercial) < n || temel == ""; seed++ {
		if seed > 50 {
			t.Fatalf("only %d commercial invoices", len(commercial))
		}
		w.sim.GenerateIncoming(5, seed)
		commercial = nil
		for _, in := range w.sim.Incoming() {
			if in.Scenario == "TICARIFATURA" {
				commercial = append(commercial, in.ETTN.String())
			} else {
				temel = in.ETTN.String()
			}
		}
	}
	w.ok("sync", "inbound")
	return commercial, temel
}

// responses counts what the provider was asked to answer, and gives the answers that it holds.
func (w *world) responses() (posts int, held map[string]string) {
	for _, e := range w.sim.Log() {
		if e.Method == "POST" && strings.HasSuffix(strings.ToLower(e.Path), "/v1/invoiceresponse") {
			posts++
		}
	}
	held = map[string]string{}
	for _, in := range w.sim.Incoming() {
		if in.Response != "" {
			held[in.ETTN.String()] = in.Response + " " + in.ResponseWhy
		}
	}
	return posts, held
}

// TestAnswersFromTheERPAndTheCommandLine: each decision reaches the provider once, and the ERP shows where it stands.
func TestAnswersFromTheERPAndTheCommandLine(t *testing.T) {
	w := ready(t, turkcellsim.Options{SellerTaxNo: sellerVKN})
	ids, temel := answered(t, w, 3)
	left := []string{"8", "7"} // 7 if it is past midnight since they arrived
	if rows := w.rows("SELECT durum_kodu, kalan_gun, mesaj FROM efatura_gelen_yanit WHERE ettn = ?", ids[0]); len(rows) != 1 || rows[0][0] != "open" || !slices.Contains(left, rows[0][1]) {
		t.Fatalf("before any answer the ERP shows %v", rows)
	}
	w.erp.Exec(t, "INSERT INTO efatura_yanit (id, ettn, yanit, sebep, kim) VALUES (1, ?, 'accept', NULL, 'ayse'), (2, ?, 'reject', 'fiyat farkı', 'ayse'), (3, ?, 'accept', NULL, 'ayse'), (4, ?, 'belki', NULL, 'ayse'), (5, 'yok', 'accept', NULL, 'ayse')",
		ids[0], ids[1], temel, ids[2])
	w.ok("sync", "followup")
	for i, row := range w.rows("SELECT id, sonuc, mesaj FROM efatura_yanit ORDER BY id") {
		if want := []string{"1", "1", "0", "0", "0"}[i]; row[1] != want || row[2] == "NULL" {
			t.Errorf("answer %v, want outcome %s", row, want)
		}
	}
	if rows := w.rows("SELECT mesaj FROM efatura_yanit WHERE id = 3"); !strings.Contains(rows[0][0], "TICARIFATURA") {
		t.Errorf("a Temel invoice does not say why it cannot be answered: %v", rows)
	}
	w.later(time.Hour)
	w.ok("sync", "followup")
	shown := w.rows("SELECT durum_kodu, yanit, sebep, yanitlayan, kalan_gun FROM efatura_gelen_yanit WHERE ettn IN (?, ?) ORDER BY yanit", ids[0], ids[1])
	if len(shown) != 2 || strings.Join(shown[0], "|") != "accepted|accept|NULL|erp:ayse|NULL" ||
		strings.Join(shown[1], "|") != "rejected|reject|fiyat farkı|erp:ayse|NULL" {
		t.Errorf("the ERP shows %v", shown)
	}
	if r := w.run("inbox", "reject", ids[2], "--yes"); r.code != 2 {
		t.Errorf("a rejection without a reason: exit code %d\n%s", r.code, r.errOut)
	}
	if r := w.run("inbox", "accept", temel, "--yes"); r.code != 2 {
		t.Errorf("accepting a Temel invoice: exit code %d\n%s", r.code, r.errOut)
	}
	if plan := w.ok("inbox", "accept", ids[2]); !strings.Contains(plan, "Nothing was done") ||
		!slices.ContainsFunc(left, func(n string) bool { return strings.Contains(plan, " "+n+" days left") }) {
		t.Errorf("the plan: %s", plan)
	}
	if posts, _ := w.responses(); posts != 2 {
		t.Errorf("%d answers were sent before anybody said --yes to the third", posts)
	}
	w.ok("inbox", "accept", ids[2], "--reason", "uygundur", "--yes")
	w.ok("inbox", "accept", ids[2], "--yes") // the same again is no error, and no second request
	if r := w.run("inbox", "reject", ids[2], "--reason", "vazgeçtim", "--yes"); r.code != 2 {
		t.Errorf("the other answer to an answered invoice: exit code %d\n%s", r.code, r.errOut)
	}
	posts, held := w.responses()
	if posts != 3 || held[ids[0]] != "KABUL " || held[ids[1]] != "RED fiyat farkı" || held[ids[2]] != "KABUL uygundur" {
		t.Errorf("%d requests; the provider holds %q", posts, held)
	}
	if n := w.count("SELECT COUNT(*) FROM audit WHERE action LIKE 'answer.%'"); n != 3 {
		t.Errorf("%d audit rows, want 3", n)
	}
	before := w.erpDump()
	w.ok("sync", "all")
	if after := w.erpDump(); after != before {
		t.Errorf("a further pass wrote:\n%s", difference(before, after))
	}
}

// TestAnswerWhoseOutcomeIsUnknown: the provider took it and said nothing, or never saw it; either way it has one answer.
func TestAnswerWhoseOutcomeIsUnknown(t *testing.T) {
	for _, kind := range []string{turkcellsim.FaultAnswerLost, turkcellsim.FaultCutAfterBody} {
		t.Run(kind, func(t *testing.T) { answerLost(t, kind) })
	}
}

func answerLost(t *testing.T, kind string) {
	w := ready(t, turkcellsim.Options{SellerTaxNo: sellerVKN})
	ids, _ := answered(t, w, 1)
	w.fault(turkcellsim.Fault{Kind: kind, Family: turkcellsim.FamilyUpdate, Times: 1})
	w.run("inbox", "accept", ids[0], "--yes")
	w.sim.ClearFaults()
	for range 3 {
		w.later(time.Hour)
		w.run("sync", "followup")
	}
	if _, held := w.responses(); held[ids[0]] != "KABUL " {
		t.Errorf("%s: the provider holds %q", kind, held)
	}
	if n := w.count("SELECT COUNT(*) FROM answers WHERE ettn = '" + ids[0] + "' AND state = 'accepted'"); n != 1 {
		t.Errorf("%s: the answer is not known to have arrived", kind)
	}
}

// TestWaitingForAnswers: sync --wait stays until the answers that people gave have reached their end; it does not wait for
// invoices that nobody answered.
func TestWaitingForAnswers(t *testing.T) {
	w := ready(t, turkcellsim.Options{SellerTaxNo: sellerVKN})
	ids, _ := answered(t, w, 2)
	w.erp.Exec(t, "INSERT INTO efatura_yanit (id, ettn, yanit, sebep, kim) VALUES (1, ?, 'accept', NULL, 'ayse')", ids[0])
	w.ok("sync", "followup")
	if n := w.count("SELECT COUNT(*) FROM answers WHERE state = 'sent'"); n != 1 {
		t.Errorf("%d answers are on their way, want 1", n)
	}
	w.ok("sync", "followup", "--wait")
	if n := w.count("SELECT COUNT(*) FROM answers WHERE state = 'accepted' AND ettn = '" + ids[0] + "'"); n != 1 {
		t.Error("the answer has not reached its end")
	}
	if rows := w.rows("SELECT durum_kodu FROM efatura_gelen_yanit WHERE ettn IN (?, ?) ORDER BY durum_kodu", ids[0], ids[1]); len(rows) != 2 || rows[0][0] != "accepted" || rows[1][0] != "open" {
		t.Errorf("the ERP shows %v", rows)
	}
}
