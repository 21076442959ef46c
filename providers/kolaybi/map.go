package kolaybi

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"faturad/internal/fault"
	"faturad/internal/invoice"
	"faturad/internal/invoice/codes"
	"faturad/providers"
)

// mapper makes what KolayBi will be told from an invoice. Every refusal says which field is missing there.
type mapper struct {
	cfg Config
	d   providers.Draft
	inv invoice.Invoice
}

// Key is how a draft carries our key: in its description, which the lists repeat.
func Key(ettn uuid.UUID, export bool) string {
	if export {
		return "[faturad:" + ettn.String() + " ihracat]"
	}
	return "[faturad:" + ettn.String() + "]"
}

var hundred = decimal.NewFromInt(100)

// The enumerations of facts A4.7.
var (
	currencies = []string{"TRY", "USD", "EUR", "GBP", "CHF", "JPY", "CAD", "AUD", "SEK", "NOK", "DKK", "PLN", "CZK", "HUF", "RUB", "CNY", "KRW", "SAR", "AED", "EGP"}
	vatRates   = []int64{0, 1, 8, 10, 18, 20}
	types      = []string{"SATIS", "ISTISNA", "TEVKIFAT", "OZELMATRAH", "IHRACKAYITLI", "IADE"}
	scenarios  = []string{"TEMELFATURA", "TICARIFATURA", scenarioMedical, scenarioExport}
)

const (
	scenarioMedical = "ILAC_TIBBICIHAZ"
	scenarioExport  = "IHRACAT"
	scenarioArchive = "EARSIVFATURA"
	typeReturn      = "IADE"
	typeSpecial     = "OZELMATRAH"
)

// Prepare makes the frozen bytes. They hold everything but the ids of KolayBi's own records, which Ground finds.
func (p *Provider) Prepare(d providers.Draft) (providers.Payload, error) {
	m := mapper{cfg: p.cfg, d: d, inv: d.Invoice}
	out, err := m.prepared()
	if err != nil {
		return providers.Payload{}, err
	}
	return freeze(out)
}

// notCarried is a sale that KolayBi's model has no place for.
func notCarried(format string, args ...any) error {
	return &fault.Error{Class: fault.Permanent, Doing: "preparing an invoice for kolaybi", Code: providers.CodeNotCarried,
		Message: fmt.Sprintf(format, args...), Advice: "Bu faturayı KolayBi panelinden ya da başka bir entegratörle kesin"}
}

func (m *mapper) prepared() (prepared, error) {
	var out prepared
	if err := m.fits(); err != nil {
		return out, err
	}
	contact, address, err := m.buyer()
	if err != nil {
		return out, err
	}
	out = prepared{Key: m.d.ETTN, Contact: contact, Address: address}
	if err := m.header(&out.Invoice); err != nil {
		return out, err
	}
	for i := range m.inv.Lines {
		item, product, err := m.line(m.inv.Lines[i])
		if err != nil {
			return out, err
		}
		out.Invoice.Items = append(out.Invoice.Items, item)
		out.Products = append(out.Products, product)
	}
	for _, add := range []func(*draft) error{m.special, m.internet, m.export} {
		if err := add(&out.Invoice); err != nil {
			return out, err
		}
	}
	out.Grand, err = m.total(&out.Invoice)
	return out, err
}

// fits refuses the kinds of sale whose fields KolayBi does not have.
func (m *mapper) fits() error {
	inv := m.inv
	for _, refuse := range []struct {
		missing bool
		what    string
	}{
		{m.d.Route.Kind != invoice.EFatura && m.d.Route.Kind != invoice.EArsiv, "e-Fatura ve e-Arşiv dışındaki belgeler"},
		{!slices.Contains(types, inv.Type), inv.Type + " fatura tipi"},
		{!slices.Contains(scenarios, m.scenario()) && m.scenario() != scenarioArchive, m.scenario() + " senaryosu"},
		{m.d.Route.Kind == invoice.EArsiv && !slices.Contains([]string{"", "TEMELFATURA", "TICARIFATURA", scenarioArchive}, inv.Scenario), "e-Arşiv faturada " + inv.Scenario + " bilgileri"},
		{!slices.Contains(currencies, inv.Currency), inv.Currency + " para birimi"},
		{inv.Currency != m.cfg.CompanyCurrency && m.cfg.CompanyCurrency != "TRY", "şirketin para biriminden farklı para birimi (kur yalnız TL karşılığı bilinir)"},
		{inv.Period != nil, "fatura dönemi"},
		{inv.SGK != nil, "SGK bilgileri"},
		{inv.ChargeReport != nil, "şarj bilgisi"},
		{inv.Investment != nil, "yatırım teşvik belgesi"},
		{inv.Representative != nil, "aracı kurum"},
		{len(inv.Expenses) > 0, "komisyoncu masrafı"},
		{inv.BuyerCustomer != nil && inv.Scenario != scenarioExport, "asıl alıcı"},
		{inv.Delivery != nil && inv.Scenario != scenarioExport, "teslimat bilgisi"},
		{!inv.Totals.OtherTaxes.IsZero() || !inv.Totals.Deducted.IsZero(), "KDV dışındaki vergiler"},
		{inv.Type == typeReturn && len(inv.Returns) == 0, "asıl faturası belli olmayan iade"},
		{len(inv.Returns) > 1 && m.cfg.ReturnReferences == "flat", "birden fazla iade faturası"},
	} {
		if refuse.missing {
			return notCarried("KolayBi'de %s için alan yok.", refuse.what)
		}
	}
	for _, id := range inv.Buyer.IDs {
		return notCarried("KolayBi'de alıcının %s numarası için alan yok.", id.Scheme)
	}
	return nil
}

