package erp

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"faturad/internal/dbtest"
)

// ettn is a made-up ETTN.
var ettn = uuid.MustParse("4b0c8f6e-7d0c-4c43-9d9e-2f8c4f0b9a11")

// accepted is a projection of an accepted document.
func accepted(space, key string) Projection {
	return Projection{
		Company: "acme", Space: space, Key: key, State: "accepted", StateText: "Onaylandı", Kind: "e-fatura",
		Number: "FTR2026000000017", ETTN: ettn, LocalReference: "acme:" + space + ":" + key, Revision: 1,
		Message: "Fatura alıcıya ulaştı: ğüşıöç ĞÜŞİÖÇ.", UpdatedAt: time.Date(2026, 9, 1, 9, 0, 0, 0, time.UTC),
	}
}

// rowsOf reads rows as texts.
func rowsOf(t testing.TB, db *dbtest.Database, query string) [][]string {
	t.Helper()
	rows, err := db.DB().QueryxContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var out [][]string
	for rows.Next() {
		values, err := rows.SliceScan()
		if err != nil {
			t.Fatal(err)
		}
		var line []string
		for _, v := range values {
			line = append(line, cell{v: v}.raw())
		}
		out = append(out, line)
	}
	if rows.Err() != nil {
		t.Fatal(rows.Err())
	}
	return out
}

// writeTwice writes one projection twice and wants one and the same row.
func writeTwice(t *testing.T, db *dbtest.Database, src *Source, space, key, query string) {
	t.Helper()
	var before [][]string
	for range 2 {
		errs, err := src.WriteBack(t.Context(), []Projection{accepted(space, key)})
		if err != nil || errs[0] != nil {
			t.Fatalf("write-back: %v, %v", err, errs)
		}
		after := rowsOf(t, db, query)
		if len(after) != 1 {
			t.Fatalf("%d rows after the write-back, want 1: %v", len(after), after)
		}
		if before != nil && !cmp.Equal(before, after) {
			t.Errorf("the second write-back changed the row: %s", cmp.Diff(before, after))
		}
		before = after
	}
	t.Logf("the ERP shows %v", before[0])
	for _, k := range collect(t, src, space) {
		if k == key {
			t.Errorf("%s is still offered after the write-back", key)
		}
	}
	var known []KnownSale
	if err := src.Known(t.Context(), space, func(k []KnownSale) error { known = append(known, k...); return nil }); err != nil {
		t.Fatal(err)
	}
	if len(known) != 1 || known[0].Key != key || known[0].ETTN != ettn || known[0].Number != "FTR2026000000017" {
		t.Errorf("known = %+v, want the one that was written", known)
	}
}
