package erp

import (
	"slices"
	"strconv"
	"strings"

	"faturad/internal/invoice"
	"faturad/internal/invoice/codes"
)

// kindHeaderAliases are the columns that only single kinds of sale need: exports, travellers, the public sector, SGK,
// charging, investments, the wholesale market.
func kindHeaderAliases() []Alias {
	list := []Alias{
		{Name: "contract_no", Type: TypeText, Doc: "The contract.", header: func(s *invoice.Sale, v value) { ensure(&s.Contract).Number = v.text }},
		{Name: "contract_date", Type: TypeDate, Doc: "Date of the contract.", header: func(s *invoice.Sale, v value) { ensure(&s.Contract).Date = v.date.date }},
		{Name: "contract_list", Type: TypeRefs, Doc: "Contracts beside contract_no; without contract_no the first takes its place, the others become a note.", header: func(s *invoice.Sale, v value) { s.MoreContracts = v.refs }},
		{Name: "investment_no", Type: TypeText, Example: "123456", Doc: "Investment incentive certificate, 6 digits; a sale with one is of scenario YATIRIMTESVIK.", header: func(s *invoice.Sale, v value) { ensure(&s.Investment).Number = v.text }},
		{Name: "investment_date", Type: TypeDate, Doc: "Date of the investment incentive certificate.", header: func(s *invoice.Sale, v value) { ensure(&s.Investment).Date = v.date.date }},
		{Name: "delivery_date", Type: TypeDate, Doc: "Receipts: day on which the goods were handed over; empty = issue_date.", header: func(s *invoice.Sale, v value) { s.DeliveryDate = v.date.date }},
		{Name: "shipment_no", Type: TypeText, Example: "SE-0000017", Doc: "SEVKIYATNO, for scenario IDIS.", header: func(s *invoice.Sale, v value) { s.ShipmentNo = v.text }},

		{Name: "period_start", Type: TypeDate, Doc: "First day of the period that the invoice is for (SGK, ENERJI). A DATETIME gives period_start_time too.", header: func(s *invoice.Sale, v value) {
			p := ensure(&s.Period)
			p.Start = v.date.date
			if p.StartTime == "" {
				p.StartTime = v.date.clock
			}
		}},
		{Name: "period_start_time", Type: TypeTime, Example: "08:00:00", Doc: "Time at which the period begins (ENERJI).", header: func(s *invoice.Sale, v value) { ensure(&s.Period).StartTime = v.text }},
		{Name: "period_end", Type: TypeDate, Doc: "Last day of the period. A DATETIME gives period_end_time too.", header: func(s *invoice.Sale, v value) {
			p := ensure(&s.Period)
			p.End = v.date.date
			if p.EndTime == "" {
				p.EndTime = v.date.clock
			}
		}},
		{Name: "period_end_time", Type: TypeTime, Example: "08:40:00", Doc: "Time at which the period ends (ENERJI).", header: func(s *invoice.Sale, v value) { ensure(&s.Period).EndTime = v.text }},
		{Name: "sgk_cost", Type: TypeCode, Map: "sgk_cost", Example: "SAGLIK_ECZ", Doc: "SGK: SAGLIK_ECZ, SAGLIK_HAS, SAGLIK_OPT, SAGLIK_MED, ABONELIK, MAL_HIZMET or DIGER; a sale with one is of type SGK.", header: func(s *invoice.Sale, v value) { ensure(&s.SGK).Cost = v.text }},
		{Name: "sgk_payer_code", Type: TypeText, Doc: "SGK: MUKELLEF_KODU.", header: func(s *invoice.Sale, v value) { ensure(&s.SGK).PayerCode = v.text }},
		{Name: "sgk_payer_name", Type: TypeText, Doc: "SGK: MUKELLEF_ADI.", header: func(s *invoice.Sale, v value) { ensure(&s.SGK).PayerName = v.text }},
		{Name: "sgk_file_no", Type: TypeText, Doc: "SGK: DOSYA_NO.", header: func(s *invoice.Sale, v value) { ensure(&s.SGK).FileNo = v.text }},
		{Name: "charging_plate", Type: TypeText, Example: "06ABC123", Doc: "ENERJI: plate of the vehicle.", header: func(s *invoice.Sale, v value) { ensure(&s.Charging).Plate = v.text }},
		{Name: "charging_vehicle_id", Type: TypeText, Doc: "ENERJI: ARACKIMLIKNO.", header: func(s *invoice.Sale, v value) { ensure(&s.Charging).VehicleID = v.text }},
		{Name: "charging_report_id", Type: TypeText, Example: "B0E502A8-122C-4061-BE02-8133A5788177", Doc: "ENERJI, type SARJ: ESURaporID, a GUID.", header: func(s *invoice.Sale, v value) { ensure(&s.Charging).ReportID = v.text }},
		{Name: "charging_report_date", Type: TypeDate, Doc: "ENERJI, type SARJ: date of the report.", header: func(s *invoice.Sale, v value) { ensure(&s.Charging).ReportDate = v.date.date }},

		{Name: "buyer_legal_id", Type: TypeText, Example: "DE811128135", Doc: "IHRACAT: the buyer's number in the own country; empty = buyer_tax_no.", header: func(s *invoice.Sale, v value) { s.Buyer.LegalID = v.text }},
		{Name: "buyer_customer_name", Type: TypeText, Doc: "The real buyer where the buyer is only the addressee: KAMU's paying unit (empty = the buyer), or IHRACAT's buyer abroad where the buyer is the customs.", header: func(s *invoice.Sale, v value) { customer(s).Name = v.text }},
		{Name: "buyer_customer_tax_no", Type: TypeText, Doc: "VKN of the paying unit (KAMU).", header: func(s *invoice.Sale, v value) { customer(s).TaxNo = v.text }},
		{Name: "buyer_customer_tax_office", Type: TypeText, Doc: "Its tax office.", header: func(s *invoice.Sale, v value) { customer(s).TaxOffice = v.text }},
		{Name: "buyer_customer_street", Type: TypeText, Doc: "Its street.", header: func(s *invoice.Sale, v value) { customer(s).Address.Street = v.text }},
		{Name: "buyer_customer_district", Type: TypeText, Doc: "Its ilçe.", header: func(s *invoice.Sale, v value) { customer(s).Address.District = v.text }},
		{Name: "buyer_customer_city", Type: TypeText, Map: "city", Doc: "Its il, or city abroad.", header: func(s *invoice.Sale, v value) { customer(s).Address.City = v.text }},
		{Name: "buyer_customer_country", Type: TypeCode, Map: "country", Doc: "Its country, ISO 3166-1 alpha-2.", header: func(s *invoice.Sale, v value) { customer(s).Address.Country = v.text }},

		{Name: "traveller_nationality", Type: TypeCode, Map: "country", Example: "GB", Doc: "YOLCUBERABERFATURA: ISO 3166-1 alpha-2; empty = buyer_country.", header: func(s *invoice.Sale, v value) { ensure(&s.Traveller).Nationality = v.text }},
		{Name: "traveller_passport_no", Type: TypeText, Doc: "YOLCUBERABERFATURA: passport.", header: func(s *invoice.Sale, v value) { ensure(&s.Traveller).PassportNo = v.text }},
		{Name: "traveller_passport_date", Type: TypeDate, Doc: "Day on which the passport was issued; empty = issue_date.", header: func(s *invoice.Sale, v value) { ensure(&s.Traveller).PassportDate = v.date.date }},
		{Name: "traveller_account", Type: TypeText, Doc: "Account to which VAT is refunded.", header: func(s *invoice.Sale, v value) { account(s).Number = v.text }},
		{Name: "traveller_account_currency", Type: TypeCode, Map: "currency", Doc: "Its currency.", header: func(s *invoice.Sale, v value) { account(s).Currency = v.text }},
		{Name: "traveller_bank", Type: TypeText, Doc: "Its bank.", header: func(s *invoice.Sale, v value) { account(s).Bank = v.text }},
		{Name: "representative_tax_no", Type: TypeText, Doc: "YOLCUBERABERFATURA: VKN of the intermediary (ARACIKURUMVKN).", header: func(s *invoice.Sale, v value) { ensure(&s.Representative).TaxNo = v.text }},
		{Name: "representative_alias", Type: TypeText, Example: "urn:mail:yolcuberaberpk@ornek.com.tr", Doc: "Its mailbox (ARACIKURUMETIKET).", header: func(s *invoice.Sale, v value) { ensure(&s.Representative).Alias = v.text }},
		{Name: "representative_name", Type: TypeText, Doc: "Its title.", header: func(s *invoice.Sale, v value) { ensure(&s.Representative).Name = v.text }},
		{Name: "representative_district", Type: TypeText, Doc: "Its ilçe.", header: func(s *invoice.Sale, v value) { ensure(&s.Representative).Address.District = v.text }},
		{Name: "representative_city", Type: TypeText, Doc: "Its il.", header: func(s *invoice.Sale, v value) { ensure(&s.Representative).Address.City = v.text }},
	}
	for _, d := range deliveryAliases {
		list = append(list, Alias{Name: d.name, Type: d.typ, Map: d.table, Example: d.example, Doc: d.doc + ", for lines without their own.",
			header: func(s *invoice.Sale, v value) { d.set(ensure(&s.Delivery), v) }})
	}
	for _, kind := range codes.Expenses() {
		list = append(list, Alias{Name: "expense_" + strings.ToLower(strings.TrimPrefix(kind, "HKS")), Type: TypeMoney,
			Doc: "Expense " + kind + " of a commission agent (KOMISYONCU), taken off the amount to pay.", header: addExpense(kind)})
	}
	return list
}

