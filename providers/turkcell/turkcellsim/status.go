package turkcellsim

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"faturad/internal/clock"
)

// status answers where a document stands (facts 2.1 nr 6, 2.3 nr 23). An e-Arşiv has no envelope.
func (s *Simulator) status(c *call) reply {
	var out reply
	known := s.documents.with(c.route.kind, c.id, c.now, func(d *record) {
		d.poll(c.now, s.o.Pace, s.documents.buyers[d.buyer])
		fields := map[string]any{
			"id": d.ettn, numberField(d.kind, false): orNull(d.number), "status": d.status, "message": orNull(d.message),
		}
		if d.kind == KindEFatura {
			fields["envelopeId"], fields["envelopeStatus"], fields["envelopeMessage"] = nil, nil, nil
			if d.code != 0 {
				fields["envelopeId"], fields["envelopeStatus"] = d.envelope, d.code
				fields["envelopeMessage"] = envelopeText(d.code)
			}
			fields["hobimStatus"], fields["sentDate"] = nil, nil
			if !d.sentAt.IsZero() {
				fields["sentDate"] = localTime(d.sentAt)
			}
		}
		out = s.object(fields)
	})
	if !known {
		return s.missing(c.route.kind)
	}
	return out
}

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// localTime prints a time as the provider does: Turkish local time without a zone (facts 6.2).
func localTime(t time.Time) string { return t.In(clock.Istanbul).Format("2006-01-02T15:04:05.0000000") }

// reason answers the buyer's words as a JSON string.
func (s *Simulator) reason(c *call) reply {
	var out reply
	if !s.documents.with(KindEFatura, c.id, c.now, func(d *record) { out = asJSON(d.reason) }) {
		return s.missing(KindEFatura)
	}
	return out
}

// updateStatusList releases drafts (20), queues failed documents again (20) or turns them back into drafts (0). One
// document that may not be changed stops the whole list. Each receipt has a list of its own.
func (s *Simulator) updateStatusList(c *call) reply {
	var in struct {
		IDs    []uuid.UUID `json:"ids"`
		Status int         `json:"status"`
	}
	if r, ok := c.decode(&in); !ok {
		return r
	}
	if in.Status != statusDraft && in.Status != statusQueued {
		return refusal("status", msgNotWritable)
	}
	kind := c.route.kind
	if kind == kindInvoices && s.o.Rules.StrictStatusList {
		kind = KindEFatura
	}
	return s.changeAll(c, kind, in.IDs, func(d *record) string {
		if d.status != statusDraft && d.status != statusError {
			return msgNotEditable
		}
		return ""
	}, func(d *record) { s.documents.requeue(d, in.Status, c.now) })
}

// changeAll changes all documents or none.
func (s *Simulator) changeAll(c *call, kind string, ids []uuid.UUID, may func(*record) string, change func(*record)) reply {
	st := &s.documents
	st.mu.Lock()
	defer st.mu.Unlock()
	st.catchUp(c.now)
	found := make([]*record, 0, len(ids))
	for _, id := range ids {
		d := st.find(kind, id)
		if d == nil {
			return s.missing(kind)
		}
		st.settle(d, c.now)
		if why := may(d); why != "" {
			return refusal(warning, "%s", why)
		}
		found = append(found, d)
	}
	if len(found) == 0 {
		return refusal("ids", msgNoInvoice)
	}
	for _, d := range found {
		change(d)
	}
	return done()
}

// cancel ends successful e-Arşiv invoices, within six months of their date (facts 2.3 nr 31, 5.2).
func (s *Simulator) cancel(c *call) reply {
	var ids []uuid.UUID
	if r, ok := c.decode(&ids); !ok {
		return r
	}
	return s.changeAll(c, KindEArsiv, ids, func(d *record) string {
		day, err := time.ParseInLocation(time.DateOnly, d.issueDate, clock.Istanbul)
		switch {
		case d.status == statusCancelled:
			return msgCancelled
		case d.status != statusApproved:
			return msgCancelState
		case err == nil && midnight(c.now).After(day.AddDate(0, 6, 0)):
			return msgCancelOld
		}
		return ""
	}, func(d *record) { d.status, d.pinned = statusCancelled, true })
}

// withoutReference lists documents made without a local reference (facts 2.1 nr 8), by creation time.
func (s *Simulator) withoutReference(c *call) reply {
	from, to, r := c.span()
	if r != nil {
		return *r
	}
	list := []map[string]any{}
	s.documents.each(c.now, func(d *record) {
		if d.kind == c.route.kind && d.reference == "" && within(d.createdAt, from, to) {
			list = append(list, map[string]any{"id": d.ettn, "status": d.status})
		}
	})
	return asJSON(list)
}

func within(t, from, to time.Time) bool {
	return (from.IsZero() || !t.Before(from)) && (to.IsZero() || !t.After(to))
}

// span reads startDate and endDate, Turkish local time.
func (c *call) span() (from, to time.Time, stop *reply) {
	read := func(name string) time.Time {
		v := c.query(name)
		if v == "" || stop != nil {
			return time.Time{}
		}
		for _, layout := range []string{time.DateTime, "2006-01-02T15:04:05", time.DateOnly} {
			if t, err := time.ParseInLocation(layout, v, clock.Istanbul); err == nil {
				return t
			}
		}
		r := bad(name, "The value '%s' is not valid for %s.", v, name)
		stop = &r
		return time.Time{}
	}
	from, to = read("startDate"), read("endDate")
	return from, to, stop
}

// query reads a query parameter without minding case.
func (c *call) query(name string) string {
	for k, v := range c.r.URL.Query() {
		if strings.EqualFold(k, name) && len(v) > 0 {
			return v[0]
		}
	}
	return ""
}

// decode reads a JSON body; the reply is the 400 of a body that does not fit.
func (c *call) decode(v any) (reply, bool) {
	b, err := c.body()
	if err == nil {
		err = json.Unmarshal(b, v)
	}
	if err != nil {
		return bad("$", "The JSON value could not be converted: %s", err), false
	}
	return reply{status: http.StatusOK}, true
}
