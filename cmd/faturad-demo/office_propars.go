package main

import (
	"time"

	"github.com/google/uuid"

	"faturad/internal/clock"
	"faturad/providers/propars/proparssim"
	"faturad/providers/simulator"
	"faturad/providers/turkcell/turkcellsim"
)

// proparsOffice is Propars. It tells nothing of an invoice after it was sent: nobody rejects here.
type proparsOffice struct{ *proparssim.Simulator }

func openPropars(c clock.Clock) proparsOffice {
	o := proparssim.Options{
		Clock: c, SellerTaxNo: sellerVKN(), Signing: time.Second, Latency: 5 * time.Millisecond, Refused: []string{refusedFirm.taxNo},
		Prefix: map[string]string{proparssim.KindEFatura: "DFN", proparssim.KindEArsiv: "DFA"},
	}
	for _, c := range registered() {
		o.Taxpayers = append(o.Taxpayers, c.taxNo)
	}
	p := proparsOffice{proparssim.New(o)}
	p.GenerateIncoming(incoming, 7)
	return p
}

func (proparsOffice) title() string { return "Propars" }
func (proparsOffice) path() string  { return proparssim.Base }

func (proparsOffice) secrets() map[string]string {
	return map[string]string{"provider.password": proparssim.DefaultPassword}
}

// lose botches the request that sends: its sale is written before.
func (p proparsOffice) lose(fault string, ettn uuid.UUID) error {
	f := proparssim.Fault{Kind: simulator.FaultSavedError, Family: proparssim.FamilySend, Times: 1, Key: ettn.String()}
	if fault == turkcellsim.FaultAnswerLost {
		f.Kind = simulator.FaultAnswerLost
	}
	return p.SetFault(f)
}

func (p proparsOffice) documents() map[string]int {
	out := map[string]int{}
	for _, d := range p.Documents() {
		out[saleOf(d.SaleCode)]++
	}
	return out
}

func (proparsOffice) isNew() int { return 0 }
