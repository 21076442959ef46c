package turkcellsim

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
)

// inbox is the provider's memory of incoming invoices, in order of arrival.
type inbox struct {
	mu      sync.Mutex
	all     []*Incoming
	more    map[*Incoming]*incomingExtra
	largest int // rows of a page at most; 0 = as many as asked for
}

// incomingExtra is what the listing shows beside the invoice's own content.
type incomingExtra struct {
	envelope, customer uuid.UUID
	alias              string
	tip                int
	scenario           int
	answer             int // wish of the answer under way: 1 KABUL, 2 RED
	since              time.Time
}

func (b *inbox) reset() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.all, b.more, b.largest = nil, map[*Incoming]*incomingExtra{}, 0
}

// Incoming lists the incoming invoices, oldest arrival first.
func (s *Simulator) Incoming() []Incoming {
	s.inbox.mu.Lock()
	defer s.inbox.mu.Unlock()
	out := make([]Incoming, 0, len(s.inbox.all))
	for _, i := range s.inbox.all {
		s.inbox.settle(i, s.Now(), s.o.Pace)
		out = append(out, *i)
	}
	return out
}

// AddIncoming puts raw UBL into the inbox, new and arrived now. The same ETTN may be added twice, so that clients can be
// tested against it. The error says why it cannot be read as an invoice.
func (s *Simulator) AddIncoming(ubl []byte) (uuid.UUID, error) { return s.addIncoming(ubl, s.Now()) }

func (s *Simulator) addIncoming(ubl []byte, arrived time.Time) (uuid.UUID, error) {
	c, err := readUBL(ubl)
	if err != nil {
		return uuid.Nil, fmt.Errorf("adding an incoming invoice: %w", err)
	}
	id, ok := c.ettn()
	if !ok {
		return uuid.Nil, errors.New("adding an incoming invoice: its UUID is not a GUID")
	}
	sum := sha256.Sum256(ubl)
	in := &Incoming{
		ETTN: id, Number: c.id, Sender: c.supplier.taxNo, SenderName: c.supplier.title(), Scenario: c.profile,
		Type: c.typeCode, Status: statusApproved, IsNew: true, IssueDate: c.issueDate, ArrivedAt: arrived,
		Net: c.exclusive.value, Payable: c.payable.value, Currency: c.currency, Lines: len(c.lines),
		SHA256: hex.EncodeToString(sum[:]), UBL: slices.Clone(ubl),
	}
	if c.profile == "TICARIFATURA" {
		in.Status = statusWaiting
	}
	extra := &incomingExtra{
		envelope: uuid.NewSHA1(id, []byte("envelope")), customer: uuid.NewSHA1(uuid.Nil, []byte("customer")),
		alias: "urn:mail:defaultgb@" + c.supplier.taxNo + ".example.test",
		tip:   numberOf(typeNames, c.typeCode), scenario: numberOf(scenarioNames, c.profile), since: arrived,
	}
	s.inbox.mu.Lock()
	defer s.inbox.mu.Unlock()
	s.inbox.all = append(s.inbox.all, in)
	s.inbox.more[in] = extra
	return id, nil
}

// settle moves the status with time: an answer under way arrives, an unanswered invoice is accepted after eight days.
func (b *inbox) settle(i *Incoming, now time.Time, p Pace) {
	extra := b.more[i]
	wait := p.Step
	if p.Mode != PaceClock {
		wait = 0
	}
	switch {
	case i.Status == statusWaiting && now.Sub(i.ArrivedAt) >= autoApproval:
		i.Status = statusAutoApproved
	case i.Status == statusApproving && now.Sub(extra.since) >= wait:
		i.Status = statusApproved
	case i.Status == statusRejecting && now.Sub(extra.since) >= wait:
		i.Status = statusRejected
	}
}

// with calls f with the first invoice of that ETTN, or returns false.
func (b *inbox) with(id uuid.UUID, now time.Time, p Pace, f func(*Incoming, *incomingExtra)) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, i := range b.all {
		if i.ETTN == id {
			b.settle(i, now, p)
			f(i, b.more[i])
			return true
		}
	}
	return false
}

func (b *inbox) setStatus(id uuid.UUID, status int) bool {
	return b.with(id, time.Time{}, Pace{}, func(i *Incoming, _ *incomingExtra) { i.Status = status })
}

