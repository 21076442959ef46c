package app

import (
	"context"

	"faturad/sync/ledger"
)

// lookBack notices that the ledger lost commits of this process: a backup was restored under a running daemon, or a failover
// lost what its replica had not received. Every company then rebuilds, and asks before it sends. It is alarmed and audited
// once.
func (a *App) lookBack(ctx context.Context) error {
	a.looking.Lock()
	defer a.looking.Unlock()
	whole, err := a.Ledger.Continuous(ctx)
	if err != nil || whole {
		return err
	}
	a.log.Error("ALARM: the ledger lost commits that it had confirmed; asking the providers before anything more is sent")
	for _, c := range a.Companies {
		c.lost.Store(true)
	}
	a.Ledger.Resume()
	alarm := ledger.Alarm{Name: alarmLost, Message: lostText.message.In(a.Config.Language), Advice: lostText.advice.In(a.Config.Language)}
	if err := a.Ledger.Raise(ctx, alarm, happened); err != nil {
		return err
	}
	return a.Ledger.WriteAudit(ctx, ledger.Audit{User: daemonUser, Action: "rebuild", Reason: "the ledger lost commits that it had confirmed"})
}
