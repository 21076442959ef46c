package schedule_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"faturad/internal/clock"
	"faturad/internal/fault"
	"faturad/schedule"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// The tests run in bubbles of testing/synctest: clock.Real shows the bubble's time, which jumps when all wait.

// bench is a running schedule with a log of what its jobs did.
type bench struct {
	t    *testing.T
	s    *schedule.Schedule
	stop context.CancelFunc
	done chan error

	mu   sync.Mutex
	runs []string
	text bytes.Buffer
}

func newBench(t *testing.T, options ...schedule.Option) *bench {
	b := &bench{t: t, done: make(chan error, 1)}
	b.s = schedule.New(clock.Real{}, clock.Istanbul, slog.New(slog.NewTextHandler(&b.text, nil)), options...)
	return b
}

// add adds a job that notes its name and local time, then does work.
func (b *bench) add(name, spec string, o schedule.Options, work func(ctx context.Context) error) {
	b.t.Helper()
	err := b.s.Add(name, spec, func(ctx context.Context) error {
		b.mu.Lock()
		b.runs = append(b.runs, name+" "+time.Now().In(clock.Istanbul).Format("15:04:05"))
		b.mu.Unlock()
		if work == nil {
			return nil
		}
		return work(ctx)
	}, o)
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) start() {
	ctx, cancel := context.WithCancel(b.t.Context())
	b.stop = cancel
	go func() { b.done <- b.s.Run(ctx) }()
	synctest.Wait()
}

// until lets the bubble's time pass up to a local time of the first day.
func (b *bench) until(local string) {
	b.t.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04:05", local, clock.Istanbul)
	if err != nil {
		b.t.Fatal(err)
	}
	<-time.After(time.Until(at)) // bubble time
	synctest.Wait()
}

func (b *bench) end() error {
	b.stop()
	return <-b.done
}

func (b *bench) got() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return strings.Join(b.runs, ", ")
}

func (b *bench) want(want string) {
	b.t.Helper()
	if got := b.got(); got != want {
		b.t.Errorf("runs\n got %s\nwant %s", got, want)
	}
}

// A bubble begins at 2000-01-01 00:00 UTC, when Istanbul had UTC+2: 02:00 there.
const day = "2000-01-01 "

func pause(d time.Duration) func(context.Context) error {
	return func(ctx context.Context) error {
		select {
		case <-time.After(d):
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

func TestTimesAreIstanbul(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.add("night", "15 3 * * *", schedule.Options{}, nil)
		b.add("quarter", "*/15 * * * *", schedule.Options{}, nil)
		b.start()
		if next := b.s.Status()[0].Next.Format("15:04 -0700"); next != "03:15 +0200" {
			t.Errorf("next is %s", next)
		}
		b.until(day + "02:50:00")
		b.want("quarter 02:15:00, quarter 02:30:00, quarter 02:45:00")
		b.until("2000-01-02 03:20:00")
		if n := strings.Count(b.got(), "night 03:15:00"); n != 2 {
			t.Errorf("the nightly job ran %d times in two days", n)
		}
		if err := b.end(); err != nil {
			t.Error(err)
		}
	})
}

// TestNoOverlap: a run longer than its interval leaves planned runs out; triggers during a run make exactly one more.
func TestNoOverlap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.add("slow", "* * * * *", schedule.Options{}, pause(150*time.Second))
		b.start()
		b.until(day + "02:01:30")
		if st := b.s.Status()[0]; !st.Running || st.Runs != 0 || st.LastStart.Format("15:04") != "02:01" {
			t.Errorf("status %+v", st)
		}
		for range 3 {
			if err := b.s.Trigger("slow"); err != nil {
				t.Error(err)
			}
		}
		b.until(day + "02:08:00")
		b.want("slow 02:01:00, slow 02:03:30, slow 02:07:00") // 02:06:00 came while it still ran
		if err := b.end(); err != nil {
			t.Error(err)
		}
		if st := b.s.Status()[0]; st.Running || st.Runs != 3 || st.Failures != 0 || st.LastError != nil {
			t.Errorf("status %+v", st)
		}
	})
}

