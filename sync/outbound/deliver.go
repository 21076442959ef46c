package outbound

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"faturad/internal/failpoint"
	"faturad/internal/invoice"
	"faturad/sync/ledger"
)

// leaseBatch is how many documents are leased, read and mapped at once: what the senders need for eight requests each, within
// bounds. It bounds memory, the time until the first request, the work that waits for a lease to run out after a crash, and
// how long one of several daemons works on alone at the end; smaller ones cost more commits (two a batch).
func leaseBatch(inFlight int) int { return min(128, max(16, 8*inFlight)) }

// deliver sends everything that is due. Returns wait for the numbers of their originals, which this very pass may bring:
// it goes round again for those as long as that helps.
func (j *Job) deliver(ctx context.Context, result *Result) error {
	if why := j.asleep(ctx); why != nil {
		// New sales are prepared all the same: what is wrong with them should be known.
		j.due = []ledger.State{ledger.Pending}
		_, err := j.deliverRound(ctx, result, nil)
		return errors.Join(err, j.leave(ctx, why, result))
	}
	j.due = []ledger.State{ledger.Pending, ledger.Prepared}
	if err := j.deliverLegal(ctx, result); err != nil || result.Paused != nil {
		return err
	}
	waiting, err := j.deliverRound(ctx, result, nil)
	for err == nil && len(waiting) > 0 && result.Paused == nil && ctx.Err() == nil {
		before := len(waiting)
		result.Waiting -= before
		waiting, err = j.deliverRound(ctx, result, waiting)
		if len(waiting) >= before {
			break
		}
	}
	return err
}

// deliverRound makes one round over everything that is due, or over the documents named: a producer prepares batches,
// the pipeline commits intents and results, senders make one request at a time each.
func (j *Job) deliverRound(ctx context.Context, result *Result, only []int64) (waiting []int64, err error) {
	docs, err := j.leaseDue(ctx, only)
	if err != nil || len(docs) == 0 {
		return nil, unlessStopped(ctx, err)
	}
	err = j.through(ctx, result, func(ctx context.Context, p *pipeline, produced *Result) (err error) {
		waiting, err = j.produce(ctx, p, produced, docs, only)
		return err
	})
	return waiting, err
}

// unlessStopped is err, but nil when it only says that the daemon was asked to stop.
func unlessStopped(ctx context.Context, err error) error {
	if errors.Is(err, context.Canceled) && ctx.Err() != nil {
		return nil //nolint:nilerr // a stop is no error
	}
	return err
}

// leaseDue leases a batch of what is due, or the documents named.
func (j *Job) leaseDue(ctx context.Context, only []int64) (docs []ledger.Document, err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	failpoint.Hit("lease.before")
	if only != nil {
		docs, err = j.Ledger.LeaseByID(ctx, only, j.Owner, j.leaseFor())
	} else {
		docs, err = j.Ledger.Lease(ctx, j.Company, j.due, j.Owner, j.leaseFor(), leaseBatch(j.inFlight()))
	}
	failpoint.Hit("lease.after") // not deferred: what is deferred is not inlined away
	return docs, err
}

// through sends what produce hands to the pipeline.
func (j *Job) through(ctx context.Context, result *Result, produce func(context.Context, *pipeline, *Result) error) error {
	p := newPipeline(j)
	produceCtx, stopProducing := context.WithCancel(ctx)
	defer stopProducing()

	var workers sync.WaitGroup
	var produced Result
	var produceErr error
	producing := make(chan struct{})
	go func() {
		defer close(producing)
		defer close(p.prepared)
		produceErr = produce(produceCtx, p, &produced)
	}()
	p.start = sync.OnceFunc(func() {
		for range p.inFlight {
			workers.Go(func() { p.send(ctx) })
		}
	})
	commitErr := p.run(ctx, result)
	stopProducing() // a no-op when the producer has ended by itself
	close(p.toSend)
	<-producing
	workers.Wait()

	*result = result.Plus(produced)
	if errors.Is(produceErr, context.Canceled) && (ctx.Err() != nil || result.Paused != nil || commitErr != nil) {
		produceErr = nil // it was stopped on purpose
	}
	return errors.Join(commitErr, produceErr)
}

// produce prepares a leased batch, and leases and prepares batch after batch until nothing is due. Of the documents named
// there is one batch.
func (j *Job) produce(ctx context.Context, p *pipeline, result *Result, docs []ledger.Document, only []int64) (waiting []int64, err error) {
	for len(docs) > 0 {
		readies, later, err := j.prepare(ctx, docs, result)
		if err != nil { // the ERP is away, or the daemon stops: others need not wait for the leases to run out
			var back []ledger.Change
			for _, d := range docs {
				back = append(back, unleased(d, d.State))
			}
			j.release(ctx, back)
			return waiting, err
		}
		waiting = append(waiting, later...)
		slices.SortStableFunc(readies, func(a, b ready) int { return compareDates(a.doc.IssueDate, b.doc.IssueDate) })
		batch := make([]job, len(readies))
		for i, r := range readies {
			batch[i] = firstStep(r)
		}
		batch, rests := j.awake(ctx, batch, result)
		select {
		case p.prepared <- batch:
		case <-ctx.Done():
			j.release(ctx, leases(batch))
			return waiting, ctx.Err()
		}
		if only != nil || rests {
			return waiting, nil
		}
		if docs, err = j.leaseDue(ctx, nil); err != nil {
			return waiting, err
		}
	}
	return waiting, nil
}

// compareDates orders days, the oldest first.
func compareDates(a, b invoice.Date) int {
	switch {
	case a.Before(b):
		return -1
	case b.Before(a):
		return 1
	}
	return 0
}

// releaseTimeout bounds what a stop waits for; a lease that is not given back runs out by itself.
const releaseTimeout = 10 * time.Second

// leases are the changes that give the leases of a batch back.
func leases(batch []job) []ledger.Change {
	back := make([]ledger.Change, len(batch))
	for i, n := range batch {
		back[i] = unleased(n.doc, n.rests())
	}
	return back
}

// release gives leases back whose documents will not be sent now.
func (j *Job) release(ctx context.Context, back []ledger.Change) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), releaseTimeout)
	defer cancel()
	failpoint.Hit("release.before")
	if _, err := j.Ledger.Commit(ctx, back); err != nil {
		j.Log.Warn("leases could not be given back; they run out by themselves", "documents", len(back), "err", err)
	}
}

// leaseMargin is kept free at the end of a lease, for clocks that run at different speeds and for the commit itself.
func leaseMargin(lease time.Duration) time.Duration { return lease / 8 }
