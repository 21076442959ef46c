package simulation

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"faturad/internal/fault"
	"faturad/internal/invoice"
	"faturad/providers"
)

// class says what a provider does about the same document sent twice (facts/reliability.md section 2).
type class int

const (
	classA   class = iota // refuses a used ETTN for ever, atomically; finds by ETTN
	classB                // refuses for a while, and two at once may both pass; finds by ETTN
	classC                // refuses nothing; finds by ETTN
	classD                // refuses nothing and finds nothing
	twoSteps              // a create makes a draft, a release makes it an invoice; refuses nothing; finds by our key (KolayBi)
)

func (c class) String() string { return [...]string{"A", "B", "C", "D", "two steps"}[c] }

const (
	badWord = "REDDEDİLECEK"

	requestTimeout = 30 * time.Second
	window         = 10 * time.Minute // class B forgets what it has seen after this
)

// office is a provider in memory.
type office struct {
	w        *world
	class    class
	issued   []document
	arriving []arrival
	requests []request
	away     time.Time
	locked   time.Time // until then it refuses the key
	lock     int       // how often the key was refused for a while
	numbers  int
	careless bool             // it may give a number that it gave before
	clashed  map[string]bool  // local references of sales that share a number
	says     map[string]draft // what was prepared, by hash
}

// draft is what the bytes of a document are made of.
type draft struct {
	ettn    uuid.UUID
	ref     string
	payable int64 // kuruş
	date    invoice.Date
	bad     bool
}

// bytes are those of a draft: they say what identifies the document.
func (d draft) bytes() providers.Payload {
	text := fmt.Appendf(nil, "%s|%s|%d|%s|%t", d.ettn, d.ref, d.payable, d.date, d.bad)
	sum := sha256.Sum256(text)
	return providers.Payload{ContentType: "text/plain", Bytes: text, Hash: hex.EncodeToString(sum[:])}
}

var payloads known[draft, providers.Payload]

// document is an invoice, or a draft, that exists at the provider.
type document struct {
	ettn     uuid.UUID // the legal one; of a draft of two steps none yet
	key      uuid.UUID // ours
	id       string    // the provider's own, with two steps
	ref      string
	number   string
	payable  decimal.Decimal
	date     invoice.Date
	hash     string
	at       time.Time
	readable time.Time // its content can be downloaded from then on
	accepted time.Time // GİB accepts it then, or fails it

	draft     bool
	deleted   bool // a draft that is gone
	cancelled bool
	fails     bool // at GİB
}

// legal reports whether the document has, or may get, legal effect.
func (d *document) legal(now time.Time) bool {
	return !d.draft && !d.cancelled && !(d.fails && !d.accepted.After(now))
}

// arrival is a request that is still on its way through the provider when its sender has given up.
type arrival struct {
	at      time.Time
	out     providers.Outgoing
	checked bool   // passed the check for duplicates already
	release string // releases this draft instead of making a document
}

type request struct {
	ettn    uuid.UUID
	at      time.Time // by the ledger's clock
	hash    string
	release bool
}

// slowest is how long a request may take inside the provider; the quarantine is longer, except where a used ETTN is refused
// for ever: there even a request that comes too late does no harm.
func (c class) slowest() time.Duration {
	if c == classA {
		return 10 * time.Minute
	}
	return 5 * time.Minute
}

func (c class) capabilities() providers.Capabilities {
	quarantine := 6 * time.Minute
	if c == classA {
		quarantine = 90 * time.Second
	}
	return providers.Capabilities{Name: "sim", TakesETTN: c != classD && c != twoSteps, RefusesUsedETTN: c == classA, FindsByETTN: c != classD,
		Numbers: true, Drafts: true, TwoStep: c == twoSteps, Quarantine: quarantine, RequestTimeout: requestTimeout}
}

// line is the provider as one daemon, or person, sees it.
type line struct {
	*office
	d       *daemon
	refused map[int]int // paid requests that came with a key that is refused, by lock
}

// line opens the line of a daemon.
func (o *office) line(d *daemon) providers.Provider {
	l := &line{office: o, d: d, refused: map[int]int{}}
	if o.class == twoSteps {
		return stepper{l}
	}
	return l
}