// TestTriggerKeepsThePlan: a run that somebody asked for does not use up the planned one.
func TestTriggerKeepsThePlan(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, schedule.WithRandom(func() float64 { return 0.5 })) // no jitter: the middle of the range
		b.add("night", "15 3 * * *", schedule.Options{Jitter: schedule.DefaultJitter}, nil)
		b.start()
		b.until(day + "02:20:00")
		if err := b.s.Trigger("night"); err != nil {
			t.Error(err)
		}
		b.until("2000-01-02 03:00:00")
		b.want("night 02:20:00, night 03:15:00")
		if err := b.s.Trigger("nigth"); err == nil || !strings.Contains(err.Error(), "there are night") {
			t.Errorf("an unknown job: %v", err)
		}
		if err := b.end(); err != nil {
			t.Error(err)
		}
	})
}

// TestJitter: runs lie within ±10 % of the interval, within ±10 minutes for rare jobs, and none is lost or doubled.
func TestJitter(t *testing.T) {
	for _, c := range []struct {
		random float64
		want   string
	}{
		{0, "ten 02:09:00, ten 02:19:00, ten 02:29:00, night 03:05:00"},
		{0.5, "ten 02:10:00, ten 02:20:00, ten 02:30:00, night 03:15:00"},
		{0.999999, "ten 02:10:59, ten 02:20:59, ten 02:30:59, night 03:24:59"},
	} {
		t.Run(fmt.Sprint(c.random), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t, schedule.WithRandom(func() float64 { return c.random }))
				b.add("ten", "*/10 * * * *", schedule.Options{Jitter: schedule.DefaultJitter}, nil)
				b.add("night", "15 3 * * *", schedule.Options{Jitter: schedule.DefaultJitter}, nil)
				b.start()
				b.until(day + "03:28:00")
				var tens, nights []string
				for _, run := range strings.Split(b.got(), ", ") {
					name, at, _ := strings.Cut(run, " ")
					local, err := time.Parse("15:04:05", at)
					if err != nil {
						t.Fatal(err)
					}
					run = name + " " + local.Format("15:04:05")
					if name == "night" {
						nights = append(nights, run)
					} else {
						tens = append(tens, run)
					}
				}
				if got := strings.Join(append(tens[:3], nights...), ", "); got != c.want || len(tens) != 8 {
					t.Errorf("runs\n got %s (%d tens)\nwant %s", got, len(tens), c.want)
				}
				if err := b.end(); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// memory is a Marks.
type memory struct {
	mu    sync.Mutex
	marks map[string]time.Time
	fail  error
}

func (m *memory) Mark(_ context.Context, name string) (time.Time, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.marks[name], m.fail
}

func (m *memory) SetMark(ctx context.Context, name string, t time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fail == nil {
		m.marks[name] = t
	}
	return errors.Join(m.fail, ctx.Err())
}

// TestCatchUp: a run that was missed while nobody was there is made up once, at once.
func TestCatchUp(t *testing.T) {
	// 02:00 on 1 January 2000 in Istanbul; the job is planned for 03:15.
	for name, c := range map[string]struct {
		last  string // last good run, local
		fail  error
		off   bool
		fails bool // the job fails
		want  string
		mark  string // what is remembered at 03:00, local
	}{
		"never ran":         {want: "night 02:00:00", mark: "2000-01-01 02:00"},
		"ran last night":    {last: "1999-12-31 03:20", mark: "1999-12-31 03:20"},
		"missed one":        {last: "1999-12-30 03:20", want: "night 02:00:00", mark: "2000-01-01 02:00"},
		"missed a year":     {last: "1999-01-01 03:20", want: "night 02:00:00", mark: "2000-01-01 02:00"},
		"switched off":      {off: true, mark: ""},
		"memory is away":    {fail: errors.New("the ledger is away"), mark: ""},
		"the run failed":    {fails: true, want: "night 02:00:00", mark: ""},
		"stopped meanwhile": {want: "night 02:00:00", mark: "2000-01-01 02:00"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := &memory{marks: map[string]time.Time{}, fail: c.fail}
				if c.last != "" {
					at, err := time.ParseInLocation("2006-01-02 15:04", c.last, clock.Istanbul)
					if err != nil {
						t.Fatal(err)
					}
					m.marks["night"] = at.UTC()
				}
				b := newBench(t, schedule.WithMarks(m))
				b.add("night", "15 3 * * *", schedule.Options{CatchUp: !c.off}, func(ctx context.Context) error {
					if name == "stopped meanwhile" {
						<-ctx.Done() // and yet it ends well: the mark must be kept
					}
					if c.fails {
						return errors.New("no")
					}
					return nil
				})
				b.start()
				b.until(day + "03:00:00")
				b.want(c.want)
				if err := b.end(); err != nil {
					t.Error(err)
				}
				mark := ""
				if at := m.marks["night"]; !at.IsZero() {
					mark = at.In(clock.Istanbul).Format("2006-01-02 15:04")
				}
				if mark != c.mark {
					t.Errorf("remembered %q, want %q", mark, c.mark)
				}
				if c.fail != nil && !strings.Contains(b.text.String(), "the ledger is away") {
					t.Errorf("nobody was told: %s", b.text.String())
				}
			})
		})
	}
}

