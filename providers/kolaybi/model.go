package kolaybi

import (
	"github.com/google/uuid"
)

// prepared is what Prepare freezes: everything that KolayBi will be told about the sale, except the ids of its own records,
// which are found when it is sent.
type prepared struct {
	Key      uuid.UUID `json:"key"` // the derived ETTN
	Contact  contact   `json:"contact"`
	Address  address   `json:"address"`
	Products []product `json:"products"` // by item, in order
	Invoice  draft     `json:"invoice"`
	Grand    string    `json:"grand"` // what KolayBi's own arithmetic must give
}

// contact is POST associates (facts A4.1), without its address: see address.
type contact struct {
	Name      string  `json:"name"`
	Surname   string  `json:"surname"`
	Identity  string  `json:"identity_no"`
	Corporate bool    `json:"is_corporate"`
	Type      string  `json:"associate_type,omitempty"`
	TaxOffice string  `json:"tax_office,omitempty"`
	Phone     string  `json:"phone,omitempty"`
	Email     string  `json:"email,omitempty"`
	Website   string  `json:"website,omitempty"`
	Code      string  `json:"code,omitempty"`
	Tags      []int64 `json:"tags,omitempty"`
}

// address is POST address/create (facts A4.2). It is made apart from the contact: an embedded address has refused
// "Türkiye" in the sandbox.
type address struct {
	Contact    int64  `json:"associate_id,omitempty"`
	Text       string `json:"address"`
	Street     string `json:"street,omitempty"`
	Building   string `json:"building_name,omitempty"`
	Number     string `json:"number,omitempty"`
	District   string `json:"district"`
	City       string `json:"city"`
	Country    string `json:"country"`
	PostalCode string `json:"postal_code,omitempty"`
	Type       string `json:"address_type,omitempty"`
	Abroad     bool   `json:"is_abroad,omitempty"`
}

// product is POST products (facts A4.3).
type product struct {
	Name     string  `json:"name"`
	Code     string  `json:"code"`
	Type     string  `json:"product_type"`
	VAT      number  `json:"vat_rate"`
	Price    *number `json:"price,omitempty"`
	Currency string  `json:"price_currency,omitempty"`
}

// draft is POST invoices: every field of the guide (and of facts A4.4), in its order.
type draft struct {
	Contact  int64  `json:"contact_id,omitempty"`
	Address  int64  `json:"address_id,omitempty"`
	Date     string `json:"order_date"`
	Currency string `json:"currency"`
	Items    []item `json:"items"`

	DueDate          string  `json:"due_date,omitempty"`
	Description      string  `json:"description,omitempty"`
	ReceiverEmail    string  `json:"receiver_email,omitempty"`
	Type             string  `json:"type,omitempty"`
	TrackingCurrency string  `json:"tracking_currency,omitempty"`
	Tags             []int64 `json:"tags,omitempty"`
	Discount         *number `json:"subtotal_discount_amount,omitempty"`
	Correction       *number `json:"subtotal_correction_amount,omitempty"`
	ProjectID        int64   `json:"project_id,omitempty"`

	ExchangeRate string `json:"exchange_rate,omitempty"`
	CrossRate    string `json:"cross_currency_rate,omitempty"`

	Scenario        string `json:"document_scenario"`
	DocumentType    string `json:"document_type"`
	Exemption       string `json:"vat_exemption_reason_code,omitempty"`
	ShipmentInclude bool   `json:"shipment_include,omitempty"`

	SpecialBase *specialBase `json:"special_tax_base,omitempty"`
	Internet    *internet    `json:"internet_sale,omitempty"`
	Shipment    *shipment    `json:"internet_sale_shipment,omitempty"`
	Export      *export      `json:"handling_and_shipping_information,omitempty"`

	Order   *reference `json:"order_reference,omitempty"`
	Returns any        `json:"return_invoice_references,omitempty"` // []reference, or reference (Config.ReturnReferences)
}

// item is one line.
type item struct {
	Product     int64  `json:"product_id,omitempty"`
	Quantity    string `json:"quantity"`
	UnitPrice   string `json:"unit_price"`
	VAT         number `json:"vat_rate"`
	Description string `json:"description,omitempty"`

	Discount *number `json:"discount_amount,omitempty"`
	GTIP     string  `json:"gtip_no,omitempty"`

	WithholdingCode  string  `json:"withholding_code,omitempty"`
	WithholdingValue *number `json:"withholding_value,omitempty"`
	WithholdingType  string  `json:"withholding_type,omitempty"`

	Exemption      string `json:"vat_exemption_reason_code,omitempty"` // one of the two, by Config.LineExemption
	ExemptionOther string `json:"exemption_code,omitempty"`

	Medical         string           `json:"medicine_medicaldevice_type,omitempty"`
	Identifications []identification `json:"identifications,omitempty"`
}

// identification is one piece of a medicine (bn, gtin, sn, xd) or of a medical device (uno, lno, sno, urt).
type identification struct {
	Batch   string `json:"bn,omitempty"`
	GTIN    string `json:"gtin,omitempty"`
	Serial  string `json:"sn,omitempty"`
	Expires string `json:"xd,omitempty"`

	Product      string `json:"uno,omitempty"`
	Lot          string `json:"lno,omitempty"`
	DeviceSerial string `json:"sno,omitempty"`
	Made         string `json:"urt,omitempty"`
}

type specialBase struct {
	Code    string `json:"reason_code"`
	Total   string `json:"total"`
	Percent string `json:"percentage"`
	VAT     string `json:"vat"`
}

type internet struct {
	URL         string `json:"url"`
	PaymentType string `json:"payment_type"`
	Platform    string `json:"payment_platform,omitempty"`
	PaymentDate string `json:"payment_date,omitempty"`
}

type shipment struct {
	Company string `json:"carrier_company,omitempty"`
	Person  string `json:"carrier_person,omitempty"`
	TaxNo   string `json:"carrier_company_tax_number,omitempty"`
	Date    string `json:"carrier_date,omitempty"`
}

type export struct {
	Condition string `json:"delivery_condition"`
	Method    int    `json:"shipping_method"`
	Detail    string `json:"shipping_method_detail,omitempty"`
	Freight   string `json:"freight,omitempty"`
	Insurance string `json:"insurance_amount,omitempty"`
}

type reference struct {
	SerialNo string `json:"serial_no"`
	Date     string `json:"issue_date,omitempty"`
}
