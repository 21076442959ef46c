package invoice

import (
	"regexp"
	"strings"
	"time"

	"faturad/internal/invoice/codes"
)

// CheckKind judges what single kinds of sale need beside the common fields: GİB's rules of 20260701 for its scenario and
// type (FACTS section 10), on either side. It reports only faults that block.
func (inv Invoice) CheckKind() Faults {
	c := checker{inv: &inv}
	if kind := inv.Receipt(); kind != "" {
		c.receiptKind(kind)
	}
	c.parties()
	c.period()
	switch inv.Type {
	case "SGK":
		if inv.SGK == nil {
			c.fault("sgk.cost", "sgk_cost", "")
		} else if !codes.SGKCost(inv.SGK.Cost) {
			c.fault("sgk.cost", "sgk_cost", inv.SGK.Cost)
		}
	case "SARJ", "SARJANLIK":
		c.charging()
	}
	if codes.ForInvestment(inv.Scenario, inv.Type) {
		r := inv.Investment
		if r == nil || len(r.Number) != 6 || !digits(r.Number) || r.Date.IsZero() || inv.Contract != nil {
			c.fault("investment.number", "investment_no", numberOf(r))
		}
	}
	c.delivery("", inv.Delivery)
	for i := range inv.Lines {
		c.line(i+1, &inv.Lines[i])
	}
	c.expenses()
	return c.faults
}

func numberOf(r *Reference) string {
	if r == nil {
		return ""
	}
	return r.Number
}

// find gives the value of an identification, "" for none.
func find(ids []PartyID, scheme string) string {
	for _, id := range ids {
		if id.Scheme == scheme {
			return id.Value
		}
	}
	return ""
}

var (
	shipmentNo = regexp.MustCompile(`^(SE|ES)-[0-9]{7}$`)
	plate      = regexp.MustCompile(`^[A-Z0-9_-]{1,50}$`)
	guid       = regexp.MustCompile(`^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$`)
	label      = regexp.MustCompile(`^[A-Za-z]{2}[0-9]{7}$`)
	publicIBAN = regexp.MustCompile(`^TR[0-9]{7}[A-Z0-9]{17}$`)
)

func (c *checker) parties() {
	inv := c.inv
	exports := codes.EFaturaOnly(inv.Scenario)
	if inv.Buyer.TaxNo == Customs && !exports && inv.Scenario != "KAMU" {
		c.fault("buyer.tax_no.customs", "buyer_tax_no", Customs)
	}
	if inv.Type == "TEKNOLOJIDESTEK" && (len(inv.Buyer.TaxNo) != 11 || len(inv.Buyer.IDs) > 0) {
		c.fault("buyer.tax_no.not_person", "buyer_tax_no", MaskTaxNo(inv.Buyer.TaxNo), inv.Type)
	}
	switch inv.Scenario {
	case "KAMU":
		c.public()
	case "IDIS":
		if no := find(inv.Seller.IDs, "SEVKIYATNO"); !shipmentNo.MatchString(no) {
			c.fault("shipment_no.format", "shipment_no", no)
		}
	case "IHRACAT":
		if inv.Seller.TaxOffice == "" {
			c.fault("seller.tax_office.missing", "company.seller.tax_office", "")
		}
		if p := inv.BuyerCustomer; p == nil || find(p.IDs, PartyType) != TypeExport || p.Name == "" {
			c.fault("buyer.name.missing", "buyer_name", "")
		}
	case "YOLCUBERABERFATURA":
		c.traveller()
	}
}

// public wants a Turkish account, and a VKN of who pays.
func (c *checker) public() {
	inv := c.inv
	iban := ""
	if inv.Payment != nil {
		iban = inv.Payment.IBAN
	}
	switch {
	case iban == "":
		c.fault("payment.iban_missing", "iban", "")
	case !strings.HasPrefix(iban, "TR"):
		c.fault("payment.iban_foreign", "iban", iban)
	case !publicIBAN.MatchString(iban):
		c.fault("payment.iban", "iban", iban)
	}
	switch p := inv.BuyerCustomer; {
	case p == nil && len(inv.Buyer.TaxNo) != 10:
		c.fault("buyer.tax_no.public", "buyer_tax_no", MaskTaxNo(inv.Buyer.TaxNo))
	case p != nil && (len(p.TaxNo) != 10 || !digits(p.TaxNo)):
		c.fault("buyer.tax_no.public", "buyer_customer_tax_no", MaskTaxNo(p.TaxNo))
	}
}

