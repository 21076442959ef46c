package ledger

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"faturad/internal/fault"
	"faturad/internal/invoice"
)

var istanbul = time.FixedZone("+03", 3*60*60)

// commercialInvoices stores n commercial invoices and one Temel, and opens their answers.
func commercialInvoices(t *testing.T, b *bench, n int) []uuid.UUID {
	t.Helper()
	var all []NewReceived
	var ids []uuid.UUID
	for i := range n {
		in := incoming(i)
		in.Scenario, in.ArrivedAt = "TICARIFATURA", time.Date(2026, 9, 2, 22, 30, 0, 0, time.UTC)
		all, ids = append(all, in), append(ids, in.ETTN)
	}
	if _, err := b.StoreReceived(t.Context(), append(all, incoming(n))); err != nil {
		t.Fatal(err)
	}
	for _, want := range []int{n, 0} {
		if added, err := b.OpenAnswers(t.Context(), company, istanbul); err != nil || added != want {
			t.Fatalf("opened %d, want %d: %v", added, want, err)
		}
	}
	return ids
}

func TestAnswerDecision(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ids := commercialInvoices(t, b, 2)
	open, err := b.AnswerOf(t.Context(), company, ids[0])
	if err != nil || open.State != AnswerOpen || open.Till.String() != "2026-09-11" || open.Number == "" {
		t.Fatalf("%+v, %v", open, err) // 22:30 UTC is the third in Türkiye
	}
	if n := open.DaysLeft(invoice.Date{Year: 2026, Month: 9, Day: 10}); n != 1 {
		t.Errorf("%d days left, want 1", n)
	}
	accept := Decision{Company: company, ETTN: ids[0], Accept: true, Person: "ayse"}
	for range 2 { // entered twice, or read again after a crash
		if got, err := b.WantAnswer(t.Context(), accept); err != nil || got.State != AnswerWanted || got.Accept == nil || !*got.Accept {
			t.Fatalf("%+v, %v", got, err)
		}
	}
	reject := accept
	reject.Accept, reject.Reason = false, "no"
	if _, err := b.WantAnswer(t.Context(), reject); !errors.Is(err, ErrAnswered) || !errors.Is(err, fault.Permanent) {
		t.Errorf("another decision: %v", err)
	}
	if _, err := b.WantAnswer(t.Context(), Decision{Company: company, ETTN: ettnOf(2), Accept: true}); !errors.Is(err, ErrNotCommercial) {
		t.Errorf("a Temel invoice: %v", err)
	}
	if _, err := b.WantAnswer(t.Context(), Decision{Company: company, ETTN: ettnOf(99), Accept: true}); !errors.Is(err, fault.NotFound) {
		t.Errorf("an invoice that never came: %v", err)
	}
	if n := b.count(t, "SELECT COUNT(*) FROM audit WHERE action = 'answer.accept' AND person = 'ayse'"); n != 1 {
		t.Errorf("%d audit rows, want 1", n)
	}
	for day, want := range map[int]int{10: 0, 11: 2} {
		n, first, err := b.AnswersDue(t.Context(), company, invoice.Date{Year: 2026, Month: 9, Day: day})
		if err != nil || n != want || first.IsZero() != (want == 0) || want > 0 && first.Day != 11 {
			t.Errorf("due on the %dth: %d, the first on %s, %v, want %d", day, n, first, err, want)
		}
	}
}

