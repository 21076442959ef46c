package erp

import (
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"faturad/internal/invoice"
)

// Param is one named parameter of the statements of an event. These tables are the contract: the writer, `check` and
// docs/erp-contract.md are made from them.
type Param[T any] struct {
	Name    string
	Type    string // text, number, date, time, yes/no, bytes
	Exact   bool   // never cut: a shortened ETTN or number is worse than none
	Example string
	Doc     string
	Value   func(T) any // nil = NULL; time.Time is written in the source's zone
}

// ProjectionParams are bound in on.status and in on.STATE; the key columns of the document are bound under their names
// too.
var ProjectionParams = []Param[Projection]{
	{"key", "text", true, "10-6", "Canonical key of the sale.", func(p Projection) any { return text(p.Key) }},
	{"space", "text", true, "invoice", "Name of the document.", func(p Projection) any { return text(p.Space) }},
	{"company", "text", true, "acme", "Name of the company in the config.", func(p Projection) any { return text(p.Company) }},
	{"state", "text", true, "accepted", "The state in English, for programs.", func(p Projection) any { return text(p.State) }},
	{"status", "text", false, "Onaylandı", "The state's word for accountants: map.status of the source by state, else the chosen language.", nil},
	{"kind", "text", true, "e-fatura", "e-fatura, e-arsiv, e-mm or e-smm.", func(p Projection) any { return text(p.Kind) }},
	{"scenario", "text", false, "TEMELFATURA", "ProfileID.", func(p Projection) any { return text(p.Scenario) }},
	{"number", "text", true, "FTR2026000000017", "The provider's invoice number, 16 characters.", func(p Projection) any { return text(p.Number) }},
	{"ettn", "text", true, "4b0c8f6e-7d0c-4c43-9d9e-2f8c4f0b9a11", "UUID of the invoice.", func(p Projection) any { return uid(p.ETTN) }},
	{"local_reference", "text", true, "acme:invoice:217", "Our reference at the provider.", func(p Projection) any { return text(p.LocalReference) }},
	{"revision", "number", false, "1", "Revision of the sale's document.", func(p Projection) any { return p.Revision }},
	{"doc_no", "text", false, "FA2609-0001", "The ERP's own number when it was read.", func(p Projection) any { return text(p.SaleNumber) }},
	{"sale_hash", "text", true, "9f86d081…", "Content hash of the sale as sent.", func(p Projection) any { return text(p.SaleHash) }},
	{"code", "text", false, "buyer.tax_no.checksum", "Stable code of what is wrong.", func(p Projection) any { return text(p.Code) }},
	{"message", "text", false, "Vergi numarası geçersiz.", "What happened.", func(p Projection) any { return text(p.Message) }},
	{"advice", "text", false, "Cari karttaki vergi numarasını düzeltin.", "What to do.", func(p Projection) any { return text(p.Advice) }},
	{"account", "text", false, "main", "The account that issued it.", func(p Projection) any { return text(p.Account) }},
	{"provider", "text", false, "turkcell", "The provider.", func(p Projection) any { return text(p.Provider) }},
	{"provider_status", "number", false, "60", "The provider's status code.", func(p Projection) any { return number(p.ProviderStatus) }},
	{"envelope_status", "number", false, "1300", "GİB's envelope status code.", func(p Projection) any { return number(p.EnvelopeStatus) }},
	{"mail", "text", false, "Gönderildi", "Where the provider's mail to the buyer stands (e-Arşiv): Gönderilecek, Gönderildi, İletilemedi: address.", func(p Projection) any { return text(p.MailText) }},
	{"mail_state", "text", true, "sent", "The same for programs: waiting, sent, failed (the provider tries again) or stopped.", func(p Projection) any { return text(p.Mail) }},
	{"mail_address", "text", false, "muhasebe@ornek.com.tr", "Where it goes.", func(p Projection) any { return text(p.MailAddress) }},
	{"mail_at", "time", false, "2026-09-01 12:00:30", "When the provider sent it, or tried to.", func(p Projection) any { return instant(p.MailAt) }},
	{"currency", "text", false, "TRY", "Currency of the document.", func(p Projection) any { return text(p.Currency) }},
	{"payable", "number", false, "13090.07", "Amount to pay on the document.", func(p Projection) any { return amount(p.Payable) }},
	{"issue_date", "date", false, "2026-09-01", "Date of the document.", func(p Projection) any { return text(p.IssueDate.String()) }},
	{"changed", "yes/no", false, "0", "The sale was changed in the ERP after it was sent.", func(p Projection) any { return yesNo(p.Changed) }},
	{"attempts", "number", false, "1", "Requests made for it.", func(p Projection) any { return p.Attempts }},
	{"at", "time", false, "2026-09-01 12:00:00", "Last change of the document (same as updated_at): a repeated write-back writes the same.", func(p Projection) any { return instant(p.UpdatedAt) }},
	{"updated_at", "time", false, "2026-09-01 12:00:00", "Last change of the document.", func(p Projection) any { return instant(p.UpdatedAt) }},
	{"sent_at", "time", false, "2026-09-01 11:59:58", "When the provider took it.", func(p Projection) any { return instant(p.SentAt) }},
	{"final_at", "time", false, "2026-09-01 12:00:00", "When it became final.", func(p Projection) any { return instant(p.FinalAt) }},
	{"next_attempt_at", "time", false, "2026-09-01 12:05:00", "When something happens next.", func(p Projection) any { return instant(p.NextAttemptAt) }},
}

