package turkcellsim

import (
	"fmt"
	"strconv"
	"sync"
	"time"
)

// registry is the list of e-invoice taxpayers: given rows, and generated ones that exist only while they are streamed.
type registry struct {
	mu     sync.RWMutex
	rows   []Taxpayer
	boxes  map[string][]string // mailboxes for invoices, by tax number
	filler int
}

func (g *registry) set(list []Taxpayer, filler int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.rows, g.boxes, g.filler = nil, map[string][]string{}, filler
	g.insert(list)
}

func (g *registry) insert(list []Taxpayer) {
	for _, t := range list {
		g.rows = append(g.rows, t)
		if !t.Inactive && !t.Despatch && !t.Sender {
			g.boxes[t.TaxNo] = append(g.boxes[t.TaxNo], t.Alias)
		}
	}
}

func (g *registry) add(list []Taxpayer) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.insert(list)
}

// mailboxes returns where a taxpayer receives invoices; none = not an e-Fatura user.
func (g *registry) mailboxes(taxNo string) []string {
	g.mu.RLock()
	defer g.mu.RUnlock()
	if boxes := g.boxes[taxNo]; len(boxes) > 0 {
		return boxes
	}
	if len(taxNo) != 10 {
		return nil
	}
	base, err := strconv.Atoi(taxNo[:9])
	if err != nil {
		return nil
	}
	if i := base - fillerBase; i >= 0 && i < g.filler && fillerRow(i).TaxNo == taxNo {
		return []string{fillerRow(i).Alias}
	}
	return nil
}

// each calls f for every row, first the given, then the generated ones.
func (g *registry) each(f func(Taxpayer) error) error {
	g.mu.RLock()
	given, filler := g.rows[:len(g.rows):len(g.rows)], g.filler
	g.mu.RUnlock()
	for _, t := range given {
		if err := f(t); err != nil {
			return err
		}
	}
	for i := range filler {
		if err := f(fillerRow(i)); err != nil {
			return err
		}
	}
	return nil
}

// fillerBase starts the nine digits of generated VKNs.
const fillerBase = 500_000_000

func fillerRow(i int) Taxpayer {
	vkn := withCheckDigit(fillerBase + i)
	return Taxpayer{
		TaxNo: vkn,
		Title: fmt.Sprintf("%s %s %d Ticaret A.Ş.", fillerWords[i%len(fillerWords)], fillerTrades[i/7%len(fillerTrades)], i),
		Alias: "urn:mail:defaultpk@" + vkn + ".example.test",
		Since: time.Date(2014, 1, 1+i%3000, 9, 0, 0, 0, time.UTC),
	}
}

var (
	fillerWords  = []string{"Anadolu", "Boğaziçi", "Çınar", "Doğuş", "Ege", "Göknar", "Işık", "Marmara", "Özgün", "Şafak", "Üçler"}
	fillerTrades = []string{"Gıda", "Tekstil", "Yazılım", "İnşaat", "Lojistik", "Otomotiv", "Mobilya"}
)

func withCheckDigit(nine int) string {
	s := fmt.Sprintf("%09d", nine)
	return s + string(vknDigit(s))
}

