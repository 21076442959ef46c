package torture

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"faturad/internal/invoice"
	"faturad/providers"
	"faturad/providers/propars/proparssim"
	"faturad/providers/simulator"
	"faturad/sync/audit"
)

// proparsOffice has one invoice a sale, whose code is our local reference.
type proparsOffice struct{ *proparssim.Simulator }

func newPropars(latency time.Duration) office {
	return proparsOffice{proparssim.New(proparssim.Options{Latency: latency, SellerTaxNo: sellerVKN})}
}

func (proparsOffice) traits() traits {
	return traits{name: "propars", steps: 2, makes: 1, more: []string{"ground.before", "ground.after"},
		less: []string{"inbound.clearing", "inbound.cleared", "inbound.acknowledged", "inbound.kept", "inbound.filed"}}
}

func (proparsOffice) install(w *world, url string) {
	w.t.Helper()
	w.write(fmt.Sprintf(`  kind = "propars"
  base_url = "%[2]s"
  username = "%[3]s"
  password = { file = "%[1]s/provider.password" }`, w.dir, url+proparssim.Base, proparssim.DefaultUsername), map[string]string{"provider.password": proparssim.DefaultPassword})
}

func (o proparsOffice) issued() (out []issued) {
	for _, d := range o.Documents() {
		date, _ := invoice.ParseDate(d.IssueDate) // the simulator checked it
		state := providers.StateAccepted
		if d.Status == "cancelled" {
			state = providers.StateCancelled
		}
		out = append(out, issued{key: d.ETTN, Issued: audit.Issued{Account: "main", ETTN: d.ETTN, LocalReference: d.SaleCode, Number: d.Number, Kind: invoice.Kind(d.Kind),
			State: state, BuyerTaxNo: d.Buyer, Payable: decimal.NewNullDecimal(d.Payable), Currency: d.Currency, IssueDate: date}})
	}
	return out
}

// requests are those that send: writing a sale has no effect, however often it is done.
func (o proparsOffice) requests() (out []request) {
	for _, e := range o.Log() {
		if e.Family == proparssim.FamilySend {
			_, id, _ := strings.Cut(e.Sale, ":sale:")
			out = append(out, request{key: invoice.ETTN(sellerVKN, "erp1", "sale", id, 1), at: e.At, legal: true, saved: e.Saved})
		}
	}
	return out
}

func (proparsOffice) key() string        { return proparssim.DefaultPassword }
func (o proparsOffice) tokens() []string { return o.Tokens() }

func (o proparsOffice) receive(n int, seed uint64) { o.GenerateIncoming(n, seed) }

func (o proparsOffice) inbox() (out []arrival) {
	for _, in := range o.Incoming() {
		out = append(out, arrival{ettn: in.ETTN.String(), hash: in.SHA256})
	}
	return out
}

func (proparsOffice) names(r *http.Request, _ []byte) (column, value string) {
	id, err := uuid.Parse(r.URL.Query().Get("invoice_uuid"))
	if r.Method != http.MethodPost || err != nil {
		return "", ""
	}
	return "ettn", id.String()
}

// fault breaks sending, or what asks for it. In bad weather sales get lost, too, and sessions end.
func (o proparsOffice) fault(at column, f simulator.Fault) error {
	f.Family = map[column]simulator.Family{create: proparssim.FamilySend, lookUp: proparssim.FamilySigned, status: proparssim.FamilySigned,
		list: proparssim.FamilyList, download: proparssim.FamilySigned}[at]
	if err := o.SetFault(f); err != nil || f.Probability == 0 {
		return err
	}
	f.Family = proparssim.FamilySale
	if err := o.SetFault(f); err != nil {
		return err
	}
	return o.SetFault(simulator.Fault{Kind: simulator.FaultExpireToken, Probability: f.Probability / 10, Seed: f.Seed})
}