// FileParams are bound in statements with each = "file", besides those of their event.
var FileParams = []Param[File]{
	{"file_format", "text", true, "pdf", "ubl, html, pdf or zip.", func(f File) any { return text(f.Format) }},
	{"file_name", "text", true, "4b0c8f6e-….pdf", "Name of the file.", func(f File) any { return text(f.Name) }},
	{"file_path", "text", true, "2026/09/4b0c8f6e-….pdf", "Where faturad stored it, if it did.", func(f File) any { return text(f.Path) }},
	{"file_bytes", "bytes", true, "", "Its content.", func(f File) any { return blob(f.Bytes) }},
	{"file_size", "number", false, "20480", "Its size in bytes.", func(f File) any { return f.Size }},
	{"file_hash", "text", true, "9f86d081…", "Hex SHA-256 of its content.", func(f File) any { return text(f.Hash) }},
}

// ReceivedParams are bound in every statement of on.received.
var ReceivedParams = []Param[Received]{
	{"ettn", "text", true, "4b0c8f6e-7d0c-4c43-9d9e-2f8c4f0b9a11", "UUID of the invoice: the key.", func(r Received) any { return uid(r.ETTN) }},
	{"number", "text", true, "ABC2026000000123", "The sender's invoice number.", func(r Received) any { return text(r.Number) }},
	{"company", "text", true, "acme", "Name of the company in the config.", func(r Received) any { return text(r.Company) }},
	{"envelope", "text", true, "", "Envelope id, where the provider tells it.", func(r Received) any { return text(r.Envelope) }},
	{"alias", "text", false, "urn:mail:defaultpk@ornek.com.tr", "Our mailbox it came to.", func(r Received) any { return text(r.Alias) }},
	{"account", "text", false, "main", "The account it came through.", func(r Received) any { return text(r.Account) }},
	{"provider", "text", false, "turkcell", "The provider.", func(r Received) any { return text(r.Provider) }},
	{"state", "text", true, "stored", "The state in English, for programs.", func(r Received) any { return text(r.State) }},
	{"status", "text", false, "Geldi", "The state's word for accountants.", func(r Received) any { return text(r.StateText) }},
	{"scenario", "text", false, "TICARIFATURA", "ProfileID.", func(r Received) any { return text(r.Invoice.Scenario) }},
	{"invoice_type", "text", false, "SATIS", "InvoiceTypeCode.", func(r Received) any { return text(r.Invoice.Type) }},
	{"issue_date", "date", false, "2026-09-01", "Date of the invoice.", func(r Received) any { return text(r.Invoice.IssueDate.String()) }},
	{"issue_time", "time", false, "11:20:00", "Time of the invoice.", func(r Received) any { return text(r.Invoice.IssueTime) }},
	{"currency", "text", false, "TRY", "Currency.", func(r Received) any { return text(r.Invoice.Currency) }},
	{"exchange_rate", "number", false, "48.3614", "TRY per unit.", func(r Received) any { return nonZero(r.Invoice.Rate) }},
	{"seller_tax_no", "text", true, "7473004654", "VKN or TCKN of the sender.", func(r Received) any { return text(r.Invoice.Seller.TaxNo) }},
	{"seller_name", "text", false, "Örnek A.Ş.", "Title or full name of the sender.", func(r Received) any { return text(partyName(r.Invoice.Seller)) }},
	{"seller_tax_office", "text", false, "Uludağ", "Tax office of the sender.", func(r Received) any { return text(r.Invoice.Seller.TaxOffice) }},
	{"seller_street", "text", false, "", "Street of the sender.", func(r Received) any { return text(r.Invoice.Seller.Address.Street) }},
	{"seller_district", "text", false, "Nilüfer", "İlçe of the sender.", func(r Received) any { return text(r.Invoice.Seller.Address.District) }},
	{"seller_city", "text", false, "Bursa", "İl of the sender.", func(r Received) any { return text(r.Invoice.Seller.Address.City) }},
	{"seller_email", "text", false, "", "E-mail of the sender.", func(r Received) any { return text(r.Invoice.Seller.Email) }},
	{"seller_phone", "text", false, "", "Phone of the sender.", func(r Received) any { return text(r.Invoice.Seller.Phone) }},
	{"buyer_tax_no", "text", true, "1234567890", "Our tax number on it.", func(r Received) any { return text(r.Invoice.Buyer.TaxNo) }},
	{"line_total", "number", false, "100.00", "Sum of line nets.", func(r Received) any { return money(r, r.Invoice.Totals.LineExtension) }},
	{"discount_total", "number", false, "0.00", "Document discounts.", func(r Received) any { return money(r, r.Invoice.Totals.Allowance) }},
	{"charge_total", "number", false, "0.00", "Document charges.", func(r Received) any { return money(r, r.Invoice.Totals.Charge) }},
	{"net", "number", false, "100.00", "Total without taxes.", func(r Received) any { return money(r, r.Invoice.Totals.TaxExclusive) }},
	{"vat", "number", false, "20.00", "VAT total.", func(r Received) any { return money(r, r.Invoice.Totals.VAT) }},
	{"withheld", "number", false, "0.00", "Withheld VAT.", func(r Received) any { return money(r, r.Invoice.Totals.Withheld) }},
	{"gross", "number", false, "120.00", "Total with taxes.", func(r Received) any { return money(r, r.Invoice.Totals.TaxInclusive) }},
	{"payable", "number", false, "120.00", "Amount to pay.", func(r Received) any { return payable(r) }},
	{"order_no", "text", false, "", "Our order that it names.", func(r Received) any { return reference(r.Invoice.Order) }},
	{"despatch_no", "text", false, "", "e-İrsaliye numbers, separated by commas.", func(r Received) any { return text(numbers(r.Invoice.Despatches)) }},
	{"return_no", "text", false, "", "For IADE: the originals' numbers, separated by commas.", func(r Received) any { return text(numbers(r.Invoice.Returns)) }},
	{"note", "text", false, "", "Notes, a line each.", func(r Received) any { return text(strings.Join(r.Invoice.Notes, "\n")) }},
	{"line_count", "number", false, "3", "Number of lines.", func(r Received) any { return lineCount(r) }},
	{"arrived_at", "time", false, "2026-09-01 12:00:00", "When faturad took it.", func(r Received) any { return instant(r.ArrivedAt) }},
	{"answer_till", "date", false, "2026-09-09", "Last day to answer a commercial invoice.", func(r Received) any { return text(r.AnswerTill.String()) }},
	{"message", "text", false, "", "What is wrong with it.", func(r Received) any { return text(r.Message) }},
	{"advice", "text", false, "", "What to do.", func(r Received) any { return text(r.Advice) }},
	{"hash", "text", true, "9f86d081…", "Hex SHA-256 of the UBL.", func(r Received) any { return text(r.Hash) }},
	{"updated_at", "time", false, "2026-09-01 12:00:00", "Last change of it in the ledger.", func(r Received) any { return instant(r.UpdatedAt) }},
}

