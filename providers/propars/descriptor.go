package propars

import (
	"strconv"

	"faturad/providers"
)

// Describe is what people read about Propars. A setting that is new in the config is described here too.
func Describe() providers.Descriptor {
	return providers.Descriptor{
		Kind: Name, Title: "Propars", Checked: "2026-11-20",
		About: "e-Fatura and e-Arşiv made from a sale that is written first; the signed XML answers every question",
		Addresses: []providers.Address{
			{Name: "live", URL: "https://api.propars.net/api/v1"},
		},
		Credentials: []providers.Setting{
			{Key: "username", Example: `"muhasebe@example.com"`, Meaning: "the e-mail address of the Propars account"},
			{Key: "password", Secret: true, Meaning: "of that account: Propars has no key for programs"},
		},
		Options: []providers.Setting{
			{Key: "format", Default: `"json"`, Meaning: "there is no other"},
			{Key: "timeout", Default: providers.Written(defaultCreateTimeout), Meaning: "deadline of one writing request and what confirms it"},
			{Key: "quarantine", Default: providers.Written(defaultQuarantine), Assumed: true, Meaning: "how long \"there is no such document\" is not believed"},
			{Key: "rate_per_second", Default: "0.0", Assumed: true, Meaning: "requests a second at most; 0 = none: no limit is published"},
			{Key: "propars.send_by", Default: `"code"`, Assumed: true, Meaning: "or `id`: what names a sale when it is sent"},
			{Key: "propars.line_fields", Default: "{}", Example: `{ amount = "quantity" }`, Assumed: true, Meaning: "Propars' names of amount, price, tax_rate, tax_included, product_name, product_code, where they differ"},
			{Key: "propars.total_field", Default: strconv.Quote(defaultTotalField), Assumed: true, Meaning: "where an answer about a sale names its total"},
			{Key: "propars.unsigned_status", Default: strconv.Itoa(defaultUnsigned), Assumed: true, Meaning: "or 400: what the signed XML of an invoice that was not sent is answered with"},
			{Key: "propars.currencies", Default: "{ TRY = 1 }", Example: "{ EUR = 3 }", Assumed: true, Meaning: "Propars' numbers of currencies; only that of TRY is public"},
			{Key: "propars.rate_field", Default: strconv.Quote(defaultRateField), Assumed: true, Meaning: "where a sale in another currency carries its rate"},
			{Key: "propars.rounding", Default: `"lines"`, Assumed: true, Meaning: "or `rates`: where Propars rounds VAT"},
			{Key: "propars.discounts", Default: `"price"`, Assumed: true, Meaning: "lowers the unit price; `refuse` holds the sale"},
			{Key: "propars.units", Default: `"describe"`, Assumed: true, Meaning: "writes the unit behind the product's name; `refuse` holds the sale"},
			{Key: "propars.incoming_xml", Default: strconv.Quote(defaultIncomingXML), Assumed: true, Meaning: "path of an incoming invoice's UBL, {id} standing for its number"},
			{Key: "propars.token_life", Default: providers.Written(defaultTokenLife), Assumed: true, Meaning: "how long a token is used when the log-in does not say"},
			{Key: "propars.page_size", Default: strconv.Itoa(defaultPageSize), Meaning: "rows of a page"},
			{Key: "propars.inbox_days", Default: strconv.Itoa(defaultInboxDays), Meaning: "how far back incoming invoices are listed when nobody says"},
			{Key: "propars.late_days", Default: strconv.Itoa(defaultLateDays), Assumed: true, Meaning: "how much later than its date an incoming invoice may arrive"},
		},
		Limits: []string{
			"There is no public test system.",
			"Only an e-Arşiv is cancelled, until its report went to GİB, and an e-Fatura that was made but not sent.",
			"What was sent counts as accepted: nothing tells what happens to an invoice after that.",
			"There is no PDF, no list of e-invoice taxpayers, no code list, no call that accepts or rejects, and no \"new\" flag of incoming invoices.",
			"Exemption codes, withholding, returns, exports and other taxes have no public fields: such sales are held.",
		},
		Assumed: []string{
			"A second send of one sale makes no second invoice; what it is answered with is not public.",
			"A total comes out to the kuruş by the settings' arithmetic, with prices without VAT or with it: else the sale is held.",
			"The filter sale_code of the list of sales may be ignored: every row is compared.",
		},
		Links: []providers.Link{
			{Title: "API documents", URL: "https://api.propars.net/api-docs/"},
		},
	}
}
