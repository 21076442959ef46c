package guard

import (
	"context"
	"time"

	"github.com/google/uuid"

	"faturad/internal/fault"
	"faturad/internal/invoice"
	"faturad/providers"
)

// guarded is a provider with middlewares around every call. It has every optional method; one that the provider inside
// lacks answers fault.Permanent, and providers.As sees through it.
type guarded struct {
	inner  providers.Provider
	name   string
	around []Middleware
}

var (
	_ providers.Decorator      = (*guarded)(nil)
	_ providers.StatusReader   = (*guarded)(nil)
	_ providers.Releaser       = (*guarded)(nil)
	_ providers.Updater        = (*guarded)(nil)
	_ providers.Grounder       = (*guarded)(nil)
	_ providers.DraftKeeper    = (*guarded)(nil)
	_ providers.Canceller      = (*guarded)(nil)
	_ providers.Downloader     = (*guarded)(nil)
	_ providers.Inbox          = (*guarded)(nil)
	_ providers.TaxpayerSource = (*guarded)(nil)
	_ providers.CodeSource     = (*guarded)(nil)
	_ providers.Lister         = (*guarded)(nil)
	_ providers.KeyLister      = (*guarded)(nil)
	_ providers.Checker        = (*guarded)(nil)
	_ providers.Answerer       = (*guarded)(nil)
	_ providers.BuyerAnswers   = (*guarded)(nil)
	_ providers.ForeignLister  = (*guarded)(nil)
	_ providers.Mailer         = (*guarded)(nil)
)

// Wrap puts the middlewares around p, the first outermost.
func Wrap(p providers.Provider, around ...Middleware) providers.Provider {
	return &guarded{inner: p, name: p.Capabilities().Name, around: around}
}

// Unwrap gives the provider inside.
func (g *guarded) Unwrap() providers.Provider { return g.inner }

// pass leads a call through the middlewares from the n-th on.
func (g *guarded) pass(ctx context.Context, n int, call Call, do func(context.Context) error) error {
	if n == len(g.around) {
		return do(ctx)
	}
	return g.around[n](ctx, call, func(ctx context.Context) error { return g.pass(ctx, n+1, call, do) })
}

// run is pass for calls with a result. What the provider returned beside an error is kept.
func run[T any](ctx context.Context, g *guarded, op Op, about providers.Identity, do func(context.Context) (T, error)) (T, error) {
	var out T
	err := g.pass(ctx, 0, Call{Provider: g.name, Op: op, Identity: about}, func(ctx context.Context) error {
		var err error
		out, err = do(ctx)
		return err
	})
	return out, err
}

// optional is run for an interface that the provider inside may lack.
func optional[I, T any](ctx context.Context, g *guarded, op Op, about providers.Identity, do func(context.Context, I) (T, error)) (T, error) {
	inner, has := providers.As[I](g.inner)
	if !has {
		var none T
		return none, &fault.Error{Class: fault.Permanent, Doing: string(op) + " at " + g.name, Code: "provider.not_offered",
			Message: "Bu entegratör bu işlemi sunmuyor.", Advice: "faturad providers komutu entegratörün neler sunduğunu gösterir"}
	}
	return run(ctx, g, op, about, func(ctx context.Context) (T, error) { return do(ctx, inner) })
}

type nothing struct{}

func (g *guarded) Capabilities() providers.Capabilities { return g.inner.Capabilities() }

func (g *guarded) Prepare(d providers.Draft) (providers.Payload, error) { return g.inner.Prepare(d) }

func (g *guarded) Send(ctx context.Context, o providers.Outgoing) (providers.Receipt, error) {
	return run(ctx, g, OpSend, about(o), func(ctx context.Context) (providers.Receipt, error) { return g.inner.Send(ctx, o) })
}

func (g *guarded) Lookup(ctx context.Context, id providers.Identity) (providers.Found, error) {
	return run(ctx, g, OpLookup, id, func(ctx context.Context) (providers.Found, error) { return g.inner.Lookup(ctx, id) })
}

func (g *guarded) Status(ctx context.Context, id providers.Identity) (providers.Status, error) {
	return optional(ctx, g, OpStatus, id, func(ctx context.Context, p providers.StatusReader) (providers.Status, error) {
		return p.Status(ctx, id)
	})
}

func (g *guarded) Release(ctx context.Context, id providers.Identity) (providers.Receipt, error) {
	return optional(ctx, g, OpRelease, id, func(ctx context.Context, p providers.Releaser) (providers.Receipt, error) { return p.Release(ctx, id) })
}

func (g *guarded) Grounds() []providers.Ground {
	if inner, has := providers.As[providers.Grounder](g.inner); has {
		return inner.Grounds()
	}
	return nil
}

func (g *guarded) Ground(ctx context.Context, kind providers.Ground, o providers.Outgoing) ([]byte, error) {
	return optional(ctx, g, OpGround, about(o), func(ctx context.Context, p providers.Grounder) ([]byte, error) { return p.Ground(ctx, kind, o) })
}

func (g *guarded) DeleteDrafts(ctx context.Context, id providers.Identity, keep string) (int, error) {
	return optional(ctx, g, OpDeleteDrafts, id, func(ctx context.Context, p providers.DraftKeeper) (int, error) { return p.DeleteDrafts(ctx, id, keep) })
}

