package simulation

import (
	"context"
	"errors"
	"slices"
	"time"

	"faturad/internal/fault"
	"faturad/internal/invoice"
	"faturad/providers"
	"faturad/sync/ledger"
)

var (
	errDatabase = fault.New(fault.Retryable, "asking the ledger", errors.New("the database is away"))
	errCommit   = fault.New(fault.Ambiguous, "recording", errors.New("the answer to COMMIT was lost for good"))
)

// seat is the ledger as one daemon sees it.
type seat struct {
	*books
	d    *daemon
	seen map[int64]int64 // write_seq as read by Unwritten
	last int             // number of this process's last commit
	gone bool            // a commit of this process was lost
}

// begin opens a commit of this process.
func (s *seat) begin() *undo {
	s.lookBack()
	u := s.books.begin()
	s.last = u.number
	return u
}

func (s *seat) lookBack() {
	s.gone = s.gone || s.w.lossy && s.last > 0 && !slices.ContainsFunc(s.undo, func(u undo) bool { return u.number == s.last })
}

// Continuous reports whether this process's commits are still there; its first call sets a landmark.
func (s *seat) Continuous(ctx context.Context) (bool, error) {
	if _, err := s.write(ctx, "continuous", ""); err != nil {
		return true, err
	}
	s.lookBack()
	whole := !s.gone
	if s.gone { // Resume
		s.gone, s.last = false, 0
	}
	if s.last == 0 {
		s.begin()
	}
	return whole, nil
}

// ask parks a reading call.
func (s *seat) ask(ctx context.Context, op, key string) error {
	t, err := s.w.stage.wait(ctx, s.d, op, key)
	switch {
	case err != nil && t == dead:
		return err
	case err != nil || t != fine || s.now().Before(s.away):
		return errDatabase
	}
	return nil
}

// write parks a writing call; lost says that its answer will not come back.
func (s *seat) write(ctx context.Context, op, key string) (lost bool, err error) {
	t, err := s.w.stage.wait(ctx, s.d, op, key)
	switch {
	case err != nil && t == dead:
		return false, err
	case err != nil || t == before || s.now().Before(s.away):
		return false, errDatabase
	}
	return t == after, nil
}

func (s *seat) Now(ctx context.Context) (time.Time, error) {
	err := s.ask(ctx, "now", "")
	return s.now(), err
}

// Alike implements outbound.Ledger; no run holds possible duplicates.
func (s *seat) Alike(context.Context, string, []ledger.Likeness) (map[ledger.Likeness][]ledger.Document, error) {
	return nil, nil
}

func (s *seat) Birth(context.Context) (time.Time, error) { return time.Time{}, nil }

func (s *seat) Discover(ctx context.Context, company string, docs []ledger.NewDocument) (int, error) {
	lost, err := s.write(ctx, "discover", "")
	if err != nil {
		return 0, err
	}
	u, added := s.begin(), 0
	for _, n := range docs {
		if at := s.find(n.Key); at >= 0 {
			d := &s.docs[at]
			if exists(d.State) && d.Version == d.WrittenVersion { // the ERP lost its marks
				s.touch(u, at)
				d.WrittenVersion, s.notes[at].noted, d.WriteNextAt = 0, 0, s.now()
				s.notes[at].seq++
			}
			continue
		}
		s.add(company, n, ledger.Pending)
		if n.ProbeFirst && !s.w.lossy && !s.d.misled {
			s.w.delayed = append(s.w.delayed, n.LocalReference)
		}
		added++
	}
	if lost {
		return 0, errCommit
	}
	return added, nil
}

func (s *seat) Rebuild(ctx context.Context, company string, known []ledger.KnownDocument) (int, error) {
	lost, err := s.write(ctx, "rebuild", "")
	if err != nil {
		return 0, err
	}
	s.begin()
	added := 0
	for _, k := range known {
		if s.find(k.Key) >= 0 {
			continue
		}
		d := s.add(company, k.NewDocument, ledger.Unknown)
		d.Revision, d.Number, d.ProbeFirst, d.WasUnknown = max(1, k.Revision), k.Number, true, true
		d.SentAt = k.SentAt
		d.UnknownSince, d.QuarantineUntil = s.now(), s.now().Add(k.QuarantineIn)
		d.Code, d.Message, d.WrittenVersion = ledger.CodeRebuilt, "ERP: "+k.State, 1
		if d.Number != "" && slices.ContainsFunc(s.docs[:len(s.docs)-1], func(o ledger.Document) bool { return o.Number == d.Number }) {
			d.Number = ""
		}
		added++
	}
	if lost {
		return 0, errCommit
	}
	return added, nil
}

