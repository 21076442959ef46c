package torture

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"faturad/internal/app"
	"faturad/internal/config"
	"faturad/internal/invoice"
	"faturad/internal/mysqlx"
	"faturad/mapping"
	"faturad/providers"
	"faturad/providers/turkcell/turkcellsim"
	"faturad/sync/erp"
)

// envControl makes this test binary the control: what people write themselves, a plain worker pool that sends a sale and
// then records it in the ERP, under a new UUID for each request. It names the config.
const envControl = "FATURAD_TORTURE_CONTROL"

// controlWorkers is how many requests the control makes at once; the reference figures were taken with 16.
const controlWorkers = 16

func runControl(ctx context.Context, path string) error {
	cfg, err := config.Load(path)
	if err != nil {
		return err
	}
	a, err := app.Open(ctx, cfg, app.Options{})
	if err != nil {
		return err
	}
	defer a.Close()
	company := a.Companies[0]
	source, err := company.Source(ctx)
	if err != nil {
		return err
	}
	db, err := mysqlx.Open(ctx, mysqlx.Options{DSN: cfg.Companies[0].ERP.DSN.Reveal(), MaxOpen: controlWorkers})
	if err != nil {
		return err
	}
	defer db.Close()
	var keys []string
	if err := source.Pending(ctx, "sale", 10_000, func(some []string) error { keys = append(keys, some...); return nil }); err != nil {
		return err
	}
	loaded, err := source.Load(ctx, "sale", keys)
	if err != nil {
		return err
	}
	work := make(chan erp.Loaded)
	errs := make(chan error, len(keys))
	var workers sync.WaitGroup
	for range controlWorkers {
		workers.Go(func() {
			for sale := range work {
				receipt, err := sendPlainly(ctx, company, sale)
				if err == nil {
					_, err = db.ExecContext(ctx, "UPDATE sales SET einvoice_state = 'accepted', einvoice_no = ?, ettn = ? WHERE id = ?",
						receipt.Number, receipt.ETTN.String(), sale.Sale.Key)
				}
				errs <- err
			}
		})
	}
	for _, sale := range loaded {
		work <- sale
	}
	close(work)
	workers.Wait()
	close(errs)
	for e := range errs {
		err = errors.Join(err, e)
	}
	return err
}

// sendPlainly makes an invoice of a sale and sends it.
func sendPlainly(ctx context.Context, company *app.Company, sale erp.Loaded) (providers.Receipt, error) {
	inv, faults := mapping.FromSale(sale.Sale, company.Rules)
	if len(faults) > 0 {
		return providers.Receipt{}, fmt.Errorf("%v", faults)
	}
	provider := company.Accounts[0].Provider
	draft := providers.Draft{Identity: providers.Identity{ETTN: uuid.New(), Kind: invoice.EArsiv, IssueDate: inv.IssueDate},
		Route: providers.Route{Kind: invoice.EArsiv}, Invoice: inv}
	payload, err := provider.Prepare(draft)
	if err != nil {
		return providers.Receipt{}, err
	}
	return provider.Send(ctx, providers.Outgoing{Identity: draft.Identity, Route: draft.Route, Payload: payload})
}

// TestControlIsCaught points the harness at the control: killed at random moments it makes duplicates, and the judge says so.
// If it did not, this harness would prove nothing.
func TestControlIsCaught(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{sim: turkcellsim.Options{Latency: 6 * time.Millisecond}})
	random := dice(t)
	const n = 60
	kills, duplicates, offered := 0, 0, 0
	for kills < 8 || long() && kills < 100 {
		w.begin(n, 0, random.Uint64())
		for range 2 {
			before := len(w.sim.Documents())
			p := exec.Command(os.Args[0], "-test.run=none")
			p.Env = append(os.Environ(), envControl+"="+w.judged)
			if err := p.Start(); err != nil {
				t.Fatal(err)
			}
			ended := make(chan struct{})
			go func() { defer close(ended); _ = p.Wait() }()
			w.until(func() bool { return len(w.sim.Documents()) >= min(n, before+4+random.IntN(8)) || over(ended) })
			if !over(ended) {
				_ = p.Process.Kill() // it may have ended this moment
				kills++
			}
			<-ended
			w.gate.quiet()
		}
		last := exec.CommandContext(t.Context(), os.Args[0], "-test.run=none")
		last.Env = append(os.Environ(), envControl+"="+w.judged)
		if out, err := last.CombinedOutput(); err != nil {
			t.Fatalf("the control could not finish: %v\n%s", err, out)
		}
		offered += n
		extra := len(w.sim.Documents()) - n
		duplicates += extra
		if v := w.judge(n); extra > 0 && len(v.wrong) == 0 {
			t.Errorf("%d duplicates, and the judge says nothing", extra)
		}
	}
	t.Logf("control (a worker pool of %d that sends and then records): %d duplicates after %d kills, %.1f a kill, of %d sales",
		controlWorkers, duplicates, kills, float64(duplicates)/float64(kills), offered)
	if duplicates == 0 {
		t.Error("the control made no duplicates: this harness cannot fail")
	}
}

func over(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}
