package main

import (
	"context"
	"net"
	"time"

	"github.com/google/uuid"

	"faturad/internal/clock"
	"faturad/providers/kolaybi/kolaybisim"
	"faturad/providers/simulator"
	"faturad/providers/turkcell/turkcellsim"
)

// The simulated providers.
const (
	turkcell = "turkcell"
	kolaybi  = "kolaybi"
	propars  = "propars"
)

// office is a simulated provider as the demo needs it.
type office interface {
	Serve(ctx context.Context, listener net.Listener) error
	Advance(d time.Duration)
	// title is its name, path what follows the address in base_url, secrets what the config refers to.
	title() string
	path() string
	secrets() map[string]string
	// lose makes it botch the first request for a sale: a kind of fault of turkcellsim.
	lose(fault string, ettn uuid.UUID) error
	// documents counts what has legal effect, by sale; isNew the incoming invoices that it still calls new.
	documents() map[string]int
	isNew() int
}

// turkcellOffice is Turkcell e-Şirket.
type turkcellOffice struct{ *turkcellsim.Simulator }

func openTurkcell(c clock.Clock) turkcellOffice {
	t := turkcellOffice{turkcellsim.New(turkcellsim.Options{
		Clock: c, SellerTaxNo: sellerVKN(), Taxpayers: taxpayers(), Buyers: buyers(), Pace: turkcellsim.Pace{Step: time.Second, Answer: 2 * time.Second}, Latency: 15 * time.Millisecond,
		Default: map[string]string{turkcellsim.KindEFatura: "DFN", turkcellsim.KindEArsiv: "DFA", turkcellsim.KindEMM: "DFM"},
	})}
	t.GenerateIncoming(incoming, 7)
	return t
}

func (turkcellOffice) title() string { return "Turkcell e-Şirket" }
func (turkcellOffice) path() string  { return "" }

func (turkcellOffice) secrets() map[string]string {
	return map[string]string{"provider.key": turkcellsim.DefaultAPIKey}
}

func (t turkcellOffice) lose(fault string, ettn uuid.UUID) error {
	return t.SetFault(turkcellsim.Fault{Kind: fault, Family: turkcellsim.FamilyCreate, Times: 1, ETTN: ettn.String()})
}

func (t turkcellOffice) documents() map[string]int {
	out := map[string]int{}
	for _, d := range t.Documents() {
		out[saleOf(d.LocalReferenceID)]++
	}
	return out
}

func (t turkcellOffice) isNew() (n int) {
	for _, i := range t.Incoming() {
		if i.IsNew {
			n++
		}
	}
	return n
}

// taxpayers is the provider's list of e-Fatura users: the firms of this demo, and some that never buy anything.
func taxpayers() []turkcellsim.Taxpayer {
	list := turkcellsim.DefaultTaxpayers()
	for _, c := range registered() {
		list = append(list, turkcellsim.Taxpayer{TaxNo: c.taxNo, Title: c.name, Alias: c.mailbox()})
	}
	return list
}

// registered are the demo's customers that are e-Fatura users.
func registered() []customer { return append(firms(), refusedFirm, failingFirm, rejectsFirm) }

// kolaybiOffice is KolayBi.
type kolaybiOffice struct{ *kolaybisim.Simulator }

func openKolayBi(c clock.Clock) kolaybiOffice {
	o := kolaybisim.Options{
		Clock: c, SellerTaxNo: sellerVKN(), Step: time.Second, Answer: 2 * time.Second, Latency: 5 * time.Millisecond,
		Prefix: map[string]string{kolaybisim.KindEFatura: "DFN", kolaybisim.KindEArsiv: "DFA"},
		Buyers: map[string]kolaybisim.Buyer{
			refusedFirm.taxNo: kolaybisim.BuyerRefused, failingFirm.taxNo: kolaybisim.BuyerFails, rejectsFirm.taxNo: kolaybisim.BuyerRejects,
		},
	}
	for _, c := range registered() {
		o.Taxpayers = append(o.Taxpayers, c.taxNo)
	}
	k := kolaybiOffice{kolaybisim.New(o)}
	k.GenerateIncoming(incoming, 7)
	return k
}

func (kolaybiOffice) title() string { return "KolayBi" }
func (kolaybiOffice) path() string  { return kolaybisim.Base }

func (kolaybiOffice) secrets() map[string]string {
	return map[string]string{"provider.key": kolaybisim.DefaultAPIKey, "provider.channel": kolaybisim.DefaultChannel}
}

// lose botches the draft where Turkcell would save and answer 500, and the legal step where it would lose the answer.
func (k kolaybiOffice) lose(fault string, ettn uuid.UUID) error {
	f := kolaybisim.Fault{Kind: simulator.FaultSavedError, Family: kolaybisim.FamilyDraft, Times: 1, Key: ettn.String()}
	if fault == turkcellsim.FaultAnswerLost {
		f.Kind, f.Family = simulator.FaultAnswerLost, kolaybisim.FamilyLegal
	}
	return k.SetFault(f)
}

func (k kolaybiOffice) documents() map[string]int {
	out := map[string]int{}
	for _, d := range k.Documents() {
		out[d.Key.String()]++
	}
	return out
}

func (kolaybiOffice) isNew() int { return 0 }