// LastIssued knows of no series: the simulation is about existence, not about days.
func (s *seat) LastIssued(context.Context, string, []ledger.Series) (map[ledger.Series]invoice.Date, error) {
	return nil, nil
}

func (s *seat) ByKeys(ctx context.Context, _ string, keys []ledger.Key) (map[ledger.Key][]ledger.Document, error) {
	if err := s.ask(ctx, "revisions", ""); err != nil {
		return nil, err
	}
	out := make(map[ledger.Key][]ledger.Document, len(keys))
	for i := range s.docs {
		if key := (ledger.Key{KeySpace: s.docs[i].KeySpace, SaleKey: s.docs[i].SaleKey}); slices.Contains(keys, key) {
			out[key] = append(out[key], s.docs[i])
		}
	}
	return out, nil
}

func (s *seat) LatestByKey(ctx context.Context, _ string, keys []ledger.Key) (map[ledger.Key]ledger.Document, error) {
	if err := s.ask(ctx, "latest", ""); err != nil {
		return nil, err
	}
	out := make(map[ledger.Key]ledger.Document, len(keys))
	for _, k := range keys {
		if at := s.find(k); at >= 0 {
			out[k] = s.docs[at]
		}
	}
	return out, nil
}

func (s *seat) Lease(ctx context.Context, _ string, states []ledger.State, owner string, ttl time.Duration, limit int) ([]ledger.Document, error) {
	return s.lease(ctx, "lease", owner, ttl, limit, func(d *ledger.Document, now time.Time) bool {
		return slices.Contains(states, d.State) && !d.NextAt.After(now) && d.Legal != ledger.LegalDue
	})
}

func (s *seat) LeaseLegal(ctx context.Context, _, owner string, ttl time.Duration, limit int) ([]ledger.Document, error) {
	return s.lease(ctx, "lease legal", owner, ttl, limit, func(d *ledger.Document, now time.Time) bool {
		return d.State == ledger.Draft && !d.NextAt.After(now) && d.Legal == ledger.LegalDue
	})
}

func (s *seat) LeaseByID(ctx context.Context, ids []int64, owner string, ttl time.Duration) ([]ledger.Document, error) {
	return s.lease(ctx, "lease by id", owner, ttl, len(ids), func(d *ledger.Document, _ time.Time) bool { return slices.Contains(ids, d.ID) })
}

func (s *seat) lease(ctx context.Context, op, owner string, ttl time.Duration, limit int, wanted func(*ledger.Document, time.Time) bool) ([]ledger.Document, error) {
	lost, err := s.write(ctx, op, "")
	if err != nil {
		return nil, err
	}
	now, places := s.now(), make([]int, 0, 8)
	for at := range s.docs {
		if wanted(&s.docs[at], now) && !s.docs[at].LeaseUntil.After(now) {
			places = append(places, at)
		}
	}
	if len(places) == 0 {
		return nil, nil
	}
	slices.SortStableFunc(places, func(a, b int) int { return s.docs[a].NextAt.Compare(s.docs[b].NextAt) })
	places = places[:min(limit, len(places))]
	u := s.begin()
	out := make([]ledger.Document, len(places))
	for i, at := range places {
		s.touch(u, at)
		d := &s.docs[at]
		d.LeaseOwner, d.LeaseEpoch, d.LeaseUntil = owner, d.LeaseEpoch+1, now.Add(ttl)
		out[i] = *d
	}
	if lost {
		return nil, errCommit
	}
	return out, nil
}

func (s *seat) Payloads(ctx context.Context, ids []int64) (map[int64]providers.Payload, error) {
	if err := s.ask(ctx, "payloads", ""); err != nil {
		return nil, err
	}
	out := map[int64]providers.Payload{}
	for _, id := range ids {
		if p, ok := s.payloads[id]; ok {
			out[id] = p
		}
	}
	return out, nil
}

func (s *seat) Commit(ctx context.Context, changes []ledger.Change) ([]ledger.Outcome, error) {
	if len(changes) == 0 {
		return nil, nil
	}
	if s.w.broken == sendBeforeCommit && intents(changes) {
		return s.promise(changes), nil
	}
	lost, err := s.write(ctx, "commit", "")
	if err != nil {
		return nil, err
	}
	s.lookBack()
	outcomes := s.apply(changes)
	s.last = s.commits
	if lost {
		return nil, errCommit
	}
	return outcomes, nil
}

func intents(changes []ledger.Change) bool {
	return slices.ContainsFunc(changes, func(c ledger.Change) bool { return c.To == ledger.Sending && c.Event != nil && c.Event.Opened })
}

