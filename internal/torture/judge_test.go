package torture

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"faturad/internal/invoice"
	"faturad/providers"
	"faturad/providers/turkcell/turkcellsim"
	"faturad/sync/audit"
)

// verdict is what a round came to.
type verdict struct {
	wrong    []string // every difference
	creates  int      // creating requests that reached the provider
	resent   int      // of these, those for a document that it already had: without the provider's own check, duplicates
	unfenced []string // of these, those that arrived without a recorded intent or a running lease
}

// judge compares provider, ledger and ERP: by the auditor, from the simulator's own memory, and by counting. Every one of n
// sales must be accepted, everywhere, with one number; every incoming invoice must stand in the ERP byte by byte.
func (w *world) judge(sales int) verdict {
	w.t.Helper()
	v := verdict{unfenced: w.gate.noted()}
	complain := func(format string, args ...any) { v.wrong = append(v.wrong, fmt.Sprintf(format, args...)) }

	auditor := audit.Auditor{
		Company: "acme", Ledger: w.app.Ledger, Lease: w.loaded.Ledger.Lease.Std(), Evidence: evidence{w.sim},
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

	documents := w.sim.Documents()
	if len(documents) != sales {
		complain("the provider has %d documents for %d sales", len(documents), sales)
	}
	byReference := map[string]turkcellsim.Document{}
	for _, d := range documents {
		byReference[d.LocalReferenceID] = d
	}
	var marks []struct {
		ID                  string
		State, Number, ETTN string
	}
	if err := w.erp.DB().SelectContext(w.t.Context(), &marks, `SELECT id, COALESCE(einvoice_state, '') AS state, COALESCE(einvoice_no, '') AS number,
		COALESCE(ettn, '') AS ettn FROM sales`); err != nil {
		complain("reading the ERP: %v", err)
	}
	if len(marks) != sales {
		complain("the ERP has %d sales instead of %d", len(marks), sales)
	}
	for _, m := range marks {
		if d := byReference["acme:sale:"+m.ID]; m.State != "accepted" || m.Number != d.Number || m.ETTN != d.ETTN.String() {
			complain("sale %s shows %s %s %s, the provider has %s %s", m.ID, m.State, m.Number, m.ETTN, d.Number, d.ETTN)
		}
	}
	if n := w.count("SELECT COUNT(*) FROM documents WHERE state = 'accepted'"); n != sales {
		complain("the ledger has %d accepted documents for %d sales", n, sales)
	}
	w.judgeIncoming(complain)
	v.countCreates(w.sim.Log())
	return v
}

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
	incoming := w.sim.Incoming()
	if len(files) != len(incoming) {
		complain("the ERP has %d incoming invoices, the provider %d", len(files), len(incoming))
	}
	for _, in := range incoming {
		if stored[in.ETTN.String()] != in.SHA256 || in.IsNew {
			complain("incoming %s: bytes %.12s in the ERP, %.12s at the provider; still new: %t", in.ETTN, stored[in.ETTN.String()], in.SHA256, in.IsNew)
		}
	}
	var pdfs int
	if err := w.erp.DB().GetContext(w.t.Context(), &pdfs, "SELECT COUNT(*) FROM efatura_gelen_dosya WHERE bicim = 'pdf' AND LENGTH(icerik) > 0"); err != nil || pdfs != len(incoming) {
		complain("the ERP has %d PDFs of %d incoming invoices (%v)", pdfs, len(incoming), err)
	}
	if n := w.count("SELECT COUNT(*) FROM received WHERE state = 'acknowledged'"); n != len(incoming) {
		complain("the ledger has %d acknowledged incoming invoices of %d", n, len(incoming))
	}
}

// countCreates counts creating requests, and those for a document that the provider already had.
func (v *verdict) countCreates(log []turkcellsim.LogEntry) {
	saved := map[string]bool{}
	for _, e := range log {
		if e.Family != turkcellsim.FamilyCreate {
			continue
		}
		v.creates++
		if e.ETTN != "" && saved[e.ETTN] {
			v.resent++
		}
		saved[e.ETTN] = saved[e.ETTN] || e.Saved
	}
}

// sound fails the test unless everything is as it should be, also without help from the provider's own checks.
func (w *world) sound(what string, sales int) verdict {
	w.t.Helper()
	v := w.judge(sales)
	if len(v.wrong) > 0 {
		w.t.Errorf("PROMISE BROKEN: %s: %d differences:\n  %s", what, len(v.wrong), strings.Join(v.wrong[:min(8, len(v.wrong))], "\n  "))
	}
	if v.resent > 0 {
		w.t.Errorf("PROMISE BROKEN: %s: %d requests were made again for documents that the provider had: only its own check kept them from being duplicates", what, v.resent)
	}
	if len(v.unfenced) > 0 {
		w.t.Errorf("PROMISE BROKEN: %s: %d requests arrived unfenced:\n  %s", what, len(v.unfenced), strings.Join(v.unfenced[:min(8, len(v.unfenced))], "\n  "))
	}
	return v
}

// evidence is the simulator's own memory, as the auditor takes it.
type evidence struct{ sim *turkcellsim.Simulator }

// Gather implements audit.Evidence.
func (e evidence) Gather(_ context.Context, b *audit.Books, _, _ time.Time) error {
	for _, d := range e.sim.Documents() {
		date, err := invoice.ParseDate(d.IssueDate)
		if err != nil {
			return err
		}
		b.Issued = append(b.Issued, audit.Issued{
			Account: "main", ETTN: d.ETTN, LocalReference: d.LocalReferenceID, Number: d.Number, Kind: invoice.Kind(d.Kind), State: stateOf(d.Status),
			BuyerTaxNo: d.Buyer, Payable: decimal.NewNullDecimal(d.Payable), Currency: d.Currency, IssueDate: date, Hash: d.SHA256,
		})
	}
	for _, r := range e.sim.Log() {
		if id, err := uuid.Parse(r.ETTN); err == nil && r.Family == turkcellsim.FamilyCreate {
			b.Requests = append(b.Requests, audit.Request{ETTN: id, At: r.At, Hash: r.SHA256})
		}
	}
	for _, in := range e.sim.Incoming() {
		b.Incoming = append(b.Incoming, audit.Incoming{ETTN: in.ETTN, Number: in.Number, Hash: in.SHA256, IsNew: in.IsNew})
	}
	b.Complete, b.Logged, b.Inboxed = true, true, true
	return nil
}

func stateOf(status int) providers.State {
	switch status {
	case 0:
		return providers.StateDraft
	case 40:
		return providers.StateFailed
	case 60:
		return providers.StateAccepted
	case 80:
		return providers.StateRejected
	}
	return providers.StateWorking
}
