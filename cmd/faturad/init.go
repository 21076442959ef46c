package main

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"

	_ "embed"

	"text/template"

	"github.com/spf13/cobra"

	"faturad/internal/config"
	"faturad/internal/invoice"
	"faturad/sync/erp"
)

//go:embed init.toml.tmpl
var initTemplate string

// initValues fill the template of a config.
type initValues struct {
	ERP, Title, Company, VKN                     string
	LedgerDSN, MigrateDSN, ERPDSN, APIKey, Token string // paths of secret files
	BaseURL, Start, ERPID                        string
	Archive                                      string // folder of the archive; empty = none
	Vars                                         map[string]string
	AllowTestIDs                                 bool
	Seller                                       sellerValues
}

type sellerValues struct{ Name, TaxOffice, Street, District, City string }

func (c *cli) initCommand() *cobra.Command {
	v := initValues{}
	var showSQL, list, force bool
	cmd := &cobra.Command{
		Use:   "init --erp PRESET",
		Short: "Write a config for a known ERP, or print the SQL that the ERP needs first (--sql)",
		Long: `Write a complete config to the file of --config ("-" is stdout), with secrets in files of their own. Nothing is
overwritten without --force. With --sql nothing is written: the statements that the ERP's database needs first
(columns, side tables) are printed for the DBA to read and run.`,
		Args: takesNone,
		RunE: func(*cobra.Command, []string) error {
			switch {
			case list:
				return c.listPresets()
			case showSQL:
				return c.installSQL(v.ERP, v.Vars)
			}
			return c.init(v, force)
		},
	}
	f := cmd.Flags()
	f.StringVar(&v.ERP, "erp", "reference", "the ERP: a `PRESET` of --list")
	f.BoolVar(&list, "list", false, "list the known ERPs")
	f.BoolVar(&showSQL, "sql", false, "print what the ERP's database needs first")
	f.BoolVar(&force, "force", false, "overwrite an existing file")
	f.StringVar(&v.Company, "name", "acme", "the company's `NAME`: part of every local reference, never change it")
	f.StringVar(&v.VKN, "vkn", "", "the company's tax `NUMBER` (required)")
	f.BoolVar(&v.AllowTestIDs, "allow-test-ids", false, "take the numbers of the provider's test service, which have wrong check digits")
	f.StringVar(&v.ERPID, "erp-id", "erp1", "names this ERP for ever: part of every ETTN")
	f.StringVar(&v.BaseURL, "base-url", "https://efaturaservicetest.isim360.com", "the provider's `URL`; the default is its test service")
	f.StringToStringVar(&v.Vars, "var", nil, "variables of the preset, e.g. `p=llx_`")
	f.StringVar(&v.Start, "start", "", "first `DAY` whose sales are issued (YYYY-MM-DD); default today")
	f.StringVar(&v.LedgerDSN, "ledger-dsn-file", "/etc/faturad/ledger.dsn", "`FILE` with the ledger's DSN")
	f.StringVar(&v.MigrateDSN, "migrate-dsn-file", "/etc/faturad/migrate.dsn", "`FILE` with faturad_migrate's DSN")
	f.StringVar(&v.ERPDSN, "erp-dsn-file", "/etc/faturad/erp.dsn", "`FILE` with the ERP's DSN")
	f.StringVar(&v.APIKey, "api-key-file", "", "`FILE` with the provider's API key; default: the unit's credential turkcell-api-key")
	f.StringVar(&v.Token, "admin-token-file", "", "`FILE` with the admin page's token; default: the unit's credential admin-token")
	f.StringVar(&v.Seller.Name, "seller-name", "", "the company's title as on its invoices (required)")
	f.StringVar(&v.Seller.TaxOffice, "seller-tax-office", "", "the company's tax office (required)")
	f.StringVar(&v.Seller.Street, "seller-street", "", "the company's street")
	f.StringVar(&v.Seller.District, "seller-district", "", "the company's ilçe (required)")
	f.StringVar(&v.Seller.City, "seller-city", "", "the company's il (required)")
	f.StringVar(&v.Archive, "archive-dir", "", "keep UBL, PDF and HTML of every invoice in this `FOLDER`, such as "+config.DefaultArchive)
	cmd.MarkFlagsMutuallyExclusive("list", "sql")
	presets := erp.Presets()
	names := make([]string, len(presets))
	for i, p := range presets {
		names[i] = p.Name
	}
	completeWith(cmd, "erp", names...)
	return cmd
}

func (c *cli) listPresets() error {
	presets := erp.Presets()
	if c.json {
		return c.printJSON(map[string]any{"presets": presets})
	}
	rows := make([][]string, len(presets))
	for i, p := range presets {
		rows[i] = []string{p.Name, p.Title}
	}
	return c.table([]string{"ERP", "WHAT IT IS"}, rows)
}