func (m *mapper) scenario() string {
	if m.d.Route.Kind == invoice.EArsiv {
		return scenarioArchive
	}
	if m.inv.Scenario == "" {
		return "TEMELFATURA"
	}
	return m.inv.Scenario
}

// header fills what stands beside the items.
func (m *mapper) header(out *draft) error {
	inv := m.inv
	*out = draft{
		Date: inv.IssueDate.String(), Currency: strings.ToLower(inv.Currency), TrackingCurrency: strings.ToLower(m.cfg.CompanyCurrency),
		Type: "sale_invoice", Scenario: m.scenario(), DocumentType: inv.Type, ReceiverEmail: m.d.Route.Email, Tags: m.cfg.Tags,
		ProjectID: m.cfg.ProjectID, ShipmentInclude: m.cfg.ShipmentInclude && len(inv.Despatches) == 0, Description: m.description(),
	}
	if inv.Currency != m.cfg.CompanyCurrency {
		out.ExchangeRate, out.CrossRate = inv.Rate.String(), inv.Rate.String()
	}
	if inv.Payment != nil && !inv.Payment.DueDate.IsZero() {
		out.DueDate = inv.Payment.DueDate.String()
	}
	if inv.Order != nil {
		out.Order = &reference{inv.Order.Number, date(inv.Order.Date)}
	}
	if len(inv.Returns) > 0 {
		out.Type = m.cfg.ReturnType
		list := make([]reference, len(inv.Returns))
		for i, r := range inv.Returns {
			list[i] = reference{r.Number, date(r.Date)}
		}
		out.Returns = list
		if m.cfg.ReturnReferences == "flat" {
			out.Returns = list[0]
		}
	}
	discount := decimal.Zero
	for _, a := range inv.Allowances {
		switch {
		case !a.Charge:
			discount = discount.Add(a.Amount)
		case inv.Scenario != scenarioExport:
			return notCarried("KolayBi'de belge artırımı için alan yok (%s).", a.Reason)
		}
	}
	out.Discount = some(discount)
	for _, t := range inv.Taxes {
		if t.Code == codes.VAT && t.Exemption.Code != "" && !codes.SpecialBase(t.Exemption.Code) && inv.Type != "SATIS" && out.Exemption == "" {
			out.Exemption = t.Exemption.Code
		}
	}
	return nil
}

// description is the printed note: what the sale says, what KolayBi has no field for and may be said in words, and our key.
func (m *mapper) description() string {
	inv := m.inv
	lines := slices.Clone(inv.Notes)
	for _, d := range inv.Despatches {
		lines = append(lines, strings.TrimSpace("İrsaliye: "+d.Number+" "+date(d.Date)))
	}
	if c := inv.Contract; c != nil {
		lines = append(lines, strings.TrimSpace("Sözleşme: "+c.Number+" "+date(c.Date)))
	}
	if p := inv.Payment; p != nil {
		for _, text := range []string{p.IBAN, p.Note} {
			if text != "" {
				lines = append(lines, "Ödeme: "+text)
			}
		}
	}
	return strings.Join(append(lines, Key(m.d.ETTN, inv.Scenario == scenarioExport)), "\n")
}

// total lets KolayBi's arithmetic (sums.go) run over the draft. A difference of a few kuruş goes where KolayBi has a field
// for it; a larger one means that the sale would become another invoice.
func (m *mapper) total(out *draft) (string, error) {
	want := m.inv.Totals.Payable
	if m.cfg.WithheldTotal == "before" {
		want = want.Add(m.inv.Totals.Withheld)
	}
	sums := sumsOf(*out)
	got := sums.grand
	if m.cfg.WithheldTotal == "before" {
		got = got.Add(sums.withheld)
	}
	correction := want.Sub(got)
	limit := decimal.Max(m.cfg.CorrectionLimit.Decimal, m.inv.Totals.Rounding.Abs())
	if correction.Abs().GreaterThan(limit) {
		return "", notCarried("KolayBi bu satış için %s hesaplardı, ERP'deki tutar %s; fark %s.", got.StringFixed(2), want.StringFixed(2), correction.StringFixed(2))
	}
	out.Correction = some(correction)
	return want.StringFixed(2), nil
}

func date(d invoice.Date) string {
	if d.IsZero() {
		return ""
	}
	return d.String()
}

// thaw reads what Prepare froze.
func thaw(payload providers.Payload) (prepared, error) {
	var out prepared
	if err := json.Unmarshal(payload.Bytes, &out); err != nil {
		return out, fault.New(fault.Permanent, "reading the frozen invoice for kolaybi", err)
	}
	return out, nil
}
