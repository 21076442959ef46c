package turkcellsim

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"

	"github.com/google/uuid"
)

// receiptForm is a create or update of a receipt by UBL (facts 2.6 and 2.7): what invoices have in a multipart form stands in
// a JSON object, and the file is zipped and in base64.
type receiptForm struct {
	ProducerReceiptZip         []byte `json:"producerReceiptZip"`
	VoucherZip                 []byte `json:"voucherZip"`
	Status                     int    `json:"status"`
	LocalReferenceID           string `json:"localReferenceId"`
	CheckLocalReferenceID      *bool  `json:"checkLocalReferenceId"`
	Prefix                     string `json:"prefix"`
	UseManualProducerReceiptID *bool  `json:"useManualProducerReceiptId"`
	UseManualVoucherID         *bool  `json:"useManualVoucherId"`
	SendEMail                  bool   `json:"sendEMail"`
	EMailAddress               string `json:"eMailAddress"`
}

// maxReceipt bounds the XML that comes out of a zip.
const maxReceipt = 4 << 20

// readReceipt gives a receipt's request the shape of an invoice's form; stop is the answer when it ends here.
func (c *call) readReceipt(kind string) (f form, stop *reply) {
	end := func(r reply) (form, *reply) { return form{}, &r }
	body, err := c.body()
	if err != nil {
		return end(bad("$", "%s", err))
	}
	var in receiptForm
	if err := json.Unmarshal(body, &in); err != nil { // bad base64 among others
		return end(bad("$", "The JSON value could not be converted: %s", err))
	}
	packed, field, manual := in.VoucherZip, "VoucherZip", in.UseManualVoucherID
	if kind == KindEMM {
		packed, field, manual = in.ProducerReceiptZip, "ProducerReceiptZip", in.UseManualProducerReceiptID
	}
	if len(packed) == 0 {
		return end(refusal(field, msgNoZip, field))
	}
	file, err := unzip(packed)
	if err != nil {
		return end(refusal(field, msgBadZip, field, err))
	}
	yes := func(b *bool) string { return strconv.FormatBool(b != nil && *b) }
	return form{file: file, has: true, values: map[string]string{
		"status": strconv.Itoa(in.Status), "localreferenceid": in.LocalReferenceID, "checklocalreferenceid": yes(in.CheckLocalReferenceID), "prefix": in.Prefix,
		"usemanualinvoiceid": yes(manual), "sendemail": strconv.FormatBool(in.SendEMail), "emailaddress": in.EMailAddress,
	}}, nil
}

