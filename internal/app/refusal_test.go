package app

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"faturad/internal/fault"
	"faturad/internal/invoice"
	"faturad/providers"
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

// TestRefusalsLeadSomewhere: what a refusal names instead can be done with the document as it stands, in both languages the same;
// the provider's portal is named only where the provider may have the document.
func TestRefusalsLeadSomewhere(t *testing.T) {
	t.Parallel()
	command, word := regexp.MustCompile("`faturad ([a-z]+)`"), regexp.MustCompile(`\b(resync|release|cancel|reissue|mail|mark)\b`)
	named := func(of *regexp.Regexp, text string) []string {
		var out []string
		for _, m := range of.FindAllStringSubmatch(text, -1) {
			out = append(out, m[1])
		}
		return slices.Sorted(slices.Values(out))
	}
	maybe := []ledger.State{ledger.Unknown, ledger.Disputed, ledger.Draft, ledger.Sent, ledger.Failed, ledger.Accepted}
	marks := []ledger.State{ledger.Sent, ledger.Prepared, ledger.Cancelled}
	for _, action := range []Action{Resync, Release, Cancel, Reissue, Mail, Mark} {
		for _, rule := range ledger.Table {
			for _, kind := range []invoice.Kind{"", invoice.EFatura, invoice.EArsiv, invoice.EMM} {
				for _, mark := range marks {
					for _, was := range []bool{false, true} {
						d := ledger.Document{State: rule.State, WasUnknown: was, Route: providers.Route{Kind: kind}}
						s := StepOf(action, d, mark)
						if s.Possible() {
							continue
						}
						about := fmt.Sprintf("%s (%s) of %s %s (unknown before: %t): %q", action, mark, rule.State, kind, was, s.Refused.EN)
						instead := named(command, s.Refused.EN)
						for _, other := range instead {
							can := func(m ledger.State) bool { return StepOf(Action(other), d, m).Possible() }
							if !slices.ContainsFunc(marks, can) {
								t.Errorf("%s names %s, which is refused: %s", about, other, StepOf(Action(other), d, "").Refused.EN)
							}
						}
						if turkish := named(word, s.Refused.TR); !slices.Equal(turkish, instead) {
							t.Errorf("%s, but in Turkish: %s", about, s.Refused.TR)
						}
						if strings.Contains(s.Refused.TR+s.Refused.EN, "portal") && !slices.Contains(maybe, rule.State) {
							t.Errorf("%s sends people to a portal that has nothing", about)
						}
					}
				}
			}
		}
	}
}

// TestWordsOfRefusals: what stands already as it was asked for needs nothing; what moves by itself needs patience.
func TestWordsOfRefusals(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		action Action
		state  ledger.State
		kind   invoice.Kind
		mark   ledger.State
		en, tr string
	}{
		{action: Cancel, state: ledger.Cancelled, en: "cancelled already: there is nothing to do", tr: "zaten iptal edilmiş: yapılacak bir şey yok"},
		{action: Cancel, state: ledger.Rejected, en: "nothing to cancel", tr: "iptal edilecek bir şey yok"},
		{action: Cancel, state: ledger.Unknown, en: "faturad is finding out", tr: "henüz bilinmiyor"},
		{action: Cancel, state: ledger.Disputed, en: "settle it with `faturad mark`", tr: "yalnız sistem yöneticisi"},
		{action: Cancel, state: ledger.Sent, kind: invoice.EFatura, en: "wait for the result", tr: "sonucunu bekleyin"},
		{action: Cancel, state: ledger.Sent, kind: invoice.EArsiv, en: "ask again once it is accepted", tr: "onaylanınca yeniden isteyin"},
		{action: Cancel, state: ledger.Sent, kind: invoice.EMM, en: "cancels only receipts", tr: "makbuzları"},
		{action: Cancel, state: ledger.Accepted, kind: invoice.EFatura, en: "with its buyer on GİB's portal", tr: "alıcısıyla birlikte GİB portalında"},
		{action: Release, state: ledger.Pending, en: "goes out by itself", tr: "kendiliğinden gönderilecek"},
		{action: Release, state: ledger.Accepted, en: "sent already", tr: "zaten gönderilmiş"},
		{action: Release, state: ledger.Refused, en: "correct the sale", tr: "satışı düzeltin"},
		{action: Release, state: ledger.Sending, en: "ask again", tr: "yeniden isteyin"},
		{action: Resync, state: ledger.Sending, en: "ask again", tr: "yeniden isteyin"},
		{action: Reissue, state: ledger.Accepted, en: "cancel it first", tr: "önce iptal edilmeli"},
		{action: Reissue, state: ledger.Held, en: "never sent", tr: "hiç gönderilmedi"},
		{action: Reissue, state: ledger.Prepared, en: "goes out by itself", tr: "kendiliğinden gönderilecek"},
		{action: Mail, state: ledger.Accepted, kind: invoice.EFatura, en: "an e-fatura", tr: "türü e-fatura"},
		{action: Mail, state: ledger.Held, en: "not sent yet", tr: "henüz gönderilmedi"},
		{action: Mail, state: ledger.Cancelled, kind: invoice.EArsiv, en: "not valid", tr: "geçerli değil"},
		{action: Mark, state: ledger.Sent, mark: ledger.Sent, en: "sent already", tr: "zaten “Gönderildi”"},
		{action: Mark, state: ledger.Cancelled, mark: ledger.Cancelled, en: "cancelled already", tr: "zaten “İptal”"},
		{action: Mark, state: ledger.Unknown, mark: ledger.Sent, en: "still asking", tr: "hâlâ soruyor"},
		{action: Mark, state: ledger.Held, mark: ledger.Cancelled, en: "use `faturad cancel` instead", tr: "cancel isteyin"},
		{action: Mark, state: ledger.Draft, mark: ledger.Sent, en: "use `faturad release` instead", tr: "release isteyin"},
		{action: Mark, state: ledger.Refused, mark: ledger.Prepared, en: "use `faturad resync` instead", tr: "resync isteyin"},
	} {
		s := StepOf(c.action, ledger.Document{State: c.state, Route: providers.Route{Kind: c.kind}}, c.mark)
		if !strings.Contains(s.Refused.EN, c.en) || !strings.Contains(s.Refused.TR, c.tr) {
			t.Errorf("%s of %s %s says %q and %q, want %q and %q", c.action, c.state, c.kind, s.Refused.EN, s.Refused.TR, c.en, c.tr)
		}
	}
	if s := StepOf(Mark, ledger.Document{State: ledger.Held}, ledger.Sent); strings.Contains(s.Refused.EN, "instead") {
		t.Errorf("who marks a held sale as sent is told to send it: %s", s.Refused.EN)
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
