package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os/user"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// filled is a world with one sale of every fate, sent once:
// 1 and 2 accepted, 3 held, 4 refused, 5 failed, 6 held.
func filled(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	w.sale(1, "Işıltı Aydınlatma Ltd. Şti.", plainBuyer)
	w.sale(2, "Ğüşiöç Gıda A.Ş.", plainBuyer)
	w.sale(3, "Numarası Yanlış Ltd. Şti.", "1234567891")
	w.sale(4, "Geri Çevrilen A.Ş.", refusedBuyer)
	w.sale(5, "Hatalı A.Ş.", failingBuyer)
	w.sale(6, "Numarası Kısa Ltd. Şti.", "12")
	w.exits(exitPerson, "sync", "--wait")
	for sale, want := range map[string]string{"1": "accepted", "2": "accepted", "3": "held", "4": "refused", "5": "failed", "6": "held"} {
		if got := w.state(sale); got != want {
			t.Fatalf("sale %s is %s, want %s\n%s", sale, got, want, w.ok("document", sale).out)
		}
	}
	return w
}

// documentFields are the names of design.md section 6, and two of our own.
var documentFields = strings.Fields(`company sale_id local_reference revision ettn kind invoice_number provider state state_text
	provider_status envelope_status message advice currency payable attempts next_attempt_at updated_at code changed_after_send
	deleted_after_send sale_number buyer_tax_no buyer_name`)

