package turkcell

import (
	"log/slog"

	"faturad/internal/clock"
	"faturad/internal/invoice"
	"faturad/providers"
)

// Name is the provider's name in configs and capabilities.
const Name = "turkcell"

// Provider is one account at Turkcell e-Şirket; safe for concurrent use. Make it with New.
type Provider struct {
	cfg    Config
	client *client
	clock  clock.Clock
	log    *slog.Logger
}

// The interfaces that the API can carry. There is no Lister: the only listing of outgoing documents holds those made in
// the portal (facts section 8, point 9).
var (
	_ providers.Provider       = (*Provider)(nil)
	_ providers.StatusReader   = (*Provider)(nil)
	_ providers.Releaser       = (*Provider)(nil)
	_ providers.Updater        = (*Provider)(nil)
	_ providers.Canceller      = (*Provider)(nil)
	_ providers.Downloader     = (*Provider)(nil)
	_ providers.Inbox          = (*Provider)(nil)
	_ providers.TaxpayerSource = (*Provider)(nil)
	_ providers.CodeSource     = (*Provider)(nil)
	_ providers.Checker        = (*Provider)(nil)
	_ providers.Answerer       = (*Provider)(nil)
	_ providers.BuyerAnswers   = (*Provider)(nil)
	_ providers.ForeignLister  = (*Provider)(nil)
	_ providers.Mailer         = (*Provider)(nil)
)

// New returns the account's provider. Nothing is asked of the network yet: Check does that.
func New(cfg Config, clk clock.Clock, log *slog.Logger) (*Provider, error) {
	cfg, base, err := cfg.complete()
	if err != nil {
		return nil, err
	}
	return &Provider{cfg: cfg, client: newClient(cfg, base, clk, log), clock: clk, log: log}, nil
}

// Capabilities says what Turkcell promises (facts 5.3 and 5.4): a used ETTN is refused for ever, a used local reference by
// UBL creates only, and no question can be asked by local reference. They hold for all four kinds of documents; where the
// account makes one of them by a JSON model, the promise about local references is not given.
func (p *Provider) Capabilities() providers.Capabilities {
	return providers.Capabilities{
		Name: Name, TakesETTN: true, RefusesUsedETTN: true, RefusesUsedReference: p.cfg.Format == FormatUBL && p.cfg.VoucherFormat == FormatUBL,
		FindsByETTN: true, Numbers: !p.cfg.OwnNumbers, Drafts: true, InboxFlag: true,
		Quarantine: p.cfg.Quarantine, RequestTimeout: p.cfg.CreateTimeout, RatePerSecond: p.cfg.RatePerSecond,
		CancelDays: map[invoice.Kind]int{
			invoice.EFatura: cancelDaysEFatura, invoice.EArsiv: cancelDays, invoice.EMM: cancelDays, invoice.ESMM: cancelDays,
		},
	}
}
