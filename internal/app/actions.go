package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"faturad/internal/fault"
	"faturad/internal/invoice"
	"faturad/sync/ledger"
)

// Action is what a person asks for.
type Action string

// The actions of the command line.
const (
	Resync  Action = "resync"  // go on with it now, from wherever it stands
	Release Action = "release" // give a held sale or a draft free
	Cancel  Action = "cancel"  // give a document up before it exists, or cancel an approved e-Arşiv or receipt
	Reissue Action = "reissue" // start the next revision of a dead document
	Mail    Action = "mail"    // have the provider mail it to the buyer again
	Mark    Action = "mark"    // settle a disputed document by hand
)

// Step is one planned action on one document. Where nothing can be done, Refused says why.
type Step struct {
	Document ledger.Document
	Action   Action
	To       ledger.State // where it will stand, as far as faturad decides
	Does     string       // one sentence
	Queued   bool         // applying it only makes it due: the next pass does what Does says
	Refused  invoice.Text // why it cannot be done, in words that name no document; zero = it can
}

// Possible reports whether the step can be applied.
func (s Step) Possible() bool { return s.Refused == invoice.Text{} }

// NeedsReason reports whether the step takes the place of the provider's own word, so that those who ask later must find
// why: everything about a disputed document, and a new revision.
func (s Step) NeedsReason() bool {
	return s.Possible() && (s.Document.State == ledger.Disputed || s.Action == Mark || s.Action == Reissue)
}

// Plan says what an action would do to each document that refs name, without doing it. mark is the wished state of Mark.
func (c *Company) Plan(ctx context.Context, action Action, refs []string, mark ledger.State) ([]Step, error) {
	var steps []Step
	for _, ref := range refs {
		docs, err := c.app.Ledger.Find(ctx, c.Name, ref)
		if err != nil {
			return nil, err
		}
		if len(docs) == 0 {
			return nil, &refusal{why: invoice.Text{
				TR: "faturad bu satışı tanımıyor: satış numarasını kontrol edin; satış yeni girildiyse birazdan yeniden isteyin.",
				EN: fmt.Sprintf("%s has no document %q: give a local reference, a sale key or an ETTN", c.Name, ref),
			}}
		}
		if docs, err = c.withLater(ctx, docs); err != nil {
			return nil, err
		}
		for _, d := range latest(docs) {
			s, err := c.cancelledBy(ctx, StepOf(action, d, mark))
			if err != nil {
				return nil, err
			}
			steps = append(steps, s)
		}
	}
	return steps, nil
}

// withLater adds the later revisions of superseded documents: a reference that names a sale's first document names the sale, and
// what is asked for concerns the document that counts now.
func (c *Company) withLater(ctx context.Context, docs []ledger.Document) ([]ledger.Document, error) {
	var keys []ledger.Key
	for _, d := range docs {
		if d.Superseded {
			keys = append(keys, ledger.Key{KeySpace: d.KeySpace, SaleKey: d.SaleKey})
		}
	}
	if len(keys) == 0 {
		return docs, nil
	}
	all, err := c.app.Ledger.ByKeys(ctx, c.Name, keys)
	for _, key := range keys {
		docs = append(docs, all[key]...)
	}
	return docs, err
}

// latest keeps the highest revision of each sale: the others are history.
func latest(docs []ledger.Document) []ledger.Document {
	best := map[ledger.Key]ledger.Document{}
	var order []ledger.Key
	for _, d := range docs {
		key := ledger.Key{KeySpace: d.KeySpace, SaleKey: d.SaleKey}
		if have, ok := best[key]; !ok {
			order = append(order, key)
		} else if have.Revision > d.Revision {
			continue
		}
		best[key] = d
	}
	out := make([]ledger.Document, len(order))
	for i, key := range order {
		out[i] = best[key]
	}
	return out
}

// againDoes is what happens to a sale that was never sent.
const againDoes = "read the sale again, and send it if nothing stands in the way"

// PlanHeld is the plan of releasing every held sale of the company.
func (c *Company) PlanHeld(ctx context.Context) ([]Step, error) {
	var steps []Step
	for after := int64(0); ; {
		docs, err := c.app.Ledger.Documents(ctx, ledger.Filter{Company: c.Name, States: []ledger.State{ledger.Held}, AfterID: after, Limit: heldPage})
		if err != nil {
			return nil, err
		}
		for _, d := range docs {
			after = d.ID
			if !d.Superseded {
				steps = append(steps, StepOf(Release, d, ""))
			}
		}
		if len(docs) < heldPage {
			return steps, nil
		}
	}
}

