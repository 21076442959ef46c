package ubl

import (
	"strings"

	"faturad/internal/invoice"
)

// fixtures are the documents of testdata: every type, route, party, tax and discount that mapping can make.
func fixtures() []fixture {
	return append(append(plainFixtures(), taxFixtures()...), archiveFixtures()...)
}

func plainFixtures() []fixture {
	one := []item{{}}
	day := func(d int) invoice.Date { return invoice.Date{Year: 2026, Month: 10, Day: d} }
	return []fixture{
		{name: "temel-satis", inv: build("TEMELFATURA", "SATIS", one)},
		{name: "ticari-satis-uc-satir", inv: build("TICARIFATURA", "SATIS", []item{
			{name: "Yazılım lisansı", qty: "3", price: "500"},
			{name: "Bakım", qty: "1.5", unit: "HUR", price: "333.3333"},
			{name: "Kitap", qty: "10", price: "25", vat: "10"},
		})},
		{name: "satis-dort-oran", inv: build("TEMELFATURA", "SATIS", []item{
			{vat: "20"}, {name: "Ekmek", vat: "1", qty: "7", price: "12.55"}, {name: "Peynir", vat: "10", unit: "KGM", qty: "0.735", price: "189.9"},
			{name: "Gazete", vat: "0", exempt: exempt("351", "İstisna Olmayan Diğer")},
		})},
		{name: "satis-alici-sahis", inv: build("TEMELFATURA", "SATIS", one, to(person))},
		{name: "satis-alici-sahis-isletmesi", inv: build("TICARIFATURA", "SATIS", one, to(trader))},
		{name: "satis-satici-sahis", inv: build("TEMELFATURA", "SATIS", one, from(trader))},
		{name: "satis-bos-adres", inv: build("TEMELFATURA", "SATIS", one, to(invoice.Party{TaxNo: "6400177128", Name: "Adressiz Ltd. Şti."}))},
		{name: "satis-satir-iskontosu-oran", inv: build("TEMELFATURA", "SATIS", []item{{qty: "3", price: "99.99", discount: "12.5"}})},
		{name: "satis-satir-iskontosu-tutar", inv: build("TEMELFATURA", "SATIS", []item{{qty: "4", price: "49.9", discountMoney: "9.6"}})},
		{name: "satis-satir-artirimi", inv: build("TEMELFATURA", "SATIS", []item{{price: "250", charge: "12.5"}})},
		{name: "satis-iki-satir-iskontosu", inv: build("TEMELFATURA", "SATIS", []item{{qty: "2", price: "120", discount: "10", discountMoney: "6"}})},
		{name: "satis-dip-iskonto", inv: build("TICARIFATURA", "SATIS", []item{{qty: "20"}},
			allowance(invoice.AllowanceCharge{Reason: "Dip iskonto", Amount: dec("50"), Base: dec("2000"), Rate: invoice.Some(dec("2.5"))}))},
		{name: "satis-dip-iskonto-ve-nakliye", inv: build("TICARIFATURA", "SATIS", []item{{qty: "20"}},
			allowance(invoice.AllowanceCharge{Reason: "Dip iskonto", Amount: dec("50")}),
			allowance(invoice.AllowanceCharge{Charge: true, Reason: "Nakliye", Amount: dec("75.5")}))},
		{name: "satis-yuvarlama-yukari", inv: build("TEMELFATURA", "SATIS", []item{{qty: "7", price: "13.33"}},
			func(i *invoice.Invoice) { i.Totals.Rounding = dec("0.03") })},
		{name: "satis-yuvarlama-asagi", inv: build("TEMELFATURA", "SATIS", []item{{qty: "7", price: "13.35"}},
			func(i *invoice.Invoice) { i.Totals.Rounding = dec("-0.14") })},
		{name: "satis-usd", inv: build("TICARIFATURA", "SATIS", []item{{qty: "3", price: "99.99"}}, currency("USD", "41.8532"))},
		{name: "satis-eur-alti-hane-kur", inv: build("TEMELFATURA", "SATIS", []item{{price: "1500"}}, currency("EUR", "48.912345"))},
		{name: "satis-gbp-iskontolu", inv: build("TICARIFATURA", "SATIS", []item{{price: "1234.56", discount: "5"}}, currency("GBP", "56.1"))},
		{name: "iade", inv: build("TEMELFATURA", "IADE", one, returns("ABC2026000000777"))},
		{name: "iade-iki-fatura", inv: build("TEMELFATURA", "IADE", []item{{}, {name: "Kalem", vat: "10"}}, returns("ABC2026000000777", "ABC2026000000778"))},
		{name: "iade-usd", inv: build("TEMELFATURA", "IADE", one, returns("ABC2026000000777"), currency("USD", "41.8532"))},
		{name: "kamu-satis", inv: build("KAMU", "SATIS", one, to(office), func(i *invoice.Invoice) {
			i.Payment = &invoice.Payment{MeansCode: "42", DueDate: invoice.Date{Year: 2026, Month: 11, Day: 5}, IBAN: "TR33 0006 1005 1978 6457 8413 26"}
		})},
		{name: "kamu-harcama-birimi", inv: build("KAMU", "SATIS", one, to(office), func(i *invoice.Invoice) {
			i.Payment = &invoice.Payment{IBAN: "TR330006100519786457841326", Currency: "TRY"}
			i.BuyerCustomer = &company
		})},
		{name: "satis-odeme-vadesi", inv: build("TEMELFATURA", "SATIS", one, func(i *invoice.Invoice) {
			i.Payment = &invoice.Payment{MeansCode: "30", DueDate: day(31), Note: "Vade 26 gün; gecikmede aylık %2", IBAN: "TR330006100519786457841326"}
		})},
		{name: "satis-nakit", inv: build("TEMELFATURA", "SATIS", one, func(i *invoice.Invoice) { i.Payment = &invoice.Payment{MeansCode: "10"} })},
		{name: "satis-siparis-irsaliye", inv: build("TICARIFATURA", "SATIS", one, func(i *invoice.Invoice) {
			i.SaleNumber = "SF-2026/00042"
			i.Order = &invoice.Reference{Number: "PO-4711", Date: day(1)}
			i.Despatches = []invoice.Reference{{Number: "IRS2026000000012", Date: day(3)}, {Number: "IRS2026000000013"}}
		})},
		{name: "satis-notlar-ve-kodlar", inv: build("TEMELFATURA", "SATIS", []item{{name: `Kablo 3x1,5 <NYM> & "rulo"`, unit: "MTR", qty: "100", price: "1.2345", edit: func(l *invoice.Line) {
			l.SaleLine, l.SKU, l.BuyerSKU = "17", "KBL-001", "A/99"
			l.Description = "Bakır;\nhalojensiz, > 70 °C"
		}}}, func(i *invoice.Invoice) {
			i.SaleNumber = "F-7"
			i.Notes = []string{"Teşekkür ederiz. ğüşıöç ĞÜŞİÖÇ", "2. not: <b>& 'tırnak' \"çift\"</b>\nikinci satır", "😀 emoji"}
		})},
		{name: "satis-ek-referanslar", inv: build("TEMELFATURA", "SATIS", one), head: Header{
			Number: "FTR2026000000123", CustomizationID: "TR1.2.1",
			References: []Additional{{ID: "SZL-9", TypeCode: "SOZLESME", Type: "Sözleşme", Descriptions: []string{"Çerçeve sözleşme", "Ek 2"}}, {ID: "X", Scheme: "DIGER", Date: day(2)}},
		}},
		{name: "satis-imza-yerleri", inv: build("TEMELFATURA", "SATIS", one), head: Header{SignatureSlots: true}},
		{name: "satis-kurus", inv: build("TEMELFATURA", "SATIS", []item{{qty: "0.125", unit: "KGM", price: "9.87654321", vat: "1", edit: func(l *invoice.Line) { l.Name = strings.Repeat("uzun ad ", 40) + "son" }}})},
		{name: "satis-buyuk-tutar", inv: build("TEMELFATURA", "SATIS", []item{{qty: "123456789", price: "98765.43"}})},
	}
}

