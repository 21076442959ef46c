package torture

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"faturad/internal/invoice"
	"faturad/sync/audit"
)

// verdict is what a round came to.
type verdict struct {
	wrong    []string // every difference
	creates  int      // creating requests that reached the provider
	legal    int      // of these, those with legal effect
	resent   int      // of these, those with legal effect for a document that it already had: without the provider's own check, duplicates
	unfenced []string // of these, those that arrived without a recorded intent or a running lease
	late     []string // the same where nothing but the provider can fence them (world.gap)
	drafts   int      // drafts that lie at the provider and that nobody needs
	asked    []string // the local references of the sales that wait for a person, who is told why
}

// judge compares provider, ledger and ERP: by the auditor, from the simulator's own memory, and by counting. Every one of n
// sales must be accepted, everywhere, with one number, or wait for a person where the provider leaves no other way; every
// incoming invoice must stand in the ERP byte by byte.
func (w *world) judge(sales int) verdict {
	w.t.Helper()
	v := verdict{unfenced: w.gate.noted()}
	if w.gap {
		v.late, v.unfenced = v.unfenced, nil
	}
	complain := func(format string, args ...any) { v.wrong = append(v.wrong, fmt.Sprintf(format, args...)) }

	auditor := audit.Auditor{
		Company: "acme", Ledger: w.app.Ledger, Lease: w.loaded.Ledger.Lease.Std(), Evidence: evidence{w},
		Waits: map[string]time.Duration{"main": w.company.Accounts[0].Provider.Capabilities().Quarantine},
		ERP:   func(ctx context.Context) (audit.ERP, error) { return w.company.Source(ctx) },
	}
	report, err := auditor.Run(w.t.Context())
	if err != nil {
		complain("the audit failed: %v", err)
	}
	for _, f := range report.Findings {
		complain("%s %s: %s", f.Invariant, f.Ref, f.Says)
	}
	for _, u := range report.Unasked {
		complain("the auditor could not ask %s: %v", u.What, u.Err)
	}
	for _, c := range report.Checks {
		if c.Part != "" {
			complain("the auditor could not check all of %s: %s", c.Invariant, c.Part)
		}
	}
	w.judgeSales(sales, &v, complain)
	w.judgeIncoming(complain)
	w.judgeSecrets(complain)
	w.judgeLeft(complain)
	v.countCreates(w.office.requests())
	return v
}

// judgeSales counts the provider's documents, and compares them with what the ERP shows.
func (w *world) judgeSales(sales int, v *verdict, complain func(string, ...any)) {
	byKey := map[uuid.UUID][]issued{}
	all := w.office.issued()
	for _, d := range all {
		byKey[d.key] = append(byKey[d.key], d)
	}
	var marks []struct {
		ID                           string
		State, Number, ETTN, Message string
	}
	if err := w.erp.DB().SelectContext(w.t.Context(), &marks, `SELECT id, COALESCE(einvoice_state, '') AS state, COALESCE(einvoice_no, '') AS number,
		COALESCE(ettn, '') AS ettn, COALESCE(einvoice_message, '') AS message FROM sales`); err != nil {
		complain("reading the ERP: %v", err)
	}
	if len(marks) != sales {
		complain("the ERP has %d sales instead of %d", len(marks), sales)
	}
	without := 0
	for _, m := range marks {
		have := byKey[saleKey(m.ID)]
		switch {
		case len(have) > 1:
			complain("DUPLICATE: sale %s has %d documents: %s, %s", m.ID, len(have), have[0].Number, have[1].Number)
		case m.State == "disputed" && m.Message != "" && w.office.traits().asks:
			v.asked = append(v.asked, "acme:sale:"+m.ID)
			without += 1 - len(have)
		case len(have) == 0:
			complain("LOST: sale %s shows %s %s, and the provider has nothing: %s", m.ID, m.State, m.Number, m.Message)
			without++
		case m.State != "accepted" || m.Number != have[0].Number || m.ETTN != have[0].ETTN.String():
			complain("sale %s shows %s %s %s, the provider has %s %s: %s", m.ID, m.State, m.Number, m.ETTN, have[0].Number, have[0].ETTN, m.Message)
		}
	}
	if len(all) != sales-without {
		complain("the provider has %d documents for %d sales", len(all), sales-without)
	}
	if n := w.count("SELECT COUNT(*) FROM documents WHERE state = 'accepted'"); n != sales-len(v.asked) {
		complain("the ledger has %d accepted documents for %d sales", n, sales-len(v.asked))
	}
	if o, ok := w.office.(kolaybiOffice); ok {
		v.drafts = max(0, len(o.Drafts())-len(v.asked)) // each keeps its own for the person who looks
		if v.drafts > len(v.late) {
			complain("%d drafts lie at the provider that nobody needs; %d sales wait for a person, %d requests came late", v.drafts, len(v.asked), len(v.late))
		}
	}
}

// saleKey is the ETTN that faturad derives from a sale.
func saleKey(id string) uuid.UUID { return invoice.ETTN(sellerVKN, "erp1", "sale", id, 1) }

