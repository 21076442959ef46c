package followup

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"faturad/internal/clock"
	"faturad/internal/fault"
	"faturad/internal/invoice"
	"faturad/providers"
	"faturad/sync/erp"
	"faturad/sync/ledger"
)

// crash is what a killed process leaves: nothing after it happens.
type crash struct{}

// scene is a ledger, a provider and an ERP with memory, a clock, and a step at which the process dies.
type scene struct {
	clock   *clock.Manual
	steps   int // calls so far
	dieAt   int // dies at this call, before or after its effect; 0 = never
	dieLate bool

	row     ledger.ReceivedAnswer
	leased  time.Time // until
	quiet   time.Time // quarantine until
	written int64
	day     invoice.Date
	events  []ledger.AnswerEvent

	status  providers.AnswerState // at the provider
	taken   []providers.Answer
	retries int
	outcome []error // of the next calls of Answer; nil = taken
	lose    bool    // the next request is not carried out, whatever is answered

	entered []erp.Answer
	done    []erp.Done
	shown   []erp.AnswerProjection
}

// step runs the effect of one call, or dies before or after it.
func (s *scene) step(effect func()) {
	s.steps++
	if s.steps == s.dieAt && !s.dieLate {
		panic(crash{})
	}
	effect()
	if s.steps == s.dieAt {
		panic(crash{})
	}
}

func (s *scene) OpenAnswers(context.Context, string, *time.Location) (int, error) { return 0, nil }

func (s *scene) WantAnswer(_ context.Context, d ledger.Decision) (got ledger.ReceivedAnswer, err error) {
	s.step(func() {
		switch {
		case s.row.State == ledger.AnswerOpen:
			s.row.State, s.row.Accept, s.row.Reason, s.row.Person, s.row.NextAt = ledger.AnswerWanted, &d.Accept, d.Reason, d.Person, s.clock.Now()
			s.row.Version++
		case s.row.Accept == nil || *s.row.Accept != d.Accept:
			err = fault.New(fault.Permanent, "deciding", ledger.ErrAnswered)
		}
		got = s.row
	})
	return got, err
}

func (s *scene) LeaseAnswers(_ context.Context, _ string, states []ledger.AnswerState, owner string, ttl time.Duration, _ int) (out []ledger.ReceivedAnswer, err error) {
	s.step(func() {
		now := s.clock.Now()
		if !slices.Contains(states, s.row.State) || s.row.NextAt.After(now) || s.leased.After(now) {
			return
		}
		s.leased, s.row.LeaseOwner = now.Add(ttl), owner
		s.row.LeaseEpoch++
		s.row.Settled = !s.quiet.After(now)
		out = append(out, s.row)
	})
	return out, nil
}

func (s *scene) MoveAnswer(_ context.Context, m ledger.AnswerMove) (moved bool, err error) {
	s.step(func() {
		now := s.clock.Now()
		if s.row.State != m.From || s.row.LeaseOwner != m.Lease.Owner || s.row.LeaseEpoch != m.Lease.Epoch || m.Keep && !s.leased.After(now) {
			return
		}
		if m.From != m.To && !m.From.MayBecome(m.To) {
			err = fmt.Errorf("no arrow from %s to %s", m.From, m.To)
			return
		}
		moved = true
		s.row.State = m.To
		p := m.Patch
		if p.Accept != nil {
			s.row.Accept = p.Accept
		}
		if p.Message != nil {
			s.row.Message = *p.Message
		}
		if p.Code != nil {
			s.row.Code = p.Code
		}
		if p.Failures != nil {
			s.row.Failures = *p.Failures
		}
		if p.NextIn != nil {
			s.row.NextAt = now.Add(*p.NextIn)
		}
		if p.QuarantineIn != nil {
			s.quiet = now.Add(*p.QuarantineIn)
		}
		if p.CountAttempt {
			s.row.Attempts++
		}
		if !p.Quiet {
			s.row.Version++
		}
		if !m.Keep {
			s.leased, s.row.LeaseOwner = time.Time{}, ""
		}
		if m.Event != nil {
			s.events = append(s.events, *m.Event)
		}
	})
	return moved, err
}

