package propars

import (
	"log/slog"
	"sync"

	"github.com/google/uuid"

	"faturad/internal/clock"
	"faturad/providers"
)

// Name is the provider's name in configs and capabilities.
const Name = "propars"

// Provider is one account at Propars; safe for concurrent use. Make it with New.
type Provider struct {
	cfg    Config
	client *client
	clock  clock.Clock
	log    *slog.Logger

	mu       sync.Mutex
	incoming map[uuid.UUID]string // Propars' own numbers of the incoming invoices that List showed
}

// The interfaces that the API can carry. There is no TaxpayerSource (Propars has no list of e-invoice users), no Updater (a
// sale may be changed until it is sent: Ground does that), and no Lister: the fields of its invoice list are not public.
var (
	_ providers.Provider     = (*Provider)(nil)
	_ providers.Grounder     = (*Provider)(nil)
	_ providers.StatusReader = (*Provider)(nil)
	_ providers.Releaser     = (*Provider)(nil)
	_ providers.Canceller    = (*Provider)(nil)
	_ providers.Lister       = (*Provider)(nil)
	_ providers.Downloader   = (*Provider)(nil)
	_ providers.Inbox        = (*Provider)(nil)
	_ providers.Checker      = (*Provider)(nil)
)

// New returns the account's provider. Nothing is asked of the network yet: Check does that.
func New(cfg Config, clk clock.Clock, log *slog.Logger) (*Provider, error) {
	cfg, base, err := cfg.complete()
	if err != nil {
		return nil, err
	}
	return &Provider{cfg: cfg, client: newClient(cfg, base, clk, log), clock: clk, log: log, incoming: map[uuid.UUID]string{}}, nil
}

// Capabilities says what Propars promises: a sale has one invoice, and it gets our ETTN when it is made by our call. What a
// second send is answered with is not public, so no refusal is promised.
func (p *Provider) Capabilities() providers.Capabilities {
	return providers.Capabilities{
		Name: Name, TakesETTN: true, FindsByReference: true, Numbers: true, Drafts: true, CancelsDrafts: true,
		Files: []providers.FileFormat{providers.FormatUBL, providers.FormatHTML}, InboxFiles: []providers.FileFormat{providers.FormatUBL},
		Quarantine: p.cfg.Quarantine, RequestTimeout: p.cfg.CreateTimeout, RatePerSecond: p.cfg.RatePerSecond,
	}
}
