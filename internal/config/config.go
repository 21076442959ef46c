package config

import (
	"faturad/internal/invoice"
)

// Config is a whole config file (design.md section 6), complete: defaults applied, secrets resolved, everything checked.
// Only Load makes one.
type Config struct {
	Path      string    `toml:"-"`        // the file it was read from
	Language  string    `toml:"language"` // "tr" (default) or "en": the language of words that accountants read
	Ledger    Ledger    `toml:"ledger"`
	Admin     Admin     `toml:"admin"`
	Log       Log       `toml:"log"`
	Schedule  Schedule  `toml:"schedule"`
	Archive   Archive   `toml:"archive"`
	Companies []Company `toml:"company"`
}

// Ledger says where the durable memory is.
type Ledger struct {
	DSN        Secret   `toml:"dsn"`             // go-sql-driver DSN of the daily user (least privilege)
	MigrateDSN Secret   `toml:"migrate_dsn"`     // DSN of faturad_migrate, used by `faturad migrate` only; unset = none
	MaxConns   int      `toml:"max_connections"` // connections at most; default 8
	Lease      Duration `toml:"lease"`           // how long a document is worked on before others may take it; default 2m
}

// Admin is the admin page, metrics and health. An empty Listen switches it off.
type Admin struct {
	Listen string   `toml:"listen"` // loopback "host:port" or "unix:/run/faturad/admin.sock"; empty = off
	Token  Secret   `toml:"token"`  // what a browser or script must present; compulsory when listening
	Hosts  []string `toml:"hosts"`  // further Host names to answer to, for a reverse proxy
}

// Log says how the daemon logs (to stderr; journald keeps it).
type Log struct {
	Level  string `toml:"level"`  // debug, info (default), warn, error
	Format string `toml:"format"` // text (default) or json
}

// Schedule holds one cron spec per job, in Europe/Istanbul; "off" switches a job off.
type Schedule struct {
	Outbound  string   `toml:"outbound"`  // default every minute
	Followup  string   `toml:"followup"`  // default every 5 minutes
	Writeback string   `toml:"writeback"` // default every minute
	Inbound   string   `toml:"inbound"`   // default every 15 minutes
	Sweep     string   `toml:"sweep"`     // looks for incoming invoices that somebody else marked as read; default every 6 hours
	Registry  string   `toml:"registry"`  // default 03:15
	Archive   string   `toml:"archive"`   // default every hour at 20 past; needs archive.enabled
	Timeout   Duration `toml:"timeout"`   // one run at most; default 1h
}

// Archive says where the files of issued and received invoices are kept.
type Archive struct {
	Enabled   bool     `toml:"enabled"`
	Dir       string   `toml:"dir"`         // whole path; default /var/lib/faturad/archive
	Formats   []string `toml:"formats"`     // of ubl, pdf, html; default all three
	KeepYears int      `toml:"keep_years"`  // after the year of the invoice; default 10; faturad itself never deletes a file
	Shorter   bool     `toml:"keep_less"`   // accept keep_years below the legal term
	MinFreeMB int      `toml:"min_free_mb"` // what must stay free on the disk; default 1024
	InFlight  int      `toml:"in_flight"`   // downloads at a time; default 4
	Link      string   `toml:"link"`        // what the ERP sees before a file's path, such as a share; default dir
}

// Company is one legal entity with its accounts and its ERP.
type Company struct {
	Name         string `toml:"name"`           // names the company in commands and in local references; never change it
	VKN          string `toml:"vkn"`            // VKN (10 digits), or TCKN (11) of a sole trader
	AllowTestIDs bool   `toml:"allow_test_ids"` // accept tax numbers with wrong check digits; test base URLs only
	// HoldPossibleDuplicates holds a sale with buyer, amount, currency and day of another one until a person releases it.
	HoldPossibleDuplicates bool      `toml:"hold_possible_duplicates"`
	Seller                 Seller    `toml:"seller"`
	Branches               []Branch  `toml:"branch"`
	Accounts               []Account `toml:"account"`
	Routing                Routing   `toml:"routing"`
	Rules                  Rules     `toml:"rules"`
	Elsewhere              Elsewhere `toml:"elsewhere"`
	ERP                    ERP       `toml:"erp"`
}

