package turkcell

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"time"

	"github.com/google/uuid"

	"faturad/internal/clock"
	"faturad/providers"
)

// ListForeign lists the invoices of both sides that carry no local reference; for receipts there is no such list: those made in the portal (facts 2.1 row 8,
// 2.3 row 27). We always send a reference, so none of ours is among them. The list is not paged.
func (p *Provider) ListForeign(ctx context.Context, from, to time.Time, each func(providers.Status) error) error {
	for _, s := range []side{sideEFatura, sideEArsiv} {
		if err := p.listForeign(ctx, s, from, to, each); err != nil {
			return err
		}
	}
	return nil
}

func (p *Provider) listForeign(ctx context.Context, s side, from, to time.Time, each func(providers.Status) error) error {
	query := url.Values{
		"startDate": {from.In(clock.Istanbul).Format(time.DateTime)},
		"endDate":   {to.In(clock.Istanbul).Format(time.DateTime)},
	}
	r := request{doing: "listing invoices made in turkcell's portal", use: useList, product: s.name, method: http.MethodGet,
		path: s.create + "/withnulllocalreferences", query: query, accept: "application/json", limit: maxList}
	a, err := p.client.read(ctx, r)
	if err != nil {
		return err
	}
	if classOf(r.use, a.status) != "" {
		return p.client.refused(r, a, "")
	}
	var rows []json.RawMessage
	if err := decode(a, &rows); err != nil || rows == nil {
		return p.client.unread(r, a, "the answer is no list of documents")
	}
	for _, raw := range rows {
		var row struct {
			ID     id     `json:"id"`
			Status number `json:"status"`
		}
		if err := json.Unmarshal(raw, &row); err != nil || row.ID.UUID == uuid.Nil || !row.Status.given {
			return p.client.unread(r, a, "a row of the list cannot be read") // one left out might be issued a second time
		}
		found := providers.Status{ETTN: row.ID.UUID, Kind: s.kind, State: stateOf(row.Status.value), Code: row.Status.value}
		if err := each(found); err != nil {
			return err
		}
	}
	return nil
}
