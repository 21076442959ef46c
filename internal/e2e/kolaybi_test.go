package e2e

import (
	"fmt"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"faturad/internal/dbtest"
	"faturad/internal/invoice"
	"faturad/providers/kolaybi/kolaybisim"
)

// kolaybiWorld is an installation of the reference ERP whose provider is KolayBi: several steps a sale, no key of ours.
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
	t.Parallel()
	w := &kolaybiWorld{world: &world{t: t, dir: t.TempDir(), erp: dbtest.New(t), ledger: dbtest.New(t)}}
	w.office = kolaybisim.New(kolaybisim.Options{Latency: 3 * time.Millisecond, Instant: true, SellerTaxNo: sellerVKN})
	w.server = httptest.NewServer(w.office)
	t.Cleanup(w.server.Close)
	for name, value := range map[string]string{
		"provider.key": kolaybisim.DefaultAPIKey, "provider.channel": kolaybisim.DefaultChannel, "admin.token": "e2e-admin-token-of-some-length",
		"ledger.dsn": w.ledger.DSN(), "migrate.dsn": w.ledger.DSN(), "erp.dsn": w.erp.DSN(),
	} {
		w.secret(name, value)
	}
	w.config = w.dir + "/faturad.toml"
	text := fmt.Sprintf(kolaybiConfig, w.dir, sellerVKN, w.server.URL+kolaybisim.Base, time.Now().AddDate(0, -2, 0).Format(time.DateOnly))
	if err := os.WriteFile(w.config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	w.erp.Script(t, w.ok("init", "--erp", "reference", "--sql"))
	w.ok("migrate")
	return w
}

// variety enters sales of several kinds: plain ones, two rates with a discount, a foreign currency, prices with VAT, withheld
// VAT, and a person.
func (w *kolaybiWorld) variety() (n int) {
	w.t.Helper()
	w.sales(1, 8)
	for id, set := range map[int]string{
		4: "net = 189.99, vat = 29.00, gross = 218.99",
		5: "currency = 'USD', exchange_rate = 41.25, net = 251, vat = 50.20, gross = 301.20",
		6: "price_basis = 'gross', net = 100, vat = 20, gross = 120",
		7: "invoice_type = 'TEVKIFAT', withholding_code = '624', net = 1000, vat = 200, gross = 1200, withheld = 40, payable = 1160",
		8: "buyer_name = NULL, buyer_first_name = 'Ayşe Gül', buyer_last_name = 'Öztürk', buyer_tax_no = '10000000146', buyer_tax_office = NULL",
	} {
		w.erp.Exec(w.t, fmt.Sprintf("UPDATE sales SET %s WHERE id = %d", set, id))
	}
	for id, set := range map[int]string{
		4: "quantity = 3, unit_price = 33.33", 5: "quantity = 2, unit_price = 125.50", 6: "unit_price = 120", 7: "unit_price = 1000",
	} {
		w.erp.Exec(w.t, fmt.Sprintf("UPDATE sale_lines SET %s WHERE sale_id = %d", set, id))
	}
	w.erp.Exec(w.t, "INSERT INTO sale_lines (sale_id, line_no, name, quantity, unit, unit_price, discount_rate, vat_rate) VALUES (4, 2, 'Şehir haritası', 2, 'adet', 50, 10, 10)")
	return 8
}

// byKey finds the documents of a sale at the provider: what is or was official.
func (w *kolaybiWorld) byKey() map[uuid.UUID][]kolaybisim.Document {
	out := map[uuid.UUID][]kolaybisim.Document{}
	for _, d := range w.office.Documents() {
		out[d.Key] = append(out[d.Key], d)
	}
	return out
}

