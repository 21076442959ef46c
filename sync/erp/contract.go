package erp

import (
	"faturad/internal/invoice"

	"github.com/shopspring/decimal"
)

// Type says how a column of the contract is read.
type Type string

// The types of aliases.
const (
	TypeText    Type = "text"    // one line
	TypeLines   Type = "lines"   // several lines
	TypeCode    Type = "code"    // trimmed, translated byte-exact by its value table
	TypeMoney   Type = "money"   // amount in the sale's currency; takes part in sign rule and amount_factor
	TypeNumber  Type = "number"  // exact number
	TypePercent Type = "percent" // 20 = 20 %
	TypeInt     Type = "int"
	TypeBool    Type = "yes/no" // 1, 0, Y, N, true, false, evet, hayır
	TypeDate    Type = "date"   // DATE, DATETIME, TIMESTAMP, or text like 2026-09-01
	TypeTime    Type = "time"   // TIME, DATETIME, or text like 15:04
	TypeFile    Type = "file"   // bytes of a BLOB, taken as they are
	TypeRefs    Type = "list"   // documents, "number date" between commas, semicolons or line breaks
)

// The needs of aliases.
const (
	Required    = "required"
	Recommended = "recommended"
	Optional    = ""
)

// Alias is one column that a header or lines query may return. This table is the contract: the reader, `check` and
// docs/erp-contract.md are made from it.
type Alias struct {
	Name    string
	Type    Type
	Unit    string // of a number; empty = none
	Need    string
	Map     string // value table that translates it; empty = none
	Example string
	Doc     string // one sentence, and the field it becomes

	header func(*invoice.Sale, value)
	line   func(*invoice.SaleLine, value)
}

// value is a read value; the field that counts follows from the alias's type.
type value struct {
	text string
	num  decimal.Decimal
	date moment
	flag bool
	refs []invoice.Reference
	file []byte
}

// some makes it a present decimal.
func (v value) some() invoice.NullDecimal { return invoice.Some(v.num) }