// LineParams are bound in statements of on.received with each = "line".
var LineParams = []Param[numberedLine]{
	{"line_no", "number", true, "1", "Position of the line, from 1.", func(l numberedLine) any { return l.no }},
	{"line_id", "text", false, "1", "The sender's id of the line.", func(l numberedLine) any { return text(l.ID) }},
	{"name", "text", false, "LED ampul", "Goods or service.", func(l numberedLine) any { return text(l.Name) }},
	{"description", "text", false, "", "Further text.", func(l numberedLine) any { return text(l.Description) }},
	{"sku", "text", false, "AMP-01", "The sender's item code.", func(l numberedLine) any { return text(l.SKU) }},
	{"buyer_sku", "text", false, "", "Our item code.", func(l numberedLine) any { return text(l.BuyerSKU) }},
	{"quantity", "number", false, "2.5", "Quantity.", func(l numberedLine) any { return l.Quantity.String() }},
	{"unit", "text", false, "C62", "UN/ECE code of the unit.", func(l numberedLine) any { return text(l.Unit) }},
	{"unit_price", "number", false, "36.50", "Price of a unit without VAT.", func(l numberedLine) any { return l.UnitPrice.String() }},
	{"discount", "number", false, "0.00", "Discounts less charges.", func(l numberedLine) any { return l.discount().StringFixed(2) }},
	{"net", "number", false, "91.25", "Line total without taxes.", func(l numberedLine) any { return l.Net.StringFixed(2) }},
	{"vat_rate", "number", false, "20", "VAT rate in percent.", func(l numberedLine) any { return l.vatRate() }},
	{"vat", "number", false, "18.25", "VAT of the line.", func(l numberedLine) any { return l.vat() }},
	{"exemption_code", "text", false, "351", "Reason for VAT 0.", func(l numberedLine) any { return text(l.exemption()) }},
}

