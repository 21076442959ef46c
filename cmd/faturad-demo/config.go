package main

import (
	"bytes"
	"crypto/rand"
	_ "embed"
	"fmt"
	"os"
	"path/filepath"
	"text/template"
	"time"

	"faturad/internal/clock"
	"faturad/providers/propars/proparssim"
)

//go:embed demo.toml.tmpl
var configTemplate string

// sellerVKN is the made-up tax number of the demo's company.
func sellerVKN() string { return vkn(640_218_299) }

// writeConfig writes the config that the demo runs by, and that the real command line reads as well.
func (w *world) writeConfig(o options, c clock.Clock) error {
	secrets := w.office.secrets()
	secrets["ledger.dsn"], secrets["erp.dsn"], secrets["admin.token"] = w.db.dsn(ledgerName), w.db.dsn(erpName), rand.Text()
	for name, secret := range secrets {
		if err := os.WriteFile(filepath.Join(w.dir, name), []byte(secret), 0o600); err != nil {
			return fmt.Errorf("writing the demo's config: %w", err)
		}
	}
	text, err := template.New("config").Parse(configTemplate)
	if err != nil {
		return fmt.Errorf("reading the demo's config: %w", err)
	}
	var out bytes.Buffer
	type pin struct{ TaxNo, Alias string }
	var pins []pin // where the provider has no list of e-Fatura users
	if o.provider != turkcell {
		for _, c := range registered() {
			pins = append(pins, pin{c.taxNo, c.mailbox()})
		}
	}
	err = text.Execute(&out, map[string]any{
		"Provider": o.provider, "Pins": pins,
		"Dir": w.dir, "Language": o.language, "Company": companyName, "VKN": sellerVKN(), "ERP": erpID, "BaseURL": w.simURL,
		"Username": proparssim.DefaultUsername, "Start": c.Now().In(clock.Istanbul).AddDate(0, 0, -10).Format(time.DateOnly),
	})
	if err != nil {
		return fmt.Errorf("writing the demo's config: %w", err)
	}
	if err := os.WriteFile(w.configPath(), out.Bytes(), 0o600); err != nil {
		return fmt.Errorf("writing the demo's config: %w", err)
	}
	return nil
}
