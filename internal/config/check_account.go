package config

import (
	"fmt"
	"time"

	"github.com/shopspring/decimal"
)

// kinds are the providers.
var kinds = []string{"turkcell", "kolaybi", "propars"}

func (k *checker) accounts(at string, c *Company) {
	if len(c.Accounts) == 0 {
		k.add(at+".account", "%s has no [[company.account]]; describe at least one", at)
		return
	}
	names := map[string]bool{}
	var active []string
	for j := range c.Accounts {
		where := fmt.Sprintf("%s.account[%d]", at, j)
		a := &c.Accounts[j]
		k.name(where+".name", a.Name, names)
		k.account(where, a)
		if a.Active {
			active = append(active, where)
		}
	}
	switch {
	case len(active) == 0 && !k.unclear(at+".account"):
		k.add(at+".account[0]", "%s has no active account; set active = true on the one that new documents go to", at)
	case len(active) > 1:
		for _, where := range active[1:] {
			k.add(where+".active", "%s is active beside %s; only one may be", where, active[0])
		}
	}
}

// mostTimeout is the longest that a creating request may take.
const mostTimeout = 10 * time.Minute

func (k *checker) account(at string, a *Account) {
	k.accountKind(at+".kind", a.Kind)
	if a.BaseURL == "" {
		k.add(at+".base_url", "%s.base_url is missing; such as https://efaturaservicetest.isim360.com", at)
	} else if _, err := baseURL(a.BaseURL); err != nil {
		k.add(at+".base_url", "%s.base_url %v", at, err)
	}
	k.credentials(at, a)
	if allowed := formats[a.Kind]; allowed != nil { // else the kind is what is wrong
		k.oneOf(at+".format", a.Format, allowed...)
	}
	k.kolaybi(at, a)
	k.propars(at, a)
	k.turkcell(at, a)
	k.oneOf(at+".customization", a.UBLVersion, "TR1.2", "TR1.2.1")
	k.between(at+".in_flight", float64(a.InFlight), 1, 256)
	k.between(at+".rate_per_second", a.Rate, 0, 10_000)
	k.between(at+".retry_share", a.RetryShare, 0.01, 1)
	k.span(at+".timeout", a.Timeout, leastTimeout, mostTimeout)
	if a.Quarantine != nil {
		k.span(at+".quarantine", *a.Quarantine, 0, 24*time.Hour)
	}
	k.span(at+".grace", a.Grace, time.Minute, 30*24*time.Hour)
}

// formats are what a kind of provider is sent; the first is the default.
var formats = map[string][]string{"turkcell": {"ubl", "json"}, "kolaybi": {"form", "json"}, "propars": {"json"}}

// kolaybi checks what only KolayBi has, and that nobody else's account carries it.
func (k *checker) kolaybi(at string, a *Account) {
	if a.Kind != "kolaybi" {
		if a.Channel.IsSet() || a.CompanyID != 0 {
			k.add(at+".channel", "%s.channel and company_id belong to kind \"kolaybi\"", at)
		}
		return
	}
	k.secret(at+".channel", &a.Channel)
	o, where := a.KolayBi, at+".kolaybi"
	for _, c := range []struct {
		key, value string
		allowed    []string
	}{
		{"units", o.Units, []string{"describe", "refuse"}},
		{"line_exemption", o.LineExemption, []string{"vat_exemption_reason_code", "exemption_code"}},
		{"return_references", o.ReturnReferences, []string{"list", "flat"}},
		{"return_type", o.ReturnType, []string{"sale_return_invoice", "purchase_return_invoice", "sale_invoice"}},
		{"withheld_total", o.WithheldTotal, []string{"after", "before"}},
	} {
		if c.value != "" {
			k.oneOf(where+"."+c.key, c.value, c.allowed...)
		}
	}
	for word, state := range o.Statuses {
		k.oneOf(where+".statuses."+word, state, "draft", "working", "accepted", "rejected", "failed", "cancelled")
	}
	if o.Correction != "" {
		if d, err := decimal.NewFromString(o.Correction); err != nil || d.IsNegative() {
			k.add(where+".correction", "%s.correction must be an amount such as \"0.05\", not %q", where, o.Correction)
		}
	}
	k.between(where+".per_page", float64(o.PerPage), 0, 250)
	k.between(where+".lookback_days", float64(o.LookbackDays), 0, 400)
	k.between(where+".inbox_days", float64(o.InboxDays), 0, 400)
}

// credentials takes an API key, or a user with a password: one of the two.
func (k *checker) credentials(at string, a *Account) {
	login := a.Username != "" || a.Password.IsSet()
	switch {
	case a.Kind == "propars" && a.TokenURL != "":
		k.add(at+".token_url", "%s.token_url is a setting of kind turkcell only", at)
	case a.Kind == "propars": // it knows nothing but users
		login = true
	case a.Kind != "turkcell" && (login || a.TokenURL != ""):
		k.add(at+".username", "%s.username, password and token_url are settings of kinds turkcell and propars only", at)
	}
	if !login {
		k.secret(at+".api_key", &a.APIKey)
		if a.TokenURL != "" {
			k.add(at+".token_url", "%s.token_url belongs to username and password", at)
		}
		return
	}
	if a.APIKey.IsSet() {
		k.add(at+".username", "%s has api_key beside username and password; keep one of the two", at)
	}
	k.required(at+".username", a.Username)
	k.secret(at+".password", &a.Password)
	if a.TokenURL != "" {
		if _, err := baseURL(a.TokenURL); err != nil {
			k.add(at+".token_url", "%s.token_url %v", at, err)
		}
	}
}

func (k *checker) accountKind(at, kind string) {
	if kind == "" {
		k.add(at, "%s is missing; such as %q", at, kinds[0])
		return
	}
	k.oneOf(at, kind, kinds...)
}
