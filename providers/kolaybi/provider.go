package kolaybi

import (
	"log/slog"

	"faturad/internal/clock"
	"faturad/internal/invoice"
	"faturad/providers"
)

// Name is the provider's name in configs and capabilities.
const Name = "kolaybi"

// Provider is one account at KolayBi; safe for concurrent use. Make it with New.
type Provider struct {
	cfg    Config
	client *client
	clock  clock.Clock
	log    *slog.Logger
	scans  scans
}

// The interfaces that the API can carry. There is no Updater (a draft is deleted and made anew) and no TaxpayerSource: KolayBi
// has no list of e-invoice users.
var (
	_ providers.Provider     = (*Provider)(nil)
	_ providers.Grounder     = (*Provider)(nil)
	_ providers.StatusReader = (*Provider)(nil)
	_ providers.Releaser     = (*Provider)(nil)
	_ providers.Canceller    = (*Provider)(nil)
	_ providers.DraftKeeper  = (*Provider)(nil)
	_ providers.Downloader   = (*Provider)(nil)
	_ providers.Inbox        = (*Provider)(nil)
	_ providers.Lister       = (*Provider)(nil)
	_ providers.KeyLister    = (*Provider)(nil)
	_ providers.Checker      = (*Provider)(nil)
)

// New returns the account's provider. Nothing is asked of the network yet: Check does that.
func New(cfg Config, clk clock.Clock, log *slog.Logger) (*Provider, error) {
	cfg, base, err := cfg.complete()
	if err != nil {
		return nil, err
	}
	return &Provider{cfg: cfg, client: newClient(cfg, base, clk, log), clock: clk, log: log}, nil
}

// How long after its date a document may turn out to be cancelled: an e-Arşiv in KolayBi's panel (assumed: as long as other
// providers allow), an e-Fatura on GİB's portal in eight days, with objections until the 20th of the next month.
const (
	cancelDays        = 185
	cancelDaysEFatura = 60
)

// Capabilities says what KolayBi promises: no key of ours is refused twice; a look-up finds our ETTN in the lists' descriptions.
func (p *Provider) Capabilities() providers.Capabilities {
	return providers.Capabilities{
		Name: Name, FindsByETTN: true, Numbers: true, Drafts: true, CancelsDrafts: true, TwoStep: true,
		Files: []providers.FileFormat{providers.FormatUBL, providers.FormatPDF}, InboxFiles: []providers.FileFormat{providers.FormatUBL, providers.FormatPDF},
		Quarantine: p.cfg.Quarantine, RequestTimeout: p.cfg.CreateTimeout, RatePerSecond: p.cfg.RatePerSecond,
		CancelDays: map[invoice.Kind]int{invoice.EFatura: cancelDaysEFatura, invoice.EArsiv: cancelDays},
	}
}
