// Package all is the explicit list of providers: kind -> constructor. A new provider is one line here. internal/app and
// cmd import it; it does no I/O.
package all

import (
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"time"

	"faturad/internal/clock"
	"faturad/providers"
	"faturad/providers/kolaybi"
	"faturad/providers/propars"
	"faturad/providers/turkcell"
)

// Account is what the config says about one account, in words that every provider understands.
type Account struct {
	BaseURL         string
	APIKey          string          // secret
	Username        string          // propars; turkcell: the older log-in, instead of APIKey
	Password        string          // secret
	TokenURL        string          // turkcell: where to log in; "" = what belongs to BaseURL
	Format          string          // ubl (default) or json
	Timeout         time.Duration   // deadline of one creating request; 0 = the provider's default
	Quarantine      *time.Duration  // nil = the provider's default
	RatePerSecond   float64         // 0 = the provider's default
	CustomizationID string          // of the UBL; "" = the provider's default
	Channel         string          // kolaybi: secret
	CompanyID       int64           // kolaybi: 0 = the account's only company
	KolayBi         kolaybi.Config  // kolaybi: what only it has; what stands above counts
	Propars         propars.Config  // propars: what only it has; what stands above counts
	Turkcell        turkcell.Config // turkcell: what only it has; what stands above and below counts
	XSLTCode        string          // the look that the provider made for the company; "" = the standard one
	OwnNumbers      bool            // the ERP's own document number becomes the invoice's
}

// entry is one kind of provider: how it is made, and what people read about it.
type entry struct {
	construct func(Account, clock.Clock, *slog.Logger) (providers.Provider, error)
	describe  func() providers.Descriptor
}

func entries() map[string]entry {
	return map[string]entry{
		kolaybi.Name:  {newKolayBi, kolaybi.Describe},
		propars.Name:  {newPropars, propars.Describe},
		turkcell.Name: {newTurkcell, turkcell.Describe},
	}
}

// Kinds lists the providers by name, sorted.
func Kinds() []string { return slices.Sorted(maps.Keys(entries())) }

// Describe is what people read about a kind; false = there is no such kind.
func Describe(kind string) (providers.Descriptor, bool) {
	e, known := entries()[kind]
	if !known {
		return providers.Descriptor{}, false
	}
	return e.describe(), true
}

// New makes the provider of an account; it asks nothing of the network. Put guard.Standard around it.
func New(kind string, a Account, clk clock.Clock, log *slog.Logger) (providers.Provider, error) {
	e, known := entries()[kind]
	if !known {
		return nil, fmt.Errorf("unknown provider kind %q: use one of %s", kind, strings.Join(Kinds(), ", "))
	}
	return e.construct(a, clk, log)
}

func newTurkcell(a Account, clk clock.Clock, log *slog.Logger) (providers.Provider, error) {
	cfg := a.Turkcell
	cfg.BaseURL, cfg.APIKey, cfg.Format, cfg.CreateTimeout = a.BaseURL, a.APIKey, turkcell.Format(a.Format), a.Timeout
	cfg.RatePerSecond, cfg.CustomizationID, cfg.XSLTCode, cfg.OwnNumbers = a.RatePerSecond, a.CustomizationID, a.XSLTCode, a.OwnNumbers
	cfg.Username, cfg.Password, cfg.TokenURL = a.Username, a.Password, a.TokenURL
	if a.Quarantine != nil {
		cfg.Quarantine = max(*a.Quarantine, 1) // 0 would mean the default
	}
	p, err := turkcell.New(cfg, clk, log)
	if err != nil {
		return nil, err
	}
	return p, nil
}

func newKolayBi(a Account, clk clock.Clock, log *slog.Logger) (providers.Provider, error) {
	cfg := a.KolayBi
	cfg.BaseURL, cfg.APIKey, cfg.Channel, cfg.CompanyID, cfg.Format = a.BaseURL, a.APIKey, a.Channel, a.CompanyID, kolaybi.Format(a.Format)
	cfg.CreateTimeout, cfg.RatePerSecond = a.Timeout, a.RatePerSecond
	if a.Quarantine != nil {
		cfg.Quarantine = max(*a.Quarantine, 1) // 0 would mean the default
	}
	p, err := kolaybi.New(cfg, clk, log)
	if err != nil {
		return nil, err
	}
	return p, nil
}

func newPropars(a Account, clk clock.Clock, log *slog.Logger) (providers.Provider, error) {
	cfg := a.Propars
	cfg.BaseURL, cfg.Username, cfg.Password, cfg.CreateTimeout, cfg.RatePerSecond = a.BaseURL, a.Username, a.Password, a.Timeout, a.RatePerSecond
	if a.Quarantine != nil {
		cfg.Quarantine = max(*a.Quarantine, 1) // 0 would mean the default
	}
	p, err := propars.New(cfg, clk, log)
	if err != nil {
		return nil, err
	}
	return p, nil
}
