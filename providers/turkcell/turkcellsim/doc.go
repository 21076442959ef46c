// Package turkcellsim is an honest simulator of Turkcell e-Şirket: an HTTP handler with memory, a clock that can be moved
// and fault switches. It reads the UBL it is sent with a reader of its own, so that it finds our writer's mistakes. Of ours it
// imports the clock and providers/simulator alone; tests and cmd/faturad-demo import it, the shipped binary never does.
//
// # Rules
//
// The mark behind a rule is that of the facts about the provider: [C] confirmed by several sources, [S] one source,
// [G] the guide only, [I] inferred. "Assumed" names the option that turns it.
//
// Calls:
//   - x-api-key, or the bearer token of POST /v1/token, else 401 [C]; its body is not known: empty here.
//   - Routes without regard to case [C]; a doubled slash is forgiven [S]. Another method on a known path: 405 [I].
//   - JSON is bound without regard to case and answered in camelCase [C]; assumed: Rules.PascalReplies.
//   - Every answer carries X-Correlation-Id [S]. Refusals are 422 with a dictionary of lists [C]: keys are model paths
//     (model.AddressBook.ReceiverCity) for JSON and "uyarı" for UBL [I]. Bad ids and bad JSON: 400, same shape [S].
//   - 404 is a plain sentence that differs by side [S]; assumed: Rules.QuotedText.
//   - The legacy endpoints are not simulated.
//
// Creates:
//   - A refused document was never created and leaves no gap in the numbers [I].
//   - The ETTN becomes the document's id [C]. Used anywhere, on either side, for ever: 422 "sistemde mevcut" [S]; that it
//     spans both sides is assumed: Rules.ETTNPerProduct. The check and the insert are one step; assumed: Rules.RacyETTN.
//   - UBL with checkLocalReferenceId=true: refused while an earlier document with that reference is in any state but 40
//     and 0 [S message, I states]; assumed: Rules.DraftBlocksReference, Rules.ReferencePerProduct. JSON creates do not
//     check local references [I, strong].
//   - The provider numbers: prefix, year of the issue date, nine digits, one sequence per prefix and year without gaps,
//     whatever stands in the UBL's ID [G]; drafts are numbered too, because every reply model has a number [I]; assumed:
//     Rules.NumberWhenQueued. useManualInvoiceId takes the UBL's number: shape, year and uniqueness are checked [S].
//     The UBL handed out carries the number [I]. Default series EPA and EPK: Options.Default; any well-formed prefix
//     exists unless Options.Prefixes lists them [I].
//   - UBLVersionID 2.1; CustomizationID TR1.2 [S] and TR1.2.1 [GİB]; assumed: Rules.OnlyTR12. CopyIndicator, pairs of
//     scenario and type, units, currencies, rate, exemption text, withholding by type, references of returns: GİB's
//     Schematron. XML must be UTF-8 without DTD.
//   - Dates are Istanbul's: not in the future, not more than a year ago [S]. Months whose e-Arşiv report is made: only
//     with Rules.CloseReportedMonths (from the 15th of the next month).
//   - Buyer: tax number with length [S] and check digits (the provider refuses invalid ones [S]; assumed:
//     Rules.LenientIDs), name, surname for TCKN, district, city, country [C for JSON, I for UBL].
//   - Totals must add up within a kuruş a line; whether the provider looks is not known; assumed: Rules.LenientTotals.
//   - e-Fatura to a non-user, and to a user with several mailboxes of which none was chosen (targetAlias, alias,
//     useFirstAlias): refused [S, G]. A mailbox that is not the buyer's: refused [I]. e-Arşiv to an e-Fatura user:
//     refused [S] unless allowOldEArsivCustomer [G].
//   - e-Arşiv: EARSIVFATURA only, with a time; UBL with references SendType and IsInternetSale [S], found wherever in
//     the AdditionalDocumentReference they stand; assumed: Rules.NoSendTypeNeeded. Internet sales of the JSON model need
//     web site, payment and carrier [S].
//   - JSON only: units NIU, EA and PCE are refused [S]; useCalculatedVatAmount takes the caller's amounts [C].
//
// Receipts (e-MM, e-SMM):
//   - A JSON object with the UBL zipped and in base64 [G] at paths of their own [S]: one file in the zip, a CreditNote,
//     not more than 4 MB [I]. Numbers, ETTN, local references, series, mails: as for invoices [G].
//   - EARSIVBELGE [C]; MUSTAHSILMAKBUZ [C] or, for an e-SMM, SERBESTMESLEKMAKBUZU; assumed: Options.VoucherType. TR1.2.1 [C] and
//     TR1.2 [S]. A time, a buyer with an address, for an e-MM a farmer with TCKN, first and family name [C].
//   - Taxes: 0003, 9040, 8001 and SGK_PRIM on an e-MM [C], 0015 (needed), 0003 and 9015 on an e-SMM [C]; no
//     WithholdingTaxTotal (the schema). Totals of an e-MM are net of its deductions from TaxExclusiveAmount on [S]; an e-SMM
//     pays the fee and its VAT less stopaj and withheld VAT [C]. Assumed: Rules.LenientTotals.
//   - The JSON model of the e-SMM computes the amounts, knows no local reference and gives its own number [G].
//   - 20, then 60 [I from the guide's states]; 60 may become 100 by cancel, at any time [G]. A failed one is turned back into a
//     draft (updatestatuslist 0, each product its own list) before its content may be replaced [G]; assumed:
//     Rules.FailedReceiptsOpen. There is no list of receipts [G]; a 404 says "... Makbuzu bulunamadı." [I].
//
// Life:
//   - 20, 30, 50, then 60; a commercial invoice waits in 70 for 60, 80, or 65 after eight days [I]. Envelope codes: none,
//     1000, 1100, 1200, 1300; an e-Arşiv has none [C]. 40 with an error code for buyers who fail (Options.Buyers).
//   - Content may be replaced, and the document queued again, in 0 and 40 only [S]; number and prefix stay [G].
//     updatestatuslist does all or nothing, and knows e-Arşiv documents too [I]; assumed: Rules.StrictStatusList.
//   - e-Arşiv in 60 may be cancelled, up to six months after its date [S].
//   - A status question on the other side answers 404 [I].
//
// Incoming: pages of at most 500 from 1 [G], sorted by arrival, filtered by arrival [I]; a wrong page is refused with 422
// [I]. updateisnew answers the number of rows [S]; assumed: Rules.IsNewAnswersNull. Only a waiting commercial invoice can
// be answered [I].
//
// Taxpayer list: one JSON entry with BOM in PascalCase [C]; it also holds inactive rows, sending units and despatch
// mailboxes, which a client must leave out.
//
// # Faults
//
// A Fault strikes by family, by count, by chance from a seed, or by document; savesByHabit in fault.go lists the kinds.
// Faults that look at a document's content come after those that do not. Late accepts apply to creates; elsewhere they
// are saved at once.
package turkcellsim
