package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"faturad/internal/clock"
	"faturad/internal/fault"
	"faturad/internal/invoice"
	"faturad/mapping"
	"faturad/mapping/ubl"
	"faturad/providers"
	"faturad/sync/erp"
	"faturad/sync/ledger"
	"faturad/sync/outbound"
)

// Preview is what would be sent for one sale, and everything that stands in the way.
type Preview struct {
	LocalReference string
	// Issued is the sale's document at the provider; nil while there is none. Nothing of the preview is sent then.
	Issued      *ledger.Document
	Sale        invoice.Sale
	Invoice     invoice.Invoice
	Route       providers.Route
	Faults      invoice.Faults
	Note        string // why this route and this day, when there was a choice
	Explanation mapping.Explanation
	ETTN        string // that the document gets; empty when the sale cannot become an invoice
	UBL         []byte // nil when the sale cannot become an invoice
}

// Preview maps one sale and decides its route, sending and storing nothing. sale is what findSale understands. The error is
// fault.NotFound when the ERP has no such sale, or when sale may mean several.
func (c *Company) Preview(ctx context.Context, sale string) (Preview, error) {
	source, err := c.Source(ctx)
	if err != nil {
		return Preview{}, err
	}
	space, key, loaded, err := c.findSale(ctx, source, sale)
	if err != nil {
		return Preview{}, err
	}
	if loaded.Sale, err = c.withOriginal(ctx, space, loaded.Sale); err != nil {
		return Preview{}, err
	}
	p := Preview{LocalReference: invoice.LocalReference(c.Name, space, key, 1), Sale: loaded.Sale}
	id := ledger.Key{KeySpace: space, SaleKey: key}
	known, err := c.app.Ledger.LatestByKey(ctx, c.Name, []ledger.Key{id})
	if err != nil {
		return p, fmt.Errorf("asking the ledger for %s: %w", p.LocalReference, err)
	}
	doc, ok := known[id]
	if !ok {
		doc = ledger.Document{KeySpace: space, SaleKey: key}
	}
	if doc.Number != "" {
		p.Issued = &doc
	}
	drafted, err := c.outbound(source).Draft(ctx, loaded, doc)
	if err != nil {
		return p, err
	}
	p.Invoice, p.Faults, p.Route, p.Note = drafted.Invoice, drafted.Faults, drafted.Route, drafted.Note
	rules := c.Rules
	rules.Today = invoice.DateOf(c.app.clock.Now().In(clock.Istanbul))
	p.Explanation = mapping.Explain(loaded.Sale, rules)
	if len(p.Faults.Blocking()) > 0 {
		return p, nil
	}
	ettn := invoice.ETTN(c.Config.VKN, c.Config.ERP.ID, space, key, 1)
	p.ETTN = ettn.String()
	if refusal := c.refusal(ettn, p); refusal != nil {
		p.Faults = append(p.Faults, *refusal)
		return p, nil
	}
	h := ubl.Header{ETTN: ettn, Kind: p.Route.Kind, LocalReference: p.LocalReference, Number: ubl.Placeholder(p.Route.Prefix, p.Invoice.IssueDate)}
	h.CustomizationID = c.Accounts[0].UBLVersion
	if own := c.Accounts[0].Turkcell; h.Kind.Receipt() {
		h.CustomizationID, h.ReceiptType = own.ReceiptCustomization, own.VoucherType
	}
	p.UBL, err = ubl.Write(p.Invoice, h)
	return p, err
}

// refusal is why the provider's model cannot carry the invoice, in the words that the held sale would get; nil when it can.
// Nothing is asked of the provider.
func (c *Company) refusal(ettn uuid.UUID, p Preview) *invoice.Fault {
	identity := providers.Identity{ETTN: ettn, LocalReference: p.LocalReference, Kind: p.Route.Kind, IssueDate: p.Invoice.IssueDate}
	_, err := c.Accounts[0].Provider.Prepare(providers.Draft{Identity: identity, Route: p.Route, Invoice: p.Invoice})
	if err == nil {
		return nil
	}
	refusal := outbound.Refusal(err)
	return &refusal
}

// withOriginal gives a return the number of its original, as sending it would.
func (c *Company) withOriginal(ctx context.Context, space string, sale invoice.Sale) (invoice.Sale, error) {
	if sale.ReturnKey == "" {
		return sale, nil
	}
	key := ledger.Key{KeySpace: space, SaleKey: sale.ReturnKey}
	found, err := c.app.Ledger.LatestByKey(ctx, c.Name, []ledger.Key{key})
	if err != nil {
		return sale, fmt.Errorf("finding the original of %s: %w", sale.Key, err)
	}
	return outbound.WithOriginal(sale, found[key]), nil
}

// candidate is a sale that a person may mean, and why.
type candidate struct {
	ledger.Key
	why string
}