func taxFixtures() []fixture {
	tevkifat := item{price: "1500", withhold: "606", withholdRate: "90"}
	return []fixture{
		{name: "tevkifat-606-90", inv: build("TICARIFATURA", "TEVKIFAT", []item{tevkifat})},
		{name: "tevkifat-iki-kod", inv: build("TICARIFATURA", "TEVKIFAT", []item{tevkifat, {name: "Yapım işi", price: "10000", withhold: "601", withholdRate: "40"}})},
		{name: "tevkifat-kismen", inv: build("TEMELFATURA", "TEVKIFAT", []item{{name: "Makine bakımı", price: "833.33", withhold: "603", withholdRate: "70"}, {name: "Yedek parça"}})},
		{name: "tevkifat-tam-804", inv: build("TEMELFATURA", "TEVKIFAT", []item{{price: "1500", vat: "10", withhold: "804", withholdRate: "100"}})},
		{name: "tevkifat-usd", inv: build("TICARIFATURA", "TEVKIFAT", []item{tevkifat}, currency("USD", "41.8532"))},
		{name: "tevkifatiade", inv: build("TEMELFATURA", "TEVKIFATIADE", []item{{price: "1500", edit: func(l *invoice.Line) { l.Taxes[0].Amount = dec("30") }}}, returns("ABC2026000000777"))},
		{name: "iade-tevkifatli", inv: build("TEMELFATURA", "IADE", []item{tevkifat}, returns("ABC2026000000777"))},
		{name: "istisna-kismi-217", inv: build("TEMELFATURA", "ISTISNA", []item{{price: "1500", vat: "0", exempt: exempt("217", "17/4-ğ Bankacılık işlemleri")}})},
		{name: "istisna-tam-302-eur", inv: build("TEMELFATURA", "ISTISNA", []item{{price: "1500", vat: "0", exempt: exempt("302", "11/1-a Hizmet İhracatı")}}, currency("EUR", "48.912345"))},
		{name: "istisna-ve-kdvli", inv: build("TICARIFATURA", "ISTISNA", []item{{vat: "0", exempt: exempt("217", "17/4-ğ Bankacılık işlemleri")}, {name: "Kitap", vat: "10"}})},
		{name: "istisna-iki-kod", inv: build("TICARIFATURA", "ISTISNA", []item{{vat: "0", exempt: exempt("217", "17/4-ğ Bankacılık işlemleri")}, {vat: "0", exempt: exempt("302", "11/1-a Hizmet İhracatı")}})},
		{name: "ozelmatrah-805", inv: build("TICARIFATURA", "OZELMATRAH", []item{{name: "Bilezik", qty: "5", unit: "GRM", price: "5250", base: "1250", exempt: exempt("805", "Altından Mamül veya Altın İçeren Ziynet Eşyaları")}})},
		{name: "ihrackayitli-701", inv: build("TEMELFATURA", "IHRACKAYITLI", []item{{price: "1500", vat: "0", exempt: exempt("701", "3065 s. KDV Kanununun 11/1-c md. Kapsamındaki İhraç Kayıtlı Satış")}})},
		{name: "satis-555-eski-oran", inv: build("TEMELFATURA", "SATIS", []item{{price: "1500", vat: "18", exempt: exempt("555", "KDV Oran Kontrolüne Tabi Olmayan Satışlar")}})},
		{name: "satis-otv-3-liste", inv: build("TEMELFATURA", "SATIS", []item{{name: "Gazoz", qty: "100", unit: "LTR", price: "20", extra: []extraTax{{"0073", "10", true}}}})},
		{name: "satis-oiv", inv: build("TEMELFATURA", "SATIS", []item{{name: "Telefon görüşmesi", price: "300", extra: []extraTax{{"4080", "10", false}}}})},
	}
}

