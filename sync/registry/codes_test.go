package registry_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"faturad/providers"
	"faturad/sync/registry"
)

// lists is a provider's code lists in memory; a list that is not there cannot be had.
type lists map[providers.CodeList][]providers.Code

func (l lists) Codes(_ context.Context, list providers.CodeList) ([]providers.Code, error) {
	codes, ok := l[list]
	if !ok {
		return nil, errors.New("the provider does not answer")
	}
	return codes, nil
}

func numberedCodes(n int) []providers.Code {
	out := make([]providers.Code, n)
	for i := range out {
		out[i] = providers.Code{Code: fmt.Sprintf("C%04d", i), Name: fmt.Sprintf("Ölçü %d", i), Detail: "x"}
	}
	return out
}

func all(n int) lists {
	l := lists{}
	for _, name := range providers.CodeLists() {
		l[name] = numberedCodes(n)
	}
	return l
}

func TestImportCodes(t *testing.T) {
	t.Parallel()
	r, _ := setup(t)
	ctx := t.Context()
	if at, err := r.CodesFetched(ctx, env); err != nil || !at.IsZero() {
		t.Fatalf("fetched %v, %v before the first time", at, err)
	}
	size := func(list providers.CodeList) int {
		t.Helper()
		cached, err := r.Codes(ctx, env)
		if err != nil {
			t.Fatal(err)
		}
		return len(cached[list].Codes)
	}
	if res, err := r.ImportCodes(ctx, env, all(2152)); err != nil || len(res.Entries) != 6 || res.Entries[providers.CodesUnit] != 2152 {
		t.Fatalf("%+v %v", res, err)
	}
	cached, err := r.Codes(ctx, env)
	if err != nil || cached[providers.CodesUnit].Codes[7] != (providers.Code{Code: "C0007", Name: "Ölçü 7", Detail: "x"}) || cached[providers.CodesUnit].FetchedAt.IsZero() {
		t.Fatalf("%+v %v", cached[providers.CodesUnit].Codes[7], err)
	}
	if at, err := r.CodesFetched(ctx, env); err != nil || at.IsZero() {
		t.Errorf("fetched %v, %v", at, err)
	}
	if other, err := r.Codes(ctx, "https://live.example"); err != nil || len(other) != 0 {
		t.Errorf("another environment has %d lists, %v", len(other), err)
	}

	// A list that cannot be had keeps the old one, and the others go on.
	some := all(2100)
	delete(some, providers.CodesTax)
	res, err := r.ImportCodes(ctx, env, some)
	if err == nil || !strings.Contains(err.Error(), `"tax"`) || len(res.Entries) != 5 || size(providers.CodesTax) != 2152 || size(providers.CodesUnit) != 2100 {
		t.Errorf("%+v %v, tax %d, unit %d", res, err, size(providers.CodesTax), size(providers.CodesUnit))
	}

	// One that shrank by more than 5 % is not believed, unless a person says so.
	small := all(2100)
	small[providers.CodesUnit] = numberedCodes(1900)
	if _, err := r.ImportCodes(ctx, env, small); err == nil || !strings.Contains(err.Error(), "1900") || size(providers.CodesUnit) != 2100 {
		t.Errorf("a cut list: %v, %d codes", err, size(providers.CodesUnit))
	}
	if _, err := r.ImportCodes(ctx, env, small, registry.AllowShrink()); err != nil || size(providers.CodesUnit) != 1900 {
		t.Errorf("allowed to shrink: %v, %d codes", err, size(providers.CodesUnit))
	}

	// A list of another format is refused whole; one odd row is dropped.
	odd := all(2100)
	odd[providers.CodesUnit][3].Code = " "
	for i := range odd[providers.CodesCountry] {
		odd[providers.CodesCountry][i].Code = ""
	}
	if _, err := r.ImportCodes(ctx, env, odd); err == nil || size(providers.CodesUnit) != 2099 || size(providers.CodesCountry) != 2100 {
		t.Errorf("odd rows: %v, %d units, %d countries", err, size(providers.CodesUnit), size(providers.CodesCountry))
	}
}

// Two daemons that fetch at once leave one whole list.
func TestImportCodesAtOnce(t *testing.T) {
	t.Parallel()
	r, _ := setup(t)
	done := make(chan error, 2)
	for range 2 {
		go func() { _, err := r.ImportCodes(t.Context(), env, all(300)); done <- err }()
	}
	for range 2 {
		if err := <-done; err != nil {
			t.Log("one of them gave way:", err)
		}
	}
	cached, err := r.Codes(t.Context(), env)
	if err != nil || len(cached) != 6 {
		t.Fatalf("%d lists, %v", len(cached), err)
	}
	for name, l := range cached {
		if len(l.Codes) != 300 {
			t.Errorf("%s has %d codes", name, len(l.Codes))
		}
	}
}
