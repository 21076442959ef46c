// Package kolaybi speaks to KolayBi: e-Fatura and e-Arşiv in two steps, contacts and products, statuses, PDF, the incoming
// list. It never repeats a request that creates, never decides what happens next, and knows no database. Only providers/all
// and internal/app import it.
//
// # Two steps, and no key
//
// KolayBi takes no key from us: it gives ETTN and number itself, when a draft is made official, and a repeated create is
// a second record. So Ground finds or makes contact, address and products (looked for before they are made), Send makes the
// draft, and Release makes it official (docs/decisions/0041-two-steps.md). The derived ETTN travels in the draft's
// description as "[faturad:…]": that is how Lookup finds it in the lists. A document is official only when both ETTN and number are known.
//
// Release asks first, creates only what has no number, and asks once more when it is refused: a refusal may mean that the
// step was done a moment ago.
//
// # Assumptions
//
// KolayBi documents these loosely or not at all (facts/kolaybi-propars.md, part A). Each is a field of Config where it can be one:
//
//	Format             the documented form encoding; JSON is accepted as well
//	Quarantine         6 min: nothing refuses a second create, so an absence is believed late
//	TokenLife          22 h of the documented 24
//	PagePause          0.55 s between pages of a list: 429 was seen, no limit is published
//	PerPage            50 rows a page
//	CompanyCurrency    TRY: what foreign totals are converted to
//	CorrectionLimit    0.05: so much of a rounding difference goes into subtotal_correction_amount, more is refused
//	LineExemption      the name of a line's exemption code: vat_exemption_reason_code
//	ReturnReferences   return_invoice_references is a list; "flat" sends one object
//	ReturnType         a return is a sale_return_invoice
//	UnitPolicy         KolayBi has no field for a line's unit: "describe" writes it into the line's text, "refuse" holds the sale
//	WithheldTotal      grand_total is what is paid: after withholding
//	Statuses           words of the lists that status.go does not know
//	UpdateContacts     off: a contact found by tax number and name is left as it is, whatever e-mail, phone or tax office the sale
//	                   has, and another name makes another contact; PUT associates was seen in one client only
//	CancelDates        off: cancel sends document_id alone
//	LookbackDays       90: how far back a document without a date is looked for
//
// Not settings, because nothing but the provider's answer can settle them:
//
//   - a second e-document/create on one record is refused, and never gives a second number;
//   - discounts are in the invoice's currency, although the guide labels them TRY;
//   - lines of a special base carry VAT 0, and special_tax_base carries the tax; VAT of registered exports is shown, not added;
//   - prices are without VAT; VAT is rounded on each line, half up;
//   - freight and insurance of an export are part of the total;
//   - an export names the foreign buyer as its contact, and KolayBi addresses the ministry by itself;
//   - an incoming invoice has no "new" flag: the inbox is a window of days, and acknowledging does nothing.
package kolaybi
