package all_test

import (
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"faturad/internal/clock"
	"faturad/providers/all"
)

func TestEveryKindCanBeMade(t *testing.T) {
	t.Parallel()
	kinds := all.Kinds()
	if !slices.Contains(kinds, "turkcell") {
		t.Fatalf("kinds %v", kinds)
	}
	log := slog.New(slog.DiscardHandler)
	quarantine := 7 * time.Second
	for _, kind := range kinds {
		account := all.Account{BaseURL: "https://x.example.test", APIKey: "c2VjcmV0LWtleQ==", Channel: "a-channel", Quarantine: &quarantine, Timeout: 9 * time.Second}
		if kind == "propars" {
			account.APIKey, account.Username, account.Password = "", "a@example.test", "a-password"
		}
		p, err := all.New(kind, account, clock.Real{}, log)
		if err != nil {
			t.Errorf("%s: %v", kind, err)
			continue
		}
		if c := p.Capabilities(); c.Name != kind || c.Quarantine != quarantine || c.RequestTimeout != 9*time.Second {
			t.Errorf("%s: %+v", kind, c)
		}
		if p, err := all.New(kind, all.Account{}, clock.Real{}, log); err == nil || p != nil {
			t.Errorf("%s was made without address and key: %v", kind, p)
		}
	}
	if _, err := all.New("pigeon", all.Account{}, clock.Real{}, log); err == nil || !strings.Contains(err.Error(), "turkcell") {
		t.Errorf("got %v", err)
	}
}
