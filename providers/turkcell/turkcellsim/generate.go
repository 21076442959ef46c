package turkcellsim

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
)

// ownVKN is who receives generated invoices when Options.SellerTaxNo is empty.
const ownVKN = "4812057337"

// supplier is a made-up sender of incoming invoices.
type supplier struct {
	party
	series string
	goods  []goods
}

// goods is something a supplier sells: name, unit, price in kuruş, VAT percent.
type goods struct {
	name, unit string
	price      int64
	rate       int64
	exemption  string
	withheld   string
}

// suppliers are made anew each time, so that nobody can change them.
func suppliers() []supplier {
	company := func(nine int, name, street, district, city, office, series string, sells ...goods) supplier {
		return supplier{party{
			scheme: "VKN", taxNo: withCheckDigit(nine), name: name, street: street, district: district, city: city,
			country: "Türkiye", taxOffice: office, email: "fatura@" + series + ".example.test",
		}, series, sells}
	}
	craftsman := company(0, "", "Sanayi Cad. No:8", "Nilüfer", "Bursa", "Nilüfer", "USL",
		goods{name: "Makine bakım işçiliği", unit: "HUR", price: 85000, rate: 20},
		goods{name: "Rulman 6204", unit: "C62", price: 14250, rate: 20})
	craftsman.scheme, craftsman.taxNo, craftsman.first, craftsman.last = "TCKN", person(100000002), "Hüseyin", "Çınarlı"
	return []supplier{
		company(730_112_401, "Karadeniz Kırtasiye ve Büro Malzemeleri Ltd. Şti.", "Uzun Sok. No:14", "Ortahisar", "Trabzon", "Hızırbey", "KRT",
			goods{name: "A4 fotokopi kâğıdı 80 gr", unit: "BX", price: 72490, rate: 20},
			goods{name: "Tükenmez kalem, mavi", unit: "C62", price: 1275, rate: 20},
			goods{name: "Klasör, geniş", unit: "C62", price: 8990, rate: 20}),
		company(730_112_402, "Ege Tarım Ürünleri A.Ş.", "Kemalpaşa Yolu 3. km", "Bornova", "İzmir", "Bornova", "EGT",
			goods{name: "Zeytinyağı, sızma, 5 L", unit: "C62", price: 189900, rate: 1},
			goods{name: "Kuru incir", unit: "KGM", price: 34550, rate: 1},
			goods{name: "Ahşap kasa", unit: "C62", price: 6500, rate: 20}),
		company(730_112_403, "Işıldak Enerji Perakende Satış A.Ş.", "Güneş Cad. No:1", "Seyhan", "Adana", "Seyhan", "ISE",
			goods{name: "Elektrik enerjisi", unit: "KWH", price: 412, rate: 20}),
		company(730_112_404, "Şimşek Kargo Taşımacılık A.Ş.", "Lojistik Üssü B Blok", "Tuzla", "İstanbul", "Tuzla", "SMK",
			goods{name: "Yurt içi taşıma bedeli", unit: "C62", price: 18750, rate: 20, withheld: "624"},
			goods{name: "Desi farkı", unit: "C62", price: 4320, rate: 20}),
		company(730_112_405, "Öğün Yemek Üretim Ltd. Şti.", "Organize San. 5. Cad.", "Selçuklu", "Konya", "Selçuk", "OGN",
			goods{name: "Öğle yemeği", unit: "C62", price: 21000, rate: 10},
			goods{name: "Ayran 200 ml", unit: "C62", price: 1850, rate: 1}),
		company(730_112_406, "Pırıl Temizlik Hizmetleri Ltd. Şti.", "Barış Mah. 112. Sok.", "Çankaya", "Ankara", "Çankaya", "PRL",
			goods{name: "Aylık temizlik hizmeti", unit: "MON", price: 4250000, rate: 20, withheld: "612"}),
		company(730_112_407, "Bilge Yayıncılık Dağıtım A.Ş.", "Ankara Cad. No:33", "Fatih", "İstanbul", "Hocapaşa", "BLG",
			goods{name: "Vergi Usul Kanunu, yorumlu", unit: "C62", price: 64000, rate: 0, exemption: "335"}),
		company(730_112_408, "Çağdaş Bilişim Sistemleri A.Ş.", "Teknopark Blv. No:7", "Pendik", "İstanbul", "Pendik", "CGD",
			goods{name: "Sunucu barındırma", unit: "MON", price: 320000, rate: 20},
			goods{name: "Yazılım lisansı, kullanıcı başına", unit: "C62", price: 149990, rate: 20}),
		company(730_112_409, "Gürbüz Ambalaj Sanayi ve Ticaret A.Ş.", "OSB 12. Cadde", "Şehitkamil", "Gaziantep", "Şehitkâmil", "GRB",
			goods{name: "Oluklu koli 40x30x30", unit: "C62", price: 2265, rate: 20},
			goods{name: "Koli bandı \"şeffaf\" 45x100", unit: "C62", price: 3890, rate: 20},
			goods{name: "Streç film & palet kılıfı", unit: "KGM", price: 9875, rate: 20}),
		craftsman,
	}
}