func (l *line) Capabilities() providers.Capabilities { return l.class.capabilities() }

// Prepare makes the bytes of a draft, and remembers what they say.
func (l *line) Prepare(d providers.Draft) (providers.Payload, error) {
	says := draft{ettn: d.ETTN, ref: d.LocalReference, payable: d.Invoice.Totals.Payable.Shift(2).IntPart(), date: d.IssueDate,
		bad: d.Invoice.Lines[0].Name == badWord}
	p := payloads.of(says, says.bytes)
	l.says[p.Hash] = says
	return p, nil
}

func failed(c fault.Class, what string) error {
	return &fault.Error{Class: c, Doing: "creating", Err: errors.New(what), Message: what}
}

var errKey = &fault.Error{Class: fault.Auth, Doing: "asking", Message: "401", Code: providers.CodeKey}

func (o *office) now() time.Time { return o.w.now() }

// enters is what stands at the door of every request: the provider is away, or refuses the key. paid says that the guard
// should have kept such a request back.
func (l *line) enters(paid bool) error {
	now := l.now()
	if now.Before(l.locked) {
		if paid {
			l.refused[l.lock]++
			if most := l.d.inFlight + 1; l.refused[l.lock] > most && l.d.inFlight > 0 { // followup deletes drafts beside those in flight
				l.w.blame("PAID FOR NOTHING: %s made %d paid requests with a refused key, %d were in flight at most", l.d.name, l.refused[l.lock], most)
			}
		}
		return errKey
	}
	if now.Before(l.away) {
		if l.w.stage.chance(500) {
			return failed(fault.Retryable, "connection refused")
		}
		return failed(fault.Ambiguous, "502")
	}
	return nil
}

// Send makes one creating request. Its first wait is the way to the provider, its second the way back.
func (l *line) Send(ctx context.Context, out providers.Outgoing) (providers.Receipt, error) {
	t, err := l.w.stage.wait(ctx, l.d, "arrive", out.LocalReference)
	if err != nil {
		return providers.Receipt{}, errors.Join(failed(fault.Ambiguous, "no answer"), err)
	}
	if err := l.enters(true); err != nil {
		return providers.Receipt{}, err
	}
	dice := l.w.stage
	how := 0
	if t != fine {
		how = 1 + dice.dice.IntN(8)
	}
	l.note(how, out)
	switch how {
	case 1:
		return providers.Receipt{}, failed(fault.Retryable, "connection refused")
	case 2:
		return providers.Receipt{}, &fault.Error{Class: fault.Throttled, Doing: "creating", Message: "429", RetryAfter: dice.upTo(time.Minute)}
	case 3:
		return providers.Receipt{}, errKey
	case 4:
		return providers.Receipt{}, failed(fault.Ambiguous, "504, and nothing was done")
	case 5: // it is worked on for longer than anybody waits
		l.log(out)
		l.arriving = append(l.arriving, arrival{at: l.now().Add(dice.upTo(l.class.slowest())), out: out})
		<-ctx.Done()
		return providers.Receipt{}, failed(fault.Ambiguous, "time-out")
	case 6: // as 5, and class B has looked for duplicates on arrival
		l.log(out)
		if l.class == classB && l.used(out.ETTN) {
			return providers.Receipt{}, failed(fault.Duplicate, "exists")
		}
		l.arriving = append(l.arriving, arrival{at: l.now().Add(dice.upTo(l.class.slowest())), out: out, checked: true})
		<-ctx.Done()
		return providers.Receipt{}, failed(fault.Ambiguous, "time-out")
	}
	l.log(out)
	doc, err := l.accept(out, false)
	if how == 7 { // saved, but answered 500; refused, but nobody knows
		return providers.Receipt{}, failed(fault.Ambiguous, "500")
	}
	back, waitErr := l.w.stage.wait(ctx, l.d, "answer", out.LocalReference)
	switch {
	case waitErr != nil || back != fine:
		return providers.Receipt{}, failed(fault.Ambiguous, "the answer was lost")
	case err != nil:
		return providers.Receipt{}, err
	}
	receipt := providers.Receipt{ID: doc.id, Number: doc.number, Draft: doc.draft, Answer: []byte("ok")}
	if l.class != classD && l.class != twoSteps {
		receipt.ETTN = doc.ettn
	}
	if how == 8 {
		receipt.Number = "" // numbered later
	}
	return receipt, nil
}

