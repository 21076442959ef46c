package ledger

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"faturad/internal/fault"
)

const (
	now     = "UTC_TIMESTAMP(6)"
	fromNow = "TIMESTAMPADD(MICROSECOND, ?, UTC_TIMESTAMP(6))"

	// leaseFree: nobody holds the row.
	leaseFree = "(lease_until IS NULL OR lease_until <= UTC_TIMESTAMP(6))"

	mostAnswer = 1 << 20 // bytes of a provider's answer that are kept
)

// move is a Change made ready: its guarded UPDATE and what is inserted when that found its row.
type move struct {
	at      int // place in the caller's list
	change  *Change
	update  string
	args    []any
	id      int    // which of args is the document's ID
	payload []byte // packed
	answer  []byte // packed
}

// ready checks a change and builds its statement. An error concerns this change only.
func ready(at int, c *Change) (move, error) {
	m := move{at: at, change: c}
	if err := c.check(); err != nil {
		return m, err
	}
	var set assignments
	c.lease(&set)
	c.Patch.assign(&set)
	c.attempt(&set)
	if c.Payload != nil {
		set.to("content_type", c.Payload.ContentType)
		set.to("payload_hash", c.Payload.Hash)
		m.payload = pack(c.Payload.Bytes)
	}
	if !c.Stay {
		set.sql("state = '" + string(c.To) + "'")
	}
	if c.Patch.MarkFinal || c.To.Final() {
		set.sql("final_at = COALESCE(final_at, " + now + ")")
	}
	if !c.Quiet {
		set.sql("version = version + 1")
	}
	set.sql("updated_at = " + now)
	where, guard := c.guard()
	m.update = "UPDATE documents SET " + strings.Join(set.parts, ", ") + " WHERE id = ? AND " + where
	m.id = len(set.args)
	m.args = append(append(set.args, c.Document), guard...)
	if e := c.Event; e != nil {
		m.answer = pack(e.Answer[:min(len(e.Answer), mostAnswer)])
	}
	return m, nil
}

// check refuses what no database should be asked.
func (c *Change) check() error {
	if _, known := RuleOf(c.To); !known {
		return fmt.Errorf("%q is no state", c.To)
	}
	if c.Seize && c.Lease != nil {
		return errors.New("a document cannot be seized under a lease")
	}
	if c.Lease != nil && c.Lease.Owner == "" {
		return errors.New("the lease names no owner")
	}
	if p := c.Patch.Payable; p != nil {
		if err := storable(*p); err != nil {
			return err
		}
	}
	if p := c.Payload; p != nil {
		sum := sha256.Sum256(p.Bytes)
		if got := hex.EncodeToString(sum[:]); got != p.Hash {
			return fmt.Errorf("the payload's hash is %s, but it says %q", got, p.Hash)
		}
	}
	return nil
}

// storable says whether DECIMAL(24,8) holds d exactly; the server would round silently.
func storable(d decimal.Decimal) error {
	if e := d.Exponent(); e < -40 || e > 16 || !d.Equal(d.Truncate(8)) || d.Abs().GreaterThanOrEqual(decimal.New(1, 16)) {
		return errors.New("the amount has more than 16 digits before or 8 after the point")
	}
	return nil
}

// guard is the WHERE of the change beside the id: a state with an arrow to To, and the lease.
func (c *Change) guard() (where string, args []any) {
	from := []State{c.To}
	if !c.Stay {
		from = sources(c.To)
	}
	if c.From != "" {
		from = slices.DeleteFunc(from, func(s State) bool { return s != c.From })
	}
	switch {
	case c.Lease == nil && c.Seize:
		return inStates(from), nil
	case c.Lease == nil:
		return inStates(from) + " AND " + leaseFree, nil
	}
	where, args = inStates(from)+" AND lease_owner = ? AND lease_epoch = ?", []any{c.Lease.Owner, c.Lease.Epoch}
	if c.intent() {
		where += " AND lease_until > " + now // the request may only leave under a lease that has time left
	}
	if hash := c.names(); hash != "" {
		where += " AND payload_hash = ?"
		args = append(args, hash)
	}
	return where, args
}

// names is the hash of the frozen bytes that a request sends or has sent. A failover may have lost the commit that froze them, and
// the epoch with it: then the next holder, with other bytes, has the same one. Empty = none, or the change freezes them itself.
func (c *Change) names() string {
	if c.Payload != nil || c.Event == nil {
		return ""
	}
	return c.Event.PayloadSHA
}

// intent says that a request follows this change.
func (c *Change) intent() bool {
	return c.To == Sending && !c.Stay || c.Event != nil && c.Event.Opened
}

// inStates is a condition on state. The words come from the table, never from outside.
func inStates(states []State) string {
	if len(states) == 0 {
		return "FALSE"
	}
	quoted := make([]string, len(states))
	for i, s := range states {
		quoted[i] = "'" + string(s) + "'"
	}
	return "state IN (" + strings.Join(quoted, ", ") + ")"
}

