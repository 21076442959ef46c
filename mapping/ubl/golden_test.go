package ubl

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/shopspring/decimal"

	"faturad/internal/invoice"
)

var update = flag.Bool("update", false, "write the golden files of testdata anew")

// sameInvoice compares by value: 1 and 1.00 are the same number, nil and empty the same list.
var sameInvoice = cmp.Options{
	cmpopts.EquateEmpty(),
	cmp.Comparer(func(a, b decimal.Decimal) bool { return a.Equal(b) }),
}

func goldenPath(name string) string { return filepath.Join("testdata", name+".xml") }

func TestGoldenFiles(t *testing.T) {
	all := append(fixtures(), receiptFixtures()...)
	if len(all) < 45 {
		t.Fatalf("only %d fixtures", len(all))
	}
	wanted := map[string]bool{}
	for _, f := range all {
		if wanted[goldenPath(f.name)] {
			t.Fatalf("two fixtures are called %s", f.name)
		}
		wanted[goldenPath(f.name)] = true
		t.Run(f.name, func(t *testing.T) {
			got, err := Write(f.inv, f.header())
			if err != nil {
				t.Fatal(err)
			}
			again, _ := Write(f.inv, f.header())
			if !bytes.Equal(got, again) {
				t.Error("the same invoice gave other bytes the second time")
			}
			if *update {
				if err := os.WriteFile(goldenPath(f.name), got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(goldenPath(f.name))
			if err != nil {
				t.Fatalf("%v: go test ./mapping/ubl -update writes it", err)
			}
			if diff := cmp.Diff(string(want), string(got)); diff != "" {
				t.Errorf("differs from the golden file (-golden +now):\n%s", diff)
			}
			checkRoundTrip(t, got, f.inv, f.header())
		})
	}
	files, _ := filepath.Glob(goldenPath("*"))
	receipts, _ := filepath.Glob(goldenPath("makbuz/*"))
	for _, f := range append(files, receipts...) {
		if !wanted[f] {
			t.Errorf("%s has no fixture any more", f)
		}
	}
}

// checkRoundTrip wants Parse to give back the canonical form of what went into Write.
func checkRoundTrip(t interface {
	Helper()
	Errorf(string, ...any)
	Fatalf(string, ...any)
}, data []byte, inv invoice.Invoice, h Header) {
	t.Helper()
	doc, err := Parse(data)
	if err != nil {
		t.Fatalf("what Write wrote cannot be read: %v", err)
	}
	wantInv, wantHead := normalize(inv, h)
	if diff := cmp.Diff(wantInv, doc.Invoice, sameInvoice); diff != "" {
		t.Errorf("the invoice came back changed (-in +out):\n%s", diff)
	}
	if wantHead.Archive == ArchiveNone {
		wantHead.SendType = ""
	}
	wantHead.Archive = ""
	for i := range wantHead.References {
		wantHead.References = append([]Additional(nil), wantHead.References...)
		if wantHead.References[i].Date.IsZero() {
			wantHead.References[i].Date = inv.IssueDate
		}
	}
	if diff := cmp.Diff(wantHead, doc.Header, sameInvoice); diff != "" {
		t.Errorf("the header came back changed (-in +out):\n%s", diff)
	}
	sum, err := Peek(data)
	if err != nil {
		t.Fatalf("Peek: %v", err)
	}
	want := Summary{
		ETTN: wantHead.ETTN, Number: wantHead.Number, Profile: wantInv.Scenario, Type: wantInv.Type, IssueDate: wantInv.IssueDate,
		Currency: wantInv.Currency, SenderTaxNo: wantInv.Seller.TaxNo, SenderName: wantInv.Seller.Name,
		ReceiverTaxNo: wantInv.Buyer.TaxNo, ReceiverName: wantInv.Buyer.Name, Payable: wantInv.Totals.Payable, LocalReference: wantHead.LocalReference,
		CreditNote: wantHead.Kind.Receipt(),
	}
	if diff := cmp.Diff(want, sum, sameInvoice); diff != "" {
		t.Errorf("Peek saw something else (-in +out):\n%s", diff)
	}
	if sum.Kind() != wantHead.Kind {
		t.Errorf("Peek takes it for %s, want %s", sum.Kind(), wantHead.Kind)
	}
}
