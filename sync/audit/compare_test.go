package audit_test

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"faturad/internal/invoice"
	"faturad/providers"
	"faturad/sync/audit"
	"faturad/sync/ledger"
)

var noon = time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)

const wait = 90 * time.Second

func ettn(n int) uuid.UUID { return invoice.ETTN("4812057337", "erp1", "sale", string(rune('0'+n)), 1) }

// sound are books without a difference: sale 1 accepted at once, sale 2 sent again after a look-up, sale 3 held, sale 4
// given up, and one received invoice.
func sound() audit.Books {
	number := func(n int) string { return "FTR202600000000" + string(rune('0'+n)) }
	doc := func(n int, state ledger.State) ledger.Document {
		key := string(rune('0' + n))
		return ledger.Document{
			ID: int64(n), Company: "acme", KeySpace: "sale", SaleKey: key, LocalReference: "acme:sale:" + key, Revision: 1, ETTN: ettn(n),
			State: state, BuyerTaxNo: "6400177120", Currency: "TRY", Payable: decimal.NewNullDecimal(decimal.NewFromInt(int64(100 * n))),
			Account: "main", PayloadHash: "hash" + key, Version: 3, WrittenVersion: 3, CreatedAt: noon, SentAt: noon,
		}
	}
	issued := func(d ledger.Document) audit.Issued {
		return audit.Issued{Account: "main", ETTN: d.ETTN, LocalReference: d.LocalReference, Number: d.Number, State: providers.StateAccepted,
			BuyerTaxNo: d.BuyerTaxNo, Payable: d.Payable, Currency: d.Currency, Hash: d.PayloadHash}
	}
	mark := func(d ledger.Document) audit.Mark {
		return audit.Mark{Key: ledger.Key{KeySpace: "sale", SaleKey: d.SaleKey}, ETTN: d.ETTN, Number: d.Number, State: string(d.State.Projection()), Payable: d.Payable, Currency: "TRY"}
	}
	one, two, three, four := doc(1, ledger.Accepted), doc(2, ledger.Accepted), doc(3, ledger.Held), doc(4, ledger.Cancelled)
	one.Number, two.Number = number(1), number(2)
	three.Message, three.SentAt, four.SentAt = "Alıcının vergi numarası hatalı.", time.Time{}, time.Time{}
	open := func(d ledger.Document, attempt int, at time.Time) ledger.Event {
		return ledger.Event{Document: d.ID, Attempt: attempt, Operation: ledger.OpCreate, Opened: true, PayloadSHA: d.PayloadHash, Owner: "a", At: at}
	}
	closed := func(d ledger.Document, attempt int, class string, at time.Time) ledger.Event {
		return ledger.Event{Document: d.ID, Attempt: attempt, Operation: ledger.OpCreate, Class: class, PayloadSHA: d.PayloadHash, Owner: "a", At: at}
	}
	again := noon.Add(5 * time.Minute)
	received := uuid.MustParse("3f0f6a52-7d1c-4f55-9a0e-2c1b5a1d9e01")
	return audit.Books{
		Company: "acme", Now: noon.Add(time.Hour), Lease: 2 * time.Minute, Waits: map[string]time.Duration{"main": wait},
		Documents: []ledger.Document{one, two, three, four},
		History: map[int64][]ledger.Event{
			1: {open(one, 1, noon), closed(one, 1, "ok", noon.Add(time.Second))},
			2: {
				open(two, 1, noon), closed(two, 1, "ambiguous", noon.Add(time.Second)),
				{Document: 2, Attempt: 1, Operation: ledger.OpLookup, Class: "notfound", At: noon.Add(2 * time.Second)},
				{Document: 2, Attempt: 1, Operation: ledger.OpLookup, Class: "notfound", At: noon.Add(2 * time.Minute)},
				open(two, 2, again), closed(two, 2, "ok", again.Add(time.Second)),
			},
			3: {}, 4: {},
		},
		Issued: []audit.Issued{issued(one), issued(two)}, Complete: true,
		Requests: []audit.Request{
			{ETTN: ettn(1), At: noon.Add(500 * time.Millisecond), Hash: "hash1"}, {ETTN: ettn(2), At: again.Add(time.Millisecond), Hash: "hash2"},
		}, Logged: true,
		Marks: []audit.Mark{mark(one), mark(two), mark(three), mark(four)}, Marked: true,
		Received: []ledger.Received{{ETTN: received, Number: "ABC2026000000001", Hash: "bytes", State: ledger.ReceivedAcknowledged}},
		Incoming: []audit.Incoming{{ETTN: received, Number: "ABC2026000000001", Hash: "bytes"}}, Inboxed: true,
	}
}