// commonHeaderAliases are the columns of headers that any kind of sale may have.
var commonHeaderAliases = []Alias{
	{Name: "doc_no", Type: TypeText, Need: Recommended, Example: "FA2609-0001", Doc: "The number that the ERP prints; may be empty, repeated or changed, never an identity.", header: func(s *invoice.Sale, v value) { s.Number = v.text }},
	{Name: "invoice_type", Type: TypeCode, Need: Recommended, Map: "invoice_type", Example: "SATIS", Doc: "InvoiceTypeCode: SATIS, IADE, ISTISNA, TEVKIFAT ...; empty = follows from the content. Chooses the sign rule.", header: func(s *invoice.Sale, v value) { s.Type = v.text }},
	{Name: "kind", Type: TypeCode, Map: "kind", Example: "e-arsiv", Doc: "Which document the sale becomes: e-fatura or e-arsiv pins what the taxpayer registry decides when it is empty; e-mm makes a producer receipt, e-smm a self-employment receipt (docs/kinds.md).", header: func(s *invoice.Sale, v value) { s.Kind = invoice.Kind(v.text) }},
	{Name: "scenario", Type: TypeCode, Map: "scenario", Example: "TICARIFATURA", Doc: "ProfileID for e-Fatura; empty = the config's default.", header: func(s *invoice.Sale, v value) { s.Scenario = v.text }},
	{Name: "buyer_alias", Type: TypeText, Example: "urn:mail:defaultpk@ornek.com.tr", Doc: "Pins the buyer's mailbox; empty = the registry decides.", header: func(s *invoice.Sale, v value) { s.Alias = v.text }},
	{Name: "series", Type: TypeCode, Map: "series", Example: "FTR", Doc: "Three-character series of the invoice number; empty = the config decides.", header: func(s *invoice.Sale, v value) { s.Prefix = v.text }},
	{Name: "branch", Type: TypeCode, Map: "branch", Example: "izmir", Doc: "The seller's branch, as [[company.branch]] names it: its address, its series.", header: func(s *invoice.Sale, v value) { s.Branch = v.text }},
	{Name: "draft", Type: TypeBool, Map: "draft", Example: "0", Doc: "Leave it as a draft at the provider; empty = the config decides.", header: func(s *invoice.Sale, v value) { s.Draft = &v.flag }},
	{Name: "issue_date", Type: TypeDate, Need: Required, Example: "2026-09-01", Doc: "Day of the invoice in Türkiye. A DATETIME gives issue_time too, unless that has a column of its own.", header: func(s *invoice.Sale, v value) {
		s.IssueDate = v.date.date
		if s.IssueTime == "" {
			s.IssueTime = v.date.clock
		}
	}},
	{Name: "issue_time", Type: TypeTime, Example: "15:04:05", Doc: "Time of day of the invoice.", header: func(s *invoice.Sale, v value) { s.IssueTime = v.text }},
	{Name: "currency", Type: TypeCode, Map: "currency", Need: Recommended, Example: "TRY", Doc: "ISO 4217 code of the document; empty = TRY.", header: func(s *invoice.Sale, v value) { s.Currency = v.text }},
	{Name: "exchange_rate", Type: TypeNumber, Unit: "TRY per unit of currency, or the inverse by money.rate_direction", Example: "48.3614", Doc: "Exchange rate as booked; 0 counts as none.", header: func(s *invoice.Sale, v value) { s.Rate = v.some() }},
	{Name: "amount_factor", Type: TypeNumber, Example: "0.0236", Doc: "Every amount of header and lines is multiplied by it and rounded to its scale: for amounts held in another currency than the document's."},
	{Name: "price_basis", Type: TypeCode, Map: "price_basis", Example: "net", Doc: "net or gross: whether unit prices and line amounts contain VAT.", header: func(s *invoice.Sale, v value) { s.PriceBasis = invoice.PriceBasis(v.text) }},

	{Name: "buyer_name", Type: TypeText, Need: Required, Example: "Işıltı Aydınlatma A.Ş.", Doc: "Title of a company, or full name of a person.", header: func(s *invoice.Sale, v value) { s.Buyer.Name = v.text }},
	{Name: "buyer_first_name", Type: TypeText, Example: "Ümit", Doc: "First name of a person, where the ERP keeps it apart.", header: func(s *invoice.Sale, v value) { s.Buyer.FirstName = v.text }},
	{Name: "buyer_last_name", Type: TypeText, Example: "Tığlı", Doc: "Last name of a person, where the ERP keeps it apart.", header: func(s *invoice.Sale, v value) { s.Buyer.LastName = v.text }},
	{Name: "buyer_tax_no", Type: TypeText, Need: Recommended, Example: "7473004654", Doc: "VKN (10 digits) or TCKN (11 digits).", header: func(s *invoice.Sale, v value) { s.Buyer.TaxNo = v.text }},
	{Name: "buyer_tax_office", Type: TypeText, Need: Recommended, Example: "Uludağ", Doc: "Tax office.", header: func(s *invoice.Sale, v value) { s.Buyer.TaxOffice = v.text }},
	{Name: "buyer_is_person", Type: TypeBool, Map: "person", Example: "1", Doc: "Person or company; empty = the length of the tax number decides.", header: func(s *invoice.Sale, v value) { s.Buyer.Person = &v.flag }},
	{Name: "buyer_street", Type: TypeText, Need: Recommended, Example: "Çiçek Sok. 5", Doc: "Street with number; line breaks become spaces.", header: func(s *invoice.Sale, v value) { s.Buyer.Address.Street = v.text }},
	{Name: "buyer_building_no", Type: TypeText, Example: "5", Doc: "Number of the building.", header: func(s *invoice.Sale, v value) { s.Buyer.Address.BuildingNo = v.text }},
	{Name: "buyer_door_no", Type: TypeText, Example: "12", Doc: "Number of the door.", header: func(s *invoice.Sale, v value) { s.Buyer.Address.DoorNo = v.text }},
	{Name: "buyer_district", Type: TypeText, Need: Recommended, Example: "Nilüfer", Doc: "İlçe; compulsory in UBL-TR.", header: func(s *invoice.Sale, v value) { s.Buyer.Address.District = v.text }},
	{Name: "buyer_city", Type: TypeText, Map: "city", Need: Recommended, Example: "Bursa", Doc: "İl; compulsory in UBL-TR.", header: func(s *invoice.Sale, v value) { s.Buyer.Address.City = v.text }},
	{Name: "buyer_postcode", Type: TypeText, Example: "16110", Doc: "Post code.", header: func(s *invoice.Sale, v value) { s.Buyer.Address.PostCode = v.text }},
	{Name: "buyer_country", Type: TypeCode, Map: "country", Need: Recommended, Example: "TR", Doc: "ISO 3166-1 alpha-2; empty = TR.", header: func(s *invoice.Sale, v value) { s.Buyer.Address.Country = v.text }},
	{Name: "buyer_country_name", Type: TypeText, Example: "Türkiye", Doc: "Country as printed; empty = the Turkish name of buyer_country.", header: func(s *invoice.Sale, v value) { s.Buyer.Address.CountryName = v.text }},
	{Name: "buyer_email", Type: TypeText, Need: Recommended, Example: "muhasebe@ornek.com.tr", Doc: "Where an e-Arşiv invoice or a receipt is mailed.", header: func(s *invoice.Sale, v value) { s.Buyer.Email = v.text }},
	{Name: "buyer_phone", Type: TypeText, Example: "+90 224 000 00 00", Doc: "Phone.", header: func(s *invoice.Sale, v value) { s.Buyer.Phone = v.text }},
	{Name: "buyer_fax", Type: TypeText, Doc: "Fax.", header: func(s *invoice.Sale, v value) { s.Buyer.Fax = v.text }},
	{Name: "buyer_website", Type: TypeText, Doc: "Web site.", header: func(s *invoice.Sale, v value) { s.Buyer.Website = v.text }},
	{Name: "buyer_mersis_no", Type: TypeText, Doc: "MERSİS number (scheme MERSISNO).", header: partyID("MERSISNO")},
	{Name: "buyer_trade_registry_no", Type: TypeText, Doc: "Trade registry number (scheme TICARETSICILNO).", header: partyID("TICARETSICILNO")},
	{Name: "buyer_customer_no", Type: TypeText, Example: "C-1042", Doc: "The seller's number of the customer (scheme MUSTERINO).", header: partyID("MUSTERINO")},
	{Name: "buyer_subscriber_no", Type: TypeText, Doc: "Subscriber number (scheme ABONENO).", header: partyID("ABONENO")},
	{Name: "buyer_passport_no", Type: TypeText, Doc: "Passport number (scheme PASAPORTNO).", header: partyID("PASAPORTNO")},

	{Name: "net", Type: TypeMoney, Need: Recommended, Example: "12747.70", Doc: "Booked total without taxes, after all discounts.", header: func(s *invoice.Sale, v value) { s.Net = v.some() }},
	{Name: "vat", Type: TypeMoney, Need: Recommended, Example: "342.37", Doc: "Booked VAT total.", header: func(s *invoice.Sale, v value) { s.VAT = v.some() }},
	{Name: "gross", Type: TypeMoney, Need: Recommended, Example: "13090.07", Doc: "Booked total with taxes: the truth that the document must reproduce.", header: func(s *invoice.Sale, v value) { s.Gross = v.some() }},
	{Name: "payable", Type: TypeMoney, Doc: "Booked amount to pay, when it differs from gross.", header: func(s *invoice.Sale, v value) { s.Payable = v.some() }},
	{Name: "withheld", Type: TypeMoney, Doc: "Booked withheld VAT (tevkifat).", header: func(s *invoice.Sale, v value) { s.Withheld = v.some() }},
	{Name: "other_taxes", Type: TypeMoney, Doc: "Booked taxes beside VAT that the lines do not carry (stamp, local tax).", header: func(s *invoice.Sale, v value) { s.OtherTaxes = v.some() }},
	{Name: "other_tax_code", Type: TypeCode, Map: "tax", Example: "0059", Doc: "GİB code of other_taxes, where the ERP books one tax for the whole sale: it is spread over the lines.", header: func(s *invoice.Sale, v value) { s.OtherTaxCode = v.text }},
	{Name: "other_tax_rate", Type: TypePercent, Example: "2", Doc: "Its rate; empty = other_taxes is an amount without a rate.", header: func(s *invoice.Sale, v value) { s.OtherTaxRate = v.some() }},
	{Name: "discount", Type: TypeMoney, Doc: "Document discount that is not in the lines yet.", header: func(s *invoice.Sale, v value) { s.Discount = v.some() }},
	{Name: "discount_rate", Type: TypePercent, Doc: "Document discount in percent (money.discount_unit) that is not in the lines yet.", header: func(s *invoice.Sale, v value) { s.DiscountRate = v.some() }},
	{Name: "charge", Type: TypeMoney, Doc: "Document charge, e.g. freight, that is not in the lines.", header: func(s *invoice.Sale, v value) { s.Charge = v.some() }},
	{Name: "charge_vat_rate", Type: TypePercent, Example: "20", Doc: "VAT rate on charge.", header: func(s *invoice.Sale, v value) { s.ChargeVATRate = v.some() }},
	{Name: "exemption_code", Type: TypeCode, Map: "exemption", Example: "301", Doc: "GİB code of the reason for VAT 0, on lines that name none.", header: func(s *invoice.Sale, v value) { s.Exemption.Code = v.text }},
	{Name: "exemption_reason", Type: TypeText, Doc: "Text of the reason; empty = the code's text.", header: func(s *invoice.Sale, v value) { s.Exemption.Reason = v.text }},
	{Name: "withholding_code", Type: TypeCode, Map: "withholding", Example: "624", Doc: "GİB code of the withholding, on lines that name none.", header: func(s *invoice.Sale, v value) { s.Withholding.Code = v.text }},
	{Name: "withholding_rate", Type: TypePercent, Example: "20", Doc: "Percent of the VAT that the buyer withholds; empty = the code's rate.", header: func(s *invoice.Sale, v value) { s.Withholding.Rate = v.some() }},

	{Name: "return_no", Type: TypeText, Example: "FTR2026000000017", Doc: "For IADE: number of the original invoice.", header: func(s *invoice.Sale, v value) { returned(s).Number = v.text }},
	{Name: "return_date", Type: TypeDate, Doc: "For IADE: date of the original invoice.", header: func(s *invoice.Sale, v value) { returned(s).Date = v.date.date }},
	{Name: "return_key", Type: TypeText, Example: "10-6", Doc: "For IADE: canonical key of the original sale in this source; its e-invoice number and date are looked up.", header: func(s *invoice.Sale, v value) { s.ReturnKey = v.text }},
	{Name: "return_list", Type: TypeRefs, Example: "FTR2026000000017 2026-09-01, FTR2026000000018 2026-09-02", Doc: "For IADE: originals beside return_no, when one return is for several invoices.", header: func(s *invoice.Sale, v value) { s.MoreReturns = v.refs }},
	{Name: "order_no", Type: TypeText, Doc: "The buyer's order.", header: func(s *invoice.Sale, v value) { ordered(s).Number = v.text }},
	{Name: "order_date", Type: TypeDate, Doc: "Date of the buyer's order.", header: func(s *invoice.Sale, v value) { ordered(s).Date = v.date.date }},
	{Name: "order_list", Type: TypeRefs, Example: "SIP-12 2026-08-28, SIP-13 2026-08-30", Doc: "Orders beside order_no. UBL-TR has a place for one; without order_no the first takes it, the others become a note.", header: func(s *invoice.Sale, v value) { s.MoreOrders = v.refs }},
	{Name: "despatch_no", Type: TypeText, Doc: "e-İrsaliye number.", header: func(s *invoice.Sale, v value) { despatched(s).Number = v.text }},
	{Name: "despatch_date", Type: TypeDate, Doc: "Date of the e-İrsaliye.", header: func(s *invoice.Sale, v value) { despatched(s).Date = v.date.date }},
	{Name: "despatch_list", Type: TypeRefs, Example: "IRS2026000000007 2026-08-31, IRS2026000000009 2026-09-01", Doc: "e-İrsaliye numbers beside despatch_no.", header: func(s *invoice.Sale, v value) { s.Despatches = append(s.Despatches, v.refs...) }},
	{Name: "note", Type: TypeLines, Doc: "Free text printed on the invoice.", header: addNote},
	{Name: "note_2", Type: TypeLines, Doc: "A second note.", header: addNote},
	{Name: "note_3", Type: TypeLines, Doc: "A third note.", header: addNote},
	{Name: "file_name", Type: TypeText, Example: "mesai.pdf", Doc: "Name of a file that goes with the invoice; its ending says what it is: pdf, png, jpg or csv.", header: func(s *invoice.Sale, v value) { attached(s).Name = v.text }},
	{Name: "file_content", Type: TypeFile, Doc: "Its bytes, embedded in the invoice; NULL = no file. Attachments are bounded by rules.max_files_kb. Return it for sales that need it only: it is read with every look at the sale.", header: func(s *invoice.Sale, v value) { attached(s).Content = v.file }},
	{Name: "payment_means", Type: TypeCode, Map: "payment", Example: "42", Doc: "UN/ECE 4461: 42 bank account, 48 card, 10 cash, 1 undefined.", header: func(s *invoice.Sale, v value) { payment(s).MeansCode = v.text }},
	{Name: "due_date", Type: TypeDate, Doc: "Day by which to pay.", header: func(s *invoice.Sale, v value) { payment(s).DueDate = v.date.date }},
	{Name: "iban", Type: TypeText, Doc: "Account to pay to.", header: func(s *invoice.Sale, v value) { payment(s).IBAN = v.text }},
	{Name: "payment_note", Type: TypeText, Doc: "Terms of payment.", header: func(s *invoice.Sale, v value) { payment(s).Note = v.text }},
	{Name: "internet_website", Type: TypeText, Example: "www.ornek.com.tr", Doc: "Web shop of an internet sale.", header: func(s *invoice.Sale, v value) { internet(s).Website = v.text }},
	{Name: "internet_payment_method", Type: TypeCode, Map: "internet_payment", Example: "KREDIKARTI/BANKAKARTI", Doc: "KREDIKARTI/BANKAKARTI, EFT/HAVALE, KAPIDAODEME, ODEMEARACISI or DIGER.", header: func(s *invoice.Sale, v value) { internet(s).PaymentMethod = v.text }},
	{Name: "internet_payment_agent", Type: TypeText, Doc: "Payment agent.", header: func(s *invoice.Sale, v value) { internet(s).PaymentAgent = v.text }},
	{Name: "internet_payment_date", Type: TypeDate, Doc: "Day of payment.", header: func(s *invoice.Sale, v value) { internet(s).PaymentDate = v.date.date }},
	{Name: "shipment_date", Type: TypeDate, Doc: "Day of shipment.", header: func(s *invoice.Sale, v value) { internet(s).ShipmentDate = v.date.date }},
	{Name: "carrier_tax_no", Type: TypeText, Doc: "VKN or TCKN of the carrier.", header: func(s *invoice.Sale, v value) { internet(s).CarrierTaxNo = v.text }},
	{Name: "carrier_name", Type: TypeText, Doc: "Name of the carrier.", header: func(s *invoice.Sale, v value) { internet(s).CarrierName = v.text }},

	{Name: "line_count", Type: TypeInt, Doc: "Number of lines that there must be: guards against a header seen before its lines.", header: func(s *invoice.Sale, v value) { s.ExpectedLines = int(v.num.IntPart()) }},
	{Name: "deleted", Type: TypeBool, Map: "deleted", Example: "0", Doc: "The sale was voided or deleted in the ERP.", header: func(s *invoice.Sale, v value) { s.Deleted = v.flag }},
	{Name: "changed_at", Type: TypeDate, Doc: "Change marker; read for people only, and no part of the content hash."},
}

