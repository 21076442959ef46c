package torture

import (
	"net/http"
	"path/filepath"
	"regexp"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"faturad/internal/invoice"
	"faturad/providers"
	"faturad/providers/simulator"
	"faturad/providers/turkcell/turkcellsim"
	"faturad/sync/audit"
)

// turkcellOffice refuses a used ETTN for ever.
type turkcellOffice struct{ *turkcellsim.Simulator }

func newTurkcell(latency time.Duration) office {
	return turkcellWith(turkcellsim.Options{Latency: latency})
}

func turkcellWith(o turkcellsim.Options) office {
	o.APIKey, o.SellerTaxNo = apiKey, sellerVKN
	if o.Pace == (turkcellsim.Pace{}) {
		o.Pace.Mode = turkcellsim.PaceInstant
	}
	return turkcellOffice{turkcellsim.New(o)}
}

func (turkcellOffice) traits() traits {
	return traits{name: "turkcell", steps: 1, makes: 1, pdf: true, flag: true}
}

// install lets `faturad init` write the config.
func (turkcellOffice) install(w *world, url string) {
	w.t.Helper()
	w.secret("turkcell.key", apiKey)
	file := func(name string) string { return filepath.Join(w.dir, name) }
	w.ok("init", "--erp", "reference", "--name", "acme", "--vkn", sellerVKN, "--erp-id", "erp1",
		"--start", time.Now().AddDate(0, -2, 0).Format(time.DateOnly),
		"--base-url", url, "--ledger-dsn-file", file("ledger.dsn"), "--migrate-dsn-file", file("migrate.dsn"),
		"--erp-dsn-file", file("erp.dsn"), "--api-key-file", file("turkcell.key"), "--admin-token-file", file("admin.token"),
		"--seller-name", "Örnek Yazılım Ticaret A.Ş.", "--seller-tax-office", "Çankaya", "--seller-street", "Atatürk Bulvarı",
		"--seller-district", "Çankaya", "--seller-city", "Ankara")
	w.edit("listen = \"127.0.0.1:8765\"", "listen = \"127.0.0.1:0\"")
}

func (o turkcellOffice) issued() (out []issued) {
	for _, d := range o.Documents() {
		date, _ := invoice.ParseDate(d.IssueDate) // the simulator checked it
		out = append(out, issued{key: d.ETTN, Issued: audit.Issued{
			Account: "main", ETTN: d.ETTN, LocalReference: d.LocalReferenceID, Number: d.Number, Kind: invoice.Kind(d.Kind), State: stateOf(d.Status),
			BuyerTaxNo: d.Buyer, Payable: decimal.NewNullDecimal(d.Payable), Currency: d.Currency, IssueDate: date, Hash: d.SHA256,
		}})
	}
	return out
}

func stateOf(status int) providers.State {
	switch status {
	case 0:
		return providers.StateDraft
	case 40:
		return providers.StateFailed
	case 60:
		return providers.StateAccepted
	case 80:
		return providers.StateRejected
	}
	return providers.StateWorking
}

func (o turkcellOffice) requests() (out []request) {
	for _, e := range o.Log() {
		if e.Family == turkcellsim.FamilyCreate {
			id, _ := uuid.Parse(e.ETTN) // a request that was cut may name none
			out = append(out, request{key: id, at: e.At, hash: e.SHA256, legal: true, saved: e.Saved})
		}
	}
	return out
}

func (turkcellOffice) key() string      { return apiKey }
func (turkcellOffice) tokens() []string { return nil } // the key itself is enough

func (o turkcellOffice) receive(n int, seed uint64) { o.GenerateIncoming(n, seed) }

func (o turkcellOffice) inbox() (out []arrival) {
	for _, in := range o.Incoming() {
		out = append(out, arrival{in.ETTN.String(), in.SHA256, in.IsNew})
	}
	return out
}

var creating = regexp.MustCompile(`^/v[12]/(outboxinvoice|earchive)(/create)?$`)

// file is the name of the invoice file in the form: the ETTN.
var file = regexp.MustCompile(`filename="([0-9a-f-]{36})\.xml"`)

func (turkcellOffice) names(r *http.Request, body []byte) (column, value string) {
	if r.Method != http.MethodPost || !creating.MatchString(r.URL.Path) {
		return "", ""
	}
	if ettn := file.FindSubmatch(body); ettn != nil {
		return "ettn", string(ettn[1])
	}
	return "", ""
}

func (o turkcellOffice) fault(at column, f simulator.Fault) error {
	family := map[column]turkcellsim.Family{create: turkcellsim.FamilyCreate, lookUp: turkcellsim.FamilyStatus, status: turkcellsim.FamilyStatus,
		list: turkcellsim.FamilyList, download: turkcellsim.FamilyDownload}[at]
	return o.SetFault(turkcellsim.Fault{Kind: f.Kind, Family: family, Times: f.Times, Skip: f.Skip, Every: f.Every, Probability: f.Probability, Seed: f.Seed,
		Status: f.Status, Body: f.Body, RetryAfter: f.RetryAfter, Delay: f.Delay, Size: f.Size})
}

// turkcellFault sets a fault that only Turkcell's simulator knows so exactly.
func (w *world) turkcellFault(f turkcellsim.Fault) {
	w.t.Helper()
	if err := w.sim.SetFault(f); err != nil {
		w.t.Fatal(err)
	}
}
