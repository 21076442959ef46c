package outbound

import "faturad/internal/invoice"

// The sentences that outbound itself writes into the ERP; those about the content of a sale come from mapping.
var (
	textSaleGone = invoice.Text{
		TR: "Satış ERP'den silinmiş ya da artık bekleyen durumda değil; belge gönderilmeden kapatıldı.",
		EN: "The sale was deleted in the ERP or is no longer pending; the document was closed before it was sent.",
	}
	textOriginalPending = invoice.Text{
		TR: "İade faturası, asıl faturanın numarası belli olunca gönderilecek.",
		EN: "The return will be sent as soon as the original invoice has its number.",
	}
	textAccountMissing = invoice.Text{
		TR: "Belge, ayarlarda artık bulunmayan bir entegratör hesabına bağlı.",
		EN: "The document is pinned to a provider account that is no longer in the config.",
	}
	adviceAccountMissing = invoice.Text{
		TR: "Sistem yöneticisi hesabı ayar dosyasına geri eklemeli.",
		EN: "The administrator must put the account back into the config.",
	}
	textUnknown = invoice.Text{
		TR: "Entegratörden kesin yanıt alınamadı; belgenin oluşup oluşmadığı sorgulanıyor.",
		EN: "The provider gave no definite answer; faturad is asking whether the document exists.",
	}
	adviceUnknown = invoice.Text{
		TR: "Bir şey yapmayın; faturad sonucu kendisi öğrenecek. Faturayı elle yeniden kesmeyin.",
		EN: "Do nothing; faturad will find out by itself. Do not issue the invoice by hand.",
	}
	textProbe = invoice.Text{
		TR: "Kayıtlar yeniden kuruluyor; belgenin entegratörde bulunup bulunmadığı gönderilmeden önce sorgulanıyor.",
		EN: "The records are being rebuilt; faturad asks the provider for the document before it sends it.",
	}
	textProbeAgain = invoice.Text{
		TR: "Satış yeniden kesiliyor; gönderilmeden önce, bu belgenin entegratörde bulunup bulunmadığı sorgulanıyor.",
		EN: "The sale is being issued anew; faturad asks the provider for the document before it sends it.",
	}
	textExists = invoice.Text{
		TR: "Entegratör bu belgenin kendisinde zaten bulunduğunu söylüyor; karşılaştırılıyor.",
		EN: "The provider says that it already has this document; faturad is comparing it.",
	}
	textRetry = invoice.Text{
		TR: "Entegratöre ulaşılamadı; gönderim daha sonra yeniden denenecek.",
		EN: "The provider could not be reached; sending will be tried again later.",
	}
	adviceResting = invoice.Text{
		TR: "Bir şey yapmayın; faturad entegratörü yoklamayı sürdürüyor.",
		EN: "Do nothing; faturad goes on probing the provider.",
	}
	textBusy = invoice.Text{
		TR: "Entegratör şu anda belge alamıyor; gönderim daha sonra yeniden denenecek.",
		EN: "The provider cannot take documents at the moment; sending will be tried again later.",
	}
	textThrottled = invoice.Text{
		TR: "Entegratör çok sık istek geldiğini söylüyor; gönderim birazdan yeniden denenecek.",
		EN: "The provider says that requests come too often; sending will be tried again soon.",
	}
	textKey = invoice.Text{
		TR: "Entegratör, hesabın anahtarını ya da parolasını kabul etmiyor; belge, bu düzelince kendiliğinden gönderilir.",
		EN: "The provider does not accept the account's key or password; the document is sent by itself once that is mended.",
	}
	textPermission = invoice.Text{
		TR: "Entegratör hesabının bu işleme yetkisi ya da kontörü yok; belge, hesap düzelince kendiliğinden gönderilir.",
		EN: "The provider's account lacks the permission or the credits for this; the document is sent by itself once it has them.",
	}
	textUnprepared = invoice.Text{
		TR: "Fatura hazırlanamadı (%v).",
		EN: "The invoice could not be prepared (%v).",
	}
	adviceUnprepared = invoice.Text{
		TR: "Satışı ERP'de kontrol edin; doğruysa bu açıklamayla sistem yöneticisine bildirin.",
		EN: "Check the sale in the ERP; if it is right, tell the administrator, with this message.",
	}
	textRefused = invoice.Text{
		TR: "Entegratör belgeyi kabul etmedi ve nedenini bildirmedi.",
		EN: "The provider refused the document and gave no reason.",
	}
	textOtherETTN = invoice.Text{
		TR: "Entegratör gönderilenden başka bir ETTN ile yanıt verdi.",
		EN: "The provider answered with another ETTN than the one sent.",
	}
	textTwin = invoice.Text{
		TR: "Bu satış iki kez girilmiş olabilir: aynı alıcıya aynı gün aynı tutarda başka bir satış var (%s).",
		EN: "This sale may have been entered twice: there is another one with the same buyer, day and amount (%s).",
	}
	adviceTwin = invoice.Text{
		TR: "Ayrı bir satışsa serbest bırakın (faturad release ya da ERP'deki istek); aynısıysa ERP'de silin. Öteki iptal edildiyse: faturad resync.",
		EN: "If it is another sale, release it (faturad release, or the request in the ERP); if it is the same, delete it in the ERP. If the other one was cancelled: faturad resync.",
	}
	adviceDisputed = invoice.Text{
		TR: "Entegratörün portalında belgeyi kontrol edin, sonra sistem yöneticisine bildirin.",
		EN: "Look at the document in the provider's portal, then tell the administrator.",
	}
	adviceRefused = invoice.Text{
		TR: "Satışı ERP'de düzeltin; düzeltilince kendiliğinden yeniden gönderilir.",
		EN: "Correct the sale in the ERP; it is sent again by itself.",
	}
)
