package main

import (
	"time"

	"github.com/shopspring/decimal"

	"faturad/providers/turkcell/turkcellsim"
	"faturad/sync/ledger"
)

// Customers that play a part of their own.
var (
	refusedFirm  = firm(20, "Kapalı Hesap Ltd. Şti.", "Şişli", "Büyükdere Cad. No:1", "Şişli", "İstanbul")
	failingFirm  = firm(21, "Dolu Posta Kutusu A.Ş.", "Meram", "Posta Sok. No:19", "Meram", "Konya")
	rejectsFirm  = firm(22, "Titiz Satın Alma A.Ş.", "Kavaklıdere", "Denetim Sok. No:6", "Çankaya", "Ankara")
	foreignBuyer = customer{name: "Musterfirma Handels GmbH", street: "Beispielstraße 7", district: "Mitte", city: "Berlin", country: "DE"}
	walkIn       = customer{first: "Peşin", last: "Müşteri"}
)

// buyers is what the outside world does with invoices to some of them.
func buyers() map[string]turkcellsim.Buyer {
	return map[string]turkcellsim.Buyer{
		refusedFirm.taxNo: turkcellsim.BuyerRefused,
		failingFirm.taxNo: "envelope:1215",
		rejectsFirm.taxNo: turkcellsim.BuyerRejects,
	}
}

