package app

import (
	"context"
	"time"

	"faturad/internal/clock"
	"faturad/internal/invoice"
	"faturad/sync/ledger"
)

// markDaemon is the ledger's mark of when a daemon was last able to write into it. One that cannot, because the ledger's disk is full
// or its user lost a right, cannot raise an alarm there either: `faturad status` sees that the mark is old.
const markDaemon = "daemon.alive"

// How often a daemon leaves the mark, and how old it is when something is wrong.
const (
	markEvery  = time.Minute
	markTooOld = 5 * time.Minute
)

// markStopped is the mark of a daemon that was stopped on purpose.
var markStopped = time.Unix(0, 0)

const alarmSilent = "daemon.silent"

var silentText = alarmText{
	invoice.Text{TR: "faturad %s tarihinden beri kayıt veritabanına yazamıyor ya da beklenmedik biçimde durdu; böyle kaldıkça fatura gönderilmez.",
		EN: "Since %s faturad has not been able to write into its ledger, or it died; no invoice is sent while this lasts."},
	invoice.Text{TR: "Servise ve günlüğe bakın (systemctl status faturad, journalctl -u faturad -n 50), kayıt veritabanının diskinde yer açın; yazabildiğinde kendiliğinden sürer.",
		EN: "See the service and its log (systemctl status faturad, journalctl -u faturad -n 50), and make room on the ledger's disk; it goes on by itself."},
}

// Silent gives the alarm of a daemon that can raise none itself; false = there is none.
func (c *Company) Silent(ctx context.Context) (ledger.Alarm, bool, error) {
	last, err := c.app.Ledger.Mark(ctx, markDaemon)
	if err != nil || !last.After(markStopped) {
		return ledger.Alarm{}, false, err
	}
	now, err := c.app.Ledger.Now(ctx)
	if err != nil || now.Sub(last) < markTooOld {
		return ledger.Alarm{}, false, err
	}
	a := c.alarm(alarmSilent, silentText, clock.Text(last, c.app.Config.Language))
	a.Since = last
	return a, true, nil
}

// leaveMark notes that the daemon can write into the ledger, once a minute.
func (d *Daemon) leaveMark(ctx context.Context, now time.Time) {
	if now.Sub(d.marked) < markEvery {
		return
	}
	d.marked = now
	if err := d.app.Ledger.SetMark(ctx, markDaemon, now); err != nil && ctx.Err() == nil {
		d.log.Error("the ledger takes no writes", "err", err)
	}
}
