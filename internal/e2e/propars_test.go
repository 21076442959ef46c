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
	w.ledger.Exec(t, "UPDATE documents SET payable = payable + 1 WHERE sale_key = '3'")
	w.ledger.Exec(t, "DELETE FROM documents WHERE sale_key = '4'")
	a = w.audit(3)
	a.finds(t, "I3", "acme:sale:3", "amount differs")
	a.finds(t, "I2", "4", "does not know")
}