// Seller is the party block that goes on every invoice of the company.
type Seller struct {
	Name          string `toml:"name"`       // company title; first and last name for a sole trader
	FirstName     string `toml:"first_name"` // sole trader (11 digits) only
	LastName      string `toml:"last_name"`  // sole trader (11 digits) only
	TaxOffice     string `toml:"tax_office"`
	Street        string `toml:"street"`
	BuildingNo    string `toml:"building_no"`
	DoorNo        string `toml:"door_no"`
	District      string `toml:"district"` // ilçe
	City          string `toml:"city"`     // il
	PostCode      string `toml:"postcode"`
	Country       string `toml:"country"` // ISO 3166-1 alpha-2; default TR
	Phone         string `toml:"phone"`
	Fax           string `toml:"fax"`
	Email         string `toml:"email"`
	Website       string `toml:"website"`
	Mersis        string `toml:"mersis"`         // MERSİS number, 16 digits
	TradeRegister string `toml:"trade_register"` // ticaret sicil number
}

// Branch is the seller as one of its branches, for sales whose `branch` column names it. What it leaves empty is the
// company's own. A branch has the company's tax number: its series and address are what tells it apart.
type Branch struct {
	Code   string `toml:"code"`   // as the ERP's branch column says it, after map.branch
	Number string `toml:"number"` // the branch's number at the tax office or the chamber (SUBENO); empty = none
	Seller
}

// Account is one company's credentials and settings at one provider. New documents go to the active one; the others
// stay for the documents that they issued.
type Account struct {
	Name     string  `toml:"name"`
	Active   bool    `toml:"active"`
	Kind     string  `toml:"kind"`     // turkcell, kolaybi or propars
	BaseURL  string  `toml:"base_url"` // https, or http on loopback
	APIKey   Secret  `toml:"api_key"`
	Username string  `toml:"username"` // propars: its e-mail address; turkcell: the older log-in, with password instead of api_key
	Password Secret  `toml:"password"`
	TokenURL string  `toml:"token_url"`       // turkcell: where to log in; empty = what belongs to base_url
	Format   string  `toml:"format"`          // turkcell: ubl (default) or json; kolaybi: form (default) or json
	InFlight int     `toml:"in_flight"`       // requests at a time; default 16
	Rate     float64 `toml:"rate_per_second"` // requests a second at most; 0 = as the provider promises
	// RetryShare is how many repetitions that come to nothing each good answer earns; default 0.1.
	RetryShare float64 `toml:"retry_share"`
	Draft      bool    `toml:"draft"`     // leave new documents as drafts at the provider
	Inbox      *bool   `toml:"inbox"`     // pull incoming invoices from this account; default true
	InboxPDF   *bool   `toml:"inbox_pdf"` // fetch and keep the PDF of incoming invoices too; default true
	// InboxOverlap is how far before the last sweep of the inbox the next one begins; default 240h.
	InboxOverlap Duration  `toml:"inbox_overlap"`
	Timeout      Duration  `toml:"timeout"`       // deadline of one creating request; default 60s
	Quarantine   *Duration `toml:"quarantine"`    // how long "surely has not" is disbelieved; nil = the provider's
	Grace        Duration  `toml:"grace"`         // an unknown outcome older than this becomes disputed; default 24h
	UBLVersion   string    `toml:"customization"` // UBL CustomizationID: TR1.2 (default) or TR1.2.1
	XSLTCode     string    `toml:"xslt_code"`     // the look that the provider made for the company; empty = the standard one
	// OwnNumbers sends the ERP's own document number as the invoice's (useManualInvoiceId); default: the provider numbers.
	OwnNumbers bool     `toml:"use_manual_invoice_id"`
	Channel    Secret   `toml:"channel"`    // kolaybi: what api.support@kolaybi.com gave to the integrator
	CompanyID  int64    `toml:"company_id"` // kolaybi: its number for the company; 0 = the account's only one
	KolayBi    KolayBi  `toml:"kolaybi"`    // only for kind kolaybi
	Propars    Propars  `toml:"propars"`    // only for kind propars
	Turkcell   Turkcell `toml:"turkcell"`   // only for kind turkcell
}

