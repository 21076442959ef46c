package erp

import (
	"time"

	"faturad/internal/invoice"
)

// Config describes one ERP database: what to ask, how to read the answers, what to write back. A preset file and the
// [company.erp] table of the config have this same shape; Over lays one over the other.
type Config struct {
	Title string `toml:"title"` // one line for `faturad init`; presets only

	ID     string            `toml:"id"`     // part of every ETTN: never change it
	DSN    string            `toml:"-"`      // filled by internal/config, which keeps secrets
	Preset string            `toml:"preset"` // name of an embedded preset, or the path of a .toml file
	Start  invoice.Date      `toml:"start"`  // sales before this day are never offered: bound as :start
	Vars   map[string]string `toml:"vars"`   // {name} in any SQL: table prefix, company number; letters, digits, _ and $ only

	Decode      string              `toml:"decode"`      // charset of the bytes inside latin1 columns ("windows-1254"); empty = the columns' charsets are true
	Unencodable string              `toml:"unencodable"` // what replaces a character that the target column cannot hold: default "?"; "refuse" fails the document
	TimeZone    string              `toml:"time_zone"`   // session time_zone of every connection, and zone of the times written; default "+03:00"
	Zones       map[string]string   `toml:"zones"`       // alias -> zone of the stored date and time ("UTC", "Europe/Istanbul", "unix"); default: local time of Türkiye
	ZeroDate    string              `toml:"zero_date"`   // "null" (default): 0000-00-00 means none; "fault": it is an error of the row
	Require     map[string][]string `toml:"require"`     // table -> columns that must exist: a wrong version of the ERP is named at start
	Settle      Duration            `toml:"settle"`      // how old a sale must be: bound as :settle (seconds) in pending
	Batch       int                 `toml:"batch"`       // keys per header and lines query; default 100
	Timeout     Duration            `toml:"timeout"`     // for one query; default 30s

	TurkishSample string `toml:"turkish_sample"` // SELECT of real names and towns; `check` refuses damaged letters

	Documents []Document                   `toml:"document"`
	Text      Text                         `toml:"text"`
	Money     Money                        `toml:"money"`
	Map       map[string]map[string]string `toml:"map"` // table -> value in the ERP -> value of the contract; "*" = default, "" = empty
	On        map[string][]Statement       `toml:"on"`  // event -> statements, in order

	Requests string   `toml:"requests"` // SELECT of requests entered in the ERP
	Answers  string   `toml:"answers"`  // SELECT of answers to received invoices entered in the ERP
	Grants   []string `toml:"grants"`   // further tables that need SELECT (views' base tables, tables behind functions)

	places places // where each key stands in its file
}

// Document is one kind of sale with its own key space.
type Document struct {
	Name        string            `toml:"name"`         // the key space: part of every ETTN, never change it
	Key         []string          `toml:"key"`          // key columns with types: "trans_no:int", "name:text"
	Pending     string            `toml:"pending"`      // SELECT of the keys to issue, in the order of their dates; cheap, bounded by our own marks
	Known       string            `toml:"known"`        // SELECT of the keys that carry our marks, with ettn, number, status
	Recheck     string            `toml:"recheck"`      // SELECT of keys since :since whose content may have changed
	Header      string            `toml:"header"`       // one row a key, WHERE key IN (:keys)
	Lines       string            `toml:"lines"`        // rows WHERE key IN (:keys), in their order
	Default     map[string]string `toml:"default"`      // header alias -> value where the row has none
	LineDefault map[string]string `toml:"line_default"` // line alias -> value where the row has none
}