// GenerateIncoming puts n made-up invoices into the inbox, deterministic in seed and in the day of the simulator's clock:
// varied suppliers, scenarios, rates, currencies, discounts, a few exemptions, withholdings and returns. They arrived
// during the last days, oldest first. It returns their ETTNs.
func (s *Simulator) GenerateIncoming(n int, seed uint64) []uuid.UUID {
	to := orElse(s.o.SellerTaxNo, ownVKN)
	ids := make([]uuid.UUID, 0, n)
	now := s.Now()
	for i, ubl := range incomingPapers(n, seed, to, midnight(now)) {
		arrived := now.Add(-time.Duration(n-i) * time.Minute)
		id, err := s.addIncoming(ubl, arrived)
		if err != nil { // our own paper is always readable; a test holds it to that
			continue
		}
		ids = append(ids, id)
	}
	return ids
}

func incomingPapers(n int, seed uint64, to string, today time.Time) [][]byte {
	dice := rand.New(rand.NewPCG(seed, 0xFA7))
	all := suppliers()
	out := make([][]byte, 0, n)
	for i := range n {
		day := today.AddDate(0, 0, -(n-1-i)*14/max(n, 1))
		out = append(out, incomingPaper(dice, all[dice.IntN(len(all))], i, seed, to, day).ubl())
	}
	return out
}

func incomingPaper(dice *rand.Rand, from supplier, i int, seed uint64, to string, day time.Time) paper {
	p := paper{
		scenario: "TEMELFATURA", typeCode: "SATIS", currency: "TRY", seller: from.party, buyer: receiver(to),
		date:   day.Format(time.DateOnly),
		time:   fmt.Sprintf("%02d:%02d:%02d", 8+dice.IntN(10), dice.IntN(60), dice.IntN(60)),
		number: fmt.Sprintf("%s%d%09d", from.series, day.Year(), seed%1000*100_000+uint64(i)+1),
		ettn:   uuid.NewSHA1(uuid.NameSpaceURL, fmt.Appendf(nil, "incoming %d %d %s %s", seed, i, to, day.Format(time.DateOnly))),
		notes:  []string{"Deneme verisidir; gerçek bir satışı göstermez."},
	}
	if dice.IntN(3) == 0 {
		p.scenario = "TICARIFATURA"
	}
	if dice.IntN(6) == 0 {
		p.order, p.orderDate = fmt.Sprintf("SIP-%05d", dice.IntN(100_000)), day.AddDate(0, 0, -3).Format(time.DateOnly)
	}
	p.money(dice)
	for range 1 + dice.IntN(5) {
		p.lines = append(p.lines, incomingLine(dice, from.goods[dice.IntN(len(from.goods))], p.rate))
	}
	p.special(dice, from)
	return p
}

