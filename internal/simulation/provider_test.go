package simulation

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
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
	classA class = iota // refuses a used ETTN for ever, atomically; finds by ETTN
	classB              // refuses for a while, and two at once may both pass; finds by ETTN
	classC              // refuses nothing; finds by ETTN
	classD              // refuses nothing and finds nothing
)

func (c class) String() string { return string(rune('A' + c)) }

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
	numbers  int
}

// document is an invoice that exists at the provider.
type document struct {
	ettn     uuid.UUID
	ref      string
	number   string
	payable  decimal.Decimal
	date     invoice.Date
	hash     string
	at       time.Time
	readable time.Time // its content can be downloaded from then on
	accepted time.Time // GİB accepts it then
}

// arrival is a request that is still on its way through the provider when its sender has given up.
type arrival struct {
	at      time.Time
	out     providers.Outgoing
	checked bool // passed the check for duplicates already
}

type request struct {
	ettn uuid.UUID
	at   time.Time // by the ledger's clock
	hash string
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
	return providers.Capabilities{Name: "sim" + c.String(), TakesETTN: c != classD, RefusesUsedETTN: c == classA, FindsByETTN: c != classD, Numbers: true,
		Quarantine: quarantine, RequestTimeout: requestTimeout}
}

// line is the provider as one daemon sees it.
type line struct {
	*office
	d *daemon
}

func (l *line) Capabilities() providers.Capabilities { return l.class.capabilities() }

// Prepare makes bytes that say what identifies the document.
func (l *line) Prepare(d providers.Draft) (providers.Payload, error) {
	text := fmt.Sprintf("%s|%s|%s|%s|%s", d.ETTN, d.LocalReference, d.Invoice.Totals.Payable.StringFixed(2), d.IssueDate, d.Invoice.Lines[0].Name)
	sum := sha256.Sum256([]byte(text))
	return providers.Payload{ContentType: "text/plain", Bytes: []byte(text), Hash: hex.EncodeToString(sum[:])}, nil
}

func failed(c fault.Class, what string) error {
	return &fault.Error{Class: c, Doing: "creating", Err: errors.New(what), Message: what}
}

func (o *office) now() time.Time { return time.Now() }

// Send makes one creating request. Its first wait is the way to the provider, its second the way back.
func (l *line) Send(ctx context.Context, out providers.Outgoing) (providers.Receipt, error) {
	t, err := l.w.stage.wait(ctx, l.d, "arrive", out.LocalReference)
	if err != nil {
		return providers.Receipt{}, errors.Join(failed(fault.Ambiguous, "no answer"), err)
	}
	dice := l.w.stage
	if l.now().Before(l.away) {
		if dice.chance(500) {
			return providers.Receipt{}, failed(fault.Retryable, "connection refused")
		}
		return providers.Receipt{}, failed(fault.Ambiguous, "502")
	}
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
		return providers.Receipt{}, failed(fault.Auth, "401")
	case 4:
		return providers.Receipt{}, failed(fault.Ambiguous, "504, and nothing was done")
	case 5: // it is worked on for longer than anybody waits
		l.requests = append(l.requests, request{out.ETTN, l.w.books.now(), out.Payload.Hash})
		l.arriving = append(l.arriving, arrival{at: l.now().Add(dice.upTo(l.class.slowest())), out: out})
		<-ctx.Done()
		return providers.Receipt{}, failed(fault.Ambiguous, "time-out")
	case 6: // as 5, and class B has looked for duplicates on arrival
		l.requests = append(l.requests, request{out.ETTN, l.w.books.now(), out.Payload.Hash})
		if l.class == classB && l.used(out.ETTN) {
			return providers.Receipt{}, failed(fault.Duplicate, "exists")
		}
		l.arriving = append(l.arriving, arrival{at: l.now().Add(dice.upTo(l.class.slowest())), out: out, checked: true})
		<-ctx.Done()
		return providers.Receipt{}, failed(fault.Ambiguous, "time-out")
	}
	l.requests = append(l.requests, request{out.ETTN, l.w.books.now(), out.Payload.Hash})
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
	receipt := providers.Receipt{Number: doc.number, Answer: []byte("ok")}
	if l.class != classD {
		receipt.ETTN = doc.ettn
	}
	if how == 8 {
		receipt.Number = "" // numbered later
	}
	return receipt, nil
}

