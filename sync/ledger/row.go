package ledger

import (
	"context"
	"database/sql"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"faturad/internal/invoice"
	"faturad/providers"
)

// documentColumns is what documentRow reads.
const documentColumns = `id, company, erp, key_space, sale_key, revision, local_reference, ettn, state, superseded,
	sale_number, sale_hash, changed, convention, buyer_tax_no, buyer_name, currency, payable, issue_date, moved_from,
	account, provider, route_kind, route_alias, route_prefix, route_draft, route_email, content_type, payload_hash,
	number, provider_id, assigned_ettn, legal_step, loose, mail_state, mail_address, mail_at, mail_asked, provider_status, envelope_status, code, message, advice,
	attempts, failures, next_at, unknown_since, quarantine_until, was_unknown, probe_first,
	lease_owner, lease_epoch, lease_until,
	version, written_version, write_seq, write_failures, write_next_at, write_message,
	created_at, updated_at, sent_at, final_at`

// documentRow is a row of documents as the database gives it.
type documentRow struct {
	ID             int64
	Company        string
	ERP            string
	KeySpace       string `db:"key_space"`
	SaleKey        string `db:"sale_key"`
	Revision       int
	LocalReference string `db:"local_reference"`
	ETTN           uuid.UUID
	State          State
	Superseded     bool

	SaleNumber string `db:"sale_number"`
	SaleHash   string `db:"sale_hash"`
	Changed    saleChange
	Convention string
	BuyerTaxNo string `db:"buyer_tax_no"`
	BuyerName  string `db:"buyer_name"`
	Currency   string
	Payable    decimal.NullDecimal
	IssueDate  sql.NullTime `db:"issue_date"`
	MovedFrom  sql.NullTime `db:"moved_from"`

	Account     string
	Provider    string
	RouteKind   invoice.Kind `db:"route_kind"`
	RouteAlias  string       `db:"route_alias"`
	RoutePrefix string       `db:"route_prefix"`
	RouteDraft  bool         `db:"route_draft"`
	RouteEmail  string       `db:"route_email"`
	ContentType string       `db:"content_type"`
	PayloadHash string       `db:"payload_hash"`

	Number         sql.NullString
	ProviderID     string        `db:"provider_id"`
	Assigned       uuid.NullUUID `db:"assigned_ettn"`
	Legal          LegalStep     `db:"legal_step"`
	Loose          bool
	MailState      providers.MailState `db:"mail_state"`
	MailAddress    string              `db:"mail_address"`
	MailAt         sql.NullTime        `db:"mail_at"`
	MailAsked      int                 `db:"mail_asked"`
	ProviderStatus *int                `db:"provider_status"`
	EnvelopeStatus *int                `db:"envelope_status"`
	Code           string
	Message        string
	Advice         string

	Attempts        int
	Failures        int
	NextAt          time.Time    `db:"next_at"`
	UnknownSince    sql.NullTime `db:"unknown_since"`
	QuarantineUntil sql.NullTime `db:"quarantine_until"`
	WasUnknown      bool         `db:"was_unknown"`
	ProbeFirst      bool         `db:"probe_first"`

	LeaseOwner string       `db:"lease_owner"`
	LeaseEpoch int64        `db:"lease_epoch"`
	LeaseUntil sql.NullTime `db:"lease_until"`

	Version        int64
	WrittenVersion int64     `db:"written_version"`
	WriteSeq       int64     `db:"write_seq"`
	WriteFailures  int       `db:"write_failures"`
	WriteNextAt    time.Time `db:"write_next_at"`
	WriteMessage   string    `db:"write_message"`

	CreatedAt time.Time    `db:"created_at"`
	UpdatedAt time.Time    `db:"updated_at"`
	SentAt    sql.NullTime `db:"sent_at"`
	FinalAt   sql.NullTime `db:"final_at"`
}

// saleChange is the column changed: what became of the sale after its document was sent.
type saleChange int8

const (
	asSent saleChange = iota
	edited
	deleted
)

func changeOf(changed, gone bool) saleChange {
	switch {
	case !changed:
		return asSent
	case gone:
		return deleted
	}
	return edited
}

// document turns the row into the value that everybody else sees.
func (r documentRow) document() Document {
	return Document{
		ID: r.ID, Company: r.Company, ERP: r.ERP, KeySpace: r.KeySpace, SaleKey: r.SaleKey, LocalReference: r.LocalReference,
		Revision: r.Revision, ETTN: r.ETTN, State: r.State, Superseded: r.Superseded,
		SaleNumber: r.SaleNumber, SaleHash: r.SaleHash, Changed: r.Changed != asSent, Gone: r.Changed == deleted, Convention: r.Convention,
		BuyerTaxNo: r.BuyerTaxNo, BuyerName: r.BuyerName, Currency: r.Currency, Payable: r.Payable, IssueDate: dateOf(r.IssueDate), MovedFrom: dateOf(r.MovedFrom),
		Account: r.Account, Provider: r.Provider,
		Route:       providers.Route{Kind: r.RouteKind, Alias: r.RouteAlias, Prefix: r.RoutePrefix, Draft: r.RouteDraft, Email: r.RouteEmail},
		ContentType: r.ContentType, PayloadHash: r.PayloadHash,
		Number: r.Number.String, ProviderID: r.ProviderID, Assigned: r.Assigned.UUID, Legal: r.Legal, Loose: r.Loose,
		Mail: Mail{State: r.MailState, Address: r.MailAddress, At: r.MailAt.Time, Asked: r.MailAsked}, ProviderStatus: r.ProviderStatus, EnvelopeStatus: r.EnvelopeStatus,
		Code: r.Code, Message: r.Message, Advice: r.Advice,
		Attempts: r.Attempts, Failures: r.Failures, NextAt: r.NextAt,
		UnknownSince: r.UnknownSince.Time, QuarantineUntil: r.QuarantineUntil.Time, WasUnknown: r.WasUnknown, ProbeFirst: r.ProbeFirst,
		LeaseOwner: r.LeaseOwner, LeaseEpoch: r.LeaseEpoch, LeaseUntil: r.LeaseUntil.Time,
		Version: r.Version, WrittenVersion: r.WrittenVersion, WriteFailures: r.WriteFailures, WriteNextAt: r.WriteNextAt,
		WriteMessage: r.WriteMessage, writeSeq: r.WriteSeq,
		CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt, SentAt: r.SentAt.Time, FinalAt: r.FinalAt.Time,
	}
}

// dateOf turns a DATE into a day.
func dateOf(t sql.NullTime) invoice.Date {
	if !t.Valid {
		return invoice.Date{}
	}
	return invoice.DateOf(t.Time)
}

// sqlDate turns a day into a DATE, the zero date into NULL.
func sqlDate(d invoice.Date) any {
	if d.IsZero() {
		return nil
	}
	return d.String()
}

// sqlTime turns the zero time into NULL.
func sqlTime(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UTC()
}

// micros is d for TIMESTAMPADD(MICROSECOND, ?, ...).
func micros(d time.Duration) int64 { return d.Microseconds() }

// documents reads documents by a query that selects documentColumns.
func (s *Store) documents(ctx context.Context, query string, args ...any) ([]Document, error) {
	var found []documentRow
	if err := s.all(ctx, &found, query, args...); err != nil {
		return nil, err
	}
	docs := make([]Document, len(found))
	for i, r := range found {
		docs[i] = r.document()
	}
	return docs, nil
}
