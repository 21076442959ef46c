package ledger

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"faturad/internal/fault"
	"faturad/internal/invoice"
	"faturad/providers"
)

func payloadOf(content string) *providers.Payload {
	sum := sha256.Sum256([]byte(content))
	return &providers.Payload{ContentType: "application/xml", Bytes: []byte(content), Hash: hex.EncodeToString(sum[:])}
}

// preparing moves a leased pending document to prepared, as outbound does.
func preparing(d Document, content string) Change {
	return Change{Document: d.ID, Lease: d.Lease(), To: Prepared, Quiet: true, Payload: payloadOf(content), Patch: Patch{
		SaleNumber: ptr("FT-1"), SaleHash: ptr("beef"), Convention: ptr("lines"), BuyerTaxNo: ptr("11111111111"), BuyerName: ptr("Şule İçöz"),
		Currency: ptr("TRY"), Payable: ptr(decimal.RequireFromString("118.20")), IssueDate: &invoice.Date{Year: 2026, Month: 9, Day: 1},
		Account: ptr("main"), Provider: ptr("turkcell"),
		Route: &providers.Route{Kind: invoice.EFatura, Alias: "urn:mail:defaultpk@example.com", Prefix: "ABC", Draft: true, Email: "a@example.com"}}}
}

// The whole way of a document, every column read back.
func TestCommitRoundTrip(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.sales(t, 1)
	d := b.lease(t, 1, Pending)[0]
	content := strings.Repeat("<Invoice>Türkçe</Invoice>", 1000)
	b.apply(t, preparing(d, content))
	got := b.one(t, d.ID)
	want := d
	want.State, want.SaleNumber, want.SaleHash, want.Convention, want.BuyerTaxNo, want.BuyerName = Prepared, "FT-1", "beef", "lines", "11111111111", "Şule İçöz"
	want.Currency, want.Payable, want.IssueDate = "TRY", decimal.NewNullDecimal(decimal.RequireFromString("118.2")), invoice.Date{Year: 2026, Month: 9, Day: 1}
	want.Account, want.Provider, want.Route = "main", "turkcell", *preparing(d, "").Patch.Route
	want.ContentType, want.PayloadHash = "application/xml", payloadOf(content).Hash
	if !got.Payable.Decimal.Equal(want.Payable.Decimal) || !got.Payable.Valid {
		t.Errorf("payable %v", got.Payable)
	}
	got.Payable, want.Payable, want.UpdatedAt = decimal.NullDecimal{}, decimal.NullDecimal{}, got.UpdatedAt
	if !reflect.DeepEqual(got, want) {
		t.Errorf("\n got %+v\nwant %+v", got, want)
	}
	p, err := b.Payload(t.Context(), d.ID)
	if err != nil || !bytes.Equal(p.Bytes, []byte(content)) || p.ContentType != "application/xml" {
		t.Errorf("payload: %v, %v", len(p.Bytes), err)
	}

	b.apply(t, Change{Document: d.ID, Lease: d.Lease(), To: Sending, Quiet: true, Patch: Patch{CountAttempt: true, LeaseFor: ptr(time.Hour)},
		Event: &Event{Attempt: 1, Operation: OpCreate, Opened: true, PayloadSHA: p.Hash, Owner: "tester"}})
	got = b.one(t, d.ID)
	if got.Attempts != 1 || !got.LeaseUntil.Equal(got.UpdatedAt.Add(time.Hour)) || got.Version != 1 {
		t.Errorf("the intent: %+v", got)
	}
	b.apply(t, Change{Document: d.ID, Lease: d.Lease(), To: Unknown, Patch: Patch{Unknown: ptr(true), WasUnknown: ptr(true), Failures: ptr(1),
		Code: ptr("ambiguous"), Message: ptr("Yanıt \xff gelmedi"), Advice: ptr("Bekleyin"), NextIn: ptr(time.Hour), QuarantineIn: ptr(2 * time.Hour)},
		Event: &Event{Attempt: 1, Operation: OpCreate, Class: "ambiguous", HTTPStatus: 502, Message: "bad gateway", Answer: []byte("<html>"), Owner: "tester"}})
	got = b.one(t, d.ID)
	if !got.WasUnknown || got.UnknownSince.IsZero() || got.Failures != 1 || got.Message != "Yanıt \uFFFD gelmedi" || got.Code != "ambiguous" ||
		got.NextAt.Sub(got.UpdatedAt) != time.Hour || got.QuarantineUntil.Sub(got.UpdatedAt) != 2*time.Hour || got.Version != 2 {
		t.Errorf("unknown: %+v", got)
	}
	since := got.UnknownSince
	b.apply(t, Change{Document: d.ID, Lease: d.Lease(), To: Unknown, Stay: true, Quiet: true, Patch: Patch{Unknown: ptr(true)}})
	if got = b.one(t, d.ID); !got.UnknownSince.Equal(since) {
		t.Errorf("unknown_since moved from %s to %s", since, got.UnknownSince)
	}
	b.apply(t, Change{Document: d.ID, Lease: d.Lease(), To: Sent, Unlease: true, Patch: Patch{Unknown: ptr(false), Number: ptr("ABC2026000000001"),
		ProviderStatus: ptr(20), EnvelopeStatus: ptr(1000), MarkSent: true, ETTN: ptr(ettnOf(5)), Changed: ptr(true), ProbeFirst: ptr(true)},
		Audit: &Audit{User: "faturad", Action: "adopt", Ref: d.LocalReference, From: Unknown, To: Sent, Reason: "found"}})
	got = b.one(t, d.ID)
	if !got.UnknownSince.IsZero() || got.Number != "ABC2026000000001" || *got.ProviderStatus != 20 || *got.EnvelopeStatus != 1000 || got.SentAt.IsZero() ||
		got.ETTN != ettnOf(5) || !got.Changed || !got.ProbeFirst || got.LeaseOwner != "" || !got.LeaseUntil.IsZero() || got.Version != 3 {
		t.Errorf("sent: %+v", got)
	}
	b.apply(t, Change{Document: d.ID, To: Accepted})
	if got = b.one(t, d.ID); got.FinalAt.IsZero() || got.LeaseEpoch != 2 {
		t.Errorf("accepted: %+v", got)
	}
	events, err := b.History(t.Context(), d.ID)
	if err != nil || len(events) != 2 || !events[0].Opened || events[0].PayloadSHA != p.Hash || string(events[1].Answer) != "<html>" ||
		events[1].HTTPStatus != 502 || events[1].At.IsZero() || events[1].Document != d.ID {
		t.Errorf("history: %+v, %v", events, err)
	}
	if id := got.Identity(); id.Number != got.Number || id.Kind != invoice.EFatura {
		t.Errorf("identity: %+v", id)
	}
}

