package torture

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"faturad/internal/invoice"
	"faturad/providers"
	"faturad/providers/kolaybi/kolaybisim"
	"faturad/providers/simulator"
	"faturad/sync/audit"
)

// kolaybiOffice makes drafts first and refuses nothing by any key of ours; a second legal step on one record even gives it a
// second number. Only faturad's own rules keep a sale from being two invoices.
type kolaybiOffice struct{ *kolaybisim.Simulator }

func newKolayBi(latency time.Duration) office {
	return kolaybiOffice{kolaybisim.New(kolaybisim.Options{Latency: latency, Instant: true, SellerTaxNo: sellerVKN, Rules: kolaybisim.Rules{SecondNumber: true}})}
}

func (kolaybiOffice) traits() traits {
	return traits{name: "kolaybi", steps: 4, makes: 2, pdf: true, asks: true,
		more: []string{"ground.before", "ground.after", "release.legal", "released.legal"},
		less: []string{"inbound.clearing", "inbound.cleared", "inbound.acknowledged"}}
}

func (kolaybiOffice) install(w *world, url string) {
	w.t.Helper()
	w.write(fmt.Sprintf(`  kind = "kolaybi"
  base_url = "%[2]s"
  api_key = { file = "%[1]s/provider.key" }
  channel = { file = "%[1]s/provider.channel" }
    [company.account.kolaybi]
    page_pause = "1ms"`, w.dir, url+kolaybisim.Base), map[string]string{"provider.key": kolaybisim.DefaultAPIKey, "provider.channel": kolaybisim.DefaultChannel})
}

// kolaybiStates are those of the simulator's words that are not success.
var kolaybiStates = map[string]providers.State{"not_sent": providers.StateDraft, "waiting": providers.StateWorking, "failed": providers.StateFailed,
	"rejected": providers.StateRejected, "cancelled": providers.StateCancelled}

func (o kolaybiOffice) issued() (out []issued) {
	for _, d := range o.Documents() {
		date, _ := invoice.ParseDate(d.IssueDate) // the simulator checked it
		state, special := kolaybiStates[d.Status]
		if !special {
			state = providers.StateAccepted
		}
		out = append(out, issued{key: d.Key, Issued: audit.Issued{Account: "main", ETTN: d.ETTN, Number: d.Number, Kind: invoice.Kind(d.Kind), State: state,
			BuyerTaxNo: d.Buyer, Payable: decimal.NewNullDecimal(d.Payable), Currency: d.Currency, IssueDate: date}})
	}
	return out
}

func (o kolaybiOffice) requests() (out []request) {
	for _, e := range o.Log() {
		if legal := e.Family == kolaybisim.FamilyLegal; legal || e.Family == kolaybisim.FamilyDraft {
			out = append(out, request{key: e.Key, at: e.At, legal: legal, saved: e.Saved})
		}
	}
	return out
}

func (kolaybiOffice) key() string        { return kolaybisim.DefaultAPIKey }
func (o kolaybiOffice) tokens() []string { return o.Tokens() }

func (o kolaybiOffice) receive(n int, seed uint64) { o.GenerateIncoming(n, seed) }

func (o kolaybiOffice) inbox() (out []arrival) {
	for _, in := range o.Incoming() {
		out = append(out, arrival{ettn: in.ETTN.String(), hash: in.SHA256})
	}
	return out
}

var keyInText = regexp.MustCompile(`\[faturad:([0-9a-f-]{36})\]`)

func (kolaybiOffice) names(r *http.Request, body []byte) (column, value string) {
	if r.Method != http.MethodPost {
		return "", ""
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return "", "" // it was cut
	}
	switch strings.TrimPrefix(r.URL.Path, kolaybisim.Base) {
	case "/invoices":
		if key := keyInText.FindStringSubmatch(form.Get("description")); key != nil {
			return "ettn", key[1]
		}
	case "/invoices/e-document/create":
		return "provider_id", form.Get("document_id")
	}
	return "", ""
}

// fault breaks legal steps, or what asks for them. In bad weather drafts and contacts get lost, too, and sessions end.
func (o kolaybiOffice) fault(at column, f simulator.Fault) error {
	f.Family = map[column]simulator.Family{create: kolaybisim.FamilyLegal, lookUp: kolaybisim.FamilyList, status: kolaybisim.FamilyList,
		list: kolaybisim.FamilyList, download: kolaybisim.FamilyView}[at]
	if err := o.SetFault(f); err != nil || f.Probability == 0 {
		return err
	}
	for _, family := range []simulator.Family{kolaybisim.FamilyDraft, kolaybisim.FamilyContact} {
		f.Family = family
		if err := o.SetFault(f); err != nil {
			return err
		}
	}
	return o.SetFault(simulator.Fault{Kind: simulator.FaultExpireToken, Probability: f.Probability / 10, Seed: f.Seed})
}
