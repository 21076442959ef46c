package registry_test

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"faturad/internal/fault"
	"faturad/providers"
	"faturad/sync/registry"
)

func TestImportAndLookup(t *testing.T) {
	t.Parallel()
	r, _ := setup(t)
	ctx := t.Context()
	if got, err := r.Lookup(ctx, env, []string{"1000000000"}); err != nil || got != nil {
		t.Fatalf("before any import: %v, %v; want nil", got, err)
	}
	l := append(first(2500),
		providers.Taxpayer{TaxNo: "10000000078", Title: "ŞAHIS", Alias: "urn:mail:z@x", Product: "invoice", Since: time.Date(2020, 1, 2, 0, 0, 0, 0, time.UTC)},
		providers.Taxpayer{TaxNo: "10000000078", Title: "ŞAHIS", Alias: "urn:mail:a@x", Product: "invoice", Public: true},
		providers.Taxpayer{TaxNo: "10000000078", Title: "ŞAHIS", Alias: "urn:mail:irsaliye@x", Product: "despatch"},
		providers.Taxpayer{TaxNo: "10000000078", Title: "ŞAHIS", Alias: "urn:mail:a@x", Product: "invoice", Public: true},
		providers.Taxpayer{TaxNo: "12345", Alias: "urn:mail:short@x"},
		providers.Taxpayer{TaxNo: "1000000001", Alias: "  "},
		providers.Taxpayer{TaxNo: "1000000001", Alias: strings.Repeat("ş", 251)},
		providers.Taxpayer{TaxNo: " 1000000001 ", Alias: " " + strings.Repeat("ş", 250), Title: strings.Repeat("ü", 700) + "\xff"},
	)
	got, err := r.Import(ctx, env, l)
	if err != nil {
		t.Fatal(err)
	}
	if got.Read != 2508 || got.Skipped != 2 || got.Bad != 3 || got.Mailboxes != 2503 || got.Taxpayers != 2501 || got.Generation != 1 {
		t.Errorf("result %+v", got)
	}
	entries, err := r.Lookup(ctx, env, []string{"1000000000", "10000000078", "10000000078", "", "9999999999", "1000000001"})
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 3 {
		t.Errorf("found %d taxpayers, want 3", len(entries))
	}
	person := entries["10000000078"]
	if !slices.Equal(person.Aliases, []string{"urn:mail:a@x", "urn:mail:z@x"}) || person.Title != "ŞAHIS" {
		t.Errorf("the person is %+v", person)
	}
	if e := entries["1000000001"]; len(e.Aliases) != 2 {
		t.Errorf("the longest mailbox is lost: %+v", e)
	}
	if e, err := r.Lookup(ctx, env, nil); err != nil || e == nil || len(e) != 0 {
		t.Errorf("nobody asked: %v, %v; want an empty map", e, err)
	}
	if e, err := r.Lookup(ctx, "https://live.example", []string{"1000000000"}); err != nil || e != nil {
		t.Errorf("another environment: %v, %v; want nil", e, err)
	}
	state, err := r.List(ctx, env)
	if err != nil || !state.Imported() || state.Mailboxes != 2503 || state.ImportedAt.IsZero() || state.TriedAt.After(state.ImportedAt) {
		t.Errorf("state %+v, %v", state, err)
	}
}

