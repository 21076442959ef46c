package turkcellsim

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
)

// idList is an array of GUIDs, bare or as {"Ids": [...]}.
type idList []uuid.UUID

// UnmarshalJSON takes both forms.
func (l *idList) UnmarshalJSON(b []byte) error {
	if strings.HasPrefix(strings.TrimSpace(string(b)), "{") {
		var in struct {
			IDs []uuid.UUID `json:"ids"`
		}
		err := json.Unmarshal(b, &in)
		*l = in.IDs
		return err
	}
	return json.Unmarshal(b, (*[]uuid.UUID)(l))
}

// mail is one message about an e-Arşiv document.
type mail struct {
	ID           uuid.UUID `json:"id"`
	InvoiceID    uuid.UUID `json:"invoiceId"`
	EmailAddress string    `json:"emailAddress"`
	EmailStatus  int       `json:"emailStatus"` // 20 sent (facts 4.5)
	TryCount     int       `json:"tryCount"`
	LastTryDate  string    `json:"lastTryDate"`
	CreatedDate  string    `json:"createdDate"`
	UpdatedDate  string    `json:"updatedDate"`
	Type         int       `json:"type"`
}

// Mailbox says what becomes of messages to one address.
type Mailbox string

// The mailboxes. The status codes are those of facts 4.5.
const (
	MailboxTakes   Mailbox = ""       // 20: sent
	MailboxBounces Mailbox = "bounce" // 30: failed
	MailboxStops   Mailbox = "stop"   // 40: failed so often that nothing is sent any more
	MailboxWaits   Mailbox = "wait"   // 10: queued until the mailbox is another one
)

var mailCodes = map[Mailbox]int{MailboxTakes: 20, MailboxBounces: 30, MailboxStops: 40, MailboxWaits: 10}

// SetMailbox says what becomes of messages to an address from now on; those that wait for it go on.
func (s *Simulator) SetMailbox(address string, box Mailbox) {
	st := &s.documents
	st.mu.Lock()
	defer st.mu.Unlock()
	st.mailboxes[address] = box
}

// deliver tries to send a message. The lock is held.
func (st *store) deliver(m *mail, now time.Time) {
	m.EmailStatus, m.LastTryDate, m.UpdatedDate = mailCodes[st.mailboxes[m.EmailAddress]], localTime(now), localTime(now)
	if m.EmailStatus != mailCodes[MailboxWaits] {
		m.TryCount++
	}
}

// newMails are the messages about a document. The lock is held.
func (st *store) newMails(ettn uuid.UUID, addresses string, now time.Time) []mail {
	var out []mail
	for a := range strings.SplitSeq(addresses, ";") {
		a = strings.TrimSpace(a)
		m := mail{ID: uuid.NewSHA1(ettn, []byte(a)), InvoiceID: ettn, EmailAddress: a, CreatedDate: localTime(now)}
		st.deliver(&m, now)
		out = append(out, m)
	}
	return out
}

// mailDetail lists the messages of a document (facts 2.3 nr 28): an array.
func (s *Simulator) mailDetail(c *call) reply {
	id, err := uuid.Parse(c.query("id"))
	if err != nil {
		return bad("id", "The value '%s' is not valid.", c.query("id"))
	}
	var out reply
	if !s.documents.with(KindEArsiv, id, c.now, func(d *record) {
		for i := range d.mails { // what waited for its mailbox
			if d.mails[i].EmailStatus == mailCodes[MailboxWaits] {
				s.documents.deliver(&d.mails[i], c.now)
			}
		}
		out = asJSON(list(d.mails))
	}) {
		return s.missing(KindEArsiv)
	}
	return out
}

// retryMail sends those messages of a document again that failed; a GET, as the provider has it.
func (s *Simulator) retryMail(c *call) reply {
	known := s.documents.with(KindEArsiv, c.id, c.now, func(d *record) {
		for i := range d.mails {
			if failed := d.mails[i].EmailStatus; failed == mailCodes[MailboxBounces] || failed == mailCodes[MailboxStops] {
				s.documents.deliver(&d.mails[i], c.now)
			}
		}
	})
	if !known {
		return s.missing(KindEArsiv)
	}
	return done()
}

// resendMail sends a document to addresses, again or for the first time.
func (s *Simulator) resendMail(c *call) reply {
	var in struct {
		ID        uuid.UUID `json:"id"`
		Addresses string    `json:"emailAddresses"`
	}
	if r, ok := c.decode(&in); !ok {
		return r
	}
	p := problems{}
	if judgeMails(in.Addresses, "emailAddresses", p); len(p) > 0 {
		return refused(p)
	}
	known := s.documents.with(KindEArsiv, in.ID, c.now, func(d *record) {
		for _, m := range s.documents.newMails(d.ettn, in.Addresses, c.now) {
			at := slices.IndexFunc(d.mails, func(have mail) bool { return have.ID == m.ID })
			if at < 0 {
				d.mails = append(d.mails, m)
				continue
			}
			s.documents.deliver(&d.mails[at], c.now)
		}
	})
	if !known {
		return s.missing(KindEArsiv)
	}
	return reply{status: http.StatusOK, kind: typeJSON, body: []byte("null"), saved: true}
}
