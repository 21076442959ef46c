package app

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"faturad/internal/clock"
	"faturad/internal/invoice"
	"faturad/providers"
	"faturad/sync/erp"
	"faturad/sync/followup"
	"faturad/sync/ledger"
	"faturad/sync/outbound"
	"faturad/sync/registry"
)

// recheckDays is how far back sales are read again to find what ERP users changed. Older sales are closed in the books.
const recheckDays = 45

// recheckEvery is how often that is done at most by one process.
const recheckEvery = 10 * time.Minute

// compareEvery is how often one process compares all of the ERP's marks with the ledger. Its first pass always does; later
// ones find what other processes left behind that never came back: commits lost in a failover, an old state written late.
const compareEvery = 6 * time.Hour

// Progress hears how far a pass has come; total is 0 when nobody knows. It may be nil.
type Progress func(done, total int)

// Outbound serves what people asked for in the ERP, discovers, rechecks and sends the company's pending sales, and writes
// the results back.
func (c *Company) Outbound(ctx context.Context, progress Progress) (outbound.Result, error) {
	source, err := c.Source(ctx)
	if err != nil {
		return outbound.Result{}, err
	}
	if err := c.heed(ctx); err != nil {
		return outbound.Result{}, err
	}
	job := c.outbound(source)
	job.Progress = progress
	c.lookElsewhere(ctx)
	_, requestErr := c.ServeRequests(ctx)
	rerouteErr := c.reroute(ctx)
	changed, recheckErr := c.recheck(ctx, job)
	if err := c.app.lookBack(ctx); err != nil {
		return outbound.Result{}, errors.Join(requestErr, rerouteErr, recheckErr, err)
	}
	started := c.app.clock.Now()
	last := c.compared.Load()
	job.Rebuild, job.Lost = last == nil || started.Sub(*last) >= compareEvery, c.lost.Load()
	job.Recall = c.recall(job.Lost)
	written := c.writeMeanwhile(ctx)
	result, err := job.Run(ctx)
	written()
	if err == nil {
		if job.Rebuild {
			c.compared.Store(&started)
		}
		if job.Lost {
			c.lost.Store(false)
		}
	}
	result.Changed += changed
	if result.Rebuilt > 0 {
		err = errors.Join(err, c.app.Ledger.Raise(ctx, c.alarm(alarmRebuilt, rebuiltText, result.Rebuilt), happened))
	}
	_, writeErr := c.writeBack(ctx)
	return result, c.watched(ctx, errors.Join(requestErr, rerouteErr, recheckErr, err, writeErr))
}

// outbound is the job of one pass, or of one preview.
func (c *Company) outbound(source *erp.Source) *outbound.Job {
	job := &outbound.Job{
		Company: c.Name, VKN: c.Config.VKN, ERP: c.Config.ERP.ID, Owner: c.app.owner,
		Sales: source, Ledger: c.app.Ledger, Router: gate{c.router, c}, Rules: c.Rules, Branches: c.Config.BranchParties(), Fingerprint: c.fingerprint,
		Dates: dates(c.Config),
		Clock: c.app.clock, Log: c.log, Language: c.app.Config.Language, LeaseFor: c.app.Config.Ledger.Lease.Std(),
		HoldTwins: c.Config.HoldPossibleDuplicates,
	}
	if !c.Config.Elsewhere.Off {
		job.Outdated = c.invoicedSince
	}
	for _, a := range c.Accounts {
		job.Accounts = append(job.Accounts, outbound.Account{Name: a.Name, Kind: a.Kind, Provider: a.Provider, InFlight: a.InFlight, Rests: a.rests})
	}
	return job
}

// baselines compares documents with the sales of the ERP, for followup.
func (c *Company) baselines(ctx context.Context, docs []ledger.Document) ([]followup.Baseline, error) {
	source, err := c.Source(ctx)
	if err != nil {
		return nil, err
	}
	found, err := c.outbound(source).Baselines(ctx, docs)
	out := make([]followup.Baseline, len(found))
	for i, b := range found {
		out[i] = followup.Baseline(b)
	}
	return out, err
}

// recheck reads recent sales again for changes, not more often than recheckEvery: it costs the ERP a reading of them all.
func (c *Company) recheck(ctx context.Context, job *outbound.Job) (changed int, err error) {
	now := c.app.clock.Now()
	if last := c.rechecked.Load(); last != nil && now.Sub(*last) < recheckEvery {
		return 0, nil
	}
	result, err := job.Recheck(ctx, invoice.DateOf(now.In(clock.Istanbul)).AddDays(-recheckDays))
	if err == nil {
		c.rechecked.Store(&now)
	}
	return result.Changed, err
}

// Followup settles unknown outcomes, polls statuses and writes back what changed.
func (c *Company) Followup(ctx context.Context, progress Progress) (followup.Result, error) {
	if err := c.heed(ctx); err != nil {
		return followup.Result{}, err
	}
	job := c.followup()
	job.Progress = progress
	unsettled := c.settleOperations(ctx)
	result, err := job.Run(ctx)
	err = errors.Join(unsettled, err)
	if result.Adopted > 0 {
		c.log.Warn("documents of unknown outcome were found at the provider and adopted", "documents", result.Adopted)
	}
	return result, c.watched(ctx, err)
}

// WriteBack projects into the ERP whatever the ledger knows and the ERP does not show yet.
func (c *Company) WriteBack(ctx context.Context) (followup.Result, error) {
	result, err := c.writeBack(ctx)
	return result, c.watched(ctx, err)
}