func (l *line) log(out providers.Outgoing) {
	l.requests = append(l.requests, request{ettn: out.ETTN, at: l.w.books.now(), hash: out.Payload.Hash})
}

func (l *line) note(how int, out providers.Outgoing) {
	l.w.stage.note("  %s: request %d for %s %.8s", l.d.name, how, out.LocalReference, out.Payload.Hash)
}

// used reports whether the provider refuses an ETTN as used.
func (o *office) used(ettn uuid.UUID) bool {
	return slices.ContainsFunc(o.issued, func(d document) bool {
		return d.key == ettn && (o.class == classA || o.class == classB && o.now().Sub(d.at) < window)
	})
}

// accept makes the document, unless the provider refuses it.
func (o *office) accept(out providers.Outgoing, checked bool) (document, error) {
	if o.used(out.ETTN) && !(checked && o.class == classB) {
		return document{}, failed(fault.Duplicate, "exists")
	}
	says := o.says[out.Payload.Hash]
	if says.bad {
		return document{}, &fault.Error{Class: fault.Permanent, Doing: "creating", Message: "Geçersiz içerik.", Code: "sim.content", Advice: "Düzeltin."}
	}
	d := document{ettn: out.ETTN, key: out.ETTN, ref: out.LocalReference, payable: decimal.New(says.payable, -2), date: says.date,
		hash: out.Payload.Hash, at: o.now(), readable: o.now().Add(o.w.stage.upTo(time.Minute)), draft: out.Route.Draft}
	if o.class == twoSteps {
		d.ettn, d.id, d.draft = uuid.Nil, strconv.Itoa(len(o.issued)+1), true
	} else {
		o.number(&d)
	}
	o.issued = append(o.issued, d)
	o.w.stage.note("  provider: %s exists as %s", d.ref, d.number)
	return d, nil
}

// number gives a document what makes it an invoice: a number, and a day on which GİB accepts it.
func (o *office) number(d *document) {
	d.accepted = o.now().Add(o.w.stage.upTo(5 * time.Minute))
	d.fails = o.w.people && o.w.stage.chance(50)
	if o.careless && o.numbers > 0 && o.w.stage.chance(100) {
		for i := range o.issued {
			if other := &o.issued[i]; other.number != "" && other.ref != d.ref {
				d.number, o.clashed[d.ref], o.clashed[other.ref] = other.number, true, true
				return
			}
		}
	}
	o.numbers++
	d.number = "SIM2026" + strconv.Itoa(1_000_000_000 + o.numbers)[1:]
}

// work finishes what has been on its way for long enough.
func (o *office) work() {
	for i := 0; i < len(o.arriving); i++ {
		a := o.arriving[i]
		if a.at.After(o.now()) {
			continue
		}
		o.arriving = slices.Delete(o.arriving, i, i+1)
		i--
		if a.release != "" {
			o.legalise(a.release)
			continue
		}
		_, _ = o.accept(a.out, a.checked) // refused: its sender has long given up
	}
}

// awaits reports whether a request for a sale may still arrive.
func (o *office) awaits(ref string) bool {
	return slices.ContainsFunc(o.arriving, func(a arrival) bool { return a.out.LocalReference == ref }) || o.w.stage.awaits(ref)
}

// ask parks a reading call.
func (l *line) ask(ctx context.Context, op string, id providers.Identity) error {
	t, err := l.w.stage.wait(ctx, l.d, op, id.LocalReference)
	switch {
	case err != nil:
		return errors.Join(failed(fault.Ambiguous, "no answer"), err)
	case l.now().Before(l.locked):
		return errKey
	case t != fine || l.now().Before(l.away):
		return failed(fault.Ambiguous, "cannot be asked")
	}
	return nil
}

