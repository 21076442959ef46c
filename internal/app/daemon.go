package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"faturad/internal/clock"
	"faturad/schedule"
	"faturad/systemd"
)

// Daemon runs an App's passes on their schedule.
type Daemon struct {
	app      *App
	metrics  *Metrics
	schedule *schedule.Schedule
	log      *slog.Logger
	marked   time.Time // by the ledger's clock, when the last mark was left; only watch has it

	mu        sync.Mutex
	healthy   time.Time            // when the ledger last answered
	succeeded map[string]time.Time // by company: end of the last followup without errors
}

// NewDaemon plans the passes of every company.
func NewDaemon(a *App, metrics *Metrics) (*Daemon, error) {
	d := &Daemon{app: a, metrics: metrics, log: a.log, succeeded: map[string]time.Time{}}
	d.schedule = schedule.New(a.clock, clock.Istanbul, a.log, schedule.WithMarks(a.Ledger))
	for _, c := range a.Companies {
		if err := d.plan(c); err != nil {
			return nil, err
		}
	}
	return d, nil
}

// plan adds one company's jobs.
func (d *Daemon) plan(c *Company) error {
	s := d.app.Config.Schedule
	jobs := []struct {
		name, spec string
		run        func(context.Context) error
		catchUp    bool
	}{
		{"outbound", s.Outbound, func(ctx context.Context) error {
			result, err := c.Outbound(ctx, nil)
			if result.Unknown > 0 { // asked for at once, not at the next planned time
				d.log.Info("outcomes are unknown: looking them up now", "company", c.Name, "documents", result.Unknown)
				err = errors.Join(err, d.schedule.Trigger(jobName("followup", c.Name)))
			}
			if result.Paused != nil {
				err = errors.Join(err, fmt.Errorf("%d documents wait: %w", result.Deferred, result.Paused))
			}
			return err
		}, false},
		{"followup", s.Followup, func(ctx context.Context) error {
			result, err := c.Followup(ctx, nil)
			if result.Resent > 0 {
				err = errors.Join(err, d.schedule.Trigger(jobName("outbound", c.Name)))
			}
			err = errors.Join(err, result.Unreachable, d.answers(ctx, c))
			return errors.Join(err, d.beat(ctx, c, err))
		}, false},
		{"writeback", s.Writeback, func(ctx context.Context) error {
			_, err := c.WriteBack(ctx)
			return err
		}, false},
		{"inbound", s.Inbound, func(ctx context.Context) error {
			_, err := c.Inbound(ctx, nil)
			return errors.Join(err, d.answers(ctx, c))
		}, false},
		{"sweep", s.Sweep, func(ctx context.Context) error {
			result, err := c.Sweep(ctx, nil)
			d.metrics.finds(c.Name, result.Found)
			return err
		}, true},
		{"archive", d.archiveSpec(), func(ctx context.Context) error {
			result, err := c.Archive(ctx, nil)
			d.metrics.archivePaused(c.Name, result.Paused != nil)
			return errors.Join(err, result.Paused)
		}, false},
		{"registry", s.Registry, func(ctx context.Context) error {
			needs, err := c.NeedsTaxpayers(ctx)
			if err == nil && needs {
				_, err = c.ImportTaxpayers(ctx)
			}
			return errors.Join(err, c.refreshCodes(ctx))
		}, true},
	}
	for _, job := range jobs {
		if job.spec == "off" || job.spec == "" {
			continue
		}
		run := d.observed(c, job.name, job.run)
		options := schedule.Options{Jitter: schedule.DefaultJitter, Timeout: s.Timeout.Std(), CatchUp: job.catchUp}
		if err := d.schedule.Add(jobName(job.name, c.Name), job.spec, run, options); err != nil {
			return err
		}
	}
	return nil
}

// archiveSpec is when the archive is filled; never where there is none.
func (d *Daemon) archiveSpec() string {
	if !d.app.Config.Archive.Enabled {
		return "off"
	}
	return d.app.Config.Schedule.Archive
}

// answers carries people's answers to incoming invoices, and shows how many are about to be too late.
func (d *Daemon) answers(ctx context.Context, c *Company) error {
	result, err := c.Answers(ctx)
	d.metrics.answersDue(c.Name, result.Due)
	return err
}

func jobName(job, company string) string { return job + "/" + company }

// observed counts and times a pass.
func (d *Daemon) observed(c *Company, name string, run func(context.Context) error) func(context.Context) error {
	return func(ctx context.Context) error {
		err := run(ctx)
		d.metrics.pass(c.Name, name, err)
		if counts, countErr := d.app.Ledger.Counts(ctx, c.Name); countErr == nil {
			d.metrics.counts(c.Name, counts)
		}
		if name == "inbound" || name == "sweep" {
			if sum, countErr := d.app.Ledger.ReceivedSums(ctx, c.Name); countErr == nil {
				d.metrics.inbox(c.Name, sum)
			}
		}
		return err
	}
}

