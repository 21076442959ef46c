package e2e

import (
	"strings"
	"testing"
	"time"

	"faturad/internal/clock"
	"faturad/providers/turkcell/turkcellsim"
)

// on is the day that lies so many days back in Istanbul.
func on(daysAgo int) string {
	return time.Now().In(clock.Istanbul).AddDate(0, 0, -daysAgo).Format("2006-01-02")
}

// read is that day as accountants read it.
func read(daysAgo int) string {
	return time.Now().In(clock.Istanbul).AddDate(0, 0, -daysAgo).Format("02.01.2006")
}

// A sale of an earlier day than its series already holds waits for a person, another series takes it, and by setting it
// goes out under today's date: told in the ERP, in the lists and in the document's history.
func TestLateSaleIsHeldOrMoved(t *testing.T) {
	w := ready(t, turkcellsim.Options{})
	const buyer = "Işıltı Aydınlatma Ltd. Şti."
	w.sale(1, buyer, buyerVKN, on(1))
	w.sale(2, buyer, buyerVKN, on(3)) // of the same pass: one go, the earlier day first
	w.settle()
	w.wantStates(map[string]int{"accepted": 2})
	if d := w.documents(); d["2"].Number >= d["1"].Number {
		t.Errorf("the earlier day has the later number: %s and %s", d["2"].Number, d["1"].Number)
	}

	w.sale(3, buyer, buyerVKN, on(2))
	w.sale(4, buyer, buyerVKN, on(2))
	w.erp.Exec(t, "UPDATE sales SET series = 'XYZ' WHERE id = 4")
	w.sale(5, buyer, buyerVKN, on(1)) // the same day as the last: order is between days only
	if r := w.settle(); r.code != 3 {
		t.Errorf("a held sale, but exit code %d", r.code)
	}
	d := w.documents()
	if d["3"].State != "held" || d["3"].Code != "series.late" || d["4"].State != "accepted" || !strings.HasPrefix(d["4"].Number, "XYZ") || d["5"].State != "accepted" {
		t.Fatalf("%+v", d)
	}
	state, message, advice, _ := w.mark(3)
	if state != "held" || !strings.Contains(message, read(1)+" tarihli fatura varsayılan e-Arşiv serisinden kesilmiş") || !strings.Contains(message, read(2)) || advice == "" {
		t.Errorf("the ERP shows %q %q %q", state, message, advice)
	}

	w.edit(func(text string) string {
		return strings.Replace(text, "[company.rules]\n", "[company.rules]\n  on_late_date = \"today\"\n", 1)
	})
	if r := w.run("preview", "3"); r.code != 0 || !strings.Contains(r.out, on(0)) || !strings.Contains(r.out, "series.moved") {
		t.Errorf("the preview: exit code %d\n%s%s", r.code, r.out, r.errOut)
	}
	w.settle()
	w.wantStates(map[string]int{"accepted": 5})
	if issued := w.issued()["acme:sale:3"]; issued.IssueDate != on(0) {
		t.Errorf("the provider has it under %s", issued.IssueDate)
	}
	want := "Satışın tarihi " + read(2)
	if state, message, _, changed := w.mark(3); state != "accepted" || !strings.Contains(message, want) || changed != "0" {
		t.Errorf("the ERP shows %q %q, changed %q", state, message, changed)
	}
	if m := w.documents()["3"].Message; !strings.Contains(m, want) {
		t.Errorf("documents shows %q", m)
	}
	if out := w.ok("document", "3"); !strings.Contains(out, "The sale is of "+on(2)) {
		t.Errorf("its history is silent:\n%s", out)
	}
	before := len(w.sim.Documents())
	w.settle()
	if after := len(w.sim.Documents()); after != before {
		t.Errorf("a further pass sent %d more", after-before)
	}
}

