package schedule

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"faturad/internal/clock"
)

// DefaultJitter moves every run by up to ±10 % of its interval, so that a thousand installations do not knock at the
// provider in the same second (facts: reliability, section 3.10).
const DefaultJitter = 0.1

// widestJitter bounds the jitter of rare jobs: whoever writes 03:15 does not expect 05:30.
const widestJitter = 10 * time.Minute

// DefaultGrace is how long Run waits for running jobs after it was told to stop; shorter than the unit's TimeoutStopSec.
const DefaultGrace = 80 * time.Second

// ErrStopping is the cause of a job's context when the schedule stops.
var ErrStopping = errors.New("the daemon is stopping")

// Marks remembers when a job last ran well, over restarts.
type Marks interface {
	// Mark returns the time stored under name; the zero time when there is none.
	Mark(ctx context.Context, name string) (time.Time, error)
	// SetMark stores it.
	SetMark(ctx context.Context, name string, t time.Time) error
}

// Options says how one job runs. The zero value: exactly on time, without limit, missed runs forgotten.
type Options struct {
	Jitter  float64       // part of the interval by which a run may be early or late, 0 to 0.5; see DefaultJitter
	Timeout time.Duration // the run's context ends after it; 0 = never
	// CatchUp runs the job at once when Run starts and a planned run was missed while nobody was there, or when the job
	// never ended well yet. It costs one SetMark per good run, so it is for rare jobs.
	CatchUp bool
}

// Status is where a job stands, for the admin page. Zero times mean "not yet".
type Status struct {
	Name      string
	Spec      string
	Running   bool
	LastStart time.Time
	LastEnd   time.Time
	LastError error // of the last run that ended; nil = it ended well
	Next      time.Time
	Runs      int // ended runs
	Failures  int // of them with an error
}

// Schedule runs jobs. Make it with New, Add every job, then Run once.
type Schedule struct {
	clock  clock.Clock
	zone   *time.Location
	log    *slog.Logger
	marks  Marks
	random func() float64
	grace  time.Duration

	mu      sync.Mutex
	jobs    []*job
	started bool
}

// Option changes a Schedule.
type Option func(*Schedule)

// WithMarks gives the memory that CatchUp needs; without it every start counts as the first.
func WithMarks(m Marks) Option { return func(s *Schedule) { s.marks = m } }

// WithRandom replaces the source of jitter: a function that returns numbers in [0,1). It must be safe for concurrent use.
func WithRandom(f func() float64) Option { return func(s *Schedule) { s.random = f } }

// WithGrace sets how long Run waits for running jobs after it was told to stop.
func WithGrace(d time.Duration) Option { return func(s *Schedule) { s.grace = d } }

// New makes an empty schedule whose specs are read in zone.
func New(c clock.Clock, zone *time.Location, log *slog.Logger, options ...Option) *Schedule {
	s := &Schedule{clock: c, zone: zone, log: log, random: rand.Float64, grace: DefaultGrace}
	for _, option := range options {
		option(s)
	}
	return s
}

// Add adds a job. The spec is checked; a name may be used once; Run must not have started.
func (s *Schedule) Add(name, spec string, run func(context.Context) error, o Options) error {
	times, err := parse(spec)
	if err != nil {
		return fmt.Errorf("scheduling %s: %w", name, err)
	}
	if o.Jitter < 0 || o.Jitter > 0.5 {
		return fmt.Errorf("scheduling %s: the jitter %g is not between 0 and 0.5", name, o.Jitter)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.started {
		return fmt.Errorf("scheduling %s: the schedule runs already", name)
	}
	if s.find(name) != nil {
		return fmt.Errorf("scheduling %s: there is a job of that name already", name)
	}
	s.jobs = append(s.jobs, &job{
		name: name, spec: strings.TrimSpace(spec), times: times, run: run, options: o,
		schedule: s, trigger: make(chan struct{}, 1),
	})
	return nil
}

// Trigger runs a job soon: at once when it is idle, once more after the present run when it is running. Several
// triggers during one run make one more run. The error says that there is no such job.
func (s *Schedule) Trigger(name string) error {
	s.mu.Lock()
	j := s.find(name)
	s.mu.Unlock()
	if j == nil {
		return fmt.Errorf("there is no job %q; there are %s", name, strings.Join(s.names(), ", "))
	}
	select {
	case j.trigger <- struct{}{}:
	default: // one is waiting already
	}
	return nil
}

// Status returns where each job stands, in the order of Add.
func (s *Schedule) Status() []Status {
	s.mu.Lock()
	jobs := slices.Clone(s.jobs)
	s.mu.Unlock()
	out := make([]Status, len(jobs))
	for i, j := range jobs {
		out[i] = j.status()
	}
	return out
}

// Run runs the jobs until ctx ends. Then it starts nothing more, ends the contexts of running jobs with ErrStopping as
// their cause, and returns when they have ended: nil, or an error that names those that had not after the grace time.
func (s *Schedule) Run(ctx context.Context) error {
	s.mu.Lock()
	if s.started {
		s.mu.Unlock()
		return errors.New("the schedule runs already")
	}
	s.started = true
	jobs := slices.Clone(s.jobs)
	s.mu.Unlock()

	work, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	defer cancel(ErrStopping)
	var running sync.WaitGroup
	for _, j := range jobs {
		running.Go(func() { j.loop(work) })
	}
	ended := make(chan struct{})
	go func() {
		running.Wait()
		close(ended)
	}()

	<-ctx.Done()
	cancel(ErrStopping)
	timer := time.NewTimer(s.grace)
	defer timer.Stop()
	select {
	case <-ended:
		return nil
	case <-timer.C:
		return fmt.Errorf("still running after %s: %s", s.grace, strings.Join(s.busy(), ", "))
	}
}

// find needs the lock.
func (s *Schedule) find(name string) *job {
	for _, j := range s.jobs {
		if j.name == name {
			return j
		}
	}
	return nil
}

func (s *Schedule) names() []string {
	var names []string
	for _, st := range s.Status() {
		names = append(names, st.Name)
	}
	return names
}

func (s *Schedule) busy() []string {
	var names []string
	for _, st := range s.Status() {
		if st.Running {
			names = append(names, st.Name)
		}
	}
	return names
}
