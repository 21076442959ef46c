package audit

import (
	"cmp"
	"slices"

	"github.com/shopspring/decimal"

	"faturad/providers"
	"faturad/sync/ledger"
)

// stateAt translates the provider's words into the ledger's.
var stateAt = map[providers.State]ledger.State{
	providers.StateDraft: ledger.Draft, providers.StateWorking: ledger.Sent, providers.StateAccepted: ledger.Accepted,
	providers.StateRejected: ledger.Rejected, providers.StateFailed: ledger.Failed, providers.StateCancelled: ledger.Cancelled,
}

// sum makes the reconciliation: what stands in each state and currency, by each of the three books.
func (c *comparison) sum() {
	type line struct {
		state    ledger.State
		currency string
	}
	lines := map[line]*Sum{}
	at := func(state ledger.State, currency string) *Sum {
		l := line{state, currency}
		if lines[l] == nil {
			lines[l] = &Sum{State: state, Currency: currency}
		}
		return lines[l]
	}
	for _, d := range c.Documents {
		if !d.Superseded {
			at(d.State.Projection(), d.Currency).Ledger.add(d.Payable)
		}
	}
	for _, i := range c.Issued {
		amount, currency := i.Payable, i.Currency
		d, ours := c.document(i)
		if !ours && !c.ours(i) || d.Superseded {
			continue
		}
		if currency == "" { // asked for by status only
			currency = d.Currency
		}
		at(stateAt[i.State], currency).Provider.add(amount)
	}
	for _, m := range c.Marks {
		state, isState := ledger.StateOfText(m.State)
		d := ledger.Document{}
		last, known := c.latest[m.Key]
		if known {
			d = *last
		}
		if !isState && known && written(d) { // the source translates the words: the ledger knows what it wrote
			state = d.State.Projection()
		}
		currency := m.Currency
		if currency == "" {
			currency = d.Currency
		}
		at(state, currency).ERP.add(m.Payable)
	}
	for _, s := range lines {
		c.report.Sums = append(c.report.Sums, *s)
	}
	slices.SortFunc(c.report.Sums, func(a, b Sum) int {
		return cmp.Or(cmp.Compare(order(a.State), order(b.State)), cmp.Compare(a.Currency, b.Currency))
	})
}

// order is the place of a state in a document's life.
func order(s ledger.State) int {
	return slices.IndexFunc(ledger.Table, func(r ledger.Rule) bool { return r.State == s })
}

// Totals adds up the lines of one currency.
func (r Report) Totals() []Sum {
	var out []Sum
	for _, s := range r.Sums {
		i := slices.IndexFunc(out, func(t Sum) bool { return t.Currency == s.Currency })
		if i < 0 {
			i = len(out)
			out = append(out, Sum{Currency: s.Currency})
		}
		out[i].Ledger, out[i].Provider, out[i].ERP = plus(out[i].Ledger, s.Ledger), plus(out[i].Provider, s.Provider), plus(out[i].ERP, s.ERP)
	}
	return out
}

func plus(a, b Figure) Figure { return Figure{a.Count + b.Count, decimal.Sum(a.Amount, b.Amount)} }
