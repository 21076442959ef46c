package followup

import (
	"faturad/internal/invoice"
	"faturad/providers"
)

// The sentences that followup itself writes into the ERP; a provider's own words are passed on as they are.
var (
	textUnknown = invoice.Text{
		TR: "Gönderim yarıda kaldı; belgenin entegratörde oluşup oluşmadığı sorgulanıyor.",
		EN: "Sending was interrupted; faturad is asking the provider whether the document exists.",
	}
	adviceUnknown = invoice.Text{
		TR: "Bir şey yapmayın; faturad sonucu kendisi öğrenecek. Faturayı elle yeniden kesmeyin.",
		EN: "Do nothing; faturad will find out by itself. Do not issue the invoice by hand.",
	}
	textDifferent = invoice.Text{
		TR: "Entegratörde bu ETTN ile kayıtlı belge, gönderilen belgeden farklı:",
		EN: "The document that the provider holds under this ETTN differs from the one sent:",
	}
	textUnsettled = invoice.Text{
		TR: "Belgenin entegratörde oluşup oluşmadığı bir gün boyunca öğrenilemedi.",
		EN: "For a whole day it could not be found out whether the document exists at the provider.",
	}
	textERPOnly = invoice.Text{
		TR: "ERP bu satışın faturalandığını söylüyor, ama entegratörde böyle bir belge yok.",
		EN: "The ERP says that this sale was invoiced, but the provider has no such document.",
	}
	textVanished = invoice.Text{
		TR: "Gönderilmiş belge entegratörde artık bulunamıyor.",
		EN: "The document was sent, but the provider can no longer find it.",
	}
	adviceDisputed = invoice.Text{
		TR: "Entegratörün portalında belgeyi kontrol edin, sonra sistem yöneticisine bildirin.",
		EN: "Look at the document in the provider's portal, then tell the administrator.",
	}
	textInterrupted = invoice.Text{
		TR: "Resmîleştirme sırasında faturad durdu; taslak entegratörde numarasız duruyor, ama istek geç ulaşmış olabilir.",
		EN: "faturad stopped while the draft was made official; it has no number at the provider, but the request may still arrive.",
	}
	adviceInterrupted = invoice.Text{
		TR: "Entegratörün portalında faturaya bakın: numarası varsa sistem yöneticisi `faturad mark REF sent`, yoksa `faturad mark REF prepared` ile sonuçlandırır.",
		EN: "Look at the invoice in the provider's portal: if it has a number, the administrator settles it with `faturad mark REF sent`, else with `faturad mark REF prepared`.",
	}
	textCancelledElsewhere = invoice.Text{
		TR: "Fatura faturad dışında, entegratörün ya da GİB'in portalında iptal edilmiş.",
		EN: "The invoice was cancelled past faturad, in the provider's or GİB's portal.",
	}
	adviceCancelledElsewhere = invoice.Text{
		TR: "İptal doğruysa satışı ERP'de de iptal edin; satış yeniden faturalanacaksa sistem yöneticisi `faturad reissue` çalıştırır.",
		EN: "If that is right, cancel the sale in the ERP as well; if it shall be invoiced again, the administrator runs `faturad reissue`.",
	}
	adviceFailed = invoice.Text{
		TR: "Nedeni ERP'de düzeltin, sonra satış için resync isteyin; belge aynı ETTN ile yeniden gönderilir.",
		EN: "Correct the cause in the ERP, then ask for a resync of the sale; the document is sent again under the same ETTN.",
	}
	textChanged = invoice.Text{
		TR: "Satış, fatura gönderildikten sonra değiştirilmiş; gönderilen fatura değişmedi.",
		EN: "The sale was changed after its invoice was sent; the invoice that was sent is unchanged.",
	}
	adviceChanged = invoice.Text{
		TR: "Değişiklik gerçekse iade faturası düzenleyin; değilse satışı eski hâline getirin.",
		EN: "If the change is real, issue a return; if not, put the sale back as it was.",
	}
	textGone = invoice.Text{
		TR: "Satış, fatura gönderildikten sonra ERP'de silinmiş veya iptal edilmiş; gönderilen fatura geçerliliğini koruyor.",
		EN: "The sale was deleted or cancelled in the ERP after its invoice was sent; the invoice that was sent stands.",
	}
	adviceGone = invoice.Text{
		TR: "Faturanın da kalkması gerekiyorsa yasal süresinde iptal edin veya iade faturası düzenleyin; değilse satışı geri getirin.",
		EN: "If the invoice is to go too, cancel it within the legal time or issue a return; if not, bring the sale back.",
	}
	textDraftChanged = invoice.Text{
		TR: "Satış, taslak oluşturulduktan sonra değiştirilmiş; entegratördeki taslak eski hâliyle duruyor.",
		EN: "The sale was changed after its draft was made; the draft at the provider is as it was.",
	}
	adviceDraftChanged = invoice.Text{
		TR: "Taslağı satışla eşitlemek için resync isteyin; entegratör buna izin vermiyorsa taslağı iptal edip (cancel) satışı yeniden kesin (reissue).",
		EN: "Ask for a resync to bring the draft in line; where the provider does not allow it, cancel the draft and issue the sale anew (reissue).",
	}
	textDraftGone = invoice.Text{
		TR: "Satış, taslak oluşturulduktan sonra ERP'de silinmiş veya iptal edilmiş; taslağın yasal etkisi yok.",
		EN: "The sale was deleted or cancelled in the ERP after its draft was made; the draft has no legal effect.",
	}
	adviceDraftGone = invoice.Text{
		TR: "Taslağı iptal edin (cancel), ya da satışı geri getirin.",
		EN: "Cancel the draft, or bring the sale back.",
	}
	textDraftVanished = invoice.Text{
		TR: "Taslak entegratörde artık yok; portalda silinmiş olabilir.",
		EN: "The provider no longer has the draft; somebody may have deleted it in the portal.",
	}
	textAccountMissing = invoice.Text{
		TR: "Belge, ayarlarda artık bulunmayan bir entegratör hesabına bağlı.",
		EN: "The document is pinned to a provider account that is no longer in the config.",
	}
	adviceAccountMissing = invoice.Text{
		TR: "Sistem yöneticisi hesabı ayar dosyasına geri eklemeli.",
		EN: "The administrator must put the account back into the config.",
	}
)

// Why faturad by itself took a document over, for the audit trail.
var (
	reasonEarlier = invoice.Text{
		TR: "Entegratör bu referansın önceki belgesi olarak bildirdi; alıcı, tutar, para birimi ve tarih aynı.",
		EN: "the provider named it as the earlier document of this reference, with the same buyer, total, currency and date",
	}
	reasonSame = invoice.Text{
		TR: "Entegratörde aynı alıcı, tutar, para birimi ve tarihle bulundu.",
		EN: "found at the provider with the same buyer, total, currency and date",
	}
	reasonFound = invoice.Text{
		TR: "Entegratörde satıştan türetilen ETTN ile bulundu; kayıtlar yitirildiği için karşılaştırılacak bir şey kalmamıştı.",
		EN: "found at the provider under the derived ETTN; the lost ledger left nothing to compare it with",
	}
)

// mailTexts are the words for where the mail to the buyer stands.
var mailTexts = map[providers.MailState]invoice.Text{
	providers.MailWaiting: {TR: "Gönderilecek", EN: "To be sent"},
	providers.MailSent:    {TR: "Gönderildi", EN: "Sent"},
	providers.MailFailed:  {TR: "İletilemedi", EN: "Not delivered"},
	providers.MailStopped: {TR: "İletilemedi, deneme bitti", EN: "Not delivered, given up"},
}
