package followup

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"faturad/internal/fault"
	"faturad/internal/invoice"
	"faturad/providers"
	"faturad/sync/ledger"
)

// mailSteps are the waits between the questions about a mail while they bring nothing new; after the last one nobody asks any
// more. One that was sent may come back for a day; one that failed is tried again by the provider itself, and one that was
// stopped by a person only, whose request begins anew.
var mailSteps = map[providers.MailState][]time.Duration{
	providers.MailWaiting: {5 * time.Second, 15 * time.Second, time.Minute, 5 * time.Minute, 20 * time.Minute, time.Hour, 4 * time.Hour, 12 * time.Hour, 24 * time.Hour},
	providers.MailSent:    {30 * time.Minute, 24 * time.Hour},
	providers.MailFailed:  {10 * time.Minute, time.Hour, 6 * time.Hour, 24 * time.Hour},
}

// mailAway is the wait after a question that could not be asked.
const mailAway = 10 * time.Minute

// followMails asks where the mails stand that may still change: documents are listed, leased and recorded in groups.
func (j *Job) followMails(ctx context.Context, result *Result) error {
	for ctx.Err() == nil {
		due, err := j.Ledger.MailsDue(ctx, j.Company, batchSize)
		if err != nil || len(due) == 0 {
			return err
		}
		ids := make([]int64, len(due))
		for i, d := range due {
			ids[i] = d.ID
		}
		docs, err := j.Ledger.LeaseByID(ctx, ids, j.Owner, j.leaseFor())
		if err != nil || len(docs) == 0 { // others were faster
			return err
		}
		var changes []ledger.Change
		docs = slices.DeleteFunc(docs, func(d ledger.Document) bool {
			_, known := j.account(d.Account)
			if !known { // the next status question says so where people look
				changes = append(changes, mailChange(d, &ledger.MailPatch{Mail: d.Mail, NextIn: ptr(24 * time.Hour)}))
			}
			return !known
		})
		for _, a := range j.askAll(ctx, docs, j.mail) {
			changes = append(changes, a.changes...)
			if a.failed != nil {
				result.missed(a.failed)
			}
		}
		if _, err := j.Ledger.Commit(context.WithoutCancel(ctx), changes); err != nil {
			return err
		}
	}
	return nil
}

// mail asks about the mail of one document.
func (j *Job) mail(ctx context.Context, doc ledger.Document, account Account) answer {
	change := mailChange(doc, &ledger.MailPatch{Mail: doc.Mail})
	mailer, ok := providers.As[providers.Mailer](account.Provider)
	if !ok {
		return answer{changes: []ledger.Change{change}}
	}
	mails, err := mailer.Mails(ctx, doc.Identity())
	switch {
	case err == nil:
		change.Patch.Mail, change.Quiet = MailAgain(doc.Mail, MailOf(mails, doc.Mail))
		return answer{changes: []ledger.Change{change}}
	case errors.Is(err, fault.NotFound), errors.Is(err, fault.Permanent):
		change.Patch.Mail, _ = MailAgain(doc.Mail, doc.Mail)
		return answer{changes: []ledger.Change{change}}
	}
	change.Patch.Mail.NextIn = ptr(max(spread(mailAway), fault.RetryAfter(err)))
	return answer{changes: []ledger.Change{change}, failed: err}
}

// mailChange records where the mail of a leased document stands, unseen by the ERP.
func mailChange(d ledger.Document, patch *ledger.MailPatch) ledger.Change {
	return ledger.Change{Document: d.ID, Lease: d.Lease(), To: d.State, Stay: true, Unlease: true, Quiet: true, Patch: ledger.Patch{Mail: patch}}
}

// firstMail has the provider asked for the mail of a document that was just accepted; nil when it mails it to nobody.
func firstMail(doc ledger.Document, account Account) *ledger.MailPatch {
	_, mails := providers.As[providers.Mailer](account.Provider)
	adopted := doc.PayloadHash == "" // after a loss nobody knows whether it was to be mailed
	if !mails || doc.Route.Kind != invoice.EArsiv || doc.Route.Email == "" && !adopted {
		return nil
	}
	if doc.Mail.State != "" { // somebody had it mailed already
		return nil
	}
	first := &ledger.MailPatch{Mail: ledger.Mail{Address: doc.Route.Email}, NextIn: ptr(time.Duration(0))}
	if !adopted {
		first.State = providers.MailWaiting
	}
	return first
}

// MailAgain records what was told about a mail, and when to ask again: soon after a change, ever more rarely while there is
// none, and no more when nothing is to be expected. same says that there is nothing to show.
func MailAgain(before, told ledger.Mail) (patch *ledger.MailPatch, same bool) {
	same = told.State == before.State && told.Address == before.Address && told.At.Equal(before.At)
	patch = &ledger.MailPatch{Mail: told}
	if patch.Asked = 0; same {
		patch.Asked = before.Asked + 1
	}
	state := told.State
	if state == "" { // it may not have begun yet
		state = providers.MailWaiting
	}
	if steps := mailSteps[state]; patch.Asked < len(steps) {
		patch.NextIn = ptr(spread(steps[patch.Asked]))
	}
	return patch, same
}

// graveness orders the states of messages: of several addresses the one that needs a person most counts.
var graveness = []providers.MailState{providers.MailSent, providers.MailWaiting, providers.MailFailed, providers.MailStopped}

// MailOf sums up a document's messages: those to the addresses that it went to last, or to all when these are not known. Of
// several messages to one address the latest counts.
func MailOf(mails []providers.Mail, known ledger.Mail) ledger.Mail {
	latest := map[string]providers.Mail{}
	var order []string
	for _, m := range mails {
		to := strings.ToLower(strings.TrimSpace(m.Address))
		if known.Address != "" && !slices.Contains(Addresses(strings.ToLower(known.Address)), to) {
			continue
		}
		before, seen := latest[to]
		if !seen {
			order = append(order, strings.TrimSpace(m.Address))
		}
		if !seen || !m.LastTry.Before(before.LastTry) {
			latest[to] = m
		}
	}
	if len(latest) == 0 {
		if known.Address != "" && len(mails) > 0 { // the provider writes addresses in another way
			return MailOf(mails, ledger.Mail{State: known.State})
		}
		return known
	}
	sum := ledger.Mail{Address: strings.Join(order, ";")}
	for _, m := range latest {
		if sum.State == "" || slices.Index(graveness, m.State) > slices.Index(graveness, sum.State) {
			sum.State = m.State
		}
		if m.LastTry.After(sum.At) {
			sum.At = m.LastTry.Truncate(time.Second) // what the ledger gives back is the same
		}
	}
	return sum
}

// Addresses splits what people write into one field for several addresses.
func Addresses(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == ';' || r == ',' || r == ' ' })
}

// mailText is what accountants read of a mail; empty = there is none.
func mailText(m ledger.Mail, language string) string {
	text, ok := mailTexts[m.State]
	if !ok {
		return ""
	}
	if m.State == providers.MailSent || m.Address == "" {
		return text.In(language)
	}
	return text.In(language) + ": " + m.Address
}