func (s *scene) MoveAnswers(ctx context.Context, moves []ledger.AnswerMove) (made int, err error) {
	for _, m := range moves {
		moved, err := s.MoveAnswer(ctx, m)
		if err != nil {
			return made, err
		}
		if moved {
			made++
		}
	}
	return made, nil
}

func (s *scene) UnwrittenAnswers(_ context.Context, _ string, today invoice.Date, _ int) (out []ledger.ReceivedAnswer, err error) {
	s.step(func() {
		if s.written < s.row.Version || !s.row.State.Final() && s.day.Before(today) {
			out = append(out, s.row)
		}
	})
	return out, nil
}

func (s *scene) MarkAnswersWritten(_ context.Context, written []ledger.ReceivedAnswer, day invoice.Date) error {
	s.step(func() { s.written, s.day = written[0].Version, day })
	return nil
}

func (s *scene) DelayAnswerWrite(context.Context, int64, time.Duration) error { return nil }

func (s *scene) AnswersDue(_ context.Context, _ string, till invoice.Date) (n int, first invoice.Date, err error) {
	if !s.row.State.Final() && !till.Before(s.row.Till) {
		return 1, s.row.Till, nil
	}
	return 0, first, nil
}

func (s *scene) Answers(context.Context) (out []erp.Answer, err error) {
	s.step(func() { out = slices.Clone(s.entered) })
	return out, nil
}

func (s *scene) FinishAnswer(_ context.Context, d erp.Done) error {
	s.step(func() {
		s.done = append(s.done, d)
		s.entered = slices.DeleteFunc(s.entered, func(a erp.Answer) bool { return a.ID == d.ID })
	})
	return nil
}

func (s *scene) WriteAnswers(_ context.Context, answers []erp.AnswerProjection) ([]error, error) {
	s.step(func() { s.shown = append(s.shown, answers...) })
	return make([]error, len(answers)), nil
}

// Answer takes every answer, also a second one: whoever sends twice is found out.
func (s *scene) Answer(_ context.Context, a providers.Answer) (err error) {
	s.step(func() {
		if len(s.outcome) > 0 {
			err, s.outcome = s.outcome[0], s.outcome[1:]
		}
		if class := fault.ClassOf(err); err == nil || class == fault.Ambiguous && !s.lose {
			s.taken = append(s.taken, a)
			s.status = providers.AnswerWorking
		}
	})
	return err
}

func (s *scene) RetryAnswer(context.Context, uuid.UUID) error {
	s.step(func() { s.retries++; s.status = providers.AnswerWorking })
	return nil
}

func (s *scene) AnswerStatus(_ context.Context, id uuid.UUID) (out providers.AnswerStatus, err error) {
	s.step(func() {
		codes := map[providers.AnswerState]int{providers.AnswerOpen: 70, providers.AnswerWorking: 61, providers.AnswerFailed: 62,
			providers.AnswerAccepted: 60, providers.AnswerRejected: 80, providers.AnswerLapsed: 65, providers.AnswerCancelled: 99}
		out = providers.AnswerStatus{ETTN: id, State: s.status, Code: codes[s.status]}
	})
	return out, err
}

func (s *scene) Capabilities() providers.Capabilities {
	return providers.Capabilities{Quarantine: 90 * time.Second}
}
func (s *scene) Prepare(providers.Draft) (providers.Payload, error) {
	return providers.Payload{}, errors.ErrUnsupported
}
func (s *scene) Send(context.Context, providers.Outgoing) (providers.Receipt, error) {
	return providers.Receipt{}, errors.ErrUnsupported
}
func (s *scene) Lookup(context.Context, providers.Identity) (providers.Found, error) {
	return providers.Found{}, errors.ErrUnsupported
}

func newScene() *scene {
	at := time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)
	return &scene{clock: clock.NewManual(at), status: providers.AnswerOpen,
		row: ledger.ReceivedAnswer{ID: 1, Company: "acme", Account: "main", ETTN: uuid.New(), Number: "ABC2026000000001", State: ledger.AnswerOpen,
			Till: invoice.Date{Year: 2026, Month: 11, Day: 28}, Version: 1, NextAt: at}}
}