// heldPage is how many held sales are read, or released in one commit.
const heldPage = 500

// StepOf is the table of what each action means in each state. mark is the wished state of Mark.
func StepOf(action Action, d ledger.Document, mark ledger.State) Step {
	s := Step{Document: d, Action: action, To: d.State}
	switch action {
	case Resync:
		switch d.State {
		case ledger.Held, ledger.Refused:
			s.To, s.Does, s.Queued = ledger.Pending, againDoes, true
		case ledger.Pending, ledger.Prepared:
			s.Does, s.Queued = "try to send it, whenever its next try was due", true
		case ledger.Unknown:
			s.Does, s.Queued = "ask the provider for it", true
		case ledger.Failed:
			s.To, s.Does = ledger.Sent, "read the sale again, bring the document at the provider in line with it, and queue it again there under the same ETTN"
		case ledger.Draft:
			s.Does = "read the sale again, and bring the draft at the provider in line with it"
		case ledger.Sent:
			s.Does, s.Queued = "ask for its status, and write it to the ERP", true
		case ledger.Accepted, ledger.Rejected, ledger.Cancelled:
			s.Does, s.Queued = "write its result to the ERP again", true
		default:
			s.Refused = refused(action, d, mark)
		}
	case Release:
		switch d.State {
		case ledger.Held:
			s.To, s.Does, s.Queued = ledger.Pending, againDoes, true
			if allowsTwin(s) {
				s.Does = "record that it is a sale of its own, and send it if nothing else stands in the way"
			}
		case ledger.Draft:
			s.To, s.Does = ledger.Sent, "give the draft legal effect at the provider"
		case ledger.Disputed:
			s.To, s.Does = ledger.Prepared, "send it again with the same ETTN and content, since you saw that the provider does not have it"
		default:
			s.Refused = refused(action, d, mark)
		}
	case Cancel:
		switch {
		case d.State.MayBecome(ledger.Cancelled) && neverAtProvider(d):
			s.To, s.Does = ledger.Cancelled, "give it up; the sale will not be invoiced by faturad"
		case d.State == ledger.Draft:
			s.To, s.Does = ledger.Cancelled, "take the draft away at the provider, where it has no legal effect; the sale will not be invoiced by faturad"
		case cancellable(d):
			s.To, s.Does = ledger.Cancelled, "cancel it at the provider, for good: its number is spent, and the sale can only be invoiced again with `faturad reissue`"
		default:
			s.Refused = refused(action, d, mark)
		}
	case Mail:
		if d.Route.Kind == invoice.EArsiv && (d.State == ledger.Sent || d.State == ledger.Accepted) {
			s.Does = "have the provider mail it to the buyer again"
		} else {
			s.Refused = refused(action, d, mark)
		}
	case Reissue:
		switch d.State {
		case ledger.Failed, ledger.Rejected, ledger.Cancelled:
			s.Queued = true
			s.To, s.Does = ledger.Pending, fmt.Sprintf("start revision %d with a new ETTN", d.Revision+1)
		case ledger.Disputed:
			s.To, s.Does = ledger.Pending, fmt.Sprintf("record revision %d as cancelled, since you saw that it has no legal effect at the provider, and start revision %d with a new ETTN",
				d.Revision, d.Revision+1)
		default:
			s.Refused = refused(action, d, mark)
		}
	case Mark:
		if d.State == ledger.Disputed && d.State.MayBecome(mark) {
			s.To, s.Does = mark, fmt.Sprintf("record by hand that it is %s", mark)
		} else {
			s.Refused = refused(action, d, mark)
		}
	}
	return s
}

// allowsTwin reports whether a step lets a sale go that was held as a possible duplicate.
func allowsTwin(s Step) bool {
	return s.Action == Release && s.Document.State == ledger.Held && s.Document.Code == ledger.CodeTwin
}

func neverAtProvider(d ledger.Document) bool {
	return !d.WasUnknown && (d.State == ledger.Pending || d.State == ledger.Held || d.State == ledger.Refused || d.State == ledger.Prepared)
}

