package kolaybisim

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"

	"github.com/google/uuid"
)

// makeOfficial is POST invoices/e-document/create: ETTN and number appear here.
func (c *call) makeOfficial() reply {
	r := c.s.record(c.body.id("document_id"))
	if r == nil {
		return bad(http.StatusNotFound, 10404, "Fatura bulunamadı.")
	}
	c.entry.ID, c.entry.Key = r.id, keyOf(r.description)
	if r.number != "" && !c.s.o.Rules.SecondNumber {
		return bad(http.StatusUnprocessableEntity, 10422, "Bu fatura zaten resmîleştirilmiş.")
	}
	prefix := c.body.text("prefix")
	if prefix == "" {
		prefix = c.s.o.Prefix[r.eKind()]
	}
	if c.s.o.Rules.NoPrefix || len(prefix) != 3 {
		return bad(http.StatusBadRequest, 10400, "Ön ek bulunamadı.")
	}
	if r.number != "" { // what must not be hoped against
		again := *r
		again.id = c.s.newID()
		c.s.records = append(c.s.records, &again)
		r = &again
	}
	series := prefix + r.date[:4]
	c.s.numbers[series]++
	r.number, r.sentAt = fmt.Sprintf("%s%09d", series, c.s.numbers[series]), c.now
	if r.ettn = r.draftETTN; r.ettn == uuid.Nil {
		r.ettn = uuid.New()
	}
	c.entry.Saved = true
	out := map[string]any{"document_id": r.id, "uuid": r.ettn.String(), "no": r.number, "status": c.s.status(r, c.now), "scenario": r.scenario, "type": r.docType,
		"direction": "outbound", "grand_total": r.grand.InexactFloat64(), "grand_currency": r.currency,
		"exchange_grand_total": r.grand.Mul(r.rate).Round(2).InexactFloat64(), "exchange_grand_currency": "try"}
	if c.s.o.Rules.NoNumber {
		out["uuid"], out["no"], out["status"] = nil, nil, "queued"
	}
	return good(out)
}

// cancel is POST invoices/e-document/cancel: official e-Arşiv only; the invoice leaves the sales list.
func (c *call) cancel() reply {
	r := c.s.record(c.body.id("document_id"))
	status := http.StatusUnprocessableEntity
	if c.s.o.Rules.CancelIs200 {
		status = http.StatusOK
	}
	switch {
	case r == nil:
		return bad(http.StatusNotFound, 10404, "Fatura bulunamadı.")
	case r.number == "":
		return bad(status, 10422, "Resmîleşmemiş fatura iptal edilemez.")
	case r.eKind() != KindEArsiv:
		return bad(status, 10422, "e-Fatura iptal edilemez.")
	case !r.cancelled.IsZero():
		return bad(status, 10422, "Fatura zaten iptal edilmiş.")
	}
	r.cancelled = c.now
	c.entry.Saved, c.entry.ID = true, r.id
	return good([]any{})
}

// resend is POST invoices/resend/{id}: for what failed on its way to GİB.
func (c *call) resend() reply {
	r := c.s.record(c.id)
	switch {
	case r == nil:
		return bad(http.StatusNotFound, 10404, "Fatura bulunamadı.")
	case c.s.o.Rules.NotResendable:
		return bad(http.StatusUnprocessableEntity, 10422, "Şirket yeniden gönderime açık değil.")
	case c.s.status(r, c.now) != "failed":
		return bad(http.StatusUnprocessableEntity, 10422, "Yalnız hatalı fatura yeniden gönderilir.")
	}
	r.resent, r.sentAt = true, c.now
	c.entry.Saved, c.entry.ID = true, r.id
	return good(map[string]any{"document_id": r.id})
}

// view is GET invoices/e-document/view.
func (c *call) view() reply {
	q := c.r.URL.Query()
	id, err := uuid.Parse(q.Get("uuid"))
	if err != nil {
		return *refuse("uuid geçersiz.")
	}
	kind := q.Get("output_type")
	if kind == "" {
		kind = "pdf"
	}
	var file []byte
	if q.Get("direction") == "inbound" {
		for _, in := range c.s.incoming {
			if in.ettn == id {
				file = in.ubl
				if kind == "pdf" {
					file = pdf(in.number)
				}
			}
		}
	} else {
		for _, r := range c.s.records {
			if r.ettn == id {
				file = pdf(r.number)
				if kind == "xml" {
					file = c.s.ubl(r)
				}
			}
		}
	}
	if file == nil {
		return bad(http.StatusNotFound, 10404, "Belge bulunamadı.")
	}
	src := base64.StdEncoding.EncodeToString(file)
	if kind == "pdf" {
		src = "data:application/pdf;base64," + src
	}
	return good(map[string]any{"src": src, "output_type": kind})
}

// pdf is one page with a line of text.
func pdf(text string) []byte {
	content := "BT /F1 18 Tf 72 760 Td (" + strings.NewReplacer("(", "", ")", "").Replace(text) + ") Tj ET"
	return []byte("%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n" +
		"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>endobj\n" +
		fmt.Sprintf("4 0 obj<</Length %d>>stream\n%s\nendstream endobj\n", len(content), content) +
		"5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n")
}