// DefaultTaxpayers are the provider's own test companies (their check digits are wrong, as in reality), the customs and
// social security offices, and made-up companies with valid numbers; one has several mailboxes, one has left the system,
// one has a despatch mailbox only.
func DefaultTaxpayers() []Taxpayer {
	list := []Taxpayer{
		{TaxNo: "1234567801", Title: "Test Firması 1", Alias: "urn:mail:defaulttest11pk@medyasoft.com.tr"},
		{TaxNo: "1234567803", Title: "Test Firması 3", Alias: "urn:mail:defaulttest3pk@medyasoft.com.tr"},
		{TaxNo: "1234567803", Title: "Test Firması 3", Alias: "urn:mail:test03firmapk@d.com"},
		{TaxNo: "1460415308", Title: "Gümrük ve Ticaret Bakanlığı", Alias: "urn:mail:ihracatpk@gtb.gov.tr", Public: true},
		{TaxNo: "7750409379", Title: "Sosyal Güvenlik Kurumu", Alias: "urn:mail:defaultpk@sgk.gov.tr", Public: true},
	}
	for i, name := range exampleCompanies {
		vkn := ExampleVKN(i)
		t := Taxpayer{TaxNo: vkn, Title: name, Alias: "urn:mail:defaultpk@" + vkn + ".example.test"}
		switch i {
		case 5:
			second := t
			second.Alias = "urn:mail:subepk@" + vkn + ".example.test"
			list = append(list, second)
		case 6:
			t.Inactive = true
		case 7:
			t.Despatch = true
		}
		sender := t
		sender.Alias, sender.Sender = "urn:mail:defaultgb@"+vkn+".example.test", true
		list = append(list, t, sender)
	}
	return list
}

// The numbers of special example companies, for ExampleVKN.
const (
	ExampleManyMailboxes = 5  // two mailboxes
	ExampleLeft          = 6  // inactive: not an e-Fatura user any more
	ExampleDespatchOnly  = 7  // has no invoice mailbox
	ExampleRejects       = 10 // BuyerRejects
	ExampleSilent        = 11 // BuyerSilent
	ExampleFails         = 12 // BuyerFails
	ExampleFailOnce      = 13 // BuyerFailOnce
	ExampleEnvelope1215  = 14 // fails with envelope 1215
	ExampleStuck         = 15 // BuyerStuck
	ExampleRefused       = 16 // BuyerRefused
)

// ExampleVKN returns the VKN of the i-th made-up company of DefaultTaxpayers, i from 0 to 19. The check digit is valid.
func ExampleVKN(i int) string { return withCheckDigit(481_205_700 + 37*i) }

// ExampleAlias returns its mailbox.
func ExampleAlias(i int) string { return "urn:mail:defaultpk@" + ExampleVKN(i) + ".example.test" }

var exampleCompanies = []string{
	"Yıldız Gıda Sanayi ve Ticaret A.Ş.", "Çamlıca Yazılım Ltd. Şti.", "Öz Anadolu İnşaat A.Ş.", "Işıl Kırtasiye Ltd. Şti.",
	"Güneş Tekstil Sanayi A.Ş.", "İki Şubeli Lojistik A.Ş.", "Ayrılan Ticaret Ltd. Şti.", "Yalnız İrsaliye Nakliyat A.Ş.",
	"Şen Elektrik Malzemeleri Ltd. Şti.", "Üçgen Mobilya A.Ş.", "Reddeden Ticaret A.Ş.", "Sessiz Ticaret A.Ş.",
	"Hatalı Posta Kutusu A.Ş.", "Bir Kez Hatalı A.Ş.", "Ulaşılamayan Zarf A.Ş.", "Takılan Zarf A.Ş.", "Geri Çevrilen A.Ş.",
	"Doğu Karadeniz Fındık A.Ş.", "Ege Zeytin ve Yağ Ltd. Şti.", "Marmara Ambalaj Sanayi A.Ş.",
}

// DefaultBuyers gives the example companies 10 to 16 their behaviour.
func DefaultBuyers() map[string]Buyer {
	return map[string]Buyer{
		ExampleVKN(ExampleRejects):      BuyerRejects,
		ExampleVKN(ExampleSilent):       BuyerSilent,
		ExampleVKN(ExampleFails):        BuyerFails,
		ExampleVKN(ExampleFailOnce):     BuyerFailOnce,
		ExampleVKN(ExampleEnvelope1215): "envelope:1215",
		ExampleVKN(ExampleStuck):        BuyerStuck,
		ExampleVKN(ExampleRefused):      BuyerRefused,
	}
}

func (g *registry) given() []Taxpayer {
	g.mu.RLock()
	defer g.mu.RUnlock()
	return append([]Taxpayer(nil), g.rows...)
}
