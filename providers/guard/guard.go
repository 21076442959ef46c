package guard

import (
	"context"
	"log/slog"
	"time"

	"faturad/internal/clock"
	"faturad/providers"
	"faturad/providers/redact"
)

// Op names a call on the port.
type Op string

// The calls that pass the guards. Prepare and Capabilities do no I/O and are not guarded.
const (
	OpGround       Op = "ground"
	OpSend         Op = "send"
	OpLookup       Op = "lookup"
	OpStatus       Op = "status"
	OpRelease      Op = "release"
	OpUpdate       Op = "update"
	OpCancel       Op = "cancel"
	OpDeleteDrafts Op = "deletedrafts"
	OpDownload     Op = "download"
	OpList         Op = "list"
	OpFetch        Op = "fetch"
	OpFetchFile    Op = "fetchfile"
	OpAcknowledge  Op = "acknowledge"
	OpTaxpayers    Op = "taxpayers"
	OpCodes        Op = "codes"
	OpListIssued   Op = "listissued"
	OpListKeys     Op = "listkeys"
	OpCheck        Op = "check"
	OpAnswer       Op = "answer"
	OpRetryAnswer  Op = "retryanswer"
	OpAnswered     Op = "answered"
	OpBuyerAnswer  Op = "buyeranswer"
	OpListForeign  Op = "listforeign"
	OpMails        Op = "mails"
	OpRemail       Op = "remail"
)

// paid calls make or change documents.
func (o Op) paid() bool {
	switch o {
	case OpSend, OpUpdate, OpRelease, OpCancel, OpGround, OpDeleteDrafts:
		return true
	default:
		return false
	}
}

// Call is one call on its way to the provider.
type Call struct {
	Provider string
	Op       Op
	Identity providers.Identity // what it is about; zero for lists
}

// Middleware stands around every call. It either returns an error of its own (with a class that means "surely not done")
// or calls next exactly once and returns next's error unchanged. Nothing here ever repeats a call.
type Middleware func(ctx context.Context, call Call, next func(context.Context) error) error

// Settings of Standard. Clock and Log are required.
type Settings struct {
	RatePerSecond float64          // 0 = what the provider promises (none known = unlimited)
	Observer      Observer         // the metrics hook; nil = none
	RetryShare    float64          // repetitions that may fail for each good answer; 0 = DefaultRetryShare
	Health        *Health          // told what keeps calls from going out; nil = nobody asks
	Redactor      *redact.Redactor // masks the account's secrets in the traffic log once more; nil = as the provider left it
	Clock         clock.Clock
	Log           *slog.Logger
}

// Standard is the order that the daemon uses, outermost first: observe, log, credentials, budget, breaker, limit, provider.
func Standard(p providers.Provider, s Settings) providers.Provider {
	limit := s.RatePerSecond
	if limit == 0 {
		limit = p.Capabilities().RatePerSecond
	}
	share := s.RetryShare
	if share == 0 {
		share = DefaultRetryShare
	}
	var around []Middleware
	if s.Observer != nil {
		around = append(around, Observe(s.Observer, s.Clock))
	}
	return Wrap(p, append(around,
		Traffic(s.Log, s.Clock, s.Redactor),
		Credentials(p, s.Clock, s.Log, s.Health),
		Budget(share, s.Clock),
		Breaker(p, s.Log, time.Second, s.Health),
		Limit(limit, s.Clock, s.Log),
	)...)
}
