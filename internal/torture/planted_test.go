package torture

import (
	"bytes"
	"compress/flate"
	octets "encoding/binary"
	"fmt"
	"strings"
	"testing"
	"time"

	"faturad/internal/mysqlx"
)

// TestPlantedLeaksAreFound shows that this harness can fail I10 and I11: every place that it looks at, and every form of a secret.
func TestPlantedLeaksAreFound(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{office: newKolayBi(0)})
	w.begin(1, 1, 1)
	w.settle()
	w.sound("nothing planted", 1)
	w.patience = 50 * time.Millisecond // of what does not fall, no patience shows more
	key := w.office.key()
	ran := func(what string) { // by a real process, to say that it does not know such a company
		if code, text := w.run("sync", "outbound", "--company", what); code != 2 || !strings.Contains(text, what) {
			t.Errorf("exit code %d: %s", code, text)
		}
	}
	said := func(what string) func() { return func() { ran(what) } }
	logged := func(what string) func() { return func() { w.log().Debug("asking", "with", what) } }
	kept := func(packed []byte) func() {
		return func() { w.ledger.Exec(t, "UPDATE attempts SET answer = ? WHERE opened = FALSE", packed) }
	}
	plants := []struct {
		name  string
		plant func()
		want  string
	}{
		{"a key on a process's standard error", said(key), "I10 what faturad printed shows the secret of provider.key"},
		{"a password of the ledger", said("x" + passwordOf(t, w.theirs[0].dsn) + "y"), "I10 what faturad printed shows the secret of"},
		{"a session's token", func() { ran(w.office.tokens()[0]) }, "I10 what faturad printed shows the secret of session token"},
		{"a key in the log", logged(key), "I10 what faturad printed"},
		{"a key in an ERP's column", func() { w.erp.Exec(t, "UPDATE sales SET einvoice_message = ?", "hata: "+key) }, "I10 the ERP shows the secret of provider.key"},
		{"a key in the ledger", func() { w.ledger.Exec(t, "UPDATE documents SET advice = ?", "use "+key) }, "I10 the ledger shows the secret of provider.key"},
		{"a key in a short answer that is kept", kept(append(octets.AppendUvarint([]byte{0}, uint64(len(key))), key...)), "I10 the ledger"},
		{"a key in a long answer that is kept", kept(deflated(t, strings.Repeat("a long answer ", 99)+key)), "I10 the ledger"},
	}
	for n, form := range written("a secret/with+signs") {
		w.guard("made up", "a secret/with+signs")
		plants = append(plants, struct {
			name  string
			plant func()
			want  string
		}{fmt.Sprintf("form %d of a secret", n+1), logged("-" + form + "-"), "I10 what faturad printed shows the secret of made up"})
	}
	for _, p := range plants {
		p.plant()
		w.found(p.name, p.want)
		w.ledger.Exec(t, "UPDATE documents SET advice = ''")
		w.erp.Exec(t, "UPDATE sales SET einvoice_message = ''")
		w.ledger.Exec(t, "UPDATE attempts SET answer = NULL")
		if got := w.judge(1).wrong; len(got) > 0 {
			t.Fatalf("after %s: %q", p.name, got)
		}
	}

	for i, a := range w.theirs {
		left := a.at.Open(t, a.dsn, mysqlx.Options{})
		w.found("a session left at database "+fmt.Sprint(i), "I11 1 sessions of "+a.user)
		if err := left.Close(); err != nil {
			t.Error(err)
		}
	}
	for _, a := range w.ours {
		left := a.at.Open(t, a.dsn, mysqlx.Options{})
		var closed []string
		w.judgeSessions(w.ours, func(format string, args ...any) { closed = append(closed, fmt.Sprintf(format, args...)) })
		if len(closed) == 0 {
			t.Error("sessions that are still there are not seen") // those of this process, which goes on
		}
		if err := left.Close(); err != nil {
			t.Error(err)
		}
	}
	w.patience = patience
	w.sound("everything planted is gone", 1)
}

// found wants the judge to see what was planted, and to say nothing else.
func (w *world) found(name, want string) {
	w.t.Helper()
	got := w.judge(1).wrong
	if len(got) != 1 || !strings.HasPrefix(got[0], want) {
		w.t.Errorf("%s: the judge says %q, want %q", name, got, want)
	}
	for _, text := range got {
		if strings.Contains(text, w.office.key()) {
			w.t.Errorf("%s: the judge tells the secret", name)
		}
	}
}

func passwordOf(t *testing.T, dsn string) string {
	t.Helper()
	_, _, password, _, err := mysqlx.SplitDSN(dsn)
	if err != nil {
		t.Fatal(err)
	}
	return password
}

// deflated is how the ledger keeps a long answer.
func deflated(t *testing.T, text string) []byte {
	t.Helper()
	out := bytes.NewBuffer(octets.AppendUvarint([]byte{1}, uint64(len(text))))
	packer, err := flate.NewWriter(out, flate.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := packer.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := packer.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
