package providers

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Descriptor is what a person has to know about a provider, in one place: docs/providers/KIND.md, the account block of
// config.example.toml and `faturad providers` are made from it. What a provider promises is not said here: that is
// Capabilities and the optional interfaces, and asked of the provider itself.
type Descriptor struct {
	Kind        string    // as in the config
	Title       string    // as its own people write it
	About       string    // one sentence
	Checked     string    // day on which its facts were last checked, YYYY-MM-DD
	Addresses   []Address // the first is what the example shows
	Credentials []Setting // what its people give to the customer
	Options     []Setting
	Limits      []string // what it does not do, and what it allows no more than; one sentence each
	Assumed     []string // what nobody could confirm and no setting changes; one sentence each
	Links       []Link
}

// Address is a base URL.
type Address struct {
	Name string // "test" or "live"
	URL  string
}

// Setting is one key of an account's block in the config.
type Setting struct {
	// Key is relative to the account; "kolaybi.tags" stands in [company.account.kolaybi].
	Key     string
	Default string // as TOML; empty = it must be given, or there is none
	Example string // as TOML, for the example block; empty = the default
	Meaning string // half a sentence, without a full stop
	Secret  bool   // never written into the config itself
	// Assumed marks a default that nobody could confirm.
	Assumed bool
	// Instead marks a credential of another way to log in, which the example block leaves out.
	Instead bool
}

// Link is a page to read next.
type Link struct{ Title, URL string }

// Ability is an optional interface in words.
type Ability struct {
	Name string // short, as `faturad providers --json` says it
	Does string // half a sentence
	Has  bool
}

// Abilities says which optional interfaces p leads to, in a fixed order.
func Abilities(p Provider) []Ability {
	return []Ability{
		ability[Grounder](p, "ground", "makes contacts and products before the document"),
		ability[Releaser](p, "release", "releases drafts, queues failed documents again"),
		ability[Updater](p, "update", "replaces a failed document or draft under the same ETTN"),
		ability[Canceller](p, "cancel", "cancels, where the law allows"),
		ability[DraftKeeper](p, "delete_drafts", "deletes drafts that nobody needs"),
		ability[StatusReader](p, "status", "tells where a document stands"),
		ability[Lister](p, "list_issued", "lists what was issued, for `faturad audit`"),
		ability[KeyLister](p, "list_keys", "tells a restored ledger what it forgot"),
		ability[ForeignLister](p, "list_foreign", "lists what was made past faturad"),
		ability[Downloader](p, "download", "gives a document's files"),
		ability[Inbox](p, "inbox", "lists and gives incoming invoices"),
		ability[Answerer](p, "answer", "accepts or rejects incoming commercial invoices"),
		ability[BuyerAnswers](p, "buyer_answers", "tells what the buyer wrote back"),
		ability[Mailer](p, "mail", "tells where the mail to the buyer stands, and sends it again"),
		ability[TaxpayerSource](p, "taxpayers", "has the list of e-invoice taxpayers"),
		ability[CodeSource](p, "codes", "has code lists"),
		ability[Checker](p, "check", "can be asked whether address and key are right"),
	}
}

func ability[T any](p Provider, name, does string) Ability {
	_, has := As[T](p)
	return Ability{Name: name, Does: does, Has: has}
}

// Written is a duration as people write it in the config: "90s" and "6m" instead of "1m30s" and "6m0s".
func Written(d time.Duration) string {
	s := d.String()
	if d%time.Minute == 0 {
		s = strings.TrimSuffix(s, "0s")
	}
	if d%time.Hour == 0 {
		s = strings.TrimSuffix(s, "0m")
	}
	if d < 2*time.Minute && d%time.Second == 0 {
		s = strconv.Itoa(int(d/time.Second)) + "s"
	}
	return strconv.Quote(s)
}

// cancelDays is "e-arsiv 185, e-fatura 60".
func (c Capabilities) cancelDays() string {
	var out []string
	for _, kind := range slices.Sorted(maps.Keys(c.CancelDays)) {
		out = append(out, fmt.Sprintf("%s %d", kind, c.CancelDays[kind]))
	}
	return cmp.Or(strings.Join(out, ", "), "none: its answers do not tell")
}

// Promise is one field of Capabilities in words.
type Promise struct{ Name, Text, Value string }

// Promises are the capabilities in words, in a fixed order.
func (c Capabilities) Promises() []Promise {
	yes := func(b bool) string {
		if b {
			return "yes"
		}
		return "no"
	}
	rate := "none known"
	if c.RatePerSecond > 0 {
		rate = strconv.FormatFloat(c.RatePerSecond, 'g', -1, 64)
	}
	return []Promise{
		{"takes_ettn", "our ETTN becomes the document's", yes(c.TakesETTN)},
		{"refuses_used_ettn", "a second document with the same ETTN is refused", yes(c.RefusesUsedETTN)},
		{"refuses_used_reference", "a second document with the same local reference is refused", yes(c.RefusesUsedReference)},
		{"finds_by_ettn", "a look-up by ETTN is to be believed", yes(c.FindsByETTN)},
		{"finds_by_reference", "a look-up by local reference is to be believed", yes(c.FindsByReference)},
		{"numbers", "it gives the numbers", yes(c.Numbers)},
		{"drafts", "it can hold a document without legal effect", yes(c.Drafts)},
		{"cancels_drafts", "a draft can be taken away again", yes(c.CancelsDrafts)},
		{"two_step", "a create makes a draft only; a release is the legal step", yes(c.TwoStep)},
		{"inbox_flag", "it marks incoming invoices as new", yes(c.InboxFlag)},
		{"quarantine", "an absence is disbelieved for", strings.Trim(Written(c.Quarantine), `"`)},
		{"request_timeout", "deadline of one creating request", strings.Trim(Written(c.RequestTimeout), `"`)},
		{"rate_per_second", "requests a second at most", rate},
		{"cancel_days", "days after its date that an accepted document is asked for again, because somebody may cancel it in a portal", c.cancelDays()},
	}
}
