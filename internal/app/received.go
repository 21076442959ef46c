package app

import (
	"context"
	"errors"

	"faturad/internal/fault"
	"faturad/mapping/ubl"
	"faturad/sync/ledger"
)

// Received is everything that is known of one received invoice.
type Received struct {
	ledger.Received
	Document   *ubl.Document          // what it says; nil = Unreadable says why
	Unreadable error                  // nil = it can be read
	Answer     *ledger.ReceivedAnswer // nil = it is no commercial invoice, or did not reach the ERP yet
	Answers    []ledger.AnswerEvent   // the attempts of the answer
	Kept       []ledger.KeptFile      // in the ledger, beside its UBL
	Archived   []ledger.File          // in the archive's folder
	Trail      []ledger.Audit         // what people did with it
}

// ReadReceived gathers what is known of a received invoice. One that cannot be read is no error.
func (a *App) ReadReceived(ctx context.Context, row ledger.Received) (Received, error) {
	out := Received{Received: row}
	out.Document, out.Unreadable = a.parseReceived(ctx, row)
	answers, err := a.Ledger.AnswersOf(ctx, []ledger.Received{row})
	if err != nil {
		return out, err
	}
	if answer, ok := answers[row.ID]; ok {
		out.Answer = &answer
		if out.Answers, err = a.Ledger.AnswerHistory(ctx, answer.ID); err != nil {
			return out, err
		}
	}
	if out.Kept, err = a.Ledger.KeptFiles(ctx, row.Company, row.ETTN); err != nil {
		return out, err
	}
	if out.Archived, err = a.Ledger.Files(ctx, ledger.FileFilter{Company: row.Company, Received: row.ETTN, Limit: 100}); err != nil {
		return out, err
	}
	out.Trail, err = a.Ledger.AuditOf(ctx, row.ETTN.String())
	return out, err
}

func (a *App) parseReceived(ctx context.Context, row ledger.Received) (*ubl.Document, error) {
	raw, err := a.Ledger.RawReceived(ctx, row.ID)
	if err != nil {
		return nil, err
	}
	if len(raw) == 0 {
		return nil, fault.New(fault.NotFound, "reading the invoice", errors.New("its file was never received"))
	}
	text, err := ubl.Unzip(raw)
	if err != nil {
		return nil, err
	}
	doc, err := ubl.Parse(text)
	if err != nil {
		return nil, err
	}
	return &doc, nil
}
