package outbound

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"faturad/internal/failpoint"
	"faturad/internal/fault"
	"faturad/internal/invoice"
	"faturad/providers"
	"faturad/sync/ledger"
)

// job is one step of one document in the pipeline.
type job struct {
	ready
	step     ledger.Operation            // OpCreate; at some providers OpContact and OpProduct before it, OpRelease after it
	grounds  map[providers.Ground][]byte // what the steps before found or made
	attempt  int
	deadline time.Time // monotonic: the request must have ended by then
}

// sent is what a sender reports: the changes that record the outcome, and how to count them.
type sent struct {
	job     job
	changes []ledger.Change
	count   func(*Result)
	pause   error // why no further request may be started; nil = go on
	next    *job  // the document's next step: its intent shares a commit with this result
}

// pipeline connects the producer, the committer and the senders. Its loop is the only writer to the ledger while a round
// sends. One commit carries the results of one group and the intents of the next (facts/reliability.md section 2), so
// the number of commits does not follow the number of documents.
type pipeline struct {
	job      *Job
	inFlight int
	room     int         // intents that may be open at once: those in flight, and twice as many ready to follow
	prepared chan []job  // batches from the producer; closed when nothing more is due
	toSend   chan *job   // to the senders; their intents are committed
	results  chan *sent  // from the senders
	paused   atomic.Bool // senders give back what they have not started
	start    func()      // starts the senders, once: a pass that finds nothing to send needs none
}

func newPipeline(j *Job) *pipeline {
	inFlight := j.inFlight()
	room := 3 * inFlight
	return &pipeline{
		job: j, inFlight: inFlight, room: room,
		prepared: make(chan []job), // the next batch is made while the last one is sent, and then waits
		toSend:   make(chan *job, room),
		results:  make(chan *sent, room),
		start:    func() {},
	}
}

// group is what the next commit will carry.
type group struct {
	results []*sent
	intents []job
	queue   []job        // prepared documents for which there is no room yet; they outlive the commit
	day     invoice.Date // of what is in flight and in intents; it outlives the commit too
}

// fill takes intents from the queue as far as there is room. Documents of one day at a time: the provider numbers them as they
// arrive, in no order among those in flight, and the tax authority wants numbers to follow dates. The next day begins when
// nothing of the one before is in flight; what failed and is tried later holds nobody up.
func (g *group) fill(open, room int) {
	n := 0
	for n < len(g.queue) && open+len(g.intents)+n < room {
		day := g.queue[n].doc.IssueDate
		if open+len(g.intents)+n > 0 && day != g.day {
			break
		}
		g.day = day
		n++
	}
	g.intents = append(g.intents, g.queue[:n]...)
	clear(g.queue[:n]) // the payloads are large, and this array may live for a while
	g.queue = g.queue[n:]
}

// run gathers results and prepared documents and commits both as one group: when the senders are about to run dry, when
// the oldest result has lingered long enough, or when everything has ended. It returns when nothing is open.
func (p *pipeline) run(ctx context.Context, result *Result) error {
	var g group
	open := 0 // intents handed to the senders whose results have not come back
	prepared := p.prepared
	stop := ctx.Done()
	linger := time.NewTimer(time.Hour)
	defer linger.Stop()
	lingered := false

	for {
		if ctx.Err() != nil || result.Paused != nil {
			p.paused.Store(true)
			prepared = nil
			p.giveBack(&g)
		}
		g.fill(open, p.room)
		if p.due(g, open, prepared != nil, lingered) {
			started, err := p.commit(ctx, g, result)
			if err != nil {
				p.paused.Store(true)
				return err
			}
			open += started
			g, lingered = group{queue: g.queue, day: g.day}, false
			continue
		}
		if prepared == nil && open == 0 && len(g.results) == 0 && len(g.intents) == 0 {
			return nil
		}
		in := prepared
		if len(g.queue) >= p.room {
			in = nil
		}
		select {
		case batch, ok := <-in:
			if !ok {
				prepared = nil
			}
			g.queue = append(g.queue, batch...)
		case r := <-p.results:
			if len(g.results) == 0 {
				lingered = false
				linger.Reset(p.job.linger())
			}
			first := len(g.results)
			g.results = p.gather(append(g.results, r))
			open -= len(g.results) - first
			for _, r := range g.results[first:] {
				if r.next != nil {
					g.queue = append([]job{*r.next}, g.queue...)
				}
				if r.pause != nil && result.Paused == nil {
					result.Paused = r.pause
				}
			}
		case <-linger.C:
			lingered = true
		case <-stop:
			stop = nil
			failpoint.Hit("drain.begun")
		}
	}
}

