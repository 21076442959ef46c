package config

import (
	"fmt"
	"maps"
	"slices"

	"faturad/internal/mysqlx"
)

// sellers wants every sale to have one seller: two companies that are offered the same sales would each issue them, and no
// ledger row, ETTN or number would tell that it was done twice.
func (k *checker) sellers(companies []Company) {
	for i := range companies {
		for j := range i {
			first, second := &companies[j], &companies[i]
			space, shared := SharedSales(first, second)
			if !shared || !sameDatabase(first, second) {
				continue
			}
			at := fmt.Sprintf("company[%d].erp", i)
			k.add(at+".dsn", "%s reads the same sales as company %q (document %q: same database, same pending statement), so that each would be invoiced twice; "+
				"give each company its own database, its own table prefix or company number in vars, or a condition of its own in pending", at, first.Name, space)
			break
		}
	}
}

// SharedSales names a document whose pending statement two companies share: in one database they would issue the same sales.
func SharedSales(a, b *Company) (space string, shared bool) {
	offers := b.ERP.Offers()
	for _, space := range slices.Sorted(maps.Keys(offers)) {
		for _, other := range a.ERP.Offers() {
			if offers[space] == other {
				return space, true
			}
		}
	}
	return "", false
}

// sameDatabase compares what the DSNs say. Two names of one server are found when both are connected.
func sameDatabase(a, b *Company) bool {
	one, err := mysqlx.DatabasePlace(a.ERP.DSN.Reveal())
	if err != nil {
		return false // what is wrong with it is said when it is opened
	}
	other, err := mysqlx.DatabasePlace(b.ERP.DSN.Reveal())
	return err == nil && one == other
}
