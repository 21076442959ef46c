package app

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/shopspring/decimal"

	"faturad/internal/config"
	"faturad/internal/mysqlx"
	"faturad/mapping"
	"faturad/providers"
	"faturad/providers/all"
	"faturad/providers/guard"
	"faturad/providers/kolaybi"
	"faturad/providers/propars"
	"faturad/providers/turkcell"
	"faturad/sync/erp"
)

// Company is one company of the config, wired.
type Company struct {
	Name     string
	Config   config.Company
	Accounts []Account // the active one first
	Rules    mapping.Rules

	app         *App
	router      router
	fingerprint string // of everything but the sales that decides what becomes of them
	log         *slog.Logger

	elsewhere atomic.Pointer[time.Time] // when invoices made in the provider's portal were last looked for
	compared  atomic.Pointer[time.Time] // when the ERP's marks were last compared with the ledger
	lost      atomic.Bool               // the ledger lost commits, and this company has not dealt with it yet
	recalled  atomic.Pointer[time.Time] // when the provider's listing was last compared with the ledger
	unlisted  atomic.Pointer[time.Time] // since when that has been failing; nil = it does not
	rechecked atomic.Pointer[time.Time] // when recent sales were last read again
	routed    atomic.Pointer[time.Time] // the taxpayer list with which held sales were last looked at again
	archived  atomic.Pointer[archived]  // how the archive's last pass here ended; nil = none has ended

	watching sync.Mutex // one at a time brings the alarms up to date
	writing  sync.Mutex // one at a time writes documents back

	mu     sync.Mutex // guards what follows: the ERP is connected when it is first needed, and again when it was away
	erpDB  *sqlx.DB
	source *erp.Source
}

// Account is one account of a company with its provider, decorated.
type Account struct {
	config.Account
	Provider providers.Provider
	Health   *guard.Health // what its guards know
}

func (a *App) openCompany(ctx context.Context, c config.Company, o Options) (*Company, error) {
	o.Log = o.Log.With("company", c.Name)
	company := &Company{Name: c.Name, Config: c, app: a, log: o.Log}
	for _, account := range c.Accounts {
		health := new(guard.Health)
		provider, err := newProvider(account, health, o)
		if err != nil {
			return nil, fmt.Errorf("account %q: %w", account.Name, err)
		}
		opened := Account{Account: account, Provider: provider, Health: health}
		if account.Active {
			company.Accounts = slices.Insert(company.Accounts, 0, opened)
		} else {
			company.Accounts = append(company.Accounts, opened)
		}
	}
	if len(company.Accounts) == 0 || !company.Accounts[0].Active {
		return nil, fmt.Errorf("no account is active: set active = true on the one that issues new documents")
	}
	company.Rules = c.MappingRules()
	company.router = router{
		registry: a.Registry, environment: a.environment(c), routing: c.Routing, draft: company.Accounts[0].Draft,
	}
	company.router.nowhere = company.router.environment == company.Accounts[0].BaseURL && !company.OffersTaxpayers()
	var err error
	if company.fingerprint, err = fingerprint(c, o.Version); err != nil {
		return nil, err
	}
	spaces := make([]string, len(c.ERP.Documents))
	for i, d := range c.ERP.Documents {
		spaces[i] = d.Name
	}
	if err := a.Ledger.RefuseNewName(ctx, c.Name, c.ERP.ID, c.VKN, a.names()); err != nil {
		return nil, err
	}
	if err := a.Ledger.PinIdentity(ctx, c.Name, c.ERP.ID, spaces, c.VKN); err != nil {
		return nil, err
	}
	return company, nil
}

// newProvider builds an account's provider and puts the guards around it.
func newProvider(account config.Account, health *guard.Health, o Options) (providers.Provider, error) {
	log := o.Log.With("account", account.Name)
	provider, err := all.New(account.Kind, all.Account{
		BaseURL: account.BaseURL, APIKey: account.APIKey.Reveal(), Format: account.Format, Timeout: account.Timeout.Std(),
		Quarantine: quarantineOf(account), RatePerSecond: account.Rate, CustomizationID: account.UBLVersion,
		Channel: account.Channel.Reveal(), CompanyID: account.CompanyID, KolayBi: kolaybiOptions(account.KolayBi), Propars: proparsOptions(account.Propars),
		XSLTCode: account.XSLTCode, OwnNumbers: account.OwnNumbers, Turkcell: turkcellOptions(account.Turkcell),
		Username: account.Username, Password: account.Password.Reveal(), TokenURL: account.TokenURL,
	}, o.Clock, log)
	if err != nil {
		return nil, err
	}
	settings := guard.Settings{
		RatePerSecond: account.Rate, RetryShare: account.RetryShare, Health: health, Clock: o.Clock, Log: log,
	}
	if o.Metrics != nil {
		settings.Observer = o.Metrics.Provider(account.Name)
	}
	return guard.Standard(provider, settings), nil
}

