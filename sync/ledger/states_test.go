package ledger

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Every pair of states, moved and staying, with and without a lease: the table decides, and nothing else.
func TestEveryTransition(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	var all []State
	for _, r := range Table {
		all = append(all, r.State)
	}
	docs := b.sales(t, len(all))
	for _, stay := range []bool{false, true} {
		for _, leased := range []bool{false, true} {
			for _, to := range all {
				var changes []Change
				for i, from := range all {
					b.put(t, docs[i].ID, from)
					c := Change{Document: docs[i].ID, To: to, Stay: stay, Patch: Patch{CountAttempt: true},
						Event: &Event{Attempt: 1, Operation: OpCreate, Class: "ok", Owner: "tester"}, Audit: &Audit{User: "u", Action: "test"}}
					if leased {
						held, err := b.LeaseByID(t.Context(), []int64{docs[i].ID}, "tester", ttl)
						if err != nil || len(held) != 1 {
							t.Fatal(held, err)
						}
						c.Lease = held[0].Lease()
					}
					changes = append(changes, c)
				}
				before := b.every(t)
				events, audits := b.count(t, "SELECT COUNT(*) FROM attempts"), b.count(t, "SELECT COUNT(*) FROM audit")
				outcomes, err := b.Commit(t.Context(), changes)
				if err != nil {
					t.Fatal(err)
				}
				applied := 0
				for i, from := range all {
					want := from.MayBecome(to)
					if stay {
						want = from == to
					}
					after := b.one(t, docs[i].ID)
					name := fmt.Sprintf("%s -> %s (stay %v, leased %v)", from, to, stay, leased)
					if outcomes[i].Applied != want || outcomes[i].Err != nil {
						t.Errorf("%s: %+v, want applied %v", name, outcomes[i], want)
					}
					if !want {
						if after.State != from || after.Attempts != before[i].Attempts || after.Version != before[i].Version {
							t.Errorf("%s: refused, yet it changed: %+v", name, after)
						}
						continue
					}
					applied++
					if after.State != to || after.Attempts != before[i].Attempts+1 || after.Version != before[i].Version+1 {
						t.Errorf("%s: %+v", name, after)
					}
					if to.Final() && after.FinalAt.IsZero() {
						t.Errorf("%s: final, but final_at is empty", name)
					}
				}
				if n := b.count(t, "SELECT COUNT(*) FROM attempts") - events; n != applied {
					t.Errorf("to %s: %d events for %d changes", to, n, applied)
				}
				if n := b.count(t, "SELECT COUNT(*) FROM audit") - audits; n != applied {
					t.Errorf("to %s: %d audit rows for %d changes", to, n, applied)
				}
			}
		}
	}
}

func TestTableIsWhole(t *testing.T) {
	t.Parallel()
	reached := map[State]bool{Pending: true}
	for _, r := range Table {
		for _, next := range r.Leaves {
			if _, known := RuleOf(next); !known {
				t.Errorf("%s leaves to %q, which is no state", r.State, next)
			}
			reached[next] = true
		}
		if _, known := RuleOf(r.Projected); !known || r.TR == "" || r.EN == "" || r.Entered == "" {
			t.Errorf("%s: words or projection are missing", r.State)
		}
	}
	for _, r := range Table {
		if !reached[r.State] {
			t.Errorf("%s can never be entered", r.State)
		}
	}
	if _, known := RuleOf("nonsense"); known || State("nonsense").MayBecome(Sent) {
		t.Error("a word that is no state has a rule")
	}
	if got := Prepared.Projection(); got != Pending || Prepared.Text("tr") != "Hazır" || Prepared.Text("en") != "Ready" {
		t.Errorf("prepared shows as %s", got)
	}
}

// docs/states.md is made from the table; go test -update writes it.
func TestStatesDocument(t *testing.T) {
	t.Parallel()
	path := filepath.Join("..", "..", "docs", "states.md")
	want := statesDocument()
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil || string(got) != want {
		t.Errorf("docs/states.md is stale (%v): run go test ./sync/ledger -run TestStatesDocument -update", err)
	}
}

func statesDocument() string {
	var b strings.Builder
	b.WriteString("# The life of a document\n\nGenerated from sync/ledger/states.go by `go test ./sync/ledger -run TestStatesDocument -update`; do not edit.\n\n")
	b.WriteString("```mermaid\nstateDiagram-v2\n    [*] --> pending\n    [*] --> unknown: rebuilt from the ERP\n")
	for _, r := range Table {
		for _, next := range r.Leaves {
			fmt.Fprintf(&b, "    %s --> %s\n", r.State, next)
		}
		if len(r.Leaves) == 0 {
			fmt.Fprintf(&b, "    %s --> [*]\n", r.State)
		}
	}
	b.WriteString("```\n\n| state | Türkçe | English | entered when | leaves to | final | the ERP shows |\n|---|---|---|---|---|---|---|\n")
	for _, r := range Table {
		leaves := make([]string, len(r.Leaves))
		for i, l := range r.Leaves {
			leaves[i] = "`" + string(l) + "`"
		}
		if len(leaves) == 0 {
			leaves = []string{"-"}
		}
		final := ""
		if r.Final {
			final = "yes"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s | %s | %s |\n", r.State, r.TR, r.EN, r.Entered, strings.Join(leaves, ", "), final, r.Projected.Text("tr"))
	}
	return b.String()
}