func archiveFixtures() []fixture {
	one := []item{{}}
	return []fixture{
		{name: "earsiv-tuketici-kagit", inv: build("TEMELFATURA", "SATIS", []item{{price: "2500"}, {name: "Kitap", vat: "10"}}, to(consumer)), head: Header{Kind: invoice.EArsiv, SendType: SendPaper}},
		{name: "earsiv-sahis", inv: build("", "SATIS", one, to(person)), head: archive},
		{name: "earsiv-sirket", inv: build("TICARIFATURA", "SATIS", one), head: archive},
		{name: "earsiv-internet-kart", inv: build("", "SATIS", one, to(person), shop(invoice.InternetSale{PaymentMethod: paidByCard, PaymentDate: invoice.Date{Year: 2026, Month: 10, Day: 5}})), head: archive},
		{name: "earsiv-internet-araci", inv: build("", "SATIS", one, to(person), shop(invoice.InternetSale{PaymentMethod: paidByAgent, PaymentAgent: "Ödeme Köprüsü A.Ş.", PaymentDate: invoice.Date{Year: 2026, Month: 10, Day: 4}}), func(i *invoice.Invoice) {
			i.Payment = &invoice.Payment{MeansCode: "48", DueDate: invoice.Date{Year: 2026, Month: 10, Day: 20}, Note: "Taksitli"}
			i.SaleNumber = "WEB-1001"
			i.Notes = []string{"İrsaliye yerine geçer."}
		}), head: archive},
		{name: "earsiv-internet-kapida", inv: build("", "SATIS", one, to(consumer), shop(invoice.InternetSale{PaymentMethod: paidAtDoor})), head: archive},
		{name: "earsiv-internet-havale", inv: build("", "SATIS", one, to(person), shop(invoice.InternetSale{PaymentMethod: paidByTransfer, PaymentDate: invoice.Date{Year: 2026, Month: 10, Day: 3}}), func(i *invoice.Invoice) {
			i.Payment = &invoice.Payment{IBAN: "TR330006100519786457841326"}
		}), head: Header{Kind: invoice.EArsiv, Archive: ArchiveByID}},
		{name: "earsiv-internet-form-yok", inv: build("", "SATIS", one, to(person), shop(invoice.InternetSale{PaymentMethod: paidByCard})), head: Header{Kind: invoice.EArsiv, Archive: ArchiveNone}},
		{name: "earsiv-form-ad", inv: build("", "SATIS", one, to(person)), head: Header{Kind: invoice.EArsiv, Archive: ArchiveByName}},
		{name: "earsiv-konaklama", inv: build("", "KONAKLAMAVERGISI", []item{{name: "Oda", qty: "2", unit: "DAY", price: "2000", vat: "10", extra: []extraTax{{"0059", "2", false}}}}, to(person)), head: archive},
		{name: "earsiv-tevkifat", inv: build("", "TEVKIFAT", []item{{price: "1500", withhold: "612", withholdRate: "90"}}), head: archive},
		{name: "earsiv-iade", inv: build("", "IADE", one, to(person), returns("EAR2026000000031")), head: archive},
		{name: "earsiv-yabanci-hizmet-usd", inv: build("", "ISTISNA", []item{{price: "1500", vat: "0", exempt: exempt("302", "11/1-a Hizmet İhracatı")}}, to(foreigner), currency("USD", "41.8532")), head: archive},
		{name: "earsiv-yabanci-euro", inv: build("", "SATIS", one, to(foreigner), currency("EUR", "48.9")), head: archive},
	}
}