// Text says how texts are cleaned. Every text is decoded, freed of control characters, put into NFC and trimmed anyway.
// A name is an alias, or a further column that some rule reads; "*" stands for all.
type Text struct {
	UnescapeHTML []string            `toml:"unescape_html"` // &amp; &#601; and the like, once
	StripHTML    []string            `toml:"strip_html"`    // tags out, <br> and </p> become line breaks
	Charset      map[string]string   `toml:"charset"`       // BLOB column -> charset of its bytes; "none" exempts a column from decode
	First        map[string][]string `toml:"first"`         // alias -> columns; the first that is not empty counts
	Extract      []Extract           `toml:"extract"`
	Replace      []Replace           `toml:"replace"`
	MaxLength    map[string]int      `toml:"max_length"` // alias -> characters
}

// Extract splits one text into several aliases by the named groups of a pattern (RE2). An alias that already has a
// value keeps it.
type Extract struct {
	From      []string `toml:"from"`      // the first of these columns that is not empty
	Lines     bool     `toml:"lines"`     // the columns belong to the lines query
	Patterns  []string `toml:"patterns"`  // the first that matches counts
	Otherwise string   `toml:"otherwise"` // alias that gets the whole text when none matches; empty = nothing
}

// Replace changes what a pattern matches in some aliases; With may use $1.
type Replace struct {
	In      []string `toml:"in"`
	Pattern string   `toml:"pattern"`
	With    string   `toml:"with"`
}

// Money says how numbers are read. Names are aliases; "line.net" means the alias of the lines only.
type Money struct {
	Scale         map[string]int      `toml:"scale"`          // alias -> decimals to round to; floats without one: 8
	DecimalMark   string              `toml:"decimal_mark"`   // of numbers kept as text: "." (default) or ","
	PriceBasis    invoice.PriceBasis  `toml:"price_basis"`    // net (default) or gross, where no column says it
	RateDirection string              `toml:"rate_direction"` // "base_per_foreign" (default) or "foreign_per_base"
	RateScale     *int                `toml:"rate_scale"`     // decimals of the exchange rate; default 6
	VATUnit       string              `toml:"vat_unit"`       // of vat_rate: "percent" (default), "fraction", "ratio" (from vat and net)
	VATRates      []string            `toml:"vat_rates"`      // legal rates to snap to; default 0, 1, 10, 20
	VATTolerance  string              `toml:"vat_tolerance"`  // snap within so many points (ratio: so much money); default 0, ratio 0.02
	VATFallback   string              `toml:"vat_fallback"`   // ratio: rate of a line with neither net nor VAT
	DiscountUnit  string              `toml:"discount_unit"`  // of discount_rate: "percent" (default) or "fraction"
	Sign          map[string]SignRule `toml:"sign"`           // invoice type -> rule; "*" = every other type
}

// SignRule says what to do with signs: "keep" (default), "negate" or "abs".
type SignRule struct {
	Header   string `toml:"header"`   // amounts of the header
	Lines    string `toml:"lines"`    // prices and amounts of the lines
	Quantity string `toml:"quantity"` // quantities of the lines
}

// Statement is one guarded write. It sets values and never increments: running it twice is the same as once.
type Statement struct {
	SQL      string            `toml:"sql"`
	Each     string            `toml:"each"`     // on.received and on.file: "invoice" (default), "line", "tax", "party", "reference" or "file"
	When     string            `toml:"when"`     // "not_found": only when the last statement without `when` found no row
	Only     []string          `toml:"only"`     // names of documents it is for; empty = all
	MayMiss  bool              `toml:"may_miss"` // an UPDATE that finds no row is no error
	Length   map[string]int    `toml:"length"`   // parameter -> characters to cut it to, where the column does not tell
	Encode   *bool             `toml:"encode"`   // apply the inverse of `decode`; default: where the target table is latin1
	Defaults map[string]string `toml:"defaults"` // parameter -> value where it would be NULL
}

// Duration is a time span written "30s".
type Duration struct{ time.Duration }

// UnmarshalText reads "30s", "2m".
func (d *Duration) UnmarshalText(b []byte) error {
	v, err := time.ParseDuration(string(b))
	if err != nil {
		return err
	}
	d.Duration = v
	return nil
}

// MarshalText prints "30s".
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }
