package mapping

import (
	"strings"

	"github.com/shopspring/decimal"

	"faturad/internal/invoice"
	"faturad/internal/invoice/codes"
)

// The invoice types with rules of their own.
const (
	sale           = "SATIS"
	withheld       = "TEVKIFAT"
	exempt         = "ISTISNA"
	returnGoods    = "IADE"
	returnWithheld = "TEVKIFATIADE"
	specialBase    = "OZELMATRAH"
	registered     = "IHRACKAYITLI"
	accommodation  = "KONAKLAMAVERGISI"
	socialSecurity = "SGK"
	technology     = "TEKNOLOJIDESTEK"
	charging       = "SARJ"
	chargingNow    = "SARJANLIK"
	commission     = "KOMISYONCU"
)

// The scenarios with rules of their own.
const (
	archive      = "EARSIVFATURA"
	export       = "IHRACAT"
	taxFree      = "YOLCUBERABERFATURA"
	specialGoods = "OZELFATURA"
	public       = "KAMU"
	market       = "HKS"
	energy       = "ENERJI"
	medical      = "ILAC_TIBBICIHAZ"
	rebar        = "IDIS"
)

// wish is what the ERP asks for, brought to the e-Fatura side: the types that exist only as e-Arşiv become the pair that
// turns into them when the document is routed there (codes.ArchiveType). Empty = not said.
type wish struct {
	scenario, typ string
	raw           string // the type as the ERP has it
}

// readWish says what kind of invoice the ERP wants, from its columns or from fields that only one kind has.
func (m *mapper) readWish() wish {
	if m.sale.Kind.Receipt() {
		return m.receiptWish()
	}
	w := wish{scenario: strings.ToUpper(clean(m.sale.Scenario)), typ: strings.ToUpper(clean(m.sale.Type))}
	w.raw = w.typ
	open := w.scenario == "" || w.scenario == archive
	switch {
	case strings.HasPrefix(w.typ, "YTB") && codes.Type(w.typ) && (open || w.scenario == codes.Investment):
		w.scenario, w.typ = codes.Investment, strings.TrimPrefix(w.typ, "YTB")
	case (w.typ == "HKSSATIS" || w.typ == "HKSKOMISYONCU") && open:
		w.scenario, w.typ = market, strings.TrimPrefix(w.typ, "HKS")
	case w.typ == commission && w.scenario == "":
		w.scenario = market
	case (w.typ == charging || w.typ == chargingNow) && open:
		w.scenario = energy
	case w.typ == technology && open:
		w.scenario = archive
		return w
	case m.sale.Investment != nil && open:
		w.scenario = codes.Investment
	}
	if w.scenario == archive {
		w.scenario = ""
	}
	switch {
	case codes.EFaturaOnly(w.scenario) && (w.typ == "" || w.typ == sale):
		w.typ = exempt
	case w.typ != "":
	case w.scenario == energy && m.sale.Charging != nil && m.sale.Charging.ReportID != "":
		w.typ = charging
	case w.scenario == energy:
		w.typ = chargingNow
	case m.sale.SGK != nil:
		w.typ = socialSecurity
	}
	return w
}

// isReturn reports whether the sale is a return: wished so, or untyped with a reference to an original.
func (m *mapper) isReturn() bool {
	return codes.Return(m.wish.typ) || m.wish.typ == "" && (m.sale.Return != nil || len(m.sale.MoreReturns) > 0 || m.sale.ReturnKey != "")
}

// content is what the lines say about the type.
type content struct{ withheld, excise, exempt, special, registered, accommodation bool }

func (m *mapper) contentOf(items []item) content {
	var c content
	for i := range items {
		it := &items[i]
		c.withheld = c.withheld || it.withheld
		reasons := []invoice.Exemption{it.exemption}
		free := !m.broken && it.exactNet().Round(2).IsZero()
		for k := range it.taxes {
			t := &it.taxes[k]
			if free && t.exact(decimal.Zero).Round(2).IsZero() { // of a free line: no tax of the document (tidyTaxes)
				continue
			}
			c.excise = c.excise || t.code == codes.ExciseWithholding
			c.accommodation = c.accommodation || t.code == codes.Accommodation
			reasons = append(reasons, t.exemption)
		}
		for _, r := range reasons {
			switch e, ok := codes.ExemptionOf(r.Code); {
			case !ok || e.AllowedIn(sale):
			case codes.SpecialBase(e.Code):
				c.special = true
			case codes.RegisteredExport(e.Code):
				c.registered = true
			default:
				c.exempt = true
			}
		}
	}
	return c
}

