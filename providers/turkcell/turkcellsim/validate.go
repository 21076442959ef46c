package turkcellsim

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"faturad/internal/clock"
)

// problems is the body of a 422: a key (model path or "uyarı") with its sentences.
type problems map[string][]string

// warning is the key of rules that belong to no field of a model.
const warning = "uyarı"

func (p problems) add(key, format string, args ...any) {
	p[key] = append(p[key], fmt.Sprintf(format, args...))
}

// judge is one reading of a document by the provider's rules.
type judge struct {
	c     *content
	kind  string
	rules Rules
	now   time.Time // simulator's clock
	found problems

	voucherType string // of an e-SMM
}

// key is where a fault of the JSON model is reported; UBL has no model, so there it is the general word.
func (j *judge) key(path string) string {
	if j.c.asJSON {
		return path
	}
	return warning
}

func (j *judge) add(path, format string, args ...any) { j.found.add(j.key(path), format, args...) }

// content checks everything that needs neither memory nor registry.
func (j *judge) content() {
	if isReceipt(j.kind) {
		j.receipt()
		return
	}
	j.header()
	j.dates()
	j.customer()
	j.lines()
	j.taxes()
	j.totals()
	if j.kind == KindEArsiv {
		j.archive()
	}
}

func (j *judge) header() {
	c := j.c
	j.identity()
	switch {
	case j.kind == KindEArsiv && c.profile != "EARSIVFATURA":
		j.add("model.GeneralInfoModel.InvoiceProfileType", msgProfile)
	case j.kind == KindEFatura && c.profile == "EARSIVFATURA", !knownPairs()[[2]string{c.profile, c.typeCode}]:
		j.add("model.GeneralInfoModel.Type", msgScenario, c.profile, c.typeCode)
	}
	j.money()
	if strings.HasSuffix(c.typeCode, "IADE") && c.returns == 0 {
		j.add("model.GeneralInfoModel.ReturnInvoiceNumber", msgNoReturn)
	}
}

// identity checks what every UBL has at its head.
func (j *judge) identity() {
	c := j.c
	if c.asJSON {
		return
	}
	if c.ublVersion != "2.1" {
		j.add("", msgUBLVersion)
	}
	if c.customization != "TR1.2" && (c.customization != "TR1.2.1" || j.rules.OnlyTR12) {
		j.add("", msgCustom)
	}
	if c.copyIndicator != "false" && (c.copyIndicator != "" || !c.creditNote) {
		j.add("", msgCopy)
	}
	if _, ok := c.ettn(); !ok {
		j.add("", msgGUID, c.uuid)
	}
}

func (j *judge) money() {
	c := j.c
	if !knownCurrencies()[c.currency] {
		j.add("model.GeneralInfoModel.CurrencyCode", msgCurrency, c.currency)
	}
	if rate := readAmount(c.rate); c.currency != "TRY" && (rate.bad || !rate.value.IsPositive()) {
		j.add("model.GeneralInfoModel.ExchangeRate", msgRate)
	}
	if c.foreignAmounts != "" {
		j.add("", msgForeign, c.foreignAmounts)
	}
}

func (j *judge) dates() {
	const path = "model.GeneralInfoModel.IssueDate"
	day, err := time.ParseInLocation(time.DateOnly, j.c.issueDate, clock.Istanbul)
	if err != nil {
		j.add(path, msgDate, j.c.issueDate)
		return
	}
	if _, err := time.Parse(time.TimeOnly, firstN(j.c.issueTime, 8)); j.c.issueTime != "" && err != nil {
		j.add(path, msgDate, j.c.issueTime)
	}
	today := midnight(j.now)
	switch {
	case day.After(today):
		j.add(path, msgFuture)
	case day.Before(today.AddDate(-1, 0, 0)):
		j.add(path, msgTooOld)
	case j.kind == KindEArsiv && j.rules.CloseReportedMonths && reported(day, today):
		j.add(path, msgReported)
	}
}

// reported: the e-Arşiv report of a month is made by the 15th of the next one.
func reported(day, today time.Time) bool {
	y, m, _ := day.Date()
	return !today.Before(time.Date(y, m+1, 15, 0, 0, 0, 0, clock.Istanbul))
}

func midnight(t time.Time) time.Time {
	y, m, d := t.In(clock.Istanbul).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, clock.Istanbul)
}

func firstN(s string, n int) string { return s[:min(n, len(s))] }

