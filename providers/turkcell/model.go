package turkcell

import "github.com/shopspring/decimal"

// amount prints a decimal as a JSON number, digit by digit.
type amount struct{ decimal.Decimal }

// MarshalJSON prints the digits without quotes.
func (a amount) MarshalJSON() ([]byte, error) { return []byte(a.String()), nil }

// some makes an amount that is printed even when zero.
func some(d decimal.Decimal) *amount { return &amount{d} }

// model is the JSON create model (facts section 3), with the fields that we fill; null and absent mean the same there.
type model struct {
	RecordType         int             `json:"recordType"`
	Status             int             `json:"status"`
	LocalReferenceID   string          `json:"localReferenceId,omitempty"`
	UseManualInvoiceID bool            `json:"useManualInvoiceId"`
	XSLTCode           string          `json:"xsltCode,omitempty"`
	Notes              []modelNote     `json:"notes,omitempty"`
	AddressBook        addressBook     `json:"addressBook"`
	GeneralInfo        generalInfo     `json:"generalInfoModel"`
	Lines              []modelLine     `json:"invoiceLines"`
	Despatches         []modelDespatch `json:"relatedDespatchList,omitempty"`
	Settings           ublSettings     `json:"ublSettingsModel"`
	PaymentMeans       *paymentMeans   `json:"paymentMeansModel,omitempty"`
	PaymentTerms       *paymentTerms   `json:"paymentTermsModel,omitempty"`
	Order              *orderInfo      `json:"orderInfoModel,omitempty"`
	ArchiveInfo        *archiveInfo    `json:"archiveInfoModel,omitempty"`
	EArsivInfo         *eArsivInfo     `json:"eArsivInfo,omitempty"`

	BuyerCustomer  *buyerCustomer      `json:"buyerCustomerInfoModel,omitempty"`
	Representative *taxRepresentative  `json:"taxRepresentativePartyInfoModel,omitempty"`
	SGK            *additionalTypeInfo `json:"additionalInvoiceTypeInfo,omitempty"`
}

type modelNote struct {
	Note string `json:"note"`
}

// addressBook is the receiver (facts 3.2); there is no seller block, the sender owns the key.
type addressBook struct {
	TaxNo          string `json:"identificationNumber"`
	Name           string `json:"name"`
	Surname        string `json:"receiverPersonSurName,omitempty"`
	Alias          string `json:"alias,omitempty"`
	RegisterNumber string `json:"registerNumber,omitempty"`
	Street         string `json:"receiverStreet,omitempty"`
	BuildingNumber string `json:"receiverBuildingNumber,omitempty"`
	DoorNumber     string `json:"receiverDoorNumber,omitempty"`
	District       string `json:"receiverDistrict"`
	City           string `json:"receiverCity"`
	ZipCode        string `json:"receiverZipCode,omitempty"`
	Country        string `json:"receiverCountry"`
	Phone          string `json:"receiverPhoneNumber,omitempty"`
	Fax            string `json:"receiverFaxNumber,omitempty"`
	Email          string `json:"receiverEmail,omitempty"`
	Website        string `json:"receiverWebSite,omitempty"`
	TaxOffice      string `json:"receiverTaxOffice,omitempty"`
}

// generalInfo is facts 3.3.
type generalInfo struct {
	ETTN                string `json:"ettn"`
	Prefix              string `json:"prefix,omitempty"`
	Profile             int    `json:"invoiceProfileType"`
	Type                int    `json:"type"`
	IssueDate           string `json:"issueDate"`
	IssueTime           string `json:"issueTime,omitempty"`
	Currency            string `json:"currencyCode"`
	ExchangeRate        amount `json:"exchangeRate"`
	DeliveryDate        string `json:"deliveryDate,omitempty"`
	InvoiceNumber       string `json:"invoiceNumber,omitempty"` // counts with useManualInvoiceId only
	ReturnInvoiceNumber string `json:"returnInvoiceNumber,omitempty"`
	ReturnInvoiceDate   string `json:"returnInvoiceDate,omitempty"`
}

// modelLine is facts 3.4. lineExtensionAmount and vatAmount count because ublSettings says so.
type modelLine struct {
	Name            string     `json:"inventoryCard"`
	Description     string     `json:"description,omitempty"`
	Quantity        amount     `json:"amount"`
	Unit            string     `json:"unitCode"`
	UnitPrice       amount     `json:"unitPrice"`
	DiscountRate    *amount    `json:"discountRate,omitempty"`
	DiscountAmount  *amount    `json:"discountAmount,omitempty"`
	LineExtension   amount     `json:"lineExtensionAmount"`
	VATRate         amount     `json:"vatRate"`
	VATAmount       amount     `json:"vatAmount"`
	ExemptionCode   string     `json:"vatExemptionReasonCode,omitempty"`
	ExemptionReason string     `json:"vatExemptionReason,omitempty"`
	Taxes           []modelTax `json:"taxes,omitempty"`
	SKU             string     `json:"sellersItemIdentification,omitempty"`
	BuyerSKU        string     `json:"buyersItemIdentification,omitempty"`

	TagNumber   string        `json:"tagNumber,omitempty"`
	OwnerName   string        `json:"goodsOwnerName,omitempty"`
	OwnerNumber string        `json:"goodsOwnerIdentifier,omitempty"`
	Delivery    *lineDelivery `json:"invoiceLineDeliveryInfoModel,omitempty"`
}

// modelTax is facts 3.4.1.
type modelTax struct {
	Code            string `json:"taxTypeCode"`
	Name            string `json:"taxName"`
	WithholdingCode string `json:"withHoldingCode,omitempty"`
	Rate            amount `json:"taxRate"`
	Amount          amount `json:"taxAmount"`
	Taxable         amount `json:"taxableAmount"`
	ExemptionCode   string `json:"vatExemptionReasonCode,omitempty"`
	ExemptionReason string `json:"vatExemptionReason,omitempty"`
}

type modelDespatch struct {
	Number    string `json:"despatchNumber"`
	IssueDate string `json:"issueDate"`
}

// ublSettings is facts 3.5: true means that our own VAT and totals are taken. The names mislead.
type ublSettings struct {
	UseCalculatedVATAmount    bool `json:"useCalculatedVatAmount"`
	UseCalculatedTotalSummary bool `json:"useCalculatedTotalSummary"`
}

type paymentMeans struct {
	Code     int    `json:"paymentMeansCode"`
	DueDate  string `json:"paymentDueDate,omitempty"`
	Note     string `json:"instructionNote,omitempty"`
	Account  string `json:"payeeFinancialAccountId,omitempty"`
	Currency string `json:"payeeFinancialAccountCurrencyCode,omitempty"`
}

type paymentTerms struct {
	Note string `json:"note"`
}

type orderInfo struct {
	Number string `json:"orderNumber"`
	Date   string `json:"orderDate,omitempty"`
}

// archiveInfo is facts 3.14.
type archiveInfo struct {
	InternetSale bool   `json:"isInternetSale"`
	Website      string `json:"websiteUrl,omitempty"`
	SendType     string `json:"shipmentSendType"`
	CarrierTaxNo string `json:"shipmentSenderTcknVkn,omitempty"`
	CarrierName  string `json:"shipmentSenderName,omitempty"`
	ShipmentDate string `json:"shipmentDate,omitempty"`
}

// eArsivInfo is facts 3.15.
type eArsivInfo struct {
	SendEmail bool   `json:"sendEMail"`
	Email     string `json:"eMailAddress,omitempty"`
	AllowOld  bool   `json:"allowOldEArsivCustomer,omitempty"`
}
