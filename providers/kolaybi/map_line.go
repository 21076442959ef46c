package kolaybi

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"faturad/internal/invoice"
	"faturad/internal/invoice/codes"
)

// piece are the units that say no more than KolayBi's own default.
var piece = []string{"C62", "NIU", "H87"}

// service are the units of what is no goods.
var service = []string{"HUR", "DAY", "WEE", "MON", "ANN"}

// line makes the item and the product that it sells.
func (m *mapper) line(l invoice.Line) (item, product, error) {
	out := item{Quantity: digits(l.Quantity), Description: l.Description}
	p := product{Name: l.Name, Code: productCode(l), Type: "good"}
	if slices.Contains(service, l.Unit) {
		p.Type = "service"
	}
	if !slices.Contains(piece, l.Unit) {
		if m.cfg.UnitPolicy == UnitRefuse {
			return out, p, notCarried("KolayBi'de satır birimi için alan yok (satır %s, %s).", l.ID, l.Unit)
		}
		name, known := codes.Unit(l.Unit)
		if !known {
			name = l.Unit
		}
		out.Description = strings.TrimSpace(l.Quantity.String() + " " + name + " " + out.Description)
	}
	discount := decimal.Zero
	for _, a := range l.Allowances {
		if a.Charge {
			return out, p, notCarried("KolayBi'de satır artırımı için alan yok (satır %s).", l.ID)
		}
		discount = discount.Add(a.Amount)
	}
	out.Discount = some(discount)
	if l.Quantity.IsZero() {
		return out, p, notCarried("KolayBi'de miktarı sıfır olan satır kesilemez (satır %s).", l.ID)
	}
	price := l.UnitPrice
	if !l.Quantity.Mul(price).Sub(discount).Round(2).Equal(l.Net) { // a price that was rounded from one with VAT
		price = l.Net.Add(discount).DivRound(l.Quantity, 8)
	}
	out.UnitPrice = digits(price)
	if err := m.tax(l, &out); err != nil {
		return out, p, err
	}
	if err := m.identify(l, &out); err != nil {
		return out, p, err
	}
	p.VAT = out.VAT
	if l.Asset != nil {
		return out, p, notCarried("KolayBi'de seri numarası ve harcama tipi için alan yok (satır %s).", l.ID)
	}
	if d := l.Delivery; d != nil {
		if d.BuyerLineCode != "" || d.SellerLineCode != "" {
			return out, p, notCarried("KolayBi'de DİİB satır kodu için alan yok (satır %s).", l.ID)
		}
		if m.inv.Scenario != scenarioExport && d.CustomsID == "" {
			return out, p, notCarried("KolayBi'de satır teslimatı için alan yok (satır %s).", l.ID)
		}
		out.GTIP = d.CustomsID
	}
	return out, p, nil
}

// tax fills VAT, exemption and withholding.
func (m *mapper) tax(l invoice.Line, out *item) error {
	vats := 0
	for _, t := range l.Taxes {
		if t.Code != codes.VAT || t.Fixed || t.NotAdded {
			return notCarried("KolayBi'de %s vergisi için alan yok (satır %s).", t.Code, l.ID)
		}
		vats++
		special := codes.SpecialBase(t.Exemption.Code)
		if !special {
			out.VAT = number{t.Rate}
			if !slices.Contains(vatRates, t.Rate.IntPart()) || !t.Rate.IsInteger() {
				return notCarried("KolayBi %%%s KDV oranını tanımıyor (satır %s).", t.Rate, l.ID)
			}
		}
		if code := t.Exemption.Code; code != "" && !special {
			if m.cfg.LineExemption == "exemption_code" {
				out.ExemptionOther = code
			} else {
				out.Exemption = code
			}
		}
	}
	if vats != 1 {
		return notCarried("KolayBi'de her satırda bir KDV olmalı (satır %s).", l.ID)
	}
	if len(l.Withholding) > 1 {
		return notCarried("KolayBi'de satır başına bir tevkifat olabilir (satır %s).", l.ID)
	}
	for _, w := range l.Withholding {
		out.WithholdingCode, out.WithholdingValue, out.WithholdingType = w.Code, &number{w.Rate}, "PERCENTAGE"
	}
	return nil
}

// productCode is the seller's own code, else one made of the name: the same text is the same product.
func productCode(l invoice.Line) string {
	if l.SKU != "" {
		return l.SKU
	}
	sum := sha256.Sum256([]byte(fold(l.Name)))
	return "F-" + strings.ToUpper(hex.EncodeToString(sum[:5]))
}

// identify fills the pieces of medicines and medical devices. The ERP gives each as the text of its data matrix, as the drug
// and device registers define it: (01)08699…(21)serial(17)YYMMDD(10)batch, and (01)UNO(10)lot(21)serial(11)YYMMDD.
func (m *mapper) identify(l invoice.Line, out *item) error {
	if len(l.IDs) == 0 && m.inv.Scenario != scenarioMedical {
		return nil
	}
	for _, id := range l.IDs {
		kind := map[string]string{"ILAC": "medicine", "TIBBICIHAZ": "medical_device"}[id.Scheme]
		if m.inv.Scenario != scenarioMedical || kind == "" || out.Medical != "" && out.Medical != kind {
			return notCarried("KolayBi'de %s ürün kimliği için alan yok (satır %s).", id.Scheme, l.ID)
		}
		out.Medical = kind
		parts := matrix(id.Value)
		var piece identification
		var complete bool
		if kind == "medicine" {
			piece = identification{Batch: parts["10"], GTIN: parts["01"], Serial: parts["21"], Expires: day(parts["17"])}
			complete = piece.Batch != "" && piece.GTIN != "" && piece.Serial != "" && piece.Expires != ""
		} else {
			piece = identification{Product: parts["01"], Lot: parts["10"], DeviceSerial: parts["21"], Made: day(parts["11"])}
			complete = piece.Product != "" && piece.Lot != "" && piece.DeviceSerial != "" && piece.Made != ""
		}
		if !complete {
			return notCarried("KolayBi %s için karekodun tamamını ister, örneğin (01)08699999999991(21)SERI1(17)281231(10)PARTI1; tıbbi cihazda (11) üretim tarihi (satır %s: %q).",
				id.Scheme, l.ID, id.Value)
		}
		out.Identifications = append(out.Identifications, piece)
	}
	n := decimal.NewFromInt(int64(len(out.Identifications)))
	if n.IsZero() || n.GreaterThan(l.Quantity) {
		return notCarried("KolayBi satırda en az bir, en çok miktar kadar ürün bilgisi ister (satır %s: %s bilgi, miktar %s).", l.ID, n, l.Quantity)
	}
	return nil
}

// matrix takes a data matrix text with bracketed identifiers apart.
func matrix(text string) map[string]string {
	out := map[string]string{}
	for part := range strings.SplitSeq(text, "(") {
		if id, value, ok := strings.Cut(part, ")"); ok {
			out[id] = strings.TrimSpace(value)
		}
	}
	return out
}

// day turns YYMMDD into a date; day 00 means the last of the month and is refused as incomplete.
func day(yymmdd string) string {
	if len(yymmdd) != 6 {
		return ""
	}
	d, err := invoice.ParseDate("20" + yymmdd[:2] + "-" + yymmdd[2:4] + "-" + yymmdd[4:])
	if err != nil {
		return ""
	}
	return d.String()
}