func (j *judge) customer() {
	p := j.c.customer
	j.identifier(p)
	person := len(p.taxNo) == 11
	switch {
	case p.title() == "" || person && !j.c.asJSON && p.first == "":
		j.add("model.AddressBook.Name", msgTitle)
	case person && p.last == "":
		j.add("model.AddressBook.ReceiverPersonSurName", msgNoSurname)
	}
	if p.district == "" {
		j.add("model.AddressBook.ReceiverDistrict", msgDistrict)
	}
	if p.city == "" {
		j.add("model.AddressBook.ReceiverCity", msgCity)
	}
	if p.country == "" {
		j.add("model.AddressBook.ReceiverCountry", msgCountry)
	}
}

func (j *judge) identifier(p party) {
	const path = "model.AddressBook.IdentificationNumber"
	switch {
	case p.taxNo == "":
		j.add(path, msgTaxNo)
	case p.scheme == "VKN" && len(p.taxNo) != 10:
		j.add(path, msgVKN, p.taxNo)
	case p.scheme == "TCKN" && len(p.taxNo) != 11:
		j.add(path, msgTCKN, p.taxNo)
	case !validTaxNo(p.taxNo, j.rules.LenientIDs):
		j.add(path, msgChecksum, p.taxNo)
	}
}

func (j *judge) lines() {
	c := j.c
	if len(c.lines) == 0 {
		j.add("model.InvoiceLines", msgNoLines)
	}
	if !c.asJSON && c.lineCount != fmt.Sprint(len(c.lines)) {
		j.add("", msgLineCount, c.lineCount)
	}
	for i, l := range c.lines {
		path := fmt.Sprintf("model.InvoiceLines[%d].", i)
		if l.name == "" {
			j.add(path+"InventoryCard", msgItem)
		}
		if !knownUnits()[l.unit] || c.asJSON && jsonRefusesUnit[l.unit] {
			j.add(path+"UnitCode", msgUnit, l.unit)
		}
		for _, a := range []struct {
			name string
			amount
		}{{"Amount", l.quantity}, {"UnitPrice", l.price}, {"LineExtensionAmount", l.net}} {
			switch {
			case a.bad || a.text == "":
				j.add(path+a.name, msgAmount, a.text)
			case a.value.IsNegative():
				j.add(path+a.name, msgNegative)
			}
		}
	}
}

// jsonRefusesUnit: the JSON endpoint refuses these although the list has them (facts 3.4, one integrator).
var jsonRefusesUnit = map[string]bool{"NIU": true, "EA": true, "PCE": true}

// zeroVATTypes may carry KDV 0 without a reason, and withholdingTypes may carry a WithholdingTaxTotal (GİB's rules).
var (
	zeroVATTypes = map[string]bool{
		"IADE": true, "YTBIADE": true, "IHRACKAYITLI": true, "OZELMATRAH": true, "SGK": true, "KONAKLAMAVERGISI": true,
	}
	withholdingTypes = map[string]bool{
		"TEVKIFAT": true, "YTBTEVKIFAT": true, "IADE": true, "YTBIADE": true, "SGK": true, "SARJ": true, "SARJANLIK": true,
	}
)

func (j *judge) taxes() {
	c := j.c
	for _, t := range c.taxes {
		if t.code == "0015" && t.amount.value.IsZero() && t.exemption == "" && !zeroVATTypes[c.typeCode] {
			j.add("model.InvoiceLines.VatExemptionReasonCode", msgExemption)
			break
		}
	}
	if !c.withheld.value.IsZero() && !withholdingTypes[c.typeCode] {
		j.add("model.GeneralInfoModel.Type", msgWithholding, c.typeCode)
	}
}

var legalAmount = regexp.MustCompile(`^\d{1,15}(\.\d{1,2})?$`)

func (j *judge) totals() {
	c := j.c
	if c.asJSON { // computed here
		return
	}
	if !j.legalAmounts() {
		return
	}
	if j.rules.LenientTotals || c.typeCode == "OZELMATRAH" || c.typeCode == "IHRACKAYITLI" || c.profile == "HKS" || strings.HasSuffix(c.typeCode, "KOMISYONCU") {
		return
	}
	j.sums()
}