func (c *Company) writeBack(ctx context.Context) (followup.Result, error) {
	var result followup.Result
	err := c.followup().WriteBack(ctx, &result)
	return result, err
}

// writeEvery is how often results are written back while sending goes on: accountants see them soon, the end of a long pass
// is not spent on writing, and ERP transactions stay few whatever the rate.
const writeEvery = time.Second

// writeMeanwhile writes results back beside a pass that sends. The function that it returns ends it and waits for what is
// being written. Errors are left to the write-back at the end of the pass, which meets them again.
func (c *Company) writeMeanwhile(ctx context.Context) (stop func()) {
	job := c.followup()
	job.SkipWaiting = true
	ended := make(chan struct{})
	var writer sync.WaitGroup
	writer.Go(func() {
		tick := time.NewTicker(writeEvery)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
			case <-ended:
				return
			case <-ctx.Done():
				return
			}
			var written followup.Result
			if err := job.WriteBack(ctx, &written); err != nil {
				c.log.Debug("writing back while sending failed; it is done again at the end of the pass", "err", err)
				return
			}
		}
	})
	return func() {
		close(ended)
		writer.Wait()
	}
}

// RewriteAll marks every document and received invoice as not written, for the next write-back to replay.
func (c *Company) RewriteAll(ctx context.Context) (int64, error) {
	return c.app.Ledger.RewriteAll(ctx, c.Name)
}

func (c *Company) followup() *followup.Job {
	job := &followup.Job{
		Company: c.Name, VKN: c.Config.VKN, Owner: c.app.owner, Ledger: c.app.Ledger, ERP: target{c}, Clock: c.app.clock, Log: c.log,
		Language: c.app.Config.Language, LeaseFor: c.app.Config.Ledger.Lease.Std(), Grace: c.Accounts[0].Grace.Std(),
		Baselines: c.baselines, Writing: &c.writing,
	}
	for _, a := range c.Accounts {
		job.Accounts = append(job.Accounts, followup.Account{Name: a.Name, Provider: a.Provider, InFlight: a.InFlight})
	}
	return job
}

// target is the ERP for writing. It connects when something is to be written, so that an ERP that is away keeps nobody
// from asking the provider.
type target struct{ company *Company }

// WriteBack implements followup.Target.
func (t target) WriteBack(ctx context.Context, docs []erp.Projection) ([]error, error) {
	source, err := t.company.Source(ctx)
	if err != nil {
		return nil, err
	}
	return source.WriteBack(ctx, docs)
}

// Ready implements inbound.Target.
func (t target) Ready(ctx context.Context) error {
	_, err := t.company.Source(ctx)
	return err
}

// WriteReceived implements inbound.Target.
func (t target) WriteReceived(ctx context.Context, all []erp.Received) ([]error, error) {
	source, err := t.company.Source(ctx)
	if err != nil {
		return nil, err
	}
	return source.WriteReceived(ctx, all)
}

// WriteReceivedFiles implements inbound.Target.
func (t target) WriteReceivedFiles(ctx context.Context, all []erp.Received) ([]error, error) {
	source, err := t.company.Source(ctx)
	if err != nil {
		return nil, err
	}
	return source.WriteReceivedFiles(ctx, all)
}

// OffersTaxpayers reports whether the active account's provider has a list of taxpayers.
func (c *Company) OffersTaxpayers() bool {
	_, ok := providers.As[providers.TaxpayerSource](c.Accounts[0].Provider)
	return ok
}

// LacksTaxpayers reports whether no taxpayer list decides the company's routes although one is needed: its provider has none,
// and the config names neither another account's nor the kind of every sale.
func (c *Company) LacksTaxpayers() bool {
	return c.router.nowhere && c.Config.Routing.Kind != invoice.EArsiv
}

// ImportTaxpayers brings the provider's taxpayer list into the registry.
func (c *Company) ImportTaxpayers(ctx context.Context, options ...registry.ImportOption) (registry.Result, error) {
	source, ok := providers.As[providers.TaxpayerSource](c.Accounts[0].Provider)
	if !ok {
		return registry.Result{}, fmt.Errorf("%s offers no taxpayer list: name another account in [company.routing] taxpayers", c.Accounts[0].Kind)
	}
	return c.app.Registry.Import(ctx, c.Accounts[0].BaseURL, source, options...)
}

// taxpayersAge is how old the taxpayer list may be before `sync all` fetches it again.
const taxpayersAge = 24 * time.Hour

// NeedsTaxpayers reports whether the company's list is missing or older than a day.
func (c *Company) NeedsTaxpayers(ctx context.Context) (bool, error) {
	if !c.OffersTaxpayers() || c.router.environment != c.Accounts[0].BaseURL {
		return false, nil
	}
	list, err := c.app.Registry.List(ctx, c.router.environment)
	if err != nil {
		return false, err
	}
	return !list.Imported() || c.app.clock.Now().Sub(list.ImportedAt) > taxpayersAge, nil
}

// Lists names, by provider environment, the taxpayer and code lists that the company's registry pass fetches, and the taxpayer
// list of another company that decides its routes, as long as nobody has fetched that.
func (c *Company) Lists(ctx context.Context) []string {
	own := c.Accounts[0].BaseURL
	if c.router.environment == own {
		return []string{own}
	}
	if list, err := c.app.Registry.List(ctx, c.router.environment); err == nil && list.Imported() {
		return []string{own}
	}
	return []string{own, c.router.environment}
}

// InMotion counts the documents that will still change without anybody's help.
func (c *Company) InMotion(ctx context.Context) (int, error) {
	return c.app.Ledger.InMotion(ctx, c.Name)
}
