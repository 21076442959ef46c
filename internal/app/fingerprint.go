package app

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"faturad/internal/config"
	"faturad/mapping"
	"faturad/sync/erp"
	"faturad/sync/outbound"
)

// fingerprint names what decides, beside the sale itself, whether and how a sale becomes an invoice: the source's queries and
// rules, the company's rules and routes, what the active account can carry, and the version of faturad. It holds no secret.
func fingerprint(c config.Company, version string) (string, error) {
	active := c.Active()
	text, err := json.Marshal(struct {
		Version    string
		Source     erp.Config
		Rules      mapping.Rules
		Routing    config.Routing
		Kind       string
		Format     string
		UBLVersion string
		OwnNumbers bool
		Turkcell   config.Turkcell
		KolayBi    config.KolayBi
		Propars    config.Propars
		Branches   []config.Branch
		Dates      outbound.Dates
	}{version, c.ERP.Config, c.MappingRules(), c.Routing, active.Kind, active.Format, active.UBLVersion, active.OwnNumbers, active.Turkcell, active.KolayBi, active.Propars, c.Branches, dates(c)})
	if err != nil {
		return "", fmt.Errorf("naming the config of company %q: %w", c.Name, err)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
}

// dates are the company's rules about days, as outbound takes them.
func dates(c config.Company) outbound.Dates {
	return outbound.Dates{OnLate: outbound.LatePolicy(c.Rules.OnLateDate), LastYearDays: c.Rules.LastYearDays, BlockOverdue: c.Rules.SevenDays == "block"}
}