// beat tells the ERP that the daemon lives, and what is wrong.
func (d *Daemon) beat(ctx context.Context, c *Company, problem error) error {
	text := ""
	if problem != nil {
		text = fmt.Sprintf("%s (%v)", passTold(problem, d.app.Config.Language), problem)
	} else {
		d.mu.Lock()
		d.succeeded[c.Name] = d.app.clock.Now()
		d.mu.Unlock()
	}
	d.mu.Lock()
	last := d.succeeded[c.Name]
	d.mu.Unlock()
	return c.Heartbeat(ctx, d.app.version, last, text)
}

// Trigger runs a job of a company soon: outbound, followup, writeback, inbound, sweep, archive or registry.
func (d *Daemon) Trigger(job, company string) error { return d.schedule.Trigger(jobName(job, company)) }

// Jobs tells where each job stands.
func (d *Daemon) Jobs() []schedule.Status { return d.schedule.Status() }

// Told is what people read of the error of a job.
func (d *Daemon) Told(err error) string { return passTold(err, d.app.Config.Language) }

// Run asks the providers whether they accept the credentials, runs until ctx is cancelled, and returns when everything in
// flight has ended, is recorded, and stands in the ERP if that can be reached. It tells systemd when it is ready, alive and
// stopping.
func (d *Daemon) Run(ctx context.Context) error {
	watched, stopWatching := context.WithCancel(context.WithoutCancel(ctx))
	var watchers sync.WaitGroup
	watchers.Go(func() { d.watch(watched) })
	watchers.Go(func() {
		if err := systemd.Watchdog(watched, d.Healthy); err != nil {
			d.log.Error("telling systemd's watchdog failed", "err", err)
		}
	})
	watchers.Go(func() {
		if told, err := d.app.orphans(watched); err == nil && told != "" { // check says it when it cannot be asked
			d.log.Warn(told, "advice", adviceOrphans)
		}
	})
	probing, stopProbing := context.WithCancel(ctx)
	watchers.Go(func() {
		line := d.app.probe(probing)
		if probing.Err() != nil {
			return
		}
		if err := systemd.Status(line); err != nil {
			d.log.Error("telling systemd how faturad does failed", "err", err)
		}
	})
	defer watchers.Wait()
	defer stopWatching()
	defer stopProbing()

	if err := systemd.Ready(); err != nil {
		return fmt.Errorf("telling systemd that faturad is ready: %w", err)
	}
	stopped := context.AfterFunc(ctx, func() {
		if err := systemd.Stopping(); err != nil {
			d.log.Error("telling systemd that faturad is stopping failed", "err", err)
		}
	})
	defer stopped()
	if err := d.schedule.Run(ctx); err != nil {
		return err
	}
	d.writeLast(context.WithoutCancel(ctx))
	return nil
}

// lastWrite is how long the write-back at the end may take: with the schedule's grace it stays below the unit's
// TimeoutStopSec.
const lastWrite = 8 * time.Second

// writeLast shows in the ERP what the passes that were just ended recorded in the ledger and had no time to write. What is
// left, because the ERP is away or slow, the next start writes.
func (d *Daemon) writeLast(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, lastWrite)
	defer cancel()
	var writers sync.WaitGroup
	for _, c := range d.app.Companies {
		writers.Go(func() {
			if _, err := c.writeBack(ctx); err != nil {
				d.log.Warn("the last write-back did not end; the next start goes on with it", "company", c.Name, "err", err)
			}
		})
	}
	writers.Wait()
}

// How often the ledger is asked for a sign of life, and how long its last one counts.
const (
	pulse       = 10 * time.Second
	healthyFor  = 3 * time.Minute
	pulseBudget = 5 * time.Second
)

// watch notes when the ledger last answered.
func (d *Daemon) watch(ctx context.Context) {
	beat := func() {
		asking, cancel := context.WithTimeout(ctx, pulseBudget)
		defer cancel()
		if now, err := d.app.Ledger.Now(asking); err == nil {
			d.mu.Lock()
			d.healthy = d.app.clock.Now()
			d.mu.Unlock()
			d.leaveMark(asking, now)
		} else if ctx.Err() == nil {
			d.log.Error("the ledger does not answer", "err", err)
		}
	}
	beat()
	ticker := time.NewTicker(pulse)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			beat()
		case <-ctx.Done():
			ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), pulseBudget)
			defer cancel()
			if err := d.app.Ledger.SetMark(ending, markDaemon, markStopped); err != nil {
				d.log.Warn("the ledger could not be told that the daemon stops", "err", err)
			}
			return
		}
	}
}

// Healthy reports whether the process works. A database that is away does not make it unhealthy: restarting would not
// bring it back. A process whose own loop stands still is.
func (d *Daemon) Healthy() bool { return true }

// Ready reports whether the ledger answered lately.
func (d *Daemon) Ready() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.app.clock.Now().Sub(d.healthy) < healthyFor
}
