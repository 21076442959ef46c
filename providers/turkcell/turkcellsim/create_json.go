package turkcellsim

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"faturad/internal/clock"
)

// model is the JSON create model, as far as the simulator reads it (facts section 3). encoding/json binds without
// minding case, as the server does.
type model struct {
	RecordType         *int         `json:"recordType"`
	Status             int          `json:"status"`
	LocalReferenceID   string       `json:"localReferenceId"`
	UseManualInvoiceID bool         `json:"useManualInvoiceId"`
	Note               string       `json:"note"`
	Notes              []modelNote  `json:"notes"`
	AddressBook        *modelBuyer  `json:"addressBook"`
	GeneralInfo        *modelHead   `json:"generalInfoModel"`
	Lines              []modelLine  `json:"invoiceLines"`
	Despatches         []modelDoc   `json:"relatedDespatchList"`
	Settings           modelSetting `json:"ublSettingsModel"`
	Payment            *modelPay    `json:"paymentMeansModel"`
	Order              *modelOrder  `json:"orderInfoModel"`
	Archive            *modelStore  `json:"archiveInfoModel"`
	Mail               *modelMail   `json:"eArsivInfo"`
}

type modelNote struct {
	Note string `json:"note"`
}

type modelBuyer struct {
	TaxNo     string `json:"identificationNumber"`
	Name      string `json:"name"`
	Surname   string `json:"receiverPersonSurName"`
	Alias     string `json:"alias"`
	Street    string `json:"receiverStreet"`
	District  string `json:"receiverDistrict"`
	City      string `json:"receiverCity"`
	Country   string `json:"receiverCountry"`
	Email     string `json:"receiverEmail"`
	TaxOffice string `json:"receiverTaxOffice"`
}

type modelHead struct {
	ETTN         string          `json:"ettn"`
	Prefix       string          `json:"prefix"`
	Number       string          `json:"invoiceNumber"`
	Profile      *int            `json:"invoiceProfileType"`
	IssueDate    string          `json:"issueDate"`
	IssueTime    string          `json:"issueTime"`
	Type         int             `json:"type"`
	Currency     string          `json:"currencyCode"`
	Rate         decimal.Decimal `json:"exchangeRate"`
	ReturnNumber string          `json:"returnInvoiceNumber"`
	ReturnDate   string          `json:"returnInvoiceDate"`
}

type modelLine struct {
	Name           string              `json:"inventoryCard"`
	Quantity       decimal.Decimal     `json:"amount"`
	Unit           string              `json:"unitCode"`
	Price          decimal.Decimal     `json:"unitPrice"`
	Rate           decimal.Decimal     `json:"vatRate"`
	Net            decimal.NullDecimal `json:"lineExtensionAmount"`
	VAT            decimal.NullDecimal `json:"vatAmount"`
	DiscountRate   decimal.Decimal     `json:"discountRate"`
	DiscountAmount decimal.Decimal     `json:"discountAmount"`
	Exemption      string              `json:"vatExemptionReasonCode"`
	ExemptionText  string              `json:"vatExemptionReason"`
	SKU            string              `json:"sellersItemIdentification"`
	Taxes          []modelTax          `json:"taxes"`
}

type modelTax struct {
	Code        string              `json:"taxTypeCode"`
	Name        string              `json:"taxName"`
	Rate        decimal.Decimal     `json:"taxRate"`
	Amount      decimal.NullDecimal `json:"taxAmount"`
	Taxable     decimal.NullDecimal `json:"taxableAmount"`
	Withholding string              `json:"withHoldingCode"`

	Exemption     string `json:"vatExemptionReasonCode"`
	ExemptionText string `json:"vatExemptionReason"`
}

type modelDoc struct {
	Number string `json:"despatchNumber"`
	Date   string `json:"issueDate"`
}

type modelSetting struct {
	OwnVAT    bool `json:"useCalculatedVatAmount"` // true: the caller's amounts count (facts 3.5: the name misleads)
	OwnTotals bool `json:"useCalculatedTotalSummary"`
}

type modelPay struct {
	Code int    `json:"paymentMeansCode"`
	Due  string `json:"paymentDueDate"`
	Note string `json:"instructionNote"`
}

type modelOrder struct {
	Number string `json:"orderNumber"`
	Date   string `json:"orderDate"`
}

type modelStore struct {
	Internet     bool   `json:"isInternetSale"`
	Website      string `json:"websiteUrl"`
	SendType     string `json:"shipmentSendType"`
	CarrierTaxNo string `json:"shipmentSenderTcknVkn"`
	CarrierName  string `json:"shipmentSenderName"`
	ShipmentDate string `json:"shipmentDate"`
}

type modelMail struct {
	Send     bool   `json:"sendEMail"`
	Address  string `json:"eMailAddress"`
	AllowOld bool   `json:"allowOldEArsivCustomer"`
}

func (s *Simulator) createJSON(c *call) reply {
	in, stop := s.readJSONCall(c)
	if stop != nil {
		return *stop
	}
	return s.accept(c, in)
}

