package ledger

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"faturad/internal/invoice"
	"faturad/providers"
)

// The same changes in one group and one by one leave the same rows, whatever differs between them: texts, numbers, dates
// that are missing, flags, times.
func TestGroupEqualsSingles(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	const n = 90 // 64 + 16 + 8 + 2
	docs := b.sales(t, 2*n)
	held := b.lease(t, 2*n, Pending)
	change := func(i int) Change {
		d := held[i]
		i %= n
		date := invoice.Date{Year: 2026, Month: time.Month(1 + i%12), Day: 1 + i%28}
		if i%5 == 0 {
			date = invoice.Date{}
		}
		owner := *d.Lease()
		if i == 70 {
			owner.Epoch++ // lost: its batch is done singly
		}
		return Change{Document: d.ID, Lease: &owner, To: Held, Unlease: true, Patch: Patch{
			SaleNumber: ptr(fmt.Sprintf("FT-%d", i)), SaleHash: ptr(fmt.Sprint(i)), BuyerName: ptr([]string{"Şule", "", "O'Brien \\ ?"}[i%3]), Currency: ptr("TRY"),
			Payable: ptr(decimal.New(int64(i)*1001, -3)), IssueDate: &date, Changed: ptr(i%2 == 0), WasUnknown: ptr(true), Account: ptr("main"),
			Route:          &providers.Route{Kind: []invoice.Kind{invoice.EFatura, invoice.EArsiv}[i%2], Draft: i%3 == 0, Alias: fmt.Sprint("urn:", i)},
			ProviderStatus: ptr(i - 40), Failures: ptr(i % 4), Message: ptr(fmt.Sprint("mesaj? ", i)), NextIn: ptr(time.Duration(i) * time.Hour),
			QuarantineIn: ptr(time.Duration(i%2) * time.Minute), CountAttempt: true}}
	}
	var group []Change
	for i := range n {
		group = append(group, change(i))
	}
	together, err := b.Commit(t.Context(), group)
	if err != nil {
		t.Fatal(err)
	}
	for i := n; i < 2*n; i++ {
		single, err := b.Commit(t.Context(), []Change{change(i)})
		if err != nil || !reflect.DeepEqual(single[0], together[i-n]) || single[0].Applied != (i-n != 70) {
			t.Fatalf("change %d: %+v together, %+v singly, %v", i-n, together[i-n], single[0], err)
		}
	}
	rows := b.every(t)
	for i := range n {
		one, two := rows[i], rows[i+n]
		for _, d := range []*Document{&one, &two} {
			if i != 70 && (d.NextAt.Sub(d.UpdatedAt) != time.Duration(i)*time.Hour || d.QuarantineUntil.Sub(d.UpdatedAt) != time.Duration(i%2)*time.Minute) {
				t.Errorf("document %d: next %s, quarantine %s after the change", i, d.NextAt.Sub(d.UpdatedAt), d.QuarantineUntil.Sub(d.UpdatedAt))
			}
			d.ID, d.SaleKey, d.LocalReference, d.ETTN = 0, "", "", docs[0].ETTN
			d.NextAt, d.QuarantineUntil, d.UpdatedAt, d.CreatedAt, d.WriteNextAt, d.LeaseUntil = time.Time{}, time.Time{}, time.Time{}, time.Time{}, time.Time{}, time.Time{}
			d.Payable.Decimal = decimal.RequireFromString(d.Payable.Decimal.String())
		}
		if !reflect.DeepEqual(one, two) {
			t.Errorf("document %d\ntogether %+v\nsingly   %+v", i, one, two)
		}
	}
	if d := rows[41]; d.Payable.Decimal.String() != "41.041" || d.BuyerName != `O'Brien \ ?` || *d.ProviderStatus != 1 || d.State != Held {
		t.Errorf("%+v", d)
	}
}
