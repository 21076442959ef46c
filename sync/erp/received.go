package erp

import (
	"context"
	"strings"

	"faturad/internal/invoice"
)

// WriteReceived writes incoming invoices: for each the statements of on.received in order, each once, or once a line, tax,
// party, reference or file. It works like WriteBack: the slice has one error (or nil) an invoice, the error is set when the
// ERP went away. An invoice is written whole or not at all where the engine allows; running it again writes the same.
func (s *Source) WriteReceived(ctx context.Context, all []Received) ([]error, error) {
	return s.writeReceived(ctx, all, func(*statement) bool { return true })
}

// WriteReceivedFiles writes only the files of incoming invoices: the statements of on.received with each = "file". The rest
// was written before.
func (s *Source) WriteReceivedFiles(ctx context.Context, all []Received) ([]error, error) {
	return s.writeReceived(ctx, all, func(st *statement) bool { return st.each() == "file" })
}

func (s *Source) writeReceived(ctx context.Context, all []Received, want func(*statement) bool) ([]error, error) {
	jobs := make([]job, len(all))
	for i, r := range all {
		jobs[i] = s.receivedJob(r, want)
	}
	return s.write(ctx, jobs)
}

// receivedJob collects what an incoming invoice writes.
func (s *Source) receivedJob(r Received, want func(*statement) bool) job {
	base := bindAll(params{}, ReceivedParams, r)
	if word, ok := s.cfg.Map["received_status"][r.State]; ok {
		base["status"] = bound{text(word), false}
	}
	j := job{what: strings.TrimSpace("received invoice " + r.Number + " " + r.ETTN.String()), alone: true}
	for _, st := range s.events[EventReceived] {
		if !want(st) {
			continue
		}
		switch st.each() {
		case "line":
			for i, l := range r.Invoice.Lines {
				j.add(st, bindAll(copyOf(base), LineParams, numberedLine{i + 1, l}))
			}
		case "tax":
			for i, t := range taxesOf(r.Invoice) {
				t.no = i + 1
				j.add(st, bindAll(copyOf(base), TaxParams, t))
			}
		case "party":
			if r.Unread {
				continue
			}
			for _, p := range partiesOf(r.Invoice) {
				j.add(st, bindAll(copyOf(base), PartyParams, p))
			}
		case "reference":
			for i, ref := range referencesOf(r.Invoice) {
				ref.no = i + 1
				j.add(st, bindAll(copyOf(base), ReferenceParams, ref))
			}
		case "file":
			for _, f := range r.Files {
				j.add(st, bindAll(copyOf(base), FileParams, f))
			}
		default:
			j.add(st, base)
		}
	}
	return j
}

// WriteReceivedFile writes on.received_file. A source without it shows no places of files.
func (s *Source) WriteReceivedFile(ctx context.Context, f ReceivedFile) error {
	return s.writeOne(ctx, eventJob(s, EventInFile, bindAll(bindAll(params{}, ReceivedFileParams, f), FileParams, f.File)))
}

// WriteElsewhere writes on.elsewhere. A source without it shows no invoices made elsewhere.
func (s *Source) WriteElsewhere(ctx context.Context, e Elsewhere) error {
	return s.writeOne(ctx, eventJob(s, EventElsewhere, bindAll(params{}, ElsewhereParams, e)))
}

func taxesOf(i invoice.Invoice) []numberedTax {
	var out []numberedTax
	for _, t := range i.Taxes {
		out = append(out, numberedTax{TaxSubtotal: t})
	}
	for _, t := range i.Withholding {
		out = append(out, numberedTax{TaxSubtotal: t, withheld: true})
	}
	return out
}

// roleParty is a party of a received invoice with what it is there.
type roleParty struct {
	role string
	invoice.Party
}

// partiesOf lists the parties that an invoice names: seller and buyer always, the others where they are. An invoice that
// could not be read has none.
func partiesOf(i invoice.Invoice) []roleParty {
	if i.Seller.TaxNo == "" && i.Buyer.TaxNo == "" {
		return nil
	}
	out := []roleParty{{"seller", i.Seller}, {"buyer", i.Buyer}}
	if i.BuyerCustomer != nil {
		out = append(out, roleParty{"buyer_customer", *i.BuyerCustomer})
	}
	if i.Representative != nil {
		out = append(out, roleParty{"representative", *i.Representative})
	}
	return out
}

// kindReference is a reference of a received invoice with its position and what it points to.
type kindReference struct {
	no   int
	kind string
	invoice.Reference
}

// referencesOf lists the documents that an invoice names.
func referencesOf(i invoice.Invoice) []kindReference {
	var out []kindReference
	one := func(kind string, r *invoice.Reference) {
		if r != nil {
			out = append(out, kindReference{kind: kind, Reference: *r})
		}
	}
	one("order", i.Order)
	for _, r := range i.Despatches {
		out = append(out, kindReference{kind: "despatch", Reference: r})
	}
	for _, r := range i.Returns {
		out = append(out, kindReference{kind: "return", Reference: r})
	}
	one("contract", i.Contract)
	one("investment", i.Investment)
	one("charge_report", i.ChargeReport)
	return out
}