// Apply does one planned step, in the name of user and for the reason given; both go into the audit trail.
func (c *Company) Apply(ctx context.Context, s Step, user, reason string) error {
	if !s.Possible() {
		return &refusal{fault.Permanent, s.Refused}
	}
	d := s.Document
	audit := &ledger.Audit{User: user, Action: string(s.Action), Document: d.ID, Ref: d.LocalReference, From: d.State, To: s.To, Reason: reason}
	if s.Action == Reissue {
		if d.State == ledger.Disputed { // what a person saw is recorded by itself: the new revision needs a dead one before it
			if err := c.giveUp(ctx, d, *audit); err != nil {
				return err
			}
			d.State, audit.From = ledger.Cancelled, ledger.Cancelled
		}
		revision := d.Revision + 1
		_, err := c.app.Ledger.NewRevision(ctx, d, ledger.NewDocument{
			ETTN:           invoice.ETTN(c.Config.VKN, c.Config.ERP.ID, d.KeySpace, d.SaleKey, revision),
			LocalReference: invoice.LocalReference(c.Name, d.KeySpace, d.SaleKey, revision),
			// A ledger that was lost or restored may have forgotten this revision, and the provider would take it twice.
			ProbeFirst: !c.Accounts[0].Provider.Capabilities().RefusesUsedETTN,
		}, *audit)
		if errors.Is(err, ledger.ErrNotLatest) { // somebody else was faster
			return busy()
		}
		return err
	}
	if s.Action == Mail {
		return c.remail(ctx, d, audit)
	}
	if s.Action == Cancel && d.State == ledger.Draft {
		return c.cancelDraft(ctx, s, audit)
	}
	if c.twoStep(d) && !(s.Action == Cancel && cancellable(d)) {
		return c.applyTwoStep(ctx, s, audit)
	}
	switch {
	case s.Action == Resync && (d.State == ledger.Failed || d.State == ledger.Draft):
		return c.updateAtProvider(ctx, s, audit)
	case s.Action == Cancel && cancellable(d):
		return c.cancelAtProvider(ctx, d, audit)
	case d.State == ledger.Draft && s.To == ledger.Sent:
		return c.releaseAtProvider(ctx, d, audit)
	}
	if s.Action == Release {
		if err := c.waive(ctx, d); err != nil {
			return err
		}
	}
	return c.commit(ctx, d, c.due(s, audit))
}

// due is Due in the company's language.
func (c *Company) due(s Step, audit *ledger.Audit) ledger.Change {
	return s.Due(audit, c.app.Config.Language, c.twoStep(s.Document))
}

// Due is the change of a step that only moves the document and makes it due. At a provider with two steps a released draft is
// left to outbound, and what a person settles leaves the drafts that are of no use to followup.
func (s Step) Due(audit *ledger.Audit, language string, twoStep bool) ledger.Change {
	change := ledger.Change{
		Document: s.Document.ID, From: s.Document.State, To: s.To, Stay: s.To == s.Document.State, Audit: audit,
		Patch: ledger.Patch{NextIn: new(time.Duration), Failures: new(int), MarkFinal: s.To.Final()},
	}
	if s.Document.State == ledger.Disputed { // what the ERP shows of the dispute is settled with it
		change.Patch.Code, change.Patch.Message, change.Patch.Advice, change.Patch.Unknown = new(string), new(string), new(string), new(bool)
		if s.To == ledger.Prepared {
			change.Patch.Number = new(string) // what was taken for its number was none
			// The person may be mistaken: it goes again as it was, whatever the ERP says by now, and no refusal counts before a look-up.
			was := true
			change.Patch.WasUnknown = &was
		}
	}
	if s.Action == Cancel && s.To == ledger.Cancelled { // what stood there before is settled with it
		code := codeGivenUp
		message, advice := fmt.Sprintf(textGivenUp.In(language), audit.User), adviceGivenUp.In(language)
		if audit.Reason != "" {
			message += " " + fmt.Sprintf(textBecause.In(language), audit.Reason)
		}
		change.Patch.Code, change.Patch.Message, change.Patch.Advice = &code, &message, &advice
	}
	if allowsTwin(s) {
		allowed := ledger.CodeTwinAllowed
		change.Patch.Code = &allowed
	}
	if !twoStep {
		return change
	}
	wanted, none, loose := ledger.LegalDue, ledger.LegalNone, true
	switch d := s.Document; {
	case d.State == ledger.Draft && s.To == ledger.Sent:
		route := d.Route
		route.Draft = false
		change.To, change.Stay, change.Patch.Route, change.Patch.Legal = ledger.Draft, true, &route, &wanted
	case d.State == ledger.Disputed && s.To == ledger.Sent:
		change.Patch.Legal = &none
	case d.State == ledger.Disputed:
		change.Patch.Legal, change.Patch.Loose = &none, &loose
	}
	return change
}