// The first series of the config that fits gives the prefix; the ERP's column goes before all, the kind's prefix after.
func TestSeriesByScenarioAndCustomer(t *testing.T) {
	w := ready(t, turkcellsim.Options{})
	w.edit(func(text string) string {
		return text + "\n  [company.routing.prefix]\n  e-fatura = \"GNL\"\n" +
			"  [[company.routing.series]]\n  prefix = \"TIC\"\n  scenario = \"TICARIFATURA\"\n" +
			"  [[company.routing.series]]\n  prefix = \"OZL\"\n  customer = \"" + buyerVKN + "\"\n"
	})
	w.sales(1, 3)
	w.erp.Exec(t, "UPDATE sales SET buyer_tax_no = ? WHERE id < 3", turkcellsim.ExampleVKN(1))
	w.erp.Exec(t, "UPDATE sales SET scenario = 'TICARIFATURA' WHERE id = 1")
	w.erp.Exec(t, "UPDATE sales SET scenario = 'TICARIFATURA', series = 'ERP' WHERE id = 2")
	w.ok("sync", "all")
	d := w.documents()
	for id, prefix := range map[string]string{"1": "TIC", "2": "ERP", "3": "OZL"} {
		if !strings.HasPrefix(d[id].Number, prefix) {
			t.Errorf("sale %s got %q, want series %s", id, d[id].Number, prefix)
		}
	}
}

// Sales that wait are counted from the fourth day on, and their message says so.
func TestAgeingIsTold(t *testing.T) {
	w := ready(t, turkcellsim.Options{})
	w.sale(1, "Işıltı Aydınlatma Ltd. Şti.", "123", on(5))
	w.sale(2, "Işıltı Aydınlatma Ltd. Şti.", "123", on(2))
	w.run("sync", "all")
	if state, message, _, _ := w.mark(1); state != "held" || !strings.Contains(message, "5 gün önce") {
		t.Errorf("the ERP shows %q %q", state, message)
	}
	if _, message, _, _ := w.mark(2); strings.Contains(message, "gün önce") {
		t.Errorf("a young sale is warned of: %q", message)
	}
	var status struct {
		Ageing map[string]struct {
			Count  int
			Oldest string
		}
	}
	w.json(&status, "status")
	if a := status.Ageing["acme"]; a.Count != 1 || a.Oldest != on(5) {
		t.Errorf("status: %+v", status)
	}
	if out := w.run("check").out; !strings.Contains(out, "1 sales have had no valid invoice for 4 days or more") {
		t.Errorf("check is silent:\n%s", out)
	}
}

// The provider's code lists are fetched with the taxpayer list, printed beside ours, and judge the value tables.
func TestCodeLists(t *testing.T) {
	w := ready(t, turkcellsim.Options{})
	var printed struct {
		Lists []struct {
			List      string
			FetchedAt *string `json:"fetched_at"`
			Codes     []struct {
				Code           string
				Name           string
				Ours, Provider bool
			}
		}
	}
	w.json(&printed, "codes", "unit", "--search", "adet")
	found := false
	for _, l := range printed.Lists {
		for _, c := range l.Codes {
			found = found || c.Code == "C62" && c.Ours && c.Provider && l.FetchedAt != nil
		}
	}
	if !found || len(printed.Lists) != 1 {
		t.Errorf("adet is not among %+v", printed)
	}
	if out := w.ok("codes", "tax_office", "--search", "kadikoy"); !strings.Contains(out, "34263") || !strings.Contains(out, "provider only") {
		t.Errorf("tax offices:\n%s", out)
	}
	if out := w.ok("check"); !strings.Contains(out, "every code of the value tables is known") {
		t.Errorf("check of the preset's own tables:\n%s", out)
	}
	w.edit(func(text string) string {
		return text + "\n  [company.erp.map.unit]\n  tane = \"ADET\"\n  kova = \"PAIL9\"\n"
	})
	out := w.run("check").out
	if !strings.Contains(out, `"tane" becomes "ADET"`) || !strings.Contains(out, "Perhaps C62") || !strings.Contains(out, `"kova" becomes "PAIL9"`) || !strings.Contains(out, "faturad.toml:") {
		t.Errorf("check of wrong codes:\n%s", out)
	}
}
