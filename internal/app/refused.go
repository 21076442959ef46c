package app

import (
	"context"
	"fmt"

	"faturad/internal/clock"
	"faturad/internal/invoice"
	"faturad/sync/ledger"
)

// Why an action cannot be done with a document as it stands, and what to do instead: one true sentence each. The Turkish ones
// stand in the ERP, beside the request; %s is the state.
var (
	refusedSettling = invoice.Text{
		TR: "Belgenin entegratörde oluşup oluşmadığı henüz bilinmiyor; faturad öğreniyor: belgenin durumu değişince yeniden isteyin.",
		EN: "it is %s, nobody knows yet whether the provider has it: faturad is finding out, so ask again when its state has changed",
	}
	refusedDispute = invoice.Text{
		TR: "Belge “%s” durumunda: sonucunu entegratörün portalına bakarak yalnız sistem yöneticisi belirler (faturad mark).",
		EN: "it is %s: look for it in the provider's portal, and settle it with `faturad mark`",
	}
	refusedOnItsWay = invoice.Text{
		TR: "Satış sırada, kendiliğinden gönderilecek: yapılacak bir şey yok.",
		EN: "it is %s and goes out by itself: there is nothing to do",
	}
	refusedCorrect = invoice.Text{
		TR: "Belge “%s” durumunda: satışı düzeltin, kendiliğinden yeniden gönderilir; düzeltilecek bir şey yoksa resync isteyin.",
		EN: "it is %s: correct the sale and it is sent again by itself, or use `faturad resync` if nothing is to be corrected",
	}
	refusedResend = invoice.Text{
		TR: "Belge “%s” durumunda: satışı düzeltip resync isteyin; aynı numarayla yeniden gönderilir.",
		EN: "it is %s: correct the sale and use `faturad resync`, which sends it again under the same number",
	}
	refusedDead = invoice.Text{
		TR: "Belge “%s” durumunda, geçerli değil: satış yeniden kesilecekse reissue isteyin.",
		EN: "it is %s and not valid: `faturad reissue` invoices the sale again",
	}

	refusedCancelDoubt = invoice.Text{
		TR: "Belgenin önceki bir denemesinin sonucu belirsiz kalmıştı: vazgeçmek için satışı ERP'de iptal edin ya da silin; faturad bunu fark eder.",
		EN: "it is %s after an attempt of unknown outcome: to give it up, cancel or delete the sale in the ERP, faturad will notice",
	}
	refusedCancelAgain = invoice.Text{
		TR: "Belge, sonucu belirsiz kalan bir denemeden sonra yeniden gönderilecek: gönderilince yeniden isteyin.",
		EN: "it is %s, to be sent again after an attempt of unknown outcome: ask again once it was sent",
	}
	refusedCancelSent = invoice.Text{
		TR: "Belge “%s” durumunda: onaylanınca yeniden isteyin, ya da entegratörün portalında iptal edin; faturad bunu fark eder.",
		EN: "it is %s: ask again once it is accepted, or cancel it in the provider's portal, faturad will notice",
	}
	refusedCancelSentEFatura = invoice.Text{
		TR: "Belge “%s” durumunda, GİB'de işleniyor: sonucunu bekleyin; onaylanan e-Fatura alıcısıyla birlikte GİB portalında iptal edilir.",
		EN: "it is %s and on its way through the tax authority: wait for the result; an accepted e-Fatura is cancelled with its buyer on GİB's portal",
	}
	refusedCancelFailed = invoice.Text{
		TR: "Belge “%s” durumunda: satışı düzeltip resync isteyin; hiç kesilmeyecekse entegratörün portalında iptal edin, faturad bunu fark eder.",
		EN: "it is %s: correct the sale and use `faturad resync`; if it shall never be issued, cancel it in the provider's portal, faturad will notice",
	}
	refusedEFatura = invoice.Text{
		TR: "Onaylanmış e-Fatura hiçbir arayüzden iptal edilemez: alıcısıyla birlikte GİB portalında iptal edin ve entegratöre bildirin; faturad bunu fark eder.",
		EN: "it is an accepted e-Fatura, which no interface can cancel: cancel it with its buyer on GİB's portal and tell the provider, faturad will notice",
	}
	refusedReceipt = invoice.Text{
		TR: "Belge “%s” durumunda: entegratör yalnız onayladığı makbuzları iptal eder; onaylanmasını bekleyin ya da entegratörün portalını kullanın.",
		EN: "it is %s: the provider cancels only receipts that it reports as accepted, so wait for that or use the provider's portal",
	}
	refusedCancelRejected = invoice.Text{
		TR: "Belge “%s” durumunda, geçerli değil: iptal edilecek bir şey yok; satış yeniden kesilecekse reissue isteyin.",
		EN: "it is %s by its buyer, so there is nothing to cancel: `faturad reissue` invoices the sale again",
	}
	refusedCancelled = invoice.Text{
		TR: "Belge zaten iptal edilmiş%s: yapılacak bir şey yok; satış yeniden kesilecekse reissue isteyin.",
		EN: "it is cancelled already%s: there is nothing to do; `faturad reissue` invoices the sale again",
	}
	refusedCancel = invoice.Text{
		TR: "Belge “%s” durumunda: entegratörün portalında iptal edin; faturad bunu fark eder.",
		EN: "it is %s: cancel it in the provider's portal, faturad will notice",
	}

	refusedReleaseSent = invoice.Text{
		TR: "Belge “%s” durumunda, zaten gönderilmiş: serbest bırakılacak bir şey yok.",
		EN: "it is %s, so it was sent already: there is nothing to release",
	}

	refusedMailKind = invoice.Text{
		TR: "Belgenin türü %s: entegratör yalnız e-Arşiv faturaları alıcıya e-postayla gönderir.",
		EN: "it is an %s: the provider mails only e-Arşiv invoices to their buyers",
	}
	refusedMailEarly = invoice.Text{
		TR: "Belge “%s” durumunda, henüz gönderilmedi: e-Arşiv fatura olarak gönderilince alıcıya e-postası da gider.",
		EN: "it is %s and was not sent yet: the provider mails e-Arşiv invoices to their buyers as they are sent",
	}
	refusedMailDraft = invoice.Text{
		TR: "Belge “%s” durumunda: önce release isteyin; gönderilince alıcıya e-postası da gider.",
		EN: "it is a %s: use `faturad release` first, the provider mails e-Arşiv invoices to their buyers as they are sent",
	}
	refusedMail = invoice.Text{
		TR: "Belge “%s” durumunda: yalnız entegratöre ulaşmış e-Arşiv faturalar alıcıya e-postayla gönderilir.",
		EN: "it is %s: only e-Arşiv invoices that the provider has are mailed to their buyers",
	}

	refusedReissueHeld = invoice.Text{
		TR: "Belge “%s” durumunda, hiç gönderilmedi: satışı düzeltin ya da release isteyin.",
		EN: "it is %s and was never sent: correct the sale, or use `faturad release`",
	}
	refusedReissueDraft = invoice.Text{
		TR: "Belge “%s” durumunda: satışla aynı olması için resync, taslaktan vazgeçmek için cancel isteyin.",
		EN: "it is a %s: bring it in line with its sale with `faturad resync`, or take it away with `faturad cancel` first",
	}
	refusedReissueSent = invoice.Text{
		TR: "Belge “%s” durumunda: sonucunu bekleyin; yalnız hatalı, reddedilmiş ya da iptal edilmiş belge yeniden kesilir.",
		EN: "it is %s: wait for the result, only a failed, rejected, cancelled or disputed document can be issued anew",
	}
	refusedReissueValid = invoice.Text{
		TR: "Belge “%s” durumunda, geçerli: önce iptal edilmeli; yalnız hatalı, reddedilmiş ya da iptal edilmiş belge yeniden kesilir.",
		EN: "it is %s and valid, so cancel it first: only a failed, rejected, cancelled or disputed document can be issued anew",
	}

	refusedMarkAlready = invoice.Text{
		TR: "Belge zaten “%s” durumunda: yapılacak bir şey yok.",
		EN: "it is %s already: there is nothing to do",
	}
	refusedMarkSettling = invoice.Text{
		TR: "faturad belgeyi entegratöre hâlâ soruyor: bekleyin; öğrenemezse belge incelemeye düşer, sonucu o zaman elle kaydedilir.",
		EN: "it is %s, faturad is still asking the provider: wait; if nobody can tell it becomes disputed, and only disputed documents can be marked",
	}
	refusedMark = invoice.Text{
		TR: "Belge “%s” durumunda: yalnız belirsiz belgelerin sonucu elle kaydedilir.",
		EN: "it is %s: only disputed documents can be marked",
	}
)