func TestSoundBooksHaveNoDifference(t *testing.T) {
	t.Parallel()
	report := audit.Compare(sound())
	if len(report.Findings) != 0 {
		t.Errorf("found %+v", report.Findings)
	}
	for _, c := range report.Checks {
		if c.Skipped || c.Part != "" {
			t.Errorf("%s was not checked in full: %s", c.Invariant, c.Part)
		}
	}
	var text []string
	for _, s := range append(report.Sums, report.Totals()...) {
		text = append(text, strings.Join([]string{string(s.State), s.Currency, s.Ledger.Amount.String(), s.Provider.Amount.String(), s.ERP.Amount.String()}, " "))
	}
	want := []string{"held TRY 300 0 300", "accepted TRY 300 300 300", "cancelled TRY 400 0 400", " TRY 1000 300 1000"}
	if diff := cmp.Diff(want, text); diff != "" {
		t.Errorf("reconciliation (-want +got):\n%s", diff)
	}
}

// released makes sale 1 a draft that was released ten minutes later.
func released(b *audit.Books) {
	at := noon.Add(10 * time.Minute)
	b.Documents[0].Route.Draft = true
	b.History[1] = append(b.History[1],
		ledger.Event{Document: 1, Attempt: 2, Operation: ledger.OpRelease, Opened: true, Owner: "a", At: at},
		ledger.Event{Document: 1, Attempt: 2, Operation: ledger.OpRelease, Class: "ok", Owner: "a", At: at.Add(2 * time.Second)})
	b.Requests = append(b.Requests, audit.Request{ETTN: ettn(1), At: at.Add(time.Second), Release: true})
	b.Trail = map[int64][]ledger.Audit{1: {{User: "ayse", Action: "release", From: ledger.Draft, To: ledger.Sent, At: at.Add(time.Millisecond)}}}
}

// releasedTwice is released, with an unknown outcome of the first release that closer recorded, a look-up, and a second
// release ten minutes after the first, which by asked for ("" = nobody).
func releasedTwice(b *audit.Books, closer, by string) {
	released(b)
	again := noon.Add(20 * time.Minute)
	b.History[1][3].Class, b.History[1][3].Owner = "ambiguous", closer
	b.History[1] = append(b.History[1],
		ledger.Event{Document: 1, Attempt: 2, Operation: ledger.OpLookup, Class: "ok", Owner: "b", At: again.Add(-time.Minute)},
		ledger.Event{Document: 1, Attempt: 3, Operation: ledger.OpRelease, Opened: true, Owner: "b", At: again},
		ledger.Event{Document: 1, Attempt: 3, Operation: ledger.OpRelease, Class: "ok", Owner: "b", At: again.Add(time.Second)})
	if by != "" {
		b.Trail[1] = append(b.Trail[1], ledger.Audit{User: by, Action: "release", From: ledger.Draft, To: ledger.Sent, At: again.Add(time.Millisecond)})
	}
}

