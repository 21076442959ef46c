package app

import (
	"context"
	"errors"
	"time"

	"faturad/internal/failpoint"
	"faturad/internal/fault"
	"faturad/internal/invoice"
	"faturad/providers"
	"faturad/sync/ledger"
)

// operation is a write at the provider about a document that exists there. It has an intent of its own, one request, and a
// result; until the provider said clearly that it is done, the document stays where it is.
type operation struct {
	name    ledger.Operation
	frozen  *providers.Payload                 // what the request carries; nil = nothing
	intent  ledger.Patch                       // recorded with the intent
	doing   invoice.Text                       // what the ERP reads while it is under way, if its process dies; empty = textOperationUnknown
	to      ledger.State                       // where a success leads
	success ledger.Patch                       // recorded with it
	undo    func(ledger.Document) ledger.Patch // takes the intent back when surely nothing was done; nil = nothing to take back
	// harmless: nothing that it may have done needs to be asked for after its process died.
	harmless bool
	call     func(context.Context, ledger.Document) error
	// applied asks the provider, after an answer that was lost, whether the document that the intent left was changed; an error
	// says that it could not be asked.
	applied func(context.Context, ledger.Document) (bool, error)
}

// operationLease outlives every request of an operation. Its last minute belongs to the question after a lost answer.
const (
	operationLease = 5 * time.Minute
	operationAsks  = 30 * time.Second
)

// codeOperationUnknown marks a document about which a write was made whose outcome is not known.
const codeOperationUnknown = "operation.unknown"

var (
	textOperationUnknown = invoice.Text{TR: "Entegratöre iletilen son işlemin sonucu bilinmiyor.", EN: "The outcome of the last operation at the provider is not known."}
	adviceOperation      = invoice.Text{TR: "Bir şey yapmayın; faturad entegratöre soruyor.", EN: "Do nothing; faturad is asking the provider."}
)

// operate does o to d. Where the answer is lost, the provider is asked at once whether it was done; what cannot be told yet is
// asked for by every pass of followup (settleOperations), as is what a process left that died. The operation is repeated by a
// person only.
func (c *Company) operate(ctx context.Context, d ledger.Document, audit *ledger.Audit, o operation) error {
	leased, err := c.app.Ledger.LeaseByID(ctx, []int64{d.ID}, c.app.owner, operationLease)
	if err != nil {
		return err
	}
	if len(leased) == 0 {
		return busy()
	}
	planned := d.State
	d = leased[0]
	if d.State != planned {
		return errors.Join(busy(), c.commit(ctx, d, unleased(d)))
	}
	hash := d.PayloadHash
	var before providers.Payload
	if o.frozen != nil {
		hash = o.frozen.Hash
		if before, err = c.app.Ledger.Payload(ctx, d.ID); err != nil {
			return errors.Join(err, c.commit(ctx, d, unleased(d)))
		}
	}
	event := ledger.Event{Document: d.ID, Attempt: d.Attempts + 1, Operation: o.name, Opened: true, Owner: c.app.owner, PayloadSHA: hash}
	intent := ledger.Change{Document: d.ID, Lease: d.Lease(), To: d.State, Stay: true, Quiet: true, Audit: audit, Payload: o.frozen, Patch: o.intent, Event: &event}
	intent.Patch.CountAttempt = true
	if !o.harmless { // whoever finds it after this process died knows that there is something to ask
		c.underWay(o, &intent.Patch)
	}
	if err := c.commit(ctx, d, intent); err != nil {
		return err
	}
	failpoint.Hit("operation.sending")

	request, cancel := context.WithTimeout(providers.Again(ctx), operationLease-time.Minute)
	callErr := o.call(request, d)
	cancel()
	failpoint.Hit("operation.sent")
	closing := event
	closing.Opened, closing.Class = false, "ok"
	if callErr != nil && !surelyNot(callErr) && c.wasApplied(ctx, o, d) {
		closing.Message = "done, as the provider says; its answer was lost: " + callErr.Error()
		callErr = nil
	}
	result := ledger.Change{Document: d.ID, Lease: d.Lease(), To: o.to, Stay: o.to == d.State, Unlease: true, Event: &closing, Patch: o.success}
	if callErr != nil {
		closing.Class, closing.Message = string(fault.ClassOf(callErr)), callErr.Error()
		result.To, result.Stay, result.Patch = d.State, true, ledger.Patch{}
		if o.undo != nil && surelyNot(callErr) { // the provider has what it had
			result.Patch = o.undo(d)
			if o.frozen != nil {
				result.Payload = &before
			}
		}
		if !o.harmless {
			c.undone(d, callErr, &result.Patch)
		}
		result.Quiet = result.Patch.Code == nil || *result.Patch.Code == d.Code
	}
	return errors.Join(callErr, c.commit(context.WithoutCancel(ctx), d, result))
}