// lease ends the lease where asked. A change without a lease takes the row from whoever let it expire: the epoch rises,
// so that a holder who wakes up late commits nothing.
func (c *Change) lease(set *assignments) {
	if d := c.Patch.LeaseFor; d != nil && !c.Unlease { // an intent renews its lease
		set.sql("lease_until = TIMESTAMPADD(MICROSECOND, ?, "+now+")", micros(*d))
	}
	if c.Lease == nil {
		set.sql("lease_epoch = lease_epoch + 1")
	}
	if c.Lease == nil || c.Unlease {
		set.sql("lease_owner = '', lease_until = NULL")
	}
}

// attempt counts an attempt. The one that an intent under a lease opens has the event's number, so that a group whose COMMIT
// was not answered, and which is recorded again, counts it once.
func (c *Change) attempt(set *assignments) {
	switch {
	case !c.Patch.CountAttempt:
	case c.opensAttempt():
		set.to("attempts", c.Event.Attempt)
	default:
		set.sql("attempts = attempts + 1")
	}
}

func (c *Change) opensAttempt() bool { return c.Lease != nil && c.Event != nil && c.Event.Opened }

// assignments are the SET of an UPDATE.
type assignments struct {
	parts []string
	args  []any
}

func (a *assignments) sql(part string, args ...any) {
	a.parts = append(a.parts, part)
	a.args = append(a.args, args...)
}

func (a *assignments) to(column string, value any) { a.sql(column+" = ?", value) }

// assign sets a column if the patch names it.
func assign[T any](a *assignments, column string, value *T) {
	if value != nil {
		a.to(column, *value)
	}
}

// assignText is assign for texts that people read.
func assignText(a *assignments, column string, value *string, limit int) {
	if value != nil {
		a.to(column, clip(*value, limit))
	}
}

// assign turns the patch into assignments, always in the same order, so that equal patches share a statement.
func (p *Patch) assign(a *assignments) {
	assignText(a, "sale_number", p.SaleNumber, name190)
	assign(a, "sale_hash", p.SaleHash)
	assign(a, "convention", p.Convention)
	assign(a, "buyer_tax_no", p.BuyerTaxNo)
	assignText(a, "buyer_name", p.BuyerName, name500)
	assign(a, "currency", p.Currency)
	if p.Payable != nil {
		a.to("payable", p.Payable.String())
	}
	if p.IssueDate != nil {
		a.to("issue_date", sqlDate(*p.IssueDate))
	}
	if p.MovedFrom != nil {
		a.to("moved_from", sqlDate(*p.MovedFrom))
	}
	if p.ETTN != nil {
		a.to("ettn", p.ETTN.String())
	}
	assign(a, "revision", p.Revision)
	assign(a, "local_reference", p.LocalReference)
	if p.Changed != nil {
		a.to("changed", changeOf(*p.Changed, p.Gone))
	}
	assign(a, "was_unknown", p.WasUnknown)
	assign(a, "probe_first", p.ProbeFirst)
	assign(a, "account", p.Account)
	assign(a, "provider", p.Provider)
	if r := p.Route; r != nil {
		a.sql("route_kind = ?, route_alias = ?, route_prefix = ?, route_draft = ?, route_email = ?", string(r.Kind), r.Alias, r.Prefix, r.Draft, r.Email)
	}
	if p.Number != nil {
		a.sql("number = NULLIF(?, '')", *p.Number)
	}
	assign(a, "provider_id", p.ProviderID)
	if p.Assigned != nil {
		a.to("assigned_ettn", p.Assigned.String())
	}
	if p.Legal != nil {
		a.to("legal_step", string(*p.Legal))
	}
	assign(a, "loose", p.Loose)
	p.Mail.assign(a)
	assign(a, "provider_status", p.ProviderStatus)
	assign(a, "envelope_status", p.EnvelopeStatus)
	assign(a, "code", p.Code)
	assignText(a, "message", p.Message, longText)
	assignText(a, "advice", p.Advice, longText)
	assign(a, "failures", p.Failures)
	if p.NextIn != nil {
		a.sql("next_at = "+fromNow, micros(*p.NextIn))
	}
	if p.Unknown != nil && *p.Unknown {
		a.sql("unknown_since = COALESCE(unknown_since, " + now + ")")
	} else if p.Unknown != nil {
		a.sql("unknown_since = NULL")
	}
	if p.QuarantineIn != nil {
		a.sql("quarantine_until = "+fromNow, micros(*p.QuarantineIn))
	}
	if p.SentAt != nil {
		a.sql("sent_at = COALESCE(sent_at, ?)", p.SentAt.UTC())
	}
	if p.MarkSent {
		a.sql("sent_at = COALESCE(sent_at, " + now + ")")
	}
}

// unstorable is the outcome of a change whose data the ledger cannot hold.
func unstorable(document int64, err error) error {
	return &fault.Error{Class: fault.Permanent, Doing: fmt.Sprintf("recording document %d", document), Err: err,
		Advice: "Correct the value that is named; the other documents of the group were recorded"}
}
