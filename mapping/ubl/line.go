package ubl

import "faturad/internal/invoice"

// line writes cac:InvoiceLine. The ERP's own line number goes out as the seller's order line (SalesOrderLineID): UBL has
// no better place, and nobody prints it.
func (e *encoder) line(l *invoice.Line) {
	e.open("cac:InvoiceLine")
	e.must("cbc:ID", l.ID)
	e.quantity("cbc:InvoicedQuantity", l.Unit, l.Quantity)
	e.amount("cbc:LineExtensionAmount", l.Net)
	e.saleLine(l.SaleLine)
	e.goods(l.Delivery)
	e.allowances(l.Allowances)
	e.taxTotal("cac:TaxTotal", l.Taxes)
	e.taxTotal("cac:WithholdingTaxTotal", l.Withholding)
	e.item(l)
	e.close("cac:InvoiceLine")
}

func (e *encoder) saleLine(no string) {
	if no == "" {
		return
	}
	e.open("cac:OrderLineReference")
	e.must("cbc:LineID", no)
	e.must("cbc:SalesOrderLineID", no)
	e.close("cac:OrderLineReference")
}

// item writes cac:Item and cac:Price.
func (e *encoder) item(l *invoice.Line) {
	e.open("cac:Item")
	e.text("cbc:Description", l.Description)
	e.must("cbc:Name", l.Name)
	if l.Asset != nil {
		e.text("cbc:ModelName", l.Asset.Model)
	}
	e.itemCode("cac:BuyersItemIdentification", l.BuyerSKU)
	e.itemCode("cac:SellersItemIdentification", l.SKU)
	for _, id := range l.IDs {
		e.open("cac:AdditionalItemIdentification")
		e.attributed("cbc:ID", "schemeID", id.Scheme, id.Value)
		e.close("cac:AdditionalItemIdentification")
	}
	e.asset(l.Asset)
	e.close("cac:Item")
	e.open("cac:Price")
	e.price("cbc:PriceAmount", l.UnitPrice)
	e.close("cac:Price")
}

// asset writes class and instance of a single thing.
func (e *encoder) asset(a *invoice.Asset) {
	if a == nil {
		return
	}
	if a.Class != "" {
		e.open("cac:CommodityClassification")
		e.must("cbc:ItemClassificationCode", a.Class)
		e.close("cac:CommodityClassification")
	}
	if a.Trace != "" || a.Serial != "" {
		e.open("cac:ItemInstance")
		e.text("cbc:ProductTraceID", a.Trace)
		e.text("cbc:SerialID", a.Serial)
		e.close("cac:ItemInstance")
	}
}

func (e *encoder) itemCode(name, code string) {
	if code = clean(code); code == "" {
		return
	}
	e.open(name)
	e.must("cbc:ID", code)
	e.close(name)
}
