package outbound

import (
	"testing"

	"faturad/sync/ledger"
)

// TestRecheckNeverSendsAgain: whatever happens to a sale in the ERP, a document that may exist is flagged and nothing
// else; only what surely does not exist goes back to the start.
func TestRecheckNeverSendsAgain(t *testing.T) {
	t.Parallel()
	for _, rule := range ledger.Table {
		for _, gone := range []bool{false, true} {
			for _, hash := range []string{"same", "other"} {
				doc := ledger.Document{State: rule.State, SaleHash: "same"}
				change, ok := recheckChange(doc, gone, hash)
				if !ok {
					continue
				}
				if !change.Stay && !rule.State.MayBecome(change.To) {
					t.Errorf("%s: no arrow to %s", rule.State, change.To)
				}
				if issued[rule.State] && (!change.Stay || change.To != rule.State || change.Patch.Changed == nil || !*change.Patch.Changed) {
					t.Errorf("%s (gone %v, hash %s): %+v does more than flag it", rule.State, gone, hash, change)
				}
				if !gone && hash == "same" {
					t.Errorf("%s: an unchanged sale causes %+v", rule.State, change)
				}
			}
		}
	}
}

func TestRecheckTakesTheFlagBack(t *testing.T) {
	t.Parallel()
	doc := ledger.Document{State: ledger.Accepted, SaleHash: "same", Changed: true}
	change, ok := recheckChange(doc, false, "same")
	if !ok || *change.Patch.Changed {
		t.Errorf("an edit that was undone stays flagged: %v %+v", ok, change)
	}
	if _, ok := recheckChange(doc, false, "other"); ok {
		t.Error("a flagged document is flagged again")
	}
}
