// Package turkcell speaks to Turkcell e-Şirket (ePlatform, isim360): e-Fatura and e-Arşiv by UBL or by the JSON model,
// statuses, downloads, the inbox and the list of e-invoice taxpayers. It never repeats a request that creates, never
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
//	NotFoundTexts    only "Fatura bulunamadı" and "E-Arşiv Fatura bulunamadı" mean "surely none"; "... yada yetkiniz yok!"
//	                 does not, because it may mean a missing permission
//	Quarantine       90 s: a create is worked on at once, and a used ETTN is refused for ever
//	RatePerSecond    no limit is known
//	DespatchBoxes    off: e-İrsaliye mailboxes of the taxpayer list are left out
//
// Not settings, because nothing but the provider's answer can settle them:
//
//   - a local reference is checked on UBL creates only; the JSON model has no field for it;
//   - updatestatuslist takes e-Arşiv documents too;
//   - status 429 means that nothing was done; 503 does not;
//   - the words of a refusal never prove that nothing exists: "exists already" is looked up by the caller.
package turkcell