// refusals say it by state, for those that need no second look.
var refusals = map[Action]map[ledger.State]invoice.Text{
	Release: {
		ledger.Pending: refusedOnItsWay, ledger.Prepared: refusedOnItsWay, ledger.Refused: refusedCorrect, ledger.Sent: refusedReleaseSent,
		ledger.Accepted: refusedReleaseSent, ledger.Failed: refusedResend, ledger.Rejected: refusedDead, ledger.Cancelled: refusedDead,
	},
	Cancel: {
		ledger.Pending: refusedCancelDoubt, ledger.Held: refusedCancelDoubt, ledger.Refused: refusedCancelDoubt, ledger.Prepared: refusedCancelAgain,
		ledger.Sent: refusedCancelSent, ledger.Failed: refusedCancelFailed, ledger.Rejected: refusedCancelRejected, ledger.Accepted: refusedCancel,
	},
	Mail: {
		ledger.Pending: refusedMailEarly, ledger.Held: refusedMailEarly, ledger.Refused: refusedMailEarly, ledger.Prepared: refusedMailEarly,
		ledger.Draft: refusedMailDraft, ledger.Failed: refusedResend, ledger.Rejected: refusedDead, ledger.Cancelled: refusedDead,
		ledger.Sent: refusedMail, ledger.Accepted: refusedMail, // of a kind that nobody knows
	},
	Reissue: {
		ledger.Pending: refusedOnItsWay, ledger.Prepared: refusedOnItsWay, ledger.Held: refusedReissueHeld, ledger.Refused: refusedCorrect,
		ledger.Draft: refusedReissueDraft, ledger.Sent: refusedReissueSent, ledger.Accepted: refusedReissueValid,
	},
}

