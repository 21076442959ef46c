package main

import (
	"strings"

	"github.com/spf13/cobra"

	"faturad/internal/mysqlx"
	"faturad/sync/erp"
	"faturad/sync/ledger"
)

func (c *cli) grantsCommand() *cobra.Command {
	var host string
	cmd := &cobra.Command{
		Use:   "grants",
		Short: "Print the least GRANTs of faturad's database users",
		Long:  "Print the statements that create the database users with the least privileges, for the DBA to read and run.",
		Args:  takesNone,
		RunE:  func(*cobra.Command, []string) error { return c.grants(host) },
	}
	cmd.Flags().StringVar(&host, "host", "localhost", "`HOST` from which faturad connects")
	return cmd
}

func (c *cli) grants(host string) error {
	cfg, err := c.load()
	if err != nil {
		return err
	}
	ledgerName, err := mysqlx.DatabaseName(cfg.Ledger.DSN.Reveal())
	if err != nil {
		return usageError{err}
	}
	statements := append([]string{"-- the ledger"}, ledger.Grants(ledgerName, host)...)
	for _, company := range cfg.Companies {
		if c.company != "" && c.company != company.Name {
			continue
		}
		database, err := mysqlx.DatabaseName(company.ERP.DSN.Reveal())
		if err != nil {
			return usageError{err}
		}
		statements = append(statements, "-- the ERP of "+company.Name)
		statements = append(statements, "CREATE USER IF NOT EXISTS '"+erp.User+"'@'"+host+"' IDENTIFIED BY '<password>'")
		statements = append(statements, erp.Grants(company.ERP.Source(), database, host)...)
	}
	if c.json {
		return c.printJSON(map[string]any{"statements": statements})
	}
	for _, s := range statements {
		if !strings.HasPrefix(s, "--") {
			s = strings.TrimSuffix(s, ";") + ";"
		}
		c.printf("%s\n", s)
	}
	return nil
}
