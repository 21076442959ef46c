package outbound

import (
	"context"
	"fmt"

	"faturad/providers"
	"faturad/sync/ledger"
)

// route decides the routes of a whole batch, guards their series and prepares the bytes.
func (j *Job) route(ctx context.Context, b *batch, mapped []mappedSale, result *Result) error {
	if len(mapped) == 0 {
		return nil
	}
	all := make([]*Drafted, len(mapped))
	var guarded []*Drafted
	for i := range mapped {
		all[i] = &mapped[i].Drafted
		all[i].reference = mapped[i].doc.LocalReference
		if !keepsDay(mapped[i].doc) {
			guarded = append(guarded, all[i])
		}
	}
	if err := j.routeAll(ctx, all); err != nil {
		return err
	}
	if err := j.guardSeries(ctx, guarded); err != nil {
		return err
	}
	account := j.Accounts[0]
	for i := range mapped {
		m := &mapped[i]
		if faults := m.Faults.Blocking(); len(faults) > 0 {
			b.changes = append(b.changes, j.hold(m.doc, m.Sale, faults, result))
			continue
		}
		identity := providers.Identity{ETTN: m.doc.ETTN, LocalReference: m.doc.LocalReference, Kind: m.Route.Kind, IssueDate: m.Invoice.IssueDate}
		payload, err := account.Provider.Prepare(providers.Draft{Identity: identity, Route: m.Route, Invoice: m.Invoice})
		if err != nil {
			b.changes = append(b.changes, j.holdError(m.doc, m.Sale, err, result))
			continue
		}
		doc := m.doc
		doc.State, doc.Account, doc.Provider, doc.Route, doc.IssueDate = ledger.Prepared, account.Name, account.Kind, m.Route, m.Invoice.IssueDate
		doc.PayloadHash = payload.Hash
		if !doc.ProbeFirst {
			b.prepares = append(b.prepares, len(b.changes))
			b.ready = append(b.ready, ready{doc: doc, account: account, payload: payload})
		}
		b.changes = append(b.changes, j.prepared(doc, m, account, payload))
		if doc.ProbeFirst {
			b.changes = append(b.changes, j.probe(doc, account)...)
			result.Unknown++
		}
	}
	return nil
}

// prepared records a document with its route, its bytes and what people want to see of its sale.
func (j *Job) prepared(doc ledger.Document, m *mappedSale, account Account, payload providers.Payload) ledger.Change {
	change := ledger.Change{
		Document: doc.ID, Lease: doc.Lease(), To: ledger.Prepared, Payload: &payload, Quiet: true, Likeness: m.likeness,
		Patch: ledger.Patch{
			SaleNumber: &m.Sale.Number, SaleHash: &m.Sale.Hash, Convention: ptr(string(m.Invoice.Convention)),
			BuyerTaxNo: &m.Invoice.Buyer.TaxNo, BuyerName: ptr(partyName(realBuyer(m.Invoice))), Currency: &m.Invoice.Currency,
			Payable: &m.Invoice.Totals.Payable, IssueDate: &m.Invoice.IssueDate, Changed: ptr(false), MovedFrom: &m.MovedFrom,
			Account: &account.Name, Provider: &account.Kind, Route: &m.Route,
			Code: ptr(keptCode(doc.Code)), Message: ptr(""), Advice: ptr(""),
		},
	}
	if m.Note != "" {
		change.Event = &ledger.Event{Document: doc.ID, Attempt: doc.Attempts, Operation: ledger.OpPrepare,
			Class: "ok", Message: m.Note, PayloadSHA: payload.Hash, Owner: j.Owner}
	}
	return change
}

// keptCode is the code that a document keeps when it is prepared: a person's word that it is no duplicate.
func keptCode(code string) string {
	if code == ledger.CodeTwinAllowed {
		return code
	}
	return ""
}

// routeAll asks the router about all drafts at once.
func (j *Job) routeAll(ctx context.Context, drafts []*Drafted) error {
	questions := make([]Question, len(drafts))
	for i, d := range drafts {
		questions[i] = Question{
			TaxNo: d.Invoice.Buyer.TaxNo, Kind: d.Sale.Kind, Alias: d.Sale.Alias, Prefix: d.Sale.Prefix, Branch: d.Sale.Branch,
			Draft: d.Sale.Draft, Email: d.Invoice.Buyer.Email, Scenario: d.Invoice.Scenario,
			LocalReference: d.reference, SaleNumber: d.Sale.Number, Currency: d.Invoice.Currency, Payable: d.Invoice.Totals.Payable,
			IssueDate: d.Invoice.IssueDate,
		}
	}
	decisions, err := j.Router.Route(ctx, questions)
	if err != nil {
		return fmt.Errorf("deciding the routes of %d sales: %w", len(questions), err)
	}
	for i, d := range drafts {
		d.Route, d.Note = decisions[i].Route, joinNotes(decisions[i].Note, d.Note)
		d.Faults = append(d.Faults, decisions[i].Faults...)
	}
	return nil
}
