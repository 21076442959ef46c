package schedule

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"github.com/robfig/cron/v3"
)

// longestWait bounds one wait, so that a clock set forward or a machine that slept is noticed within it.
const longestWait = time.Minute

// markTimeout bounds the storing of a mark, which must not hold up a stop.
const markTimeout = 5 * time.Second

// job is one function and its times. One goroutine (loop) plans and runs it, which is why it cannot overlap itself.
type job struct {
	name     string
	spec     string
	times    cron.Schedule
	run      func(context.Context) error
	options  Options
	schedule *Schedule
	trigger  chan struct{} // holds at most one wish for a run

	mu    sync.Mutex
	state Status
}

// loop runs the job at its times and when triggered, until ctx ends.
func (j *job) loop(ctx context.Context) {
	if j.missed(ctx) {
		j.once(ctx)
	}
	last := j.schedule.now()
	for {
		planned, due := j.plan(last)
		j.setNext(due)
		switch j.wait(ctx, due) {
		case stopped:
			return
		case onTime:
			last = planned // used up, even when the jitter made it early
		case triggered: // the planned run stays planned
		}
		j.once(ctx)
	}
}

// wake is why a wait ended.
type wake int

const (
	stopped wake = iota
	onTime
	triggered
)

// plan finds the first planned time after both the last one and now, and when it is due with its jitter. A run that
// was due while the last one still ran is left out: the next is never far, and a job finds by itself what to do.
func (j *job) plan(last time.Time) (planned, due time.Time) {
	now := j.schedule.now()
	planned = j.times.Next(last)
	if !planned.After(now) {
		planned = j.times.Next(now)
	}
	if planned.IsZero() {
		return last, time.Time{} // no further run within five years: only triggers
	}
	return planned, planned.Add(j.jitter(planned))
}

// jitter is a random part of the interval after planned.
func (j *job) jitter(planned time.Time) time.Duration {
	if j.options.Jitter == 0 {
		return 0
	}
	interval := j.times.Next(planned).Sub(planned)
	widest := min(time.Duration(j.options.Jitter*float64(interval)), widestJitter)
	if widest <= 0 {
		return 0
	}
	return time.Duration((2*j.schedule.random() - 1) * float64(widest))
}

// wait returns when due has come (the zero time never does), somebody triggered, or ctx ended.
func (j *job) wait(ctx context.Context, due time.Time) wake {
	for {
		if ctx.Err() != nil {
			return stopped
		}
		pause := longestWait
		if !due.IsZero() {
			pause = min(pause, due.Sub(j.schedule.now()))
			if pause <= 0 {
				return onTime
			}
		}
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			timer.Stop()
			return stopped
		case <-j.trigger:
			timer.Stop()
			if ctx.Err() != nil { // both were ready: stopping goes first
				return stopped
			}
			return triggered
		case <-timer.C:
		}
	}
}

// missed reports whether a planned run was missed while nobody was there.
func (j *job) missed(ctx context.Context) bool {
	if !j.options.CatchUp {
		return false
	}
	if j.schedule.marks == nil {
		return true
	}
	last, err := j.schedule.marks.Mark(ctx, j.name)
	if err != nil {
		j.schedule.log.WarnContext(ctx, "cannot tell whether a run was missed; waiting for the next one", "job", j.name, "error", err)
		return false
	}
	if last.IsZero() {
		return true
	}
	next := j.times.Next(last.In(j.schedule.zone))
	return !next.IsZero() && !next.After(j.schedule.now())
}

// once makes one run and records it.
func (j *job) once(ctx context.Context) {
	start := j.schedule.now()
	j.mu.Lock()
	j.state.Running, j.state.LastStart, j.state.Next = true, start, time.Time{}
	j.mu.Unlock()

	err := j.call(ctx)

	end := j.schedule.now()
	cut := ctx.Err() != nil && onlyStopped(err)
	j.mu.Lock()
	j.state.Running, j.state.LastEnd, j.state.LastError = false, end, nil
	j.state.Runs++
	if err != nil && !cut {
		j.state.LastError = err
		j.state.Failures++
	}
	j.mu.Unlock()
	switch {
	case cut: // whoever reads the log at night must not take a restart for a fault
		j.schedule.log.InfoContext(ctx, "job stopped", "job", j.name, "took", end.Sub(start))
		return
	case err != nil:
		j.schedule.log.ErrorContext(ctx, "job failed", "job", j.name, "took", end.Sub(start), "error", err)
		return
	}
	j.schedule.log.DebugContext(ctx, "job done", "job", j.name, "took", end.Sub(start))
	j.mark(ctx, start)
}

// call runs the function under its time limit and turns a panic into an error.
func (j *job) call(ctx context.Context) (err error) {
	if j.options.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, j.options.Timeout, fmt.Errorf("job %s ran longer than %s", j.name, j.options.Timeout))
		defer cancel()
	}
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("job %s panicked: %v", j.name, r)
			j.schedule.log.ErrorContext(ctx, "job panicked", "job", j.name, "panic", r, "stack", string(debug.Stack()))
		}
	}()
	return j.run(ctx)
}

// mark remembers a good run, also while stopping.
func (j *job) mark(ctx context.Context, start time.Time) {
	if !j.options.CatchUp || j.schedule.marks == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), markTimeout)
	defer cancel()
	if err := j.schedule.marks.SetMark(ctx, j.name, start.UTC()); err != nil {
		j.schedule.log.WarnContext(ctx, "cannot remember this run; it will be made again after a restart", "job", j.name, "error", err)
	}
}

func (j *job) setNext(t time.Time) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.state.Next = t
}

func (j *job) status() Status {
	j.mu.Lock()
	defer j.mu.Unlock()
	s := j.state
	s.Name, s.Spec = j.name, j.spec
	return s
}

// now is the present in the schedule's zone: robfig/cron reads its fields in the zone of the time it is given.
func (s *Schedule) now() time.Time { return s.clock.Now().In(s.zone) }
