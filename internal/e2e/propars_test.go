package e2e

import (
	"fmt"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"faturad/internal/dbtest"
	"faturad/providers/propars/proparssim"
)

// newProparsWorld is an installation of the reference ERP whose provider is Propars.
func newProparsWorld(t *testing.T) (*world, *proparssim.Simulator) {
	t.Helper()
	t.Parallel()
	w := &world{t: t, dir: t.TempDir(), erp: dbtest.New(t), ledger: dbtest.New(t)}
	desk := proparssim.New(proparssim.Options{SellerTaxNo: sellerVKN})
	w.server = httptest.NewServer(desk)
	t.Cleanup(w.server.Close)
	for name, value := range map[string]string{
		"provider.key": proparssim.DefaultPassword, "admin.token": "e2e-admin-token-of-some-length",
		"ledger.dsn": w.ledger.DSN(), "migrate.dsn": w.ledger.DSN(), "erp.dsn": w.erp.DSN(),
	} {
		w.secret(name, value)
	}
	w.config = w.dir + "/faturad.toml"
	text := fmt.Sprintf(kolaybiConfig, w.dir, sellerVKN, w.server.URL+proparssim.Base, time.Now().AddDate(0, -2, 0).Format(time.DateOnly))
	own, rest, _ := strings.Cut(text, "  kind = \"kolaybi\"")
	_, rest, _ = strings.Cut(rest, "page_pause = \"1ms\"\n")
	text = own + fmt.Sprintf("  kind = \"propars\"\n  base_url = %q\n  username = %q\n  password = { file = %q }\n", w.server.URL+proparssim.Base,
		proparssim.DefaultUsername, w.dir+"/provider.key") + rest + fmt.Sprintf("[archive]\nenabled = true\ndir = %q\nmin_free_mb = 1\n", w.dir+"/archive")
	if err := os.WriteFile(w.config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	w.erp.Script(t, w.ok("init", "--erp", "reference", "--sql"))
	w.ok("migrate")
	return w, desk
}

// TestProparsIsReconciled: the sales that Propars counts as sent, the ledger and the ERP agree, cancelled ones too; planted
// differences are found; and an archive that wants PDF waits for none.
func TestProparsIsReconciled(t *testing.T) {
	w, desk := newProparsWorld(t)
	w.sales(1, 4)
	desk.GenerateIncoming(2, 3)
	w.settle()
	w.audit(0)
	w.ok("cancel", "1", "--yes", "--reason", "yanlış tutar")
	w.settle()
	a := w.audit(0)
	for _, s := range a.Companies[0].Sums {
		if want := map[string]int{"accepted": 3, "cancelled": 1}[s.State]; s.Ledger != s.Provider || s.Ledger != s.ERP || s.Ledger.Count != want {
			t.Errorf("%+v, want %d", s, want)
		}
	}
	w.ok("sync", "archive")
	if n := w.count("SELECT COUNT(*) FROM files WHERE state <> 'stored' OR format = 'pdf'"); n != 0 {
		t.Errorf("%d files are waited for", n)
	}
	if n := w.count("SELECT COUNT(*) FROM files"); n != 4*2+2 {
		t.Errorf("%d files, want UBL and HTML of four issued and UBL of two received invoices", n)
	}
	for _, args := range [][]string{{"--day", "today"}, {"--day", saleDate}, {"--since", saleDate}} {
		if a := w.audit(0, args...); a.Companies[0].Elsewhere != 0 {
			t.Errorf("%v: %d invoices count as made elsewhere", args, a.Companies[0].Elsewhere)
		}
	}
	w.ledger.Exec(t, "UPDATE documents SET payable = payable + 1 WHERE sale_key = '3'")
	w.ledger.Exec(t, "DELETE FROM documents WHERE sale_key = '4'")
	a = w.audit(3)
	a.finds(t, "I3", "acme:sale:3", "amount differs")
	a.finds(t, "I2", "4", "does not know")
	a.finds(t, "I2", "acme:sale:4", "which the ledger does not know")
	if a.Companies[0].Elsewhere != 0 {
		t.Errorf("%d invoices count as made elsewhere", a.Companies[0].Elsewhere)
	}
}

// TestPreviewSaysWhatTheProviderCannotCarry: a preview is what sync does with the sale, the provider's own limits included; and a
// sale that was held for one goes out once the config lifts it.
func TestPreviewSaysWhatTheProviderCannotCarry(t *testing.T) {
	w, desk := newProparsWorld(t)
	w.sales(1, 1)
	w.erp.Exec(t, "UPDATE sales SET currency = 'USD', exchange_rate = 41.5")
	shown, synced := w.run("preview", "1"), w.run("sync")
	var message string
	if err := w.erp.DB().GetContext(t.Context(), &message, "SELECT einvoice_message FROM sales"); err != nil {
		t.Fatal(err)
	}
	if shown.code != 3 || synced.code != 3 {
		t.Errorf("exit codes %d and %d, want 3: a person is needed", shown.code, synced.code)
	}
	message, _, _ = strings.Cut(message, " Fatura tarihi ") // how old it is comes behind, here and there
	if message == "" || !strings.Contains(shown.out, message) || strings.Contains(shown.out, "payable") {
		t.Errorf("the sale is held because of %q, but its preview says:\n%s", message, shown.out)
	}
	config := w.read("faturad.toml")
	withDollars := strings.Replace(config, "  kind = \"propars\"\n", "  kind = \"propars\"\n  propars.currencies = { USD = 2 }\n", 1)
	if err := os.WriteFile(w.config, []byte(withDollars), 0o600); err != nil {
		t.Fatal(err)
	}
	if shown := w.ok("preview", "1"); !strings.Contains(shown, "exchange rate 41.5") {
		t.Errorf("the preview does not say the rate:\n%s", shown)
	}
	w.settle()
	if docs := desk.Documents(); len(docs) != 1 || docs[0].Currency != "USD" {
		t.Errorf("after the config names the currency, the provider has %+v", docs)
	}
}

// TestProviderWithoutTaxpayerList: nobody is told to import a list that there is not, and asking for it is no failure.
func TestProviderWithoutTaxpayerList(t *testing.T) {
	w, _ := newProparsWorld(t)
	w.ok("sync", "registry")
	if found := w.ok("check"); strings.Contains(found, "sync registry") {
		t.Errorf("check asks for a list that Propars has not:\n%s", found)
	}
	config := w.read("faturad.toml")
	if err := os.WriteFile(w.config, []byte(strings.Replace(config, "kind = \"e-arsiv\"\n", "", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	w.sales(1, 1)
	w.ok("sync", "registry")
	if found := w.ok("check"); !strings.Contains(found, "propars has no taxpayer list") {
		t.Errorf("check does not say that sales will be held:\n%s", found)
	}
	if shown := w.run("preview", "1"); shown.code != 3 || !strings.Contains(shown.out, "route.list_nowhere") || strings.Contains(shown.out, "sync registry") {
		t.Errorf("the sale is previewed with exit code %d as:\n%s", shown.code, shown.out)
	}
	const warning = "no taxpayer list: nothing to import"
	if asked := w.run("sync", "registry"); !strings.Contains(asked.errOut, warning) {
		t.Errorf("whoever asks for a list that decides nothing hears:\n%s", asked.errOut)
	}
	shared := strings.Replace(w.read("faturad.toml"), "  [company.routing]\n", "  [company.routing]\n  taxpayers = \"acme/lists\"\n", 1)
	shared = strings.Replace(shared, "  [[company.account]]\n", "  [[company.account]]\n  name = \"lists\"\n  kind = \"turkcell\"\n  base_url = \"http://127.0.0.1:1\"\n  api_key = { file = \""+
		w.dir+"/provider.key\" }\n  [[company.account]]\n", 1)
	if err := os.WriteFile(w.config, []byte(shared), 0o600); err != nil {
		t.Fatal(err)
	}
	if asked := w.run("sync", "registry"); strings.Contains(asked.errOut, warning) {
		t.Errorf("another account's list is used, and yet:\n%s", asked.errOut)
	}
}

// TestShortQuarantine: check warns where a late create could still come after an absence was believed.
func TestShortQuarantine(t *testing.T) {
	w, _ := newProparsWorld(t)
	const warning = "could be invoiced twice"
	if found := w.ok("check"); strings.Contains(found, warning) {
		t.Errorf("the provider's own quarantine is called short:\n%s", found)
	}
	own := w.read("faturad.toml")
	for quarantine, short := range map[string]bool{"0s": true, "1s": true, "6m": false, "1h": false} {
		set := strings.Replace(own, "  kind = \"propars\"\n", "  kind = \"propars\"\n  quarantine = \""+quarantine+"\"\n", 1)
		if err := os.WriteFile(w.config, []byte(set), 0o600); err != nil {
			t.Fatal(err)
		}
		found := w.ok("check")
		if strings.Contains(found, warning) != short || short && !strings.Contains(found, "quarantine = \""+quarantine+"\"") {
			t.Errorf("of a quarantine of %s, check says:\n%s", quarantine, found)
		}
	}
}

// TestDraftAtProparsIsNotLost: a draft has no signed XML, and the audit finds it all the same.
func TestDraftAtProparsIsNotLost(t *testing.T) {
	w, desk := newProparsWorld(t)
	w.sales(1, 2)
	w.erp.Exec(t, "UPDATE sales SET draft = 1 WHERE id = 1")
	w.settle()
	w.wantStates(map[string]int{"accepted": 1, "draft": 1})
	w.audit(0)
	if made := len(desk.Unsent()); made != 1 {
		t.Errorf("Propars holds %d drafts, want 1", made)
	}
}

// TestDraftAtProparsOutlivesTheLedger: a draft that waits for a person waits on when the ledger that knew so is lost, and gets legal
// effect when somebody says so.
func TestDraftAtProparsOutlivesTheLedger(t *testing.T) {
	w, desk := newProparsWorld(t)
	w.sales(1, 2)
	w.erp.Exec(t, "UPDATE sales SET draft = 1 WHERE id = 1")
	w.settle()
	w.emptyLedger()
	w.settle()
	w.wantStates(map[string]int{"draft": 1, "accepted": 1})
	w.settle()
	w.wantStates(map[string]int{"draft": 1, "accepted": 1})
	if documents, drafts := len(desk.Documents()), len(desk.Unsent()); documents != 1 || drafts != 1 {
		t.Fatalf("after the loss Propars has %d invoices and %d drafts, want 1 and 1: nobody released anything", documents, drafts)
	}
	w.audit(0)
	w.ok("release", "1", "--yes")
	w.settle()
	w.wantStates(map[string]int{"accepted": 2})
	if documents, drafts := len(desk.Documents()), len(desk.Unsent()); documents != 2 || drafts != 0 {
		t.Errorf("after the release Propars has %d invoices and %d drafts, want 2 and none", documents, drafts)
	}
	if n := w.count("SELECT COUNT(*) FROM documents WHERE route_kind = ''"); n != 0 {
		t.Errorf("of %d released drafts nobody knows the kind", n)
	}
	w.audit(0)
}
