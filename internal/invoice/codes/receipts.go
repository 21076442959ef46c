package codes

// ReceiptProfile is the ProfileID of every receipt, e-MM and e-SMM alike.
const ReceiptProfile = "EARSIVBELGE"

// The CreditNoteTypeCodes of receipts. GİB never published the one of the e-SMM, so providers may want another
// (ubl.Header.ReceiptType).
const (
	ProducerReceipt = "MUSTAHSILMAKBUZ"
	ServiceReceipt  = "SERBESTMESLEKMAKBUZU"
)

// The taxes of receipts.
const (
	IncomeTax      = "0003"     // gelir vergisi stopajı
	PastureFund    = "9040"     // mera fonu
	ExchangeFee    = "8001"     // borsa tescil ücreti
	SocialSecurity = "SGK_PRIM" // bağkur primi; in the code list of receipts only
	VATWithheld    = "9015"     // KDV tevkifatı; CreditNote has no WithholdingTaxTotal
)

// ProducerDeduction is the Turkish name of a code that an e-MM takes off what the producer is paid. It has no other taxes.
func ProducerDeduction(code string) (string, bool) {
	switch code {
	case SocialSecurity:
		return "SGK Prim Kesintisi", true
	case IncomeTax, PastureFund, ExchangeFee:
		return TaxName(code)
	}
	return "", false
}

// ReceiptExemption reports an exemption code that a self-employment receipt may give for VAT of 0: those of plain and of
// exempt sales, and none that makes a kind of invoice of its own.
func ReceiptExemption(code string) bool {
	e, ok := ExemptionOf(code)
	return ok && !SpecialBase(code) && !RegisteredExport(code) && code != RateUnchecked && code != TaxFree && (e.AllowedIn("SATIS") || e.AllowedIn("ISTISNA"))
}
