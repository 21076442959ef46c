package turkcell

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	"faturad/internal/invoice/codes"
	"faturad/mapping/ubl"
)

// Format is the form in which documents are created.
type Format string

// The two forms. UBL is the default: it carries everything, and only it has the provider check our local reference.
const (
	FormatUBL  Format = "ubl"
	FormatJSON Format = "json"
)

// Config is one account's access to Turkcell e-Şirket. BaseURL is required, and either APIKey or Username with Password;
// every other zero value means the default. What the facts mark as assumed is a field here (doc.go lists them).
type Config struct {
	BaseURL string // scheme and host of the test or live service
	APIKey  string // secret: the portal's API key; never printed, never in an error
	Format  Format // FormatUBL when empty

	Username string // the older log-in instead of a key: a user of the portal
	Password string // secret, like APIKey; so are the tokens that it gives
	TokenURL string // where to log in; "" = the one that belongs to the test or live BaseURL, on loopback BaseURL's own

	CreateTimeout   time.Duration // deadline of one creating request; 0 = 60 s
	ConnectTimeout  time.Duration // connecting and TLS handshake; 0 = 5 s
	ReadTimeout     time.Duration // deadline of one look-up, status, list or download with its retries; 0 = 60 s
	TaxpayerTimeout time.Duration // deadline of the whole taxpayer import; 0 = 30 min
	ReadRetries     int           // further tries of a read that failed on the way; 0 = 2, negative = none

	Quarantine    time.Duration // how long "surely has not" is disbelieved; 0 = 90 s
	RatePerSecond float64       // told to the caller in Capabilities; 0 = none known

	CustomizationID string          // of the UBL; "" = TR1.2
	Archive         ubl.ArchiveForm // how the UBL of an e-Arşiv carries SendType; "" = the mapping's default
	SendType        string          // ELEKTRONIK or KAGIT, e-Arşiv only; "" = ELEKTRONIK
	UseFirstAlias   bool            // let the provider take the buyer's first mailbox when the route names none
	XSLTCode        string          // the customer's own look; "" = standard
	OwnNumbers      bool            // useManualInvoiceId: the sale's own number is the invoice's; default: the provider numbers
	OwnLook         bool            // download PDF and HTML in the customer's own look instead of the standard one
	AllowOldEArsiv  bool            // allowOldEArsivCustomer: old-dated e-Arşiv to somebody who is an e-Fatura user now
	VoucherFormat   Format          // of an e-SMM: FormatUBL when empty, or its own JSON model
	VoucherType     string          // CreditNoteTypeCode of an e-SMM's UBL; "" = SERBESTMESLEKMAKBUZU
	// ReceiptCustomization is the CustomizationID of a receipt's UBL; "" = TR1.2.1.
	ReceiptCustomization string
	NotFoundTexts        []string // further sentences that mean "surely no such document", beside the known ones

	TempDir       string // where the taxpayer list is spooled; "" = systemd's $CACHE_DIRECTORY, else the system's
	MaxSpool      int64  // bytes of the zipped taxpayer list at most; 0 = 2 GiB
	MaxUnzipped   int64  // bytes of the unzipped taxpayer list at most; 0 = 16 GiB
	MaxDownload   int64  // bytes of one downloaded document at most; 0 = 32 MiB
	DespatchBoxes bool   // report e-İrsaliye mailboxes too
}

// defaults of facts/reliability.md section 3.10.
const (
	defaultCreateTimeout   = 60 * time.Second
	defaultConnectTimeout  = 5 * time.Second
	defaultReadTimeout     = 60 * time.Second
	defaultTaxpayerTimeout = 30 * time.Minute
	defaultReadRetries     = 2
	defaultQuarantine      = 90 * time.Second
	defaultMaxSpool        = 2 << 30
	defaultMaxUnzipped     = 16 << 30
	defaultMaxDownload     = 32 << 20
)

