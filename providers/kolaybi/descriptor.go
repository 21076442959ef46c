package kolaybi

import (
	"strconv"

	"faturad/providers"
)

// Describe is what people read about KolayBi. A setting that is new in the config is described here too.
func Describe() providers.Descriptor {
	return providers.Descriptor{
		Kind: Name, Title: "KolayBi", Checked: "2026-11-20",
		About: "e-Fatura and e-Arşiv in two steps through an accounting service: contact, products and a draft first, then the legal step",
		Addresses: []providers.Address{
			{Name: "test", URL: "https://ofis-sandbox-api.kolaybi.com/kolaybi/v1"},
			{Name: "live", URL: "https://ofis-api.kolaybi.com/kolaybi/v1"},
		},
		Credentials: []providers.Setting{
			{Key: "api_key", Secret: true, Meaning: "panel: Ayarlar, Profil Hesabı, API Anahtarları"},
			{Key: "channel", Secret: true, Meaning: "given to the integrator by api.support@kolaybi.com"},
			{Key: "company_id", Default: "0", Meaning: "KolayBi's number for the company; 0 = the account's only one"},
		},
		Options: []providers.Setting{
			{Key: "format", Default: strconv.Quote(string(FormatForm)), Meaning: "form (documented) or json"},
			{Key: "timeout", Default: providers.Written(defaultCreateTimeout), Meaning: "deadline of one writing request"},
			{Key: "quarantine", Default: providers.Written(defaultQuarantine), Assumed: true, Meaning: "how long \"there is no such document\" is not believed"},
			{Key: "rate_per_second", Default: "0.0", Assumed: true, Meaning: "requests a second at most; 0 = none: no limit is published, 429 was seen on lists"},
			{Key: "kolaybi.tags", Default: "[]", Example: "[12]", Meaning: "put on every invoice"},
			{Key: "kolaybi.project_id", Default: "0", Meaning: "the project of every invoice; 0 = none"},
			{Key: "kolaybi.shipment_include", Default: "false", Meaning: "print \"irsaliye yerine geçer\" on invoices without a despatch note"},
			{Key: "kolaybi.units", Default: strconv.Quote(string(UnitDescribe)), Meaning: "or `refuse`: KolayBi has no field for a line's unit; describe writes it into the line's text"},
			{Key: "kolaybi.correction", Default: strconv.Quote(defaultCorrection.String()), Assumed: true, Meaning: "most that subtotal_correction_amount may take up; more holds the sale"},
			{Key: "kolaybi.line_exemption", Default: strconv.Quote(lineExemptions[0]), Assumed: true, Meaning: "or `exemption_code`: the field of a line's exemption code"},
			{Key: "kolaybi.return_references", Default: strconv.Quote(returnReferences[0]), Assumed: true, Meaning: "or `flat`: how a return names its invoices"},
			{Key: "kolaybi.return_type", Default: strconv.Quote(returnTypes[0]), Assumed: true, Meaning: "or `purchase_return_invoice`, `sale_invoice`: the type of a return"},
			{Key: "kolaybi.withheld_total", Default: strconv.Quote(withheldTotals[0]), Assumed: true, Meaning: "or `before`: whether grand_total is after withholding"},
			{Key: "kolaybi.statuses", Default: "{}", Example: `{ "gönderildi" = "accepted" }`, Assumed: true, Meaning: "further words of e_document_status: nobody published them; unknown ones mean \"on its way\""},
			{Key: "kolaybi.update_contacts", Default: "false", Assumed: true, Meaning: "write name, tax office, e-mail and phone of a sale over a contact that has others; false leaves it as it is"},
			{Key: "kolaybi.cancel_dates", Default: "false", Assumed: true, Meaning: "send cancel_date and cancel_time with a cancellation"},
			{Key: "kolaybi.page_pause", Default: providers.Written(defaultPagePause), Assumed: true, Meaning: "between two pages of a list"},
			{Key: "kolaybi.per_page", Default: strconv.Itoa(defaultPerPage), Assumed: true, Meaning: "rows of a page"},
			{Key: "kolaybi.lookback_days", Default: strconv.Itoa(defaultLookback), Meaning: "how far back a document of unknown date is looked for"},
			{Key: "kolaybi.inbox_days", Default: strconv.Itoa(defaultInbox), Meaning: "how far back incoming invoices are listed when nobody says"},
		},
		Limits: []string{
			"No key of ours is taken, and nothing is refused as a duplicate: what died in the middle of the legal step waits for a person.",
			"An e-Fatura is cancelled by KolayBi's support only, or by a return; an official e-Arşiv by this interface.",
			"There is no list of e-invoice taxpayers, no code list, no call that accepts or rejects, and no \"new\" flag of incoming invoices.",
			"The series of the year must be defined in the panel first: \"Ön ek bulunamadı\".",
			"A document cannot be updated: a draft is deleted and made again.",
		},
		Assumed: []string{
			"A second e-document/create on one record is refused, and never gives a second number.",
			"Discounts are in the invoice's currency, although the guide labels them TRY.",
			"Lines of a special base carry VAT 0, and special_tax_base carries the tax; VAT of registered exports is shown, not added.",
			"Prices are without VAT; VAT is rounded on each line, half up; freight and insurance of an export are part of the total.",
			"An export names the foreign buyer as its contact, and KolayBi addresses the ministry by itself.",
		},
		Links: []providers.Link{
			{Title: "developer pages", URL: "https://developer.kolaybi.com/docs"},
			{Title: "sandbox", URL: "https://ofis-sandbox.kolaybi.com"},
		},
	}
}