// commonLineAliases are the columns of lines that any kind of sale may have.
var commonLineAliases = []Alias{
	{Name: "line_no", Type: TypeText, Need: Recommended, Example: "1", Doc: "The ERP's number or key of the line, for messages.", line: func(l *invoice.SaleLine, v value) { l.No = v.text }},
	{Name: "name", Type: TypeText, Need: Required, Example: "LED ampul", Doc: "Goods or service.", line: func(l *invoice.SaleLine, v value) { l.Name = v.text }},
	{Name: "description", Type: TypeLines, Doc: "Further text of the line.", line: func(l *invoice.SaleLine, v value) { l.Description = v.text }},
	{Name: "sku", Type: TypeText, Example: "AMP-01", Doc: "The seller's item code.", line: func(l *invoice.SaleLine, v value) { l.SKU = v.text }},
	{Name: "buyer_sku", Type: TypeText, Doc: "The buyer's item code.", line: func(l *invoice.SaleLine, v value) { l.BuyerSKU = v.text }},
	{Name: "quantity", Type: TypeNumber, Need: Required, Example: "2.5", Doc: "Quantity.", line: func(l *invoice.SaleLine, v value) { l.Quantity = v.some() }},
	{Name: "unit", Type: TypeCode, Map: "unit", Need: Recommended, Example: "C62", Doc: "UN/ECE Recommendation 20 code after translation; C62 = adet.", line: func(l *invoice.SaleLine, v value) { l.Unit = v.text }},
	{Name: "unit_price", Type: TypeMoney, Need: Required, Unit: "before discount, on the price basis", Example: "36.50", Doc: "Price of one unit.", line: func(l *invoice.SaleLine, v value) { l.UnitPrice = v.some() }},
	{Name: "price_basis", Type: TypeCode, Map: "price_basis", Example: "gross", Doc: "net or gross for this line; empty = the header's.", line: func(l *invoice.SaleLine, v value) { l.PriceBasis = invoice.PriceBasis(v.text) }},
	{Name: "discount_rate", Type: TypePercent, Unit: "percent or fraction by money.discount_unit", Example: "10", Doc: "Discount on quantity × price.", line: func(l *invoice.SaleLine, v value) { l.DiscountRate = v.some() }},
	{Name: "discount", Type: TypeMoney, Doc: "Discount on the whole line as money.", line: func(l *invoice.SaleLine, v value) { l.Discount = v.some() }},
	{Name: "discount_per_unit", Type: TypeMoney, Doc: "Discount per unit as money; becomes discount = it × quantity."},
	{Name: "discount_value", Type: TypeNumber, Doc: "Discount whose meaning discount_kind tells."},
	{Name: "discount_kind", Type: TypeCode, Map: "discount_kind", Example: "percent", Doc: "percent, fraction, money or per_unit: the meaning of discount_value."},
	{Name: "charge", Type: TypeMoney, Doc: "Charge on the whole line.", line: func(l *invoice.SaleLine, v value) { l.Charge = v.some() }},
	{Name: "net", Type: TypeMoney, Need: Recommended, Example: "32.85", Doc: "Booked line total without taxes, after discount.", line: func(l *invoice.SaleLine, v value) { l.Net = v.some() }},
	{Name: "vat_rate", Type: TypePercent, Need: Required, Unit: "percent, fraction or ratio by money.vat_unit", Example: "20", Doc: "VAT rate; with vat_unit = \"ratio\" it is found from vat and net.", line: func(l *invoice.SaleLine, v value) { l.VATRate = v.some() }},
	{Name: "vat", Type: TypeMoney, Need: Recommended, Example: "6.57", Doc: "Booked VAT of the line.", line: func(l *invoice.SaleLine, v value) { l.VAT = v.some() }},
	{Name: "gross", Type: TypeMoney, Doc: "Booked line total with VAT.", line: func(l *invoice.SaleLine, v value) { l.Gross = v.some() }},
	{Name: "amount_factor", Type: TypeNumber, Doc: "As in the header, for this line."},
	{Name: "exemption_code", Type: TypeCode, Map: "exemption", Example: "351", Doc: "GİB code of the reason for VAT 0.", line: func(l *invoice.SaleLine, v value) { l.Exemption.Code = v.text }},
	{Name: "exemption_reason", Type: TypeText, Doc: "Text of the reason.", line: func(l *invoice.SaleLine, v value) { l.Exemption.Reason = v.text }},
	{Name: "withholding_code", Type: TypeCode, Map: "withholding", Example: "624", Doc: "GİB code of the withholding.", line: func(l *invoice.SaleLine, v value) { l.Withholding.Code = v.text }},
	{Name: "withholding_rate", Type: TypePercent, Doc: "Percent of the VAT that the buyer withholds.", line: func(l *invoice.SaleLine, v value) { l.Withholding.Rate = v.some() }},
	{Name: "tax_code", Type: TypeCode, Map: "tax", Example: "0059", Doc: "GİB code of a tax beside VAT.", line: func(l *invoice.SaleLine, v value) { lineTax(l).Code = v.text }},
	{Name: "tax_rate", Type: TypePercent, Doc: "Its rate.", line: func(l *invoice.SaleLine, v value) { lineTax(l).Rate = v.some() }},
	{Name: "tax_amount", Type: TypeMoney, Doc: "Its amount.", line: func(l *invoice.SaleLine, v value) { lineTax(l).Amount = v.some() }},
	{Name: "tax_in_base", Type: TypeBool, Doc: "It is part of the VAT base (ÖTV).", line: func(l *invoice.SaleLine, v value) { lineTax(l).InBase = v.flag }},
}