func (s *Simulator) updateJSON(c *call) reply {
	in, stop := s.readJSONCall(c)
	if stop != nil {
		return *stop
	}
	if in.ettn != c.id {
		return refusal(warning, msgUUIDDiffers)
	}
	return s.update(c, in)
}

func (s *Simulator) readJSONCall(c *call) (in intake, stop *reply) {
	end := func(r reply) (intake, *reply) { return intake{}, &r }
	body, err := c.body()
	if err != nil {
		return end(bad("$", "%s", err))
	}
	var m model
	if err := json.Unmarshal(body, &m); err != nil {
		return end(bad("$", "The JSON value could not be converted: %s", err))
	}
	p := problems{}
	m.complete(p)
	in = s.intakeOf(c, body)
	in.reference, in.prefix, in.status = m.LocalReferenceID, m.GeneralInfo.Prefix, m.Status
	in.alias = m.AddressBook.Alias
	in.ettn = m.ettn(c.id, p)
	c.entry.LocalReference, c.entry.ETTN = in.reference, in.ettn.String()
	in.raw = m.paper(in.ettn).ubl()
	if in.c, err = readUBL(in.raw); err != nil {
		return end(refusal(warning, "%s", err))
	}
	in.c.asJSON = true
	if s.strikeLate(c, in); c.fault != nil && !c.fault.saves() {
		return end(reply{})
	}
	s.judgeModel(&m, &in, p)
	s.judge(c, in, p)
	s.judgeWorld(&in, false, m.Mail.AllowOld, p)
	if len(p) > 0 {
		return end(refused(p))
	}
	return in, nil
}

// complete fills missing parts with empty ones and names those that are required.
func (m *model) complete(p problems) {
	if m.AddressBook == nil {
		p.add("model.AddressBook", msgTaxNo)
		m.AddressBook = &modelBuyer{}
	}
	if m.GeneralInfo == nil {
		p.add("model.GeneralInfoModel", msgDate, "")
		m.GeneralInfo = &modelHead{}
	}
	if m.Mail == nil {
		m.Mail = &modelMail{}
	}
}

// ettn is the caller's, or a new one when he gives none.
func (m *model) ettn(path uuid.UUID, p problems) uuid.UUID {
	if m.GeneralInfo.ETTN == "" {
		if path != uuid.Nil {
			return path
		}
		return uuid.New()
	}
	id, err := uuid.Parse(m.GeneralInfo.ETTN)
	if err != nil {
		p.add("model.GeneralInfoModel.Ettn", msgGUID, m.GeneralInfo.ETTN)
	}
	return id
}

// judgeModel checks what only the model has.
func (s *Simulator) judgeModel(m *model, in *intake, p problems) {
	want := 1
	if in.kind == KindEArsiv {
		want = 0
	}
	if m.RecordType == nil || *m.RecordType != want {
		p.add("model.RecordType", msgStatusValue, "recordType")
	}
	if in.status != statusDraft && in.status != statusQueued {
		p.add("model.Status", msgNotWritable)
	}
	if len([]rune(in.reference)) > 150 {
		p.add("model.LocalReferenceId", msgLongText, "localReferenceId", 150)
	}
	s.documents.judgePrefix(in.prefix, "model.GeneralInfoModel.Prefix", p)
	if m.UseManualInvoiceID {
		in.manualNumber = m.GeneralInfo.Number
		judgeNumber(in.manualNumber, in.c.issueDate, "model.GeneralInfoModel.InvoiceNumber", p)
	}
	if in.email = m.Mail.Address; in.email == "" {
		in.email = m.AddressBook.Email
	}
	if in.sendMail = m.Mail.Send && in.kind == KindEArsiv; in.sendMail {
		judgeMails(in.email, "model.EArsivInfo.EMailAddress", p)
	}
	if in.kind == KindEArsiv {
		m.judgeStore(p)
	}
}

// judgeStore checks an internet sale (facts 3.14, E_041 to E_052).
func (m *model) judgeStore(p problems) {
	const path = "model.ArchiveInfoModel"
	if m.Archive == nil {
		p.add(path, msgSendType)
		return
	}
	if t := m.Archive.SendType; t != "" && t != "ELEKTRONIK" && t != "KAGIT" {
		p.add(path+".ShipmentSendType", msgSendType)
	}
	if !m.Archive.Internet {
		return
	}
	for name, v := range map[string]string{
		"WebsiteUrl": m.Archive.Website, "ShipmentSenderTcknVkn": m.Archive.CarrierTaxNo,
		"ShipmentSenderName": m.Archive.CarrierName, "ShipmentDate": m.Archive.ShipmentDate,
	} {
		if v == "" {
			p.add(path+"."+name, "İnternet satışında %s zorunludur.", name)
		}
	}
	switch {
	case m.Payment == nil || m.Payment.Code == 0:
		p.add("model.PaymentMeansModel", "İnternet satışında ödeme şekli zorunludur.")
	case (m.Payment.Code == 1 || m.Payment.Code == 30 || m.Payment.Code == 48) && m.Payment.Due == "":
		p.add("model.PaymentMeansModel.PaymentDueDate", "Ödeme tarihi zorunludur.")
	case m.Payment.Code == 97 && m.Payment.Note == "":
		p.add("model.PaymentMeansModel.InstructionNote", "Ödeme açıklaması zorunludur.")
	}
}