// money makes some invoices foreign.
func (p *paper) money(dice *rand.Rand) {
	p.rate = decimal.New(1, 0)
	switch dice.IntN(12) {
	case 0:
		p.currency, p.rate = "USD", decimal.New(418532+dice.Int64N(9000), -4)
	case 1:
		p.currency, p.rate = "EUR", decimal.New(488210+dice.Int64N(9000), -4)
	}
}

func receiver(taxNo string) party {
	out := party{
		scheme: "VKN", taxNo: taxNo, name: "Örnek Alıcı Ticaret A.Ş.", street: "Atatürk Blv. No:12", district: "Çankaya",
		city: "Ankara", country: "Türkiye", taxOffice: "Çankaya",
	}
	if len(taxNo) == 11 {
		out.scheme, out.name, out.first, out.last = "TCKN", "", "Örnek", "Alıcı"
	}
	return out
}

func incomingLine(dice *rand.Rand, g goods, rate decimal.Decimal) paperLine {
	l := paperLine{
		name: g.name, unit: g.unit, sku: fmt.Sprintf("STK-%04d", dice.IntN(10_000)),
		quantity: decimal.New(1+dice.Int64N(24), 0), rate: decimal.New(g.rate, 0), exemption: g.exemption,
		price: decimal.New(g.price+dice.Int64N(g.price/10+1), -2).DivRound(rate, 4),
	}
	switch g.unit {
	case "MON":
		l.quantity = decimal.New(1, 0)
	case "KGM", "KWH":
		l.quantity = decimal.New(100+dice.Int64N(90_000), -2)
	}
	if g.exemption != "" {
		l.reason = exemptionText(g.exemption)
	}
	gross := l.quantity.Mul(l.price)
	if dice.IntN(5) == 0 {
		l.discount = gross.Mul(decimal.New(5+dice.Int64N(11), -2)).Round(2)
	}
	l.net = gross.Round(2).Sub(l.discount)
	l.vat = l.net.Mul(l.rate).Div(decimal.New(100, 0)).Round(2)
	return l
}

// special turns an invoice into the type that its goods ask for, or now and then into a return.
func (p *paper) special(dice *rand.Rand, from supplier) {
	zero := true
	for _, l := range p.lines {
		zero = zero && l.exemption != ""
	}
	withheld := ""
	for _, g := range from.goods {
		if g.name == p.lines[0].name {
			withheld = g.withheld
		}
	}
	switch {
	case zero:
		p.typeCode = "ISTISNA"
	case withheld != "" && dice.IntN(2) == 0:
		p.typeCode = "TEVKIFAT"
		l := &p.lines[0]
		l.withholding, l.withheldRate = withheld, decimal.New(map[string]int64{"612": 90, "624": 20}[withheld], 0)
		l.withheld = l.vat.Mul(l.withheldRate).Div(decimal.New(100, 0)).Round(2)
	case dice.IntN(15) == 0:
		p.typeCode, p.scenario = "IADE", "TEMELFATURA"
		p.returnNumber = "EPA" + p.date[:4] + "000000007"
		p.notes = append(p.notes, "İade faturasıdır.")
	}
}

func exemptionText(code string) string {
	for _, r := range rows(exemptionsTSV) {
		if r[0] == code {
			return r[1]
		}
	}
	return code
}

// person makes a TCKN from nine digits, the first of which is not 0.
func person(nine int) string {
	s := fmt.Sprintf("%09d", nine)
	odd, even, all := 0, 0, 0
	for i := range 9 {
		d := int(s[i] - '0')
		if all += d; i%2 == 0 {
			odd += d
		} else {
			even += d
		}
	}
	tenth := ((odd*7-even)%10 + 10) % 10
	return fmt.Sprintf("%s%d%d", s, tenth, (all+tenth)%10)
}
