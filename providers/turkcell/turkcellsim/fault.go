package turkcellsim

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"faturad/providers/simulator"
)

// The kinds of faults; providers/simulator says what each of them does.
const (
	FaultSavedError    = simulator.FaultSavedError
	FaultAnswerLost    = simulator.FaultAnswerLost
	FaultCutBeforeBody = simulator.FaultCutBeforeBody
	FaultCutAfterBody  = simulator.FaultCut
	FaultLateAccept    = simulator.FaultLateAccept
	FaultSlowHeaders   = simulator.FaultSlowHeaders
	FaultSlowBody      = simulator.FaultSlowBody
	FaultSilence       = simulator.FaultSilence
	FaultHang          = simulator.FaultHang
	FaultTruncated     = simulator.FaultTruncated
	FaultLongLength    = simulator.FaultLongLength
	FaultStatus        = simulator.FaultStatus
	FaultHTMLPage      = simulator.FaultHTMLPage
	FaultEmpty         = simulator.FaultEmpty
	FaultBOM           = simulator.FaultBOM
	FaultLatin5        = simulator.FaultLatin5
	FaultGzipBomb      = simulator.FaultGzipBomb
	FaultHugeBody      = simulator.FaultHugeBody
	FaultRedirect      = simulator.FaultRedirect
	FaultOtherID       = simulator.FaultOtherID
	FaultTakenNumber   = simulator.FaultTakenNumber
	FaultGarbage       = simulator.FaultGarbage
	FaultWrongType     = simulator.FaultWrongType
	FaultNoNumber      = simulator.FaultNoNumber
	FaultFlood1xx      = simulator.FaultFlood1xx
	FaultBigHeader     = simulator.FaultBigHeader
)

// savesByHabit says which kinds work on the request.
var savesByHabit = map[string]bool{
	FaultSavedError: true, FaultAnswerLost: true, FaultCutBeforeBody: false, FaultCutAfterBody: false,
	FaultLateAccept: true, FaultSlowHeaders: true, FaultSlowBody: true, FaultSilence: true, FaultHang: true,
	FaultTruncated: true, FaultLongLength: true, FaultStatus: false, FaultHTMLPage: false, FaultEmpty: true,
	FaultBOM: true, FaultLatin5: true, FaultGzipBomb: true, FaultHugeBody: true, FaultRedirect: false,
	FaultOtherID: true, FaultTakenNumber: true, FaultGarbage: true, FaultWrongType: true, FaultNoNumber: true,
	FaultFlood1xx: true, FaultBigHeader: true,
}

// FaultKinds lists every kind, sorted.
func FaultKinds() []string {
	var out []string
	for k := range savesByHabit {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// Fault is one switch: when it strikes and what it does. The zero Kind is not valid.
type Fault struct {
	Kind   string `json:"kind"`             // one of the Fault... constants
	Family Family `json:"family,omitempty"` // endpoints it strikes; empty = all
	// Times is how often it strikes; 0 = for ever.
	Times int `json:"times,omitempty"`
	// Skip lets so many matching requests pass first.
	Skip int `json:"skip,omitempty"`
	// Every strikes each k-th matching request; 0 and 1 = each.
	Every int `json:"every,omitempty"`
	// Probability strikes by chance, 0 < p < 1, drawn from Seed; 0 = always.
	Probability float64 `json:"probability,omitempty"`
	Seed        uint64  `json:"seed,omitempty"`
	// Reference, TaxNo and ETTN strike only requests for that document (Reference: a part of it is enough). On a create
	// they are known only after the body was read.
	Reference string `json:"reference,omitempty"`
	TaxNo     string `json:"tax_no,omitempty"`
	ETTN      string `json:"ettn,omitempty"`

	Status     int           `json:"status,omitempty"`      // for status (500), saved-error (500), late-accept (504), redirect (307)
	Body       string        `json:"body,omitempty"`        // instead of the kind's usual body
	RetryAfter string        `json:"retry_after,omitempty"` // header value, as is
	Location   string        `json:"location,omitempty"`    // for redirect; empty = the same path with "/moved" before it
	Delay      time.Duration `json:"-"`                     // "delay" in JSON, as "1500ms". Real time; for late-accept the simulator's clock
	Size       int64         `json:"size,omitempty"`        // for huge-body (100 MB) and gzip-bomb (1 GB), in bytes
	Save       string        `json:"save,omitempty"`        // "yes" or "no" instead of the kind's own habit
}

func (f *Fault) saves() bool {
	switch f.Save {
	case "yes":
		return true
	case "no":
		return false
	}
	return savesByHabit[f.Kind]
}

func (f *Fault) byContent() bool { return f.Reference != "" || f.TaxNo != "" || f.ETTN != "" }

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
	if _, ok := savesByHabit[f.Kind]; !ok {
		return fmt.Errorf("%q is no kind of fault; one of %s", f.Kind, strings.Join(FaultKinds(), ", "))
	}
	if f.Probability < 0 || f.Probability > 1 {
		return errors.New("a fault's probability lies between 0 and 1")
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.armed = append(b.armed, &armed{Fault: f, dice: rand.New(rand.NewPCG(f.Seed, 0x5157))})
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
	out := make([]Fault, 0, len(b.armed))
	for _, a := range b.armed {
		out = append(out, a.Fault)
	}
	return out
}

// subject is what a request is about, as far as it is known.
type subject struct{ ettn, reference, taxNo string }

// pick returns the first fault that strikes. byContent chooses between faults that look at the document and those that
// do not.
func (b *switchboard) pick(family Family, byContent bool, about subject) *Fault {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, a := range b.armed {
		if a.byContent() == byContent && a.matches(family, about) && a.strikes() {
			f := a.Fault
			return &f
		}
	}
	return nil
}

func (a *armed) matches(family Family, about subject) bool {
	return (a.Family == "" || a.Family == family) &&
		(a.Reference == "" || strings.Contains(about.reference, a.Reference)) &&
		(a.TaxNo == "" || a.TaxNo == about.taxNo) &&
		(a.ETTN == "" || strings.EqualFold(a.ETTN, about.ettn))
}

func (a *armed) strikes() bool {
	if a.Times > 0 && a.struck >= a.Times {
		return false
	}
	a.seen++
	switch {
	case a.seen <= a.Skip:
		return false
	case a.Every > 1 && (a.seen-a.Skip)%a.Every != 0:
		return false
	case a.Probability > 0 && a.dice.Float64() >= a.Probability:
		return false
	}
	a.struck++
	return true
}

// strikeEarly looks for a fault before anything of the body is read. Where the path names a document, faults that look
// at documents are considered too.
func (s *Simulator) strikeEarly(c *call) {
	f := s.faults.pick(c.route.family, false, subject{})
	if f == nil && c.id != uuid.Nil {
		about := subject{ettn: c.id.String()}
		s.documents.with("", c.id, c.now, func(d *record) { about.reference, about.taxNo = d.reference, d.buyer })
		f = s.faults.pick(c.route.family, true, about)
	}
	c.struckBy(f)
}

// strikeLate looks for a fault once a create's content is known.
func (s *Simulator) strikeLate(c *call, in intake) {
	if c.fault == nil && c.id == uuid.Nil {
		c.struckBy(s.faults.pick(c.route.family, true, subject{in.ettn.String(), in.reference, in.c.customer.taxNo}))
	}
}

func (c *call) struckBy(f *Fault) {
	if f != nil {
		c.fault, c.entry.Fault = f, f.Kind
	}
}