// underWay records with an intent that its outcome is not known yet.
func (c *Company) underWay(o operation, patch *ledger.Patch) {
	text := o.doing
	if text == (invoice.Text{}) {
		text = textOperationUnknown
	}
	code, message, advice := codeOperationUnknown, text.In(c.app.Config.Language), adviceOperation.In(c.app.Config.Language)
	patch.NextIn, patch.Code, patch.Message, patch.Advice = new(time.Duration), &code, &message, &advice
}

// wasApplied asks the provider whether an operation was done whose answer was lost. false also says that nobody knows: the
// request may still be under way.
func (c *Company) wasApplied(ctx context.Context, o operation, d ledger.Document) bool {
	if o.applied == nil {
		return false
	}
	asking, cancel := context.WithTimeout(context.WithoutCancel(ctx), operationAsks)
	defer cancel()
	done, err := o.applied(asking, d)
	failpoint.Hit("operation.asked")
	if err != nil {
		c.log.Warn("the outcome of an operation could not be asked for; followup goes on asking", "document", d.LocalReference, "operation", o.name, "err", err)
	}
	return err == nil && done
}

// unleased gives a lease back.
func unleased(d ledger.Document) ledger.Change {
	return ledger.Change{Document: d.ID, Lease: d.Lease(), To: d.State, Stay: true, Unlease: true, Quiet: true}
}

// surelyNot reports whether an error says that nothing was done.
func surelyNot(err error) bool {
	switch fault.ClassOf(err) {
	case fault.Permanent, fault.Retryable, fault.Throttled, fault.Auth, fault.NotFound:
		return true
	default:
		return false
	}
}

// contentOf are the columns that an update changes, as they are.
func contentOf(d ledger.Document) ledger.Patch {
	return ledger.Patch{SaleNumber: &d.SaleNumber, SaleHash: &d.SaleHash, Convention: &d.Convention, BuyerTaxNo: &d.BuyerTaxNo, BuyerName: &d.BuyerName,
		Currency: &d.Currency, Payable: &d.Payable.Decimal, IssueDate: &d.IssueDate, Changed: &d.Changed, Gone: d.Gone, Route: &d.Route}
}

// undone is what an operation on d leaves that did not surely happen. A refusal and an unknown outcome show in the ERP; what
// merely has to be tried again is told to the person who asked, and the document says what it said before.
func (c *Company) undone(d ledger.Document, err error, patch *ledger.Patch) {
	patch.NextIn = new(time.Duration)
	show := func(code, message, advice string) { patch.Code, patch.Message, patch.Advice = &code, &message, &advice }
	show(d.Code, d.Message, d.Advice)
	if !surelyNot(err) {
		show(codeOperationUnknown, textOperationUnknown.In(c.app.Config.Language), adviceOperation.In(c.app.Config.Language))
	} else if e, ok := errors.AsType[*fault.Error](err); ok && e.Class == fault.Permanent && e.Message != "" {
		message, advice := providers.Words(e, c.app.Config.Language)
		show(e.Code, message, advice)
	}
}

// settled is the patch of an operation that was done: what was wrong with the document is history.
func settled() ledger.Patch {
	return ledger.Patch{NextIn: new(time.Duration), Failures: new(int), Message: new(string), Advice: new(string), Code: new(string)}
}

// issuer is the account that a document is pinned to.
func (c *Company) issuer(d ledger.Document) (Account, error) {
	account, ok := c.account(d.Account)
	if !ok {
		return Account{}, &refusal{why: textf(invoice.Text{
			TR: "Belge, ayarlarda artık bulunmayan %q hesabına bağlı: sistem yöneticisi hesabı ayar dosyasına geri eklemeli.",
			EN: "the document is pinned to account %q, which the config no longer has: put it back",
		}, d.Account)}
	}
	return account, nil
}

// releaseAtProvider gives a draft legal effect, or queues a failed document again as it is.
func (c *Company) releaseAtProvider(ctx context.Context, d ledger.Document, audit *ledger.Audit) error {
	account, err := c.issuer(d)
	if err != nil {
		return err
	}
	releaser, ok := providers.As[providers.Releaser](account.Provider)
	if !ok {
		return &refusal{why: textf(invoice.Text{
			TR: "%s, belgeleri bu arayüzle göndermez: entegratörün portalında gönderin.",
			EN: "%s cannot release documents by itself: release it in the provider's portal",
		}, account.Kind)}
	}
	if d.State == ledger.Draft {
		if err := c.stillAsDrafted(ctx, d, account); err != nil {
			return err
		}
	}
	o := operation{name: ledger.OpRelease, to: ledger.Sent, success: settled(), applied: c.leftItsState(account, d.State), call: func(ctx context.Context, d ledger.Document) error {
		_, err := releaser.Release(ctx, d.Identity())
		return err
	}}
	o.success.MarkSent = true
	if d.State == ledger.Failed {
		o.name = ledger.OpResend
	} else if open, err := c.updateOpen(ctx, d); err != nil || open {
		return errors.Join(err, busyUpdate(open))
	}
	return c.operate(ctx, d, audit, o)
}
