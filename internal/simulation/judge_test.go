package simulation

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"faturad/internal/invoice"
	"faturad/sync/audit"
	"faturad/sync/ledger"
)

// verdict is the auditor's, and what only the simulation can know. It returns what is wrong.
func (w *world) verdict() []string {
	var wrong []string
	if !w.atRest() {
		wrong = append(wrong, "the run does not come to rest")
	}
	report := audit.Compare(w.evidence())
	for _, f := range report.Findings {
		if w.lost && (f.Invariant == audit.I4 || f.Invariant == audit.I5 || f.Invariant == audit.I6) {
			continue // the ledger lost the attempts themselves
		}
		if f.Invariant == audit.I7 && len(w.office.clashed) > 0 && strings.Contains(f.Says, "at the provider") {
			continue // the provider's own doing: both must be parked
		}
		if strings.Contains(f.Says, "changed in the ERP") || strings.Contains(f.Says, "deleted in the ERP") {
			continue // judged below
		}
		wrong = append(wrong, fmt.Sprintf("%s %s: %s", f.Invariant, f.Ref, f.Says))
	}
	for _, ref := range w.delayed {
		wrong = append(wrong, "HELD UP: "+ref+" had to wait for a quarantine, though the ledger never lost anything")
	}
	wrong = append(append(append(wrong, w.blamed...), w.judgeDrafts()...), w.parked()...)
	for i := range w.shop.sales {
		wrong = append(wrong, w.judgeSale(&w.shop.sales[i])...)
	}
	return wrong
}

// fate is what became of a sale at the provider.
type fate struct {
	issued  int // invoices ever made under the latest revision
	live    int // invoices in force, of all revisions
	clashed bool
}

// fateOf counts; more than one invoice under one revision, or in force, is a duplicate.
func (w *world) fateOf(s *sale, latest int) (fate, []string) {
	var f fate
	var wrong []string
	for revision := 1; revision <= max(1, latest)+1; revision++ {
		ref := invoice.LocalReference(company, space, s.key, revision)
		issued := 0
		for i := range w.office.issued {
			if d := &w.office.issued[i]; d.ref == ref && !d.draft && !d.deleted {
				issued++
				if d.legal(w.now()) {
					f.live++
				}
			}
		}
		if issued > 1 {
			wrong = append(wrong, fmt.Sprintf("DUPLICATE: sale %s became %d invoices under %s", s.key, issued, ref))
		}
		if revision == latest {
			f.issued, f.clashed = issued, w.office.clashed[ref]
		}
	}
	if f.live > 1 {
		wrong = append(wrong, fmt.Sprintf("DUPLICATE: sale %s has %d invoices in force", s.key, f.live))
	}
	return f, wrong
}

// judgeSale checks that a sale became at most one invoice, that it is not lost, and that a later change is flagged.
func (w *world) judgeSale(s *sale) []string {
	at := w.books.find(ledger.Key{KeySpace: space, SaleKey: s.key})
	latest := 1
	if at >= 0 {
		latest = w.books.docs[at].Revision
	}
	f, wrong := w.fateOf(s, latest)
	if at < 0 {
		if !s.deleted {
			wrong = append(wrong, fmt.Sprintf("LOST: sale %s is not in the ledger", s.key))
		}
		return wrong
	}
	d := w.books.docs[at]
	ok := false
	switch d.State {
	case ledger.Accepted:
		ok = f.issued == 1 && f.live == 1
	case ledger.Refused:
		ok = f.live == 0 && s.bad
	case ledger.Cancelled:
		ok = f.live == 0
	case ledger.Failed: // until a person queues or issues it again
		ok = f.issued == 1 && f.live == 0 && w.people
	case ledger.Draft: // until a person releases it
		ok = f.live == 0 && d.Route.Draft
	case ledger.Disputed: // for a person: where nobody can be asked, or where the lost ledger had sent something else
		ok = w.office.class == classD || w.lost || f.clashed || d.Code == "release.interrupted"
	default:
	}
	if !ok {
		wrong = append(wrong, fmt.Sprintf("LOST: sale %s is %s (%s) with %d invoices at the provider, %d in force, one with another's number: %t",
			s.key, d.State, d.Code, f.issued, f.live, f.clashed))
	}
	if changed := s.hash() != d.SaleHash || s.deleted; d.State == ledger.Accepted && (d.SaleHash != "" && changed != d.Changed || d.SaleHash == "" && !d.Changed) {
		wrong = append(wrong, fmt.Sprintf("sale %s: changed after it was sent is %t, flagged is %t", s.key, changed, d.Changed))
	}
	return wrong
}

