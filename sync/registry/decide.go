package registry

import (
	"fmt"
	"strings"

	"faturad/internal/invoice"
	"faturad/internal/invoice/codes"
)

// Pin is a wish about the route that outranks the list. The zero value wishes nothing.
type Pin struct {
	Kind  invoice.Kind // e-fatura or e-arsiv, from the ERP also e-mm or e-smm; empty = none, or e-fatura when Alias is given
	Alias string       // the buyer's mailbox
}

// kind is what the pin says about the kind; a mailbox alone means e-Fatura.
func (p Pin) kind() invoice.Kind {
	if p.Kind == "" && p.Alias != "" {
		return invoice.EFatura
	}
	return p.Kind
}

// Question is what Decide decides about.
type Question struct {
	TaxNo    string // the buyer's, checked
	Scenario string // the invoice's ProfileID; empty = one that goes either way
	ERP      Pin    // from the sale's columns; comes first
	Config   Pin    // from the config, for this buyer or for all; comes second
	Nowhere  bool   // there is no list to import: the provider has none, and the config names no other account's
}

// Source says who decided.
type Source string

// The sources, in their rank.
const (
	FromERP         Source = "erp"
	FromConfig      Source = "config"
	FromScenario    Source = "scenario"    // the invoice exists on one side only
	FromPlaceholder Source = "placeholder" // a buyer without a tax number of their own
	FromRegistry    Source = "registry"
)

// Decision is the route of a document, with its grounds, which are recorded with it.
type Decision struct {
	Kind        invoice.Kind
	Alias       string // e-Fatura only
	KindSource  Source
	AliasSource Source
	Candidates  []string // all mailboxes when the list offered several
}

// Chosen reports whether somebody may ask why: there were several mailboxes, or the scenario alone decided.
func (d Decision) Chosen() bool { return len(d.Candidates) > 1 || d.KindSource == FromScenario }

// String is one line for the document's history.
func (d Decision) String() string {
	s := fmt.Sprintf("%s by %s", d.Kind, d.KindSource)
	if d.Alias != "" {
		s += fmt.Sprintf(", %s by %s", d.Alias, d.AliasSource)
	}
	if len(d.Candidates) > 1 {
		s += fmt.Sprintf(", chosen from %d: %s", len(d.Candidates), strings.Join(d.Candidates, " "))
	}
	return s
}

// Decide chooses e-Fatura or e-Arşiv and the mailbox, or the receipt that the ERP asks for: its column before the config before the list. entries is
// what Lookup returned for the environment, nil when no list was ever imported. A blocking fault means that the document
// must be held; the Decision is then meaningless.
func Decide(q Question, entries map[string]Entry) (Decision, invoice.Faults) {
	entry, registered := entries[q.TaxNo]
	d := Decision{}
	switch {
	case q.ERP.Kind.Receipt(): // only the sale can ask for one, and nobody has a mailbox for it
		return Decision{Kind: q.ERP.Kind, KindSource: FromERP}, nil
	case q.Scenario == Archive: // TEKNOLOJIDESTEK: whatever list and pins say, there is no e-Fatura of it
		d.Kind, d.KindSource = invoice.EArsiv, FromScenario
	case codes.EFaturaOnly(q.Scenario):
		d.Kind, d.KindSource = invoice.EFatura, FromScenario
	case q.ERP.kind() != "":
		d.Kind, d.KindSource = q.ERP.kind(), FromERP
	case q.Config.kind() != "":
		d.Kind, d.KindSource = q.Config.kind(), FromConfig
	case q.TaxNo == invoice.FinalConsumer || q.TaxNo == invoice.ForeignBuyer:
		d.Kind, d.KindSource = invoice.EArsiv, FromPlaceholder
	case entries == nil:
		return Decision{}, invoice.Faults{noList(q.Nowhere)}
	case registered:
		d.Kind, d.KindSource = invoice.EFatura, FromRegistry
	default:
		d.Kind, d.KindSource = invoice.EArsiv, FromRegistry
	}
	switch d.Kind {
	case invoice.EFatura:
		return addressed(d, q, entry, registered, entries != nil)
	case invoice.EArsiv:
		if registered && d.KindSource != FromScenario {
			return d, invoice.Faults{registeredBuyer(d.KindSource)}
		}
		return d, nil
	default:
		return Decision{}, invoice.Faults{otherKind(d.Kind)}
	}
}

// addressed adds the mailbox of an e-Fatura.
func addressed(d Decision, q Question, entry Entry, registered, imported bool) (Decision, invoice.Faults) {
	switch {
	case q.ERP.Alias != "":
		d.Alias, d.AliasSource = q.ERP.Alias, FromERP
	case q.Config.Alias != "":
		d.Alias, d.AliasSource = q.Config.Alias, FromConfig
	case q.TaxNo == invoice.Customs && codes.EFaturaOnly(q.Scenario):
		d.Alias, d.AliasSource = customsBox(q.Scenario, entry.Aliases), FromScenario
	case registered:
		boxes := entry.Aliases
		if q.Scenario == publicSector && len(entry.Public) > 0 {
			boxes = entry.Public
		}
		d.Alias, d.AliasSource = preferred(boxes), FromRegistry
		if len(entry.Aliases) > 1 {
			d.Candidates = entry.Aliases
		}
		if q.Scenario == publicSector && len(entry.Public) == 0 {
			return d, invoice.Faults{notPublic()}
		}
	case !imported && !q.Nowhere:
		return Decision{}, invoice.Faults{noList(false)}
	default:
		return Decision{}, invoice.Faults{noMailbox(d.KindSource)}
	}
	return d, nil
}

// The scenarios by which a mailbox is chosen.
const (
	Archive      = "EARSIVFATURA"
	publicSector = "KAMU"
	taxFree      = "YOLCUBERABERFATURA"
)

// The two mailboxes of the customs: exports (IHRACAT, OZELFATURA) go to one, sales to travellers to the other
// (GİB's guides to the export invoice and to the tax-free invoice).
const (
	exportBox  = "urn:mail:ihracatpk@gtb.gov.tr"
	taxFreeBox = "urn:mail:yolcuberaberpk@gtb.gov.tr"
)

// customsBox is the customs' mailbox of a scenario, as the list writes it; the published one where the list lacks it.
func customsBox(scenario string, listed []string) string {
	want := exportBox
	if scenario == taxFree {
		want = taxFreeBox
	}
	local, _, _ := strings.Cut(strings.TrimPrefix(want, "urn:mail:"), "@")
	for _, a := range listed {
		if strings.Contains(strings.ToLower(a), local) {
			return a
		}
	}
	return want
}

// preferred is the mailbox that calls itself the default, else the first in the stable order.
func preferred(aliases []string) string {
	for _, a := range aliases {
		if strings.Contains(strings.ToLower(a), "defaultpk") {
			return a
		}
	}
	return aliases[0]
}