// violations are what a broken daemon, provider, ERP or person could leave behind: each must be found, under its invariant.
var violations = []struct {
	name  string
	plant func(*audit.Books)
	want  audit.Invariant
	says  string
}{
	{"the sale was deleted after it was sent", func(b *audit.Books) {
		b.Deleted = map[ledger.Key]bool{b.Marks[0].Key: true}
		b.Marks = b.Marks[1:]
	}, audit.I2, "deleted"},
	{"the sale was deleted, and its mark in a table of its own stayed", func(b *audit.Books) {
		b.Deleted = map[ledger.Key]bool{b.Marks[0].Key: true}
	}, audit.I2, "deleted"},
	{"the ERP lost the mark of an issued sale", func(b *audit.Books) { b.Marks = b.Marks[1:] }, audit.I2, "does not show it"},
	{"one sale issued twice under one ETTN", func(b *audit.Books) { b.Issued = append(b.Issued, b.Issued[0]) }, audit.I1, "DUPLICATE"},
	{"one sale issued twice under two ETTNs", func(b *audit.Books) {
		second := b.Issued[0]
		second.ETTN, second.Number = ettn(9), "FTR2026000000009"
		b.Issued = append(b.Issued, second)
	}, audit.I1, "DUPLICATE"},
	{"one sale issued twice, each with an ETTN of the provider's", func(b *audit.Books) {
		itsOwnETTNs(b)
		second := b.Issued[0]
		second.ETTN, second.Number = ettn(9), "FTR2026000000009"
		b.Issued = append(b.Issued, second)
	}, audit.I1, "2 invoices for one sale"},
	{"one sale issued twice, found by asking", func(b *audit.Books) {
		itsOwnETTNs(b)
		b.Issued, b.Several = b.Issued[1:], map[uuid.UUID]string{ettn(1): "Birden fazla resmî fatura var."}
	}, audit.I1, "resmî fatura"},
	{"two revisions in force", func(b *audit.Books) {
		d := b.Documents[0]
		d.ID, d.Revision, d.LocalReference, d.ETTN, d.Number = 11, 2, d.LocalReference+"#2", ettn(8), "FTR2026000000008"
		b.Documents[0].Superseded = true
		b.Documents = append(b.Documents, d)
		i := b.Issued[0]
		i.ETTN, i.LocalReference, i.Number = d.ETTN, d.LocalReference, d.Number
		b.Issued = append(b.Issued, i)
	}, audit.I1, "revisions"},
	{"the provider lost an invoice", func(b *audit.Books) { b.Issued = b.Issued[1:] }, audit.I2, "LOST"},
	{"absent when asked alone", func(b *audit.Books) {
		b.Complete, b.Issued, b.Absent = false, b.Issued[1:], map[uuid.UUID]bool{ettn(1): true}
	}, audit.I2, "LOST"},
	{"the ledger forgot that it sent", func(b *audit.Books) { b.Documents[0].State = ledger.Prepared }, audit.I2, "provider has it"},
	{"given up but issued", func(b *audit.Books) {
		b.Documents[0].State, b.Documents[0].SentAt = ledger.Cancelled, time.Time{}
	}, audit.I2, "provider has it"},
	{"the ledger lost a document", func(b *audit.Books) { b.Documents = b.Documents[1:] }, audit.I2, "does not know"},
	{"the ledger lost a document that the provider has under its own ETTN", func(b *audit.Books) {
		itsOwnETTNs(b)
		b.Documents = b.Documents[1:]
	}, audit.I2, "for sale " + ettn(1).String()},
	{"the ERP shows what nobody knows", func(b *audit.Books) {
		b.Marks = append(b.Marks, audit.Mark{Key: ledger.Key{KeySpace: "sale", SaleKey: "77"}, State: "accepted", Number: "FTR2026000000077", Stray: true})
	}, audit.I2, "does not know"},
	{"held without a word", func(b *audit.Books) { b.Documents[2].Message = "" }, audit.I2, "nobody is told why"},
	{"the ERP offers an issued sale", func(b *audit.Books) { b.Offered = []ledger.Key{{KeySpace: "sale", SaleKey: "1"}} }, audit.I2, "offers"},
	{"unknown for hours", func(b *audit.Books) {
		b.Documents[2].State, b.Documents[2].UnknownSince = ledger.Unknown, noon.Add(-2*time.Hour)
	}, audit.I2, "unknown for"},
	{"abandoned in sending", func(b *audit.Books) {
		b.Documents[2].State, b.Documents[2].LeaseUntil = ledger.Sending, noon.Add(-2*time.Hour)
	}, audit.I2, "holder stopped"},
	{"waiting for days", func(b *audit.Books) {
		b.Documents[2].State, b.Documents[2].CreatedAt = ledger.Pending, noon.Add(-48*time.Hour)
	}, audit.I2, "waiting to be sent"},
	{"a sale without a document in force", func(b *audit.Books) { b.Documents[2].Superseded = true }, audit.I2, "instead of one"},
	{"number differs at the provider", func(b *audit.Books) { b.Issued[0].Number = "FTR2026000000042" }, audit.I3, "number differs"},
	{"number never learned", func(b *audit.Books) { b.Documents[0].Number, b.Marks[0].Number = "", "" }, audit.I3, "never learned"},
	{"number differs in the ERP", func(b *audit.Books) { b.Marks[0].Number = "FTR2026000000042" }, audit.I3, "ERP shows number"},
	{"ETTN differs in the ERP", func(b *audit.Books) { b.Marks[0].ETTN = ettn(7) }, audit.I3, "ERP shows ETTN"},
	{"amount differs", func(b *audit.Books) { b.Issued[0].Payable.Decimal = decimal.RequireFromString("100.01") }, audit.I3, "amount differs"},
	{"buyer differs", func(b *audit.Books) { b.Issued[0].BuyerTaxNo = "3570418921" }, audit.I3, "buyer differs"},
	{"currency differs", func(b *audit.Books) { b.Issued[0].Currency = "EUR" }, audit.I3, "currency differs"},
	{"changed after it was sent", func(b *audit.Books) { b.Documents[0].Changed = true }, audit.I3, "changed in the ERP"},
	{"changed after it was sent, a moment ago", func(b *audit.Books) {
		b.Documents[0].SaleHash, b.Content = "then", map[ledger.Key]string{b.Marks[0].Key: "now"}
	}, audit.I3, "changed in the ERP"},
	{"changed after it was sent by a ledger that is lost", func(b *audit.Books) {
		b.Documents[0].Changed, b.Content = true, map[ledger.Key]string{b.Marks[0].Key: "now"}
	}, audit.I3, "changed in the ERP"},
	{"the ERP takes nothing", func(b *audit.Books) { untold(b, "UPDATE command denied.") }, audit.I3, "1h0m0s the ERP has not been told that it is accepted FTR2026000000001: UPDATE command denied"},
	{"nobody writes to the ERP", func(b *audit.Books) { untold(b, "") }, audit.I3, "has not been told that it is accepted FTR2026000000001"},
	{"the ERP shows nothing of what it was not told", func(b *audit.Books) {
		untold(b, "")
		b.Marks = b.Marks[1:]
	}, audit.I3, "has not been told"},
	{"the ERP takes nothing of what is polled every minute", func(b *audit.Books) {
		untold(b, "UPDATE command denied.")
		b.Documents[0].State, b.Documents[0].UpdatedAt, b.Issued[0].State = ledger.Sent, b.Now, providers.StateWorking
		b.Marks[0].State = "pending"
	}, audit.I3, "has not been told that it is sent"},
	{"other bytes at the provider", func(b *audit.Books) { b.Issued[0].Hash = "other" }, audit.I4, "received bytes"},
	{"other bytes on the second attempt", func(b *audit.Books) { b.History[2][4].PayloadSHA = "other" }, audit.I4, "other bytes"},
	{"other bytes in a request", func(b *audit.Books) { b.Requests[0].Hash = "other" }, audit.I4, "no intent"},
	{"sent before the intent", func(b *audit.Books) { b.Requests[0].At = noon.Add(-time.Millisecond) }, audit.I5, "before any intent"},
	{"an outcome without an intent", func(b *audit.Books) { b.History[1] = b.History[1][1:] }, audit.I5, "no intent before it"},
	{"accepted out of nothing", func(b *audit.Books) { b.History[1] = nil }, audit.I5, "neither sent"},
	{"sent again without asking", func(b *audit.Books) {
		b.History[2] = append(b.History[2][:2:2], b.History[2][4:]...)
	}, audit.I6, "without a look-up"},
	{"sent again before the quarantine was over", func(b *audit.Books) {
		b.History[2] = append(b.History[2][:3:3], b.History[2][4:]...)
	}, audit.I6, "after the quarantine"},
	{"taken over and sent again too early", func(b *audit.Books) {
		b.History[2][1].Owner = "b" // closed by another: the last byte may have left until the lease ended
	}, audit.I6, "after the quarantine"},
	{"a draft with legal effect that nobody released", func(b *audit.Books) { b.Documents[0].Route.Draft = true }, audit.I5, "nobody released it"},
	{"the same at a provider with two steps", func(b *audit.Books) { b.TwoStep = map[string]bool{"main": true} }, audit.I5, "nobody released it"},
	{"a release without an intent", func(b *audit.Books) {
		released(b)
		b.History[1] = append(b.History[1][:2:2], b.History[1][3:]...)
	}, audit.I5, "outcome of a release"},
	{"released before the intent", func(b *audit.Books) {
		released(b)
		b.Requests[2].At = noon.Add(time.Minute)
	}, audit.I5, "request to release"},
	{"released, and still a draft at the provider", func(b *audit.Books) {
		released(b)
		b.Issued[0].State = providers.StateDraft
	}, audit.I2, "without legal effect"},
	{"released again without asking", func(b *audit.Books) {
		releasedTwice(b, "a", "")
		b.History[1] = append(b.History[1][:4:4], b.History[1][5:]...)
	}, audit.I6, "released it again"},
	{"released again before the quarantine was over", func(b *audit.Books) {
		releasedTwice(b, "a", "")
		b.History[1][4].At = b.History[1][3].At.Add(time.Second)
	}, audit.I6, "released it again"},
	{"the release of a sender that was never heard of again, repeated by itself", func(b *audit.Books) { releasedTwice(b, "b", "") }, audit.I6, "released it again"},
	{"released once more after it was done", func(b *audit.Books) {
		releasedTwice(b, "a", "")
		b.History[1][3].Class = "ok"
	}, audit.I6, "released it again"},
	{"one number in two documents", func(b *audit.Books) {
		b.Documents[1].Number, b.Issued[1].Number, b.Marks[1].Number = b.Documents[0].Number, b.Documents[0].Number, b.Documents[0].Number
	}, audit.I7, "belongs to two"},
	{"final, then back at the provider", func(b *audit.Books) { b.Issued[0].State = providers.StateWorking }, audit.I8, "provider says working"},
	{"cancelled, but alive", func(b *audit.Books) { b.Documents[0].State = ledger.Cancelled }, audit.I8, "provider says accepted"},
	{"the ERP shows an older state", func(b *audit.Books) { b.Marks[0].State = "sent" }, audit.I8, "ERP shows sent"},
	{"a received invoice lost", func(b *audit.Books) { b.Received = nil }, audit.I9, "LOST"},
	{"a received invoice kept twice", func(b *audit.Books) { b.Received = append(b.Received, b.Received[0]) }, audit.I9, "kept twice"},
	{"a received invoice with other bytes", func(b *audit.Books) { b.Received[0].Hash = "other" }, audit.I9, "other bytes"},
	{"acknowledged, but new again", func(b *audit.Books) { b.Incoming[0].IsNew = true }, audit.I9, "calls it new"},
	{"received, and no longer listed", func(b *audit.Books) { b.Incoming = nil }, audit.I9, "no longer lists"},
}

