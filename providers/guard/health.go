package guard

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"faturad/internal/invoice"
)

// TroubleKind says what keeps an account's calls from going out.
type TroubleKind string

// The kinds of trouble.
const (
	TroubleKey        TroubleKind = "key"        // the provider refuses the credentials
	TroublePermission TroubleKind = "permission" // the account may not use one product
	TroubleSilent     TroubleKind = "silent"     // the provider fails again and again
)

// Trouble is a reason why calls are stopped before they leave.
type Trouble struct {
	Kind    TroubleKind
	Product invoice.Kind // of a missing permission; empty otherwise
	Message string       // the provider's words; may be empty
	Advice  string       // what to do; may be empty
}

// name tells troubles apart.
func (t Trouble) name() string { return string(t.Kind) + "." + string(t.Product) }

// Health is what the guards of one account know of it now. The zero value is healthy; a nil Health learns nothing.
type Health struct {
	mu       sync.Mutex
	troubles map[string]Trouble
	answered time.Time
	enter    func(context.Context) error // past the lock of the whole account
}

// Refused says why no call of the account goes out: its key is refused; nil = it is not. When a probe is due it makes it.
func (h *Health) Refused(ctx context.Context) error {
	if h == nil {
		return nil
	}
	h.mu.Lock()
	enter := h.enter
	h.mu.Unlock()
	if enter == nil {
		return nil
	}
	return enter(ctx)
}

func (h *Health) lockedBy(enter func(context.Context) error) {
	if h == nil {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.enter = enter
}

// Troubles are the reasons why calls are stopped, in a fixed order; none = they go out.
func (h *Health) Troubles() []Trouble {
	if h == nil {
		return nil
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	out := slices.Collect(maps.Values(h.troubles))
	slices.SortFunc(out, func(a, b Trouble) int { return strings.Compare(a.name(), b.name()) })
	return out
}

// Answered is when a call last succeeded; zero = none has yet.
func (h *Health) Answered() time.Time {
	if h == nil {
		return time.Time{}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.answered
}

func (h *Health) begin(t Trouble) {
	if h == nil {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.troubles == nil {
		h.troubles = map[string]Trouble{}
	}
	h.troubles[t.name()] = t
}

func (h *Health) end(t Trouble) {
	if h == nil {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.troubles, t.name())
}

func (h *Health) succeeded(at time.Time) {
	if h == nil {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.answered = at
}