// TaxParams are bound in statements of on.received with each = "tax".
var TaxParams = []Param[numberedTax]{
	{"tax_no", "number", true, "1", "Position of the tax, from 1.", func(t numberedTax) any { return t.no }},
	{"withholding", "yes/no", false, "0", "1: withheld, 0: charged.", func(t numberedTax) any { return yesNo(t.withheld) }},
	{"tax_code", "text", false, "0015", "GİB code.", func(t numberedTax) any { return text(t.Code) }},
	{"tax_name", "text", false, "KDV", "Name.", func(t numberedTax) any { return text(t.Name) }},
	{"taxable", "number", false, "100.00", "Base.", func(t numberedTax) any { return t.Taxable.StringFixed(2) }},
	{"tax_rate", "number", false, "20", "Rate in percent.", func(t numberedTax) any { return t.Rate.String() }},
	{"tax_amount", "number", false, "20.00", "Amount.", func(t numberedTax) any { return t.Amount.StringFixed(2) }},
	{"exemption_code", "text", false, "351", "Reason for amount 0.", func(t numberedTax) any { return text(t.Exemption.Code) }},
	{"exemption_reason", "text", false, "", "Its text.", func(t numberedTax) any { return text(t.Exemption.Reason) }},
}

// PartyParams are bound in statements of on.received with each = "party".
var PartyParams = []Param[roleParty]{
	{"party_role", "text", true, "seller", "seller, buyer, buyer_customer (who really buys: export, public sector) or representative.", func(p roleParty) any { return text(p.role) }},
	{"party_tax_no", "text", true, "7473004654", "VKN or TCKN.", func(p roleParty) any { return text(p.TaxNo) }},
	{"party_name", "text", false, "Örnek A.Ş.", "Title or full name.", func(p roleParty) any { return text(partyName(p.Party)) }},
	{"party_tax_office", "text", false, "Uludağ", "Tax office.", func(p roleParty) any { return text(p.TaxOffice) }},
	{"party_street", "text", false, "Bağdat Cad. No:1", "Street with building and door.", func(p roleParty) any { return text(street(p.Address)) }},
	{"party_district", "text", false, "Nilüfer", "İlçe.", func(p roleParty) any { return text(p.Address.District) }},
	{"party_city", "text", false, "Bursa", "İl.", func(p roleParty) any { return text(p.Address.City) }},
	{"party_postcode", "text", false, "16110", "Post code.", func(p roleParty) any { return text(p.Address.PostCode) }},
	{"party_country", "text", false, "TR", "Country code, else the name as printed.", func(p roleParty) any { return text(country(p.Address)) }},
	{"party_email", "text", false, "", "E-mail.", func(p roleParty) any { return text(p.Email) }},
	{"party_phone", "text", false, "", "Phone.", func(p roleParty) any { return text(p.Phone) }},
	{"party_ids", "text", false, "MERSISNO=0123456789012345", "Further identifications, separated by commas.", func(p roleParty) any { return text(partyIDs(p.IDs)) }},
}