// complete fills the defaults and checks what a person may have mistyped. Errors never show the key.
func (c Config) complete() (Config, *url.URL, error) {
	var problems []error
	base, err := url.Parse(strings.TrimRight(c.BaseURL, "/"))
	if err != nil || base.Host == "" || (base.Scheme != "https" && base.Scheme != "http") || base.User != nil || base.RawQuery != "" {
		problems = append(problems, errors.New("base_url must be like https://efaturaservicetest.isim360.com"))
		base = &url.URL{}
	}
	switch login := c.Username != "" || c.Password != ""; {
	case !login && strings.TrimSpace(c.APIKey) == "":
		problems = append(problems, errors.New("api_key is empty: make one on the portal's API management page"))
	case login && c.APIKey != "":
		problems = append(problems, errors.New("give api_key, or username and password, not both"))
	case login && (c.Username == "" || c.Password == ""):
		problems = append(problems, errors.New("username and password belong together: one is empty"))
	case login:
		problems = append(problems, c.completeTokenURL(base)...)
	}
	if strings.ContainsFunc(c.APIKey, func(r rune) bool { return r <= ' ' || r > '~' }) {
		problems = append(problems, errors.New("api_key contains a space, line end or non-ASCII letter: copy it again"))
	}
	if base.Scheme == "http" && !loopback(base.Hostname()) {
		problems = append(problems, errors.New("base_url must begin with https: the key would travel in the open"))
	}
	orDefault(&c.Format, FormatUBL)
	orDefault(&c.VoucherFormat, FormatUBL)
	for _, f := range []struct {
		key   string
		value Format
	}{{"format", c.Format}, {"turkcell.voucher_format", c.VoucherFormat}} {
		if f.value != FormatUBL && f.value != FormatJSON {
			problems = append(problems, fmt.Errorf("%s %q is neither ubl nor json", f.key, f.value))
		}
	}
	orDefault(&c.CreateTimeout, defaultCreateTimeout)
	orDefault(&c.ConnectTimeout, defaultConnectTimeout)
	orDefault(&c.ReadTimeout, defaultReadTimeout)
	orDefault(&c.TaxpayerTimeout, defaultTaxpayerTimeout)
	orDefault(&c.Quarantine, defaultQuarantine)
	orDefault(&c.ReadRetries, defaultReadRetries)
	orDefault(&c.MaxSpool, defaultMaxSpool)
	orDefault(&c.MaxUnzipped, defaultMaxUnzipped)
	orDefault(&c.MaxDownload, defaultMaxDownload)
	orDefault(&c.CustomizationID, ubl.DefaultCustomization)
	orDefault(&c.ReceiptCustomization, ubl.ReceiptCustomization)
	orDefault(&c.VoucherType, codes.ServiceReceipt)
	orDefault(&c.SendType, ubl.SendElectronic)
	c.ReadRetries = max(c.ReadRetries, 0)
	if err := errors.Join(problems...); err != nil {
		return Config{}, nil, fmt.Errorf("turkcell account: %w", err)
	}
	return c, base, nil
}

// tokenURLs are the log-in services of the two environments (facts section 1).
var tokenURLs = map[string]string{
	"efaturaservicetest.isim360.com":     "https://coretest.isim360.com/v1/token",
	"efaturaservice.turkcellesirket.com": "https://core.turkcellesirket.com/v1/token",
}

func (c *Config) completeTokenURL(base *url.URL) []error {
	if c.TokenURL == "" {
		c.TokenURL = tokenURLs[base.Hostname()]
	}
	if c.TokenURL == "" && loopback(base.Hostname()) {
		c.TokenURL = base.JoinPath("v1/token").String()
	}
	u, err := url.Parse(c.TokenURL)
	switch {
	case err != nil || c.TokenURL == "" || u.Host == "" || u.User != nil || u.RawQuery != "":
		return []error{errors.New("token_url must be like https://coretest.isim360.com/v1/token")}
	case u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname())):
		return []error{errors.New("token_url must begin with https: the password would travel in the open")}
	}
	return nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func orDefault[T comparable](v *T, d T) {
	var zero T
	if *v == zero {
		*v = d
	}
}
