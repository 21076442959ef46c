// Package propars speaks to Propars: e-Fatura and e-Arşiv made from a sale, signed XML, preview, cancellation, the incoming
// list. It never repeats a request with legal effect, never decides what happens next, and knows no database. Only providers/all
// and internal/app import it.
//
// # A sale and its one invoice
//
// Ground writes the sale (create_nested), under our local reference as its sale_code: the same code again updates it, until it is
// sent. Send then makes the sale's invoice under our derived ETTN and sends it, in one request. A sale has one invoice, so a
// repeated send makes no second one; what it is answered with is not public, and a refusal is always looked behind.
//
// The signed XML by sale_code is the only question about an invoice without a side effect. It confirms every send (buyer, total,
// currency, date, ETTN and number), because the names of the answer's fields are not public; and it is the look-up: there,
// surely not there (Propars' own words, and the list of sent sales agrees), or could not ask.
//
// Propars' preview is a GET that makes the invoice when there is none. It is treated as a write: asked once, never repeated from
// below, never used as a question. It serves for drafts, and for the HTML of what is signed already.
//
// # Assumptions
//
// All public facts about Propars are its own documents (facts/kolaybi-propars.md, part B), and those leave much out. What was
// guessed is a field of Config where it can be one:
//
//	TokenLife       12 h, where the log-in names no expire_date
//	Quarantine      6 min: an absence is believed late
//	SendBy          a sale is named by its code; "id" takes the number that create_nested answered
//	LineFields      a line's fields are named as those of a catalogue item: amount, price, tax_rate, tax_included
//	TotalField      grand_total, where an answer about a sale has it: a sale that Propars adds up otherwise is refused before it is sent
//	UnsignedStatus  the signed XML of what was not sent is answered 404; a 404 of a gateway is told from it by its body
//	Currencies      1 is TRY; no other number is public, so other currencies are refused until their number is set
//	RateField       exchange_rate
//	Rounding        VAT is rounded on each line; "rates" rounds once for each rate
//	Discounts       there is no known field: they lower the unit price, on the document in proportion
//	Units           there is no known field: the unit stands behind the product's name
//	IncomingXML     the UBL of an incoming invoice is where that of an outgoing one would be
//	InboxDays       30: how far back the inbox is listed when nobody says
//	LateDays        10: so much later than its date an incoming invoice may arrive
//	PageSize        100 rows a page; the default of the service is 30
//
// Not settings, because nothing but the provider's answer can settle them:
//
//   - a total must come out to the kuruş by that arithmetic, with prices without VAT or with it: else the sale is refused;
//   - exemption codes, withholding, returns, exports and other taxes have no public fields: such sales are refused;
//   - einvoice_profile is EARSIVFATURA for e-Arşiv; the buyer's mailbox and the series are chosen by Propars;
//   - what was sent counts as accepted: Propars tells nothing that happens to an invoice after that;
//   - the filter sale_code of the list of sales may be ignored: every row is compared, every page read;
//   - an incoming invoice has no "new" flag: the inbox is a window of days, read newest first, and acknowledging does nothing.
package propars