// ApplyHeld releases held sales as PlanHeld planned it, many in one commit. It gives one error (or nil) a step; each has its
// own row in the audit trail.
func (c *Company) ApplyHeld(ctx context.Context, steps []Step, user, reason string) []error {
	errs := make([]error, len(steps))
	for start := 0; start < len(steps); start += heldPage {
		end := min(start+heldPage, len(steps))
		changes := make([]ledger.Change, 0, end-start)
		for _, s := range steps[start:end] {
			d := s.Document
			changes = append(changes, c.due(s, &ledger.Audit{User: user, Action: string(s.Action), Document: d.ID, Ref: d.LocalReference,
				From: d.State, To: s.To, Reason: reason}))
		}
		outcomes, err := c.app.Ledger.Commit(ctx, changes)
		for i := range changes {
			switch {
			case err != nil:
				errs[start+i] = err
			case outcomes[i].Err != nil:
				errs[start+i] = outcomes[i].Err
			case !outcomes[i].Applied:
				errs[start+i] = busy()
			}
		}
	}
	return errs
}

// giveUp records a disputed document as cancelled.
func (c *Company) giveUp(ctx context.Context, d ledger.Document, audit ledger.Audit) error {
	return c.commit(ctx, d, GiveUp(d, audit, c.twoStep(d)))
}

// GiveUp is the change that records a disputed document as cancelled. With two steps its drafts are of no use any more.
func GiveUp(d ledger.Document, audit ledger.Audit, twoStep bool) ledger.Change {
	audit.To = ledger.Cancelled
	change := ledger.Change{Document: d.ID, From: ledger.Disputed, To: ledger.Cancelled, Audit: &audit, Patch: ledger.Patch{MarkFinal: true}}
	if none, loose := ledger.LegalNone, true; twoStep {
		change.Patch.Legal, change.Patch.Loose = &none, &loose
	}
	return change
}

// twoStep says that the document's provider makes drafts only, and numbers them in a second step.
func (c *Company) twoStep(d ledger.Document) bool {
	account, ok := c.account(d.Account)
	return ok && account.Provider.Capabilities().TwoStep
}

// applyTwoStep is Apply where the legal step belongs to outbound, with its intent, its quarantine and its look-ups.
func (c *Company) applyTwoStep(ctx context.Context, s Step, audit *ledger.Audit) error {
	d := s.Document
	switch {
	case d.State == ledger.Draft && s.To == ledger.Sent:
		account, err := c.issuer(d)
		if err == nil {
			err = c.stillAsDrafted(ctx, d, account)
		}
		if err != nil {
			return err
		}
	case d.State == ledger.Failed && s.To == ledger.Sent:
		return c.releaseAtProvider(ctx, d, audit)
	}
	return c.commit(ctx, d, c.due(s, audit))
}

func (c *Company) commit(ctx context.Context, d ledger.Document, change ledger.Change) error {
	outcomes, err := c.app.Ledger.Commit(ctx, []ledger.Change{change})
	switch {
	case err != nil:
		return err
	case outcomes[0].Err != nil:
		return outcomes[0].Err
	case !outcomes[0].Applied:
		return busy()
	}
	return nil
}

// errBusy is what somebody reads who was not the first.
var errBusy = &refusal{fault.Retryable, invoice.Text{
	TR: "Belge şu anda işleniyor ya da bu arada durumu değişti: durumuna bakın, gerekiyorsa yeniden isteyin.",
	EN: "the daemon is working on it, or it moved on meanwhile: look at it with `faturad document` and try again",
}}

func busy() error { return errBusy }

// IsBusy reports whether an action came to nothing because somebody else worked on the document, or had moved it.
func IsBusy(err error) bool { return errors.Is(err, errBusy) }

// account finds an account by name; the active one when the name is empty.
func (c *Company) account(name string) (Account, bool) {
	for i, a := range c.Accounts {
		if a.Name == name || name == "" && i == 0 {
			return a, true
		}
	}
	return Account{}, false
}
