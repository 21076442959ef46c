package outbound

import (
	"context"
	"testing"

	"github.com/google/uuid"

	"faturad/internal/fault"
	"faturad/providers"
	"faturad/sync/ledger"
)

// twoSteps is a provider that makes records, then a draft, then the document.
type twoSteps struct{ promise }

func (twoSteps) Capabilities() providers.Capabilities {
	c := promise{}.Capabilities()
	c.TakesETTN, c.TwoStep, c.Drafts = false, true, true
	return c
}

func (twoSteps) Grounds() []providers.Ground {
	return []providers.Ground{providers.GroundContact, providers.GroundProduct}
}

func (twoSteps) Ground(context.Context, providers.Ground, providers.Outgoing) ([]byte, error) {
	return []byte("501"), nil
}

func stepJob(step ledger.Operation, change func(*ledger.Document)) (*Job, job) {
	j, n := sentJob(change)
	n.account.Provider, n.step = twoSteps{}, step
	return j, n
}

// TestStepsInOrder: contact, product, draft, legal step, each with an intent of its own, and no lease given back in between.
func TestStepsInOrder(t *testing.T) {
	t.Parallel()
	j, n := stepJob("", func(d *ledger.Document) { d.State = ledger.Prepared })
	n = firstStep(n.ready)
	for _, want := range []struct {
		step   ledger.Operation
		intent ledger.State
	}{{ledger.OpContact, ledger.Prepared}, {ledger.OpProduct, ledger.Prepared}, {ledger.OpCreate, ledger.Sending}, {ledger.OpRelease, ledger.Sending}} {
		intent := j.intent(n)
		if n.step != want.step || intent.To != want.intent || intent.Event.Operation != want.step || !intent.Event.Opened || intent.Unlease {
			t.Fatalf("step %s, intent %+v, want %+v", n.step, intent, want)
		}
		if !intent.Stay && !n.rests().MayBecome(intent.To) {
			t.Errorf("%s: no arrow from %s to %s", n.step, n.rests(), intent.To)
		}
		n.attempt = n.doc.Attempts + 1
		var report sent
		switch kind, ground := grounds[n.step]; {
		case ground:
			report = j.ground(t.Context(), n, kind)
		case n.step == ledger.OpCreate:
			report = j.outcome(n, providers.Receipt{ID: "40211", Draft: true}, nil)
		default:
			official := uuid.MustParse("0d8f7a52-7d1e-4c0b-8a25-2b7e3f1a9c20")
			report = j.outcome(n, providers.Receipt{ETTN: official, Number: "KLB2026000000001"}, nil)
			if c := report.changes[0]; c.To != ledger.Sent || *c.Patch.Assigned != official || *c.Patch.Legal != ledger.LegalNone || !c.Unlease {
				t.Errorf("%+v", c)
			}
			return
		}
		if c := report.changes[0]; report.next == nil || c.Unlease || c.Event.Operation != want.step || c.Event.Opened {
			t.Fatalf("%s: %+v", n.step, report)
		}
		n = *report.next
	}
}

// TestDraftThatWaits: draft mode leaves the legal step to a person.
func TestDraftThatWaits(t *testing.T) {
	t.Parallel()
	j, n := stepJob(ledger.OpCreate, func(d *ledger.Document) { d.Route.Draft = true })
	report := j.outcome(n, providers.Receipt{ID: "40211", Draft: true}, nil)
	if c := report.changes[0]; report.next != nil || c.To != ledger.Draft || c.Patch.Legal != nil || *c.Patch.ProviderID != "40211" || !c.Unlease {
		t.Errorf("%+v", report)
	}
}

// TestLegalOutcomes: after the legal step only "surely not done" leaves it due; what nobody knows is asked for.
func TestLegalOutcomes(t *testing.T) {
	t.Parallel()
	for class, want := range map[fault.Class]struct {
		to    ledger.State
		legal ledger.LegalStep
		loose bool
	}{
		fault.Retryable: {ledger.Draft, ledger.LegalDue, false}, fault.Throttled: {ledger.Draft, ledger.LegalDue, false}, fault.Auth: {ledger.Draft, ledger.LegalDue, false},
		fault.Permanent: {ledger.Refused, ledger.LegalNone, true}, fault.Duplicate: {ledger.Unknown, ledger.LegalUnknown, false},
		fault.Ambiguous: {ledger.Unknown, ledger.LegalUnknown, false}, fault.NotFound: {ledger.Unknown, ledger.LegalUnknown, false}, "": {ledger.Unknown, ledger.LegalUnknown, false},
	} {
		j, n := stepJob(ledger.OpRelease, nil)
		c := j.outcome(n, providers.Receipt{}, fault.New(class, "x", nil)).changes[0]
		loose := c.Patch.Loose != nil && *c.Patch.Loose
		if c.To != want.to || *c.Patch.Legal != want.legal || loose != want.loose || !ledger.Sending.MayBecome(c.To) || !c.Unlease {
			t.Errorf("%q: to %s, legal step %q, loose %t, want %+v", class, c.To, *c.Patch.Legal, loose, want)
		}
	}
}

// TestDraftsThatNobodyKnows: from its intent on a create may leave a draft, until its outcome is certain.
func TestDraftsThatNobodyKnows(t *testing.T) {
	t.Parallel()
	j, n := stepJob(ledger.OpCreate, nil)
	if c := j.intent(n); !*c.Patch.Loose {
		t.Error("the intent does not say so")
	}
	if c := j.outcome(n, providers.Receipt{}, fault.New(fault.Ambiguous, "x", nil)).changes[0]; c.Patch.Loose != nil {
		t.Error("an unknown outcome settles it")
	}
	if c := j.outcome(n, providers.Receipt{}, fault.New(fault.Retryable, "x", nil)).changes[0]; *c.Patch.Loose {
		t.Error("what surely was not made lies there")
	}
	n.doc.Loose = true // an earlier attempt
	if c := j.outcome(n, providers.Receipt{ID: "1", Draft: true}, nil).changes[0]; !*c.Patch.Loose {
		t.Error("a success forgets the attempt before it")
	}
}

// TestGroundThatFails: records are looked for again, whatever happened to the request that should have made them.
func TestGroundThatFails(t *testing.T) {
	t.Parallel()
	for class, to := range map[fault.Class]ledger.State{fault.Ambiguous: ledger.Prepared, fault.Retryable: ledger.Prepared, fault.Permanent: ledger.Refused} {
		j, n := stepJob(ledger.OpContact, func(d *ledger.Document) { d.State = ledger.Prepared })
		n.account.Provider = failing{class: class}
		report := j.ground(t.Context(), n, providers.GroundContact)
		if c := report.changes[0]; c.To != to || report.next != nil || c.Stay != (to == ledger.Prepared) {
			t.Errorf("%s: %+v", class, c)
		}
		if to == ledger.Refused && !ledger.Prepared.MayBecome(to) {
			t.Error("no arrow from prepared to refused")
		}
	}
}

type failing struct {
	twoSteps
	class fault.Class
}

func (f failing) Ground(context.Context, providers.Ground, providers.Outgoing) ([]byte, error) {
	return nil, fault.New(f.class, "x", nil)
}
