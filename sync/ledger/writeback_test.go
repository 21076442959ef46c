package ledger

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestWriteBack(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	docs := b.sales(t, 3)
	unwritten := func() []Document {
		t.Helper()
		got, err := b.Unwritten(t.Context(), company, 10)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	mark := func(w ...Written) {
		t.Helper()
		if err := b.MarkWritten(t.Context(), w); err != nil {
			t.Fatal(err)
		}
	}
	todo := unwritten()
	if len(todo) != 3 || todo[0].ID != docs[0].ID {
		t.Fatalf("%d to write", len(todo))
	}
	mark(todo[0].Written(), todo[1].Written(), Written{ID: todo[2].ID, Version: todo[2].Version})
	if got := unwritten(); len(got) != 0 {
		t.Errorf("%d to write after all were", len(got))
	}
	if n, err := b.InMotion(t.Context(), company); err != nil || n != 3 {
		t.Errorf("%d in motion, %v", n, err)
	}

	// Changed while the ERP was being told: the note is about the old version, the new one is still to be written.
	b.apply(t, Change{Document: docs[0].ID, To: Held})
	reading := unwritten()
	b.apply(t, Change{Document: docs[0].ID, To: Cancelled})
	mark(reading[0].Written())
	if got := unwritten(); len(got) != 1 || got[0].State != Cancelled || got[0].WrittenVersion != 2 {
		t.Errorf("after a change during the writing: %+v", got)
	}
	mark(unwritten()[0].Written())

	// Quiet changes are nobody's business.
	b.apply(t, Change{Document: docs[1].ID, To: Pending, Stay: true, Quiet: true})
	if got := unwritten(); len(got) != 0 {
		t.Errorf("a quiet change is to be written: %+v", got)
	}

	// Failures move to the back and are noted.
	b.apply(t, Change{Document: docs[1].ID, To: Held})
	if err := b.MarkWriteFailed(t.Context(), []WriteFailure{{ID: docs[1].ID, Message: "column missing", NextIn: time.Hour}}); err != nil {
		t.Fatal(err)
	}
	d := b.one(t, docs[1].ID)
	if len(unwritten()) != 0 || d.WriteFailures != 1 || d.WriteMessage != "column missing" || d.WriteNextAt.Before(d.UpdatedAt.Add(50*time.Minute)) {
		t.Errorf("a failed write: %+v", d)
	}
	// What the ERP's table refuses of every document is no failure of this one, and calls for an alarm until it is written.
	refused := WriteFailure{ID: docs[1].ID, Message: "no right to write", NextIn: time.Hour, Refused: true}
	if err := b.MarkWriteFailed(t.Context(), []WriteFailure{refused}); err != nil {
		t.Fatal(err)
	}
	if d := b.one(t, docs[1].ID); d.WriteFailures != 0 {
		t.Errorf("a refused write counts as %d failures", d.WriteFailures)
	}
	if n, why, err := b.Unwritable(t.Context(), company); err != nil || n != 1 || why != refused.Message {
		t.Errorf("%d cannot be written because of %q, %v", n, why, err)
	}
	if got, err := b.Troubled(t.Context(), company); err != nil || got.Refused != refused.Message {
		t.Errorf("trouble: %+v, %v", got, err)
	}
	if n, err := b.InMotion(t.Context(), company); err != nil || n != 2 {
		t.Errorf("%d in motion, %v", n, err) // one pending, one held but unwritten
	}
	if n, err := b.RewriteAll(t.Context(), company); err != nil || n != 3 || len(unwritten()) != 3 {
		t.Errorf("rewriting all: %d, %v, %d to write", n, err, len(unwritten()))
	}
	if got, err := b.Troubled(t.Context(), company); err != nil || got.Refused != "" {
		t.Errorf("trouble of what is written anew: %+v, %v", got, err)
	}
	if n, err := b.RewriteAll(t.Context(), "another"); err != nil || n != 0 {
		t.Errorf("rewriting another company: %d, %v", n, err)
	}
}

// Three writers of different age, in every order of their ERP writes and notes: when everything is noted, either the ERP
// shows the latest version or the document is to be written again.
func TestStaleWriters(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	docs := b.sales(t, 1)
	id := docs[0].ID
	orders := interleavings(2, 2, 2)
	for _, order := range orders {
		b.db.Exec(t, "UPDATE documents SET state = 'pending', version = 1, written_version = 0, write_seq = 0, write_noted = 0, write_run = 0 WHERE id = ?", id)
		read := func() Document { return b.one(t, id) }
		writers := []Document{read()}
		b.apply(t, Change{Document: id, To: Held})
		writers = append(writers, read(), read()) // one reads version 1, two read version 2
		var erp int64
		steps := make([]int, 3)
		for _, w := range order {
			if steps[w]++; steps[w] == 1 {
				erp = writers[w].Version
				continue
			}
			if err := b.MarkWritten(t.Context(), []Written{writers[w].Written()}); err != nil {
				t.Fatal(err)
			}
		}
		d := read()
		if again := d.Version > d.WrittenVersion; erp != d.Version && !again {
			t.Errorf("order %v: the ERP shows version %d, the ledger believes it shows %d", order, erp, d.WrittenVersion)
		}
	}
	t.Logf("%d orders", len(orders))
}

// Writers of one version agree, however they overlap; one that read before them and notes last is not believed.
func TestWritersOfOneVersionAgree(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.sales(t, 1)[0].ID
	read := func() Document { return b.one(t, id) }
	mark := func(d Document) {
		t.Helper()
		if err := b.MarkWritten(t.Context(), []Written{d.Written()}); err != nil {
			t.Fatal(err)
		}
	}
	stale := read()
	b.apply(t, Change{Document: id, To: Held})
	early := []Document{read(), read()}
	mark(stale)
	late := []Document{read(), read()}
	for _, d := range early {
		mark(d)
		if d := read(); d.WrittenVersion != 0 {
			t.Fatalf("the ERP may show the stale text, the ledger believes it shows version %d", d.WrittenVersion)
		}
		late = append(late, read())
	}
	for _, d := range late {
		mark(d)
		if d := read(); d.WrittenVersion != d.Version {
			t.Fatalf("all writers since the stale one wrote version %d, the ledger believes %d", d.Version, d.WrittenVersion)
		}
	}
	if _, err := b.RewriteAll(t.Context(), company); err != nil {
		t.Fatal(err)
	}
	if mark(late[0]); read().WrittenVersion != 0 {
		t.Error("a writer from before a rewriting counts as one after it")
	}
}

// An ERP that offers an issued sale has lost its marks: they are written again. Held and waiting sales may be offered.
func TestOfferedAgain(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	docs := b.sales(t, 2)
	b.db.Exec(t, "UPDATE documents SET state = 'accepted', written_version = version WHERE id = ?", docs[0].ID)
	b.db.Exec(t, "UPDATE documents SET state = 'held', written_version = version WHERE id = ?", docs[1].ID)
	again := make([]NewDocument, len(docs))
	for i, d := range docs {
		again[i] = NewDocument{Key: Key{d.KeySpace, d.SaleKey}, ERP: d.ERP, LocalReference: d.LocalReference, ETTN: d.ETTN}
	}
	if added, err := b.Discover(t.Context(), company, again); err != nil || added != 0 {
		t.Fatalf("%d added, %v", added, err)
	}
	got, err := b.Unwritten(t.Context(), company, 10)
	if err != nil || len(got) != 1 || got[0].ID != docs[0].ID {
		t.Errorf("to be written: %+v, %v", got, err)
	}
}

// interleavings lists every order in which each of several actors makes its steps.
func interleavings(steps ...int) (orders [][]int) {
	var walk func(left []int, so []int)
	walk = func(left []int, so []int) {
		done := true
		for actor, n := range left {
			if n > 0 {
				done = false
				next := append([]int{}, left...)
				next[actor]--
				walk(next, append(so[:len(so):len(so)], actor))
			}
		}
		if done {
			orders = append(orders, so)
		}
	}
	walk(steps, nil)
	return orders
}

func TestReading(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	docs := b.sales(t, 5)
	for i, d := range docs[:3] {
		held := Change{Document: d.ID, To: Held, Patch: Patch{Currency: ptr("TRY"), BuyerName: ptr(fmt.Sprintf("Çiçek %d%% Ltd", i)), SaleNumber: ptr(fmt.Sprintf("FT_%d", i))}}
		b.apply(t, held)
		b.db.Exec(t, "UPDATE documents SET payable = ? WHERE id = ?", fmt.Sprintf("%d.05", i), d.ID)
	}
	b.apply(t, Change{Document: docs[3].ID, To: Pending, Stay: true, Patch: Patch{Changed: ptr(true)}})
	for name, c := range map[string]struct {
		f    Filter
		want int
	}{
		"all":           {Filter{}, 5},
		"company":       {Filter{Company: company}, 5},
		"other company": {Filter{Company: "none"}, 0},
		"state":         {Filter{States: []State{Held, Cancelled}}, 3},
		"buyer":         {Filter{Search: "ÇIÇEK"}, 3},
		"wildcards":     {Filter{Search: "1%"}, 1},
		"underscore":    {Filter{Search: "FT_"}, 3},
		"sale key":      {Filter{Search: "s-00004"}, 1},
		"changed":       {Filter{Changed: true}, 1},
		"page":          {Filter{AfterID: docs[1].ID, Limit: 2}, 2},
		"since":         {Filter{Since: time.Now().Add(time.Hour)}, 0},
	} {
		if got, err := b.Documents(t.Context(), c.f); err != nil || len(got) != c.want {
			t.Errorf("%s: %d documents, want %d, %v", name, len(got), c.want, err)
		}
	}
	for after, want := range map[int64]int64{0: docs[4].ID, docs[4].ID: docs[3].ID, docs[1].ID: docs[0].ID} {
		if got, err := b.Documents(t.Context(), Filter{Newest: true, AfterID: after, Limit: 1}); err != nil || len(got) != 1 || got[0].ID != want {
			t.Errorf("newest first, after %d: %v, want %d, %v", after, got, want, err)
		}
	}
	for ref, want := range map[string]int{docs[0].LocalReference: 1, docs[0].SaleKey: 1, docs[0].ETTN.String(): 1, strings.ToUpper(docs[0].ETTN.String()): 1, "none": 0} {
		for _, company := range []string{company, ""} {
			if got, err := b.Find(t.Context(), company, ref); err != nil || len(got) != want {
				t.Errorf("%s: %d, %v", ref, len(got), err)
			}
		}
	}
	if counts, err := b.Counts(t.Context(), company); err != nil || counts[Held] != 3 || counts[Pending] != 2 {
		t.Errorf("%v, %v", counts, err)
	}
	sums, err := b.Sums(t.Context(), "")
	if err != nil || len(sums) != 2 || sums[0].State != Held || sums[0].Payable.String() != "3.15" || sums[0].Currency != "TRY" {
		t.Errorf("%+v, %v", sums, err)
	}
	if at, err := b.Oldest(t.Context(), company, []State{Held}); err != nil || !at.Equal(docs[0].CreatedAt) {
		t.Errorf("oldest: %s, %v", at, err)
	}
	if at, err := b.Oldest(t.Context(), company, []State{Unknown}); err != nil || !at.IsZero() {
		t.Errorf("oldest of none: %s, %v", at, err)
	}
	if _, err := b.Documents(t.Context(), Filter{States: []State{"' OR 1=1"}}); err == nil {
		t.Error("a word that is no state was listed")
	}
	if err := b.WriteAudit(t.Context(), Audit{User: "ayse", Action: "cancel", Ref: "x", Reason: "y"}); err != nil {
		t.Fatal(err)
	}
	if trail, err := b.AuditTrail(t.Context(), 0); err != nil || len(trail) != 1 || trail[0].Action != "cancel" {
		t.Errorf("%v, %v", trail, err)
	}
}
