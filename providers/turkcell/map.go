package turkcell

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/shopspring/decimal"

	"faturad/internal/invoice"
	"faturad/internal/invoice/codes"
	"faturad/providers"
)

// vatCode is VAT in GİB's list of taxes; withheldCode marks withholding in the JSON model's own list (facts 3.4.1).
const (
	vatCode      = "0015"
	withheldCode = "9015"
)

const useUBL = "Bu satış için format = \"ubl\" ayarını kullanın"

// buildModel writes the JSON create model. Whatever the model cannot carry, or would carry with other totals than ours, is
// refused: nothing is dropped in silence.
func (p *Provider) buildModel(d providers.Draft) ([]byte, error) {
	inv := d.Invoice
	if err := fitsModel(inv); err != nil {
		return nil, err
	}
	profile, known := codeOf(scenarios[:], inv.Scenario)
	if d.Route.Kind == invoice.EArsiv {
		profile, known = codeOf(scenarios[:], "EARSIVFATURA")
	}
	if !known {
		return nil, notCarried(fmt.Sprintf("JSON modelinde %q senaryosu yok.", inv.Scenario), useUBL)
	}
	typ := inv.Type
	if d.Route.Kind == invoice.EArsiv {
		typ = codes.ArchiveType(inv.Scenario, inv.Type)
	}
	kind, known := codeOf(types[:], typ)
	if !known {
		return nil, notCarried(fmt.Sprintf("JSON modelinde %q fatura tipi yok.", typ), useUBL)
	}
	m := model{
		RecordType: 1, Status: statusCode(d.Route.Draft), LocalReferenceID: d.LocalReference, XSLTCode: p.cfg.XSLTCode,
		AddressBook: receiver(inv.Buyer, d.Route),
		GeneralInfo: generalInfo{
			ETTN: d.ETTN.String(), Prefix: d.Route.Prefix, Profile: profile, Type: kind,
			IssueDate: inv.IssueDate.String() + "T" + inv.IssueTime, Currency: inv.Currency,
		},
		Settings: ublSettings{UseCalculatedVATAmount: true, UseCalculatedTotalSummary: true},

		BuyerCustomer: realBuyer(inv), Representative: representative(inv.Representative), SGK: additionalInfo(inv.SGK),
	}
	if p.cfg.OwnNumbers {
		number, err := ownNumber(d)
		if err != nil {
			return nil, err
		}
		m.UseManualInvoiceID, m.GeneralInfo.InvoiceNumber = true, number
	}
	if inv.Currency != "TRY" {
		m.GeneralInfo.ExchangeRate = amount{inv.Rate}
	}
	for _, note := range inv.Notes {
		m.Notes = append(m.Notes, modelNote{note})
	}
	if len(inv.Returns) == 1 {
		m.GeneralInfo.ReturnInvoiceNumber, m.GeneralInfo.ReturnInvoiceDate = inv.Returns[0].Number, midnight(inv.Returns[0].Date)
	}
	for _, l := range inv.Lines {
		line, err := modelLineOf(inv, l)
		if err != nil {
			return nil, err
		}
		m.Lines = append(m.Lines, line)
	}
	for _, despatch := range inv.Despatches {
		m.Despatches = append(m.Despatches, modelDespatch{despatch.Number, midnight(despatch.Date)})
	}
	if inv.Order != nil {
		m.Order = &orderInfo{inv.Order.Number, midnight(inv.Order.Date)}
	}
	if inv.Payment != nil {
		m.PaymentMeans, m.PaymentTerms = payment(*inv.Payment, inv.IssueDate)
	}
	if d.Route.Kind == invoice.EArsiv {
		p.archive(&m, d)
	}
	return encodeModel(m)
}

func encodeModel(m any) ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(m); err != nil {
		return nil, fmt.Errorf("writing the JSON model: %w", err)
	}
	return bytes.TrimRight(b.Bytes(), "\n"), nil
}

