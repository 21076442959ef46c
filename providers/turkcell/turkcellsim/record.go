package turkcellsim

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
)

// The provider's statuses (facts 4.1).
const (
	statusDraft        = 0
	statusQueued       = 20
	statusSending      = 30
	statusError        = 40
	statusDelivered    = 50
	statusApproved     = 60
	statusApproving    = 61
	statusApproveError = 62
	statusAutoApproved = 65
	statusWaiting      = 70
	statusRejected     = 80
	statusRejecting    = 81
	statusRejectError  = 82
	statusReturnError  = 92
	statusCancelled    = 100
)

// autoApproval is the legal time after which an unanswered commercial invoice counts as accepted.
const autoApproval = 8 * 24 * time.Hour

// record is one document in the provider's memory. The store's lock guards it.
type record struct {
	ettn      uuid.UUID
	kind      string
	reference string
	number    string
	prefix    string
	raw       []byte // UBL: as received, or made from the JSON model
	idFrom    int
	idTo      int
	sha       string
	createdAt time.Time
	updates   int

	scenario, typeCode  string
	issueDate, currency string
	payable             decimal.Decimal
	buyer, buyerName    string
	alias, email        string
	lines               int

	status   int
	stage    int       // position in the path below, for documents on their way
	since    time.Time // when the present stage began
	message  string
	envelope uuid.UUID
	code     int // envelope status; 0 = none
	failures int
	pinned   bool // put here by hand: does not move
	sentAt   time.Time
	reason   string // the buyer's words
	mails    []mail
}

// stage is one step of a document's way.
type stage struct{ status, code int }

var (
	invoiceStages = []stage{{20, 0}, {30, 0}, {30, 1000}, {30, 1100}, {50, 1200}, {60, 1300}}
	archiveStages = []stage{{20, 0}, {30, 0}, {50, 0}, {60, 0}}
	receiptStages = []stage{{20, 0}, {60, 0}}
)

func (d *record) stages() []stage {
	switch {
	case d.kind == KindEArsiv:
		return archiveStages
	case isReceipt(d.kind):
		return receiptStages
	}
	return invoiceStages
}

// gate is the status that GİB's judgement stands before; stuck the one in which a stuck document stays.
func (d *record) gate() int {
	if isReceipt(d.kind) {
		return statusApproved
	}
	return statusDelivered
}

func (d *record) stuck() int {
	if isReceipt(d.kind) {
		return statusQueued
	}
	return statusDelivered
}

// queue starts the document's way.
func (d *record) queue(now time.Time) {
	d.status, d.stage, d.since, d.message, d.code = statusQueued, 0, now, "", 0
	d.envelope, d.pinned = uuid.Nil, false
}

// moving reports whether time changes the document.
func (d *record) moving() bool {
	if d.pinned {
		return false
	}
	switch d.status {
	case statusQueued, statusSending, statusDelivered, statusWaiting:
		return true
	}
	return false
}

// settle brings the document to where it stands now on the clock.
func (d *record) settle(now time.Time, p Pace, buyer Buyer) {
	for d.moving() {
		wait := d.wait(p, buyer)
		if wait < 0 || now.Sub(d.since) < wait {
			return
		}
		d.since = d.since.Add(wait)
		if d.status == statusWaiting && wait == autoApproval { // nobody has answered
			d.answer(BuyerSilent)
			continue
		}
		d.advance(buyer)
	}
}

// wait is how long the document stays in its present stage; negative = for ever.
func (d *record) wait(p Pace, buyer Buyer) time.Duration {
	if buyer == BuyerStuck && d.status == d.stuck() {
		return -1
	}
	if d.status == statusWaiting {
		switch {
		case buyer == BuyerSilent:
			return autoApproval
		case p.Mode == PacePerPoll:
			return -1
		case p.Mode == PaceInstant:
			return 0
		case buyer == BuyerRejects, p.Answer > 0:
			return p.Answer
		}
		return autoApproval
	}
	switch p.Mode {
	case PacePerPoll:
		return -1
	case PaceInstant:
		return 0
	case PaceClock:
	}
	return p.Step
}