// paper computes the invoice from the model, with the caller's amounts where he asks for that.
func (m *model) paper(ettn uuid.UUID) paper {
	g := m.GeneralInfo
	day, clockTime := splitTime(g.IssueDate)
	if _, t := splitTime(g.IssueTime); t != "" {
		clockTime = t
	}
	p := paper{
		ettn: ettn, number: orElse(g.Number, "EPA"+firstN(day, 4)+"000000000"), date: day, time: clockTime,
		typeCode: nameOf(typeNames, g.Type), currency: orElse(g.Currency, "TRY"), rate: g.Rate, buyer: m.buyer(),
		seller: party{scheme: "VKN", taxNo: "1234567801", name: "Hesap sahibi", district: "Çankaya", city: "Ankara", country: "Türkiye", taxOffice: "Çankaya"},
		notes:  m.notes(), returnNumber: g.ReturnNumber,
	}
	if g.Profile != nil {
		p.scenario = nameOf(scenarioNames, *g.Profile)
	}
	p.returnDate, _ = splitTime(g.ReturnDate)
	if m.Order != nil {
		p.order = m.Order.Number
		p.orderDate, _ = splitTime(m.Order.Date)
	}
	if len(m.Despatches) > 0 {
		p.despatch = m.Despatches[0].Number
		p.despatchDate, _ = splitTime(m.Despatches[0].Date)
	}
	if m.Payment != nil && m.Payment.Code != 0 {
		p.paymentCode = fmt.Sprint(m.Payment.Code)
		p.due, _ = splitTime(m.Payment.Due)
	}
	for _, l := range m.Lines {
		p.lines = append(p.lines, l.paper(m.Settings))
	}
	return p
}

func (m *model) buyer() party {
	b := m.AddressBook
	out := party{
		scheme: "VKN", taxNo: b.TaxNo, name: b.Name, street: b.Street, district: b.District, city: b.City,
		country: b.Country, taxOffice: b.TaxOffice, email: b.Email,
	}
	if len(b.TaxNo) == 11 {
		out.scheme, out.name, out.first, out.last = "TCKN", "", b.Name, b.Surname
	}
	return out
}

func (m *model) notes() []string {
	var out []string
	if m.Note != "" {
		out = append(out, m.Note)
	}
	for _, n := range m.Notes {
		out = append(out, n.Note)
	}
	return out
}

func (l modelLine) paper(set modelSetting) paperLine {
	gross := l.Quantity.Mul(l.Price)
	out := paperLine{
		name: l.Name, unit: l.Unit, sku: l.SKU, quantity: l.Quantity, price: l.Price, rate: l.Rate,
		discount: l.DiscountAmount.Round(2), exemption: l.Exemption, reason: orElse(l.ExemptionText, l.Exemption),
	}
	if out.discount.IsZero() && l.DiscountRate.IsPositive() {
		out.discount = gross.Mul(l.DiscountRate).Div(decimal.New(100, 0)).Round(2)
	}
	out.net = gross.Sub(out.discount).Round(2)
	if l.Net.Valid && (set.OwnVAT || set.OwnTotals) {
		out.net = l.Net.Decimal
	}
	for _, t := range l.Taxes {
		if t.Code != "9015" {
			base := out.net
			if t.Taxable.Valid {
				base = t.Taxable.Decimal
			}
			out.others = append(out.others, paperTax{taxKey{code: t.Code, name: t.Name, rate: t.Rate.String(), exemption: t.Exemption, reason: t.ExemptionText}, base, t.of(base)})
		}
	}
	out.vat = out.vatBase().Mul(l.Rate).Div(decimal.New(100, 0)).Round(2)
	if l.VAT.Valid && set.OwnVAT {
		out.vat = l.VAT.Decimal
	}
	for _, t := range l.Taxes {
		if t.Code == "9015" {
			out.withholding, out.withheldRate, out.withheld = t.Withholding, t.Rate, t.of(out.vat)
		}
	}
	return out
}

// of is the tax over a base, or the caller's own amount.
func (t modelTax) of(base decimal.Decimal) decimal.Decimal {
	if t.Amount.Valid {
		return t.Amount.Decimal
	}
	return base.Mul(t.Rate).Div(decimal.New(100, 0)).Round(2)
}

// splitTime reads the forms of a date that were seen working (facts 3.3): day and time as UBL wants them. What it cannot
// read it gives back as the day, for the judge to refuse.
func splitTime(s string) (day, clockTime string) {
	for _, layout := range []string{
		time.DateTime, "2006-01-02T15:04:05", "2006-01-02T15:04:05.9999999", time.RFC3339Nano, "2006-01-02T15:04", time.DateOnly,
	} {
		if t, err := time.Parse(layout, s); err == nil {
			if layout == time.RFC3339Nano {
				t = t.In(clock.Istanbul)
			}
			return t.Format(time.DateOnly), t.Format(time.TimeOnly)
		}
	}
	return strings.TrimSpace(s), ""
}
