package proparssim

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
)

// received is an invoice that somebody sent to the company.
type received struct {
	id      int64
	ettn    uuid.UUID
	number  string
	date    string
	sender  party
	payable decimal.Decimal
	ubl     []byte
}

// Incoming is what the doors show of an incoming invoice.
type Incoming struct {
	ETTN   uuid.UUID `json:"ettn"`
	Number string    `json:"number"`
	SHA256 string    `json:"sha256"` // of its UBL
}

// Incoming lists them, oldest first.
func (s *Simulator) Incoming() []Incoming {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	out := []Incoming{}
	for _, in := range s.incoming {
		sum := sha256.Sum256(in.ubl)
		out = append(out, Incoming{in.ettn, in.number, hex.EncodeToString(sum[:])})
	}
	return out
}

// senders have made-up names, and tax numbers with valid check digits.
var senders = []party{
	{taxNo: "6400177128", name: "Işıltı Aydınlatma Ltd. Şti.", city: "İstanbul", district: "Kadıköy"},
	{taxNo: "7312048565", name: "Çınar Makine Sanayi ve Ticaret A.Ş.", city: "Bursa", district: "Nilüfer"},
}

// GenerateIncoming adds n incoming invoices of the last days.
func (s *Simulator) GenerateIncoming(n int, seed uint64) {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	for range n {
		i := len(s.incoming)
		at := s.Now().AddDate(0, 0, -(i % 5))
		net := decimal.New(int64(10000+200*i), -2)
		vat := net.Mul(decimal.New(20, -2)).Round(2)
		in := &received{id: s.id(), ettn: uuid.NewSHA1(uuid.NameSpaceOID, fmt.Appendf(nil, "proparssim %d %d", seed, i)), date: at.Format(time.DateOnly),
			number: fmt.Sprintf("GLN%s%09d", at.Format("2006"), i+1), sender: senders[(i+int(seed%2))%len(senders)], payable: net.Add(vat)}
		in.ubl = writeUBL(document{ettn: in.ettn, number: in.number, profile: "TEMELFATURA", typ: "SATIS", date: in.date, currency: "TRY", seller: in.sender, buyer: s.seller(),
			lines: []line{{name: "Hizmet", amount: decimal.NewFromInt(1), price: net, net: net, rate: decimal.NewFromInt(20), vat: vat}}, vat: vat, payable: in.payable})
		s.incoming = append(s.incoming, in)
	}
}

func (c *call) listIncoming() reply {
	var rows []any
	for _, in := range c.s.incoming {
		rows = append(rows, map[string]any{"id": in.id, "uuid": in.ettn, "invoice_number": in.number, "invoice_date": in.date + "T10:00:00+0300",
			"grand_total": json.Number(in.payable.StringFixed(2)), "currency_code": "TRY", "company_title": in.sender.name, "tax_number": in.sender.taxNo,
			"einvoice_profile": "TEMELFATURA", "einvoice_type": "SATIS"})
	}
	return c.rows(rows)
}

func (c *call) incomingXML() reply {
	for _, in := range c.s.incoming {
		if in.id == c.id && !c.s.o.Rules.NoIncomingXML {
			return c.s.xml(in.ubl)
		}
	}
	return missing()
}
