package app

import (
	"context"
	"fmt"

	"github.com/jmoiron/sqlx"

	"faturad/internal/config"
	"faturad/internal/fault"
	"faturad/internal/mysqlx"
)

// soleSeller refuses an ERP database that is another company's under another address when both are offered the same sales: each
// would be invoiced twice. The config is refused where the DSNs say it; here the servers are asked. While the other
// address does not answer, that company sends nothing either, and asks the same when it does.
func (c *Company) soleSeller(ctx context.Context, db *sqlx.DB) error {
	for i := range c.app.Config.Companies {
		other := &c.app.Config.Companies[i]
		if other.Name == c.Name || !sameName(&c.Config, other) {
			continue
		}
		space, shared := config.SharedSales(other, &c.Config)
		if !shared {
			continue
		}
		theirs, err := mysqlx.Open(ctx, mysqlx.Options{DSN: other.ERP.DSN.Reveal(), Role: mysqlx.ERP, Name: "ERP database of " + other.Name, Logger: c.log, MaxOpen: 1})
		if err != nil {
			c.log.Warn("the ERP of a company with the same statements cannot be compared now", "other", other.Name, "err", err)
			continue
		}
		same, err := mysqlx.SameDatabase(ctx, db, theirs)
		if cerr := mysqlx.Close(theirs); cerr != nil {
			c.log.Warn("closing the ERP database failed", "err", cerr)
		}
		if err != nil {
			return err
		}
		if same {
			return &fault.Error{Class: fault.Permanent, Doing: "opening the ERP database of " + c.Name,
				Message: fmt.Sprintf("it is that of company %q under another address, and both read the same sales (document %q), so that each would be invoiced twice", other.Name, space),
				Advice:  "Give each company its own database, its own table prefix or company number in vars, or a condition of its own in pending"}
		}
	}
	return nil
}

// sameName spares databases of different names a connection: they are two, wherever they are.
func sameName(a, b *config.Company) bool {
	one, err := mysqlx.DatabaseName(a.ERP.DSN.Reveal())
	if err != nil {
		return false
	}
	other, err := mysqlx.DatabaseName(b.ERP.DSN.Reveal())
	return err == nil && one == other
}