func TestReadingCommands(t *testing.T) {
	t.Parallel()
	w := filled(t)

	t.Run("status of a daemon that cannot write", func(t *testing.T) {
		for _, minutes := range []int{0, 10, 60 * 24 * 365 * 80} { // the last: it was stopped
			code := exitDone
			if minutes == 10 {
				code = exitPerson
			}
			w.ledger.Exec(t, "REPLACE INTO marks (name, at) VALUES ('daemon.alive', GREATEST('1970-01-01', UTC_TIMESTAMP(6) - INTERVAL ? MINUTE))", minutes)
			if text := w.exits(code, "status").out; strings.Contains(text, "kayıt veritabanına yazamıyor") != (code == exitPerson) {
				t.Errorf("%d minutes after its last sign of life status says:\n%s", minutes, text)
			}
		}
	})
	t.Run("status", func(t *testing.T) {
		has(t, "status", w.ok("status").out, "COMPANY", "Onaylandı", "2403.60 TRY", "İnceleme gerekli", "Geri çevrildi", "Hatalı")
		var status struct {
			States []map[string]any
			Motion map[string]int `json:"in_motion"`
			At     string
		}
		w.json(exitDone, &status, "status")
		fields := []string{"company", "count", "currency", "payable", "state", "state_text"}
		for _, s := range status.States {
			if got := slices.Sorted(maps.Keys(s)); !slices.Equal(got, fields) {
				t.Errorf("a state has the fields %v", got)
			}
			if s["state"] == "accepted" && (s["count"] != 2.0 || s["payable"] != "2403.60" || s["state_text"] != "Onaylandı") {
				t.Errorf("accepted: %v", s)
			}
		}
		if _, ok := status.Motion["acme"]; !ok || status.At == "" {
			t.Errorf("%+v", status)
		}
	})

	t.Run("documents", func(t *testing.T) {
		for _, c := range []struct {
			flags []string
			want  string
		}{
			{nil, "1 2 3 4 5 6"},
			{[]string{"--state", "held"}, "3 6"},
			{[]string{"--state", "held,refused", "--state", "failed"}, "3 4 5 6"},
			{[]string{"--state", "Onaylandı"}, "1 2"},
			{[]string{"--search", "AYD"}, "1"},
			{[]string{"--search", "S-4"}, "4"},
			{[]string{"--search", "%"}, ""},
			{[]string{"--since", day(0)}, "1 2 3 4 5 6"},
			{[]string{"--since", day(2)}, ""},
			{[]string{"--changed"}, ""},
			{[]string{"--limit", "2"}, "5 6"},
			{[]string{"--company", "acme"}, "1 2 3 4 5 6"},
		} {
			if got := strings.Join(slices.Sorted(maps.Keys(w.documents(c.flags...))), " "); got != c.want {
				t.Errorf("documents %v: %s, want %s", c.flags, got, c.want)
			}
		}
		r := w.ok("documents", "--limit", "2")
		has(t, "a cut list", r.errOut, "newest 2")
		has(t, "a cut list", r.out, "REFERENCE", "acme:sale:5", "acme:sale:6", "!acme:sale:4")
		if strings.Index(r.out, "acme:sale:5") > strings.Index(r.out, "acme:sale:6") {
			t.Errorf("the list is not in the order in which the sales came:\n%s", r.out)
		}
		person := w.ok("documents", "--state", "held,refused,failed").out
		for sale, d := range w.documents("--state", "held,refused,failed") {
			for _, text := range []any{d["message"], d["advice"]} {
				if said := strings.Join(strings.Fields(strings.ReplaceAll(person, "→", "")), " "); text != "" && !strings.Contains(said, fmt.Sprint(text)) {
					t.Errorf("sale %s: the list does not say %q in full:\n%s", sale, text, person)
				}
			}
		}
		has(t, "what to do", person, "→ ")
		w.exits(exitUsage, "documents", "--company", "other")
	})

	t.Run("field names", func(t *testing.T) {
		want := slices.Sorted(slices.Values(documentFields))
		docs := w.documents()
		for sale, d := range docs {
			if got := slices.Sorted(maps.Keys(d)); !slices.Equal(got, want) {
				t.Errorf("sale %s has the fields %v, want %v", sale, got, want)
			}
		}
		one := docs["1"]
		for field, want := range map[string]any{
			"company": "acme", "local_reference": "acme:sale:1", "revision": 1.0, "kind": "e-arsiv", "provider": "turkcell", "state": "accepted",
			"state_text": "Onaylandı", "provider_status": 60.0, "currency": "TRY", "payable": "1201.20", "next_attempt_at": nil, "changed_after_send": false,
		} {
			if one[field] != want {
				t.Errorf("%s is %v, want %v", field, one[field], want)
			}
		}
		if one["ettn"] == "" || one["invoice_number"] == "" || one["attempts"] == 0.0 || one["updated_at"] == "" {
			t.Errorf("something is empty: %v", one)
		}
		if held := docs["3"]; held["payable"] != nil && held["payable"] == "" || held["code"] == "" || held["message"] == "" || held["advice"] == "" {
			t.Errorf("a held sale says too little: %v", held)
		}
	})

	t.Run("document", func(t *testing.T) {
		has(t, "text", w.ok("document", "acme:sale:1").out, "Onaylandı (accepted)", "Işıltı", "1201.20 TRY", "ATTEMPT", "create", "opened", "closed")
		has(t, "held", w.ok("document", "3").out, "İnceleme gerekli (held)", "message", "advice")
		ettn, _ := w.documents()["1"]["ettn"].(string)
		for _, ref := range []string{"1", "acme:sale:1", ettn, strings.ToUpper(ettn)} {
			var shown struct {
				Documents []map[string]any
			}
			w.json(exitDone, &shown, "document", ref)
			if len(shown.Documents) != 1 {
				t.Fatalf("%s: %d documents", ref, len(shown.Documents))
			}
			want := slices.Sorted(slices.Values(append(slices.Clone(documentFields), "events", "audit")))
			if got := slices.Sorted(maps.Keys(shown.Documents[0])); !slices.Equal(got, want) {
				t.Errorf("%s has the fields %v", ref, got)
			}
			events, _ := shown.Documents[0]["events"].([]any)
			if len(events) < 2 {
				t.Errorf("%s has the events %v", ref, events)
			}
		}
		var failure struct{ Error errorJSON }
		r := w.json(exitUsage, &failure, "document", "none")
		has(t, "an absent document", failure.Error.Message, `no document "none"`, "local reference, a sale key or an ETTN")
		has(t, "an absent document", r.errOut, "faturad: no document")
	})

	t.Run("preview", func(t *testing.T) {
		w.sale(7, "Yeni Alıcı Ltd. Şti.", plainBuyer)
		has(t, "text", w.ok("preview", "7").out, "acme:sale:7", "e-arsiv", "Yeni Alıcı", "Danışmanlık", "payable 1208.40 TRY")
		has(t, "ubl", w.ok("preview", "7", "--format", "ubl").out, "<?xml", "Yeni Alıcı", `currencyID="TRY">1208.40`)
		has(t, "html", w.ok("preview", "acme:sale:7", "--format", "html").out, "<!doctype html", "Yeni Alıcı", "1.208,40", "!<script")
		var shown map[string]json.RawMessage
		w.json(exitDone, &shown, "preview", "sale:7")
		if got := strings.Join(slices.Sorted(maps.Keys(shown)), " "); got != "alias company explanation faults invoice issued_as kind local_reference" {
			t.Errorf("a preview has the fields %s", got)
		}
		has(t, "json", string(shown["invoice"]), "Yeni Alıcı", "1208.4", `"unit_price":`, `"tax_no":`)
		for field, value := range shown {
			if name := regexp.MustCompile(`"\w*[A-Z]\w*":`).FindString(string(value)); name != "" {
				t.Errorf("a field of %s is called %s", field, name)
			}
		}
		w.sale(70, "Yeni Alıcı Ltd. Şti.", plainBuyer)
		number0, _ := w.documents()["1"]["invoice_number"].(string)
		ettn, _ := w.documents()["1"]["ettn"].(string)
		for ref, reference := range map[string]string{"S-1": "acme:sale:1", number0: "acme:sale:1", ettn: "acme:sale:1", "S-70": "acme:sale:70", "acme:sale:1": "acme:sale:1"} {
			has(t, "preview "+ref, w.ok("preview", ref).out, reference)
		}
		w.erp.Exec(t, "UPDATE sales SET sale_no = 'S-1' WHERE id = 70")
		has(t, "the ledger's sale is found first", w.ok("preview", "S-1").out, "acme:sale:1")
		w.ledger.Exec(t, "UPDATE documents SET sale_number = '70' WHERE sale_key = '1'")
		has(t, "an ambiguous number", w.exits(exitUsage, "preview", "70").errOut, "ambiguous", "sale:70 (its key)", "sale:1 (its number in the ERP)")
		w.ledger.Exec(t, "UPDATE documents SET sale_number = 'S-1' WHERE sale_key = '1'")
		w.erp.Exec(t, "DELETE FROM sales WHERE id = 70")
		has(t, "a key that no sale can have", w.exits(exitUsage, "preview", "abc").errOut, `no such sale`)

		w.sale(8, "Işıltı Aydınlatma Ltd. Şti.", plainBuyer)
		w.erp.Exec(t, "UPDATE sales SET invoice_type = 'IADE', return_sale_id = 1 WHERE id = 8")
		number, _ := w.documents()["1"]["invoice_number"].(string)
		has(t, "an issued sale", w.ok("preview", "1").out, "Already issued as "+number)
		has(t, "a return finds its original", w.ok("preview", "8", "--format", "ubl").out, "<cbc:ID>"+number+"</cbc:ID>")
		w.erp.Exec(t, "DELETE FROM sales WHERE id = 8")

		has(t, "held", w.exits(exitPerson, "preview", "3").out, "fault ", "1234567891")
		var held struct{ Faults []faultJSON }
		w.json(exitPerson, &held, "preview", "3")
		if len(held.Faults) == 0 || held.Faults[0].Code == "" || held.Faults[0].Message == "" || held.Faults[0].Advice == "" || held.Faults[0].Field == "" {
			t.Errorf("a held sale says %+v", held.Faults)
		}
		r := w.exits(exitPerson, "preview", "3", "--format", "ubl")
		has(t, "no XML", r.errOut, "fault ")
		if r.out != "" {
			t.Errorf("what is no XML was written as XML: %s", r.out)
		}
		has(t, "held html", w.exits(exitPerson, "preview", "3", "--format", "html").out, "<!doctype html", held.Faults[0].Message)
		var failure struct{ Error errorJSON }
		w.json(exitUsage, &failure, "preview", "999")
		has(t, "an absent sale", failure.Error.Message, `looking for sale "999": the ERP of acme has no such sale`)
		if docs := w.documents("--search", "S-7"); len(docs) > 0 {
			t.Errorf("a preview left %v", docs)
		}
	})

	t.Run("inbox", func(t *testing.T) {
		w.sim.GenerateIncoming(3, 1)
		w.exits(exitPerson, "sync", "inbound") // the held sales still wait
		has(t, "list", w.ok("inbox", "list").out, "ARRIVED", "SENDER", "Tamam", "!acknowledged")
		has(t, "list by the accountant's word", w.ok("inbox", "list", "--state", "Tamam").out, "ARRIVED")
		var listed struct{ Received []receivedJSON }
		w.json(exitDone, &listed, "inbox", "list", "--state", "acknowledged")
		if len(listed.Received) != 3 {
			t.Fatalf("the inbox has %+v", listed.Received)
		}
		one := listed.Received[0]
		if one.Company != "acme" || one.Number == "" || one.Payable == nil || one.SHA256 == "" || one.SenderTitle == "" {
			t.Errorf("an invoice is %+v", one)
		}
		for _, ref := range []string{one.ETTN, one.Number} {
			var shown struct{ Received []shownJSON }
			w.json(exitDone, &shown, "inbox", "show", ref)
			if len(shown.Received) != 1 || shown.Received[0].ETTN != one.ETTN || len(shown.Received[0].Invoice) == 0 || len(shown.Received[0].Files) < 2 {
				t.Errorf("%s shows %+v", ref, shown.Received)
			}
			has(t, "show", w.ok("inbox", "show", ref).out, one.Number, one.ETTN, "Tamam (acknowledged)", "Satıcı", one.SenderTitle, "Alıcı", "MAL / HİZMET", "KDV %",
				"Ödenecek tutar", "pdf", "ledger")
		}
		for _, incoming := range w.sim.Incoming() {
			if incoming.ETTN.String() == one.ETTN {
				if got := w.ok("inbox", "show", one.ETTN, "--ubl").out; got != string(incoming.UBL) {
					t.Errorf("--ubl is not what came, byte for byte")
				}
			}
		}
		var cut struct{ Received []receivedJSON }
		w.json(exitDone, &cut, "inbox", "list", "--limit", "1")
		if len(cut.Received) != 1 || cut.Received[0].ETTN != listed.Received[2].ETTN {
			t.Errorf("--limit 1 is not the newest: %+v", cut.Received)
		}
		var none struct{ Received []receivedJSON }
		w.json(exitDone, &none, "inbox", "list", "--search", "nobody")
		if none.Received == nil || len(none.Received) > 0 {
			t.Errorf("nothing is %v, want []", none.Received)
		}
		var failure struct{ Error errorJSON }
		w.json(exitUsage, &failure, "inbox", "show", "none")
		has(t, "an absent invoice", failure.Error.Message, "no received invoice")
	})

	t.Run("check", func(t *testing.T) {
		has(t, "check", w.ok("check").out, "ledger", "0 errors")
		var checked struct {
			OK       bool
			Findings []map[string]any
		}
		w.json(exitDone, &checked, "check")
		if !checked.OK || len(checked.Findings) == 0 {
			t.Errorf("%+v", checked)
		}
	})

	t.Run("others", func(t *testing.T) {
		for _, args := range [][]string{{"migrate"}, {"grants"}, {"init", "--sql"}, {"init", "--list"}} {
			var document map[string]any
			w.json(exitDone, &document, args...)
			if len(document) == 0 {
				t.Errorf("%v printed an empty document", args)
			}
		}
		var synced struct{ Companies []map[string]any }
		w.json(exitPerson, &synced, "sync", "followup")
		if len(synced.Companies) != 1 || synced.Companies[0]["followup"] == nil || synced.Companies[0]["outbound"] != nil {
			t.Errorf("%v", synced)
		}
		r := w.exits(exitPerson, "sync", "all", "--json")
		has(t, "sync", r.out, `"discovered": `, `"polled": `, `"still_new": `, `"written": `, `"held": 2`, `"errors": []`)
		if name := regexp.MustCompile(`"[A-Z]\w*":`).FindString(r.out); name != "" {
			t.Errorf("a field is called %s\n%s", name, r.out)
		}
		has(t, "an empty list", w.ok("documents", "--search", "nobody").out, "No such documents.")
		has(t, "an empty inbox", w.ok("inbox", "list", "--search", "nobody").out, "No such invoices.")
	})
}

