package main

import (
	"fmt"
	"strconv"

	"faturad/internal/invoice"
)

// customer is a row of the ERP's customer list. All of them are made up; their tax numbers have valid check digits.
type customer struct {
	name        string // company title; empty for a person
	first, last string
	taxNo       string
	office      string
	street      string
	district    string
	city        string
	country     string // empty = TR
	email       string
	alias       bool // an e-Fatura user with one mailbox
}

func (c customer) person() bool { return c.last != "" }

func (c customer) title() string {
	if c.person() {
		return c.first + " " + c.last
	}
	return c.name
}

// mailbox is where an e-Fatura user receives.
func (c customer) mailbox() string { return "urn:mail:defaultpk@" + c.taxNo + ".example.com" }

// vkn adds the check digit to nine digits.
func vkn(nine int) string {
	for digit := range 10 {
		if s := fmt.Sprintf("%09d%d", nine, digit); invoice.ValidVKN(s) {
			return s
		}
	}
	return ""
}

// tckn adds both check digits to nine digits, the first of which is not 0.
func tckn(nine int) string {
	for digits := range 100 {
		if s := fmt.Sprintf("%09d%02d", nine, digits); invoice.ValidTCKN(s) {
			return s
		}
	}
	return ""
}

// firm makes an e-Fatura user.
func firm(n int, name, office, street, district, city string) customer {
	return customer{name: name, taxNo: vkn(640_218_300 + 7*n), office: office, street: street, district: district, city: city,
		email: "muhasebe" + strconv.Itoa(n) + "@example.com", alias: true}
}

// consumer makes a private person.
func consumer(n int, first, last, street, district, city string) customer {
	return customer{first: first, last: last, taxNo: tckn(100_000_300 + 11*n), street: street, district: district, city: city,
		email: "kisi" + strconv.Itoa(n) + "@example.com"}
}

// firms are the companies that receive e-Fatura.
func firms() []customer {
	return []customer{
		firm(0, "Çamlıbel Gıda Sanayi A.Ş.", "Kozyatağı", "Değirmen Sok. No:14", "Kadıköy", "İstanbul"),
		firm(1, "Şahinkaya Lojistik Ltd. Şti.", "Gebze", "Liman Yolu Cad. No:3", "Gebze", "Kocaeli"),
		firm(2, "Öz Işıldak Elektrik A.Ş.", "Bornova", "Sanayi Cad. No:27/B", "Bornova", "İzmir"),
		firm(3, "Gülpınar Turizm A.Ş.", "Muratpaşa", "Deniz Mah. 112. Sok. No:8", "Muratpaşa", "Antalya"),
		firm(4, "Yeşilırmak Tarım Ltd. Şti.", "Amasya", "Çarşı Cad. No:41", "Merkez", "Amasya"),
		firm(5, "İnci Tekstil A.Ş.", "Osmangazi", "Organize San. 5. Cad. No:2", "Nilüfer", "Bursa"),
		firm(6, "Ağrı Dağı Yapı Ltd. Şti.", "Çankaya", "Barış Bulvarı No:90", "Çankaya", "Ankara"),
		firm(7, "Üçyıldız Bilişim A.Ş.", "Pendik", "Teknopark Bulvarı No:7", "Pendik", "İstanbul"),
	}
}

// consumers are the people that receive e-Arşiv invoices.
func consumers() []customer {
	return []customer{
		consumer(0, "Ayşegül", "Yıldırım", "Gül Sok. No:5 D:3", "Beşiktaş", "İstanbul"),
		consumer(1, "Çağrı", "Öztürk", "Atatürk Cad. No:118", "Konak", "İzmir"),
		consumer(2, "Şükrü", "Ağaoğlu", "Kale Mah. 4. Sok. No:12", "Altındağ", "Ankara"),
		consumer(3, "Ümit", "Işık", "Sahil Yolu No:61", "Ortahisar", "Trabzon"),
		consumer(4, "İpek", "Güçlü", "Menekşe Sok. No:22 D:9", "Seyhan", "Adana"),
		consumer(5, "Gökhan", "Şimşek", "Cumhuriyet Mah. No:33", "Tepebaşı", "Eskişehir"),
	}
}
