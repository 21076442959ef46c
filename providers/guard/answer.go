package guard

import (
	"context"
	"time"

	"github.com/google/uuid"

	"faturad/providers"
)

func (g *guarded) Answer(ctx context.Context, a providers.Answer) error {
	_, err := optional(ctx, g, OpAnswer, providers.Identity{ETTN: a.ETTN}, func(ctx context.Context, p providers.Answerer) (nothing, error) {
		return nothing{}, p.Answer(ctx, a)
	})
	return err
}

func (g *guarded) RetryAnswer(ctx context.Context, ettn uuid.UUID) error {
	_, err := optional(ctx, g, OpRetryAnswer, providers.Identity{ETTN: ettn}, func(ctx context.Context, p providers.Answerer) (nothing, error) {
		return nothing{}, p.RetryAnswer(ctx, ettn)
	})
	return err
}

func (g *guarded) AnswerStatus(ctx context.Context, ettn uuid.UUID) (providers.AnswerStatus, error) {
	return optional(ctx, g, OpAnswered, providers.Identity{ETTN: ettn}, func(ctx context.Context, p providers.Answerer) (providers.AnswerStatus, error) {
		return p.AnswerStatus(ctx, ettn)
	})
}

func (g *guarded) BuyerAnswer(ctx context.Context, id providers.Identity) (string, error) {
	return optional(ctx, g, OpBuyerAnswer, id, func(ctx context.Context, p providers.BuyerAnswers) (string, error) { return p.BuyerAnswer(ctx, id) })
}

// ListForeign is like Taxpayers.
func (g *guarded) ListForeign(ctx context.Context, from, to time.Time, each func(providers.Status) error) error {
	return stream(ctx, g, OpListForeign, each, func(ctx context.Context, p providers.ForeignLister, each func(providers.Status) error) error {
		return p.ListForeign(ctx, from, to, each)
	})
}
