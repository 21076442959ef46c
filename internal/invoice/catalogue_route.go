package invoice

// routeFaults concern the way a sale would go out; sync/registry finds them when it decides the route.
var routeFaults = []FaultKind{
	{Code: "route.no_list",
		Message: Text{"E-fatura mükellef listesi henüz alınmadığı için bu satışın e-Fatura mı e-Arşiv mi olacağı bilinmiyor.", "No list of e-invoice taxpayers has been imported yet, so it is not known whether this sale becomes an e-Fatura or an e-Arşiv invoice."},
		Advice:  Text{"Sistem yöneticisinden mükellef listesini aldırmasını (faturad sync registry) isteyin; liste gelince satış kendiliğinden gönderilir.", "Ask the administrator to import the list (faturad sync registry); once it is there the sale goes out by itself."}},
	{Code: "route.list_nowhere",
		Message: Text{"Entegratörün e-fatura mükellef listesi yok; bu yüzden bu satışın e-Fatura mı e-Arşiv mi olacağı bilinmiyor.", "The provider has no list of e-invoice taxpayers, so it is not known whether this sale becomes an e-Fatura or an e-Arşiv invoice."},
		Advice:  Text{"Satışta belge türünü girin ya da sistem yöneticisinden ayarlarda bu alıcıyı veya listesi kullanılacak hesabı belirtmesini isteyin ([company.routing] pin, taxpayers).", "Give the kind of document in the sale, or ask the administrator to name this buyer in the config, or the account whose list is used ([company.routing] pin, taxpayers)."}},
	{Code: "route.no_mailbox",
		Message: Text{"Bu satış e-Fatura olarak sabitlenmiş, ama alıcı e-fatura mükellefi listesinde yok ve posta kutusu verilmemiş.", "This sale is pinned to e-Fatura, but the buyer is not in the list of e-invoice taxpayers and no mailbox is given."},
		Advice:  Text{"Alıcının vergi numarasını kontrol edin; doğruysa posta kutusu etiketini yazın ya da e-Fatura sabitlemesini kaldırın.", "Check the buyer's tax number; if it is right, give the mailbox or remove the pin to e-Fatura."}},
	{Code: "route.registered_buyer", Warning: true,
		Message: Text{"Bu satış e-Arşiv olarak sabitlenmiş, ama alıcı e-fatura mükellefi: entegratör belgeyi geri çevirebilir.", "This sale is pinned to e-Arşiv, but the buyer is an e-invoice taxpayer: the provider may refuse it."},
		Advice:  Text{"e-Arşiv sabitlemesini kaldırın; alıcıya e-Fatura düzenlenmelidir.", "Remove the pin to e-Arşiv; this buyer is owed an e-Fatura."}},
	{Code: "route.not_public", Warning: true,
		Message: Text{"Senaryo KAMU, ama alıcının mükellef listesinde kamu kurumu olarak kayıtlı bir posta kutusu yok.", "The scenario is KAMU, but the buyer has no mailbox in the list that is registered as public sector."},
		Advice:  Text{"Alıcı kamu kurumu değilse senaryoyu TEMELFATURA yapın.", "If the buyer is no public body, set the scenario to TEMELFATURA."}},
	{Code: "elsewhere.invoiced",
		Message: Text{"Bu satış entegratörün portalında elle faturalanmış: {0}, {1}, {2}. Aynı alıcı, aynı tutar, aynı belge numarası; bu yüzden gönderilmedi.", "This sale was invoiced by hand in the provider's portal: {0}, {1}, {2}. Buyer, amount and sale number are the same, so it was not sent."},
		Advice:  Text{"Doğruysa satış için cancel isteyin: faturad bir daha göndermez. Bu satışın faturası değilse release isteyin: gönderilir.", "If that is right, cancel the document (faturad cancel): it is never sent. If it is not this sale's invoice, release it: it is sent."}},
	{Code: "elsewhere.similar",
		Message: Text{"Entegratörün portalında bu satışa benzeyen bir fatura elle kesilmiş: {0}, {1}, {2}. Kesin eşleşmediği için satış bekletiliyor.", "An invoice that is similar to this sale was made by hand in the provider's portal: {0}, {1}, {2}. It is not a sure match, so the sale is held."},
		Advice:  Text{"O fatura bu satışınsa satış için cancel isteyin; değilse release isteyin.", "If that invoice is this sale's, cancel the document (faturad cancel); if not, release it."}},
	{Code: "route.kind",
		Message: Text{"Belge türü {0} olamaz; e-fatura, e-arsiv, e-mm ya da e-smm olmalıdır.", "The kind of the document cannot be {0}; it must be e-fatura, e-arsiv, e-mm or e-smm."},
		Advice:  Text{"Belge türünü düzeltin ya da boş bırakın; boşsa mükellef listesine göre karar verilir.", "Correct the kind, or leave it empty: then the list of taxpayers decides."}},
}