// deliveryAliases are the columns of a delivery, in the header and on lines.
var deliveryAliases = []struct {
	name    string
	typ     Type
	table   string
	example string
	doc     string
	set     func(*invoice.Delivery, value)
}{
	{"delivery_terms", TypeCode, "delivery_terms", "FOB", "INCOTERMS code (IHRACAT)", func(d *invoice.Delivery, v value) { d.Terms = v.text }},
	{"transport_mode", TypeCode, "transport_mode", "3", "Transport mode: 1 sea, 2 rail, 3 road, 4 air, 5 post (IHRACAT)", func(d *invoice.Delivery, v value) { d.Mode = v.text }},
	{"delivery_street", TypeText, "", "", "Street of the place of delivery; without a city the buyer's address counts", func(d *invoice.Delivery, v value) { d.Address.Street = v.text }},
	{"delivery_district", TypeText, "", "", "District of the place of delivery", func(d *invoice.Delivery, v value) { d.Address.District = v.text }},
	{"delivery_city", TypeText, "", "Hamburg", "City of the place of delivery", func(d *invoice.Delivery, v value) { d.Address.City = v.text }},
	{"delivery_postcode", TypeText, "", "", "Post code of the place of delivery", func(d *invoice.Delivery, v value) { d.Address.PostCode = v.text }},
	{"delivery_country", TypeCode, "country", "DE", "Country of the place of delivery", func(d *invoice.Delivery, v value) { d.Address.Country = v.text }},
	{"customs_id", TypeText, "", "847130000000", "GTİP, 12 digits (IHRACAT, code 702)", func(d *invoice.Delivery, v value) { d.CustomsID = v.text }},
	{"package_type", TypeCode, "package", "CT", "UN/ECE Recommendation 21 code of the package", func(d *invoice.Delivery, v value) { d.Package.Type = v.text }},
	{"package_id", TypeText, "", "", "Mark or number of the package", func(d *invoice.Delivery, v value) { d.Package.ID = v.text }},
	{"package_quantity", TypeNumber, "", "4", "Number of packages", func(d *invoice.Delivery, v value) { d.Package.Quantity = v.some() }},
	{"buyer_line_code", TypeText, "", "12345678901", "ALICIDIBSATIRKOD, 11 characters (code 702)", func(d *invoice.Delivery, v value) { d.BuyerLineCode = v.text }},
	{"seller_line_code", TypeText, "", "", "SATICIDIBSATIRKOD, 11 characters", func(d *invoice.Delivery, v value) { d.SellerLineCode = v.text }},
}