// TestOldListStays breaks imports at every stage: lookups see the old list whole, before, during and after.
func TestOldListStays(t *testing.T) {
	t.Parallel()
	r, _ := setup(t)
	ctx := t.Context()
	if _, err := r.Import(ctx, env, first(1500)); err != nil {
		t.Fatal(err)
	}
	old := func(when string) {
		t.Helper()
		got, err := r.Lookup(ctx, env, []string{"1000000003", "1000001499", "1000001500", "1000060000"})
		if err != nil || len(got) != 2 || got["1000000003"].Title != numbered(3).Title {
			t.Errorf("%s: %d found, %v", when, len(got), err)
		}
	}
	cut := errors.New("the connection was cut")
	cancelled, cancel := context.WithCancel(ctx)
	for name, c := range map[string]struct {
		ctx    context.Context
		source source
	}{
		"cut": {ctx, func(ctx context.Context, each func(providers.Taxpayer) error) error {
			err := generated(45_000)(ctx, func(p providers.Taxpayer) error {
				p.Title = "NEW"
				if p.TaxNo == "1000040000" {
					old("during the import")
				}
				return each(p)
			})
			return errors.Join(err, cut)
		}},
		"cancelled": {cancelled, func(ctx context.Context, each func(providers.Taxpayer) error) error {
			return generated(45_000)(ctx, func(p providers.Taxpayer) error {
				if p.TaxNo == "1000030000" {
					cancel()
				}
				return each(p)
			})
		}},
		"empty":   {ctx, generated(0)},
		"shrunk":  {ctx, generated(1400)},
		"garbled": {ctx, func(_ context.Context, each func(providers.Taxpayer) error) error { return garbled(each, 1600, 100) }},
	} {
		before, err := r.List(ctx, env)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.Import(c.ctx, env, c.source); err == nil {
			t.Errorf("%s: the list was taken over", name)
		} else if name == "cut" && !errors.Is(err, cut) {
			t.Errorf("%s: the cause is lost: %v", name, err)
		}
		old("after " + name)
		after, err := r.List(ctx, env)
		if err != nil || after.Generation != before.Generation || !after.ImportedAt.Equal(before.ImportedAt) {
			t.Errorf("%s: the state changed: %+v, %v", name, after, err)
		}
	}
	cancel()
	if _, err := r.Import(ctx, env, first(1500)); err != nil {
		t.Errorf("a good list after the bad ones: %v", err)
	}
}

func garbled(each func(providers.Taxpayer) error, good, bad int) error {
	for i := range good + bad {
		p := numbered(i)
		if i >= good {
			p.TaxNo = "VKN"
		}
		if err := each(p); err != nil {
			return err
		}
	}
	return nil
}

func TestShrink(t *testing.T) {
	t.Parallel()
	r, _ := setup(t)
	ctx := t.Context()
	for _, step := range []struct {
		rows    int
		options []registry.ImportOption
		err     string
	}{
		{rows: 1000}, // the first one has nothing to be compared with
		{rows: 951},
		{rows: 903, err: "has 903 taxpayers where the one of"},
		{rows: 904},
		{rows: 0, options: []registry.ImportOption{registry.AllowShrink()}, err: "holds no mailbox"},
		{rows: 100, err: "which is 88.9 % less (at most 5 % are believed)"},
		{rows: 100, options: []registry.ImportOption{registry.AllowShrink()}},
		{rows: 5000},
	} {
		_, err := r.Import(ctx, env, generated(step.rows), step.options...)
		switch {
		case step.err == "" && err != nil:
			t.Errorf("%d rows: %v", step.rows, err)
		case step.err != "" && (err == nil || !strings.Contains(err.Error(), step.err)):
			t.Errorf("%d rows: %v, want %q", step.rows, err, step.err)
		case step.err != "" && fault.ClassOf(err) != fault.Permanent:
			t.Errorf("%d rows: class %q", step.rows, fault.ClassOf(err))
		}
	}
}

// TestSlotsTakeTurns: who leaves the list is gone although no row is ever deleted, and who comes back is found again.
func TestSlotsTakeTurns(t *testing.T) {
	t.Parallel()
	r, d := setup(t)
	ctx := t.Context()
	for i, present := range []bool{true, false, true, true, false, false, true} {
		l := first(100)
		if !present {
			l = l[1:]
		}
		l[50].Title = "YENİ ÜNVAN"
		if _, err := r.Import(ctx, env, l); err != nil {
			t.Fatal(err)
		}
		got, err := r.Lookup(ctx, env, []string{"1000000000", l[50].TaxNo})
		if err != nil {
			t.Fatal(err)
		}
		if _, found := got["1000000000"]; found != present || got[l[50].TaxNo].Title != "YENİ ÜNVAN" {
			t.Errorf("import %d: found %v, want %v; %v", i+1, found, present, got)
		}
	}
	var rows int
	if err := d.DB().GetContext(ctx, &rows, "SELECT COUNT(*) FROM registry_mailboxes"); err != nil || rows != 200 {
		t.Errorf("%d rows, %v; want two slots of 100", rows, err)
	}
}