var errAbsent = failed(fault.NotFound, "404")

func (l *line) state(d *document) providers.Status {
	s := providers.Status{ETTN: d.ettn, ID: d.id, Kind: invoice.EArsiv, Number: d.number, State: providers.StateWorking, Code: 20}
	switch {
	case d.draft:
		s.State, s.Code = providers.StateDraft, 0
	case d.cancelled:
		s.State, s.Code = providers.StateCancelled, 80
	case d.accepted.After(l.now()):
	case d.fails:
		s.State, s.Code, s.Message = providers.StateFailed, 40, "GİB reddetti."
	default:
		s.State, s.Code = providers.StateAccepted, 60
	}
	return s
}

// Lookup finds by ETTN, or by our key: of several records the one that is an invoice, else the one that is asked for.
func (l *line) Lookup(ctx context.Context, id providers.Identity) (providers.Found, error) {
	if err := l.ask(ctx, "look up", id); err != nil {
		return providers.Found{}, err
	}
	if l.class == classD {
		return providers.Found{}, failed(fault.Ambiguous, "cannot be asked")
	}
	var best *document
	for i := range l.issued {
		d := &l.issued[i]
		if d.key == id.ETTN && !d.deleted && (best == nil || best.draft && (!d.draft || d.id == id.ID)) {
			best = d
		}
	}
	if best == nil {
		return providers.Found{}, errAbsent
	}
	found := providers.Found{Status: l.state(best)}
	if !best.readable.After(l.now()) {
		found.Content = &providers.Content{BuyerTaxNo: buyer.TaxNo, Payable: best.payable, Currency: "TRY", IssueDate: best.date, LocalReference: best.ref}
	}
	return found, nil
}

// Status reads where a document stands. Class D answers by number or reference, once it has answered a create.
func (l *line) Status(ctx context.Context, id providers.Identity) (providers.Status, error) {
	if err := l.ask(ctx, "status", id); err != nil {
		return providers.Status{}, err
	}
	if at := slices.IndexFunc(l.issued, func(d document) bool {
		switch {
		case d.deleted:
			return false
		case l.class == classD:
			return d.ref == id.LocalReference
		case l.class == twoSteps:
			return d.id == id.ID
		}
		return d.key == id.ETTN
	}); at >= 0 {
		return l.state(&l.issued[at]), nil
	}
	return providers.Status{}, errAbsent
}

// Check is the guard's cheap question whether the key is right.
func (l *line) Check(ctx context.Context) error { return l.ask(ctx, "check", providers.Identity{}) }

// Release gives a draft legal effect. Both waits are as those of Send.
func (l *line) Release(ctx context.Context, id providers.Identity) (providers.Receipt, error) {
	at := l.draft(id)
	t, err := l.w.stage.wait(ctx, l.d, "release", id.LocalReference)
	if err != nil {
		return providers.Receipt{}, errors.Join(failed(fault.Ambiguous, "no answer"), err)
	}
	if err := l.enters(true); err != nil {
		return providers.Receipt{}, err
	}
	how := 0
	if t != fine {
		how = 1 + l.w.stage.dice.IntN(4)
	}
	l.w.stage.note("  %s: release %d of %s", l.d.name, how, id.LocalReference)
	if how == 1 {
		return providers.Receipt{}, failed(fault.Retryable, "connection refused")
	}
	l.requests = append(l.requests, request{ettn: id.ETTN, at: l.w.books.now(), release: true})
	if how == 2 {
		return providers.Receipt{}, failed(fault.Ambiguous, "504, and nothing was done")
	}
	if at < 0 || !l.issued[at].draft || l.issued[at].deleted {
		return providers.Receipt{}, failed(fault.Duplicate, "it is no draft")
	}
	if how == 3 && l.class == twoSteps { // it is worked on for longer than anybody waits
		l.arriving = append(l.arriving, arrival{at: l.now().Add(l.w.stage.upTo(l.class.slowest())), out: providers.Outgoing{Identity: id}, release: l.issued[at].id})
		<-ctx.Done()
		return providers.Receipt{}, failed(fault.Ambiguous, "time-out")
	}
	if l.class == twoSteps {
		l.legalise(l.issued[at].id)
	} else {
		l.issued[at].draft = false
		l.issued[at].accepted = l.now().Add(l.w.stage.upTo(5 * time.Minute))
	}
	d := l.issued[at]
	back, err := l.w.stage.wait(ctx, l.d, "answer", id.LocalReference)
	if err != nil || back != fine || how == 3 {
		return providers.Receipt{}, failed(fault.Ambiguous, "the answer was lost")
	}
	receipt := providers.Receipt{ID: d.id, ETTN: d.ettn, Number: d.number}
	if how == 4 {
		receipt.ETTN, receipt.Number = uuid.Nil, "" // numbered later
	}
	return receipt, nil
}

