package kolaybi

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"faturad/internal/fault"
	"faturad/providers"
)

// companyRow is a company of the account.
type companyRow struct {
	ID         number64 `json:"company_id"`
	Other      number64 `json:"id"`
	Name       string   `json:"company_name"`
	Currency   string   `json:"company_currency"`
	Resendable *bool    `json:"is_invoice_resendble"` // their spelling
}

// company is the one whose documents are asked for. It is found once.
func (p *Provider) company(ctx context.Context) (companyRow, error) {
	if p.cfg.CompanyID != 0 {
		return companyRow{ID: number64(p.cfg.CompanyID)}, nil
	}
	k := &p.client.company
	k.mu.Lock()
	known := k.row
	k.mu.Unlock()
	if known != nil {
		return *known, nil
	}
	row, err := p.findCompany(ctx)
	if err != nil {
		return companyRow{}, err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.row = &row
	return row, nil
}

func (p *Provider) findCompany(ctx context.Context) (companyRow, error) {
	r := request{doing: "asking for the company at kolaybi", use: useRead, method: http.MethodGet, path: "/companies"}
	e, err := p.client.read(ctx, r)
	if err != nil {
		return companyRow{}, err
	}
	rows, _, err := rowsOf(e)
	var list []companyRow
	if err == nil {
		err = json.Unmarshal(rows, &list)
	}
	if err != nil {
		return companyRow{}, p.client.unread(r, http.StatusOK, e.raw, "%w", err)
	}
	var fitting []companyRow
	for _, c := range list {
		c.ID = firstID(c.ID, c.Other)
		if c.ID != 0 && (p.cfg.CompanyID == 0 || int64(c.ID) == p.cfg.CompanyID) {
			fitting = append(fitting, c)
		}
	}
	if len(fitting) == 1 {
		return fitting[0], nil
	}
	return companyRow{}, &fault.Error{Class: fault.Auth, Doing: r.doing, Code: providers.CodeKey,
		Err: fmt.Errorf("%d of the account's %d companies fit", len(fitting), len(list)), Advice: "KolayBi'deki şirketin numarasını company_id ayarına yazın"}
}

// Check asks for the company: address, key, channel and company are right when it answers.
func (p *Provider) Check(ctx context.Context) error {
	_, err := p.findCompany(ctx)
	return err
}
