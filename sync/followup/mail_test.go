package followup

import (
	"testing"
	"time"

	"faturad/providers"
	"faturad/sync/ledger"
)

// TestMailOf: of several messages those to the addresses that count are summed up, and the one that needs a person most counts.
func TestMailOf(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 9, 1, 9, 0, 0, 123_456_700, time.UTC)
	mail := func(address string, state providers.MailState, after time.Duration) providers.Mail {
		return providers.Mail{Address: address, State: state, LastTry: at.Add(after)}
	}
	for name, c := range map[string]struct {
		mails []providers.Mail
		known string
		want  ledger.Mail
	}{
		"none yet":            {nil, "a@example.com", ledger.Mail{State: providers.MailWaiting, Address: "a@example.com"}},
		"one":                 {[]providers.Mail{mail("a@example.com", providers.MailSent, 0)}, "A@example.com", ledger.Mail{State: providers.MailSent, Address: "a@example.com", At: at.Truncate(time.Second)}},
		"the corrected one":   {[]providers.Mail{mail("a@example.com", providers.MailFailed, 0), mail("b@example.com", providers.MailSent, time.Minute)}, "b@example.com", ledger.Mail{State: providers.MailSent, Address: "b@example.com", At: at.Truncate(time.Second).Add(time.Minute)}},
		"the latest of one":   {[]providers.Mail{mail("a@example.com", providers.MailFailed, 0), mail("a@example.com", providers.MailSent, time.Minute)}, "a@example.com", ledger.Mail{State: providers.MailSent, Address: "a@example.com", At: at.Truncate(time.Second).Add(time.Minute)}},
		"the worst of two":    {[]providers.Mail{mail("a@example.com", providers.MailSent, 0), mail("b@example.com", providers.MailFailed, 0)}, "a@example.com; b@example.com", ledger.Mail{State: providers.MailFailed, Address: "a@example.com;b@example.com", At: at.Truncate(time.Second)}},
		"not known to where":  {[]providers.Mail{mail("a@example.com", providers.MailStopped, 0)}, "", ledger.Mail{State: providers.MailStopped, Address: "a@example.com", At: at.Truncate(time.Second)}},
		"only to an old one":  {[]providers.Mail{mail("a@example.com", providers.MailFailed, 0)}, "b@example.com", ledger.Mail{State: providers.MailFailed, Address: "a@example.com", At: at.Truncate(time.Second)}},
		"one that waits":      {[]providers.Mail{mail("a@example.com", providers.MailWaiting, 0), mail("b@example.com", providers.MailSent, 0)}, "", ledger.Mail{State: providers.MailWaiting, Address: "a@example.com;b@example.com", At: at.Truncate(time.Second)}},
		"written differently": {[]providers.Mail{mail(" a@example.com ", providers.MailSent, 0)}, "a@example.com", ledger.Mail{State: providers.MailSent, Address: "a@example.com", At: at.Truncate(time.Second)}},
	} {
		if got := MailOf(c.mails, ledger.Mail{State: providers.MailWaiting, Address: c.known}); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

// TestMailAgain: each state is asked about a few times without news, and then no more; news begin anew.
func TestMailAgain(t *testing.T) {
	t.Parallel()
	for state, steps := range mailSteps {
		m := ledger.Mail{State: state, Address: "a@example.com"}
		patch, same := MailAgain(ledger.Mail{Address: "a@example.com"}, m)
		asked := 0
		for ; patch.NextIn != nil; asked++ {
			if asked > 0 && !same {
				t.Fatalf("%s: nothing changed, and it is called news", state)
			}
			patch, same = MailAgain(patch.Mail, m)
		}
		if asked != len(steps) {
			t.Errorf("%s is asked about %d times, want %d", state, asked, len(steps))
		}
	}
	if patch, _ := MailAgain(ledger.Mail{State: providers.MailFailed}, ledger.Mail{State: providers.MailStopped}); patch.NextIn != nil {
		t.Error("one that was given up is asked about")
	}
	if patch, same := MailAgain(ledger.Mail{State: providers.MailFailed, Asked: 3}, ledger.Mail{State: providers.MailSent}); same || patch.Asked != 0 || patch.NextIn == nil {
		t.Errorf("news: %+v, %t", patch, same)
	}
}