// findSale reads the sale that a person means by ref: a key or "space:key", a local reference, an ETTN, or a number that the
// ERP or the provider printed. Numbers repeat, and one sale's key is another's number: what is not sure is not guessed.
func (c *Company) findSale(ctx context.Context, source *erp.Source, ref string) (space, key string, loaded erp.Loaded, err error) {
	looking := fmt.Sprintf("looking for sale %q", ref)
	found, loads, err := c.byKey(ctx, source, ref)
	if err != nil {
		return "", "", erp.Loaded{}, err
	}
	numbered, err := c.byNumber(ctx, ref)
	if err != nil {
		return "", "", erp.Loaded{}, err
	}
	for _, n := range numbered {
		if !slices.ContainsFunc(found, func(f candidate) bool { return f.Key == n.Key }) {
			found = append(found, n)
		}
	}
	if len(found) == 0 {
		if found, err = c.amongPending(ctx, source, ref); err != nil {
			return "", "", erp.Loaded{}, err
		}
	}
	switch len(found) {
	case 0:
		return "", "", erp.Loaded{}, fault.Newf(fault.NotFound, looking, "the ERP of %s has no such sale: give its key in the ERP (or space:key, spaces: %s), its printed number, or its document's reference, number or ETTN",
			c.Name, strings.Join(source.Spaces(), ", "))
	case 1:
	default:
		return "", "", erp.Loaded{}, fault.Newf(fault.NotFound, looking, "it is ambiguous: %s. Say which one you mean by its space:key", listed(found))
	}
	one := found[0]
	if loaded, known := loads[one.Key]; known {
		return one.KeySpace, one.SaleKey, loaded, nil
	}
	all, err := source.Load(ctx, one.KeySpace, []string{one.SaleKey})
	if err != nil {
		return "", "", erp.Loaded{}, err
	}
	if all[0].Missing {
		return "", "", erp.Loaded{}, fault.Newf(fault.NotFound, looking, "it is %s:%s (%s), which the ERP has no longer", one.KeySpace, one.SaleKey, one.why)
	}
	return one.KeySpace, one.SaleKey, all[0], nil
}

// listed is "invoice:5 (its key), invoice:9 (its number)".
func listed(found []candidate) string {
	const most = 5
	var out []string
	for _, f := range found[:min(most, len(found))] {
		out = append(out, f.KeySpace+":"+f.SaleKey+" ("+f.why+")")
	}
	if more := len(found) - most; more > 0 {
		out = append(out, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(out, ", ")
}

// byKey finds sales by the ERP's key, in every key space unless ref names one. A local reference of a later revision names
// the same sale.
func (c *Company) byKey(ctx context.Context, source *erp.Source, ref string) (found []candidate, loads map[ledger.Key]erp.Loaded, err error) {
	rest := strings.TrimPrefix(ref, c.Name+":")
	spaces, key := source.Spaces(), rest
	for _, s := range spaces {
		if k, ok := strings.CutPrefix(rest, s+":"); ok {
			spaces, key = []string{s}, k
			break
		}
	}
	key, _, _ = strings.Cut(key, "#")
	loads = map[ledger.Key]erp.Loaded{}
	for _, s := range spaces {
		sales, err := source.Load(ctx, s, []string{key})
		if errors.Is(err, erp.ErrKey) { // no sale of this kind can have such a key
			continue
		}
		if err != nil {
			return nil, nil, err
		}
		if !sales[0].Missing {
			id := ledger.Key{KeySpace: s, SaleKey: key}
			loads[id] = sales[0]
			found = append(found, candidate{id, "its key"})
		}
	}
	return found, loads, nil
}

// byNumber finds sales by what the ledger knows of them: reference, ETTN, printed numbers.
func (c *Company) byNumber(ctx context.Context, ref string) (found []candidate, err error) {
	docs, err := c.app.Ledger.Find(ctx, c.Name, ref)
	if err != nil {
		return nil, err
	}
	numbered, err := c.app.Ledger.Numbered(ctx, c.Name, ref)
	if err != nil {
		return nil, err
	}
	for _, d := range append(docs, numbered...) {
		why := "its document"
		switch ref {
		case d.SaleNumber:
			why = "its number in the ERP"
		case d.Number:
			why = "its invoice's number"
		}
		id := ledger.Key{KeySpace: d.KeySpace, SaleKey: d.SaleKey}
		if !slices.ContainsFunc(found, func(f candidate) bool { return f.Key == id }) {
			found = append(found, candidate{id, why})
		}
	}
	return found, nil
}

// mostPending bounds how many sales are read to find one by its printed number.
const mostPending = 5000

// amongPending finds pending sales by their printed number: those that the ledger has not discovered yet.
func (c *Company) amongPending(ctx context.Context, source *erp.Source, ref string) (found []candidate, err error) {
	for _, s := range source.Spaces() {
		err := source.Pending(ctx, s, mostPending, func(keys []string) error {
			sales, err := source.Load(ctx, s, keys)
			if err != nil {
				return err
			}
			for i, sale := range sales {
				if !sale.Missing && sale.Sale.Number == ref {
					found = append(found, candidate{ledger.Key{KeySpace: s, SaleKey: keys[i]}, "its number in the ERP"})
				}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return found, nil
}
