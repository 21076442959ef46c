package outbound

import (
	"context"
	"errors"
	"fmt"
	"time"

	"faturad/internal/failpoint"
	"faturad/internal/fault"
	"faturad/internal/invoice"
	"faturad/providers"
	"faturad/sync/erp"
	"faturad/sync/ledger"
)

const noWait = time.Duration(0)

// ready is one prepared document whose intent may be opened.
type ready struct {
	doc     ledger.Document
	account Account
	payload providers.Payload
}

// batch is what the producer works on at once: documents leased together, and the changes they cause.
type batch struct {
	docs    []ledger.Document
	changes []ledger.Change
	ready   []ready // positions as in prepared
	// prepares holds, for each element of ready, the index of its change; -1 when it was prepared earlier.
	prepares []int
	waiting  []int64 // returns whose original has no number yet
}

// prepare turns leased documents (pending, or prepared earlier) into ready ones. Everything that the batch needs is read
// at once: sales by key space, routes, stored payloads. What cannot be prepared is held, given up or put off; all of it
// is committed as one group before anything becomes ready.
func (j *Job) prepare(ctx context.Context, docs []ledger.Document, result *Result) ([]ready, []int64, error) {
	b := &batch{docs: docs}
	sales, err := j.load(ctx, docs)
	if err != nil {
		return nil, nil, err
	}
	fresh, err := j.keepFrozen(ctx, b, sales)
	if err != nil {
		return nil, nil, err
	}
	mapped, err := j.mapSales(ctx, b, fresh, sales, result)
	if err != nil {
		return nil, nil, err
	}
	if mapped, err = j.holdTwins(ctx, b, mapped, result); err != nil {
		return nil, nil, err
	}
	if err := j.route(ctx, b, mapped, result); err != nil {
		return nil, nil, err
	}
	if len(b.changes) == 0 {
		return b.ready, b.waiting, nil
	}
	failpoint.Hit("prepare.before")
	outcomes, err := j.Ledger.Commit(ctx, b.changes)
	failpoint.Hit("prepare.after")
	if err != nil {
		return nil, nil, fmt.Errorf("recording prepared documents: %w", err)
	}
	out := make([]ready, 0, len(b.ready))
	for i, r := range b.ready {
		at := b.prepares[i]
		if at >= 0 && !outcomes[at].Applied {
			continue // somebody else has it, or it moved on
		}
		out = append(out, r)
	}
	for i, o := range outcomes {
		if o.Err != nil {
			j.Log.Error("a document could not be recorded", "document", b.changes[i].Document, "err", o.Err)
		}
	}
	out, err = j.stepBack(ctx, out, mapped)
	return out, b.waiting, err
}

// load reads the sales behind docs, one query pair per key space.
func (j *Job) load(ctx context.Context, docs []ledger.Document) (map[int64]*erp.Loaded, error) {
	bySpace := map[string][]ledger.Document{}
	for _, d := range docs {
		bySpace[d.KeySpace] = append(bySpace[d.KeySpace], d)
	}
	sales := make(map[int64]*erp.Loaded, len(docs))
	for space, group := range bySpace {
		keys := make([]string, len(group))
		for i, d := range group {
			keys[i] = d.SaleKey
		}
		loaded, err := j.Sales.Load(ctx, space, keys)
		if err != nil {
			return nil, fmt.Errorf("reading %d sales of %q: %w", len(keys), space, err)
		}
		for i, d := range group {
			sales[d.ID] = &loaded[i]
		}
	}
	return sales, nil
}