// stories are the sales that show something, in the order of the shop's numbers.
func stories() []sale {
	firms, people := firms(), consumers()
	paper := line{name: "A4 fotokopi kâğıdı 80 gr, 5'li koli", quantity: "4", unit: "koli", price: "1249.50", vat: 20}
	honey := line{name: "Çiçek balı 850 gr", quantity: "3", unit: "adet", price: "312.75", vat: 1}
	snacks := line{name: "Toplantı ikramı", quantity: "12", unit: "adet", price: "165.00", vat: 10}
	chair := line{name: "Döner ofis koltuğu", quantity: "2", unit: "adet", price: "4390.00", vat: 20}

	wrongNumber := firm(30, "Yanlış Numara Ltd. Şti.", "Zeytinburnu", "Surlar Sok. No:2", "Zeytinburnu", "İstanbul")
	wrongNumber.taxNo = wrongDigit(wrongNumber.taxNo)
	hive := line{name: "Süzme çiçek balı, dökme", quantity: "64.5", unit: "kg", price: "185.00", kept: []kept{{"0003", "2"}, {"SGK_PRIM", "1"}}}
	noDistrict := people[3]
	noDistrict.district = ""

	return []sale{
		{customer: firms[0], daysAgo: 6, lines: []line{paper, honey, snacks}, note: "KDV %20, %10 ve %1"},
		{customer: people[0], daysAgo: 6, gross: true, lines: []line{chair, honey}, note: "KDV dahil fiyatlar"},
		{customer: firms[2], daysAgo: 6, discount: "10", lines: []line{paper, chair}, note: "belge indirimi %10"},
		{customer: wrongNumber, daysAgo: 5, lines: []line{paper}, end: ledger.Held},
		{customer: firms[3], daysAgo: 5, currency: "USD", rate: "41.8725", lines: []line{
			{name: "Rezervasyon yazılımı, aylık", quantity: "1", unit: "ay", price: "349.00", vat: 20}}, note: "dolar, kur 41,8725"},
		{customer: noDistrict, daysAgo: 5, gross: true, lines: []line{honey}, end: ledger.Held},
		{customer: firms[4], daysAgo: 5, fault: turkcellsim.FaultSavedError, lines: []line{paper, snacks},
			note: "kaydedip 500 döndü: bulundu"},
		{customer: firms[6], daysAgo: 4, columns: row{"gross": decimal.RequireFromString("9999.99")}, lines: []line{chair}, end: ledger.Held},
		{customer: firms[7], daysAgo: 4, lines: []line{{name: "Aylık büro temizliği", quantity: "1", unit: "ay", price: "18500.00", vat: 20, withheld: "612"}},
			note: "tevkifat 9/10"},
		{customer: people[4], daysAgo: 4, gross: true, lines: []line{{name: "Vergi Usul Kanunu, açıklamalı", quantity: "1", unit: "adet", price: "640.00", vat: 0, exempt: "335"}},
			note: "KDV 0, istisna 335"},
		{customer: firms[1], daysAgo: 4, lines: []line{{name: "Etiket", quantity: "2", unit: "fıçı", price: "75.00", vat: 20}}, end: ledger.Held},
		{customer: firms[5], daysAgo: 3, fault: turkcellsim.FaultAnswerLost, lines: []line{snacks, chair},
			note: "yanıt kayboldu: bulundu"},
		{customer: refusedFirm, daysAgo: 3, lines: []line{paper}, end: ledger.Refused},
		{customer: firms[0], daysAgo: 3, columns: row{"invoice_type": "IADE", "return_no": oldNumber, "return_date": daysBefore(20)}, lines: []line{
			{name: "İade: döner ofis koltuğu", quantity: "1", unit: "adet", price: "4390.00", vat: 20}}, note: "iade"},
		{customer: walkIn, daysAgo: 3, gross: true, lines: []line{honey}, note: "kimliksiz perakende"},
		{customer: firms[3], daysAgo: 2, currency: "EUR", lines: []line{
			{name: "Rezervasyon yazılımı, kurulum", quantity: "6", unit: "saat", price: "45.00", vat: 20}}, end: ledger.Held},
		{customer: foreignBuyer, daysAgo: 2, currency: "EUR", rate: "48.9140", lines: []line{
			{name: "Yazılım geliştirme", quantity: "32", unit: "saat", price: "42.50", vat: 0, exempt: "302"}}, note: "avro, ihracat istisnası 302"},
		{customer: failingFirm, daysAgo: 2, lines: []line{paper, paper}, end: ledger.Failed},
		{customer: people[1], daysAgo: 2, gross: true, lines: []line{{name: "Öğütülmüş filtre kahve", quantity: "1.250", unit: "kg", price: "684.50", vat: 1},
			{name: "Çizgili defter, 120 yaprak", quantity: "7", unit: "adet", price: "74.90", vat: 20, discount: "7.5"}}, note: "kg, satır indirimi"},
		{customer: rejectsFirm, daysAgo: 2, columns: row{"scenario": "TICARIFATURA"}, lines: []line{chair}, end: ledger.Rejected},
		{customer: firms[2], daysAgo: 1, lines: []line{{name: "Kitap bağışı bedeli", quantity: "1", unit: "adet", price: "500.00", vat: 0}}, end: ledger.Held},
		{customer: firms[7], daysAgo: 1, columns: row{"scenario": "TICARIFATURA", "order_no": "SIP-2231", "order_date": daysBefore(4)}, lines: []line{
			{name: "Ağ kablosu Cat6", quantity: "305", unit: "mt", price: "18.40", vat: 20}}, note: "ticari fatura, sipariş nolu"},
		{customer: people[5], daysAgo: 1, columns: row{"kind": "e-mm"}, lines: []line{hive}, note: "müstahsil makbuzu"},
		{customer: firms[4], daysAgo: 1, columns: row{"kind": "e-mm"}, lines: []line{hive}, end: ledger.Held},
	}
}

// wrongDigit spoils a tax number's check digit.
func wrongDigit(taxNo string) string {
	last := taxNo[len(taxNo)-1]
	return taxNo[:len(taxNo)-1] + string('0'+(last-'0'+1)%10)
}

// daysBefore is a day of the ERP, counted back from today.
func daysBefore(n int) func(time.Time) string {
	return func(today time.Time) string { return today.AddDate(0, 0, -n).Format(time.DateOnly) }
}

// oldNumber is the number of an invoice from before faturad.
func oldNumber(today time.Time) string {
	return "DFN" + today.AddDate(0, 0, -20).Format("2006") + "000000017"
}