// ReferenceParams are bound in statements of on.received with each = "reference".
var ReferenceParams = []Param[kindReference]{
	{"reference_no", "number", true, "1", "Position of the reference, from 1.", func(r kindReference) any { return r.no }},
	{"reference_kind", "text", true, "despatch", "order, despatch, return, contract, investment or charge_report.", func(r kindReference) any { return text(r.kind) }},
	{"reference_id", "text", false, "IRS2026000000001", "Number of the document it names.", func(r kindReference) any { return text(r.Number) }},
	{"reference_date", "date", false, "2026-09-01", "Its date.", func(r kindReference) any { return text(r.Date.String()) }},
}

// HeartbeatParams are bound in on.heartbeat.
var HeartbeatParams = []Param[Heartbeat]{
	{"company", "text", true, "acme", "Name of the company in the config.", func(h Heartbeat) any { return text(h.Company) }},
	{"version", "text", false, "1.0.0", "Version of faturad.", func(h Heartbeat) any { return text(h.Version) }},
	{"host", "text", false, "erp-1", "Machine of the daemon.", func(h Heartbeat) any { return text(h.Host) }},
	{"at", "time", false, "2026-09-01 12:00:00", "Now.", func(h Heartbeat) any { return instant(h.At) }},
	{"last_success_at", "time", false, "2026-09-01 12:00:00", "End of the last pass without errors.", func(h Heartbeat) any { return instant(h.LastSuccessAt) }},
	{"waiting", "number", false, "3", "Documents that wait.", func(h Heartbeat) any { return h.Waiting }},
	{"review", "number", false, "1", "Documents that need a person.", func(h Heartbeat) any { return h.Review }},
	{"oldest_at", "time", false, "2026-09-01 11:00:00", "The oldest that waits.", func(h Heartbeat) any { return instant(h.OldestAt) }},
	{"message", "text", false, "", "What is wrong.", func(h Heartbeat) any { return text(h.Message) }},
}

// DoneParams are bound in on.request and on.answer.
var DoneParams = []Param[Done]{
	{"id", "text", true, "17", "request_id or answer_id.", func(d Done) any { return text(d.ID) }},
	{"ok", "yes/no", false, "1", "It was done.", func(d Done) any { return yesNo(d.OK) }},
	{"message", "text", false, "", "What happened.", func(d Done) any { return text(d.Message) }},
	{"at", "time", false, "2026-09-01 12:00:00", "When.", func(d Done) any { return instant(d.At) }},
}

// ReceivedFileParams are bound in on.received_file, with those of a file: written when a file of a received invoice was put
// into the archive.
var ReceivedFileParams = []Param[ReceivedFile]{
	{"ettn", "text", true, "4b0c8f6e-7d0c-4c43-9d9e-2f8c4f0b9a11", "UUID of the received invoice.", func(f ReceivedFile) any { return uid(f.ETTN) }},
	{"company", "text", true, "acme", "Name of the company in the config.", func(f ReceivedFile) any { return text(f.Company) }},
}