func TestActions(t *testing.T) {
	t.Parallel()
	w := filled(t)
	// A person disputes what nobody can settle; no flow of a healthy provider leads there.
	w.sale(7, "Belirsiz A.Ş.", plainBuyer)
	w.sale(8, "Belirsiz Başka A.Ş.", plainBuyer)
	w.exits(exitPerson, "sync", "outbound")
	w.ledger.Exec(t, "UPDATE documents SET state = 'disputed' WHERE sale_key IN ('7', '8')")

	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name         string
		args         []string
		sale         string
		before, does string
		after        string
	}{
		{"resync of a refused sale", []string{"resync", "acme:sale:4"}, "4", "refused", "read the sale again", "pending"},
		{"release of a held sale", []string{"release", "3"}, "3", "held", "read the sale again", "pending"},
		{"cancel of a held sale", []string{"cancel", "6"}, "6", "held", "give it up", "cancelled"},
		{"reissue of a failed document", []string{"reissue", "5"}, "5", "failed", "start revision 2", "pending"},
		{"mark of a disputed document", []string{"mark", "7", "sent"}, "7", "disputed", "record by hand that it is sent", "sent"},
		{"mark in the accountant's words", []string{"mark", "8", "İptal"}, "8", "disputed", "record by hand that it is cancelled", "cancelled"},
	} {
		t.Run(c.name, func(t *testing.T) {
			needs := c.args[0] == "reissue" || c.before == "disputed"
			asks := map[bool]string{true: "--reason", false: "!--reason"}[needs]
			has(t, "the plan", w.ok(c.args...).out, "acme:sale:"+c.sale, "would "+c.does, "Nothing was done. Add --yes", asks)
			has(t, "the plan with a reason", w.ok(append(c.args, "--reason", "gördüm")...).out, "Nothing was done. Add --yes", "!--reason")
			var plan struct {
				Acted bool
				Steps []stepJSON
			}
			w.json(exitDone, &plan, c.args...)
			if plan.Acted || len(plan.Steps) != 1 || plan.Steps[0].Done || plan.Steps[0].To != c.after || plan.Steps[0].State != c.before || plan.Steps[0].Refused != "" || plan.Steps[0].NeedsReason != needs {
				t.Errorf("the plan is %+v", plan)
			}
			if got := w.state(c.sale); got != c.before {
				t.Fatalf("a plan made it %s", got)
			}
			if rows := w.audited(c.sale); len(rows) > 0 {
				t.Fatalf("a plan left the audit rows %v", rows)
			}
			reason, done := "Ayşe Hanım istedi: "+c.name, "done: "
			if c.after == "pending" { // the next pass does it
				done = "queued: "
			}
			has(t, "the act", w.ok(append(c.args, "--yes", "--reason", reason)...).out, "acme:sale:"+c.sale, done+c.does, "!Nothing was done", "! now")
			if got := w.state(c.sale); got != c.after {
				t.Errorf("it is %s, want %s", got, c.after)
			}
			rows := w.audited(c.sale)
			if len(rows) != 1 {
				t.Fatalf("the audit rows are %v", rows)
			}
			if a := rows[0]; !strings.Contains(a.User, me.Username) || a.Action != c.args[0] || a.From != c.before || a.To != c.after || a.Reason != reason {
				t.Errorf("the audit row is %+v", a)
			}
			has(t, "document", w.ok("document", c.sale).out, c.args[0], "by ", reason[:20])
		})
	}

	t.Run("resync of a failed document asks the provider", func(t *testing.T) {
		// The ERP still shows the number of revision 1; a pass of a new process would take the ledger for an older one.
		w.ok("sync", "writeback")
		w.sale(9, "Yine Hatalı A.Ş.", failingBuyer)
		w.exits(exitPerson, "sync", "all", "--wait")
		if got := w.state("9"); got != "failed" {
			t.Fatalf("it is %s", got)
		}
		has(t, "the act", w.ok("resync", "9", "--yes").out, "queue it again there under the same ETTN")
		if got := w.state("9"); got != "sent" {
			t.Errorf("it is %s", got)
		}
	})

	t.Run("release of all held sales", func(t *testing.T) {
		w.sale(11, "Hatalı Numara A.Ş.", "1234567891")
		w.sale(12, "Hatalı Numara Ltd. Şti.", "1234567891")
		w.exits(exitPerson, "sync", "outbound")
		held := w.documents("--state", "held")
		if len(held) < 2 {
			t.Fatalf("%d are held", len(held))
		}
		has(t, "the plan", w.ok("release", "--held").out, "acme:sale:11 (", "acme:sale:12 (", "would read the sale again", "Nothing was done")
		if got := w.state("11"); got != "held" {
			t.Fatalf("a plan made it %s", got)
		}
		var acted struct{ Steps []stepJSON }
		w.json(exitDone, &acted, "release", "--held", "--yes", "--reason", "liste düzeltildi")
		if len(acted.Steps) != len(held) {
			t.Errorf("%d of %d were released", len(acted.Steps), len(held))
		}
		for _, s := range acted.Steps {
			if !s.Done || !s.Queued || w.state(s.SaleID) != "pending" {
				t.Errorf("%+v", s)
			}
			if rows := w.audited(s.SaleID); len(rows) == 0 || rows[len(rows)-1].Action != "release" || rows[len(rows)-1].Reason != "liste düzeltildi" {
				t.Errorf("the audit rows of %s are %v", s.SaleID, rows)
			}
		}
		has(t, "nothing held", w.ok("release", "--held", "--yes").out, "No sale is held.")
		w.exits(exitUsage, "release")
		w.exits(exitUsage, "release", "3", "--held")
	})

	t.Run("release of a disputed document", func(t *testing.T) {
		w.sale(13, "Belirsiz Ltd. Şti.", plainBuyer)
		w.exits(exitPerson, "sync", "outbound")
		w.ledger.Exec(t, "UPDATE documents SET state = 'disputed' WHERE sale_key = '13'")
		has(t, "the plan", w.ok("release", "13").out, "would send it again", "Nothing was done. Add --yes", "--reason")
		r := w.exits(exitFailed, "release", "13", "--yes")
		has(t, "without a reason", r.out, "acme:sale:13: failed: it is disputed", "--reason")
		if n := strings.Count(r.out+r.errOut, "acme:sale:13"); n != 1 || w.state("13") != "disputed" {
			t.Errorf("it is %s, and named %d times: %s", w.state("13"), n, r.out+r.errOut)
		}
	})

	t.Run("what cannot be done", func(t *testing.T) {
		person := w.audited("6")[0].User
		for _, c := range []struct {
			args []string
			why  string
		}{
			{[]string{"release", "1"}, "it was sent already"},
			{[]string{"cancel", "6"}, ", by " + person + "): there is nothing to do"},
			{[]string{"cancel", "9"}, "wait for the result"}, // sent: nobody knows yet whether it will be valid
			{[]string{"reissue", "1"}, "only a failed, rejected, cancelled or disputed"},
			{[]string{"mark", "1", "sent"}, "only disputed documents"},
		} {
			args := append(c.args, "--yes", "--reason", "deneme")
			r := w.exits(exitFailed, args...)
			has(t, strings.Join(args, " "), r.out, "not possible", c.why)
			if r.errOut != "" {
				t.Errorf("%v says it twice: %s", args, r.errOut)
			}
			var plan struct{ Steps []stepJSON }
			w.json(exitFailed, &plan, args...)
			if len(plan.Steps) != 1 || plan.Steps[0].Done || !strings.Contains(plan.Steps[0].Refused, c.why) {
				t.Errorf("%v: %+v", args, plan.Steps)
			}
			if got := w.state("1"); got != "accepted" {
				t.Fatalf("%v made it %s", args, got)
			}
		}
		var failure struct{ Error errorJSON }
		w.json(exitUsage, &failure, "resync", "1", "none", "--yes")
		has(t, "one that is not there", failure.Error.Message, `no document "none"`)
	})

	t.Run("several at once", func(t *testing.T) {
		r := w.exits(exitFailed, "release", "1", "2")
		has(t, "several", r.out, "acme:sale:1: not possible", "acme:sale:2: not possible")
		has(t, "several", w.ok("resync", "1", "2", "--yes").out, "acme:sale:1: queued", "acme:sale:2: queued")
	})
}