// KnownAliases are the columns that a known query may return, besides the key columns.
var KnownAliases = []Alias{
	{Name: "ettn", Type: TypeText, Need: Recommended, Example: "4b0c8f6e-…", Doc: "The ETTN that we wrote; evidence when the ledger is lost."},
	{Name: "number", Type: TypeText, Need: Recommended, Example: "FTR2026000000017", Doc: "The provider's number that we wrote."},
	{Name: "status", Type: TypeText, Example: "Onaylandı", Doc: "The status that we wrote."},
	{Name: "sent_at", Type: TypeTime, Need: Recommended, Example: "2026-09-01 11:59:58", Doc: "The :sent_at that we wrote, in the source's time zone; otherwise a rebuilt ledger takes the provider's, else the time of the rebuild."},
}

// RequestAliases are the columns of the `requests` query, besides the key columns of the document.
var RequestAliases = []Alias{
	{Name: "request_id", Type: TypeText, Need: Required, Doc: "Names the request in on.request."},
	{Name: "action", Type: TypeCode, Map: "action", Need: Required, Example: "resync", Doc: "resync, cancel, release, reissue or mail."},
	{Name: "space", Type: TypeText, Doc: "Name of the document; may be left out where the source has only one."},
	{Name: "sale", Type: TypeText, Doc: "Canonical key of the sale, in place of the key columns."},
	{Name: "reason", Type: TypeText, Doc: "Why."},
	{Name: "requested_by", Type: TypeText, Doc: "Who."},
}

