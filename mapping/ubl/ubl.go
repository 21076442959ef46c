package ubl

import (
	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"faturad/internal/invoice"
)

// DefaultCustomization is the CustomizationID of invoices that every provider accepts; GİB's rules take TR1.2.1 too.
const DefaultCustomization = "TR1.2"

// ReceiptCustomization is that of receipts, by GİB's guides to the documents of type CreditNote.
const ReceiptCustomization = "TR1.2.1"

// profileArchive is the ProfileID of every e-Arşiv invoice.
const profileArchive = "EARSIVFATURA"

// The two ways in which an e-Arşiv invoice reaches the buyer (Header.SendType).
const (
	SendElectronic = "ELEKTRONIK"
	SendPaper      = "KAGIT"
)

// ArchiveForm says how an e-Arşiv invoice carries SendType and IsInternetSale; providers differ and document it badly
// (Turkcell's form is an assumption: docs/decisions/0031-ubl.md), so it is a setting.
type ArchiveForm string

// The forms; the empty form means ArchiveByType.
const (
	// ArchiveByType: DocumentTypeCode names the field, DocumentType holds the value, ID repeats the name.
	ArchiveByType ArchiveForm = "type"
	// ArchiveByID: ID holds the value, DocumentTypeCode names the field.
	ArchiveByID ArchiveForm = "id"
	// ArchiveByName: ID names the field, DocumentType holds the value (the form of GİB's own e-Arşiv portal samples:
	// gonderimSekli).
	ArchiveByName ArchiveForm = "name"
	// ArchiveNone: not in the UBL at all; the provider learns it from a field of its API.
	ArchiveNone ArchiveForm = "none"
)

// Header is what a document has beside the invoice: its identity and how it is to be handled.
type Header struct {
	ETTN            uuid.UUID
	Number          string       // 16 characters; empty when writing = Placeholder: the provider numbers
	Kind            invoice.Kind // empty when writing = the receipt that the invoice is, else EFatura
	CustomizationID string       // empty when writing = DefaultCustomization, or ReceiptCustomization
	ReceiptType     string       // CreditNoteTypeCode of an e-SMM, writing only; empty = SERBESTMESLEKMAKBUZU
	LocalReference  string       // our key for the sale; empty = none
	SendType        string       // SendElectronic or SendPaper; e-Arşiv only, empty when writing = SendElectronic
	Archive         ArchiveForm  // writing only
	SignatureSlots  bool         // writing: leave the slots that a signer fills; reading: a cac:Signature stands in it
	References      []Additional // further AdditionalDocumentReferences, those with a meaning of their own left out
}

// Additional is one AdditionalDocumentReference.
type Additional struct {
	ID           string
	Scheme       string // schemeID of ID; may be empty
	Date         invoice.Date
	TypeCode     string
	Type         string
	Descriptions []string
	Attachment   *Attachment // read, never written
}

// Attachment says what is embedded in a reference. The bytes are not kept: they are in the stored document, and nobody
// may execute them. Files as Write writes them (Invoice.Files) are the exception.
type Attachment struct {
	Filename string
	MimeCode string
	Encoding string
	Size     int // length of the encoded text in bytes
	URI      string
}

// Document is what was read from UBL-TR XML.
type Document struct {
	Header
	// Invoice is the content. Scenario is the ProfileID as it stands (EARSIVFATURA for e-Arşiv); Convention is empty.
	Invoice        invoice.Invoice
	Notes          []string // every Note as it stands, also those that Invoice.Notes leaves out
	SellerSupplier *invoice.Party
	Signed         bool // a ds:Signature stands in it; nobody has verified it
}

// Summary is what tells one document from another, read quickly.
type Summary struct {
	ETTN           uuid.UUID
	Number         string
	Profile        string
	Type           string // InvoiceTypeCode or CreditNoteTypeCode
	IssueDate      invoice.Date
	Currency       string
	SenderTaxNo    string
	SenderName     string
	ReceiverTaxNo  string
	ReceiverName   string
	Payable        decimal.Decimal
	LocalReference string
	CreditNote     bool // the root is that of a receipt; false = an Invoice
}

// Kind tells the kinds apart by root, profile and type.
func (s Summary) Kind() invoice.Kind { return kindOf(s.CreditNote, s.Profile, s.Type) }

func kindOf(credits bool, profile, typeCode string) invoice.Kind {
	switch {
	case profile == profileArchive:
		return invoice.EArsiv
	case credits:
		return invoice.Invoice{Scenario: profile, Type: typeCode}.Receipt()
	}
	return invoice.EFatura
}