// legalAmounts checks how the sums are written.
func (j *judge) legalAmounts() bool {
	c := j.c
	for _, a := range []struct {
		name string
		amount
	}{
		{"LineExtensionAmount", c.net}, {"TaxExclusiveAmount", c.exclusive}, {"TaxInclusiveAmount", c.inclusive},
		{"PayableAmount", c.payable}, {"TaxAmount", c.taxTotal},
	} {
		if untaxed := c.creditNote && len(c.taxes) == 0 && a.name == "TaxAmount" && a.text == ""; !untaxed && !legalAmount.MatchString(a.text) {
			j.add("", msgAmount, a.name+" "+a.text)
			return false
		}
	}
	return true
}

// keptByBuyer are taxes that the buyer keeps and pays for the seller: shown among the taxes, no part of the total, taken off
// the amount to pay (facts 3.4.1: negative taxes).
var keptByBuyer = map[string]bool{"0003": true, "0011": true, "4171": true, "9015": true}

// sums checks that the totals follow from their parts, with a kuruş a line of tolerance: providers see both conventions
// of rounding.
func (j *judge) sums() {
	c, tolerance, agree := j.c, j.tolerance(), j.agree()
	var nets, gross, taxes, kept decimal.Decimal
	for _, l := range c.lines {
		nets = nets.Add(l.net.value)
		gross = gross.Add(l.quantity.value.Mul(l.price.value))
	}
	for _, t := range c.taxes {
		switch {
		case t.sequence == "-1":
		case keptByBuyer[t.code]:
			kept = kept.Add(t.amount.value)
		default:
			taxes = taxes.Add(t.amount.value)
		}
	}
	if gross.Sub(c.net.value).Abs().GreaterThan(tolerance) {
		agree("LineExtensionAmount", c.net.value, nets)
	}
	agree("TaxInclusiveAmount", c.inclusive.value, c.exclusive.value.Add(taxes))
	agree("PayableAmount", c.payable.value, c.inclusive.value.Sub(c.withheld.value).Sub(kept).Add(c.rounding.value))
	if taxes.Add(kept).Sub(c.taxTotal.value).Abs().GreaterThan(tolerance) && taxes.Sub(c.withheld.value).Sub(c.taxTotal.value).Abs().GreaterThan(tolerance) {
		agree("TaxAmount", c.taxTotal.value, taxes)
	}
}

func (j *judge) tolerance() decimal.Decimal { return decimal.New(int64(max(1, len(j.c.lines))), -2) }

// agree reports a printed sum that is not the computed one.
func (j *judge) agree() func(name string, printed, computed decimal.Decimal) {
	return func(name string, printed, computed decimal.Decimal) {
		if printed.Sub(computed).Abs().GreaterThan(j.tolerance()) {
			j.add("", msgTotals, name, printed.StringFixed(2), computed.StringFixed(2))
		}
	}
}

func (j *judge) archive() {
	c := j.c
	if c.issueTime == "" && !c.asJSON {
		j.add("model.GeneralInfoModel.IssueTime", msgTime)
	}
	if c.asJSON || j.rules.NoSendTypeNeeded {
		return
	}
	if c.sendType == "" {
		j.add("", msgSendType)
	}
	if c.internetSale == "" {
		j.add("", msgInternet)
	}
}

// validTaxNo checks length and check digits; the placeholders for unknown consumers and foreigners pass.
func validTaxNo(no string, lenient bool) bool {
	if len(no) != 10 && len(no) != 11 || strings.Trim(no, "0123456789") != "" {
		return false
	}
	if lenient || no == "11111111111" || no == "2222222222" {
		return true
	}
	if len(no) == 10 {
		return no[9] == vknDigit(no[:9])
	}
	return validTCKN(no)
}

// vknDigit computes the tenth digit of a VKN.
func vknDigit(nine string) byte {
	sum := 0
	for i := range 9 {
		t := (int(nine[i]-'0') + 9 - i) % 10
		if t == 9 {
			sum += 9
		} else {
			sum += t * (1 << (9 - i)) % 9
		}
	}
	return byte('0' + (10-sum%10)%10)
}

func validTCKN(no string) bool {
	if no[0] == '0' {
		return false
	}
	odd, even, all := 0, 0, 0
	for i := range 10 {
		d := int(no[i] - '0')
		if i < 9 {
			if i%2 == 0 {
				odd += d
			} else {
				even += d
			}
		}
		all += d
	}
	tenth := ((odd*7-even)%10 + 10) % 10
	return int(no[9]-'0') == tenth && int(no[10]-'0') == all%10
}
