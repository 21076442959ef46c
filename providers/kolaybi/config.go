package kolaybi

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"faturad/providers"
)

// Format is how the bodies of writes are encoded.
type Format string

// The two encodings. The form with bracket keys is the documented one.
const (
	FormatForm Format = "form"
	FormatJSON Format = "json"
)

// UnitPolicy says what becomes of a line whose unit is not "piece".
type UnitPolicy string

// The policies.
const (
	UnitDescribe UnitPolicy = "describe" // quantity and unit are written into the line's text
	UnitRefuse   UnitPolicy = "refuse"   // the sale is held
)

// Config is one account's access to KolayBi. BaseURL, APIKey and Channel are required; every other zero value means the
// default. What the facts mark as assumed is a field here (doc.go lists them).
type Config struct {
	BaseURL   string // up to and with /kolaybi/v1
	APIKey    string // secret: made in the panel (Ayarlar, Profil Hesabı, API Anahtarları)
	Channel   string // secret: given to the integrator by KolayBi
	Format    Format // FormatForm when empty
	CompanyID int64  // KolayBi's id of the company; 0 = the only one of the account

	CreateTimeout  time.Duration // deadline of one writing request; 0 = 60 s
	ConnectTimeout time.Duration // connecting and TLS handshake; 0 = 5 s
	ReadTimeout    time.Duration // deadline of one read with its retries, and of one page of a list; 0 = 35 s
	ReadRetries    int           // further tries of a read that failed on the way; 0 = 2, negative = none
	TokenLife      time.Duration // how long a token is used; 0 = 22 h
	PagePause      time.Duration // between two pages of a list; 0 = 550 ms, negative = none
	PerPage        int           // rows of a page; 0 = 50

	Quarantine    time.Duration // how long "surely has not" is disbelieved; 0 = 6 min
	RatePerSecond float64       // told to the caller in Capabilities; 0 = none known
	LookbackDays  int           // how far back a document of unknown date is looked for; 0 = 90
	InboxDays     int           // how far back incoming invoices are listed when nobody says; 0 = 30

	CompanyCurrency  string                     // "" = TRY
	CorrectionLimit  decimal.NullDecimal        // most that subtotal_correction_amount may take up; invalid = 0.05
	UnitPolicy       UnitPolicy                 // "" = UnitDescribe
	LineExemption    string                     // "" = vat_exemption_reason_code; exemption_code is the other name seen
	ReturnReferences string                     // "list" (also when empty) or "flat"
	ReturnType       string                     // InvoiceType of a return; "" = sale_return_invoice
	WithheldTotal    string                     // grand_total is "after" withholding (also when empty) or "before"
	Statuses         map[string]providers.State // further words of e_document_status
	UpdateContacts   bool                       // a contact that differs from the sale is updated; false = left as it is
	CancelDates      bool                       // send cancel_date and cancel_time with a cancellation

	Tags            []int64 // put on every invoice
	ProjectID       int64   // 0 = none
	ShipmentInclude bool    // print "irsaliye yerine geçer" on every invoice without a despatch note
}

const (
	defaultCreateTimeout  = 60 * time.Second
	defaultConnectTimeout = 5 * time.Second
	defaultReadTimeout    = 35 * time.Second
	defaultReadRetries    = 2
	defaultTokenLife      = 22 * time.Hour
	defaultPagePause      = 550 * time.Millisecond
	defaultPerPage        = 50
	defaultQuarantine     = 6 * time.Minute
	defaultLookback       = 90
	defaultInbox          = 30
)

var defaultCorrection = decimal.New(5, -2)

// What some settings may be; the first is the default.
var (
	lineExemptions   = []string{"vat_exemption_reason_code", "exemption_code"}
	returnReferences = []string{"list", "flat"}
	returnTypes      = []string{"sale_return_invoice", "purchase_return_invoice", "sale_invoice"}
	withheldTotals   = []string{"after", "before"}
)

// complete fills the defaults and checks what a person may have mistyped. Errors never show a secret.
func (c Config) complete() (Config, *url.URL, error) {
	var problems []error
	complain := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }
	base, err := url.Parse(strings.TrimRight(c.BaseURL, "/"))
	if err != nil || base.Host == "" || (base.Scheme != "https" && base.Scheme != "http") || base.User != nil || base.RawQuery != "" {
		complain("base_url must be like https://ofis-sandbox-api.kolaybi.com/kolaybi/v1")
		base = &url.URL{}
	}
	if base.Scheme == "http" && !loopback(base.Hostname()) {
		complain("base_url must begin with https: the key would travel in the open")
	}
	secret := func(name, value, advice string) {
		switch {
		case strings.TrimSpace(value) == "":
			complain("%s is empty: %s", name, advice)
		case strings.ContainsFunc(value, func(r rune) bool { return r <= ' ' || r > '~' }):
			complain("%s contains a space, line end or non-ASCII letter: copy it again", name)
		}
	}
	secret("api_key", c.APIKey, "make one in the panel, Ayarlar, Profil Hesabı, API Anahtarları")
	secret("channel", c.Channel, "ask api.support@kolaybi.com for it")
	oneOf(&c.Format, complain, "format", FormatForm, FormatJSON)
	oneOf(&c.UnitPolicy, complain, "unit_policy", UnitDescribe, UnitRefuse)
	oneOf(&c.LineExemption, complain, "line_exemption", lineExemptions...)
	oneOf(&c.ReturnReferences, complain, "return_references", returnReferences...)
	oneOf(&c.WithheldTotal, complain, "withheld_total", withheldTotals...)
	oneOf(&c.ReturnType, complain, "return_type", returnTypes...)
	orDefault(&c.CreateTimeout, defaultCreateTimeout)
	orDefault(&c.ConnectTimeout, defaultConnectTimeout)
	orDefault(&c.ReadTimeout, defaultReadTimeout)
	orDefault(&c.ReadRetries, defaultReadRetries)
	orDefault(&c.TokenLife, defaultTokenLife)
	orDefault(&c.PagePause, defaultPagePause)
	orDefault(&c.PerPage, defaultPerPage)
	orDefault(&c.Quarantine, defaultQuarantine)
	orDefault(&c.LookbackDays, defaultLookback)
	orDefault(&c.InboxDays, defaultInbox)
	orDefault(&c.CompanyCurrency, "TRY")
	if !c.CorrectionLimit.Valid {
		c.CorrectionLimit = decimal.NewNullDecimal(defaultCorrection)
	}
	c.ReadRetries = max(c.ReadRetries, 0)
	if err := errors.Join(problems...); err != nil {
		return Config{}, nil, fmt.Errorf("kolaybi account: %w", err)
	}
	return c, base, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// oneOf takes the first of the allowed values for the empty one.
func oneOf[T ~string](v *T, complain func(string, ...any), name string, allowed ...T) {
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
