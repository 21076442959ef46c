package simulator

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"
)

// Family is a group of a provider's endpoints.
type Family string

// FamilyToken is the log-in: a fault strikes it only when it names it.
const FamilyToken Family = "token"

// The kinds of faults. "Saved" means that the request was worked on as usual before the fault showed.
const (
	FaultSavedError    = "saved-error"     // saved, then Status (500)
	FaultAnswerLost    = "answer-lost"     // saved, then the connection is closed without an answer
	FaultCutBeforeBody = "cut-before-body" // not saved; closed before the body is read
	FaultCut           = "cut-after-body"  // not saved; closed after the body was read
	FaultLateAccept    = "late-accept"     // Status (504) at once; saved when the clock has moved by Delay
	FaultSlowHeaders   = "slow-headers"    // saved; Delay before the headers
	FaultSlowBody      = "slow-body"       // saved; Delay between single bytes
	FaultSilence       = "silence"         // saved; headers, then nothing until the client leaves or Delay is over
	FaultHang          = "hang"            // saved; not even headers until the client leaves or Delay is over, then cut
	FaultTruncated     = "truncated"       // saved; the body ends in the middle, the framing is right
	FaultLongLength    = "long-length"     // saved; Content-Length promises more than comes
	FaultStatus        = "status"          // not saved; Status (503) with Body and RetryAfter
	FaultThrottle      = "throttle"        // not saved; 429 with Retry-After 1
	FaultHTMLPage      = "html-page"       // not saved; 200 with a login page (captive portal)
	FaultEmpty         = "empty"           // saved; 200 without a body
	FaultBOM           = "bom"             // saved; a byte order mark before the body
	FaultLatin5        = "latin5"          // saved; Turkish letters in ISO-8859-9
	FaultGzipBomb      = "gzip-bomb"       // saved; Size bytes behind Content-Encoding: gzip
	FaultHugeBody      = "huge-body"       // saved; the body followed by spaces up to Size
	FaultRedirect      = "redirect"        // not saved; Status (307) to "/moved" and the same path
	FaultOtherID       = "other-id"        // saved; the answer names another document
	FaultTakenNumber   = "taken-number"    // saved; the answer carries the number of another document
	FaultNoNumber      = "no-number"       // saved; the answer has no number
	FaultGarbage       = "garbage"         // saved; 200 with random bytes
	FaultWrongType     = "wrong-type"      // saved; as application/octet-stream
	FaultFlood1xx      = "flood-1xx"       // saved; a hundred 103 answers first
	FaultBigHeader     = "big-header"      // saved; one header line of 12 MB
	FaultExpireToken   = "expire-token"    // not saved; every token is useless from now on, and this request is told so
	FaultSuccessNo     = "success-false"   // saved; 200 with the provider's "no" and no reason
)

// saves says which kinds work on the request.
var saves = map[string]bool{
	FaultSavedError: true, FaultAnswerLost: true, FaultCutBeforeBody: false, FaultCut: false, FaultLateAccept: true, FaultSlowHeaders: true,
	FaultSlowBody: true, FaultSilence: true, FaultHang: true, FaultTruncated: true, FaultLongLength: true, FaultStatus: false,
	FaultThrottle: false, FaultHTMLPage: false, FaultEmpty: true, FaultBOM: true, FaultLatin5: true, FaultGzipBomb: true, FaultHugeBody: true,
	FaultRedirect: false, FaultOtherID: true, FaultTakenNumber: true, FaultNoNumber: true, FaultGarbage: true, FaultWrongType: true,
	FaultFlood1xx: true, FaultBigHeader: true, FaultExpireToken: false, FaultSuccessNo: true,
}

// Fault is one switch: when it strikes and what it does. The zero Kind is not valid.
type Fault struct {
	Kind   string `json:"kind"`             // one of the Fault... constants
	Family Family `json:"family,omitempty"` // endpoints it strikes; empty = all but the log-in
	Times  int    `json:"times,omitempty"`  // how often; 0 = for ever
	Skip   int    `json:"skip,omitempty"`   // matching requests that pass first
	Every  int    `json:"every,omitempty"`  // each k-th matching request; 0 and 1 = each
	// Probability strikes by chance, 0 < p < 1, drawn from Seed; 0 = always.
	Probability float64       `json:"probability,omitempty"`
	Seed        uint64        `json:"seed,omitempty"`
	Key         string        `json:"key,omitempty"` // only requests about what this text names
	Status      int           `json:"status,omitempty"`
	Body        string        `json:"body,omitempty"`        // instead of the kind's usual body
	RetryAfter  string        `json:"retry_after,omitempty"` // header value, as is
	Delay       time.Duration `json:"-"`                     // "delay" in JSON, as "1500ms". Real time; for late-accept the simulator's clock
	Size        int64         `json:"size,omitempty"`        // for huge-body (100 MB) and gzip-bomb (1 GB), in bytes
}

type plainFault Fault

type wireFault struct {
	plainFault
	Delay string `json:"delay,omitempty"`
}

// MarshalJSON prints Delay as text.
func (f Fault) MarshalJSON() ([]byte, error) {
	w := wireFault{plainFault: plainFault(f)}
	if f.Delay != 0 {
		w.Delay = f.Delay.String()
	}
	return json.Marshal(w)
}

// UnmarshalJSON reads Delay from text like "1500ms".
func (f *Fault) UnmarshalJSON(b []byte) error {
	var w wireFault
	if err := json.Unmarshal(b, &w); err != nil {
		return err
	}
	*f = Fault(w.plainFault)
	if w.Delay == "" {
		return nil
	}
	d, err := time.ParseDuration(w.Delay)
	f.Delay = d
	return err
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

// pick returns the first fault that strikes a request of the family. Before the body was read (about is nil) only those strike
// that do not wait for it.
func (b *switchboard) pick(family Family, about func(key string) bool) *Fault {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, a := range b.armed {
		early := a.Kind == FaultCutBeforeBody
		if early != (about == nil) || a.Family == "" && family == FamilyToken || a.Family != "" && a.Family != family ||
			!early && a.Key != "" && !about(a.Key) {
			continue
		}
		if a.strikes() {
			f := a.Fault
			return &f
		}
	}
	return nil
}

func (a *armed) strikes() bool {
	if a.Times > 0 && a.struck >= a.Times {
		return false
	}
	a.seen++
	if a.seen <= a.Skip || a.Every > 1 && (a.seen-a.Skip)%a.Every != 0 || a.Probability > 0 && a.dice.Float64() >= a.Probability {
		return false
	}
	a.struck++
	return true
}