// judgeIncoming wants every incoming invoice in the ERP, byte by byte, and its flag cleared.
func (w *world) judgeIncoming(complain func(string, ...any)) {
	var files []struct{ ETTN, Hash string }
	if err := w.erp.DB().SelectContext(w.t.Context(), &files, `SELECT g.ettn, SHA2(d.icerik, 256) AS hash FROM efatura_gelen g
		JOIN efatura_gelen_dosya d ON d.ettn = g.ettn AND d.bicim = 'ubl'`); err != nil {
		complain("reading the ERP: %v", err)
	}
	stored := map[string]string{}
	for _, f := range files {
		stored[f.ETTN] = f.Hash
	}
	incoming := w.office.inbox()
	if len(files) != len(incoming) {
		complain("the ERP has %d incoming invoices, the provider %d", len(files), len(incoming))
	}
	for _, in := range incoming {
		if stored[in.ettn] != in.hash || in.isNew {
			complain("incoming %s: bytes %.12s in the ERP, %.12s at the provider; still new: %t", in.ettn, stored[in.ettn], in.hash, in.isNew)
		}
	}
	var pdfs int
	want := 0
	if w.office.traits().pdf {
		want = len(incoming)
	}
	if err := w.erp.DB().GetContext(w.t.Context(), &pdfs, "SELECT COUNT(*) FROM efatura_gelen_dosya WHERE bicim = 'pdf' AND LENGTH(icerik) > 0"); err != nil || pdfs != want {
		complain("the ERP has %d PDFs of %d incoming invoices (%v)", pdfs, want, err)
	}
	if n := w.count("SELECT COUNT(*) FROM received WHERE state = 'acknowledged'"); n != len(incoming) {
		complain("the ledger has %d acknowledged incoming invoices of %d", n, len(incoming))
	}
}

// countCreates counts creating requests, and those for a document that the provider already had.
func (v *verdict) countCreates(log []request) {
	saved := map[uuid.UUID]bool{}
	for _, r := range log {
		v.creates++
		if !r.legal {
			continue
		}
		v.legal++
		if r.key != uuid.Nil && saved[r.key] {
			v.resent++
		}
		saved[r.key] = saved[r.key] || r.saved
	}
}

// sound fails the test unless everything is as it should be, also without help from the provider's own checks. What waits for a
// person is settled by one, and then everything must be as it should be once more.
func (w *world) sound(what string, sales int) verdict {
	w.t.Helper()
	v := w.judge(sales)
	w.broken(what, v)
	if len(v.asked) > 0 && !w.t.Failed() {
		w.person()
		w.settle()
		after := w.judge(sales)
		after.wrong = append(after.wrong, after.asked...)
		w.broken(what+", once a person had looked", after)
	}
	return v
}

// broken says what of the promise is.
func (w *world) broken(what string, v verdict) {
	w.t.Helper()
	if len(v.wrong) > 0 {
		w.t.Errorf("PROMISE BROKEN: %s: %d differences:\n  %s", what, len(v.wrong), strings.Join(v.wrong[:min(8, len(v.wrong))], "\n  "))
	}
	if v.resent > len(v.late) {
		w.t.Errorf("PROMISE BROKEN: %s: %d requests were made again for documents that the provider had, %d of them late: only its own check kept them from being duplicates",
			what, v.resent, len(v.late))
	}
	if len(v.unfenced) > 0 {
		w.t.Errorf("PROMISE BROKEN: %s: %d requests arrived unfenced:\n  %s", what, len(v.unfenced), strings.Join(v.unfenced[:min(8, len(v.unfenced))], "\n  "))
	}
}

// person does what the advice of disputed documents says: looks in the provider's portal, and marks what is there.
func (w *world) person() {
	w.t.Helper()
	var disputed []struct{ Ref, Key string }
	if err := w.ledger.DB().SelectContext(w.t.Context(), &disputed, "SELECT local_reference AS ref, sale_key AS `key` FROM documents WHERE state = 'disputed'"); err != nil {
		w.t.Fatal(err)
	}
	for _, d := range disputed {
		to := "prepared"
		if slices.ContainsFunc(w.office.issued(), func(i issued) bool { return i.key == saleKey(d.Key) }) {
			to = "sent"
		}
		w.ok("mark", d.Ref, to, "--yes", "--reason", "looked up in the portal")
	}
}

// evidence is the simulator's own memory, as the auditor takes it.
type evidence struct{ w *world }

// Gather implements audit.Evidence.
func (e evidence) Gather(_ context.Context, b *audit.Books, _, _ time.Time) error {
	reference := map[uuid.UUID]string{} // of what the provider knows by our key only
	for _, d := range b.Documents {
		reference[saleKey(d.SaleKey)] = d.LocalReference
	}
	for _, i := range e.w.office.issued() {
		if i.LocalReference == "" {
			i.LocalReference = reference[i.key]
		}
		b.Issued = append(b.Issued, i.Issued)
	}
	for _, r := range e.w.office.requests() {
		// A legal step of its own has an intent of its own: the gate looks at it.
		if _, twoSteps := e.w.office.(kolaybiOffice); r.key != uuid.Nil && !(twoSteps && r.legal) {
			b.Requests = append(b.Requests, audit.Request{ETTN: r.key, At: r.at, Hash: r.hash})
		}
	}
	for _, in := range e.w.office.inbox() {
		id, err := uuid.Parse(in.ettn)
		if err != nil {
			return err
		}
		b.Incoming = append(b.Incoming, audit.Incoming{ETTN: id, Hash: in.hash, IsNew: in.isNew})
	}
	b.Complete, b.Logged, b.Inboxed = true, true, true
	return nil
}
