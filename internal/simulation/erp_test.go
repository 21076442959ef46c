package simulation

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"faturad/internal/fault"
	"faturad/internal/invoice"
	"faturad/sync/erp"
)

const space = "sale"

// shop is the ERP in memory. Its users edit, delete, undelete and lose marks whenever they like.
type shop struct {
	w     *world
	sales []sale
	away  time.Time
}

// sale is one row with the columns that faturad writes.
type sale struct {
	key     string
	version int  // every edit is another total
	bad     bool // the provider refuses its content
	deleted bool // flagged as deleted
	gone    bool // the row itself is away
	edited  bool // ever
	made    time.Time

	mark   erp.Projection
	marked bool
	newest time.Time // when the newest state that was ever written came about: a writer that was stopped writes an older one over it
}

func (s *sale) hash() string {
	return hashes.of(content{s.key, s.version, s.bad}, func() string { return fmt.Sprintf("%s/%d/%t", s.key, s.version, s.bad) })
}

// content is what a sale's hash is of.
type content struct {
	key     string
	version int
	bad     bool
}

var hashes known[content, string]

func (s *sale) net() decimal.Decimal { return decimal.NewFromInt(int64(100 + s.version)) }

var errERP = fault.New(fault.Retryable, "asking the ERP", errors.New("the ERP's database is away"))

// till is the ERP as one daemon sees it.
type till struct {
	*shop
	d *daemon
}

func (t *till) ask(ctx context.Context, op string) (trouble, error) {
	tr, err := t.w.stage.wait(ctx, t.d, op, "")
	switch {
	case err != nil && tr == dead:
		return tr, err
	case err != nil || tr == before || t.w.now().Before(t.away):
		return tr, errERP
	}
	return tr, nil
}

func (t *till) Spaces() []string { return []string{space} }

func (t *till) Pending(ctx context.Context, _ string, _ int, each func([]string) error) error {
	if _, err := t.ask(ctx, "pending"); err != nil {
		return err
	}
	var keys []string
	for i := range t.sales {
		if s := &t.sales[i]; !s.marked && !s.deleted && !s.gone {
			keys = append(keys, s.key)
		}
	}
	if len(keys) == 0 {
		return nil
	}
	return each(keys)
}

func (t *till) Known(ctx context.Context, _ string, each func([]erp.KnownSale) error) error {
	if _, err := t.ask(ctx, "known"); err != nil {
		return err
	}
	var known []erp.KnownSale
	for i := range t.sales {
		if s := &t.sales[i]; s.marked && !s.gone {
			t.d.misled = t.d.misled || s.mark.UpdatedAt.Before(s.newest)
			known = append(known, erp.KnownSale{Key: s.key, ETTN: s.mark.ETTN, Number: s.mark.Number, State: s.mark.State, SentAt: s.mark.SentAt})
		}
	}
	if len(known) == 0 {
		return nil
	}
	return each(known)
}

func (t *till) Recheck(ctx context.Context, _ string, _ invoice.Date, each func([]string) error) error {
	if _, err := t.ask(ctx, "recheck"); err != nil {
		return err
	}
	var keys []string
	for i := range t.sales {
		keys = append(keys, t.sales[i].key)
	}
	return each(keys)
}

func (t *till) Load(ctx context.Context, _ string, keys []string) ([]erp.Loaded, error) {
	if _, err := t.ask(ctx, "load"); err != nil {
		return nil, err
	}
	out := make([]erp.Loaded, len(keys))
	for i, key := range keys {
		s := t.sale(key)
		if s == nil || s.gone {
			out[i] = erp.Loaded{Missing: true}
			continue
		}
		out[i] = erp.Loaded{Sale: s.load()}
	}
	return out, nil
}

func (s *shop) sale(key string) *sale {
	if i := slices.IndexFunc(s.sales, func(o sale) bool { return o.key == key }); i >= 0 {
		return &s.sales[i]
	}
	return nil
}

var (
	one    = decimal.NewFromInt(1)
	twenty = decimal.NewFromInt(20)
	buyer  = invoice.Party{TaxNo: "7312048565", TaxOffice: "Nilüfer", Name: "Çınar Makine Sanayi ve Ticaret A.Ş.",
		Address: invoice.Address{Street: "Organize Sanayi Bölgesi", District: "Nilüfer", City: "Bursa"}}
	seller = invoice.Party{TaxNo: sellerVKN, TaxOffice: "Ostim", Name: "Deniz Yapı Malzemeleri A.Ş.",
		Address: invoice.Address{Street: "İnönü Cad. No: 5", District: "Yenimahalle", City: "Ankara"}}
)

const sellerVKN = "1002003001"

// load is the sale as the ERP's SELECTs give it.
func (s *sale) load() invoice.Sale {
	on := saleOn{hash: s.hash(), date: invoice.DateOf(s.made).AddDays(-2), deleted: s.deleted}
	return loads.of(on, s.read)
}

func (s *sale) read() invoice.Sale {
	net := s.net()
	vat := net.Mul(twenty).Shift(-2)
	name := "Çelik Vida M8"
	if s.bad {
		name = badWord
	}
	return invoice.Sale{
		KeySpace: space, Key: s.key, Hash: s.hash(), Number: "S-" + s.key, IssueDate: invoice.DateOf(s.made).AddDays(-2), IssueTime: "09:07:50", Deleted: s.deleted,
		Buyer: buyer, Net: invoice.Some(net), VAT: invoice.Some(vat), Gross: invoice.Some(net.Add(vat)),
		Lines: []invoice.SaleLine{{No: "1", Name: name, Unit: "C62", Quantity: invoice.Some(one), UnitPrice: invoice.Some(net), VATRate: invoice.Some(twenty)}},
	}
}

func (t *till) WriteBack(ctx context.Context, docs []erp.Projection) ([]error, error) {
	tr, err := t.ask(ctx, "write back")
	if err != nil {
		return nil, err
	}
	out := make([]error, len(docs))
	for i, p := range docs {
		s := t.sale(p.Key)
		switch {
		case tr == after && i >= len(docs)/2: // the connection broke in the middle
			return nil, errERP
		case s == nil || s.gone:
			out[i] = fault.Newf(fault.NotFound, "writing back", "the row is gone")
		default:
			s.mark, s.marked = p, true
			if s.newest.Before(p.UpdatedAt) {
				s.newest = p.UpdatedAt
			}
		}
	}
	if tr == after {
		return nil, errERP
	}
	return out, nil
}
