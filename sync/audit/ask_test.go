package audit_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"faturad/internal/fault"
	"faturad/internal/invoice"
	"faturad/providers"
	"faturad/sync/audit"
	"faturad/sync/ledger"
)

// desk is a provider that lists what it holds with our keys, and is asked for the rest.
type desk struct {
	providers.Provider // what is not called
	shop               *shop
	answers            map[string]error // by local reference
	asked              []string
	meanwhile          func() // happens while it is asked
}

func (d *desk) Capabilities() providers.Capabilities { return providers.Capabilities{Name: "desk"} }

func (d *desk) ListIssued(_ context.Context, _, _ time.Time, each func(providers.Status) error) error {
	for _, i := range d.shop.issued {
		if err := each(providers.Status{ETTN: i.ETTN, Key: i.Key, Number: i.Number, State: i.State, IssueDate: i.IssueDate}); err != nil {
			return err
		}
	}
	return nil
}

func (d *desk) Lookup(_ context.Context, id providers.Identity) (providers.Found, error) {
	d.asked = append(d.asked, id.LocalReference)
	d.meanwhile()
	return providers.Found{}, d.answers[id.LocalReference]
}

// What the listing has by our key is not asked for once more, and what has no date yet and was never sent not at all; an answer of "more than one" is a duplicate, no answer is said to
// be none, and neither is a loss; what moves meanwhile is not among what could not be asked; and whoever waits hears of every document.
func TestWhatIsNotListedIsAskedFor(t *testing.T) {
	t.Parallel()
	s := &shop{}
	for _, sale := range []string{"1", "2", "3", "4"} {
		s.sell(sale, day)
	}
	s.issued = s.issued[:1]
	for i := range s.docs {
		s.docs[i].IssueDate = day
	}
	s.docs = append(s.docs, ledger.Document{ID: 5, KeySpace: "sale", SaleKey: "5", LocalReference: "acme:sale:5", ETTN: keyOf("5"), State: ledger.Pending}, // has no date yet
		ledger.Document{ID: 6, KeySpace: "sale", SaleKey: "6", LocalReference: "acme:sale:6", ETTN: keyOf("6"), State: ledger.Prepared, IssueDate: day})
	s.docs[0].Assigned = uuid.Nil // not known yet
	d := &desk{shop: s, answers: map[string]error{
		"acme:sale:2": &fault.Error{Class: fault.Ambiguous, Code: providers.CodeSeveral, Message: "Birden fazla resmî fatura var."},
		"acme:sale:3": fault.Newf(fault.Retryable, "asking", "no answer"),
		"acme:sale:4": fault.Newf(fault.NotFound, "asking", "nothing"),
	}}
	d.answers["acme:sale:6"] = d.answers["acme:sale:3"]
	d.meanwhile = func() { s.docs[5].Version = 1 }
	heard := 0
	report := s.auditBy(t, invoice.Date{}, audit.Accounts{{Name: "main", Provider: d, InFlight: 1}}, func(done, _ int) { heard += done })
	for ref, want := range map[string]string{"acme:sale:2": "I1 acme:sale:2: DUPLICATE", "acme:sale:4": "I2 acme:sale:4: LOST"} {
		if !strings.Contains(says(report), want) || strings.Count(says(report), ref) != 1 {
			t.Errorf("%s: found %s", ref, says(report))
		}
	}
	if strings.Contains(says(report), "acme:sale:3") || len(report.Unasked) != 1 || report.Unasked[0].What != "acme:sale:3" {
		t.Errorf("could not ask %v, found %s", report.Unasked, says(report))
	}
	if want := "acme:sale:2 acme:sale:3 acme:sale:4 acme:sale:6"; strings.Join(d.asked, " ") != want || heard != 5 {
		t.Errorf("asked for %v, want %s; heard of %d, want 5", d.asked, want, heard)
	}
}
