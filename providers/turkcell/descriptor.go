package turkcell

import (
	"strconv"

	"faturad/internal/invoice/codes"
	"faturad/mapping/ubl"
	"faturad/providers"
)

// Describe is what people read about Turkcell. A setting that is new in the config is described here too.
func Describe() providers.Descriptor {
	return providers.Descriptor{
		Kind: Name, Title: "Turkcell e-Şirket", Checked: "2026-11-20",
		About: "e-Fatura and e-Arşiv by UBL or the provider's JSON model, producer and self-employment receipts (e-MM, e-SMM), with numbers, statuses, files, inbox and the list of taxpayers",
		Addresses: []providers.Address{
			{Name: "test", URL: "https://efaturaservicetest.isim360.com"},
			{Name: "live", URL: "https://efaturaservice.turkcellesirket.com"},
		},
		Credentials: []providers.Setting{
			{Key: "api_key", Secret: true, Meaning: "made in the portal, API yönetimi (`/home/api-management`); test and live differ"},
			{Key: "username", Instead: true, Meaning: "the older log-in, with `password`, instead of `api_key`: a user of the portal"},
			{Key: "password", Instead: true, Secret: true, Meaning: "of that user"},
			{Key: "token_url", Instead: true, Meaning: "where to log in; without it what belongs to `base_url`"},
		},
		Options: []providers.Setting{
			{Key: "format", Default: strconv.Quote(string(FormatUBL)), Meaning: "`json` is the provider's own model, which carries less and does not check the local reference"},
			{Key: "timeout", Default: providers.Written(defaultCreateTimeout), Meaning: "deadline of one creating request"},
			{Key: "quarantine", Default: providers.Written(defaultQuarantine), Assumed: true, Meaning: "how long \"there is no such document\" is not believed"},
			{Key: "rate_per_second", Default: "0.0", Assumed: true, Meaning: "requests a second at most; 0 = none: no limit is published"},
			{Key: "customization", Default: strconv.Quote(ubl.DefaultCustomization), Assumed: true, Meaning: "UBL CustomizationID; `TR1.2.1` where the account wants it"},
			{Key: "xslt_code", Example: `"master"`, Meaning: "the look that the provider made for the company; without it the standard one"},
			{Key: "use_manual_invoice_id", Default: "false", Meaning: "true: the ERP's document number is the invoice's number"},
			{Key: "turkcell.voucher_format", Default: strconv.Quote(string(FormatUBL)), Meaning: "form of an e-SMM; `json` is the provider's own model, which carries less, checks no local reference and cannot be updated"},
			{Key: "turkcell.voucher_type", Default: strconv.Quote(codes.ServiceReceipt), Assumed: true, Meaning: "CreditNoteTypeCode of an e-SMM: nobody published it"},
			{Key: "turkcell.receipt_customization", Default: strconv.Quote(ubl.ReceiptCustomization), Assumed: true, Meaning: "UBL CustomizationID of receipts; `TR1.2` where the account wants it"},
			{Key: "turkcell.not_found_texts", Default: "[]", Example: `["Makbuz kaydı bulunamadı"]`, Assumed: true, Meaning: "further sentences that surely mean \"there is no such document\"; those about receipts are not published"},
		},
		Limits: []string{
			"An e-Fatura cannot be cancelled by this interface; an e-Arşiv can, while it is approved (status 60).",
			"The local reference is checked on UBL creates only: the JSON model has no field for it.",
			"A receipt can be cancelled while it is approved (status 60); no limit of time is published. There is no list of receipts, and no question about their mails.",
			"A failed receipt is turned back into a draft before it is mended, as the guide asks; an e-MM is UBL only.",
			"A used ETTN is refused for ever; a failed document is mended under its own.",
			"A page of the inbox has at most 500 rows; a local reference at most 150 characters.",
			"There is no seller in the JSON model: the sender is the owner of the key.",
		},
		Assumed: []string{
			"updatestatuslist takes e-Arşiv documents too.",
			"The e-SMM's JSON model takes our ETTN, as the invoice's does: a receipt that comes back under another one waits for a person.",
			"The paths of e-MM and e-SMM are those that one integrator's program shows; the parts of the e-SMM's JSON model have the fields of the invoice's.",
			"Status 429 means that nothing was done; 503 does not.",
			"\"Fatura bulunamadı\" and \"E-Arşiv Fatura bulunamadı\" alone mean that there surely is none; of receipts the same sentence with \"Makbuz\", \"Müstahsil Makbuzu\" or \"Serbest Meslek Makbuzu\".",
		},
		Links: []providers.Link{
			{Title: "developer pages", URL: "https://developer.turkcellesirket.com"},
			{Title: "test portal", URL: "https://portaltest.isim360.com"},
			{Title: "portal", URL: "https://portal.turkcellesirket.com"},
		},
	}
}