// untold has the ERP show of sale 1 that it is sent, an hour after it was accepted.
func untold(b *audit.Books, why string) {
	b.Documents[0].UpdatedAt, b.Documents[0].WrittenVersion, b.Documents[0].WriteMessage = noon, 2, why
	b.Marks[0].State, b.Marks[0].Number = "sent", ""
}

// itsOwnETTNs has the provider give invoice 1 an ETTN of its own; ours is the key that it carries.
func itsOwnETTNs(b *audit.Books) {
	b.Documents[0].Assigned, b.Issued[0].ETTN, b.Marks[0].ETTN = ettn(8), ettn(8), ettn(8)
	b.Issued[0].Key, b.Issued[0].LocalReference = ettn(1), ""
}

func TestPlantedViolationsAreFound(t *testing.T) {
	t.Parallel()
	found := map[audit.Invariant]bool{}
	for _, v := range violations {
		t.Run(v.name, func(t *testing.T) {
			b := sound()
			v.plant(&b)
			report := audit.Compare(b)
			ok := false
			for _, f := range report.Findings {
				ok = ok || f.Invariant == v.want && strings.Contains(f.Says, v.says)
				if f.Do == "" || f.Ref == "" {
					t.Errorf("%+v tells nobody what to do about what", f)
				}
			}
			if !ok {
				t.Errorf("want %s %q, found %+v", v.want, v.says, report.Findings)
			}
			for _, c := range report.Checks {
				n := 0
				for _, f := range report.Findings {
					if f.Invariant == c.Invariant {
						n++
					}
				}
				if n != c.Found {
					t.Errorf("%s says that it found %d, but it reports %d", c.Invariant, c.Found, n)
				}
			}
		})
		found[v.want] = true
	}
	if len(found) != 9 {
		t.Errorf("violations of %d invariants are planted, want all 9", len(found))
	}
	t.Logf("%d planted violations", len(violations))
}

