package kolaybisim

import (
	"net/http"
	"strconv"

	"github.com/google/uuid"
)

// page cuts a list as asked, and says how long it is.
func (c *call) page(rows []any) reply {
	q, rules := c.r.URL.Query(), c.s.o.Rules
	number := func(name string, usual int) int {
		if n, err := strconv.Atoi(q.Get(name)); err == nil && n > 0 {
			return n
		}
		return usual
	}
	page, size := number("page", 1), min(number("per_page", 20), 250)
	if rules.ShortPages > 0 {
		size = min(size, rules.ShortPages)
	}
	from := (page - 1) * size
	if rules.RepeatPages {
		from = 0
	}
	part := []any{}
	if from < len(rows) {
		part = rows[from:min(from+size, len(rows))]
	}
	out := good(part)
	if !rules.NoPagination {
		out.more = map[string]any{"pagination": map[string]any{"current_page": page, "per_page": size, "total": len(rows)}}
	}
	return out
}

// listInvoices is GET invoices, the newest first. Cancelled ones have left it.
func (c *call) listInvoices() reply {
	q := c.r.URL.Query()
	kind := q.Get("type")
	if kind == "" {
		kind = "sale_invoice"
	}
	var rows []any
	for i := len(c.s.records) - 1; i >= 0; i-- {
		r := c.s.records[i]
		if !r.cancelled.IsZero() {
			continue
		}
		from, to := q.Get("start_date"), q.Get("end_date")
		if !c.s.o.Rules.IgnoreFilters && (r.kind != kind || from != "" && r.date < from || to != "" && r.date > to ||
			q.Get("associate_id") != "" && q.Get("associate_id") != strconv.FormatInt(r.contact.id, 10)) {
			continue
		}
		rows = append(rows, c.recordRow(r))
	}
	return c.page(rows)
}

func (c *call) recordRow(r *record) map[string]any {
	var serial any
	if r.number != "" {
		serial = r.number
	}
	if c.s.o.Rules.OldRows {
		return map[string]any{"id": r.id, "serial_no": serial, "order_date": r.date, "total_amount": r.grand.StringFixed(2), "currency": r.currency, "status": c.s.status(r, c.now),
			"type": r.kind, "description": r.description, "contact": map[string]any{"id": r.contact.id, "name": r.contact.name, "surname": r.contact.surname, "identity_no": r.contact.identity}}
	}
	return map[string]any{
		"commercial_doc_id": r.id, "currency": r.currency, "tracking_currency": "try", "commercial_doc_type": map[string]any{"description": "Satış Faturası", "group": "sale"},
		"commercial_doc_status": map[string]any{"value": "NEW", "description": "Yeni"}, "e_document_status": c.s.status(r, c.now),
		"header": map[string]any{"serial_no": serial, "issue_date": r.date, "due_date": nil, "description": r.description,
			"associate": map[string]any{"id": r.contact.id, "full_name": r.contact.name + " " + r.contact.surname, "identity_no": r.contact.identity}},
		"total":        map[string]any{"subtotal": r.net.InexactFloat64(), "total_vat": r.vat.InexactFloat64(), "grand_total": r.grand.InexactFloat64()},
		"payment_plan": map[string]any{"remaining_amount": r.grand.InexactFloat64(), "payment_status_value": "unpaid"}, "projects": []any{}, "tags": []any{},
	}
}

// detail is GET invoices/{id}: no more than the ETTN.
func (c *call) detail() reply {
	r := c.s.record(c.id)
	if r == nil {
		return bad(http.StatusNotFound, 10404, "Fatura bulunamadı.")
	}
	var id any
	if r.ettn != uuid.Nil {
		id = r.ettn.String()
	} else if r.draftETTN != uuid.Nil {
		id = r.draftETTN.String()
	}
	return good(map[string]any{"uuid": id})
}

// listOfficial is GET e_document/invoices.
func (c *call) listOfficial() reply {
	q := c.r.URL.Query()
	if q.Get("company_id") != strconv.FormatInt(c.s.o.CompanyID, 10) {
		return *refuse("company_id bu hesabın şirketi değil.")
	}
	within := func(date string) bool {
		return (q.Get("min_issue_date") == "" || date >= q.Get("min_issue_date")) && (q.Get("max_issue_date") == "" || date <= q.Get("max_issue_date"))
	}
	var rows []any
	switch q.Get("direction") {
	case "inbound":
		for _, in := range c.s.incoming {
			if within(in.date) {
				rows = append(rows, in.row(c.s.o.Rules.REXNames))
			}
		}
	case "outbound":
		for _, r := range c.s.records {
			match := within(r.date) && (q.Get("document_id") == "" || q.Get("document_id") == strconv.FormatInt(r.id, 10))
			if r.number != "" && (match || c.s.o.Rules.IgnoreFilters) {
				rows = append(rows, c.officialRow(r))
			} else if r.draftETTN != uuid.Nil && match {
				rows = append(rows, c.officialRow(r))
			}
		}
	default:
		return *refuse("direction inbound ya da outbound olmalı.")
	}
	return c.page(rows)
}

func (c *call) officialRow(r *record) map[string]any {
	ettn, cancelled := r.ettn, any(nil)
	if ettn == uuid.Nil {
		ettn = r.draftETTN
	}
	if !r.cancelled.IsZero() {
		cancelled = r.cancelled.Format("2006-01-02 15:04:05")
	}
	row := map[string]any{"issue_date": r.date, "grand_total": r.grand.InexactFloat64(), "grand_currency": r.currency, "cancelled_at": cancelled, "party_name": r.contact.name + " " + r.contact.surname}
	names := []string{"commercial_doc_id", "document_uuid", "document_no", "document_status", "document_scenario", "document_type"}
	if c.s.o.Rules.REXNames {
		names = []string{"document_id", "uuid", "no", "status", "scenario", "type"}
	}
	for i, v := range []any{r.id, ettn.String(), r.number, c.s.status(r, c.now), r.scenario, r.docType} {
		row[names[i]] = v
	}
	return row
}