// kindLineAliases are the columns of lines that only single kinds of sale need.
func kindLineAliases() []Alias {
	list := []Alias{
		{Name: "tax_base", Type: TypeMoney, Doc: "What tax_rate is taken of; empty = the line's net.", line: func(l *invoice.SaleLine, v value) { lineTax(l).Base = v.some() }},
		{Name: "tax_exemption_code", Type: TypeCode, Map: "exemption", Example: "151", Doc: "GİB code of the reason for a tax of 0.", line: func(l *invoice.SaleLine, v value) { lineTax(l).Exemption.Code = v.text }},
		{Name: "special_base", Type: TypeMoney, Doc: "OZELMATRAH: the amount that VAT is computed on (codes 801-812).", line: func(l *invoice.SaleLine, v value) { l.SpecialBase = v.some() }},
		{Name: "asset_class", Type: TypeCode, Map: "asset_class", Example: "01", Doc: "YATIRIMTESVIK: 01 machine, 02 construction, 03 land, 04 other.", line: func(l *invoice.SaleLine, v value) { ensure(&l.Asset).Class = v.text }},
		{Name: "asset_model", Type: TypeText, Doc: "YATIRIMTESVIK, class 01: name of the machine.", line: func(l *invoice.SaleLine, v value) { ensure(&l.Asset).Model = v.text }},
		{Name: "asset_no", Type: TypeText, Doc: "YATIRIMTESVIK, class 01: the machine's number in the certificate.", line: func(l *invoice.SaleLine, v value) { ensure(&l.Asset).Trace = v.text }},
		{Name: "serial_no", Type: TypeText, Doc: "YATIRIMTESVIK, class 01: the machine's id. ENERJI, type SARJANLIK: serial number of the charging unit.", line: func(l *invoice.SaleLine, v value) { ensure(&l.Asset).Serial = v.text }},
	}
	for i, which := range []string{"second", "third", "fourth"} {
		list = append(list, furtherTax(i+2, which)...)
	}
	for _, d := range deliveryAliases {
		list = append(list, Alias{Name: d.name, Type: d.typ, Map: d.table, Example: d.example, Doc: d.doc + ".",
			line: func(l *invoice.SaleLine, v value) { d.set(ensure(&l.Delivery), v) }})
	}
	for _, id := range []struct{ name, scheme, doc string }{
		{"tag_no", "KUNYENO", "HKS: künye number, 19 characters."},
		{"owner_name", "MALSAHIBIADSOYADUNVAN", "HKS: owner of the goods."},
		{"owner_tax_no", "MALSAHIBIVKNTCKN", "HKS: VKN or TCKN of the owner."},
		{"medicine_no", "ILAC", "ILAC_TIBBICIHAZ: number of the medicine; several separated by commas."},
		{"medical_device_no", "TIBBICIHAZ", "ILAC_TIBBICIHAZ: number of the medical device; several separated by commas."},
		{"product_no", "DIGER", "ILAC_TIBBICIHAZ: number of another product."},
		{"label_no", "ETIKETNO", "IDIS: label numbers, separated by commas."},
		{"phone_no", "TELEFON", "TEKNOLOJIDESTEK: IMEI of the phone."},
		{"tablet_no", "TABLET_PC", "TEKNOLOJIDESTEK: serial number of the tablet or computer."},
	} {
		list = append(list, Alias{Name: id.name, Type: TypeText, Doc: id.doc, line: func(l *invoice.SaleLine, v value) {
			l.IDs = append(l.IDs, invoice.ItemID{Scheme: id.scheme, Value: v.text})
		}})
	}
	return list
}

