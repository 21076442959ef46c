package ledger

import (
	"testing"
	"time"

	"faturad/providers"
)

// TestMailsDue: a document is listed while its mail is to be asked for, unless somebody works on it, and keeps what was told.
func TestMailsDue(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	docs := b.sales(t, 3)
	soon, later := time.Duration(0), time.Hour
	told := Mail{State: providers.MailFailed, Address: "alıcı@example.com", At: time.Date(2026, 9, 1, 9, 0, 0, 0, time.UTC), Asked: 2}
	b.apply(t,
		Change{Document: docs[0].ID, To: Pending, Stay: true, Patch: Patch{Mail: &MailPatch{Mail: told, NextIn: &soon}}},
		Change{Document: docs[1].ID, To: Pending, Stay: true, Patch: Patch{Mail: &MailPatch{Mail: told, NextIn: &later}}},
		Change{Document: docs[2].ID, To: Pending, Stay: true, Patch: Patch{Mail: &MailPatch{Mail: told}}})
	due, err := b.MailsDue(t.Context(), company, 10)
	if err != nil || len(due) != 1 || due[0].ID != docs[0].ID || due[0].Mail != told {
		t.Fatalf("%+v, %v", due, err)
	}
	if other, err := b.MailsDue(t.Context(), "other", 10); err != nil || len(other) != 0 {
		t.Errorf("another company has %+v, %v", other, err)
	}
	if _, err := b.LeaseByID(t.Context(), []int64{docs[0].ID}, "somebody", ttl); err != nil {
		t.Fatal(err)
	}
	if due, err := b.MailsDue(t.Context(), company, 10); err != nil || len(due) != 0 {
		t.Errorf("of a document that somebody works on: %+v, %v", due, err)
	}
}

// TestMailColumnsReachAnOlderLedger: a ledger that was made before there were mails gets the same columns.
func TestMailColumnsReachAnOlderLedger(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	const columns = `SELECT CONCAT(column_name, ' ', column_type, ' ', is_nullable, ' ', COALESCE(column_default, '-')) FROM information_schema.columns
		WHERE table_schema = DATABASE() AND table_name = 'documents' AND column_name LIKE 'mail%' ORDER BY column_name`
	read := func() (out []string) {
		t.Helper()
		if err := b.db.DB().SelectContext(t.Context(), &out, columns); err != nil {
			t.Fatal(err)
		}
		return out
	}
	fresh := read()
	b.db.Exec(t, "ALTER TABLE documents DROP KEY mail, DROP COLUMN mail_state, DROP COLUMN mail_address, DROP COLUMN mail_at, DROP COLUMN mail_asked, DROP COLUMN mail_next_at")
	b.db.Exec(t, "DELETE FROM "+versionTable+" WHERE version_id = 111")
	migrate(t, b.db)
	older := read()
	if len(fresh) != 5 || len(older) != len(fresh) {
		t.Fatalf("fresh %q, older %q", fresh, older)
	}
	for i := range fresh {
		if older[i] != fresh[i] {
			t.Errorf("fresh %q, older %q", fresh[i], older[i])
		}
	}
	b.count(t, "SELECT COUNT(*) FROM documents FORCE INDEX (mail)")
}
