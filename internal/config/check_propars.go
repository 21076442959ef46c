package config

import "time"

// Propars holds what is special about an account at Propars: readings of what Propars does not publish.
// docs/providers/propars.md says what each is for.
type Propars struct {
	SendBy         string            `toml:"send_by"`         // code (default) or id: what names a sale when it is sent
	LineFields     map[string]string `toml:"line_fields"`     // Propars' names of amount, price, tax_rate, tax_included, product_name, product_code
	TotalField     string            `toml:"total_field"`     // where an answer about a sale names its total; default grand_total
	UnsignedStatus int               `toml:"unsigned_status"` // 404 (default) or 400: what the signed XML of an unsent invoice is answered with
	Currencies     map[string]int    `toml:"currencies"`      // Propars' numbers of currencies; TRY is 1
	RateField      string            `toml:"rate_field"`      // where a sale in another currency carries its rate; default exchange_rate
	Rounding       string            `toml:"rounding"`        // lines (default) or rates: where VAT is rounded
	Discounts      string            `toml:"discounts"`       // price (default) or refuse
	Units          string            `toml:"units"`           // describe (default) or refuse
	IncomingXML    string            `toml:"incoming_xml"`    // path of an incoming invoice's UBL, {id} standing for its number
	TokenLife      Duration          `toml:"token_life"`      // where the log-in does not say; 0 = 12h
	PageSize       int               `toml:"page_size"`       // rows of a page; 0 = 100
	InboxDays      int               `toml:"inbox_days"`      // how far back incoming invoices are listed; 0 = 30
	LateDays       int               `toml:"late_days"`       // how much later than its date one may arrive; 0 = 10
}

// propars checks what only Propars has.
func (k *checker) propars(at string, a *Account) {
	if a.Kind != "propars" {
		return
	}
	o, where := a.Propars, at+".propars"
	for _, c := range []struct {
		key, value string
		allowed    []string
	}{
		{"send_by", o.SendBy, []string{"code", "id"}},
		{"rounding", o.Rounding, []string{"lines", "rates"}},
		{"discounts", o.Discounts, []string{"price", "refuse"}},
		{"units", o.Units, []string{"describe", "refuse"}},
	} {
		if c.value != "" {
			k.oneOf(where+"."+c.key, c.value, c.allowed...)
		}
	}
	for name, theirs := range o.LineFields {
		k.oneOf(where+".line_fields."+name, name, "amount", "price", "tax_rate", "tax_included", "product_name", "product_code")
		k.required(where+".line_fields."+name, theirs)
	}
	for currency, number := range o.Currencies {
		if number <= 0 {
			k.add(where+".currencies."+currency, "%s.currencies.%s must be Propars' number of the currency, not %d", where, currency, number)
		}
	}
	if o.UnsignedStatus != 0 && o.UnsignedStatus != 400 && o.UnsignedStatus != 404 {
		k.add(where+".unsigned_status", "%s.unsigned_status must be 400 or 404, not %d", where, o.UnsignedStatus)
	}
	if o.TokenLife.Duration != 0 {
		k.span(where+".token_life", o.TokenLife, time.Minute, 365*24*time.Hour)
	}
	k.between(where+".page_size", float64(o.PageSize), 0, 1000)
	k.between(where+".inbox_days", float64(o.InboxDays), 0, 400)
	k.between(where+".late_days", float64(o.LateDays), 0, 400)
}
