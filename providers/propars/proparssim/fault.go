package proparssim

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"
)

// Family is a group of endpoints.
type Family string

// The families.
const (
	FamilyToken   Family = "token"
	FamilySale    Family = "sale"    // create_nested
	FamilyPreview Family = "preview" // the GET that creates
	FamilySend    Family = "send"
	FamilySigned  Family = "signed" // signed XML
	FamilyCancel  Family = "cancel"
	FamilyList    Family = "list"
	FamilyOther   Family = "other"
)

// The kinds of faults. "Saved" means that the request was worked on as usual before the fault showed.
const (
	FaultSavedError  = "saved-error"    // saved, then Status (500)
	FaultAnswerLost  = "answer-lost"    // saved, then the connection is closed without an answer
	FaultCut         = "cut-after-body" // not saved; closed after the body was read
	FaultStatus      = "status"         // not saved; Status (503)
	FaultHTMLPage    = "html-page"      // not saved; 200 with a login page
	FaultThrottle    = "throttle"       // not saved; 429 with Retry-After 1
	FaultGarbage     = "garbage"        // saved; 200 with random bytes
	FaultTruncated   = "truncated"      // saved; the body ends in the middle
	FaultEmpty       = "empty"          // saved; 200 with no body
	FaultHang        = "hang"           // saved; no answer until the client leaves or Delay is over
	FaultLateAccept  = "late-accept"    // Status (504) at once; saved when the clock has moved by Delay
	FaultExpireToken = "expire-token"   // not saved; 401, and the token is useless from now on
)

var saves = map[string]bool{
	FaultSavedError: true, FaultAnswerLost: true, FaultCut: false, FaultStatus: false, FaultHTMLPage: false, FaultThrottle: false,
	FaultGarbage: true, FaultTruncated: true, FaultEmpty: true, FaultHang: true, FaultLateAccept: true, FaultExpireToken: false,
}

// Fault is one switch: when it strikes and what it does.
type Fault struct {
	Kind   string `json:"kind"`             // one of the Fault... constants
	Family Family `json:"family,omitempty"` // endpoints it strikes; empty = all but the log-in
	Times  int    `json:"times,omitempty"`  // how often; 0 = for ever
	Skip   int    `json:"skip,omitempty"`   // matching requests that pass first
	Every  int    `json:"every,omitempty"`  // each k-th matching request; 0 and 1 = each
	// Probability strikes by chance, 0 < p < 1, drawn from Seed; 0 = always.
	Probability float64       `json:"probability,omitempty"`
	Seed        uint64        `json:"seed,omitempty"`
	Key         string        `json:"key,omitempty"` // only the sale whose code or ETTN this is
	Status      int           `json:"status,omitempty"`
	Delay       time.Duration `json:"-"`
}

// FaultKinds lists every kind, sorted.
func FaultKinds() []string {
	var out []string
	for k := range saves {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// switchboard holds the faults that are set.
type switchboard struct {
	mu    sync.Mutex
	armed []*armed
}

type armed struct {
	Fault
	seen, struck int
	dice         *rand.Rand
}

func (b *switchboard) add(f Fault) error {
	if _, ok := saves[f.Kind]; !ok {
		return fmt.Errorf("%q is no kind of fault; one of %s", f.Kind, strings.Join(FaultKinds(), ", "))
	}
	if f.Probability < 0 || f.Probability > 1 {
		return errors.New("a fault's probability lies between 0 and 1")
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.armed = append(b.armed, &armed{Fault: f, dice: rand.New(rand.NewPCG(f.Seed, 0x6b62))})
	return nil
}

func (b *switchboard) clear() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.armed = nil
}

func (b *switchboard) list() []Fault {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := []Fault{}
	for _, a := range b.armed {
		out = append(out, a.Fault)
	}
	return out
}

// pick returns the first fault that strikes a request of the family about a text.
func (b *switchboard) pick(family Family, text string) *Fault {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, a := range b.armed {
		if a.Family == "" && family == FamilyToken || a.Family != "" && a.Family != family || a.Key != "" && !slices.Contains(strings.Fields(text), a.Key) {
			continue
		}
		if a.Times > 0 && a.struck >= a.Times {
			continue
		}
		a.seen++
		if a.seen <= a.Skip || a.Every > 1 && (a.seen-a.Skip)%a.Every != 0 || a.Probability > 0 && a.dice.Float64() >= a.Probability {
			continue
		}
		a.struck++
		f := a.Fault
		return &f
	}
	return nil
}