// What cannot be concluded must not be: without a complete listing silence is no proof.
func TestSilenceIsNoProof(t *testing.T) {
	t.Parallel()
	b := sound()
	b.Complete, b.Logged, b.Marked, b.Inboxed = false, false, false, false
	b.Issued, b.Requests, b.Marks, b.Incoming = nil, nil, nil, nil
	report := audit.Compare(b)
	if len(report.Findings) != 0 {
		t.Errorf("found %+v", report.Findings)
	}
	parts := 0
	for _, c := range report.Checks {
		if c.Part != "" {
			parts++
		}
	}
	if parts != 6 {
		t.Errorf("%d checks say what they could not see, want 6: %+v", parts, report.Checks)
	}
}

// What was asked for and not answered is neither there nor lost, however complete the listing is.
func TestNoAnswerIsNoLoss(t *testing.T) {
	t.Parallel()
	for name, plant := range map[string]func(*audit.Books){
		"silent":  func(b *audit.Books) { b.Silent = map[uuid.UUID]bool{ettn(1): true} },
		"several": func(b *audit.Books) { b.Several = map[uuid.UUID]string{ettn(1): "Birden fazla."} },
	} {
		b := sound()
		b.Issued = b.Issued[1:]
		plant(&b)
		for _, f := range audit.Compare(b).Findings {
			if f.Invariant != audit.I1 || name == "silent" {
				t.Errorf("%s: found %+v", name, f)
			}
		}
	}
}

