package main

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"

	"faturad/internal/clock"
	"faturad/internal/invoice"
	"faturad/sync/ledger"
)

// TestBooks looks at the ERP's tables and at the provider after the demo's work.
func TestBooks(t *testing.T) {
	ctx := t.Context()
	w, err := open(ctx, options{once: true, provider: turkcell, language: "tr"}, clock.Real{})
	defer func() {
		if err := w.close(); err != nil {
			t.Error(err)
		}
	}()
	if err != nil {
		t.Fatal(err)
	}
	sales := opening(defaultSales)
	numbers, err := w.fill(ctx, sales)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	p := newPrinter(&out, options{language: "tr"})
	if err := w.work(ctx, p); err != nil {
		t.Fatal(err)
	}
	b, err := w.shop.read(ctx)
	if err != nil {
		t.Fatal(err)
	}
	checkSales(t, w, sales, numbers, b)
	checkReceived(t, w, b)

	for i, s := range sales {
		p.notes[numbers[i]] = s.note
	}
	p.table(b.sales)
	p.inbox(b.received)
	p.sum(w.figures(b), 0)
	p.next()
	for line := range strings.Lines(out.String()) {
		if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > width {
			t.Errorf("a line is %d columns wide: %s", n, line)
		}
	}
	if strings.Contains(out.String(), "\x1b") {
		t.Error("colours where there is no terminal")
	}
	if strings.Contains(out.String(), "…") {
		t.Log("cut off in the table:\n" + out.String())
	}

	// A second round has nothing to do.
	sent, err := w.company.Outbound(ctx, nil)
	if err != nil || sent.Discovered+sent.Sent+sent.Unknown+sent.Refused > 0 {
		t.Errorf("a second round did %+v, %v", sent, err)
	}
}

// checkSales compares each sale's row with how the sale was meant to end, and with the provider's document.
func checkSales(t *testing.T, w *world, sales []sale, numbers []string, b books) {
	t.Helper()
	if len(b.sales) != len(sales) {
		t.Fatalf("%d sales in the ERP, want %d", len(b.sales), len(sales))
	}
	byNumber := map[string]int{}
	for _, d := range w.sim.Documents() {
		byNumber[d.Number]++
	}
	adopted := 0
	for i, got := range b.sales {
		want := sales[i].end
		if want == "" {
			want = ledger.Accepted
		}
		if got.No != numbers[i] || got.State != want || got.Status != want.Text("tr") {
			t.Errorf("%s of %s is %s (%s): %s; want %s", got.No, got.Buyer, got.State, got.Status, got.Message, want)
		}
		atProvider := want != ledger.Held && want != ledger.Refused
		if atProvider != (byNumber[got.Number] == 1) || atProvider != invoice.ValidNumber(got.Number) {
			t.Errorf("%s (%s) has the number %q, which %d documents of the provider have", got.No, want, got.Number, byNumber[got.Number])
		}
		if !atProvider && (got.Message == "" || got.Advice == "") {
			t.Errorf("%s is %s and says neither why nor what to do: %q %q", got.No, want, got.Message, got.Advice)
		}
		if sales[i].fault != "" {
			adopted++
		}
	}
	if faults := len(w.sim.Faults()); faults != adopted || adopted == 0 {
		t.Errorf("%d sales were to lose their answer, %d faults were set", adopted, faults)
	}
	if f := w.figures(b); f.Duplicates != 0 || f.Unknown != 0 {
		t.Errorf("sent twice or unknown: %+v", f)
	}
}

// checkReceived compares the ERP's received invoices with the provider's inbox.
func checkReceived(t *testing.T, w *world, b books) {
	t.Helper()
	rows := map[string]bookedReceipt{}
	for _, r := range b.received {
		rows[r.Number] = r
	}
	for _, i := range w.sim.Incoming() {
		r := rows[i.Number]
		if !r.Payable.Equal(i.Payable) || r.Sender != i.SenderName || r.Lines != i.Lines || i.IsNew {
			t.Errorf("%s of %s over %s in %d lines (new: %t) is %+v in the ERP", i.Number, i.SenderName, i.Payable, i.Lines, i.IsNew, r)
		}
	}
	if len(rows) != incoming {
		t.Errorf("%d invoices received, want %d", len(rows), incoming)
	}
}

// TestLive lets the demo go on until a dripped sale is accepted, and ends it as Ctrl-C does.
func TestLive(t *testing.T) {
	ctx, stop := contextOf(t)
	out := newWatched("S-1004", ledger.Accepted.Text("tr"), stop)
	var errOut bytes.Buffer
	if code := execute(ctx, []string{"--sales", "3"}, out, &errOut); code != exitDone {
		t.Errorf("exit code %d: %s", code, errOut.String())
	}
	text := out.String()
	for _, want := range []string{"admin page", "/_sim/documents", "--config", "S-1004"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q was not printed in\n%s", want, text)
		}
	}
}