func (s *seat) Unwritten(ctx context.Context, _ string, limit int, except ...ledger.State) ([]ledger.Document, error) {
	if err := s.ask(ctx, "unwritten", ""); err != nil {
		return nil, err
	}
	var out []ledger.Document
	now := s.now()
	for at := range s.docs {
		d := &s.docs[at]
		if out == nil && d.Version != d.WrittenVersion {
			out = make([]ledger.Document, 0, len(s.docs)-at)
		}
		if d.Version != d.WrittenVersion && !d.Superseded && !d.WriteNextAt.After(now) && !slices.Contains(except, d.State) && len(out) < limit {
			out = append(out, *d)
			s.seen[d.ID] = s.notes[at].seq
		}
	}
	return out, nil
}

func (s *seat) MarkWritten(ctx context.Context, written []ledger.Written) error {
	lost, err := s.write(ctx, "mark written", "")
	if err != nil {
		return err
	}
	u := s.begin()
	for _, w := range written {
		at := int(w.ID) - 1
		if at >= len(s.docs) {
			continue
		}
		s.touch(u, at)
		n := &s.notes[at]
		if n.noted != w.Version {
			n.run = n.seq
		}
		s.docs[at].WrittenVersion = 0
		if n.run <= s.seen[w.ID] {
			s.docs[at].WrittenVersion = w.Version
		}
		n.noted = w.Version
		n.seq++
		s.docs[at].WriteFailures = 0
	}
	if lost {
		return errCommit
	}
	return nil
}

func (s *seat) MarkWriteFailed(ctx context.Context, failures []ledger.WriteFailure) error {
	if _, err := s.write(ctx, "mark failed", ""); err != nil {
		return err
	}
	u := s.begin()
	for _, f := range failures {
		at := int(f.ID) - 1
		if at >= len(s.docs) {
			continue
		}
		s.touch(u, at)
		if s.docs[at].WriteFailures++; f.Refused {
			s.docs[at].WriteFailures = 0
		}
		s.docs[at].WriteMessage, s.docs[at].WriteNextAt = f.Message, s.now().Add(s.again(f.NextIn))
	}
	return nil
}

// MailsDue is never due: the simulated provider mails nobody.
func (s *seat) MailsDue(context.Context, string, int) ([]ledger.Document, error) { return nil, nil }

func (s *seat) Documents(ctx context.Context, f ledger.Filter) ([]ledger.Document, error) {
	if err := s.ask(ctx, "documents", ""); err != nil {
		return nil, err
	}
	var out []ledger.Document
	for at := range s.docs {
		d := &s.docs[at]
		wanted := (len(f.States) == 0 || slices.Contains(f.States, d.State)) && (!f.Loose || d.Loose) && (f.Code == "" || f.Code == d.Code)
		after := d.ID > f.AfterID
		if f.Newest {
			after = f.AfterID == 0 || d.ID < f.AfterID
		}
		if wanted && after {
			if out == nil {
				out = make([]ledger.Document, 0, len(s.docs)-at)
			}
			out = append(out, *d)
		}
	}
	if f.Newest {
		slices.Reverse(out)
	}
	return out, nil
}

// NewRevision follows a dead document by another.
func (s *seat) NewRevision(ctx context.Context, prev ledger.Document, next ledger.NewDocument, audit ledger.Audit) (ledger.Document, error) {
	lost, err := s.write(ctx, "revise", prev.SaleKey)
	if err != nil {
		return ledger.Document{}, err
	}
	at := int(prev.ID) - 1
	d := &s.docs[at]
	dead := d.State == ledger.Rejected || d.State == ledger.Cancelled || d.State == ledger.Failed
	if d.Superseded || d.Revision != prev.Revision || !dead || !s.free(d) {
		return ledger.Document{}, fault.Newf(fault.Permanent, "revising", "it moved")
	}
	u := s.begin()
	s.touch(u, at)
	d.Superseded = true
	audit.At = s.now()
	s.trail = append(s.trail, audit)
	next.Key, next.ERP = ledger.Key{KeySpace: prev.KeySpace, SaleKey: prev.SaleKey}, prev.ERP
	made := s.add(prev.Company, next, ledger.Pending)
	made.Revision = prev.Revision + 1
	if lost {
		return ledger.Document{}, errCommit
	}
	return *made, nil
}

func (s *seat) History(ctx context.Context, document int64) ([]ledger.Event, error) {
	if err := s.ask(ctx, "history", ""); err != nil {
		return nil, err
	}
	var out []ledger.Event
	for _, e := range s.events {
		if e.Document == document {
			out = append(out, e)
		}
	}
	return out, nil
}
