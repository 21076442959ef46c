// Package turkcell speaks to Turkcell e-Şirket (ePlatform, isim360): e-Fatura and e-Arşiv by UBL or by the JSON model,
// receipts (e-MM, e-SMM), statuses, downloads, the inbox and the list of e-invoice taxpayers. It never repeats a request that creates, never
// decides what happens next, and knows no database. Only providers/all and internal/app import it.
//
// # What creates
//
// A create goes through client.once: one request by a plain http.Client without GetBody, redirects, HTTP/2 or an
// Idempotency-Key, since each of those lets a lower layer send a body twice. An error before a connection existed is
// Retryable; everything after that moment is Ambiguous until a clear answer says otherwise. Reads go through
// go-retryablehttp with a small budget. class.go is the table of what each HTTP status means for each kind of call.
//
// # Assumptions
//
// The provider's documentation leaves these open (facts/turkcell.md, section 10). Each is a field of Config where it can
// be one:
//
//	CustomizationID  the UBL says TR1.2, as the rule of 2019 names it; GİB takes TR1.2.1 too
//	Archive          how an e-Arşiv UBL carries SendType and IsInternetSale (mapping/ubl, ArchiveForm)
//	SendType         e-Arşiv invoices are delivered electronically
//	UseFirstAlias    off: a buyer with several mailboxes and none chosen is refused, not guessed
//	OwnNumbers       off: useManualInvoiceId is false, numbers are the provider's, and the UBL's is a placeholder
//	XSLTCode         the standard look; OwnLook downloads in the customer's own one
//	AllowOldEArsiv   off: no old-dated e-Arşiv to somebody who became an e-Fatura user since
//	VoucherFormat    an e-SMM is UBL; its JSON model (parts with the fields of the invoice's) leaves the open points of the UBL
//	                 to the provider, but takes no local reference, no own number and no update
//	VoucherType      the CreditNoteTypeCode of an e-SMM is SERBESTMESLEKMAKBUZU: GİB has published no guide
//	ReceiptCustomization  the UBL of a receipt says TR1.2.1, as GİB's guides to CreditNotes do; one integrator writes TR1.2
//	NotFoundTexts    only "Fatura bulunamadı" and "E-Arşiv Fatura bulunamadı" mean "surely none"; "... yada yetkiniz yok!"
//	                 does not, because it may mean a missing permission. Of receipts the likely forms are known ("Müstahsil
//	                 Makbuzu bulunamadı"): one that is not among them means "could not ask", and the document waits for a person
//	Quarantine       90 s: a create is worked on at once, and a used ETTN is refused for ever
//	RatePerSecond    no limit is known
//	DespatchBoxes    off: e-İrsaliye mailboxes of the taxpayer list are left out
//
// Not settings, because nothing but the provider's answer can settle them:
//
//   - a local reference is checked on UBL creates only; the JSON model has no field for it;
//   - updatestatuslist takes e-Arşiv documents too; each receipt has a list of its own (guide);
//   - the paths of receipts, which one source alone shows (facts 2.6, 2.7). An account without the product, or without
//     these paths, is no obstacle for invoices: only a receipt, and a document of unknown kind, is asked for there, and the
//     latter takes a missing permission or path for "no such side";
//   - the JSON model of the e-SMM takes our ETTN, as that of invoices does. A receipt that came back under another one is disputed,
//     but one whose answer was lost would not be found: the UBL, whose local reference is checked, is the default;
//   - a failed receipt is turned back into a draft (updatestatuslist 0) before its content is replaced, as the guide asks;
//   - a receipt is approved (60) without the steps 30 and 50, and may be cancelled then; no limit of time is known;
//   - an ETTN that a receipt used is used for invoices too: nothing depends on it, since a sale's kind is frozen with it;
//   - status 429 means that nothing was done; 503 does not;
//   - the words of a refusal never prove that nothing exists: "exists already" is looked up by the caller.
package turkcell
