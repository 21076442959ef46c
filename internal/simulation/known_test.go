package simulation

import (
	"sync"

	"faturad/internal/invoice"
	"faturad/mapping"
)

// What the same sale becomes is the same in every run, and not what is under test: it is worked out once.

// known are the answers of a function without side effects. Nobody may change what it gave.
type known[K comparable, V any] struct {
	mu  sync.RWMutex
	all map[K]V
}

// of gives the answer for a key, and works it out when it is the first time.
func (k *known[K, V]) of(key K, work func() V) V {
	k.mu.RLock()
	v, ok := k.all[key]
	k.mu.RUnlock()
	if ok {
		return v
	}
	v = work()
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.all == nil {
		k.all = map[K]V{}
	}
	k.all[key] = v
	return v
}

// saleOn is a sale's content on a day.
type saleOn struct {
	hash    string
	date    invoice.Date
	deleted bool
	today   invoice.Date
}

type mapped struct {
	invoice invoice.Invoice
	faults  invoice.Faults
}

var (
	loads known[saleOn, invoice.Sale]
	maps  known[saleOn, mapped]
)

// mapSale is mapping.FromSale for the sales of this package.
func mapSale(s invoice.Sale, rules mapping.Rules) (invoice.Invoice, invoice.Faults) {
	m := maps.of(saleOn{hash: s.Hash, date: s.IssueDate, deleted: s.Deleted, today: rules.Today}, func() mapped {
		inv, faults := mapping.FromSale(s, rules)
		return mapped{inv, faults}
	})
	return m.invoice, m.faults[:len(m.faults):len(m.faults)]
}
