package ubl

import "faturad/internal/invoice"

// parseLine reads cac:InvoiceLine or cac:CreditNoteLine. Several tax totals on one line are read as one.
func (r *reader) parseLine(n node) (invoice.Line, error) {
	l := invoice.Line{
		ID:          r.textAt(n, "ID"),
		SaleLine:    r.textAt(n, "OrderLineReference", "SalesOrderLineID"),
		Name:        r.textAt(n, "Item", "Name"),
		Description: r.textAt(n, "Item", "Description"),
		SKU:         r.textAt(n, "Item", "SellersItemIdentification", "ID"),
		BuyerSKU:    r.textAt(n, "Item", "BuyersItemIdentification", "ID"),
	}
	item := r.path(n, "Item")
	a := invoice.Asset{
		Class: r.textAt(item, "CommodityClassification", "ItemClassificationCode"), Model: r.textAt(item, "ModelName"),
		Trace: r.textAt(item, "ItemInstance", "ProductTraceID"), Serial: r.textAt(item, "ItemInstance", "SerialID"),
	}
	if a != (invoice.Asset{}) {
		l.Asset = &a
	}
	err := r.each(item, "AdditionalItemIdentification", func(c node) error {
		if id, ok := r.child(c, "ID"); ok && value(id) != "" {
			l.IDs = append(l.IDs, invoice.ItemID{Scheme: r.attr(id, "schemeID"), Value: value(id)})
		}
		return nil
	})
	if err != nil {
		return l, err
	}
	if d, ok := r.child(n, "Delivery"); ok {
		if l.Delivery, err = r.parseGoods(d); err != nil {
			return l, err
		}
	}
	q, ok := r.child(n, "InvoicedQuantity")
	if !ok {
		q, ok = r.child(n, "CreditedQuantity")
	}
	if ok {
		l.Unit = r.attr(q, "unitCode")
		if l.Quantity, err = r.number(q); err != nil {
			return l, err
		}
	}
	if l.Net, err = r.childNumber(n, "LineExtensionAmount"); err != nil {
		return l, err
	}
	if price, ok := r.child(n, "Price"); ok {
		if l.UnitPrice, err = r.childNumber(price, "PriceAmount"); err != nil {
			return l, err
		}
	}
	if err = r.each(n, "AllowanceCharge", func(c node) error {
		a, err := r.parseAllowance(c)
		l.Allowances = append(l.Allowances, a)
		return err
	}); err != nil {
		return l, err
	}
	if err = r.each(n, "TaxTotal", func(c node) error { return r.parseTaxes(c, &l.Taxes) }); err != nil {
		return l, err
	}
	err = r.each(n, "WithholdingTaxTotal", func(c node) error { return r.parseTaxes(c, &l.Withholding) })
	return l, err
}