// TestFailures: errors, panics and time limits end one run, are reported, and do not end the job.
func TestFailures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.add("panics", "@every 1m", schedule.Options{}, func(context.Context) error { panic("boom") })
		b.add("fails", "@every 1m", schedule.Options{}, func(context.Context) error { return errors.New("the ERP is away") })
		b.add("hangs", "@every 10m", schedule.Options{Timeout: time.Minute}, pause(time.Hour))
		b.start()
		b.until(day + "02:12:30")
		for i, want := range []string{"job panics panicked: boom", "the ERP is away", "job hangs ran longer than 1m0s"} {
			st := b.s.Status()[i]
			if st.LastError == nil || st.LastError.Error() != want || st.Failures != st.Runs || st.Runs == 0 {
				t.Errorf("%s: %+v", st.Name, st)
			}
		}
		if st := b.s.Status()[0]; st.Runs != 12 {
			t.Errorf("the panicking job ran %d times", st.Runs)
		}
		if log := b.text.String(); !strings.Contains(log, "schedule_test.go") || !strings.Contains(log, "job panicked") {
			t.Error("the panic's stack is not in the log")
		}
		if err := b.end(); err != nil {
			t.Error(err)
		}
	})
}

// TestStop: Run tells running jobs, waits for them, starts nothing more, and gives up after the grace time.
func TestStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, schedule.WithGrace(time.Minute))
		finished := false
		b.add("polite", "* * * * *", schedule.Options{}, func(ctx context.Context) error {
			<-ctx.Done()
			if !errors.Is(context.Cause(ctx), schedule.ErrStopping) {
				t.Errorf("the cause is %v", context.Cause(ctx))
			}
			<-time.After(30 * time.Second) // what is in flight
			finished = true
			return nil
		})
		b.start()
		b.until(day + "02:01:10")
		before := time.Now()
		if err := b.s.Trigger("polite"); err != nil {
			t.Error(err)
		}
		if err := b.end(); err != nil || !finished || time.Since(before) != 30*time.Second {
			t.Errorf("ended after %s, finished %v: %v", time.Since(before), finished, err)
		}
		b.want("polite 02:01:00")
	})
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, schedule.WithGrace(time.Minute))
		release := make(chan struct{})
		b.add("stubborn", "* * * * *", schedule.Options{}, func(context.Context) error { <-release; return nil })
		b.start()
		b.until(day + "02:01:10")
		before := time.Now()
		err := b.end()
		if err == nil || !strings.Contains(err.Error(), "still running after 1m0s: stubborn") || time.Since(before) != time.Minute {
			t.Errorf("after %s: %v", time.Since(before), err)
		}
		close(release)
	})
}