func (s *scene) enter(accept bool, reason string) {
	s.entered = append(s.entered, erp.Answer{ID: fmt.Sprint(len(s.done) + 1), ETTN: s.row.ETTN, Accept: accept, Reason: reason, By: "ayse"})
}

// pass is one pass of a new process; died = it was killed in the middle.
func (s *scene) pass(t *testing.T, owner string) (result AnswersResult, died bool) {
	t.Helper()
	defer func() {
		switch r := recover().(type) {
		case nil:
		case crash:
			died = true
		default:
			panic(r)
		}
	}()
	j := &Answers{Company: "acme", Owner: owner, Ledger: s, ERP: s, Accounts: []Account{{Name: "main", Provider: s}}, Clock: s.clock,
		Log: slog.New(slog.DiscardHandler)}
	result, err := j.Run(t.Context())
	if err != nil {
		t.Errorf("%s: %v", owner, err)
	}
	return result, false
}

// settle passes again and again, the provider works meanwhile, until the answer has its end.
func (s *scene) settle(t *testing.T) {
	t.Helper()
	for n := range 40 {
		s.pass(t, fmt.Sprintf("later-%d", n))
		s.clock.Advance(5 * time.Minute)
		if s.status == providers.AnswerWorking && len(s.taken) > 0 {
			s.status = providers.AnswerRejected
			if s.taken[0].Accept {
				s.status = providers.AnswerAccepted
			}
		}
	}
}

// TestAnswersSurviveDeathAtEveryStep kills the process before and after each of its calls: the answer reaches the provider
// exactly once, its end is known, and the ERP shows it.
func TestAnswersSurviveDeathAtEveryStep(t *testing.T) {
	t.Parallel()
	deaths := 0
	for _, late := range []bool{false, true} {
		for dieAt := 1; ; dieAt++ {
			s := newScene()
			s.enter(false, "fiyat farkı")
			s.dieAt, s.dieLate = dieAt, late
			_, died := s.pass(t, "first")
			if !died {
				break
			}
			deaths++
			s.settle(t)
			if len(s.taken) != 1 || s.taken[0].Accept || s.taken[0].Reason != "fiyat farkı" || s.row.State != ledger.AnswerRejected {
				t.Errorf("killed at call %d (after it: %v): taken %d times, %s", dieAt, late, len(s.taken), s.row.State)
			}
			if len(s.entered) != 0 || !s.done[0].OK || s.shown[len(s.shown)-1].State != "rejected" {
				t.Errorf("killed at call %d (after it: %v): the ERP shows %+v", dieAt, late, s.shown[len(s.shown)-1])
			}
		}
	}
	if deaths < 20 {
		t.Errorf("only %d deaths", deaths)
	}
}

// TestUnknownAnswerIsAskedBeforeItIsRepeated: with an outcome that nobody knows, the provider decides what happened; "still
// open" is believed only after the quarantine.
func TestUnknownAnswerIsAskedBeforeItIsRepeated(t *testing.T) {
	t.Parallel()
	for _, lost := range []bool{false, true} {
		s := newScene()
		s.enter(true, "")
		s.outcome, s.lose = []error{fault.New(fault.Ambiguous, "answering", errors.New("timeout"))}, lost
		if r, _ := s.pass(t, "first"); r.Unknown != 1 || r.Sent != 0 {
			t.Errorf("%+v", r)
		}
		s.clock.Advance(45 * time.Second)
		s.pass(t, "within the quarantine")
		if n := len(s.taken); lost && n != 0 || s.row.State == ledger.AnswerWanted {
			t.Errorf("lost %v: repeated before the quarantine was over: %d, %s", lost, n, s.row.State)
		}
		s.settle(t)
		if len(s.taken) != 1 || s.row.State != ledger.AnswerAccepted {
			t.Errorf("lost %v: taken %d times, %s", lost, len(s.taken), s.row.State)
		}
	}
}

func TestFailedAnswerIsSentAgain(t *testing.T) {
	t.Parallel()
	s := newScene()
	s.enter(true, "")
	s.pass(t, "first")
	s.status = providers.AnswerFailed
	for n := range 6 {
		s.clock.Advance(3 * time.Minute)
		s.pass(t, fmt.Sprint(n))
	}
	if s.retries != 1 || len(s.taken) != 1 || s.row.State != ledger.AnswerSent {
		t.Errorf("%d retries, %d answers, %s", s.retries, len(s.taken), s.row.State)
	}
}