// refused is why an action that StepOf knows no way for cannot be done.
func refused(action Action, d ledger.Document, mark ledger.State) invoice.Text {
	kind := d.Route.Kind
	switch {
	case action == Mark:
		return refusedToMark(d, mark)
	case action == Mail && kind != "" && kind != invoice.EArsiv:
		return textf(refusedMailKind, kind)
	case d.State == ledger.Sending || d.State == ledger.Unknown:
		return inState(refusedSettling, d.State)
	case d.State == ledger.Disputed:
		return inState(refusedDispute, d.State)
	case action == Cancel && d.State == ledger.Cancelled:
		return textf(refusedCancelled, "")
	case action == Cancel && d.State == ledger.Accepted && kind == invoice.EFatura:
		return refusedEFatura
	case action == Cancel && d.State == ledger.Sent && kind == invoice.EFatura:
		return inState(refusedCancelSentEFatura, d.State)
	case action == Cancel && d.State == ledger.Sent && kind.Receipt():
		return inState(refusedReceipt, d.State)
	}
	return inState(refusals[action][d.State], d.State)
}

// markedBy are the actions that lead where a document was to be marked.
var markedBy = map[ledger.State]Action{ledger.Sent: Release, ledger.Prepared: Resync, ledger.Cancelled: Cancel}

func refusedToMark(d ledger.Document, mark ledger.State) invoice.Text {
	if d.State == mark {
		return inState(refusedMarkAlready, d.State)
	}
	if d.State == ledger.Sending || d.State == ledger.Unknown {
		return inState(refusedMarkSettling, d.State)
	}
	text := inState(refusedMark, d.State)
	by := StepOf(markedBy[mark], d, "")
	if leads := by.To == mark || mark == ledger.Prepared && by.To != d.State; by.Possible() && leads {
		text.TR += fmt.Sprintf(" Bunun yerine %s isteyin.", by.Action)
		text.EN += "; use `faturad " + string(by.Action) + "` instead"
	}
	return text
}

// daemonUser is who the audit trail names where no person asked.
const daemonUser = "faturad"

// cancelledBy adds to a refusal what only the history knows: since when and by whom a document is cancelled. One that a person
// tried in vain to cancel was cancelled elsewhere.
func (c *Company) cancelledBy(ctx context.Context, s Step) (Step, error) {
	if s.Action != Cancel || s.Document.State != ledger.Cancelled {
		return s, nil
	}
	last, err := c.lastOperation(ctx, s.Document)
	if err != nil || last.Operation == ledger.OpCancel && last.Class != "ok" {
		return s, err
	}
	trail, err := c.app.Ledger.AuditTrail(ctx, s.Document.ID)
	for _, a := range trail {
		if a.To == ledger.Cancelled && a.From != ledger.Cancelled && a.User != daemonUser {
			s.Refused = invoice.Text{
				TR: fmt.Sprintf(refusedCancelled.TR, " ("+clock.Text(a.At, "tr")+", "+a.User+")"),
				EN: fmt.Sprintf(refusedCancelled.EN, " (since "+clock.Text(a.At, "en")+", by "+a.User+")"),
			}
		}
	}
	return s, err
}