// gather adds what is there already: while the last group was committed, many senders may have come back.
func (p *pipeline) gather(results []*sent) []*sent {
	for {
		select {
		case r := <-p.results:
			results = append(results, r)
		default:
			return results
		}
	}
}

// due decides whether to commit now. Waiting makes groups larger and commits fewer; it must never leave a sender idle
// that could work.
func (p *pipeline) due(g group, open int, more, lingered bool) bool {
	switch {
	case len(g.results) == 0 && len(g.intents) == 0:
		return false
	case len(g.intents) > 0 && open <= p.inFlight+3*p.inFlight/4:
		full := open+len(g.intents) >= p.room
		return full || !more || open <= p.inFlight/2
	case len(g.results) > 0:
		return lingered || open == 0
	}
	return false
}

// giveBack turns prepared documents that will not be sent now into changes that return their leases.
func (p *pipeline) giveBack(g *group) {
	for _, next := range append(g.intents, g.queue...) {
		g.results = append(g.results, &sent{job: next, changes: []ledger.Change{unleased(next.doc, next.rests())}})
	}
	g.intents, g.queue = nil, nil
}

// unleased gives a document's lease back; it stays as it is.
func unleased(d ledger.Document, state ledger.State) ledger.Change {
	return ledger.Change{Document: d.ID, Lease: d.Lease(), To: state, Stay: true, Unlease: true, Quiet: true}
}

// commit records results and intents together and hands the documents whose intent went through to the senders. It
// returns how many those are.
func (p *pipeline) commit(ctx context.Context, g group, result *Result) (started int, err error) {
	j := p.job
	changes := make([]ledger.Change, 0, len(g.results)+len(g.intents))
	for _, r := range g.results {
		changes = append(changes, r.changes...)
	}
	intents := len(changes)
	renewed := time.Now() //nolint:forbidigo // monotonic: the lease renewed below ends no earlier than this plus its length
	for i := range g.intents {
		g.intents[i].attempt = g.intents[i].doc.Attempts + 1
		changes = append(changes, j.intent(g.intents[i]))
	}
	failpoint.Hit("record.before")
	outcomes, err := j.record(ctx, changes)
	failpoint.Hit("record.after")
	if err != nil {
		return 0, err
	}
	next := 0
	for _, r := range g.results {
		if err := j.settle(ctx, r, outcomes[next:next+len(r.changes)], result); err != nil {
			return 0, err
		}
		next += len(r.changes)
	}
	for i := range g.intents {
		job := g.intents[i]
		switch o := outcomes[intents+i]; {
		case o.Applied:
			job.deadline = renewed.Add(j.leaseFor() - leaseMargin(j.leaseFor()))
			p.start()
			p.toSend <- &job // never blocks: open intents never exceed the channel's room
			started++
		case o.Err != nil:
			j.Log.Error("an intent could not be recorded", "document", job.doc.LocalReference, "err", o.Err)
		}
	}
	if j.Progress != nil && len(g.results) > 0 {
		j.Progress(len(g.results), 0)
	}
	return started, nil
}

// settle looks at what became of one result.
func (j *Job) settle(ctx context.Context, r *sent, outcomes []ledger.Outcome, result *Result) error {
	for _, o := range outcomes {
		switch {
		case errors.Is(o.Err, fault.Duplicate):
			return j.park(ctx, r.job, o.Err, result)
		case o.Err != nil:
			j.Log.Error("a result could not be recorded; the document stays open and will be asked for",
				"document", r.job.doc.LocalReference, "err", o.Err)
			return nil //nolint:nilerr // it concerns this document alone, and is logged
		case !o.Applied:
			j.Log.Warn("a result came too late: the document was taken over meanwhile", "document", r.job.doc.LocalReference)
			return nil
		}
	}
	if r.count != nil {
		r.count(result)
	}
	return nil
}

// How long a group is pressed on a database that is away, and how long one try of it may take.
const (
	recordPatience = 2 * time.Minute
	recordTimeout  = 30 * time.Second
)

// record commits, and keeps trying while the database is away: results are facts that must not be lost while this
// process lives. If it dies before, the documents are found in sending and asked for.
func (j *Job) record(ctx context.Context, changes []ledger.Change) ([]ledger.Outcome, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordPatience)
	defer cancel()
	for failures := 0; ; failures++ {
		try, done := context.WithTimeout(ctx, recordTimeout)
		outcomes, err := j.Ledger.Commit(try, changes)
		done()
		if err == nil || errors.Is(err, fault.Permanent) || errors.Is(err, fault.Auth) {
			return outcomes, err
		}
		j.Log.Error("recording results failed; trying again", "changes", len(changes), "err", err)
		wait := time.NewTimer(min(j.backOff(failures), 5*time.Second))
		select {
		case <-wait.C:
		case <-ctx.Done():
			wait.Stop()
			return nil, err
		}
	}
}