// derive finds the type of a sale that wishes none but SATIS: ERPs rarely know more. GİB refuses real exemption codes on
// SATIS, so one exempt line makes the invoice ISTISNA.
func (c content) derive(scenario string) string {
	switch {
	case c.withheld || c.excise:
		return withheld
	case c.exempt:
		return exempt
	case c.registered:
		return registered
	case c.special:
		return specialBase
	case c.accommodation && codes.TypeAllowed(scenario, accommodation):
		return accommodation
	}
	return sale
}

// lacking is the fault of a wished type that the lines do not bear out.
func (c content) lacking(typ string) string {
	switch {
	case typ == withheld && !c.withheld && !c.excise:
		return "type.no_withholding"
	case typ == exempt && !c.exempt:
		return "type.no_exemption"
	case typ == specialBase && !c.special:
		return "type.no_special_base"
	case typ == registered && !c.registered:
		return "type.no_registered_export"
	case typ == accommodation && !c.accommodation:
		return "type.no_accommodation"
	}
	return ""
}

// mayWithhold are the types that show withheld VAT (FACTS section 7); TEVKIFATIADE only returns what was paid.
func mayWithhold(typ string) bool {
	switch typ {
	case withheld, returnGoods, socialSecurity, charging, chargingNow:
		return true
	}
	return false
}

// invoiceType derives the InvoiceTypeCode of the e-Fatura side from wish and content.
func (m *mapper) invoiceType(items []item) string {
	c := m.contentOf(items)
	w := m.wish
	got := w.typ
	switch {
	case w.typ != "" && !codes.Type(w.typ):
		m.fault("type.unknown", "invoice_type", w.raw)
		return sale
	case m.isReturn():
		if got == "" {
			got = returnGoods
		}
		if got == returnWithheld && !m.partReturned {
			m.fault("type.no_withholding", "invoice_type", got)
		}
	case w.typ == "" || w.typ == sale:
		got = c.derive(m.targetScenario(sale))
	default:
		if code := c.lacking(got); code != "" {
			m.fault(code, "invoice_type", got)
		}
	}
	switch {
	case got == withheld && (c.exempt || c.special || c.registered):
		m.fault("type.mixed", "invoice_type", got)
		return got
	case c.withheld && !mayWithhold(got):
		m.fault("type.withholding_refused", "invoice_type", got)
	case c.excise && got != withheld && got != returnGoods && got != socialSecurity:
		m.fault("type.excise_withholding", "invoice_type", got)
	}
	m.checkReasons(items, m.targetScenario(got), got)
	return got
}

// checkReasons compares every reason with the type and the scenario.
func (m *mapper) checkReasons(items []item, scenario, typ string) {
	for i := range items {
		it := &items[i]
		m.checkReason(it.pos, "exemption_code", it.exemption.Code, scenario, typ)
		for k := range it.taxes {
			m.checkReason(it.pos, "tax_exemption_code", it.taxes[k].exemption.Code, scenario, typ)
		}
	}
}

func (m *mapper) checkReason(pos int, column, code, scenario, typ string) {
	if e, ok := codes.ExemptionOf(code); ok && !e.AllowedWith(scenario, typ) {
		m.lineFault("line.exemption.type", pos, column, code, typ)
	}
}

// targetScenario is the ProfileID that a type gets, without a word about it. A return cannot be commercial (FACTS
// section 10).
func (m *mapper) targetScenario(typ string) string {
	got := m.wish.scenario
	if got == "" || got != archive && !codes.Scenario(got) {
		got = m.rules.scenario()
	}
	if typ == returnGoods && got == "TICARIFATURA" {
		got = "TEMELFATURA"
	}
	return got
}

// scenario is the ProfileID for the e-Fatura side; EARSIVFATURA for the one type that has none there.
func (m *mapper) scenario(typ string) string {
	wished := m.wish.scenario
	got := m.targetScenario(typ)
	switch {
	case wished != "" && !codes.Scenario(wished):
		m.fault("scenario.unknown", "scenario", wished)
		return got
	case wished == "TICARIFATURA" && got != wished:
		m.fault("scenario.changed", "scenario", wished)
	}
	if !codes.TypeAllowed(got, typ) {
		m.fault("type.not_in_scenario", "scenario", typ, got)
	}
	switch {
	case got == archive && m.sale.Kind == invoice.EFatura:
		m.fault("kind.archive_only", "kind", typ)
	case codes.EFaturaOnly(got) && m.sale.Kind == invoice.EArsiv:
		m.fault("kind.efatura_only", "kind", got)
	}
	return got
}
