package followup

import "faturad/internal/invoice"

// The sentences about answers to incoming commercial invoices.
var (
	textDaysLeft = invoice.Text{
		TR: "Ticari fatura yanıt bekliyor. Son gün %s, kalan gün: %d.",
		EN: "The commercial invoice waits for an answer. The last day is %s, days left: %d.",
	}
	adviceAnswer = invoice.Text{
		TR: "Kabul ya da ret yanıtını girin; süre dolarsa fatura kabul edilmiş sayılır.",
		EN: "Enter accept or reject; when the time is up, the invoice counts as accepted.",
	}
	textAnswerTaken = invoice.Text{TR: "Alındı; yanıtın durumu gelen faturada görünür.", EN: "Taken; the incoming invoice shows where the answer stands."}
	textAnswerOdd   = invoice.Text{TR: "Yanıt satırı anlaşılamadı:", EN: "The row of the answer cannot be understood:"}
	textNoReason    = invoice.Text{TR: "Ret yanıtı için sebep gerekir.", EN: "A rejection needs a reason."}
	adviceNoReason  = invoice.Text{TR: "Satıcının okuyacağı ret sebebini yazıp yeniden girin.", EN: "Write the reason that the seller will read, and enter it again."}

	textNotCommercial = invoice.Text{
		TR: "Bu fatura ticari fatura değildir (TICARIFATURA); e-Fatura sisteminde kabul ya da ret yanıtı verilemez.",
		EN: "This is no commercial invoice (TICARIFATURA); the e-invoice system takes no acceptance or rejection for it.",
	}
	adviceNotCommercial = invoice.Text{
		TR: "İtiraz edecekseniz sekiz gün içinde noter, taahhütlü mektup ya da KEP ile satıcıya bildirin; mal iadesinde iade faturası düzenleyin.",
		EN: "To object, write to the seller within eight days by notary, registered letter or KEP; for returned goods issue a return invoice.",
	}
	textAnswered      = invoice.Text{TR: "Bu faturanın yanıtı var:", EN: "This invoice has its answer:"}
	adviceAnswered    = invoice.Text{TR: "Verilmiş yanıt değiştirilemez; satıcıyla görüşün.", EN: "An answer cannot be changed; talk to the seller."}
	textNoSuchInvoice = invoice.Text{TR: "Bu ETTN ile gelen bir fatura yok.", EN: "No invoice with this ETTN was received."}

	textAnswerUnknown = invoice.Text{
		TR: "Yanıtın entegratöre ulaşıp ulaşmadığı bilinmiyor; sorgulanıyor.",
		EN: "It is not known whether the answer reached the provider; faturad is asking.",
	}
	textAnswerLater = invoice.Text{
		TR: "Yanıt entegratöre henüz iletilemedi; faturad yeniden dener.",
		EN: "The answer could not be given to the provider yet; faturad tries again.",
	}
	textAnswerKey = invoice.Text{
		TR: "Entegratör, hesabın anahtarını, parolasını ya da yetkisini kabul etmiyor; yanıt, bu düzelince kendiliğinden gider.",
		EN: "The provider does not accept the account's key, password or permission; the answer goes out by itself once that is mended.",
	}
	textAnswerRefused = invoice.Text{
		TR: "Entegratör yanıtı kabul etmedi ve nedenini bildirmedi.",
		EN: "The provider refused the answer and gave no reason.",
	}
	textAnswerFailed    = invoice.Text{TR: "Yanıt GİB'e iletilirken hata oldu.", EN: "The answer failed on its way to GİB."}
	adviceAnswerFailed  = invoice.Text{TR: "Bir şey yapmayın; faturad yanıtı yeniden gönderir.", EN: "Do nothing; faturad sends the answer again."}
	adviceRefusedAnswer = invoice.Text{TR: "Nedeni düzeltip yanıtı yeniden girin.", EN: "Correct the cause and enter the answer again."}
	textLapsed          = invoice.Text{TR: "Sekiz gün içinde yanıt verilmedi; fatura kabul edilmiş sayıldı.", EN: "Nobody answered within eight days; the invoice counts as accepted."}

	textAnsweredElsewhere = invoice.Text{TR: "Yanıt entegratörün portalında ya da başka bir programda verilmiş.", EN: "The answer was given in the provider's portal or by another program."}
	adviceOtherwise       = invoice.Text{TR: "Burada girilen yanıttan farklı: yanıtı verenle ve satıcıyla görüşün.", EN: "It differs from the answer entered here: talk to whoever gave it, and to the seller."}
	textCannotAnswer      = invoice.Text{TR: "Faturanın geldiği hesap yanıt gönderemiyor ya da ayarlarda yok.", EN: "The account that the invoice came through cannot answer, or is not in the config."}
	adviceCannotAnswer    = invoice.Text{TR: "Yanıtı entegratörün portalından verin.", EN: "Answer in the provider's portal."}
)