// A lease that is over, an epoch that is not ours, a state without an arrow: nothing happens, and no attempt is recorded.
func TestAnswerGuards(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := commercialInvoices(t, b, 1)[0]
	if _, err := b.WantAnswer(t.Context(), Decision{Company: company, ETTN: id, Accept: true, Person: "ayse"}); err != nil {
		t.Fatal(err)
	}
	leased, err := b.LeaseAnswers(t.Context(), company, []AnswerState{AnswerWanted}, "one", ttl, 5)
	if err != nil || len(leased) != 1 {
		t.Fatal(leased, err)
	}
	if again, err := b.LeaseAnswers(t.Context(), company, []AnswerState{AnswerWanted}, "two", ttl, 5); err != nil || len(again) != 0 {
		t.Errorf("leased twice: %v, %v", again, err)
	}
	a := leased[0]
	event := &AnswerEvent{Attempt: 1, Operation: "answer", Opened: true, Accept: a.Accept, Owner: "one"}
	intent := AnswerMove{ID: a.ID, Lease: a.Lease(), From: AnswerWanted, To: AnswerSending, Keep: true, Event: event,
		Patch: AnswerPatch{CountAttempt: true, QuarantineIn: ptr(time.Hour), LeaseFor: ptr(ttl)}}
	stale := intent
	stale.Lease.Epoch--
	other := intent
	other.Lease.Owner = "two"
	for _, m := range []AnswerMove{stale, other} {
		if moved, err := b.MoveAnswer(t.Context(), m); err != nil || moved {
			t.Errorf("moved under a lease that is not ours: %v, %v", moved, err)
		}
	}
	if _, err := b.MoveAnswer(t.Context(), AnswerMove{ID: a.ID, Lease: a.Lease(), From: AnswerAccepted, To: AnswerWanted}); !errors.Is(err, fault.Permanent) {
		t.Errorf("a final answer moved: %v", err)
	}
	b.db.Exec(t, "UPDATE answers SET lease_until = UTC_TIMESTAMP(6) - INTERVAL 1 SECOND")
	if moved, err := b.MoveAnswer(t.Context(), intent); err != nil || moved {
		t.Errorf("an intent under a lease that ran out: %v, %v", moved, err)
	}
	b.db.Exec(t, "UPDATE answers SET lease_until = UTC_TIMESTAMP(6) + INTERVAL 60 SECOND")
	if moved, err := b.MoveAnswer(t.Context(), intent); err != nil || !moved {
		t.Fatalf("%v, %v", moved, err)
	}
	history, err := b.AnswerHistory(t.Context(), a.ID)
	if err != nil || len(history) != 1 || !history[0].Opened || history[0].Accept == nil {
		t.Errorf("%+v, %v", history, err)
	}
	now, err := b.AnswerOf(t.Context(), company, id)
	if err != nil || now.State != AnswerSending || now.Settled || now.Attempts != 1 {
		t.Errorf("%+v, %v", now, err)
	}
	if _, err := b.WantAnswer(t.Context(), Decision{Company: company, ETTN: id, Accept: false, Reason: "x"}); !errors.Is(err, ErrAnswered) {
		t.Errorf("changed on its way: %v", err)
	}
}

// What the ERP shows is written when something changed, and once a day while time runs.
func TestAnswersAreWrittenOnceADay(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	commercialInvoices(t, b, 1)
	day := invoice.Date{Year: 2026, Month: 9, Day: 4}
	for _, step := range []struct {
		day  invoice.Date
		want int
	}{{day, 1}, {day, 0}, {day.AddDays(1), 1}, {day.AddDays(1), 0}} {
		todo, err := b.UnwrittenAnswers(t.Context(), company, step.day, 10)
		if err != nil || len(todo) != step.want {
			t.Fatalf("on %s: %d to write, want %d: %v", step.day, len(todo), step.want, err)
		}
		if len(todo) > 0 {
			if err := b.MarkAnswersWritten(t.Context(), todo, step.day); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// TestAnswerTable: every state can reach an end, ends lead nowhere, and only a decision or a doubt comes before sending.
func TestAnswerTable(t *testing.T) {
	t.Parallel()
	for _, r := range AnswerTable {
		if r.TR == "" || r.EN == "" || r.Entered == "" || r.Final != (len(r.Leaves) == 0) {
			t.Errorf("%s: %+v", r.State, r)
		}
		if r.State.MayBecome(AnswerSending) != slices.Contains([]AnswerState{AnswerWanted, AnswerFailed}, r.State) {
			t.Errorf("%s may lead to sending: %v", r.State, r.State.MayBecome(AnswerSending))
		}
		for _, end := range answerEnds {
			if !r.Final && !r.State.MayBecome(end) {
				t.Errorf("%s never becomes %s", r.State, end)
			}
		}
		for _, next := range r.Leaves {
			if _, known := AnswerRuleOf(next); !known {
				t.Errorf("%s leads to %s", r.State, next)
			}
		}
	}
	if fmt.Sprint(AnswerPending()) == fmt.Sprint(answerEnds) {
		t.Error("the ends count as pending")
	}
}