// kolaybiOptions translates what the config checked.
func kolaybiOptions(o config.KolayBi) kolaybi.Config {
	out := kolaybi.Config{
		Tags: o.Tags, ProjectID: o.ProjectID, ShipmentInclude: o.ShipmentInclude, UnitPolicy: kolaybi.UnitPolicy(o.Units), LineExemption: o.LineExemption,
		ReturnReferences: o.ReturnReferences, ReturnType: o.ReturnType, WithheldTotal: o.WithheldTotal, CancelDates: o.CancelDates, UpdateContacts: o.UpdateContacts,
		PagePause: o.PagePause.Std(), PerPage: o.PerPage, LookbackDays: o.LookbackDays, InboxDays: o.InboxDays, Statuses: map[string]providers.State{},
	}
	for word, state := range o.Statuses {
		out.Statuses[word] = providers.State(state)
	}
	if d, err := decimal.NewFromString(o.Correction); err == nil {
		out.CorrectionLimit = decimal.NewNullDecimal(d)
	}
	return out
}

// proparsOptions translates what the config checked.
func proparsOptions(o config.Propars) propars.Config {
	return propars.Config{
		SendBy: o.SendBy, LineFields: o.LineFields, TotalField: o.TotalField, UnsignedStatus: o.UnsignedStatus, Currencies: o.Currencies, RateField: o.RateField,
		Rounding: o.Rounding, Discounts: o.Discounts, Units: o.Units, IncomingXML: o.IncomingXML, TokenLife: o.TokenLife.Std(), PageSize: o.PageSize,
		InboxDays: o.InboxDays, LateDays: o.LateDays,
	}
}

// turkcellOptions translates what the config checked.
func turkcellOptions(o config.Turkcell) turkcell.Config {
	return turkcell.Config{VoucherFormat: turkcell.Format(o.VoucherFormat), VoucherType: o.VoucherType, ReceiptCustomization: o.ReceiptCustomization,
		NotFoundTexts: o.NotFoundTexts}
}

func quarantineOf(account config.Account) *time.Duration {
	if account.Quarantine == nil {
		return nil
	}
	d := account.Quarantine.Std()
	return &d
}

// environment names whose taxpayer list a company's routes are decided by: its own active account's, or another's.
func (a *App) environment(c config.Company) string {
	for _, company := range a.Config.Companies {
		for _, account := range company.Accounts {
			if c.Routing.Taxpayers == company.Name+"/"+account.Name {
				return account.BaseURL
			}
		}
	}
	for _, account := range c.Accounts {
		if account.Active {
			return account.BaseURL
		}
	}
	return ""
}

// erpLockWait is how long a write-back waits for a row that an ERP user keeps locked; it is tried again later.
const erpLockWait = time.Second

// Source is the company's ERP, connected when it is first needed. While the ERP is away every call tries again.
func (c *Company) Source(ctx context.Context) (*erp.Source, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.source != nil {
		return c.source, nil
	}
	cfg := c.Config.ERP.Source()
	db, err := mysqlx.Open(ctx, mysqlx.Options{
		DSN: cfg.DSN, Role: mysqlx.ERP, Name: "ERP database of " + c.Name, TimeZone: cfg.Session(), Logger: c.log, MaxOpen: 4,
		LockWait: erpLockWait,
	})
	if err != nil {
		return nil, err
	}
	var source *erp.Source
	if err = c.soleSeller(ctx, db); err == nil {
		source, err = erp.Open(db, cfg, c.log)
	}
	if err != nil {
		if closeErr := db.Close(); closeErr != nil {
			c.log.Warn("closing the ERP database failed", "err", closeErr)
		}
		return nil, err
	}
	c.erpDB, c.source = db, source
	return source, nil
}
