package kolaybi

import (
	"encoding/json"
	"strings"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"faturad/internal/invoice"
)

// record is one row of GET invoices, whichever of the two public shapes it has (facts A4.5).
type record struct {
	ID          int64
	Description string
	SerialNo    string
	IssueDate   invoice.Date
	Currency    string
	Total       decimal.NullDecimal
	BuyerTaxNo  string
	Status      string // e_document_status
}

type recordRow struct {
	CommercialID number64 `json:"commercial_doc_id"`
	DocumentID   number64 `json:"document_id"`
	ID           number64 `json:"id"`
	Currency     string   `json:"currency"`
	EStatus      text     `json:"e_document_status"`
	Status       text     `json:"status"`
	Header       struct {
		SerialNo    text `json:"serial_no"`
		IssueDate   text `json:"issue_date"`
		Description text `json:"description"`
		Associate   struct {
			Identity text `json:"identity_no"`
		} `json:"associate"`
	} `json:"header"`
	Total struct {
		Grand decimal.NullDecimal `json:"grand_total"`
	} `json:"total"`
	SerialNo    text                `json:"serial_no"`
	OrderDate   text                `json:"order_date"`
	Description text                `json:"description"`
	TotalAmount decimal.NullDecimal `json:"total_amount"`
	Contact     struct {
		Identity text `json:"identity_no"`
	} `json:"contact"`
}

// UnmarshalJSON reads either shape.
func (r *record) UnmarshalJSON(b []byte) error {
	var row recordRow
	if err := json.Unmarshal(b, &row); err != nil {
		return err
	}
	*r = record{
		ID: int64(firstID(row.CommercialID, row.DocumentID, row.ID)), Description: first(row.Header.Description, row.Description),
		SerialNo: first(row.Header.SerialNo, row.SerialNo), Currency: strings.ToUpper(row.Currency), Total: row.Total.Grand,
		BuyerTaxNo: first(row.Header.Associate.Identity, row.Contact.Identity), Status: first(row.EStatus, row.Status),
		IssueDate: dateOf(first(row.Header.IssueDate, row.OrderDate)),
	}
	if !r.Total.Valid {
		r.Total = row.TotalAmount
	}
	return nil
}

// official is one row of GET e_document/invoices, or the answer of e-document/create (facts A4.6).
type official struct {
	ID        int64
	ETTN      uuid.UUID
	Number    string
	Status    string
	Scenario  string
	Type      string
	IssueDate invoice.Date
	Total     decimal.NullDecimal
	Currency  string
	Party     string
	PartyNo   string
	Cancelled bool

	row json.RawMessage
}

type officialRow struct {
	CommercialID number64            `json:"commercial_doc_id"`
	DocumentID   number64            `json:"document_id"`
	UUID         text                `json:"uuid"`
	DocUUID      text                `json:"document_uuid"`
	No           text                `json:"no"`
	DocNo        text                `json:"document_no"`
	Status       text                `json:"status"`
	DocStatus    text                `json:"document_status"`
	Scenario     text                `json:"scenario"`
	DocScenario  text                `json:"document_scenario"`
	Type         text                `json:"type"`
	DocType      text                `json:"document_type"`
	IssueDate    text                `json:"issue_date"`
	Grand        decimal.NullDecimal `json:"grand_total"`
	Total        decimal.NullDecimal `json:"total_amount"`
	GrandCurr    text                `json:"grand_currency"`
	Currency     text                `json:"currency"`
	Party        text                `json:"party_name"`
	PartyNo      text                `json:"party_identity_no"`
	CancelledAt  text                `json:"cancelled_at"`
}

// UnmarshalJSON reads either set of names.
func (o *official) UnmarshalJSON(b []byte) error {
	var row officialRow
	if err := json.Unmarshal(b, &row); err != nil {
		return err
	}
	*o = official{
		ID: int64(firstID(row.CommercialID, row.DocumentID)), Number: first(row.No, row.DocNo), Status: first(row.DocStatus, row.Status),
		Scenario: first(row.DocScenario, row.Scenario), Type: first(row.DocType, row.Type), IssueDate: dateOf(string(row.IssueDate)),
		Total: row.Grand, Currency: strings.ToUpper(first(row.GrandCurr, row.Currency)), Party: string(row.Party), PartyNo: string(row.PartyNo),
		Cancelled: row.CancelledAt != "", row: json.RawMessage(append([]byte(nil), b...)),
	}
	if !o.Total.Valid {
		o.Total = row.Total
	}
	if id, err := uuid.Parse(first(row.UUID, row.DocUUID)); err == nil {
		o.ETTN = id
	}
	return nil
}

// done: a document is official only when both are known; a draft may show an ETTN already.
func (o official) done() bool { return o.ETTN != uuid.Nil && o.Number != "" }

func (o official) kind() invoice.Kind {
	switch o.Scenario {
	case "":
		return ""
	case scenarioArchive:
		return invoice.EArsiv
	}
	return invoice.EFatura
}

func first(texts ...text) string {
	for _, t := range texts {
		if t != "" {
			return string(t)
		}
	}
	return ""
}

func firstID(ids ...number64) number64 {
	for _, id := range ids {
		if id != 0 {
			return id
		}
	}
	return 0
}

// dateOf reads a day, with or without a time behind it; the zero date when it is none.
func dateOf(s string) invoice.Date {
	if len(s) > 10 {
		s = s[:10]
	}
	d, err := invoice.ParseDate(s)
	if err != nil {
		return invoice.Date{}
	}
	return d
}