// AnswerAliases are the columns of the `answers` query.
var AnswerAliases = []Alias{
	{Name: "answer_id", Type: TypeText, Need: Required, Doc: "Names the answer in on.answer."},
	{Name: "ettn", Type: TypeText, Need: Required, Doc: "The received invoice."},
	{Name: "answer", Type: TypeCode, Map: "answer", Need: Required, Example: "accept", Doc: "accept or reject."},
	{Name: "reason", Type: TypeText, Doc: "Why; needed to reject."},
	{Name: "answered_by", Type: TypeText, Doc: "Who."},
}

func partyID(scheme string) func(*invoice.Sale, value) {
	return func(s *invoice.Sale, v value) {
		s.Buyer.IDs = append(s.Buyer.IDs, invoice.PartyID{Scheme: scheme, Value: v.text})
	}
}

func addNote(s *invoice.Sale, v value) { s.Notes = append(s.Notes, v.text) }

func returned(s *invoice.Sale) *invoice.Reference { return ensure(&s.Return) }
func ordered(s *invoice.Sale) *invoice.Reference  { return ensure(&s.Order) }
func payment(s *invoice.Sale) *invoice.Payment    { return ensure(&s.Payment) }
func internet(s *invoice.Sale) *invoice.InternetSale {
	return ensure(&s.Internet)
}

func despatched(s *invoice.Sale) *invoice.Reference {
	if len(s.Despatches) == 0 {
		s.Despatches = make([]invoice.Reference, 1)
	}
	return &s.Despatches[0]
}

func attached(s *invoice.Sale) *invoice.File {
	if len(s.Files) == 0 {
		s.Files = make([]invoice.File, 1)
	}
	return &s.Files[0]
}

func lineTax(l *invoice.SaleLine) *invoice.SaleTax {
	if len(l.Taxes) == 0 {
		l.Taxes = make([]invoice.SaleTax, 1)
	}
	return &l.Taxes[0]
}

// ensure fills a nil pointer.
func ensure[T any](p **T) *T {
	if *p == nil {
		*p = new(T)
	}
	return *p
}
