package ubl

import (
	"github.com/shopspring/decimal"

	"faturad/internal/invoice"
)

// goods writes cac:Delivery of an export or of goods sold for export, on the document or on a line.
func (e *encoder) goods(d *invoice.Delivery) {
	if d == nil || *d == (invoice.Delivery{}) {
		return
	}
	e.open("cac:Delivery")
	if d.Address != (invoice.Address{}) {
		e.addressAs("cac:DeliveryAddress", d.Address)
	}
	if d.Terms != "" {
		e.open("cac:DeliveryTerms")
		e.attributed("cbc:ID", "schemeID", "INCOTERMS", d.Terms)
		e.close("cac:DeliveryTerms")
	}
	e.shipment(d)
	e.close("cac:Delivery")
}

// shipment writes customs number, transport, package and the line codes of registered export.
func (e *encoder) shipment(d *invoice.Delivery) {
	packed := d.Package.ID != "" || d.Package.Type != "" || d.Package.Quantity.Valid
	coded := d.BuyerLineCode != "" || d.SellerLineCode != ""
	if d.CustomsID == "" && d.Mode == "" && !packed && !coded {
		return
	}
	e.open("cac:Shipment")
	e.must("cbc:ID", "1")
	if d.CustomsID != "" {
		e.open("cac:GoodsItem")
		e.must("cbc:RequiredCustomsID", d.CustomsID)
		e.close("cac:GoodsItem")
	}
	if d.Mode != "" {
		e.open("cac:ShipmentStage")
		e.must("cbc:TransportModeCode", d.Mode)
		e.close("cac:ShipmentStage")
	}
	if packed || coded {
		e.open("cac:TransportHandlingUnit")
		if packed {
			e.open("cac:ActualPackage")
			e.text("cbc:ID", d.Package.ID)
			if d.Package.Quantity.Valid {
				e.number("cbc:Quantity", d.Package.Quantity.Decimal)
			}
			e.text("cbc:PackagingTypeCode", d.Package.Type)
			e.close("cac:ActualPackage")
		}
		if coded {
			e.open("cac:CustomsDeclaration")
			e.must("cbc:ID", "1")
			e.party("cac:IssuerParty", invoice.Party{IDs: lineCodes(d)})
			e.close("cac:CustomsDeclaration")
		}
		e.close("cac:TransportHandlingUnit")
	}
	e.close("cac:Shipment")
}

// The schemes of the line codes of registered export (code 702).
const (
	schemeBuyerLine  = "ALICIDIBSATIRKOD"
	schemeSellerLine = "SATICIDIBSATIRKOD"
)

func lineCodes(d *invoice.Delivery) []invoice.PartyID {
	var ids []invoice.PartyID
	if d.BuyerLineCode != "" {
		ids = append(ids, invoice.PartyID{Scheme: schemeBuyerLine, Value: d.BuyerLineCode})
	}
	if d.SellerLineCode != "" {
		ids = append(ids, invoice.PartyID{Scheme: schemeSellerLine, Value: d.SellerLineCode})
	}
	return ids
}

// normalizeDelivery cleans a copy; nil when nothing is left.
func normalizeDelivery(d *invoice.Delivery) *invoice.Delivery {
	if d == nil {
		return nil
	}
	out := *d
	out.Address = normalizeAddress(out.Address)
	for _, s := range []*string{&out.Terms, &out.Mode, &out.CustomsID, &out.Package.ID, &out.Package.Type, &out.BuyerLineCode, &out.SellerLineCode} {
		*s = clean(*s)
	}
	if !out.Package.Quantity.Valid {
		out.Package.Quantity.Decimal = decimal.Decimal{}
	}
	if out == (invoice.Delivery{}) {
		return nil
	}
	return &out
}