// mark sets isNew on every row of that ETTN and returns how many there are.
func (b *inbox) mark(id uuid.UUID, isNew bool, now time.Time) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := 0
	for _, i := range b.all {
		if i.ETTN == id {
			i.IsNew = isNew
			if !isNew {
				at := now
				i.ClearedAt = &at
			}
			n++
		}
	}
	return n
}

func (b *inbox) remove(id uuid.UUID) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	before := len(b.all)
	b.all = slices.DeleteFunc(b.all, func(i *Incoming) bool { return i.ETTN == id })
	return len(b.all) < before
}

// inboxList answers one page (facts section 6). Dates select by arrival; isDesc sorts by it.
func (s *Simulator) inboxList(c *call) reply {
	from, to, stop := c.span()
	if stop != nil {
		return *stop
	}
	page, size := c.number("pageIndex", 1), c.number("pageSize", 50)
	if page < 1 || size < 1 || size > 500 {
		return refusal(warning, msgPage)
	}
	keep := c.inboxFilter(from, to)
	s.inbox.mu.Lock()
	defer s.inbox.mu.Unlock()
	var found []*Incoming
	for _, i := range s.inbox.all {
		if s.inbox.settle(i, c.now, s.o.Pace); keep(i, s.inbox.more[i]) {
			found = append(found, i)
		}
	}
	if strings.EqualFold(c.query("isDesc"), "true") {
		slices.Reverse(found)
	}
	if s.inbox.largest > 0 {
		size = min(size, s.inbox.largest)
	}
	items := []map[string]any{}
	for n := (page - 1) * size; n < min(page*size, len(found)); n++ {
		items = append(items, listRow(found[n], s.inbox.more[found[n]]))
	}
	pages := (len(found) + size - 1) / size
	return s.object(map[string]any{
		"pageIndex": page, "pageSize": size, "totalCount": len(found), "totalPages": pages,
		"hasNextPage": page < pages, "hasPreviousPage": page > 1, "items": items,
	})
}

// number reads a whole-number parameter; -1 when it is none.
func (c *call) number(name string, usual int) int {
	v := c.query(name)
	if v == "" {
		return usual
	}
	n, err := strconv.Atoi(v)
	if err != nil {
		return -1
	}
	return n
}

func (c *call) inboxFilter(from, to time.Time) func(*Incoming, *incomingExtra) bool {
	isNew, number, sender := strings.ToLower(c.query("isNew")), c.query("invoiceNumber"), c.query("targetVknTckn")
	scenario, tip, status := c.number("type", -1), c.number("tipType", -1), c.number("status", 999)
	return func(i *Incoming, x *incomingExtra) bool {
		return (isNew == "" || isNew == strconv.FormatBool(i.IsNew)) &&
			(number == "" || number == i.Number) && (sender == "" || sender == i.Sender) &&
			(scenario < 0 || scenario == x.scenario) && (tip < 0 || tip == x.tip) &&
			(status == 999 || status == i.Status) && within(i.ArrivedAt, from, to)
	}
}

// listRow is one item (facts 6.2): target... is the sender, totalAmount is without taxes.
func listRow(i *Incoming, x *incomingExtra) map[string]any {
	number := func(d decimal.Decimal) numberText { return numberText(d.StringFixed(2)) }
	return map[string]any{
		"id": i.ETTN, "customerId": x.customer, "envelopeId": x.envelope, "invoiceNumber": i.Number,
		"executionDate": i.IssueDate + "T00:00:00", "status": i.Status, "type": x.scenario, "tipType": x.tip,
		"targetTitle": i.SenderName, "targetVknTckn": i.Sender, "targetAlias": x.alias, "isArchived": false,
		"isAgentNew": i.IsNew, "totalAmount": number(i.Net), "payableAmount": number(i.Payable), "currency": i.Currency,
		"sentDate": localTime(i.ArrivedAt), "isNew": i.IsNew, "isRead": i.Fetched > 0, "isVerified": true,
		"createdDate": localTime(i.ArrivedAt), "digestValue": i.SHA256, "envelope": map[string]int{"status": 1300},
	}
}

// numberText is a JSON number with the digits that it has.
type numberText string