// poll moves the document one stage because somebody asked.
func (d *record) poll(now time.Time, p Pace, buyer Buyer) {
	if p.Mode != PacePerPoll || !d.moving() || buyer == BuyerStuck && d.status == d.stuck() ||
		buyer == BuyerSilent && d.status == statusWaiting {
		return
	}
	d.since = now
	d.advance(buyer)
}

// advance moves one stage.
func (d *record) advance(buyer Buyer) {
	if d.status == statusWaiting {
		d.answer(buyer)
		return
	}
	stages := d.stages()
	d.stage++
	next := stages[d.stage]
	if next.status == d.gate() && d.fails(buyer) {
		return
	}
	d.status, d.code = next.status, next.code
	if d.code != 0 && d.envelope == uuid.Nil {
		d.envelope = uuid.NewSHA1(d.ettn, []byte(strconv.Itoa(d.failures)))
		d.sentAt = d.since
	}
	if d.status == statusDelivered && buyer == BuyerStuck && d.kind == KindEFatura {
		d.code = 1220
	}
	if d.status == statusApproved && d.scenario == "TICARIFATURA" {
		d.status = statusWaiting
	}
}

// fails decides at the gate of GİB.
func (d *record) fails(buyer Buyer) bool {
	code, isEnvelope := strings.CutPrefix(string(buyer), "envelope:")
	once := buyer == BuyerFailOnce && d.failures == 0
	if buyer != BuyerFails && !once && !isEnvelope {
		return false
	}
	d.status, d.failures = statusError, d.failures+1
	d.message = "GİB'e gönderim sırasında hata oluştu."
	if d.kind == KindEFatura {
		d.code = 1150
		if isEnvelope {
			if n, err := strconv.Atoi(code); err == nil {
				d.code = n
			}
		}
		d.message = envelopeText(d.code)
	}
	return true
}

// answer ends a commercial invoice's wait.
func (d *record) answer(buyer Buyer) {
	switch buyer {
	case BuyerRejects:
		d.status, d.reason = statusRejected, "Mal teslim alınmadı."
		d.message = d.reason
	case BuyerSilent:
		d.status = statusAutoApproved
	default:
		d.status = statusApproved
	}
}

func envelopeText(code int) string {
	if text := envelopeTexts()[strconv.Itoa(code)]; text != "" {
		return text
	}
	return fmt.Sprintf("Zarf durumu %d", code)
}

// fill takes over what the content says.
func (d *record) fill(c *content) {
	d.scenario, d.typeCode, d.issueDate, d.currency = c.profile, c.typeCode, c.issueDate, c.currency
	d.payable, d.buyer, d.buyerName, d.lines = c.payable.value, c.customer.taxNo, c.customer.title(), len(c.lines)
	d.idFrom, d.idTo = c.idFrom, c.idTo
}

// ubl is the document as the provider would hand it out: with its number.
func (d *record) ubl() []byte {
	if d.number == "" || d.idTo == 0 {
		return d.raw
	}
	out := make([]byte, 0, len(d.raw)+16)
	out = append(out, d.raw[:d.idFrom]...)
	out = append(out, d.number...)
	return append(out, d.raw[d.idTo:]...)
}

func (d *record) row() Document {
	row := Document{
		ETTN: d.ettn, LocalReferenceID: d.reference, Number: d.number, Kind: d.kind, Status: d.status,
		Message: d.message, Payable: d.payable, Currency: d.currency, Buyer: d.buyer, BuyerName: d.buyerName,
		Alias: d.alias, IssueDate: d.issueDate, Type: d.typeCode, Scenario: d.scenario, Lines: d.lines,
		SHA256: d.sha, AcceptedAt: d.createdAt, Updates: d.updates,
	}
	if d.code != 0 {
		code := d.code
		row.EnvelopeStatus = &code
	}
	return row
}