// keepFrozen sorts out the documents that were prepared earlier: one that may ever have left goes again with the same
// bytes whatever the sale says now; one that surely never left is prepared anew when the sale or the active account
// changed, when something speaks against its route since, or when it was asked for after a loss and is not there. It returns the documents to map.
func (j *Job) keepFrozen(ctx context.Context, b *batch, sales map[int64]*erp.Loaded) ([]ledger.Document, error) {
	outdated, err := j.outdated(ctx, b.docs)
	if err != nil {
		return nil, err
	}
	fresh := make([]ledger.Document, 0, len(b.docs))
	var frozen []ledger.Document
	for _, d := range b.docs {
		if d.State != ledger.Prepared {
			fresh = append(fresh, d)
			continue
		}
		if d.ProbeFirst { // before anything else: if it exists, it has these bytes
			if account, ok := j.account(d.Account); ok {
				b.changes = append(b.changes, j.probe(d, account)...)
				continue
			}
		}
		sale := sales[d.ID]
		edited := gone(*sale) || sale.Sale.Hash != d.SaleHash || d.Account != j.Accounts[0].Name || outdated[d.ID]
		never := d.PayloadHash == "" // entered from the ERP's marks, and a person says that it shall be sent: nothing was frozen
		if (edited || d.Code == ledger.CodeProbe) && !d.WasUnknown || never {
			b.changes = append(b.changes, ledger.Change{Document: d.ID, Lease: d.Lease(), To: ledger.Pending, Quiet: true})
			fresh = append(fresh, d)
			continue
		}
		frozen = append(frozen, d)
	}
	if len(frozen) == 0 {
		return fresh, nil
	}
	ids := make([]int64, len(frozen))
	for i, d := range frozen {
		ids[i] = d.ID
	}
	payloads, err := j.Ledger.Payloads(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("reading %d frozen payloads: %w", len(ids), err)
	}
	for _, d := range frozen {
		account, ok := j.account(d.Account)
		payload, stored := payloads[d.ID]
		if !ok || !stored {
			j.Log.Error("a prepared document cannot be sent: its account is gone from the config, or its payload from the ledger",
				"document", d.LocalReference, "account", d.Account)
			b.changes = append(b.changes, ledger.Change{Document: d.ID, Lease: d.Lease(), To: ledger.Prepared, Stay: true, Unlease: true,
				Patch: ledger.Patch{NextIn: ptr(time.Hour), Code: ptr("account.missing"),
					Message: ptr(textAccountMissing.In(j.Language)), Advice: ptr(adviceAccountMissing.In(j.Language))}})
			continue
		}
		b.ready = append(b.ready, ready{doc: d, account: account, payload: payload})
		b.prepares = append(b.prepares, -1)
	}
	return fresh, nil
}

// outdated asks about those documents that were prepared earlier and surely never left.
func (j *Job) outdated(ctx context.Context, docs []ledger.Document) (map[int64]bool, error) {
	if j.Outdated == nil {
		return nil, nil
	}
	var ask []ledger.Document
	for _, d := range docs {
		if d.State == ledger.Prepared && !d.WasUnknown && !d.ProbeFirst {
			ask = append(ask, d)
		}
	}
	if len(ask) == 0 {
		return nil, nil
	}
	found, err := j.Outdated(ctx, ask)
	if err != nil {
		return nil, fmt.Errorf("looking again at %d prepared documents: %w", len(ask), err)
	}
	return found, nil
}

// keepsDay reports whether the sale's day is not judged: the document may exist already, under that day, or it was asked for
// after a loss and is not there, and the lost ledger may have taken it in time.
func keepsDay(d ledger.Document) bool { return d.ProbeFirst || d.Code == ledger.CodeProbe }

// gone reports whether the ERP no longer has the sale, or says itself that it is not to be issued.
func gone(l erp.Loaded) bool { return l.Missing || l.Sale.Deleted }

// mappedSale is a sale that became an invoice.
type mappedSale struct {
	doc ledger.Document
	Drafted
	likeness ledger.Likeness // zero = it looks like no other
}

// mapSales makes invoices of sales; the others are held, cancelled or put off.
func (j *Job) mapSales(ctx context.Context, b *batch, docs []ledger.Document, sales map[int64]*erp.Loaded, result *Result) ([]mappedSale, error) {
	originals, err := j.originals(ctx, docs, sales)
	if err != nil {
		return nil, err
	}
	out := make([]mappedSale, 0, len(docs))
	for _, d := range docs {
		loaded := *sales[d.ID]
		if gone(loaded) && d.ProbeFirst {
			// The ledger may have forgotten that it was sent: ask before giving it up. It has no content to compare.
			result.Unknown++
			b.changes = append(b.changes, ledger.Change{Document: d.ID, Lease: d.Lease(), To: ledger.Prepared, Quiet: true,
				Patch: ledger.Patch{SaleHash: ptr("")}})
			b.changes = append(b.changes, j.probe(d, j.Accounts[0])...)
			continue
		}
		if gone(loaded) {
			result.Cancelled++
			b.changes = append(b.changes, ledger.Change{Document: d.ID, Lease: d.Lease(), To: ledger.Cancelled, Unlease: true,
				Patch: ledger.Patch{MarkFinal: true, Code: ptr("sale.gone"), Message: ptr(textSaleGone.In(j.Language)), Advice: ptr("")}})
			continue
		}
		sale := loaded.Sale
		if sale.ReturnKey != "" && (sale.Return == nil || sale.Return.Number == "") {
			original, known := originals[ledger.Key{KeySpace: d.KeySpace, SaleKey: sale.ReturnKey}]
			if known && original.Number == "" && !original.State.Final() && !waitsForPerson(original.State) {
				result.Waiting++
				b.waiting = append(b.waiting, d.ID)
				b.changes = append(b.changes, j.putOff(d, sale, time.Minute))
				continue
			}
			sale = WithOriginal(sale, original)
		}
		drafted := j.draft(sale, loaded.Faults, !keepsDay(d))
		if blocking := drafted.Faults.Blocking(); len(blocking) > 0 {
			b.changes = append(b.changes, j.hold(d, sale, blocking, result))
			continue
		}
		out = append(out, mappedSale{doc: d, Drafted: drafted})
	}
	return out, nil
}