func (l *line) note(how int, out providers.Outgoing) {
	l.w.stage.note("  %s: request %d for %s %.8s", l.d.name, how, out.LocalReference, out.Payload.Hash)
}

// used reports whether the provider refuses an ETTN as used.
func (o *office) used(ettn uuid.UUID) bool {
	return slices.ContainsFunc(o.issued, func(d document) bool {
		return d.ettn == ettn && (o.class == classA || o.class == classB && o.now().Sub(d.at) < window)
	})
}

// accept makes the document, unless the provider refuses it.
func (o *office) accept(out providers.Outgoing, checked bool) (document, error) {
	parts := strings.Split(string(out.Payload.Bytes), "|")
	if o.used(out.ETTN) && !(checked && o.class == classB) {
		return document{}, failed(fault.Duplicate, "exists")
	}
	if parts[4] == badWord {
		return document{}, &fault.Error{Class: fault.Permanent, Doing: "creating", Message: "Geçersiz içerik.", Code: "sim.content", Advice: "Düzeltin."}
	}
	o.numbers++
	date, _ := invoice.ParseDate(parts[3])
	d := document{ettn: out.ETTN, ref: out.LocalReference, number: fmt.Sprintf("SIM2026%09d", o.numbers), payable: decimal.RequireFromString(parts[2]), date: date,
		hash: out.Payload.Hash, at: o.now(), readable: o.now().Add(o.w.stage.upTo(time.Minute)), accepted: o.now().Add(o.w.stage.upTo(5 * time.Minute))}
	o.issued = append(o.issued, d)
	o.w.stage.note("  provider: %s exists as %s", d.ref, d.number)
	return d, nil
}

// work finishes what has been on its way for long enough.
func (o *office) work() {
	for i := 0; i < len(o.arriving); i++ {
		if a := o.arriving[i]; !a.at.After(o.now()) {
			o.arriving = slices.Delete(o.arriving, i, i+1)
			i--
			_, _ = o.accept(a.out, a.checked) // refused: its sender has long given up
		}
	}
}

// ask parks a reading call.
func (l *line) ask(ctx context.Context, op string, id providers.Identity) (document, error) {
	t, err := l.w.stage.wait(ctx, l.d, op, id.LocalReference)
	switch {
	case err != nil:
		return document{}, errors.Join(failed(fault.Ambiguous, "no answer"), err)
	case t != fine || l.now().Before(l.away) || l.class == classD:
		return document{}, failed(fault.Ambiguous, "cannot be asked")
	}
	if i := slices.IndexFunc(l.issued, func(d document) bool { return d.ettn == id.ETTN }); i >= 0 {
		return l.issued[i], nil
	}
	return document{}, failed(fault.NotFound, "404")
}

func (l *line) state(d document) providers.Status {
	s := providers.Status{ETTN: d.ettn, Kind: invoice.EArsiv, Number: d.number, State: providers.StateWorking, Code: 20}
	if !d.accepted.After(l.now()) {
		s.State, s.Code = providers.StateAccepted, 60
	}
	return s
}

// Lookup finds by ETTN.
func (l *line) Lookup(ctx context.Context, id providers.Identity) (providers.Found, error) {
	d, err := l.ask(ctx, "look up", id)
	if err != nil {
		return providers.Found{}, err
	}
	found := providers.Found{Status: l.state(d)}
	if !d.readable.After(l.now()) {
		found.Content = &providers.Content{BuyerTaxNo: buyer.TaxNo, Payable: d.payable, Currency: "TRY", IssueDate: d.date, LocalReference: d.ref}
	}
	return found, nil
}

// Status reads where a document stands. Class D answers by number or reference, once it has answered a create.
func (l *line) Status(ctx context.Context, id providers.Identity) (providers.Status, error) {
	if l.class == classD {
		t, err := l.w.stage.wait(ctx, l.d, "status", id.LocalReference)
		if err != nil || t != fine {
			return providers.Status{}, failed(fault.Ambiguous, "no answer")
		}
		i := slices.IndexFunc(l.issued, func(d document) bool { return d.ref == id.LocalReference })
		if i < 0 {
			return providers.Status{}, failed(fault.NotFound, "404")
		}
		return l.state(l.issued[i]), nil
	}
	d, err := l.ask(ctx, "status", id)
	if err != nil {
		return providers.Status{}, err
	}
	return l.state(d), nil
}
