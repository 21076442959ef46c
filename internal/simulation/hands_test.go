package simulation

import (
	"context"
	"errors"
	"strconv"
	"testing/synctest"
	"time"

	"faturad/internal/app"
	"faturad/internal/fault"
	"faturad/internal/invoice"
	"faturad/providers"
	"faturad/sync/ledger"
)

// commands are what people ask for, and how they mark what is disputed.
var commands = []struct {
	action app.Action
	mark   ledger.State
}{
	{app.Resync, ""}, {app.Release, ""}, {app.Release, ""}, {app.Cancel, ""}, {app.Cancel, ""}, {app.Reissue, ""}, {app.Reissue, ""},
	{app.Mark, ledger.Sent}, {app.Mark, ledger.Prepared}, {app.Mark, ledger.Cancelled},
}

// command has a person look at a sale's document, and do something to it whenever the stage lets them: what they decided on
// may be old by then.
func (w *world) command(key string) {
	c := commands[w.stage.dice.IntN(len(commands))]
	w.born++
	d := &daemon{id: 100 + w.born, name: "p" + strconv.Itoa(w.born), w: w, stop: func() {}}
	p := &person{seat: &seat{books: w.books, d: d, seen: map[int64]int64{}}, provider: w.office.line(d)}
	w.start(func() {
		ctx := context.Background()
		if p.ask(ctx, "find", key) != nil {
			return
		}
		at := w.books.find(ledger.Key{KeySpace: space, SaleKey: key})
		if at < 0 {
			return
		}
		step := app.StepOf(c.action, w.books.docs[at], c.mark)
		if !step.Possible() || !w.sees(step) {
			return
		}
		w.stage.note("%s: %s of %s, which is %s", d.name, string(step.Action), step.Document.LocalReference, string(step.Document.State))
		p.do(ctx, step) // refused when it moved meanwhile: they look again
	})
	synctest.Wait()
}

// sees reports whether a person who looked at the provider would do it: of what is disputed they see whether it is there,
// and wait for what may still arrive.
func (w *world) sees(s app.Step) bool {
	d := s.Document
	if d.State != ledger.Disputed || w.broken == blindHands {
		return true
	}
	if w.office.awaits(d.LocalReference) {
		return false
	}
	for i := range w.office.issued {
		there := &w.office.issued[i]
		switch {
		case there.ref != d.LocalReference || there.draft && w.office.class == twoSteps:
		case s.To == ledger.Sent:
			there.draft = false // they release it in the provider's portal
			return true
		default:
			return false
		}
	}
	return s.To != ledger.Sent
}

// person does one step by hand, as internal/app does: the table of steps and their changes are its own, what is done at the
// provider is played here.
type person struct {
	*seat
	provider providers.Provider
}

func (p *person) do(ctx context.Context, s app.Step) {
	d := s.Document
	audit := &ledger.Audit{User: p.d.name, Action: string(s.Action), Document: d.ID, Ref: d.LocalReference, From: d.State, To: s.To}
	two := p.w.office.class == twoSteps
	atProvider := d.State == ledger.Draft || d.State == ledger.Failed || d.State == ledger.Accepted
	switch {
	case s.Action == app.Reissue:
		if d.State == ledger.Disputed {
			if !p.commit(ctx, app.GiveUp(d, *audit, two)) {
				return
			}
			d.State, audit.From = ledger.Cancelled, ledger.Cancelled
		}
		revision := d.Revision + 1
		_, _ = p.NewRevision(ctx, d, ledger.NewDocument{ETTN: invoice.ETTN(sellerVKN, "erp1", d.KeySpace, d.SaleKey, revision),
			LocalReference: invoice.LocalReference(company, d.KeySpace, d.SaleKey, revision)}, *audit)
	case s.Action == app.Cancel && d.State == ledger.Accepted:
		p.operate(ctx, d, ledger.OpCancel, ledger.Cancelled, audit)
	case s.Action == app.Release && d.State == ledger.Draft && !two:
		p.operate(ctx, d, ledger.OpRelease, ledger.Sent, audit)
	case s.Action == app.Mail, s.Action == app.Cancel && atProvider, s.Action == app.Resync && atProvider: // not played
	default:
		p.commit(ctx, s.Due(audit, "", two))
	}
}

// commit reports whether the change was applied.
func (p *person) commit(ctx context.Context, c ledger.Change) bool {
	outcomes, err := p.Commit(ctx, []ledger.Change{c})
	return err == nil && outcomes[0].Applied
}

// patience is how often a person asks what became of what they did.
const patience = 1000

// operate makes one request about a document at the provider, under a lease and an intent. Where its answer is lost, they ask
// until they know.
func (p *person) operate(ctx context.Context, d ledger.Document, op ledger.Operation, to ledger.State, audit *ledger.Audit) {
	leased, err := p.LeaseByID(ctx, []int64{d.ID}, p.d.name, 5*time.Minute)
	if err != nil || len(leased) == 0 {
		return
	}
	planned := d.State
	d = leased[0]
	event := ledger.Event{Document: d.ID, Attempt: d.Attempts + 1, Operation: op, Opened: true, Owner: p.d.name, PayloadSHA: d.PayloadHash}
	intent := ledger.Change{Document: d.ID, Lease: d.Lease(), To: d.State, Stay: true, Quiet: true, Audit: audit, Patch: ledger.Patch{CountAttempt: true}, Event: &event}
	if d.State != planned || !p.commit(ctx, intent) {
		return // the lease runs out
	}
	err = p.request(ctx, op, d)
	closing := event
	closing.Opened, closing.Class = false, "ok"
	result := ledger.Change{Document: d.ID, Lease: d.Lease(), To: to, Unlease: true, Event: &closing}
	result.Patch.MarkSent, result.Patch.MarkFinal, result.Patch.NextIn = to == ledger.Sent, to.Final(), new(time.Duration)
	if err != nil {
		closing.Class = string(fault.ClassOf(err))
		result.To, result.Stay = d.State, true
	}
	for range patience {
		switch outcomes, err := p.Commit(ctx, []ledger.Change{result}); {
		case err != nil:
		case outcomes[0].Applied || result.Stay || result.Lease == nil:
			return
		default: // somebody else had it meanwhile: internal/app asks for it in every pass, and records it without the lease
			result.Lease, result.Unlease, result.From = nil, false, planned
		}
	}
}

// request makes it, and asks what became of it.
func (p *person) request(ctx context.Context, op ledger.Operation, d ledger.Document) error {
	var err error
	if canceller, ok := p.provider.(providers.Canceller); ok && op == ledger.OpCancel {
		err = canceller.Cancel(ctx, d.Identity(), "")
	} else if releaser, ok := p.provider.(providers.Releaser); ok {
		_, err = releaser.Release(ctx, d.Identity())
	}
	if !errors.Is(err, fault.Ambiguous) {
		return err
	}
	reader, ok := p.provider.(providers.StatusReader)
	for range patience {
		if !ok {
			break
		}
		if s, asked := reader.Status(ctx, d.Identity()); asked == nil {
			if op == ledger.OpCancel && s.State == providers.StateCancelled || op == ledger.OpRelease && s.State != providers.StateDraft {
				return nil
			}
			return err
		}
	}
	return err
}
