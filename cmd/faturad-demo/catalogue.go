package main

import (
	"math/rand/v2"
	"strconv"
)

// goods is something the shop sells.
type goods struct {
	name, unit, price string
	vat               int64
	most              int // pieces in one sale
}

// shelf is what the shop sells to everybody.
func shelf() []goods {
	return []goods{
		{"A4 fotokopi kâğıdı 80 gr, 5'li koli", "koli", "1249.50", 20, 12},
		{"Toner kartuşu, siyah", "adet", "1874.90", 20, 4},
		{"Döner ofis koltuğu", "adet", "4390.00", 20, 3},
		{"Ağ kablosu Cat6", "mt", "18.40", 20, 150},
		{"Yazıcı bakımı, yerinde", "saat", "950.00", 20, 4},
		{"Çiçek balı 850 gr", "adet", "312.75", 1, 6},
		{"Öğütülmüş filtre kahve", "kg", "684.50", 1, 5},
		{"Toplantı ikramı", "adet", "165.00", 10, 20},
		{"Islak mendil 12'li paket", "paket", "218.25", 20, 10},
		{"Çizgili defter, 120 yaprak", "adet", "74.90", 20, 40},
	}
}

// ordinary makes the n-th sale of those that nothing is special about: always the same one for the same n.
func ordinary(n int) sale {
	dice := rand.New(rand.NewPCG(uint64(n), 0xDE40))
	s := sale{daysAgo: 1 + dice.IntN(6)}
	if dice.IntN(3) > 0 {
		all := firms()
		s.customer = all[dice.IntN(len(all))]
	} else {
		all := consumers()
		s.customer, s.gross = all[dice.IntN(len(all))], true
	}
	all := shelf()
	for _, i := range dice.Perm(len(all))[:1+dice.IntN(3)] {
		g := all[i]
		l := line{name: g.name, unit: g.unit, price: g.price, vat: g.vat, quantity: strconv.Itoa(1 + dice.IntN(g.most))}
		if dice.IntN(5) == 0 {
			l.discount = []string{"5", "7.5", "10"}[dice.IntN(3)]
		}
		s.lines = append(s.lines, l)
	}
	return s
}