// fitsModel refuses content that the model has no field for, or whose totals the provider would compute otherwise.
func fitsModel(inv invoice.Invoice) error {
	if err := fitsKind(inv); err != nil {
		return err
	}
	vat, other, kept, withheld, net := decimal.Zero, decimal.Zero, decimal.Zero, decimal.Zero, decimal.Zero
	for _, l := range inv.Lines {
		net = net.Add(l.Net)
		for _, t := range l.Taxes {
			switch {
			case t.Code == vatCode:
				vat = vat.Add(t.Amount)
			case codes.Deducted(t.Code):
				kept = kept.Add(t.Amount)
			default:
				other = other.Add(t.Amount)
			}
		}
		for _, w := range l.Withholding {
			withheld = withheld.Add(w.Amount)
		}
	}
	t := inv.Totals
	switch {
	case len(inv.Files) > 0:
		return notCarried("JSON modelinde ek dosya için alan yok.", useUBL)
	case len(inv.Allowances) > 0:
		return notCarried("JSON modelinde belge iskontosu ya da artırımı yok.", useUBL)
	case len(inv.Returns) > 1:
		return notCarried("JSON modelinde yalnız bir iade faturası belirtilebilir.", useUBL)
	case !t.Rounding.IsZero():
		return notCarried("JSON modelinde yuvarlama tutarı yok.", useUBL)
	case inv.Internet != nil && (inv.Internet.CarrierTaxNo == "" || inv.Internet.CarrierName == "" || inv.Internet.ShipmentDate.IsZero()):
		return notCarried("JSON modelinde internet satışı taşıyıcısız gönderilemez: taşıyıcının vergi numarası, adı ve gönderim tarihi gerekir.",
			"Satışa carrier_tax_no, carrier_name ve shipment_date girin ya da format = \"ubl\" ayarını kullanın")
	case !net.Equal(t.LineExtension), !vat.Equal(t.VAT), !withheld.Equal(t.Withheld),
		!other.Equal(t.OtherTaxes), !kept.Equal(t.Deducted), !net.Add(vat).Add(other).Sub(withheld).Sub(kept).Equal(t.Payable):
		return notCarried("Satırların toplamı belgenin toplamını vermiyor; JSON modelinde belge toplamı ayrıca gönderilemez.", useUBL)
	}
	for _, id := range inv.Buyer.IDs {
		if id.Scheme != "TICARETSICILNO" {
			return notCarried(fmt.Sprintf("JSON modelinde alıcının %s numarası için alan yok.", id.Scheme), useUBL)
		}
	}
	return nil
}

func modelLineOf(inv invoice.Invoice, l invoice.Line) (modelLine, error) {
	out := modelLine{
		Name: l.Name, Description: l.Description, Quantity: amount{l.Quantity}, Unit: l.Unit, UnitPrice: amount{l.UnitPrice},
		LineExtension: amount{l.Net}, SKU: l.SKU, BuyerSKU: l.BuyerSKU,
	}
	discount := decimal.Zero
	for _, a := range l.Allowances {
		if a.Charge {
			return out, notCarried("JSON modelinde satır artırımı yok (satır "+l.ID+").", useUBL)
		}
		discount = discount.Add(a.Amount)
	}
	if len(l.Allowances) > 0 {
		out.DiscountAmount = some(discount)
		if rate := l.Allowances[0].Rate; len(l.Allowances) == 1 && rate.Valid {
			out.DiscountRate = some(rate.Decimal)
		}
	}
	if err := lineTaxes(inv, l, &out); err != nil {
		return out, err
	}
	if err := lineKind(l, &out); err != nil {
		return out, err
	}
	for _, w := range l.Withholding {
		out.Taxes = append(out.Taxes, modelTax{
			Code: withheldCode, Name: "KDV Tevkifatı", WithholdingCode: w.Code, Rate: amount{w.Rate}, Amount: amount{w.Amount}, Taxable: amount{w.Taxable},
		})
	}
	return out, nil
}

