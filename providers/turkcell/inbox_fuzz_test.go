package turkcell

import (
	"context"
	"log/slog"
	"net/http"
	"testing"

	"github.com/google/uuid"

	"faturad/internal/clock"
	"faturad/internal/fault"
)

// A page as the provider sends it, and rows that are odd in one way each.
const goodRow = `{"id":"4b0c8f6e-7d0c-4c43-9d9e-2f8c4f0b9a11","invoiceNumber":"ABC2026000000001","executionDate":"2026-11-01T00:00:00","status":60,"type":1,
"tipType":1,"targetTitle":"Örnek A.Ş.","targetVknTckn":"7473004654","payableAmount":120.5,"currency":"TRY","isNew":true,"createdDate":"2026-11-01T10:11:12.345"}`

var pages = []string{
	`{"pageIndex":1,"pageSize":50,"totalCount":1,"totalPages":1,"hasNextPage":false,"items":[` + goodRow + `]}`,
	`{"totalCount":"2","items":[` + goodRow + `,{"id":"5b0c8f6e-7d0c-4c43-9d9e-2f8c4f0b9a11","payableAmount":"1e999999999","createdDate":"0000-99-99"}]}`,
	`{"items":[{"id":null}, ` + goodRow + `, 7, "x", [], null]}`,
	`{"items":[]}`, `{"items":{}}`, `{}`, `[]`, `null`, ``, "\xef\xbb\xbf{}", `{"items":[{}]}`,
}

func inboxOf(t testing.TB) *Provider {
	t.Helper()
	p, err := New(Config{BaseURL: "https://x.example.test", APIKey: "k"}, clock.Real{}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func pageAnswer(body []byte) answer {
	return answer{status: http.StatusOK, header: http.Header{"Content-Type": {"application/json"}}, body: body}
}

// TestOddRows: what is odd about a row beside its id costs only the row's own words; the invoice itself says the rest.
func TestOddRows(t *testing.T) {
	t.Parallel()
	p := inboxOf(t)
	for body, want := range map[string]int{pages[0]: 1, pages[1]: 2, pages[2]: 1, pages[3]: 0} {
		got, err := p.readPage(t.Context(), request{use: useList}, pageAnswer([]byte(body)), 1)
		if err != nil || len(got.Items) != want || got.Rows < want {
			t.Errorf("%.60s: %d rows of %d, %v", body, len(got.Items), got.Rows, err)
		}
	}
	for _, body := range pages[4:] {
		if _, err := p.readPage(t.Context(), request{use: useList}, pageAnswer([]byte(body)), 1); fault.ClassOf(err) != fault.Retryable {
			t.Errorf("%q: %v", body, err)
		}
	}
}

// FuzzInboxPage: no page may panic; a row always has an ETTN; every refusal has a class.
func FuzzInboxPage(f *testing.F) {
	for _, body := range pages {
		f.Add([]byte(body))
	}
	p := inboxOf(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := p.readPage(context.Background(), request{use: useList}, pageAnswer(data), 1)
		if err != nil {
			if fault.ClassOf(err) == "" {
				t.Fatalf("%v has no class", err)
			}
			return
		}
		for _, item := range got.Items {
			if item.ETTN == uuid.Nil {
				t.Fatalf("a row without an ETTN: %+v", item)
			}
		}
		if got.Rows < len(got.Items) {
			t.Fatalf("%d rows, %d read", got.Rows, len(got.Items))
		}
	})
}