// MarshalJSON prints the digits as they are.
func (n numberText) MarshalJSON() ([]byte, error) { return []byte(n), nil }

// updateIsNew sets the flags (facts 2.2 nr 18); unknown ids are passed over and not counted.
func (s *Simulator) updateIsNew(c *call) reply {
	var in []struct {
		ID    uuid.UUID `json:"invoiceId"`
		IsNew bool      `json:"isNew"`
	}
	if r, ok := c.decode(&in); !ok {
		return r
	}
	changed := 0
	for _, x := range in {
		if s.inbox.mark(x.ID, x.IsNew, c.now) > 0 {
			changed++
		}
	}
	r := done()
	r.saved = changed > 0
	if !s.o.Rules.IsNewAnswersNull {
		r.body = []byte(strconv.Itoa(changed))
	}
	return r
}

func (s *Simulator) inboxStatus(c *call) reply {
	return s.incoming(c, func(i *Incoming, _ *incomingExtra) reply {
		return s.object(map[string]any{"id": i.ETTN, "invoiceNumber": i.Number, "status": i.Status})
	})
}

// incoming answers about one invoice, or 404.
func (s *Simulator) incoming(c *call, f func(*Incoming, *incomingExtra) reply) reply {
	var out reply
	if !s.inbox.with(c.id, c.now, s.o.Pace, func(i *Incoming, x *incomingExtra) { out = f(i, x) }) {
		return s.text(http.StatusNotFound, msgNoInvoice)
	}
	return out
}

// answerGet tells the answer to a commercial invoice (facts 2.4 nr 32).
func (s *Simulator) answerGet(c *call) reply {
	return s.incoming(c, func(i *Incoming, x *incomingExtra) reply {
		if x.answer == 0 {
			return s.text(http.StatusNotFound, msgNoInvoice)
		}
		state := 2 // completed
		switch i.Status {
		case statusApproving, statusRejecting:
			state = 1
		case statusApproveError, statusRejectError, statusReturnError:
			state = 3
		}
		return s.object(map[string]any{"invoiceId": i.ETTN, "status": i.Status, "reason": orNull(i.ResponseWhy), "responseStatus": state})
	})
}

// answerPost accepts (1) or rejects (2) a commercial invoice that waits.
func (s *Simulator) answerPost(c *call) reply {
	var in struct {
		ID     uuid.UUID `json:"invoiceId"`
		Status int       `json:"status"`
		Reason string    `json:"reason"`
	}
	if r, ok := c.decode(&in); !ok {
		return r
	}
	if in.Status != 1 && in.Status != 2 {
		return refusal("status", msgStatusValue, strconv.Itoa(in.Status))
	}
	c.id = in.ID
	return s.incoming(c, func(i *Incoming, x *incomingExtra) reply {
		if i.Status != statusWaiting {
			return refusal(warning, msgNotAnswer)
		}
		x.answer, x.since, i.ResponseWhy = in.Status, c.now, in.Reason
		i.Status, i.Response = statusApproving, "KABUL"
		if in.Status == 2 {
			i.Status, i.Response = statusRejecting, "RED"
		}
		r := s.object(map[string]any{
			"id": uuid.NewSHA1(i.ETTN, []byte("answer")), "customerId": x.customer, "invoiceId": i.ETTN,
			"envelopeId": nil, "status": in.Status, "responseStatus": 0, "reason": orNull(in.Reason),
			"createdDate": localTime(c.now), "updatedDate": nil,
		})
		r.saved = true
		return r
	})
}

// answerRetry sends failed answers again; a bare array and {"Ids":[]} are both taken (facts 2.4 nr 34).
func (s *Simulator) answerRetry(c *call) reply {
	var ids idList
	if r, ok := c.decode(&ids); !ok {
		return r
	}
	for _, id := range ids {
		c.id = id
		r := s.incoming(c, func(i *Incoming, x *incomingExtra) reply {
			switch i.Status {
			case statusApproveError:
				i.Status = statusApproving
			case statusRejectError, statusReturnError:
				i.Status = statusRejecting
			default:
				return refusal(warning, msgNotRetry)
			}
			x.since = c.now
			return done()
		})
		if r.status != http.StatusOK {
			return r
		}
	}
	return done()
}
