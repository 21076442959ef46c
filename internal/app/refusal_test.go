package app

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"faturad/internal/fault"
	"faturad/internal/invoice"
	"faturad/sync/ledger"
)

// TestRefusalsAreSaidInBothLanguages: whatever action a person asks for, in whatever state a document is, the refusal has a Turkish
// sentence for the accountant, an English one for the command line, and its class; neither names the document.
func TestRefusalsAreSaidInBothLanguages(t *testing.T) {
	t.Parallel()
	c, refused := &Company{}, 0
	for _, action := range []Action{Resync, Release, Cancel, Reissue, Mail, Mark} {
		for _, rule := range ledger.Table {
			for _, kind := range []invoice.Kind{invoice.EFatura, invoice.EArsiv, invoice.ESMM} {
				d := ledger.Document{State: rule.State, LocalReference: "acme:sale:1", WasUnknown: true}
				d.Route.Kind = kind
				s := StepOf(action, d, ledger.Sent)
				if s.Possible() {
					if s.Does == "" {
						t.Errorf("%s of %s (%s) says neither what it does nor why it cannot be done", action, rule.State, kind)
					}
					continue
				}
				refused++
				err := c.Apply(context.Background(), s, "ayse", "")
				if err == nil || fault.ClassOf(err) != fault.Permanent || err.Error() != s.Refused.EN {
					t.Errorf("%s of %s (%s): %v of class %q", action, rule.State, kind, err, fault.ClassOf(err))
				}
				tr, en := told(err, "tr"), told(err, "en")
				if tr == "" || tr == en || strings.Contains(tr, " it is ") || !strings.HasSuffix(tr, ".") && !strings.HasSuffix(tr, ").") {
					t.Errorf("%s of %s (%s) tells the accountant %q", action, rule.State, kind, tr)
				}
				if !strings.EqualFold(strings.TrimSuffix(en, "."), s.Refused.EN) {
					t.Errorf("%s of %s (%s) tells %q in English", action, rule.State, kind, en)
				}
				if text := tr + en; strings.Contains(text, "acme:sale:1") || strings.Contains(text, "%!") || strings.Contains(text, "%s") {
					t.Errorf("%s of %s (%s): %q", action, rule.State, kind, text)
				}
			}
		}
	}
	if refused == 0 {
		t.Error("nothing was refused")
	}
}

// TestWhatTheERPIsTold: the ERP's row has words in its language; what only the administrator understands stands in brackets.
func TestWhatTheERPIsTold(t *testing.T) {
	t.Parallel()
	reset := errors.New("connection reset")
	for _, c := range []struct {
		err    error
		tr, en string
	}{
		{fmt.Errorf("releasing: %w", busy()), "Belge şu anda işleniyor", "The daemon is working on it"},
		{busyUpdate(true), "Son güncellemenin", "Nobody knows whether"},
		{&fault.Error{Class: fault.Permanent, Doing: "updating it", Message: "Tutar hatalı.", Advice: "Düzeltin."}, "Tutar hatalı. Düzeltin.", "Tutar hatalı. Düzeltin."},
		{fault.New(fault.Ambiguous, "cancelling", reset), "İsteğin sonucu henüz bilinmiyor", "The outcome of the request is not known yet"},
		{fault.New(fault.Retryable, "cancelling", reset), "İstek yerine getirilemedi", "The request could not be served"},
	} {
		if tr := told(c.err, "tr"); !strings.HasPrefix(tr, c.tr) {
			t.Errorf("%v: %q", c.err, tr)
		}
		if en := told(c.err, "en"); !strings.HasPrefix(en, c.en) {
			t.Errorf("%v: %q", c.err, en)
		}
	}
	for _, language := range []string{"tr", "en"} {
		if text := told(fault.New(fault.Retryable, "cancelling", reset), language); !strings.HasSuffix(text, "(cancelling: connection reset).") {
			t.Errorf("the administrator reads %q", text)
		}
	}
}

// TestWhatNeedsAReason: everything about a disputed document that can be done, and a new revision.
func TestWhatNeedsAReason(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		action Action
		state  ledger.State
		want   bool
	}{
		{Release, ledger.Disputed, true}, {Reissue, ledger.Disputed, true}, {Mark, ledger.Disputed, true}, {Reissue, ledger.Failed, true},
		{Release, ledger.Held, false}, {Release, ledger.Draft, false}, {Resync, ledger.Failed, false}, {Mark, ledger.Accepted, false}, {Resync, ledger.Disputed, false},
	} {
		if got := StepOf(c.action, ledger.Document{State: c.state}, ledger.Sent).NeedsReason(); got != c.want {
			t.Errorf("%s of %s: %v, want %v", c.action, c.state, got, c.want)
		}
	}
}