// A group with a change that lost its lease, one whose event cannot be stored, one whose column does not fit, and one with
// a taken number: the others are recorded, and each knows its own outcome.
func TestCommitIsolates(t *testing.T) {
	t.Parallel()
	for _, way := range []string{"together", "one by one"} {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.sales(t, 7)
			docs := b.lease(t, 7, Pending)
			number := func(s string) Patch {
				return Patch{Number: &s, Route: &providers.Route{Kind: invoice.EFatura}}
			}
			event := func(class string) *Event {
				return &Event{Attempt: 1, Operation: OpCreate, Class: class, Owner: "tester", Answer: []byte("{}")}
			}
			changes := make([]Change, 7)
			for i, d := range docs {
				changes[i] = Change{Document: d.ID, Lease: d.Lease(), To: Held, Patch: number(fmt.Sprintf("ABC202600000000%d", i)), Event: event("ok")}
			}
			changes[1].Lease.Epoch++                                      // lost
			changes[2].Patch.Account = ptr(strings.Repeat("x", 100))      // does not fit
			changes[3].Patch.Number = changes[0].Patch.Number             // taken
			changes[4].Patch.Payable = ptr(decimal.New(123456789, -9))    // would be rounded
			changes[5].Payload = &providers.Payload{Hash: "not the hash"} // damaged
			applied := []bool{true, false, false, false, false, false, true}
			if way == "one by one" {
				changes[6].Event = event(strings.Repeat("x", 50)) // does not fit, found in the grouped INSERT only
				applied[6] = false
			}
			out, err := b.Commit(t.Context(), changes)
			if err != nil {
				t.Fatal(err)
			}
			stored := 0
			for i, o := range out {
				if o.Applied != applied[i] || (b.one(t, docs[i].ID).State == Held) != applied[i] {
					t.Errorf("change %d: %+v, state %s", i, o, b.one(t, docs[i].ID).State)
				}
				if applied[i] {
					stored++
				}
				if wantErr := !applied[i] && i != 1; wantErr != (o.Err != nil) {
					t.Errorf("change %d: %v", i, o.Err)
				}
			}
			var c *Clash
			if !errors.Is(out[3].Err, fault.Duplicate) || !errors.As(out[3].Err, &c) || c.Key != "number" || c.Other != docs[0].ID || c.Value != *changes[0].Patch.Number {
				t.Errorf("the clash: %v", out[3].Err)
			} else {
				wants(t, out[3].Err, docs[0].LocalReference, c.Value)
			}
			for _, i := range []int{2, 4, 5} {
				if !errors.Is(out[i].Err, fault.Permanent) {
					t.Errorf("change %d: %v", i, out[i].Err)
				}
			}
			if n := b.count(t, "SELECT COUNT(*) FROM attempts"); n != stored {
				t.Errorf("%d events for %d changes", n, stored)
			}
		})
	}
}

