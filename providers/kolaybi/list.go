package kolaybi

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/url"
	"strconv"
	"time"

	"faturad/internal/fault"
)

// pagination is what some lists say about themselves.
type pagination struct {
	Page    int  `json:"current_page"`
	PerPage int  `json:"per_page"`
	Total   *int `json:"total"`
	Last    int  `json:"last_page"`
}

// maxPages bounds one list; a list that is longer was not read.
const maxPages = 400

// pages reads a list to its end. each is given the rows of a page, with what the list says about itself (nil = nothing), and says how many they are. A list that cannot be read
// whole is an error: what was not seen is not absent. Where whole is set and the list does not say how long it is, only an
// empty page ends it: KolayBi may give fewer rows a page than were asked for.
func (p *Provider) pages(ctx context.Context, r request, whole bool, each func(rows json.RawMessage, about *pagination) (int, error)) error {
	perPage, err := strconv.Atoi(r.query.Get("per_page"))
	if err != nil {
		return fault.New(fault.Permanent, r.doing, err)
	}
	for page := 1; page <= maxPages; page++ {
		if page > 1 {
			if err := p.pause(ctx); err != nil {
				return fault.New(fault.Retryable, r.doing, err)
			}
		}
		asked := r
		asked.query = maps.Clone(r.query)
		asked.query.Set("page", strconv.Itoa(page))
		e, err := p.client.read(ctx, asked)
		if err != nil {
			return err
		}
		rows, about, err := rowsOf(e)
		if err != nil {
			return p.client.unread(r, 200, e.raw, "%w", err)
		}
		n, err := each(rows, about)
		if err != nil {
			return p.client.unread(r, 200, e.raw, "%w", err)
		}
		size := perPage
		if about != nil && about.PerPage > 0 {
			size = about.PerPage
		}
		says := about != nil && (about.Last > 0 || about.Total != nil)
		switch {
		case n == 0, !says && !whole && n < size:
			return nil
		case says && about.Last > 0 && page >= about.Last, says && about.Last == 0 && page*size >= *about.Total:
			return nil
		}
	}
	return fault.Newf(fault.Retryable, r.doing, "the list has more than %d pages", maxPages)
}

// rowsOf takes the shapes in which lists come: an array, {data: [...]}, {items: [...]}.
func rowsOf(e envelope) (json.RawMessage, *pagination, error) {
	var list []json.RawMessage
	if json.Unmarshal(e.Data, &list) == nil {
		return e.Data, e.Pagination, nil
	}
	var object struct {
		pagination
		Data       json.RawMessage `json:"data"`
		Items      json.RawMessage `json:"items"`
		Pagination *pagination     `json:"pagination"`
	}
	if err := json.Unmarshal(e.Data, &object); err != nil {
		return nil, nil, err
	}
	rows := object.Data
	if rows == nil {
		rows = object.Items
	}
	if rows == nil || json.Unmarshal(rows, &list) != nil {
		return nil, nil, errors.New("the answer holds no list")
	}
	about := object.Pagination
	if about == nil && (object.Last > 0 || object.Total != nil) {
		about = &object.pagination
	}
	return rows, about, nil
}

// pause keeps the pages of a list apart: KolayBi answers 429 to those who turn them fast.
func (p *Provider) pause(ctx context.Context) error {
	if p.cfg.PagePause <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(p.cfg.PagePause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// days is a window of issue dates, both ends included; an empty end is open.
type days struct{ from, to string }

func (d days) query(from, to string) url.Values {
	query := url.Values{}
	if d.from != "" {
		query.Set(from, d.from)
	}
	if d.to != "" {
		query.Set(to, d.to)
	}
	return query
}