// ElsewhereParams are bound in on.elsewhere: written for every invoice that was made in the provider's portal.
var ElsewhereParams = []Param[Elsewhere]{
	{"ettn", "text", true, "4b0c8f6e-7d0c-4c43-9d9e-2f8c4f0b9a11", "UUID of the invoice: the key.", func(e Elsewhere) any { return uid(e.ETTN) }},
	{"number", "text", true, "FTR2026000000018", "Its number.", func(e Elsewhere) any { return text(e.Number) }},
	{"company", "text", true, "acme", "Name of the company in the config.", func(e Elsewhere) any { return text(e.Company) }},
	{"kind", "text", true, "e-arsiv", "e-fatura or e-arsiv.", func(e Elsewhere) any { return text(e.Kind) }},
	{"buyer_tax_no", "text", true, "1234567890", "VKN or TCKN of the buyer.", func(e Elsewhere) any { return text(e.BuyerTaxNo) }},
	{"buyer_name", "text", false, "Örnek A.Ş.", "Title or full name of the buyer.", func(e Elsewhere) any { return text(e.BuyerName) }},
	{"issue_date", "date", false, "2026-09-01", "Date of the invoice.", func(e Elsewhere) any { return text(e.IssueDate.String()) }},
	{"currency", "text", false, "TRY", "Currency.", func(e Elsewhere) any { return text(e.Currency) }},
	{"payable", "number", false, "120.00", "Amount to pay.", func(e Elsewhere) any { return amount(e.Payable) }},
	{"provider_status", "number", false, "60", "The provider's status code.", func(e Elsewhere) any { return e.Code }},
	{"valid", "yes/no", false, "1", "0: failed or cancelled.", func(e Elsewhere) any { return yesNo(e.Counts) }},
	{"local_reference", "text", true, "acme:sale:217", "Our reference of the sale that it surely belongs to; NULL = none was found.", func(e Elsewhere) any { return text(e.LocalReference) }},
	{"found_at", "time", false, "2026-09-01 12:00:00", "When faturad found it.", func(e Elsewhere) any { return instant(e.FoundAt) }},
}

// AnsweredParams are bound in on.answered: written when an answer to a received commercial invoice moves on, and every day
// while it has not reached its end.
var AnsweredParams = []Param[AnswerProjection]{
	{"ettn", "text", true, "4b0c8f6e-7d0c-4c43-9d9e-2f8c4f0b9a11", "UUID of the received invoice: the key.", func(a AnswerProjection) any { return uid(a.ETTN) }},
	{"number", "text", true, "ABC2026000000123", "The sender's invoice number.", func(a AnswerProjection) any { return text(a.Number) }},
	{"company", "text", true, "acme", "Name of the company in the config.", func(a AnswerProjection) any { return text(a.Company) }},
	{"state", "text", true, "open", "The state in English, for programs.", func(a AnswerProjection) any { return text(a.State) }},
	{"status", "text", false, "Yanıt bekliyor", "The state's word for accountants.", func(a AnswerProjection) any { return text(a.StateText) }},
	{"answer", "text", true, "accept", "accept or reject.", func(a AnswerProjection) any { return answerWord(a.Accept) }},
	{"reason", "text", false, "Fiyat farkı", "Why.", func(a AnswerProjection) any { return text(a.Reason) }},
	{"answered_by", "text", false, "erp:ayse", "Who decided.", func(a AnswerProjection) any { return text(a.By) }},
	{"answer_till", "date", false, "2026-09-09", "Last day to answer.", func(a AnswerProjection) any { return text(a.AnswerTill.String()) }},
	{"days_left", "number", false, "6", "Days left to answer; 0 = today is the last, NULL = nothing to do any more.", func(a AnswerProjection) any { return number(a.DaysLeft) }},
	{"provider_status", "number", false, "70", "The provider's status code of the invoice.", func(a AnswerProjection) any { return number(a.Code) }},
	{"message", "text", false, "", "What happened.", func(a AnswerProjection) any { return text(a.Message) }},
	{"advice", "text", false, "", "What to do.", func(a AnswerProjection) any { return text(a.Advice) }},
	{"updated_at", "time", false, "2026-09-01 12:00:00", "Last change of it in the ledger.", func(a AnswerProjection) any { return instant(a.UpdatedAt) }},
}