// Changes of one document are applied in their order: result and next step can share a group.
func TestCommitInOrder(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	docs := b.sales(t, 2)
	b.apply(t,
		Change{Document: docs[1].ID, To: Held, Patch: Patch{Message: ptr("one")}},
		Change{Document: docs[0].ID, To: Held},
		Change{Document: docs[1].ID, To: Pending, Patch: Patch{Message: ptr("two")}},
		Change{Document: docs[1].ID, To: Cancelled},
	)
	if d := b.one(t, docs[1].ID); d.State != Cancelled || d.Message != "two" || d.Version != 4 {
		t.Errorf("%+v", d)
	}
	if out, err := b.Commit(t.Context(), nil); out != nil || err != nil {
		t.Error("an empty group", out, err)
	}
	commits := b.count(t, "SELECT COUNT(*) FROM commits")
	out, err := b.Commit(t.Context(), []Change{{Document: 999999, To: Held}, {Document: docs[0].ID, To: "nonsense"}})
	if err != nil || out[0].Applied || out[0].Err != nil || out[1].Err == nil {
		t.Errorf("%+v, %v", out, err)
	}
	if b.count(t, "SELECT COUNT(*) FROM commits") != commits {
		t.Error("a group without effect was committed")
	}
}

// Many payloads of megabytes, more than one statement holds, and one that no statement holds.
func TestCommitLargePayloads(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.sales(t, 6)
	docs := b.lease(t, 6, Pending)
	b.packet.Store(1 << 20) // as if the server took 1 MB
	changes := make([]Change, len(docs))
	for i, d := range docs {
		changes[i] = preparing(d, noise(400_000+i))
	}
	changes[5].Payload = payloadOf(noise(3_000_000))
	out, err := b.Commit(t.Context(), changes)
	if err != nil || out[5].Applied || !errors.Is(out[5].Err, fault.Permanent) {
		t.Fatalf("%+v, %v", out, err)
	}
	wants(t, out[5].Err, "max_allowed_packet")
	ids := make([]int64, len(docs))
	for i, d := range docs {
		ids[i] = d.ID
	}
	got, err := b.Payloads(t.Context(), ids)
	if err != nil || len(got) != 5 || len(got[ids[4]].Bytes) != 400_004 {
		t.Errorf("%d payloads, %v", len(got), err)
	}
	if _, err := b.Payload(t.Context(), ids[5]); !errors.Is(err, fault.NotFound) {
		t.Errorf("a payload that was never stored: %v", err)
	}
	b.db.Exec(t, "UPDATE payloads SET packed = CONCAT(LEFT(packed, 100), 'x', SUBSTRING(packed, 102)) WHERE document_id = ?", ids[0])
	if _, err := b.Payload(t.Context(), ids[0]); !errors.Is(err, fault.Permanent) {
		t.Errorf("a damaged payload: %v", err)
	}
}

// noise is text that does not compress to less than half.
func noise(n int) string {
	var out strings.Builder
	for i := 0; out.Len() < n; i++ {
		sum := sha256.Sum256(fmt.Append(nil, i, n))
		out.WriteString(hex.EncodeToString(sum[:]))
	}
	return out.String()[:n]
}