// HeaderAliases are the columns that a header query may return, besides the key columns.
var HeaderAliases = slices.Concat(commonHeaderAliases, kindHeaderAliases())

// LineAliases are the columns that a lines query may return, besides the key columns.
var LineAliases = slices.Concat(commonLineAliases, kindLineAliases())

func customer(s *invoice.Sale) *invoice.Party { return ensure(&s.BuyerCustomer) }

func account(s *invoice.Sale) *invoice.BankAccount { return ensure(&ensure(&s.Traveller).Account) }

func addExpense(kind string) func(*invoice.Sale, value) {
	return func(s *invoice.Sale, v value) {
		if !v.num.IsZero() {
			s.Expenses = append(s.Expenses, invoice.Expense{Kind: kind, Amount: v.num})
		}
	}
}

// furtherTax are the columns of the n-th tax beside VAT: a producer receipt has up to four deductions.
func furtherTax(n int, which string) []Alias {
	tax := func(l *invoice.SaleLine) *invoice.SaleTax {
		for len(l.Taxes) < n { // those before it may be empty
			l.Taxes = append(l.Taxes, invoice.SaleTax{})
		}
		return &l.Taxes[n-1]
	}
	name := func(part string) string { return "tax_" + strconv.Itoa(n) + "_" + part }
	return []Alias{
		{Name: name("code"), Type: TypeCode, Map: "tax", Example: "0003", Doc: "GİB code of a " + which + " tax beside VAT.", line: func(l *invoice.SaleLine, v value) { tax(l).Code = v.text }},
		{Name: name("rate"), Type: TypePercent, Doc: "Its rate.", line: func(l *invoice.SaleLine, v value) { tax(l).Rate = v.some() }},
		{Name: name("base"), Type: TypeMoney, Doc: "What its rate is taken of; empty = the line's net.", line: func(l *invoice.SaleLine, v value) { tax(l).Base = v.some() }},
		{Name: name("amount"), Type: TypeMoney, Doc: "Its amount.", line: func(l *invoice.SaleLine, v value) { tax(l).Amount = v.some() }},
		{Name: name("in_base"), Type: TypeBool, Doc: "It is part of the VAT base.", line: func(l *invoice.SaleLine, v value) { tax(l).InBase = v.flag }},
	}
}