func answerWord(accept *bool) any {
	switch {
	case accept == nil:
		return nil
	case *accept:
		return "accept"
	}
	return "reject"
}

// numberedLine is a line of a received invoice with its position.
type numberedLine struct {
	no int
	invoice.Line
}

func (l numberedLine) discount() decimal.Decimal {
	var sum decimal.Decimal
	for _, a := range l.Allowances {
		if a.Charge {
			sum = sum.Sub(a.Amount)
		} else {
			sum = sum.Add(a.Amount)
		}
	}
	return sum
}

// vatCode is GİB's tax type code of VAT.
const vatCode = "0015"

func (l numberedLine) tax() (invoice.TaxSubtotal, bool) {
	for _, t := range l.Taxes {
		if t.Code == vatCode {
			return t, true
		}
	}
	return invoice.TaxSubtotal{}, false
}

func (l numberedLine) vatRate() any {
	if t, ok := l.tax(); ok {
		return t.Rate.String()
	}
	return nil
}

func (l numberedLine) vat() any {
	if t, ok := l.tax(); ok {
		return t.Amount.StringFixed(2)
	}
	return nil
}

func (l numberedLine) exemption() string {
	t, _ := l.tax()
	return t.Exemption.Code
}

// numberedTax is a tax of a received invoice with its position.
type numberedTax struct {
	no       int
	withheld bool
	invoice.TaxSubtotal
}

func text(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func uid(u uuid.UUID) any {
	if u == uuid.Nil {
		return nil
	}
	return u.String()
}

func number(n *int) any {
	if n == nil {
		return nil
	}
	return *n
}

func amount(d decimal.NullDecimal) any {
	if !d.Valid {
		return nil
	}
	return d.Decimal.String()
}

func nonZero(d decimal.Decimal) any {
	if d.IsZero() {
		return nil
	}
	return d.String()
}

// money writes a total of a received invoice; NULL when the invoice could not be read.
func money(r Received, d decimal.Decimal) any {
	if r.Unread || r.Invoice.IssueDate.IsZero() {
		return nil
	}
	return d.StringFixed(2)
}

// payable is told by the provider's listing too.
func payable(r Received) any {
	if r.Unread && !r.Invoice.Totals.Payable.IsZero() {
		return r.Invoice.Totals.Payable.StringFixed(2)
	}
	return money(r, r.Invoice.Totals.Payable)
}

func lineCount(r Received) any {
	if r.Unread {
		return nil
	}
	return len(r.Invoice.Lines)
}

func yesNo(b bool) any {
	if b {
		return 1
	}
	return 0
}

func blob(b []byte) any {
	if b == nil {
		return nil
	}
	return b
}

func instant(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t
}

func reference(r *invoice.Reference) any {
	if r == nil {
		return nil
	}
	return text(r.Number)
}

func numbers(refs []invoice.Reference) string {
	out := make([]string, len(refs))
	for i, r := range refs {
		out[i] = r.Number
	}
	return strings.Join(out, ", ")
}

func partyName(p invoice.Party) string {
	if p.Name != "" {
		return p.Name
	}
	return strings.TrimSpace(p.FirstName + " " + p.LastName)
}

// street is street, building and door in one line.
func street(a invoice.Address) string {
	out := a.Street
	if a.BuildingNo != "" {
		out += " No:" + a.BuildingNo
	}
	if a.DoorNo != "" {
		out += " D:" + a.DoorNo
	}
	return strings.TrimSpace(out)
}

func country(a invoice.Address) string {
	if a.Country != "" {
		return a.Country
	}
	return a.CountryName
}

func partyIDs(ids []invoice.PartyID) string {
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = id.Scheme + "=" + id.Value
	}
	return strings.Join(out, ", ")
}
