package torture

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write docs/reliability-matrix.md")

const matrixDoc = "../../docs/reliability-matrix.md"

// TestFaultMatrixDocs writes docs/reliability-matrix.md from the table that TestFaultMatrix holds the code to.
func TestFaultMatrixDocs(t *testing.T) {
	var b strings.Builder
	fmt.Fprintf(&b, `<!-- Written by go test ./internal/torture -run TestFaultMatrixDocs -update; do not edit. -->

# What faturad does when HTTP fails

%d faults × %d kinds of requests = %d cells. Each is run through the whole of faturad with a real ledger, a real ERP and the
simulated provider (Turkcell, the class that refuses a used ETTN for ever): two sales, or two incoming invoices, meet the fault;
the table says where they stand while it lasts. Afterwards the fault ends, time passes, and every cell must come to rest with
**one document per sale, none lost, numbers equal in provider, ledger and ERP, and no creating request for a document that the
provider already had** (so none of it rests on the provider's own check).

    FATURAD_TORTURE_CELLS=1 go test ./internal/torture -run 'TestFaultMatrix$/turkcell' -v     # every cell; make test draws a sixth
    FATURAD_TORTURE_CELLS=proxy go test ./internal/torture -run 'TestFaultMatrix$/turkcell' -v # of the rows that say so

The same faults meet the same requests at KolayBi (create is the legal step there) and at Propars, with the same end: one document
per sale, none lost, numbers equal. Where documents stand meanwhile is printed, and wanted of Turkcell only; make test draws a
twentieth of those cells (`+"`-run 'TestFaultMatrix$/(kolaybi|propars)'`"+`).

- create: *unknown* = looked up until it is settled; *prepared* = surely not sent, tried again later; *refused* = the sale waits
  for a correction; *disputed* = a person looks; *sent again* = how many of the two were sent once more, after a look-up found
  surely nothing, after the quarantine, or after the correction.
- look-up: two documents of unknown outcome are asked for. *unknown* = asked again later.
- status: two documents that were sent are asked for. *sent* = asked again later.
- list, download: *still new* = nothing was stored and no flag was cleared: it is fetched again, at growing distances;
  *quarantined* = what came cannot be read; it is shown with the reason and keeps its flag.
- Where files arrive whole but changed (a byte order mark, letters in another encoding), nobody can tell: they are kept as they
  were served, and what cannot be read is quarantined, where people see it.
- The rows of names, certificates, TLS and proxies are met over HTTPS: a name server, an authority and a proxy of the tests' own
  stand before the same provider.
- HTTP/2 is not spoken, so GOAWAY and REFUSED_STREAM cannot happen.

| fault | %s |
| --- |%s
`, len(matrix), len(columns), len(matrix)*len(columns), strings.Join(columns, " | "), strings.Repeat(" --- |", len(columns)))
	for _, m := range matrix {
		fmt.Fprintf(&b, "| %s | %s |\n", m.name, strings.Join(m.want[:], " | "))
		for at, want := range m.want {
			if want == "" {
				t.Errorf("the cell %q of %q is empty", columns[at], m.name)
			}
		}
	}
	if *update {
		if err := os.WriteFile(matrixDoc, []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(matrixDoc)
	if err != nil || string(have) != b.String() {
		t.Errorf("docs/reliability-matrix.md is stale: go test ./internal/torture -run TestFaultMatrixDocs -update (%v)", err)
	}
}