// judgeDrafts checks that no draft is left at the provider that nobody needs.
func (w *world) judgeDrafts() []string {
	if w.office.class != twoSteps {
		return nil
	}
	var wrong []string
	for i := range w.office.issued {
		draft := &w.office.issued[i]
		if !draft.draft || draft.deleted {
			continue
		}
		at := slices.IndexFunc(w.books.docs, func(d ledger.Document) bool { return d.ETTN == draft.key })
		if at < 0 || w.books.docs[at].State != ledger.Disputed && (w.books.docs[at].State != ledger.Draft || w.books.docs[at].ProviderID != draft.id) {
			wrong = append(wrong, fmt.Sprintf("LEFT BEHIND: draft %s of %s", draft.id, draft.ref))
		}
	}
	return wrong
}

// parked checks that of invoices with one number neither goes on: once both are known, both wait for a person.
func (w *world) parked() []string {
	var wrong []string
	for i := range w.books.docs {
		d := &w.books.docs[i]
		if d.Code != ledger.CodeNumberClash || d.State != ledger.Disputed {
			continue
		}
		for j := range w.books.docs {
			if o := &w.books.docs[j]; o.ID != d.ID && o.Number != "" && strings.Contains(d.Message, o.Number) && o.State == ledger.Accepted && !w.handled(o.ID) {
				wrong = append(wrong, fmt.Sprintf("NOT PARKED: %s has the number of %s, which goes on", o.LocalReference, d.LocalReference))
			}
		}
	}
	for i := range w.office.issued {
		a := &w.office.issued[i]
		for j := range w.office.issued[:i] {
			b := &w.office.issued[j]
			if a.number != "" && a.number == b.number && w.goesOn(a.ref) && w.goesOn(b.ref) {
				wrong = append(wrong, fmt.Sprintf("NOT PARKED: %s and %s have one number", a.ref, b.ref))
			}
		}
	}
	return wrong
}

// goesOn reports whether a document is where nobody looks at it any more.
func (w *world) goesOn(ref string) bool {
	return slices.ContainsFunc(w.books.docs, func(d ledger.Document) bool { return d.LocalReference == ref && d.State == ledger.Accepted })
}

// handled reports whether a person settled the document.
func (w *world) handled(id int64) bool {
	return slices.ContainsFunc(w.books.trail, func(a ledger.Audit) bool { return a.Document == id && a.User != "faturad" })
}

// awaits reports whether a draft is that of a document which waits for its release.
func (b *books) awaits(id string) bool {
	return slices.ContainsFunc(b.docs, func(d ledger.Document) bool { return d.State == ledger.Draft && d.ProviderID == id })
}

// evidence is what the auditor sees.
func (w *world) evidence() audit.Books {
	b := audit.Books{Company: company, Documents: slices.Clone(w.books.docs), History: map[int64][]ledger.Event{}, Trail: map[int64][]ledger.Audit{},
		Lease: lease, Waits: map[string]time.Duration{account: w.office.class.capabilities().Quarantine}, TwoStep: map[string]bool{account: w.office.class == twoSteps}, Complete: true, Logged: true, Marked: true, Inboxed: true}
	for i := range w.books.docs {
		id := w.books.docs[i].ID
		count := 0
		for at := range w.books.events {
			if w.books.events[at].Document == id {
				count++
			}
		}
		history := make([]ledger.Event, 0, count)
		for at := range w.books.events {
			if w.books.events[at].Document == id {
				history = append(history, w.books.events[at])
			}
		}
		b.History[id] = history
	}
	for _, a := range w.books.trail {
		b.Trail[a.Document] = append(b.Trail[a.Document], a)
	}
	auditor := &line{office: w.office}
	for _, d := range w.office.issued {
		if d.deleted || d.draft && w.office.class == twoSteps && !w.books.awaits(d.id) { // that one lists invoices only, and is asked for the rest
			continue
		}
		if d.ettn == uuid.Nil {
			d.ettn = d.key
		}
		b.Issued = append(b.Issued, audit.Issued{Account: account, ETTN: d.ettn, LocalReference: d.ref, Number: d.number, State: auditor.state(&d).State,
			BuyerTaxNo: buyer.TaxNo, Currency: "TRY", IssueDate: d.date, Hash: d.hash, Payable: decimal.NewNullDecimal(d.payable)})
	}
	for _, r := range w.office.requests {
		b.Requests = append(b.Requests, audit.Request{ETTN: r.ettn, At: r.at, Hash: r.hash, Release: r.release})
	}
	b.Deleted = map[ledger.Key]bool{}
	for i := range w.shop.sales {
		s := &w.shop.sales[i]
		k := ledger.Key{KeySpace: space, SaleKey: s.key}
		if s.deleted || s.gone {
			b.Deleted[k] = true
		}
		switch {
		case s.marked:
			b.Marks = append(b.Marks, audit.Mark{Key: k, ETTN: s.mark.ETTN, Number: s.mark.Number, State: s.mark.State, Stray: w.books.find(k) < 0})
		case !s.deleted && !s.gone:
			b.Offered = append(b.Offered, k)
		}
	}
	return b
}
