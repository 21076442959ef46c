package outbound

import (
	"testing"

	"github.com/google/uuid"

	"faturad/sync/erp"
	"faturad/sync/ledger"
)

// What the ERP's marks say of a document that the ledger knows: nothing, that the ledger is older than the mark, or that
// the mark is older than the ledger.
func TestMarksAgainstTheLedger(t *testing.T) {
	t.Parallel()
	written := func(s ledger.State, number string) ledger.Document {
		return ledger.Document{State: s, Number: number, Version: 4, WrittenVersion: 4}
	}
	unwritten := written(ledger.Accepted, "FTR2026000000001")
	unwritten.WrittenVersion = 3
	superseded := written(ledger.Accepted, "FTR2026000000001")
	superseded.Superseded = true
	for _, c := range []struct {
		name             string
		mark             erp.KnownSale
		doc              ledger.Document
		issued, outdated bool
	}{
		{"agrees", erp.KnownSale{State: "Onaylandı", Number: "FTR2026000000001"}, written(ledger.Accepted, "FTR2026000000001"), true, false},
		{"agrees, in the state's own name", erp.KnownSale{State: "held"}, written(ledger.Held, ""), false, false},
		{"the ledger forgot that it sent", erp.KnownSale{State: "sent"}, unwritten, true, false},
		{"a number is evidence enough", erp.KnownSale{State: "Gitti", Number: "FTR2026000000001"}, unwritten, true, false},
		{"an old state was written late", erp.KnownSale{State: "Gönderildi"}, written(ledger.Accepted, ""), true, true},
		{"another number", erp.KnownSale{State: "accepted", Number: "FTR2026000000002"}, written(ledger.Accepted, "FTR2026000000001"), true, true},
		{"an ERP without a number column", erp.KnownSale{State: "accepted"}, written(ledger.Accepted, "FTR2026000000001"), true, false},
		{"a word of the ERP's own", erp.KnownSale{State: "Gitti"}, written(ledger.Accepted, ""), false, false},
		{"prepared shows as pending", erp.KnownSale{State: "Bekliyor"}, written(ledger.Prepared, ""), false, false},
		{"not written yet", erp.KnownSale{State: "sent"}, unwritten, true, false},
		{"superseded", erp.KnownSale{State: "sent"}, superseded, true, false},
	} {
		if got := saysIssued(c.mark); got != c.issued {
			t.Errorf("%s: says issued %t", c.name, got)
		}
		if got := shownOtherwise(c.mark, c.doc); got != c.outdated {
			t.Errorf("%s: outdated %t", c.name, got)
		}
	}
}

// An outcome that was unknown when the ERP was last told, and has been settled since, says nothing about the ledger's other
// documents. Everything else that the ledger cannot know of shows that it lost commits.
func TestWhichMarksTheLedgerExplains(t *testing.T) {
	t.Parallel()
	settled := ledger.Document{State: ledger.Prepared, WasUnknown: true, Version: 4, WrittenVersion: 3}
	told, never := settled, settled
	told.WrittenVersion = told.Version
	never.WasUnknown = false
	for _, c := range []struct {
		name string
		mark erp.KnownSale
		doc  ledger.Document
		want bool
	}{
		{"settled by a look-up, the ERP not told yet", erp.KnownSale{State: "Belirsiz"}, settled, true},
		{"settled by a person, the ERP not told yet", erp.KnownSale{State: "disputed"}, settled, true},
		{"the ERP was told otherwise", erp.KnownSale{State: "Belirsiz"}, told, false},
		{"this ledger never knew it as unknown", erp.KnownSale{State: "Belirsiz"}, never, false},
		{"sent meanwhile", erp.KnownSale{State: "Gönderildi"}, settled, false},
		{"numbered meanwhile", erp.KnownSale{State: "Belirsiz", Number: "FTR2026000000001"}, settled, false},
	} {
		if got := explained(c.mark, c.doc); got != c.want {
			t.Errorf("%s: explained %t", c.name, got)
		}
	}
}

// What is decided without a lease on what was read a while ago must name the state that was read: the document may have been
// mapped, sent and abandoned meanwhile, and only a look-up may take it out of sending.
func TestRecheckNamesTheStateItSaw(t *testing.T) {
	t.Parallel()
	for _, gone := range []bool{false, true} {
		for _, state := range []ledger.State{ledger.Held, ledger.Refused} {
			change, ok := recheckChange(ledger.Document{ID: 1, State: state, SaleHash: "old"}, gone, "new")
			if !ok || change.From != state || change.Lease != nil {
				t.Errorf("%s, gone %t: %+v", state, gone, change)
			}
		}
	}
}

// Until the next write-back a sale that is issued anew shows its dead document: by our ETTN, by the provider's own, or, in an
// ERP without a column for it, by its number.
func TestMarksOfAnEarlierRevision(t *testing.T) {
	t.Parallel()
	j := Job{VKN: "7312048565", ERP: "erp1"}
	key := ledger.Key{KeySpace: "sale", SaleKey: "7"}
	assigned, other := uuid.New(), uuid.New()
	dead := ledger.Document{State: ledger.Failed, Revision: 1, ETTN: j.ettn(key, 1), Assigned: assigned, Number: "FTR2026000000001", Superseded: true}
	anew := ledger.Document{State: ledger.Pending, Revision: 2, ETTN: j.ettn(key, 2)}
	for _, c := range []struct {
		name  string
		mark  erp.KnownSale
		docs  []ledger.Document
		older bool
	}{
		{"our ETTN of the dead one", erp.KnownSale{State: "failed", ETTN: j.ettn(key, 1)}, []ledger.Document{dead, anew}, false},
		{"our ETTN of a dead one that a new ledger does not know", erp.KnownSale{State: "failed", ETTN: j.ettn(key, 1)}, []ledger.Document{anew}, false},
		{"the provider's ETTN of the dead one", erp.KnownSale{State: "failed", ETTN: assigned}, []ledger.Document{dead, anew}, false},
		{"its number alone", erp.KnownSale{State: "failed", Number: "FTR2026000000001"}, []ledger.Document{dead, anew}, false},
		{"the new one was sent, and the ledger forgot", erp.KnownSale{State: "sent", ETTN: j.ettn(key, 2)}, []ledger.Document{dead, anew}, true},
		{"likewise, under the provider's ETTN", erp.KnownSale{State: "sent", ETTN: other}, []ledger.Document{dead, anew}, true},
		{"likewise, by its number alone", erp.KnownSale{State: "sent", Number: "FTR2026000000002"}, []ledger.Document{dead, anew}, true},
		{"a word alone says nothing of which", erp.KnownSale{State: "sent"}, []ledger.Document{dead, anew}, true},
		{"there is no earlier one", erp.KnownSale{State: "sent", ETTN: assigned}, []ledger.Document{{State: ledger.Pending, Revision: 1}}, true},
	} {
		if got := j.older(key, c.docs, c.mark); got != c.older {
			t.Errorf("%s: the ledger seems older: %t", c.name, got)
		}
	}
}