// sound wants every sale accepted with one document of the same total and number, and no draft beside it. A sale may wait for
// a person instead, when disputed allows it, and must say why. It gives how many do.
func (w *kolaybiWorld) sound(sales int, disputed bool) (waiting int) {
	w.t.Helper()
	rows := w.rows(`SELECT id, COALESCE(einvoice_state, ''), COALESCE(einvoice_no, ''), COALESCE(payable, gross), currency, COALESCE(einvoice_message, '') FROM sales ORDER BY id`)
	if len(rows) != sales {
		w.t.Errorf("%d sales in the ERP, want %d", len(rows), sales)
	}
	issued := w.byKey()
	for _, row := range rows {
		have := issued[invoice.ETTN(sellerVKN, "erp1", "sale", row[0], 1)]
		if len(have) > 1 {
			w.t.Errorf("DUPLICATE: sale %s: %+v", row[0], have)
			continue
		}
		if disputed && row[1] == "disputed" && row[5] != "" {
			waiting++
			continue
		}
		if row[1] != "accepted" || len(have) != 1 {
			w.t.Errorf("sale %s is %s with %d documents: %s", row[0], row[1], len(have), row[5])
			continue
		}
		if d := have[0]; d.Number != row[2] || !d.Payable.Equal(decimal.RequireFromString(row[3])) || d.Currency != row[4] {
			w.t.Errorf("sale %s shows %s of %s %s, the provider has %s of %s %s", row[0], row[2], row[3], row[4], d.Number, d.Payable, d.Currency)
		}
	}
	if drafts := w.office.Drafts(); len(drafts) > waiting {
		w.t.Errorf("%d drafts lie at the provider, %d sales wait for a person", len(drafts), waiting)
	}
	return waiting
}

// saved counts the requests that changed something at the provider.
func (w *kolaybiWorld) saved() (n int) {
	for _, e := range w.office.Log() {
		if e.Saved {
			n++
		}
	}
	return n
}

// TestKolayBiFromSaleToInvoice: the totals of every kind of sale arrive as the ERP has them, a second sync writes nothing
// anywhere, and a lost ledger is rebuilt without a second document.
func TestKolayBiFromSaleToInvoice(t *testing.T) {
	w := newKolaybiWorld(t)
	n := w.variety()
	w.ok("check")
	w.settle()
	w.sound(n, false)

	before, saved := w.erpDump(), w.saved()
	w.ok("sync", "all")
	if after := w.erpDump(); after != before {
		t.Errorf("a second sync wrote to the ERP:\n%s", difference(before, after))
	}
	if more := w.saved() - saved; more != 0 {
		t.Errorf("a second sync changed %d things at the provider", more)
	}

	w.emptyLedger()
	w.settle()
	w.sound(n, false)
	w.wantStates(map[string]int{"accepted": n})
	if more := w.saved() - saved; more != 0 {
		t.Errorf("rebuilding the ledger changed %d things at the provider", more)
	}
}

// TestKolayBiKilledAndStartedAgain: wherever it dies, no sale becomes two invoices and none is lost. A sale whose legal step was
// interrupted where nobody can know its outcome waits for a person.
func TestKolayBiKilledAndStartedAgain(t *testing.T) {
	w := newKolaybiWorld(t)
	total, killed, waiting := 0, 0, 0
	for _, changes := range []int{1, 4, 7, 10, 13} { // contacts, products, drafts and legal steps that it lives to make
		w.sales(total+1, 6)
		total += 6
		before := w.saved()
		p := w.start("sync", "all")
		w.until(func() bool { return p.ended() || w.saved() >= before+changes })
		if !p.ended() {
			killed++
		}
		p.kill()
		w.settle()
		waiting = w.sound(total, true)
	}
	if killed < 3 {
		t.Errorf("only %d of 5 processes were killed", killed)
	}
	if waiting > 4*killed { // as many as are in flight
		t.Errorf("%d sales wait for a person after %d kills", waiting, killed)
	}
	t.Logf("%d kills, %d sales: 0 duplicates, 0 lost, %d wait for a person", killed, total, waiting)
}

// TestDraftOutlivesTheLedger: a draft that waits for a person waits on when the ledger that knew so is lost, and gets legal effect
// when somebody says so.
func TestDraftOutlivesTheLedger(t *testing.T) {
	w := newKolaybiWorld(t)
	w.sales(1, 2)
	w.erp.Exec(t, "UPDATE sales SET draft = 1 WHERE id = 1")
	w.settle()
	w.emptyLedger()
	w.settle()
	if documents, drafts := len(w.office.Documents()), len(w.office.Drafts()); documents != 1 || drafts != 1 {
		t.Fatalf("after the loss KolayBi has %d invoices and %d drafts, want 1 and 1: nobody released anything", documents, drafts)
	}
	w.wantStates(map[string]int{"draft": 1, "accepted": 1})
	w.ok("release", "1", "--yes")
	w.settle()
	if documents, drafts := len(w.office.Documents()), len(w.office.Drafts()); documents != 2 || drafts != 0 {
		t.Errorf("after the release KolayBi has %d invoices and %d drafts, want 2 and none", documents, drafts)
	}
}
