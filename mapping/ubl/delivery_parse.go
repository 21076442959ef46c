package ubl

import "faturad/internal/invoice"

// parseGoods reads what a cac:Delivery says of an export; nil when it says nothing of it.
func (r *reader) parseGoods(n node) (*invoice.Delivery, error) {
	var d invoice.Delivery
	if a, ok := r.child(n, "DeliveryAddress"); ok {
		d.Address = r.parseAddress(a)
	}
	d.Terms = r.textAt(n, "DeliveryTerms", "ID")
	shipment := r.path(n, "Shipment")
	d.CustomsID = r.textAt(shipment, "GoodsItem", "RequiredCustomsID")
	d.Mode = r.textAt(shipment, "ShipmentStage", "TransportModeCode")
	err := r.each(shipment, "TransportHandlingUnit", func(unit node) error {
		if p, ok := r.child(unit, "ActualPackage"); ok && d.Package == (invoice.Package{}) {
			d.Package.ID, d.Package.Type = r.textAt(p, "ID"), r.textAt(p, "PackagingTypeCode")
			if q, ok := r.child(p, "Quantity"); ok && value(q) != "" {
				number, err := r.number(q)
				if err != nil {
					return err
				}
				d.Package.Quantity = invoice.Some(number)
			}
		}
		return r.each(r.path(unit, "CustomsDeclaration", "IssuerParty"), "PartyIdentification", func(c node) error {
			id, _ := r.child(c, "ID")
			switch r.attr(id, "schemeID") {
			case schemeBuyerLine:
				d.BuyerLineCode = value(id)
			case schemeSellerLine:
				d.SellerLineCode = value(id)
			}
			return nil
		})
	})
	if err != nil || d == (invoice.Delivery{}) {
		return nil, err
	}
	return &d, nil
}
