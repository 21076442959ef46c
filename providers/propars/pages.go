package propars

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"

	"faturad/internal/fault"
)

// maxPages bounds one list; a list that is longer was not read.
const maxPages = 400

// list is the answer of every list.
type list struct {
	Count   *int              `json:"count"`
	Results []json.RawMessage `json:"results"`
}

// page reads one page of a list.
func (p *Provider) page(ctx context.Context, r request, offset, size int) (list, error) {
	query := url.Values{"limit": {strconv.Itoa(size)}, "offset": {strconv.Itoa(offset)}}
	for name, values := range r.query {
		query[name] = values
	}
	r.query = query
	a, err := p.client.read(ctx, r)
	if err != nil {
		return list{}, err
	}
	var out list
	if err := unmarshal(a.Body, &out); err != nil || out.Results == nil {
		return list{}, p.client.unread(r, a.Status, a.Body[:min(len(a.Body), 4096)], "it is no list: %v", err)
	}
	return out, nil
}

// pages reads a list until each has enough or it ends: with an empty page, or with as many rows as it says that it has.
func (p *Provider) pages(ctx context.Context, r request, each func(row map[string]json.RawMessage, raw []byte) (more bool, err error)) error {
	offset, last := 0, ""
	for range maxPages {
		l, err := p.page(ctx, r, offset, p.cfg.PageSize)
		if err != nil {
			return err
		}
		if len(l.Results) == 0 {
			return nil
		}
		if string(l.Results[0]) == last {
			return p.client.unread(r, http.StatusOK, nil, "the list repeats a page")
		}
		last = string(l.Results[0])
		for _, raw := range l.Results {
			var row map[string]json.RawMessage
			err := unmarshal(raw, &row)
			more := false
			if err == nil {
				more, err = each(row, raw)
			}
			if err != nil {
				return p.client.unread(r, http.StatusOK, raw, "%w", err)
			}
			if !more {
				return nil
			}
		}
		if offset += len(l.Results); l.Count != nil && offset >= *l.Count {
			return nil
		}
	}
	return fault.Newf(fault.Retryable, r.doing, "the list has more than %d pages", maxPages)
}