// What the ERP is told in a moment, shows already, or need not be told is no difference.
func TestWritingTakesItsTime(t *testing.T) {
	t.Parallel()
	for name, plant := range map[string]func(*audit.Books){
		"a moment ago": func(b *audit.Books) {
			untold(b, "Lock wait timeout exceeded.")
			b.Documents[0].UpdatedAt = b.Now.Add(-9 * time.Minute)
		},
		"shown": func(b *audit.Books) {
			mark := b.Marks[0]
			untold(b, "connection lost")
			b.Marks[0] = mark
		},
		"in words of its own": func(b *audit.Books) {
			mark := b.Marks[0]
			untold(b, "")
			mark.State = "Kesildi"
			b.Marks[0] = mark
		},
		"waiting": func(b *audit.Books) {
			untold(b, "")
			b.Documents[0].State, b.Documents[0].Number, b.Documents[0].CreatedAt, b.Documents[0].SentAt = ledger.Pending, "", noon, time.Time{}
			b.Issued, b.History[1] = b.Issued[1:], nil
		},
	} {
		b := sound()
		plant(&b)
		if report := audit.Compare(b); len(report.Findings) != 0 {
			t.Errorf("%s: found %+v", name, report.Findings)
		}
	}
}

// A ledger that is being rebuilt asks for what the ERP shows: that is no status that went back.
func TestBeingAskedForIsNoDifference(t *testing.T) {
	t.Parallel()
	rebuilt := func(b *audit.Books) {
		d := &b.Documents[0]
		d.State, d.Code, d.ProbeFirst, d.UnknownSince, d.WasUnknown = ledger.Unknown, ledger.CodeRebuilt, true, b.Now, true
		b.History[1] = nil
	}
	b := sound()
	rebuilt(&b)
	if report := audit.Compare(b); len(report.Findings) != 0 || report.Asking != 1 {
		t.Errorf("%d being asked for, found %+v", report.Asking, report.Findings)
	}
	b.Documents[0].Code, b.Documents[0].ProbeFirst = "", false
	if report := audit.Compare(b); len(report.Findings) != 1 || report.Findings[0].Invariant != audit.I8 || report.Asking != 0 {
		t.Errorf("not asked for: %d, found %+v", report.Asking, report.Findings)
	}
}