// receiver fills the address book. Persons are split: the provider demands a surname with eleven digits.
func receiver(b invoice.Party, route providers.Route) addressBook {
	out := addressBook{
		TaxNo: b.TaxNo, Name: b.Name, Street: b.Address.Street, BuildingNumber: b.Address.BuildingNo, DoorNumber: b.Address.DoorNo,
		District: b.Address.District, City: b.Address.City, ZipCode: b.Address.PostCode, Country: b.Address.CountryName,
		Phone: b.Phone, Fax: b.Fax, Email: b.Email, Website: b.Website, TaxOffice: b.TaxOffice,
	}
	if len(b.TaxNo) == 11 {
		out.Name, out.Surname = b.FirstName, b.LastName
	}
	if route.Kind == invoice.EFatura {
		out.Alias = route.Alias
	}
	if out.Country == "" {
		out.Country = b.Address.Country
		if b.Address.Country == "TR" || b.Address.Country == "" {
			out.Country = "Türkiye"
		}
	}
	for _, id := range b.IDs {
		out.RegisterNumber = id.Value // fitsModel lets only the trade register pass
	}
	return out
}

// payment translates UN/ECE 4461 into the provider's five codes (facts 3.6): 1 agent, 10 at the door, 30 transfer, 48 card,
// 97 other. Note that UN/ECE's 1 means "undefined".
func payment(p invoice.Payment, issued invoice.Date) (*paymentMeans, *paymentTerms) {
	means := &paymentMeans{Account: p.IBAN, DueDate: midnight(p.DueDate)}
	switch p.MeansCode {
	case "10":
		means.Code = 10
	case "30", "31", "42", "58":
		means.Code = 30
	case "48", "54", "55":
		means.Code = 48
	default:
		means.Code = 97
		means.Note = p.Note
		if means.Note == "" {
			means.Note = "Diğer"
		}
	}
	if means.DueDate == "" && (means.Code == 30 || means.Code == 48) {
		means.DueDate = midnight(issued)
	}
	if p.IBAN != "" {
		means.Currency = p.Currency
	}
	if p.Note != "" && means.Code != 97 {
		return means, &paymentTerms{p.Note}
	}
	return means, nil
}

// archive fills what only an e-Arşiv has (facts 3.14 and 3.15).
func (p *Provider) archive(m *model, d providers.Draft) {
	m.RecordType = 0
	m.GeneralInfo.IssueTime = m.GeneralInfo.IssueDate
	m.ArchiveInfo = &archiveInfo{SendType: p.cfg.SendType}
	m.EArsivInfo = &eArsivInfo{SendEmail: d.Route.Email != "", Email: d.Route.Email, AllowOld: p.cfg.AllowOldEArsiv}
	if d.Route.Email == "" {
		m.AddressBook.Email = "" // the provider falls back to it (facts 3.2)
	}
	s := d.Invoice.Internet
	if s == nil {
		return
	}
	*m.ArchiveInfo = archiveInfo{
		InternetSale: true, Website: s.Website, SendType: p.cfg.SendType, CarrierTaxNo: s.CarrierTaxNo, CarrierName: s.CarrierName,
		ShipmentDate: midnight(s.ShipmentDate),
	}
	means := paymentMeans{DueDate: midnight(s.PaymentDate), Note: strings.TrimSpace(s.PaymentAgent)}
	switch s.PaymentMethod {
	case "ODEMEARACISI":
		means.Code = 1
	case "KAPIDAODEME":
		means.Code = 10
	case "EFT/HAVALE":
		means.Code = 30
	case "KREDIKARTI/BANKAKARTI":
		means.Code = 48
	default:
		means.Code = 97
		if means.Note == "" {
			means.Note = "Diğer"
		}
	}
	if m.PaymentMeans != nil {
		means.Account, means.Currency = m.PaymentMeans.Account, m.PaymentMeans.Currency
	}
	m.PaymentMeans = &means
}

// midnight prints a date as the model's datetime; "" for none.
func midnight(d invoice.Date) string {
	if d.IsZero() {
		return ""
	}
	return d.String() + "T00:00:00"
}