// TestTwoImporters: a second importer is sent away while the first works; when the first was silent for too long, the
// second takes over, and the first stops without harm.
func TestTwoImporters(t *testing.T) {
	t.Parallel()
	r, d := setup(t)
	ctx := t.Context()
	second := registry.New(daily(t, d), discard())
	_, err := r.Import(ctx, env, source(func(ctx context.Context, each func(providers.Taxpayer) error) error {
		if err := each(numbered(1)); err != nil {
			return err
		}
		if _, err := second.Import(ctx, env, first(10)); !errors.Is(err, registry.ErrBusy) || fault.ClassOf(err) != fault.Retryable {
			t.Errorf("beside a running import: %v", err)
		}
		d.Exec(t, "UPDATE registry_lists SET importing_until = UTC_TIMESTAMP(6) - INTERVAL 1 SECOND")
		if _, err := second.Import(ctx, env, first(10)); err != nil {
			t.Errorf("after a silent one: %v", err)
		}
		return generated(30)(ctx, each)
	}))
	if !errors.Is(err, registry.ErrBusy) {
		t.Errorf("the overtaken importer: %v", err)
	}
	got, err := r.Lookup(ctx, env, []string{"1000000009", "1000000029"})
	if err != nil || len(got) != 1 {
		t.Errorf("found %v, %v; want the second importer's list", got, err)
	}
}

// TestMissingTables says what to do.
func TestMissingTables(t *testing.T) {
	t.Parallel()
	r, d := setup(t)
	d.Exec(t, "DROP TABLE registry_lists")
	_, err := r.Lookup(t.Context(), env, []string{"1000000000"})
	if err == nil || !strings.Contains(err.Error(), "faturad migrate") || fault.ClassOf(err) != fault.Permanent {
		t.Errorf("got %v", err)
	}
}

// TestMemoryIsFlat imports 20,000 and 200,000 rows and compares the live heap at its highest.
func TestMemoryIsFlat(t *testing.T) {
	r, _ := setup(t)
	peakHeap(t, r, "https://first.example", 20_000) // what is made once is made now
	small := peakHeap(t, r, "https://small.example", 20_000)
	large := peakHeap(t, r, "https://large.example", 200_000)
	t.Logf("live heap at its highest: %d KiB for 20,000 rows, %d KiB for 200,000", small>>10, large>>10)
	if large > small+2<<20 {
		t.Errorf("the heap grew with the list: %d KiB for 20,000 rows, %d KiB for 200,000", small>>10, large>>10)
	}
}

// peakHeap imports n rows and measures the live heap at ten places on the way, after a collection each.
func peakHeap(t *testing.T, r *registry.Registry, environment string, n int) uint64 {
	t.Helper()
	var peak uint64
	measured := source(func(ctx context.Context, each func(providers.Taxpayer) error) error {
		i := 0
		return generated(n)(ctx, func(p providers.Taxpayer) error {
			if i++; i%(n/10) == 0 {
				runtime.GC()
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				peak = max(peak, m.HeapAlloc)
			}
			return each(p)
		})
	})
	got, err := r.Import(t.Context(), environment, measured)
	if err != nil || got.Mailboxes != n {
		t.Fatalf("%+v, %v", got, err)
	}
	return peak
}

// BenchmarkImport2M is the size of the real list.
func BenchmarkImport2M(b *testing.B) {
	r, _ := setup(b)
	const rows = 2_000_000
	for b.Loop() {
		var peak uint64
		got, err := r.Import(b.Context(), env, generated(rows), registry.WithProgress(func(n int) {
			if n%100_000 == 0 {
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				peak = max(peak, m.HeapInuse)
			}
		}))
		if err != nil || got.Mailboxes != rows {
			b.Fatalf("%+v, %v", got, err)
		}
		b.ReportMetric(float64(peak)/(1<<20), "MiB-heap")
	}
	b.ReportMetric(rows*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

// BenchmarkLookup asks for 100 of 200,000 taxpayers.
func BenchmarkLookup(b *testing.B) {
	r, _ := setup(b)
	if _, err := r.Import(b.Context(), env, generated(200_000)); err != nil {
		b.Fatal(err)
	}
	taxNos := make([]string, 100)
	for i := range taxNos {
		taxNos[i] = numbered(i * 1999).TaxNo
	}
	for b.Loop() {
		if got, err := r.Lookup(b.Context(), env, taxNos); err != nil || len(got) != 100 {
			b.Fatal(len(got), err)
		}
	}
}
