package propars

import (
	"errors"
	"fmt"
	"maps"
	"net"
	"net/url"
	"strings"
	"time"
)

// Config is one account's access to Propars. BaseURL, Username and Password are required; every other zero value means the
// default. What the facts mark as assumed is a field here (doc.go lists them).
type Config struct {
	BaseURL  string // up to and with /api/v1
	Username string // the account's e-mail address
	Password string // secret: Propars has no key for programs, only the user's own password

	CreateTimeout  time.Duration // deadline of one writing request and what confirms it; 0 = 60 s
	ConnectTimeout time.Duration // connecting and TLS handshake; 0 = 5 s
	ReadTimeout    time.Duration // deadline of one read with its retries; 0 = 30 s
	ReadRetries    int           // further tries of a read that failed on the way; 0 = 2, negative = none
	TokenLife      time.Duration // how long a token is used when the log-in names no expire_date; 0 = 12 h
	PageSize       int           // rows of a page; 0 = 100

	Quarantine    time.Duration // how long "surely has not" is disbelieved; 0 = 6 min
	RatePerSecond float64       // told to the caller in Capabilities; 0 = none known
	InboxDays     int           // how far back incoming invoices are listed when nobody says; 0 = 30
	LateDays      int           // how much later than its date an incoming invoice may arrive; 0 = 10

	SendBy         string            // what names a sale when it is sent: "code" (also when empty) or "id"
	LineFields     map[string]string // names of a line's fields: amount, price, tax_rate, tax_included, product_name, product_code; those left out keep theirs
	TotalField     string            // where an answer about a sale names what is to be paid; "" = grand_total; compared when it is there
	UnsignedStatus int               // what the signed XML of an invoice that was not sent is answered with; 0 = 404
	Currencies     map[string]int    // Propars' number of a currency; TRY is 1
	RateField      string            // where a sale in another currency carries its rate; "" = exchange_rate
	Rounding       string            // where VAT is rounded: "lines" (also when empty) or "rates"
	Discounts      string            // "price" (also when empty) lowers the unit price, "refuse" holds the sale
	Units          string            // "describe" (also when empty) writes a unit into the product's name, "refuse" holds the sale
	IncomingXML    string            // where the UBL of an incoming invoice is, {id} standing for its number; "" = /finance/purchaseinvoice/{id}/get_signed_xml/
}

const (
	defaultCreateTimeout  = 60 * time.Second
	defaultConnectTimeout = 5 * time.Second
	defaultReadTimeout    = 30 * time.Second
	defaultReadRetries    = 2
	defaultTokenLife      = 12 * time.Hour
	defaultPageSize       = 100
	defaultQuarantine     = 6 * time.Minute
	defaultInboxDays      = 30
	defaultLateDays       = 10
	defaultTotalField     = "grand_total"
	defaultUnsigned       = 404
	defaultRateField      = "exchange_rate"
	defaultIncomingXML    = "/finance/purchaseinvoice/{id}/get_signed_xml/"
)

// complete fills the defaults and checks what a person may have mistyped. Errors never show the password.
func (c Config) complete() (Config, *url.URL, error) {
	var problems []error
	complain := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }
	base, err := url.Parse(strings.TrimRight(c.BaseURL, "/"))
	if err != nil || base.Host == "" || (base.Scheme != "https" && base.Scheme != "http") || base.User != nil || base.RawQuery != "" {
		complain("base_url must be like https://api.propars.net/api/v1")
		base = &url.URL{}
	}
	if ip := net.ParseIP(base.Hostname()); base.Scheme == "http" && base.Hostname() != "localhost" && (ip == nil || !ip.IsLoopback()) {
		complain("base_url must begin with https: the password would travel in the open")
	}
	if strings.TrimSpace(c.Username) == "" {
		complain("username is empty: it is the e-mail address of the Propars account")
	}
	if c.Password == "" {
		complain("password is empty: it is the one of the Propars account")
	}
	oneOf(&c.SendBy, complain, "send_by", "code", "id")
	oneOf(&c.Rounding, complain, "rounding", "lines", "rates")
	oneOf(&c.Discounts, complain, "discounts", "price", "refuse")
	oneOf(&c.Units, complain, "units", "describe", "refuse")
	if c.UnsignedStatus != 0 && c.UnsignedStatus != 400 && c.UnsignedStatus != 404 {
		complain("unsigned_status is 400 or 404, not %d", c.UnsignedStatus)
	}
	orDefault(&c.CreateTimeout, defaultCreateTimeout)
	orDefault(&c.ConnectTimeout, defaultConnectTimeout)
	orDefault(&c.ReadTimeout, defaultReadTimeout)
	orDefault(&c.ReadRetries, defaultReadRetries)
	orDefault(&c.TokenLife, defaultTokenLife)
	orDefault(&c.PageSize, defaultPageSize)
	orDefault(&c.Quarantine, defaultQuarantine)
	orDefault(&c.InboxDays, defaultInboxDays)
	orDefault(&c.LateDays, defaultLateDays)
	orDefault(&c.TotalField, defaultTotalField)
	orDefault(&c.UnsignedStatus, defaultUnsigned)
	orDefault(&c.RateField, defaultRateField)
	orDefault(&c.IncomingXML, defaultIncomingXML)
	c.ReadRetries = max(c.ReadRetries, 0)
	fields := map[string]string{}
	for _, name := range []string{fieldAmount, fieldPrice, fieldRate, fieldIncluded, fieldName, fieldCode} {
		fields[name] = name
	}
	for name, theirs := range c.LineFields {
		if _, known := fields[name]; !known || theirs == "" {
			complain("line_fields names %q; known are amount, price, tax_rate, tax_included, product_name, product_code", name)
		}
		fields[name] = theirs
	}
	c.LineFields = fields
	c.Currencies = maps.Clone(c.Currencies)
	if c.Currencies == nil {
		c.Currencies = map[string]int{}
	}
	if c.Currencies["TRY"] == 0 {
		c.Currencies["TRY"] = 1
	}
	if err := errors.Join(problems...); err != nil {
		return Config{}, nil, fmt.Errorf("propars account: %w", err)
	}
	return c, base, nil
}

// oneOf takes the first of the allowed values for the empty one.
func oneOf(v *string, complain func(string, ...any), name string, allowed ...string) {
	if *v == "" {
		*v = allowed[0]
	}
	for _, a := range allowed {
		if *v == a {
			return
		}
	}
	complain("%s %q is none of %q", name, *v, allowed)
}

func orDefault[T comparable](v *T, d T) {
	var zero T
	if *v == zero {
		*v = d
	}
}