// auditRow is a row of the audit trail.
type auditRow struct {
	User   string `db:"user_name"`
	Action string `db:"action"`
	From   string `db:"from_state"`
	To     string `db:"to_state"`
	Reason string `db:"reason"`
}

// audited is the audit trail of every revision of a sale.
func (w *world) audited(sale string) []auditRow {
	w.t.Helper()
	var shown struct {
		Documents []struct {
			Audit []auditJSON `json:"audit"`
		}
	}
	w.json(exitDone, &shown, "document", sale)
	var out []auditRow
	for _, d := range shown.Documents {
		for _, a := range d.Audit {
			out = append(out, auditRow{a.User, a.Action, string(a.From), string(a.To), a.Reason})
		}
	}
	return out
}

// Whatever goes wrong, --json prints one document, and its exit code is the command's.
func TestErrorsAreJSON(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	commands := [][]string{
		{"status"}, {"documents"}, {"document", "1"}, {"resync", "1"}, {"release", "1", "--yes"}, {"cancel", "1"}, {"reissue", "1"}, {"mark", "1", "sent"},
		{"inbox", "list"}, {"inbox", "show", "1"}, {"preview", "1"}, {"check"}, {"sync"}, {"audit"}, {"migrate"}, {"run"},
	}
	fails := func(what string, code int, class string) {
		t.Helper()
		for _, args := range commands {
			var failure struct{ Error errorJSON }
			r := w.json(code, &failure, args...)
			if failure.Error.ExitCode != code || failure.Error.Message == "" || failure.Error.Class != class {
				t.Errorf("%s, %v: %+v", what, args, failure.Error)
			}
			has(t, what, r.errOut, "faturad: ")
			has(t, what, r.out+r.errOut, "!made-up")
		}
	}
	w.write("ledger.dsn", "faturad:made-up-password@tcp(127.0.0.1:1)/books")
	fails("a ledger that is away", exitUnreachable, "retryable")
	commands = append(commands, []string{"grants"})
	w.write("faturad.toml", "language = \"de\"\n")
	fails("a wrong config", exitUsage, "")
	w.write("ledger.dsn", w.ledger.DSN())
}
