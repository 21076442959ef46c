package followup

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"faturad/providers"
	"faturad/sync/ledger"
)

var twoSteps = Account{Name: "main", Provider: promise{caps: providers.Capabilities{TwoStep: true, Drafts: true, Numbers: true}}}

// TestLegalStepIsNeverRepeatedBlindly: a draft that still has no number is released again only when its own sender said that
// it does not know, and never before the quarantine is over.
func TestLegalStepIsNeverRepeatedBlindly(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		legal ledger.LegalStep
		code  string
		left  time.Duration
		to    ledger.State
	}{
		"its sender does not know":            {ledger.LegalUnknown, "provider.unknown", 0, ledger.Draft},
		"the same, in the quarantine":         {ledger.LegalUnknown, "provider.unknown", time.Millisecond, ledger.Unknown},
		"nobody heard of its sender":          {ledger.LegalOpen, "process.died", 0, ledger.Disputed},
		"the same, in the quarantine, too":    {ledger.LegalOpen, "process.died", time.Millisecond, ledger.Unknown},
		"nobody heard, and the code was lost": {ledger.LegalOpen, "account.missing", 0, ledger.Disputed},
		"refused after an unknown":            {ledger.LegalUnknown, ledger.CodeRefusedUnknown, 0, ledger.Refused},
	} {
		doc := unknownDocument()
		doc.Legal, doc.Code, doc.QuarantineUntil = c.legal, c.code, asked.Add(c.left)
		change := testJob().stillDraft(doc, providers.Found{Status: providers.Status{State: providers.StateDraft}, Content: sameContent()}, asked).changes[0]
		if change.To != c.to || !change.Stay && !ledger.Unknown.MayBecome(change.To) {
			t.Errorf("%s: to %s, want %s", name, change.To, c.to)
		}
		if due := change.Patch.Legal != nil && *change.Patch.Legal == ledger.LegalDue; due != (c.to == ledger.Draft) {
			t.Errorf("%s: the legal step is due: %t", name, due)
		}
		if c.to == ledger.Refused && !*change.Patch.Loose {
			t.Errorf("%s: its draft stays for ever", name)
		}
	}
}

// TestLegalStepDone: a number found under our key is adopted with the provider's own ETTN, whatever became of the sender.
func TestLegalStepDone(t *testing.T) {
	t.Parallel()
	official := uuid.MustParse("7f0b8f0e-5a39-4a7c-9b1d-0a4a6f6f3c11")
	for _, legal := range []ledger.LegalStep{ledger.LegalOpen, ledger.LegalUnknown, ledger.LegalNone} {
		doc := unknownDocument()
		doc.Legal = legal
		found := providers.Found{Status: providers.Status{State: providers.StateWorking, Number: "KLB2026000000001", ETTN: official, ID: "40211"}, Content: sameContent()}
		p := testJob().found(doc, found, twoSteps).changes[0]
		if p.To != ledger.Sent || *p.Patch.Assigned != official || *p.Patch.ProviderID != "40211" || *p.Patch.Legal != ledger.LegalNone {
			t.Errorf("%q: %+v", legal, p)
		}
	}
	doc := unknownDocument() // the create was unknown, and its draft is found
	found := providers.Found{Status: providers.Status{State: providers.StateDraft, ID: "40211"}, Content: sameContent()}
	if p := testJob().found(doc, found, twoSteps).changes[0]; p.To != ledger.Draft || *p.Patch.Legal != ledger.LegalDue || *p.Patch.ProviderID != "40211" {
		t.Errorf("a found draft: %+v", p)
	}
	doc.Route.Draft = true
	if p := testJob().found(doc, found, twoSteps).changes[0]; p.To != ledger.Draft || *p.Patch.Legal != ledger.LegalNone {
		t.Errorf("a found draft that waits for a person: %+v", p)
	}
}

// TestVanishedDraft: a draft that is gone in the middle of its legal step is nothing to send again.
func TestVanishedDraft(t *testing.T) {
	t.Parallel()
	for _, legal := range []ledger.LegalStep{ledger.LegalOpen, ledger.LegalUnknown} {
		doc := unknownDocument()
		doc.Legal = legal
		if p := testJob().absent(doc, asked, nil).changes[0]; p.To != ledger.Disputed {
			t.Errorf("%q: to %s", legal, p.To)
		}
	}
}
