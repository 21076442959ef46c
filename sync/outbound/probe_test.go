package outbound

import (
	"testing"

	"faturad/sync/ledger"
)

// TestWhyADocumentIsAskedFor: only a lost ledger is rebuilt; who asked for a sale to be issued anew reads of that.
func TestWhyADocumentIsAskedFor(t *testing.T) {
	t.Parallel()
	j := &Job{}
	for revision, want := range map[int]string{1: textProbe.TR, 2: textProbeAgain.TR} {
		changes := j.probe(ledger.Document{Revision: revision}, Account{Provider: promise{}})
		if says := *changes[1].Patch.Message; says != want {
			t.Errorf("revision %d says %q, want %q", revision, says, want)
		}
	}
}
