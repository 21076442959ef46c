package turkcellsim

import (
	"encoding/json"
	"net/http"
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

func newMails(ettn uuid.UUID, addresses string, now time.Time) []mail {
	var out []mail
	for a := range strings.SplitSeq(addresses, ";") {
		a = strings.TrimSpace(a)
		out = append(out, mail{
			ID: uuid.NewSHA1(ettn, []byte(a)), InvoiceID: ettn, EmailAddress: a, EmailStatus: 20, TryCount: 1,
			LastTryDate: localTime(now), CreatedDate: localTime(now), UpdatedDate: localTime(now),
		})
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
	if !s.documents.with(KindEArsiv, id, c.now, func(d *record) { out = asJSON(list(d.mails)) }) {
		return s.missing(KindEArsiv)
	}
	return out
}

// retryMail sends the messages of a document again; a GET, as the provider has it.
func (s *Simulator) retryMail(c *call) reply {
	known := s.documents.with(KindEArsiv, c.id, c.now, func(d *record) {
		for i := range d.mails {
			d.mails[i].TryCount++
			d.mails[i].EmailStatus, d.mails[i].LastTryDate = 20, localTime(c.now)
		}
	})
	if !known {
		return s.missing(KindEArsiv)
	}
	return done()
}

// resendMail sends a document to further addresses.
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
		d.mails = append(d.mails, newMails(d.ettn, in.Addresses, c.now)...)
	})
	if !known {
		return s.missing(KindEArsiv)
	}
	return reply{status: http.StatusOK, kind: typeJSON, body: []byte("null"), saved: true}
}