func TestAPersonMaySendADisputedDocumentAgain(t *testing.T) {
	t.Parallel()
	b := sound()
	b.History[2] = append(b.History[2][:2:2], b.History[2][4:]...)
	b.Trail = map[int64][]ledger.Audit{2: {{User: "ayse", Action: "mark", To: ledger.Prepared, At: noon.Add(3 * time.Minute)}}}
	if report := audit.Compare(b); len(report.Findings) != 0 {
		t.Errorf("found %+v", report.Findings)
	}
}

// Releases by the book: once, after a look-up that found the draft as it was, and by a person whoever was asked.
func TestSoundReleasesAreNoDifference(t *testing.T) {
	t.Parallel()
	for name, plant := range map[string]func(*audit.Books){
		"once":              released,
		"after a look-up":   func(b *audit.Books) { releasedTwice(b, "a", "") },
		"twice by a person": func(b *audit.Books) { releasedTwice(b, "b", "ayse") },
		"intended with a group whose COMMIT was not answered, and which was recorded again when the lease was over": func(b *audit.Books) {
			releasedTwice(b, "b", "")
			draft := b.History[1][1]
			draft.At = noon.Add(3 * time.Minute)
			b.History[1] = append(b.History[1][:3:3], draft, b.History[1][5], b.History[1][6])
		},
		"in the portal": func(b *audit.Books) {
			b.Documents[0].Route.Draft = true
			b.History[1] = append(b.History[1], ledger.Event{Document: 1, Attempt: 1, Operation: ledger.OpStatus, Class: "ok", At: noon.Add(time.Hour)})
		},
	} {
		b := sound()
		plant(&b)
		if report := audit.Compare(b); len(report.Findings) != 0 {
			t.Errorf("%s: found %+v", name, report.Findings)
		}
	}
}

func TestForeignInvoicesAreNoDifference(t *testing.T) {
	t.Parallel()
	b := sound()
	b.Issued = append(b.Issued, audit.Issued{ETTN: ettn(9), Number: "PRT2026000000001", State: providers.StateAccepted})
	report := audit.Compare(b)
	if len(report.Findings) != 0 || report.Foreign != 1 {
		t.Errorf("%d foreign, found %+v", report.Foreign, report.Findings)
	}
}

func TestOrderDoesNotMatter(t *testing.T) {
	t.Parallel()
	b := sound()
	b.Issued[0].Number = "FTR2026000000042"
	want := audit.Compare(b)
	for seed := range uint64(20) {
		dice := rand.New(rand.NewPCG(seed, 1))
		dice.Shuffle(len(b.Documents), func(i, j int) { b.Documents[i], b.Documents[j] = b.Documents[j], b.Documents[i] })
		dice.Shuffle(len(b.Issued), func(i, j int) { b.Issued[i], b.Issued[j] = b.Issued[j], b.Issued[i] })
		if diff := cmp.Diff(want.Findings, audit.Compare(b).Findings); diff != "" {
			t.Fatalf("seed %d: %s", seed, diff)
		}
	}
}
