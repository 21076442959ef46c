package ledger

import (
	"testing"
	"time"
)

// An alarm stands once however often it is raised, keeps its beginning, and begins anew after it was lowered.
func TestAlarms(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	raise := func(a Alarm, lasts time.Duration) {
		t.Helper()
		if err := b.Raise(t.Context(), a, lasts); err != nil {
			t.Fatal(err)
		}
	}
	standing := func() []Alarm {
		t.Helper()
		alarms, err := b.Alarms(t.Context(), company)
		if err != nil {
			t.Fatal(err)
		}
		return alarms
	}
	raise(Alarm{Company: company, Name: "provider.main.key", Message: "Anahtar kabul edilmiyor."}, 0)
	first := standing()
	raise(Alarm{Company: company, Name: "provider.main.key", Message: "Anahtar hâlâ kabul edilmiyor.", Advice: "Anahtarı yenileyin."}, 0)
	raise(Alarm{Company: "other", Name: "provider.main.key", Message: "x"}, 0)
	again := standing()
	if len(first) != 1 || len(again) != 1 || !again[0].Since.Equal(first[0].Since) || again[0].Message != "Anahtar hâlâ kabul edilmiyor." || again[0].Advice == "" {
		t.Fatalf("raised twice: %+v, %+v", first, again)
	}
	if err := b.Lower(t.Context(), company, "provider.main.key"); err != nil {
		t.Fatal(err)
	}
	if err := b.Lower(t.Context(), company, "never.raised"); err != nil {
		t.Fatal(err)
	}
	if left := standing(); len(left) != 0 {
		t.Errorf("lowered, yet %+v", left)
	}
	raise(Alarm{Company: company, Name: "provider.main.key", Message: "y"}, 0)
	if anew := standing(); len(anew) != 1 || !anew[0].Since.After(first[0].Since) {
		t.Errorf("raised anew: %+v", anew)
	}

	raise(Alarm{Name: "ledger.lost", Message: "of all companies, for a day"}, 24*time.Hour)
	if both := standing(); len(both) != 2 || both[1].Name != "ledger.lost" {
		t.Errorf("%+v", both)
	}
	b.db.Exec(t, "UPDATE alarms SET over_at = UTC_TIMESTAMP(6) - INTERVAL 1 SECOND WHERE name = 'ledger.lost'")
	if left := standing(); len(left) != 1 {
		t.Errorf("its day is over, yet %+v", left)
	}
}

func TestTroubled(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	if got, err := b.Troubled(t.Context(), company); err != nil || got != (Troubled{}) {
		t.Fatalf("nothing is there, yet %+v, %v", got, err)
	}
	docs := b.sales(t, 4)
	b.db.Exec(t, "UPDATE documents SET created_at = '2026-01-02 03:04:05' WHERE id = ?", docs[0].ID)
	b.put(t, docs[1].ID, Unknown)
	b.db.Exec(t, "UPDATE documents SET unknown_since = '2026-01-03 03:04:05' WHERE id = ?", docs[1].ID)
	b.put(t, docs[2].ID, Disputed)
	b.put(t, docs[3].ID, Disputed)
	b.db.Exec(t, "UPDATE documents SET code = ? WHERE id = ?", CodeNumberClash, docs[2].ID)
	got, err := b.Troubled(t.Context(), company)
	want := Troubled{Clashes: 1, Unsent: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Unknown: time.Date(2026, 1, 3, 3, 4, 5, 0, time.UTC)}
	if err != nil || got.Clashes != want.Clashes || !got.Unsent.Equal(want.Unsent) || !got.Unknown.Equal(want.Unknown) {
		t.Errorf("%+v, %v, want %+v", got, err, want)
	}
}
