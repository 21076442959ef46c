package app

import (
	"context"
	"errors"
	"fmt"
	"strings"

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

// Preview maps one sale and decides its route, sending and storing nothing. sale is a sale key, "space:key", or a local
// reference. The error is fault.NotFound when the ERP has no such sale.
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
	if doc, ok := known[id]; ok && doc.Number != "" {
		p.Issued = &doc
	}
	drafted, err := c.outbound(source).Draft(ctx, loaded)
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
	h := ubl.Header{ETTN: ettn, Kind: p.Route.Kind, LocalReference: p.LocalReference, Number: ubl.Placeholder(p.Route.Prefix, p.Invoice.IssueDate)}
	h.CustomizationID = c.Accounts[0].UBLVersion
	if own := c.Accounts[0].Turkcell; h.Kind.Receipt() {
		h.CustomizationID, h.ReceiptType = own.ReceiptCustomization, own.VoucherType
	}
	p.UBL, err = ubl.Write(p.Invoice, h)
	return p, err
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

// findSale reads the sale that a person named, trying every key space when none is given.
func (c *Company) findSale(ctx context.Context, source *erp.Source, ref string) (space, key string, loaded erp.Loaded, err error) {
	ref = strings.TrimPrefix(ref, c.Name+":")
	spaces, key := source.Spaces(), ref
	for _, s := range spaces {
		if rest, ok := strings.CutPrefix(ref, s+":"); ok {
			spaces, key = []string{s}, rest
			break
		}
	}
	key, _, _ = strings.Cut(key, "#") // a local reference of a later revision names the same sale
	for _, s := range spaces {
		found, err := source.Load(ctx, s, []string{key})
		if errors.Is(err, erp.ErrKey) { // no sale of this kind can have such a key
			continue
		}
		if err != nil {
			return "", "", erp.Loaded{}, err
		}
		if !found[0].Missing {
			return s, key, found[0], nil
		}
	}
	return "", "", erp.Loaded{}, fault.Newf(fault.NotFound, fmt.Sprintf("looking for sale %q", ref),
		"the ERP of %s has no such sale: give its key as in the ERP's key column, or space:key (spaces: %s)", c.Name, strings.Join(spaces, ", "))
}
