package ubl

import (
	"bytes"
	"encoding/base64"
	"strings"

	"faturad/internal/invoice"
)

// parseReference reads a number and a date: cac:OrderReference, cac:DespatchDocumentReference and their like.
func (r *reader) parseReference(n node) (invoice.Reference, error) {
	date, err := r.childDate(n, "IssueDate")
	return invoice.Reference{Number: r.textAt(n, "ID"), Date: date}, err
}

// parseAdditional reads cac:AdditionalDocumentReference, and takes out of it what has a meaning of its own: our own
// references and the e-Arşiv fields, in any of their forms. The embedded bytes are counted, not kept.
func (r *reader) parseAdditional(n node, d *draft) error {
	id, _ := r.child(n, "ID")
	a := Additional{
		ID:       value(id),
		Scheme:   r.attr(id, "schemeID"),
		TypeCode: r.textAt(n, "DocumentTypeCode"),
		Type:     r.textAt(n, "DocumentType"),
	}
	switch a.Type {
	case refLocal:
		d.doc.LocalReference = a.ID
		return nil
	case refSale:
		d.doc.Invoice.SaleNumber = a.ID
		return nil
	}
	if d.takeArchive(a) {
		return nil
	}
	var err error
	if a.Date, err = r.childDate(n, "IssueDate"); err != nil {
		return err
	}
	if d.takeKind(a) {
		return nil
	}
	if err = r.each(n, "DocumentDescription", func(c node) error {
		a.Descriptions = append(a.Descriptions, value(c))
		return nil
	}); err != nil {
		return err
	}
	if at, ok := r.child(n, "Attachment"); ok {
		object, _ := r.child(at, "EmbeddedDocumentBinaryObject")
		if f, ok := r.parseFile(object); ok && a.Type == refFile {
			d.doc.Invoice.Files = append(d.doc.Invoice.Files, f)
			return nil
		}
		a.Attachment = &Attachment{
			Filename: r.attr(object, "filename"),
			MimeCode: r.attr(object, "mimeCode"),
			Encoding: r.attr(object, "encodingCode"),
			Size:     len(object.text),
			URI:      r.textAt(at, "ExternalReference", "URI"),
		}
	}
	d.doc.References = append(d.doc.References, a)
	return nil
}

// parseFile decodes an attachment as we write them; others are counted and stay in the stored document.
func (r *reader) parseFile(object node) (invoice.File, bool) {
	f := invoice.File{Name: r.attr(object, "filename"), Mime: r.attr(object, "mimeCode")}
	if len(object.text) == 0 || f.Name == "" || f.Mime == "" {
		return f, false
	}
	var err error
	f.Content, err = base64.StdEncoding.AppendDecode(nil, bytes.Join(bytes.Fields(object.text), nil))
	return f, err == nil && len(f.Content) > 0
}

// takeArchive recognises the sending type and the web sale flag: one field holds the name, another one the value.
func (d *draft) takeArchive(a Additional) bool {
	named := func(names ...string) bool {
		for _, n := range names {
			if strings.EqualFold(a.ID, n) || strings.EqualFold(a.TypeCode, n) {
				return true
			}
		}
		return false
	}
	switch {
	case named(refSendType, "gonderimSekli", "EREPSENDT"):
		for _, v := range []string{a.Type, a.ID, a.TypeCode} {
			if v == SendElectronic || v == SendPaper {
				d.doc.SendType = v
				return true
			}
		}
	case named(refInternet):
		for _, v := range []string{a.Type, a.ID, a.TypeCode} {
			if yes := strings.EqualFold(v, "true"); yes || strings.EqualFold(v, "false") {
				d.internet = &yes
				return true
			}
		}
	}
	return false
}
