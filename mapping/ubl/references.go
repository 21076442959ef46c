package ubl

import (
	"encoding/base64"

	"faturad/internal/invoice"
	"faturad/internal/invoice/codes"
)

// DocumentType of the references that carry what is ours (docs/decisions/0031-ubl.md).
const (
	refLocal = "FATURAD_LOCAL_REFERENCE" // ID = Header.LocalReference
	refSale  = "FATURAD_SALE_NUMBER"     // ID = Invoice.SaleNumber
)

// refFile is the DocumentType of the references that carry Invoice.Files; buyers see it.
const refFile = "Ek"

// Names of the e-Arşiv fields, as Turkcell is said to call them.
const (
	refSendType = "SendType"
	refInternet = "IsInternetSale"
)

// codeReturn is the DocumentTypeCode by which GİB knows the original of a return.
const codeReturn = "IADE"

// isReturn tells the types that must name an original.
func isReturn(typeCode string) bool { return codes.Return(typeCode) }

// references writes the references of the document, in the order of the XSD.
func (e *encoder) references(inv *invoice.Invoice, h *Header) {
	if inv.Order != nil {
		e.reference("cac:OrderReference", *inv.Order)
	}
	for _, r := range inv.Returns {
		e.open("cac:BillingReference")
		e.open("cac:InvoiceDocumentReference")
		e.must("cbc:ID", r.Number)
		e.must("cbc:IssueDate", r.Date.String())
		if isReturn(inv.Type) {
			e.must("cbc:DocumentTypeCode", codeReturn)
			e.must("cbc:DocumentType", "İade edilen fatura")
		}
		e.close("cac:InvoiceDocumentReference")
		e.close("cac:BillingReference")
	}
	for _, r := range inv.Despatches {
		e.reference("cac:DespatchDocumentReference", r)
	}
	e.contract(inv)
	e.kindReferences(inv)
	if h.LocalReference != "" {
		e.additional(Additional{ID: h.LocalReference, Type: refLocal}, inv.IssueDate)
	}
	if inv.SaleNumber != "" {
		e.additional(Additional{ID: inv.SaleNumber, Type: refSale}, inv.IssueDate)
	}
	if h.Kind == invoice.EArsiv {
		e.archive(h, refSendType, h.SendType, inv.IssueDate)
		e.archive(h, refInternet, boolText(inv.Internet != nil), inv.IssueDate)
	}
	for _, a := range h.References {
		e.additional(a, inv.IssueDate)
	}
	for i, f := range inv.Files {
		e.file(i+1, f, inv.IssueDate)
	}
}

func (e *encoder) reference(name string, r invoice.Reference) {
	e.open(name)
	e.must("cbc:ID", r.Number)
	e.must("cbc:IssueDate", r.Date.String())
	e.close(name)
}

// archive writes one e-Arşiv field in the form that the provider reads.
func (e *encoder) archive(h *Header, field, value string, date invoice.Date) {
	switch h.Archive {
	case ArchiveByType:
		e.additional(Additional{ID: field, TypeCode: field, Type: value}, date)
	case ArchiveByID:
		e.additional(Additional{ID: value, TypeCode: field}, date)
	case ArchiveByName:
		if field == refSendType {
			field = "gonderimSekli"
		}
		e.additional(Additional{ID: field, Type: value}, date)
	case ArchiveNone:
	}
}

// file writes one attachment, base64 in the document itself.
func (e *encoder) file(no int, f invoice.File, date invoice.Date) {
	e.open("cac:AdditionalDocumentReference")
	e.count("cbc:ID", no)
	e.must("cbc:IssueDate", date.String())
	e.must("cbc:DocumentType", refFile)
	e.open("cac:Attachment")
	e.indent()
	e.buf = append(e.buf, `<cbc:EmbeddedDocumentBinaryObject mimeCode="`...)
	e.buf = appendEscaped(e.buf, clean(f.Mime))
	e.buf = append(e.buf, `" encodingCode="Base64" characterSetCode="UTF-8" filename="`...)
	e.buf = appendEscaped(e.buf, clean(f.Name))
	e.buf = append(e.buf, `">`...)
	e.buf = base64.StdEncoding.AppendEncode(e.buf, f.Content)
	e.end("cbc:EmbeddedDocumentBinaryObject")
	e.close("cac:Attachment")
	e.close("cac:AdditionalDocumentReference")
}

// additional writes one cac:AdditionalDocumentReference; the XSD demands a date, so one without takes the invoice's.
func (e *encoder) additional(a Additional, date invoice.Date) {
	if a.Date.IsZero() {
		a.Date = date
	}
	e.open("cac:AdditionalDocumentReference")
	if a.Scheme != "" {
		e.attributed("cbc:ID", "schemeID", a.Scheme, a.ID)
	} else {
		e.must("cbc:ID", a.ID)
	}
	e.must("cbc:IssueDate", a.Date.String())
	e.text("cbc:DocumentTypeCode", a.TypeCode)
	e.text("cbc:DocumentType", a.Type)
	for _, d := range a.Descriptions {
		e.text("cbc:DocumentDescription", d)
	}
	e.close("cac:AdditionalDocumentReference")
}