func (c *checker) traveller() {
	p := c.inv.BuyerCustomer
	switch {
	case p == nil || p.Traveller == nil || find(p.IDs, PartyType) != TypeTaxFree:
		c.fault("traveller.missing", "traveller_passport_no", "", "pasaport")
		return
	case p.FirstName == "" || p.LastName == "":
		c.fault("traveller.missing", "buyer_name", "adı, soyadı")
	case p.Traveller.PassportNo == "" || p.Traveller.PassportDate.IsZero():
		c.fault("traveller.missing", "traveller_passport_no", "pasaport")
	}
	if n := p.Traveller.Nationality; n == "TR" || !country(n) {
		c.fault("traveller.nationality", "traveller_nationality", n)
	}
	r := c.inv.Representative
	if r == nil {
		c.fault("representative.missing", "representative_tax_no", "")
		return
	}
	no := find(r.IDs, "ARACIKURUMVKN")
	if !digits(no) || len(no) != 10 && len(no) != 11 || find(r.IDs, "ARACIKURUMETIKET") == "" {
		c.fault("representative.missing", "representative_tax_no", no)
	}
}

func country(code string) bool { _, ok := codes.Country(code); return ok && !codes.Stopgap(code) }

// period wants both days of an SGK invoice, and both hours of charging.
func (c *checker) period() {
	inv, p := c.inv, c.inv.Period
	timed := inv.Type == "SARJ" || inv.Type == "SARJANLIK"
	if p == nil {
		if timed || inv.Type == "SGK" {
			c.fault("period.missing", "period_start", inv.Type)
		}
		return
	}
	if (timed || inv.Type == "SGK") && (p.Start.IsZero() || p.End.IsZero()) {
		c.fault("period.missing", "period_start", inv.Type)
		return
	}
	for _, t := range []string{p.StartTime, p.EndTime} {
		if _, err := time.Parse(time.TimeOnly, t); err != nil && (timed || t != "") {
			c.fault("period.missing", "period_start_time", inv.Type)
			return
		}
	}
	switch {
	case p.Start.IsZero() || p.End.IsZero():
	case p.Start.Year < 2005:
		c.fault("issue_date.too_old", "period_start", p.Start.String())
	case p.End.Before(p.Start) || p.End == p.Start && p.EndTime != "" && p.EndTime < p.StartTime:
		c.fault("period.order", "period_end", strings.TrimSpace(p.End.String()+" "+p.EndTime))
	}
}

func (c *checker) charging() {
	inv := c.inv
	plates := 0
	for _, id := range inv.Buyer.IDs {
		if id.Scheme == "PLAKA" {
			plates++
		}
	}
	if no := find(inv.Buyer.IDs, "PLAKA"); plates != 1 || !plate.MatchString(no) {
		c.fault("charging.plate", "charging_plate", no)
	}
	if inv.Type != "SARJ" {
		return
	}
	if r := inv.ChargeReport; r == nil || !guid.MatchString(r.Number) || r.Date.Year < 2000 {
		c.fault("charging.report", "charging_report_id", numberOf(r))
	}
}

// delivery checks the codes of a delivery, wherever it stands.
func (c *checker) delivery(line string, d *Delivery) {
	if d == nil {
		return
	}
	if _, ok := codes.Incoterm(d.Terms); d.Terms != "" && !ok {
		c.fault("delivery.terms", line+"delivery_terms", d.Terms)
	}
	if _, ok := codes.TransportMode(d.Mode); d.Mode != "" && !ok {
		c.fault("delivery.mode", line+"transport_mode", d.Mode)
	}
	if d.Address.Country != "" && !country(d.Address.Country) {
		c.fault("delivery.address", line+"delivery_country", d.Address.Country)
	}
}

func (c *checker) line(pos int, l *Line) {
	inv := c.inv
	at := "lines[" + l.ID + "]."
	lineFault := func(code, column, value string, more ...string) {
		c.faults = append(c.faults, NewLineFault(code, pos, column, value, more...))
	}
	c.delivery(at, l.Delivery)
	if d := l.Delivery; d != nil && d.Package.Type != "" {
		if _, ok := codes.Package(d.Package.Type); !ok {
			lineFault("line.package", "package_type", d.Package.Type)
		}
	}
	for _, id := range l.IDs {
		if !codes.ItemScheme(id.Scheme) || id.Value == "" {
			lineFault("line.item_id", "item_id", id.Scheme)
		}
	}
	value := func(schemes ...string) string {
		for _, id := range l.IDs {
			for _, s := range schemes {
				if id.Scheme == s {
					return id.Value
				}
			}
		}
		return ""
	}
	if v := value("KUNYENO"); c.market() && len([]rune(v)) != 19 {
		lineFault("line.tag", "tag_no", v)
	}
	if inv.Scenario == "HKS" {
		n := 0
		for _, id := range l.IDs {
			if id.Scheme == "KUNYENO" {
				n++
			}
		}
		if n > 1 { // GİB counts exactly one a line
			lineFault("line.tag", "tag_no", value("KUNYENO"))
		}
	}
	if inv.Scenario == "ILAC_TIBBICIHAZ" && value("ILAC", "TIBBICIHAZ", "DIGER") == "" {
		lineFault("line.medical", "medicine_no", "")
	}
	if v := value("ETIKETNO"); inv.Scenario == "IDIS" && !label.MatchString(v) {
		lineFault("line.label", "label_no", v)
	}
	if inv.Type == "TEKNOLOJIDESTEK" && value("TELEFON", "TABLET_PC") == "" {
		lineFault("line.device", "phone_no", "")
	}
	if inv.Type == "SARJANLIK" && (l.Asset == nil || l.Asset.Serial == "") {
		lineFault("line.serial", "serial_no", "")
	}
	if codes.ForInvestment(inv.Scenario, inv.Type) {
		c.investmentLine(l, lineFault)
	}
	c.exportLine(l, lineFault)
}