// originals finds the documents of the sales that returns refer to.
func (j *Job) originals(ctx context.Context, docs []ledger.Document, sales map[int64]*erp.Loaded) (map[ledger.Key]ledger.Document, error) {
	var keys []ledger.Key
	for _, d := range docs {
		if s := sales[d.ID].Sale; s.ReturnKey != "" {
			keys = append(keys, ledger.Key{KeySpace: d.KeySpace, SaleKey: s.ReturnKey})
		}
	}
	if len(keys) == 0 {
		return nil, nil
	}
	found, err := j.Ledger.LatestByKey(ctx, j.Company, keys)
	if err != nil {
		return nil, fmt.Errorf("finding the originals of %d returns: %w", len(keys), err)
	}
	return found, nil
}

// waitsForPerson are the states that nothing but a person's action leaves.
func waitsForPerson(s ledger.State) bool {
	return s == ledger.Held || s == ledger.Refused || s == ledger.Disputed
}

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
		route := m.Route
		identity := providers.Identity{ETTN: m.doc.ETTN, LocalReference: m.doc.LocalReference, Kind: route.Kind, IssueDate: m.Invoice.IssueDate}
		payload, err := account.Provider.Prepare(providers.Draft{Identity: identity, Route: route, Invoice: m.Invoice})
		if err != nil {
			b.changes = append(b.changes, j.holdError(m.doc, m.Sale, err, result))
			continue
		}
		doc := m.doc
		doc.State, doc.Account, doc.Provider, doc.Route, doc.IssueDate = ledger.Prepared, account.Name, account.Kind, route, m.Invoice.IssueDate
		doc.PayloadHash = payload.Hash
		if !doc.ProbeFirst {
			b.prepares = append(b.prepares, len(b.changes))
			b.ready = append(b.ready, ready{doc: doc, account: account, payload: payload})
		}
		b.changes = append(b.changes, ledger.Change{
			Document: doc.ID, Lease: doc.Lease(), To: ledger.Prepared, Payload: &payload, Quiet: true, Likeness: m.likeness,
			Patch: ledger.Patch{
				SaleNumber: &m.Sale.Number, SaleHash: &m.Sale.Hash, Convention: ptr(string(m.Invoice.Convention)),
				BuyerTaxNo: &m.Invoice.Buyer.TaxNo, BuyerName: ptr(partyName(realBuyer(m.Invoice))), Currency: &m.Invoice.Currency,
				Payable: &m.Invoice.Totals.Payable, IssueDate: &m.Invoice.IssueDate, Changed: ptr(false), MovedFrom: &m.MovedFrom,
				Account: &account.Name, Provider: &account.Kind, Route: &route,
				Code: ptr(keptCode(doc.Code)), Message: ptr(""), Advice: ptr(""),
			},
		})
		if note := m.Note; note != "" {
			b.changes[len(b.changes)-1].Event = &ledger.Event{Document: doc.ID, Attempt: doc.Attempts, Operation: ledger.OpPrepare,
				Class: "ok", Message: note, PayloadSHA: payload.Hash, Owner: j.Owner}
		}
		if doc.ProbeFirst {
			b.changes = append(b.changes, j.probe(doc, account)...)
			result.Unknown++
		}
	}
	return nil
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

// probe sends a prepared document to followup instead of to the provider: a ledger that was lost or restored cannot know
// whether it is there already. The quarantine counts from now, because whoever held the lost ledger may have sent it a
// moment ago.
func (j *Job) probe(doc ledger.Document, account Account) []ledger.Change {
	quarantine := account.Provider.Capabilities().Quarantine
	return []ledger.Change{
		{Document: doc.ID, Lease: doc.Lease(), To: ledger.Sending, Quiet: true},
		{Document: doc.ID, Lease: doc.Lease(), To: ledger.Unknown, Unlease: true, Patch: ledger.Patch{
			Unknown: ptr(true), QuarantineIn: &quarantine, NextIn: ptr(noWait), Code: ptr(ledger.CodeProbe),
			Message: ptr(textProbe.In(j.Language)), Advice: ptr(adviceUnknown.In(j.Language)),
		}},
	}
}