// installSQL prints what the ERP needs first, with the preset's variables changed by --var.
func (c *cli) installSQL(preset string, vars map[string]string) error {
	cfg, sql, err := loadPreset(preset, vars)
	if err != nil {
		return err
	}
	text, err := erp.InstallSQL(sql, cfg)
	if err != nil {
		return usageError{err}
	}
	if c.json {
		return c.printJSON(map[string]any{"sql": text})
	}
	c.printf("%s", text)
	return nil
}

// loadPreset gives a preset with its variables changed by --var.
func loadPreset(preset string, vars map[string]string) (cfg erp.Config, sql string, err error) {
	cfg, sql, err = erp.LoadPreset(preset)
	if err != nil {
		return cfg, "", usageError{err}
	}
	if cfg.Vars == nil {
		cfg.Vars = map[string]string{}
	}
	for _, name := range slices.Sorted(maps.Keys(vars)) {
		if _, known := cfg.Vars[name]; !known {
			return cfg, "", usageError{fmt.Errorf("--var %s: the preset %s has no such variable (it has %s)", name, preset, strings.Join(slices.Sorted(maps.Keys(cfg.Vars)), ", "))}
		}
		cfg.Vars[name] = vars[name]
	}
	return cfg, sql, nil
}

// taxNumber is a VKN or a TCKN, whatever its check digits: the providers' test numbers have wrong ones.
var taxNumber = regexp.MustCompile(`^[0-9]{10,11}$`)

func (c *cli) init(v initValues, force bool) error {
	preset, _, err := loadPreset(v.ERP, v.Vars)
	if err != nil {
		return err
	}
	v.Title = preset.Title
	if v.Start == "" {
		v.Start = today()
	}
	if _, err := invoice.ParseDate(v.Start); err != nil {
		return usageError{fmt.Errorf("--start: %w", err)}
	}
	switch {
	case v.VKN == "":
		return usageError{errors.New("init needs the company's tax number, which is part of every ETTN: give --vkn NUMBER")}
	case !taxNumber.MatchString(v.VKN):
		return usageError{fmt.Errorf("--vkn %q is no tax number: it has 10 digits (VKN), or 11 (TCKN)", v.VKN)}
	case !invoice.ValidTaxNo(v.VKN) && !v.AllowTestIDs:
		return usageError{fmt.Errorf("the check digit of --vkn %s is wrong: correct it, or add --allow-test-ids if it is a number of the provider's test service", v.VKN)}
	}
	for _, required := range [][2]string{
		{"--seller-name", v.Seller.Name}, {"--seller-tax-office", v.Seller.TaxOffice},
		{"--seller-district", v.Seller.District}, {"--seller-city", v.Seller.City},
	} {
		if required[1] == "" {
			c.printErr("%s was not given: fill it in the file before the first `faturad check`\n", required[0])
		}
	}
	var text strings.Builder
	tmpl, err := template.New("config").Parse(initTemplate)
	if err != nil {
		return fmt.Errorf("reading the config template: %w", err)
	}
	if err := tmpl.Execute(&text, v); err != nil {
		return fmt.Errorf("writing the config: %w", err)
	}
	if c.config == "-" {
		if c.json {
			return c.printJSON(map[string]any{"config": text.String()})
		}
		c.printf("%s", text.String())
		return nil
	}
	return c.writeConfig(text.String(), v.ERP, force)
}

func (c *cli) writeConfig(text, preset string, force bool) (err error) {
	flags := os.O_WRONLY | os.O_CREATE | os.O_EXCL
	if force {
		flags = os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	}
	f, err := os.OpenFile(c.config, flags, 0o640) //nolint:gosec // it holds no secret, and the group faturad must read it
	if errors.Is(err, fs.ErrExist) {
		return usageError{fmt.Errorf("%s exists: use --force to overwrite it, or --config to write elsewhere", c.config)}
	}
	if err != nil {
		return fmt.Errorf("writing the config: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if _, err := f.WriteString(text); err != nil {
		return fmt.Errorf("writing the config: %w", err)
	}
	if c.json {
		return c.printJSON(map[string]any{"written": c.config})
	}
	c.printf("Wrote %s. Next:\n"+
		"  put the secrets into the files that it names,\n"+
		"  let the DBA run what `faturad init --erp %s --sql` and `faturad grants` print,\n"+
		"  then `faturad migrate` and `faturad check`.\n", c.config, preset)
	return nil
}

// VarNames lists the variables in a stable order, for the template.
func (v initValues) VarNames() []string { return slices.Sorted(maps.Keys(v.Vars)) }
