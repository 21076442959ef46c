package providers

import (
	"context"
	"time"

	"github.com/google/uuid"
)

// Answerer accepts or rejects incoming commercial invoices for their buyer.
type Answerer interface {
	// Answer makes at most one request. nil: the provider took the answer and sends it on. Permanent: it refused, nothing
	// was answered. Retryable, Throttled, Auth: surely not done. NotFound: it has no such invoice. All else: may be done,
	// ask AnswerStatus before anything else.
	Answer(context.Context, Answer) error
	// RetryAnswer sends an answer that failed on its way to GİB once more; classes as of Answer.
	RetryAnswer(ctx context.Context, ettn uuid.UUID) error
	// AnswerStatus tells where the answer to an invoice stands. fault.NotFound: the provider has no such invoice.
	AnswerStatus(ctx context.Context, ettn uuid.UUID) (AnswerStatus, error)
}

// Answer is a buyer's decision on an incoming commercial invoice.
type Answer struct {
	ETTN   uuid.UUID
	Accept bool   // false = reject
	Reason string // the seller reads it; needed to reject
}

// AnswerState is a provider's view of the answer to an incoming invoice.
type AnswerState string

// The states of an answer at the provider.
const (
	AnswerOpen      AnswerState = "open"      // the invoice waits for its answer
	AnswerWorking   AnswerState = "working"   // an answer is on its way
	AnswerFailed    AnswerState = "failed"    // the answer failed on its way; RetryAnswer sends it again
	AnswerAccepted  AnswerState = "accepted"  // accepted
	AnswerRejected  AnswerState = "rejected"  // rejected or returned
	AnswerLapsed    AnswerState = "lapsed"    // nobody answered in time: it counts as accepted
	AnswerCancelled AnswerState = "cancelled" // the invoice itself was cancelled
)

// AnswerStatus is where the answer to an incoming invoice stands.
type AnswerStatus struct {
	ETTN   uuid.UUID
	State  AnswerState
	Code   int    // the provider's own code
	Reason string // the reason that the provider holds; empty = none
	Raw    []byte // as received, secrets masked
}

// BuyerAnswers reads what the other side wrote back about an outgoing invoice.
type BuyerAnswers interface {
	// BuyerAnswer gives the buyer's words on accepting or rejecting a commercial invoice, or the customs references of an
	// export invoice; empty = there are none (yet).
	BuyerAnswer(ctx context.Context, id Identity) (string, error)
}

// ForeignLister lists what was made at the provider past faturad, in its portal or by another program.
type ForeignLister interface {
	// ListForeign calls each for every outgoing document without a local reference that was made between from and to. Of
	// the Status only ETTN, Kind, State and Code are sure to be set. An error from each stops it and is returned as is.
	ListForeign(ctx context.Context, from, to time.Time, each func(Status) error) error
}