func (g *guarded) Update(ctx context.Context, o providers.Outgoing) (providers.Receipt, error) {
	return optional(ctx, g, OpUpdate, about(o), func(ctx context.Context, p providers.Updater) (providers.Receipt, error) { return p.Update(ctx, o) })
}

func (g *guarded) Cancel(ctx context.Context, id providers.Identity, reason string) error {
	_, err := optional(ctx, g, OpCancel, id, func(ctx context.Context, p providers.Canceller) (nothing, error) {
		return nothing{}, p.Cancel(ctx, id, reason)
	})
	return err
}

func (g *guarded) Mails(ctx context.Context, id providers.Identity) ([]providers.Mail, error) {
	return optional(ctx, g, OpMails, id, func(ctx context.Context, p providers.Mailer) ([]providers.Mail, error) { return p.Mails(ctx, id) })
}

func (g *guarded) Remail(ctx context.Context, id providers.Identity, to []string) error {
	_, err := optional(ctx, g, OpRemail, id, func(ctx context.Context, p providers.Mailer) (nothing, error) {
		return nothing{}, p.Remail(ctx, id, to)
	})
	return err
}

func (g *guarded) Download(ctx context.Context, id providers.Identity, format providers.FileFormat) ([]byte, error) {
	return optional(ctx, g, OpDownload, id, func(ctx context.Context, p providers.Downloader) ([]byte, error) { return p.Download(ctx, id, format) })
}

func (g *guarded) List(ctx context.Context, q providers.InboxQuery) (providers.InboxPage, error) {
	return optional(ctx, g, OpList, providers.Identity{}, func(ctx context.Context, p providers.Inbox) (providers.InboxPage, error) { return p.List(ctx, q) })
}

func (g *guarded) Fetch(ctx context.Context, ettn uuid.UUID) ([]byte, error) {
	return optional(ctx, g, OpFetch, providers.Identity{ETTN: ettn}, func(ctx context.Context, p providers.Inbox) ([]byte, error) { return p.Fetch(ctx, ettn) })
}

func (g *guarded) FetchFile(ctx context.Context, ettn uuid.UUID, format providers.FileFormat) ([]byte, error) {
	return optional(ctx, g, OpFetchFile, providers.Identity{ETTN: ettn}, func(ctx context.Context, p providers.Inbox) ([]byte, error) {
		return p.FetchFile(ctx, ettn, format)
	})
}

func (g *guarded) Acknowledge(ctx context.Context, ettns []uuid.UUID) error {
	_, err := optional(ctx, g, OpAcknowledge, providers.Identity{}, func(ctx context.Context, p providers.Inbox) (nothing, error) {
		return nothing{}, p.Acknowledge(ctx, ettns)
	})
	return err
}

// Taxpayers keeps an error of the caller's own each out of the guards: it says nothing about the provider.
func (g *guarded) Taxpayers(ctx context.Context, each func(providers.Taxpayer) error) error {
	return stream(ctx, g, OpTaxpayers, each, func(ctx context.Context, p providers.TaxpayerSource, each func(providers.Taxpayer) error) error {
		return p.Taxpayers(ctx, each)
	})
}

func (g *guarded) Codes(ctx context.Context, list providers.CodeList) ([]providers.Code, error) {
	return optional(ctx, g, OpCodes, providers.Identity{}, func(ctx context.Context, p providers.CodeSource) ([]providers.Code, error) {
		return p.Codes(ctx, list)
	})
}

// ListIssued is like Taxpayers.
func (g *guarded) ListIssued(ctx context.Context, from, to time.Time, each func(providers.Status) error) error {
	return stream(ctx, g, OpListIssued, each, func(ctx context.Context, p providers.Lister, each func(providers.Status) error) error {
		return p.ListIssued(ctx, from, to, each)
	})
}

// ListKeys is like Taxpayers.
func (g *guarded) ListKeys(ctx context.Context, from, to invoice.Date, each func(providers.Keyed) error) error {
	return stream(ctx, g, OpListKeys, each, func(ctx context.Context, p providers.KeyLister, each func(providers.Keyed) error) error {
		return p.ListKeys(ctx, from, to, each)
	})
}

func stream[I, T any](ctx context.Context, g *guarded, op Op, each func(T) error, do func(context.Context, I, func(T) error) error) error {
	var own error
	_, err := optional(ctx, g, op, providers.Identity{}, func(ctx context.Context, p I) (nothing, error) {
		err := do(ctx, p, func(row T) error {
			own = each(row)
			return own
		})
		if own != nil {
			err = nil // the provider did its part
		}
		return nothing{}, err
	})
	if own != nil {
		return own
	}
	return err
}

func (g *guarded) Check(ctx context.Context) error {
	_, err := optional(ctx, g, OpCheck, providers.Identity{}, func(ctx context.Context, p providers.Checker) (nothing, error) { return nothing{}, p.Check(ctx) })
	return err
}

// about names the document of an outgoing, with the kind that its route decided.
func about(o providers.Outgoing) providers.Identity {
	id := o.Identity
	if id.Kind == "" {
		id.Kind = o.Route.Kind
	}
	return id
}