// draft finds what Release is about.
func (l *line) draft(id providers.Identity) int {
	return slices.IndexFunc(l.issued, func(d document) bool {
		return !d.deleted && (l.class == twoSteps && d.id == id.ID || l.class != twoSteps && d.key == id.ETTN)
	})
}

// legalise makes an invoice of a draft. A request that passed the check before the draft became one makes another: this
// provider is a worse one than any that is known.
func (o *office) legalise(id string) {
	at := slices.IndexFunc(o.issued, func(d document) bool { return d.id == id })
	if at < 0 || o.issued[at].deleted {
		return
	}
	d := o.issued[at]
	again := !d.draft
	d.draft, d.ettn = false, invoice.ETTN(sellerVKN, "official", d.ref, strconv.Itoa(len(o.issued)), o.numbers)
	o.number(&d)
	if again {
		d.id = strconv.Itoa(len(o.issued) + 1)
		o.issued = append(o.issued, d)
	} else {
		o.issued[at] = d
	}
	o.w.stage.note("  provider: %s is official as %s", d.ref, d.number)
}

// Cancel ends the legal effect of an accepted document.
func (l *line) Cancel(ctx context.Context, id providers.Identity, _ string) error {
	t, err := l.w.stage.wait(ctx, l.d, "cancel", id.LocalReference)
	if err != nil {
		return errors.Join(failed(fault.Ambiguous, "no answer"), err)
	}
	if err := l.enters(true); err != nil {
		return err
	}
	if t == before {
		return failed(fault.Ambiguous, "504, and nothing was done")
	}
	for i := range l.issued {
		if d := &l.issued[i]; d.ref == id.LocalReference && d.legal(l.now()) {
			d.cancelled = true
		}
	}
	if t == after {
		return failed(fault.Ambiguous, "the answer was lost")
	}
	return nil
}

// stepper is the line to a provider with two steps.
type stepper struct{ *line }

// Grounds names one kind of records, for a step before the create.
func (s stepper) Grounds() []providers.Ground { return []providers.Ground{providers.GroundContact} }

// Ground finds the buyer's record.
func (s stepper) Ground(ctx context.Context, _ providers.Ground, out providers.Outgoing) ([]byte, error) {
	t, err := s.w.stage.wait(ctx, s.d, "ground", out.LocalReference)
	if err == nil {
		err = s.enters(true)
	}
	if err == nil && t != fine {
		err = failed(fault.Ambiguous, "the answer was lost")
	}
	return []byte("1"), err
}

// DeleteDrafts deletes the drafts with the document's key but one.
func (s stepper) DeleteDrafts(ctx context.Context, id providers.Identity, keep string) (int, error) {
	t, err := s.w.stage.wait(ctx, s.d, "delete", id.LocalReference)
	if err != nil {
		return 0, errors.Join(failed(fault.Ambiguous, "no answer"), err)
	}
	if err := s.enters(true); err != nil {
		return 0, err
	}
	if t == before {
		return 0, failed(fault.Ambiguous, "504, and nothing was done")
	}
	deleted := 0
	for i := range s.issued {
		if d := &s.issued[i]; d.key == id.ETTN && d.draft && !d.deleted && d.id != keep {
			d.deleted = true
			deleted++
		}
	}
	if t == after {
		return 0, failed(fault.Ambiguous, "the answer was lost")
	}
	return deleted, nil
}