// KolayBi holds what is special about an account at KolayBi. docs/providers/kolaybi.md says what each is for.
type KolayBi struct {
	Tags             []int64           `toml:"tags"`              // put on every invoice
	ProjectID        int64             `toml:"project_id"`        // 0 = none
	ShipmentInclude  bool              `toml:"shipment_include"`  // print "irsaliye yerine geçer"
	Units            string            `toml:"units"`             // describe (default) or refuse
	Correction       string            `toml:"correction"`        // most that a total may be corrected by, such as "0.05" (default)
	LineExemption    string            `toml:"line_exemption"`    // vat_exemption_reason_code (default) or exemption_code
	ReturnReferences string            `toml:"return_references"` // list (default) or flat
	ReturnType       string            `toml:"return_type"`       // sale_return_invoice (default), purchase_return_invoice or sale_invoice
	WithheldTotal    string            `toml:"withheld_total"`    // after (default) or before: what grand_total is
	Statuses         map[string]string `toml:"statuses"`          // further words of e_document_status: draft, working, accepted, rejected, failed, cancelled
	UpdateContacts   bool              `toml:"update_contacts"`   // write what a sale says over the contact
	CancelDates      bool              `toml:"cancel_dates"`      // send cancel_date and cancel_time
	PagePause        Duration          `toml:"page_pause"`        // between pages of a list; 0 = 550ms
	PerPage          int               `toml:"per_page"`          // rows of a page; 0 = 50
	LookbackDays     int               `toml:"lookback_days"`     // how far back a document without a date is looked for; 0 = 90
	InboxDays        int               `toml:"inbox_days"`        // how far back incoming invoices are listed; 0 = 30
}

// Elsewhere says what happens to sales that somebody invoiced by hand in the provider's portal.
type Elsewhere struct {
	Off     bool   `toml:"off"`     // do not look
	Similar string `toml:"similar"` // "hold" (default) or "send" sales for which an invoice was made that is only similar
	Days    int    `toml:"days"`    // how far the dates of similar ones may lie apart; default 7
}

// Routing pins what the registry would decide otherwise.
type Routing struct {
	Kind        invoice.Kind            `toml:"kind"`         // e-fatura or e-arsiv for every sale; empty = the registry decides
	Scenario    string                  `toml:"scenario"`     // TEMELFATURA (default) or TICARIFATURA, where the ERP names none
	EArsivEmail string                  `toml:"earsiv_email"` // where e-Arşiv invoices and receipts are mailed: "buyer" (default: the buyer's address), "off", or one address
	Prefix      map[invoice.Kind]string `toml:"prefix"`       // three-character series per kind; empty = the provider's default
	Series      []Series                `toml:"series"`       // the first that fits a sale gives its prefix; none = prefix
	Taxpayers   string                  `toml:"taxpayers"`    // "company/account" whose taxpayer list is used; empty = the own active account's
	Pins        []Pin                   `toml:"pin"`
}

// Series gives sales of some branch, scenario or customer a prefix of their own. A condition that is not given fits
// every sale; all that are given must fit.
type Series struct {
	Prefix   string       `toml:"prefix"`   // three capitals or digits, without Turkish letters
	Kind     invoice.Kind `toml:"kind"`     // e-fatura, e-arsiv, e-mm or e-smm; empty = every invoice, but no receipt
	Branch   string       `toml:"branch"`   // as the ERP's branch column says it
	Scenario string       `toml:"scenario"` // the invoice's ProfileID, EARSIVFATURA for every e-Arşiv
	Customer string       `toml:"customer"` // the buyer's VKN or TCKN
}

// Pin fixes the route to one buyer.
type Pin struct {
	TaxNo string       `toml:"tax_no"`
	Kind  invoice.Kind `toml:"kind"`  // empty = the registry decides
	Alias string       `toml:"alias"` // the buyer's mailbox; makes it e-Fatura
}