// unzip gives the only file of a zip.
func unzip(packed []byte) ([]byte, error) {
	z, err := zip.NewReader(bytes.NewReader(packed), int64(len(packed)))
	if err != nil {
		return nil, fmt.Errorf("zip açılamadı: %w", err)
	}
	if len(z.File) != 1 {
		return nil, fmt.Errorf("zip %d dosya içeriyor, bir dosya olmalı", len(z.File))
	}
	in, err := z.File[0].Open()
	if err != nil {
		return nil, fmt.Errorf("zip açılamadı: %w", err)
	}
	defer in.Close() // only read from
	out, err := io.ReadAll(io.LimitReader(in, maxReceipt+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("zip açılamadı: %w", err)
	case len(out) > maxReceipt:
		return nil, errors.New("zip içindeki dosya çok büyük")
	}
	return out, nil
}

// voucherModel is the JSON model of an e-SMM: parts of the invoice model under fewer heads. It has no local reference.
type voucherModel struct {
	Status             int         `json:"status"`
	SendEMail          bool        `json:"sendEMail"`
	UseManualVoucherID bool        `json:"useManualVoucherId"` // "not followed" (guide): the provider numbers all the same
	Note               string      `json:"note"`
	Notes              []modelNote `json:"notes"`
	AddressBook        *modelBuyer `json:"addressBook"`
	GeneralInfo        *modelHead  `json:"generalInfoModel"`
	Lines              []modelLine `json:"invoiceLines"`
}

// createVoucher makes an e-SMM from the JSON model; its amounts are computed here.
func (s *Simulator) createVoucher(c *call) reply {
	body, err := c.body()
	if err != nil {
		return bad("$", "%s", err)
	}
	var v voucherModel
	if err := json.Unmarshal(body, &v); err != nil {
		return bad("$", "The JSON value could not be converted: %s", err)
	}
	m := model{Status: v.Status, Note: v.Note, Notes: v.Notes, AddressBook: v.AddressBook, GeneralInfo: v.GeneralInfo, Lines: v.Lines}
	p := problems{}
	m.complete(p)
	in := s.intakeOf(c, body)
	in.prefix, in.status, in.byModel = m.GeneralInfo.Prefix, m.Status, true
	in.ettn = m.ettn(uuid.Nil, p)
	c.entry.ETTN = in.ettn.String()
	paper := m.paper(in.ettn)
	paper.creditNote = true
	in.raw = paper.ubl()
	if in.c, err = readUBL(in.raw); err != nil {
		return refusal(warning, "%s", err)
	}
	in.c.asJSON = true
	if s.strikeLate(c, in); c.fault != nil && !c.fault.saves() {
		return reply{}
	}
	if in.status != statusDraft && in.status != statusQueued {
		p.add("model.Status", msgNotWritable)
	}
	s.documents.judgePrefix(in.prefix, "model.GeneralInfoModel.Prefix", p)
	if in.email, in.sendMail = m.AddressBook.Email, v.SendEMail; in.sendMail {
		judgeMails(in.email, "model.AddressBook.ReceiverEmail", p)
	}
	s.judge(c, in, p)
	s.judgeWorld(&in, false, false, p)
	if len(p) > 0 {
		return refused(p)
	}
	return s.accept(c, in)
}

// cancelReceipts ends successful receipts (facts 2.6); no limit of time is known.
func (s *Simulator) cancelReceipts(c *call) reply {
	var ids []uuid.UUID
	if r, ok := c.decode(&ids); !ok {
		return r
	}
	return s.changeAll(c, c.route.kind, ids, func(d *record) string {
		switch d.status {
		case statusCancelled:
			return msgReceiptCancelled
		case statusApproved:
			return ""
		}
		return msgReceiptCancelState
	}, func(d *record) { d.status, d.pinned = statusCancelled, true })
}

func isReceipt(kind string) bool { return kind == KindEMM || kind == KindESMM }

// numberField is what an answer calls the number. An e-SMM made by the JSON model has that of invoices in the answer to its
// create, and its own in the status (facts 2.7).
func numberField(kind string, byModel bool) string {
	switch {
	case kind == KindEMM:
		return "producerReceiptNumber"
	case kind == KindESMM && !byModel:
		return "voucherNumber"
	}
	return "invoiceNumber"
}

// receiptRoutes adds the endpoints of both receipts.
func (s *Simulator) receiptRoutes(t map[string]route) {
	t["POST v1/voucher/create"] = route{FamilyCreate, KindESMM, s.createVoucher}
	for path, kind := range map[string]string{"v1/producerreceipt": KindEMM, "v1/voucher": KindESMM} {
		t["POST "+path] = route{FamilyCreate, kind, s.createUBL}
		t["PUT "+path+"/{id}"] = route{FamilyUpdate, kind, s.updateUBL}
		t["PUT "+path+"/updatestatuslist"] = route{FamilyUpdate, kind, s.updateStatusList}
		t["POST "+path+"/cancel"] = route{FamilyUpdate, kind, s.cancelReceipts}
		t["GET "+path+"/{id}/zip/{std}"] = route{FamilyDownload, kind, s.downloadZIP}
		s.documentRoutes(t, path, kind)
	}
}

// missingReceipt is the 404 of a receipt; its wording is not known.
func (s *Simulator) missingReceipt(kind string) reply {
	if kind == KindEMM {
		return s.text(http.StatusNotFound, msgNoEMM)
	}
	return s.text(http.StatusNotFound, msgNoESMM)
}