// market reports the invoices of the wholesale market.
func (c *checker) market() bool {
	return c.inv.Scenario == "HKS" || c.inv.Type == "HKSSATIS" || c.inv.Type == "HKSKOMISYONCU" || c.inv.Type == "KOMISYONCU"
}

type lineFault func(code, column, value string, more ...string)

func (c *checker) exportLine(l *Line, fault lineFault) {
	inv := c.inv
	var d Delivery
	if l.Delivery != nil {
		d = *l.Delivery
	}
	registered := false
	for _, t := range l.Taxes {
		registered = registered || t.Exemption.Code == codes.ForInwardRegime
	}
	for _, t := range inv.Taxes { // GİB looks at the document and wants it of every line
		registered = registered || t.Exemption.Code == codes.ForInwardRegime
	}
	if registered && inv.Type == "IHRACKAYITLI" {
		if len(d.CustomsID) != 12 || !digits(d.CustomsID) {
			fault("line.customs_id", "customs_id", d.CustomsID)
		}
		if len([]rune(d.BuyerLineCode)) != 11 {
			fault("line.buyer_line_code", "buyer_line_code", d.BuyerLineCode)
		}
	}
	if inv.Scenario != "IHRACAT" {
		return
	}
	whole := inv.Delivery
	if whole == nil {
		whole = &Delivery{}
	}
	if len(d.CustomsID) != 12 || !digits(d.CustomsID) {
		fault("line.customs_id", "customs_id", d.CustomsID)
	}
	if d.Terms == "" && whole.Terms == "" {
		fault("delivery.terms", "delivery_terms", "")
	}
	if d.Mode == "" && whole.Mode == "" {
		fault("delivery.mode", "transport_mode", "")
	}
	if d.Address.City == "" && whole.Address.City == "" {
		fault("delivery.address", "delivery_city", "")
	}
}

func (c *checker) investmentLine(l *Line, fault lineFault) {
	inv := c.inv
	var a Asset
	if l.Asset != nil {
		a = *l.Asset
	}
	exempt := inv.Type == "ISTISNA" || inv.Type == "YTBISTISNA"
	if !codes.AssetClass(a.Class) || exempt && a.Class != "01" && a.Class != "02" {
		fault("line.investment.class", "asset_class", a.Class)
	}
	if a.Class == "01" && (a.Model == "" || a.Trace == "" || a.Serial == "") {
		fault("line.investment.machine", "asset_model", a.Model)
	}
	if len(l.Taxes) == 0 {
		return // a stand-in
	}
	charged, code, hidden := false, "", true
	for _, t := range l.Taxes {
		if t.Code == codes.VAT {
			charged = charged || t.Amount.IsPositive() && t.Rate.IsPositive()
			code, hidden = t.Exemption.Code, t.NotAdded
		}
	}
	if !charged && (!codes.Return(inv.Type) || a.Class == "03" || a.Class == "04") {
		fault("line.investment.vat", "vat_rate", "")
	}
	if !exempt {
		return
	}
	if a.Class == "01" && code != codes.InvestmentMachine || a.Class == "02" && code != codes.InvestmentWorks || !hidden {
		fault("line.investment.code", "exemption_code", code, a.Class)
	}
}

func (c *checker) expenses() {
	inv := c.inv
	for _, e := range inv.Expenses {
		switch {
		case !codes.Expense(e.Kind):
			c.fault("expense.unknown", "expense", e.Kind)
		case !money(e.Amount) || e.Amount.GreaterThan(inv.Totals.TaxInclusive) && len(inv.Lines) > 0 && inv.Totals.TaxInclusive.IsPositive():
			c.fault("expense.amount", "expense", e.Amount.String(), e.Kind)
		}
	}
	if len(inv.Expenses) > 0 && !strings.HasSuffix(inv.Type, "KOMISYONCU") {
		c.fault("expense.type", "expense", inv.Type)
	}
}