func TestOutcomesOfAnAnswer(t *testing.T) {
	t.Parallel()
	for class, want := range map[fault.Class]ledger.AnswerState{
		fault.Retryable: ledger.AnswerWanted, fault.Throttled: ledger.AnswerWanted, fault.Auth: ledger.AnswerWanted,
		fault.Permanent: ledger.AnswerRefused, fault.NotFound: ledger.AnswerRefused,
		fault.Ambiguous: ledger.AnswerUnknown, fault.Duplicate: ledger.AnswerUnknown, "": ledger.AnswerUnknown,
	} {
		s := newScene()
		s.enter(true, "")
		err := errors.New("nobody classified this")
		if class != "" {
			err = fault.New(class, "answering", errors.New("HTTP 4711"))
		}
		s.outcome, s.lose = []error{err}, true
		s.pass(t, "first")
		if class != "" && (s.row.Message == "" || strings.Contains(s.row.Message, "4711") || strings.Contains(s.row.Message, "answering")) {
			t.Errorf("%s: the buyer's accountant reads %q", class, s.row.Message)
		}
		if s.row.State != want {
			t.Errorf("class %q leads to %s, want %s", class, s.row.State, want)
		}
		if open, closed := s.events[0], s.events[len(s.events)-1]; !open.Opened || closed.Opened || closed.Class != string(class) {
			t.Errorf("class %q: attempts %+v", class, s.events)
		}
	}
}

// TestAnswersMadeElsewhere: the portal, or nobody at all, may be faster; a decision that differs says so.
func TestAnswersMadeElsewhere(t *testing.T) {
	t.Parallel()
	for status, want := range map[providers.AnswerState]ledger.AnswerState{
		providers.AnswerAccepted: ledger.AnswerAccepted, providers.AnswerRejected: ledger.AnswerRejected,
		providers.AnswerLapsed: ledger.AnswerLapsed, providers.AnswerCancelled: ledger.AnswerCancelled,
	} {
		s := newScene()
		s.status = status
		s.pass(t, "first")
		if s.row.State != want || len(s.shown) == 0 || s.shown[len(s.shown)-1].DaysLeft != nil {
			t.Errorf("%s at the provider: %s, shown %+v", status, s.row.State, s.shown)
		}
		s.enter(false, "late")
		s.pass(t, "second")
		if len(s.taken) != 0 || len(s.done) != 1 || s.done[0].OK != (want == ledger.AnswerRejected) {
			t.Errorf("%s at the provider: a later decision gave %+v", status, s.done)
		}
	}
}

// TestCountdown: the ERP shows every day how many are left, and the alarm comes two days before silence counts.
func TestCountdown(t *testing.T) {
	t.Parallel()
	s := newScene()
	var left []int
	var due []int
	for range 9 {
		r, _ := s.pass(t, "daily")
		again, _ := s.pass(t, "twice a day")
		if again.Due != r.Due {
			t.Errorf("due %d, then %d", r.Due, again.Due)
		}
		left, due = append(left, *s.shown[len(s.shown)-1].DaysLeft), append(due, r.Due)
		s.clock.Advance(24 * time.Hour)
	}
	if !slices.Equal(left, []int{8, 7, 6, 5, 4, 3, 2, 1, 0}) || !slices.Equal(due, []int{0, 0, 0, 0, 0, 0, 1, 1, 1}) {
		t.Errorf("left %v, due %v", left, due)
	}
	if len(s.shown) > 11 {
		t.Errorf("written %d times in nine days", len(s.shown))
	}
}

func TestRejectionNeedsAReason(t *testing.T) {
	t.Parallel()
	s := newScene()
	s.enter(false, "")
	s.entered = append(s.entered, erp.Answer{ID: "odd", Problem: "ETTN \"x\""})
	s.pass(t, "first")
	if len(s.done) != 2 || s.done[0].OK || s.done[1].OK || s.done[0].Message == "" || s.row.State != ledger.AnswerOpen {
		t.Errorf("%+v, %s", s.done, s.row.State)
	}
}