// TestStoppedIsNoFailure: a run that ends because the daemon stops is no failure; what truly went wrong at that moment is.
func TestStoppedIsNoFailure(t *testing.T) {
	broken := errors.New("the ERP is away")
	for name, c := range map[string]struct {
		err    func(ctx context.Context) error
		failed bool
	}{
		"cancelled":            {err: context.Context.Err},
		"its cause":            {err: context.Cause},
		"wrapped":              {err: func(ctx context.Context) error { return fmt.Errorf("reading: %w", ctx.Err()) }},
		"classified":           {err: func(ctx context.Context) error { return fault.New(fault.Retryable, "reading", ctx.Err()) }},
		"joined":               {err: func(ctx context.Context) error { return errors.Join(ctx.Err(), fmt.Errorf("x: %w", ctx.Err())) }},
		"done":                 {err: func(context.Context) error { return nil }},
		"broken":               {err: func(context.Context) error { return broken }, failed: true},
		"broken and cancelled": {err: func(ctx context.Context) error { return errors.Join(ctx.Err(), broken) }, failed: true},
		"a wrapped pair":       {err: func(ctx context.Context) error { return fmt.Errorf("x: %w (%w)", ctx.Err(), broken) }, failed: true},
		"a class alone":        {err: func(ctx context.Context) error { return errors.Join(ctx.Err(), &fault.Error{Class: fault.Throttled}) }, failed: true},
		"a time limit":         {err: func(context.Context) error { return context.DeadlineExceeded }, failed: true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t)
				b.add("pass", "* * * * *", schedule.Options{}, func(ctx context.Context) error { <-ctx.Done(); return c.err(ctx) })
				b.start()
				b.until(day + "02:01:10")
				if err := b.end(); err != nil {
					t.Error(err)
				}
				st, log := b.s.Status()[0], b.text.String()
				if failed := st.Failures > 0; failed != c.failed || (st.LastError != nil) != c.failed || strings.Contains(log, "level=ERROR") != c.failed {
					t.Errorf("%+v\n%s", st, log)
				}
			})
		})
	}
	synctest.Test(t, func(t *testing.T) { // nobody stops: a cancelled run is a failure
		b := newBench(t)
		b.add("pass", "* * * * *", schedule.Options{}, func(context.Context) error { return context.Canceled })
		b.start()
		b.until(day + "02:01:10")
		if st := b.s.Status()[0]; st.Failures != 1 || !strings.Contains(b.text.String(), "level=ERROR") {
			t.Errorf("%+v", st)
		}
		if err := b.end(); err != nil {
			t.Error(err)
		}
	})
}

// TestClockJumps: a clock that is set forward (a machine that slept) makes one run, within a minute, not one per missed
// time.
func TestClockJumps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &shifted{}
		var runs int
		s := schedule.New(c, clock.Istanbul, slog.New(slog.DiscardHandler))
		if err := s.Add("hourly", "0 * * * *", func(context.Context) error { runs++; return nil }, schedule.Options{}); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- s.Run(ctx) }()
		<-time.After(time.Minute)
		c.add(9 * time.Hour)
		<-time.After(2 * time.Minute)
		synctest.Wait()
		cancel()
		if err := <-done; err != nil || runs != 1 {
			t.Errorf("%d runs, %v", runs, err)
		}
	})
}

// shifted is the bubble's clock, moved.
type shifted struct {
	mu sync.Mutex
	by time.Duration
}

func (s *shifted) Now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return clock.Real{}.Now().Add(s.by)
}

func (s *shifted) add(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.by += d
}

func TestAddRefuses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.add("job", "@daily", schedule.Options{}, nil)
		nothing := func(context.Context) error { return nil }
		for _, err := range []error{
			b.s.Add("job", "@daily", nothing, schedule.Options{}),
			b.s.Add("bad", "TZ=", nothing, schedule.Options{}),
			b.s.Add("jitter", "@daily", nothing, schedule.Options{Jitter: 0.6}),
		} {
			if err == nil {
				t.Error("accepted")
			}
		}
		b.start()
		if err := b.s.Add("late", "@daily", nothing, schedule.Options{}); err == nil {
			t.Error("accepted while running")
		}
		if err := b.s.Run(t.Context()); err == nil {
			t.Error("ran twice")
		}
		if err := b.end(); err != nil {
			t.Error(err)
		}
	})
}
