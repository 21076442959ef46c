package turkcellsim

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"time"

	"github.com/google/uuid"
)

// What tests do to the inbox besides adding invoices: the rest of the world has the same portal open.

// AddIncomingAt is AddIncoming for an invoice that arrived earlier.
func (s *Simulator) AddIncomingAt(ubl []byte, arrived time.Time) (uuid.UUID, error) {
	return s.addIncoming(ubl, arrived)
}

// AddDamaged puts bytes into the inbox that nobody can read as an invoice. The listing knows what the envelope said: the
// ETTN and a number.
func (s *Simulator) AddDamaged(id uuid.UUID, number string, content []byte) {
	sum := sha256.Sum256(content)
	in := &Incoming{
		ETTN: id, Number: number, Sender: withCheckDigit(730_112_401), SenderName: "Bozuk Belge Ltd. Şti.", Scenario: "TEMELFATURA", Type: "SATIS",
		Status: statusApproved, IsNew: true, IssueDate: s.Now().Format(time.DateOnly), ArrivedAt: s.Now(), Currency: "TRY",
		SHA256: hex.EncodeToString(sum[:]), UBL: slices.Clone(content),
	}
	extra := &incomingExtra{
		envelope: uuid.NewSHA1(id, []byte("envelope")), customer: uuid.NewSHA1(uuid.Nil, []byte("customer")), alias: "urn:mail:defaultgb@bozuk.example.test",
		tip: numberOf(typeNames, in.Type), scenario: numberOf(scenarioNames, in.Scenario), since: in.ArrivedAt,
	}
	s.inbox.mu.Lock()
	defer s.inbox.mu.Unlock()
	s.inbox.all = append(s.inbox.all, in)
	s.inbox.more[in] = extra
}

// SetIsNew sets the flag of an incoming invoice, as another program or a person in the portal would. It reports whether
// there is such an invoice.
func (s *Simulator) SetIsNew(id uuid.UUID, isNew bool) bool {
	return s.inbox.mark(id, isNew, s.Now()) > 0
}

// RemoveIncoming takes an incoming invoice away. It reports whether there was one.
func (s *Simulator) RemoveIncoming(id uuid.UUID) bool { return s.inbox.remove(id) }

// SetLargestPage makes the listing serve at most n rows a page from now on, whatever is asked for; 0 = as many as asked for.
func (s *Simulator) SetLargestPage(n int) {
	s.inbox.mu.Lock()
	defer s.inbox.mu.Unlock()
	s.inbox.largest = n
}

// damage spoils an incoming invoice so that it is whole, and no reader may take it.
func (s *Simulator) damage(id uuid.UUID) {
	s.inbox.with(id, s.Now(), s.o.Pace, func(i *Incoming, _ *incomingExtra) {
		i.UBL = bytes.Replace(i.UBL, []byte("<Invoice"), []byte("<!DOCTYPE Invoice><Invoice"), 1)
		sum := sha256.Sum256(i.UBL)
		i.SHA256 = hex.EncodeToString(sum[:])
	})
}