// hold parks a sale with everything that is wrong with it.
func (j *Job) hold(d ledger.Document, sale invoice.Sale, faults invoice.Faults, result *Result) ledger.Change {
	result.Held++
	patch := j.heldPatch(sale)
	patch.Code = ptr(faults[0].Code)
	patch.Message = ptr(faults.Sentence(j.Language))
	patch.Advice = ptr(faults.Advice(j.Language))
	return ledger.Change{Document: d.ID, Lease: d.Lease(), To: ledger.Held, Unlease: true, Patch: patch}
}

// holdError parks a sale that the provider's model cannot carry.
func (j *Job) holdError(d ledger.Document, sale invoice.Sale, err error, result *Result) ledger.Change {
	result.Held++
	message, advice, code := words(err, j.Language)
	patch := j.heldPatch(sale)
	patch.Code, patch.Message, patch.Advice = &code, &message, &advice
	return ledger.Change{Document: d.ID, Lease: d.Lease(), To: ledger.Held, Unlease: true, Patch: patch}
}

// putOff leaves a return pending until its original has a number.
func (j *Job) putOff(d ledger.Document, sale invoice.Sale, wait time.Duration) ledger.Change {
	patch := salePatch(sale)
	patch.NextIn = &wait
	patch.Code = ptr("return.original_pending")
	patch.Message = ptr(textOriginalPending.In(j.Language))
	patch.Advice = ptr("")
	return ledger.Change{Document: d.ID, Lease: d.Lease(), To: ledger.Pending, Stay: true, Unlease: true, Patch: patch,
		Quiet: d.Code == "return.original_pending"}
}

// heldPatch is salePatch for a sale that is held.
func (j *Job) heldPatch(sale invoice.Sale) ledger.Patch {
	patch := salePatch(sale)
	patch.SaleHash = ptr(j.heldHash(sale.Hash))
	return patch
}

// salePatch keeps what people want to see of a sale that did not become an invoice.
func salePatch(sale invoice.Sale) ledger.Patch {
	patch := ledger.Patch{
		SaleNumber: &sale.Number, SaleHash: &sale.Hash, BuyerTaxNo: &sale.Buyer.TaxNo, BuyerName: ptr(saleBuyer(sale)),
		Currency: &sale.Currency,
	}
	if sale.Gross.Valid {
		patch.Payable = &sale.Gross.Decimal
	}
	if !sale.IssueDate.IsZero() {
		patch.IssueDate, patch.MovedFrom = &sale.IssueDate, &invoice.Date{}
	}
	return patch
}

// realBuyer is who buys, where the invoice itself is addressed to somebody else: the foreign buyer behind the customs, the
// paying unit of a public body.
func realBuyer(inv invoice.Invoice) invoice.Party {
	if c := inv.BuyerCustomer; c != nil && partyName(*c) != "" && inv.Buyer.TaxNo == invoice.Customs {
		return *c
	}
	return inv.Buyer
}

// saleBuyer is the same of a sale that did not become an invoice.
func saleBuyer(sale invoice.Sale) string {
	if c := sale.BuyerCustomer; c != nil && partyName(*c) != "" && sale.Buyer.TaxNo == invoice.Customs {
		return partyName(*c)
	}
	return partyName(sale.Buyer)
}

// partyName is the name that lists show.
func partyName(p invoice.Party) string {
	if p.Name != "" {
		return p.Name
	}
	if p.FirstName == "" {
		return p.LastName
	}
	return p.FirstName + " " + p.LastName
}

// Refusal is a refusal to prepare an invoice as the fault that it is to the sale; a provider says it in the accountant's
// language only.
func Refusal(err error) invoice.Fault {
	f := invoice.Fault{}
	f.Message.TR, f.Advice.TR, f.Code = words(err, "tr")
	f.Message.EN, f.Advice.EN, _ = words(err, "en")
	return f
}

// words takes a refusal to prepare apart for the ERP's columns. What has no words for accountants stands in brackets, for whoever
// they ask.
func words(err error, language string) (message, advice, code string) {
	if e, ok := errors.AsType[*fault.Error](err); ok && e.Message != "" {
		message, advice = providers.Words(e, language)
		return message, advice, codeOf(err)
	}
	return fmt.Sprintf(textUnprepared.In(language), err), adviceUnprepared.In(language), codeOf(err)
}

// codeOf is the code of an error; it is never empty.
func codeOf(err error) string {
	e, ok := errors.AsType[*fault.Error](err)
	switch {
	case !ok:
		return "internal"
	case e.Code == "":
		return "provider." + string(e.Class)
	}
	return e.Code
}
