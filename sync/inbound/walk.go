package inbound

import (
	"context"

	"faturad/providers"
)

const (
	// maxPages bounds one reading of a listing.
	maxPages = 10_000
	// mostReadings bounds how often a listing that does not stand still is read from its start in one pass. The next pass
	// goes on.
	mostReadings = 20
)

// walk reads a listing page by page until it stands still. Pages shift while they are read: when an invoice leaves the
// listing (deleted, or its flag cleared by another program), what follows moves one place up, and one invoice slips from the
// page that comes next onto the page that was just read. So the listing is read again from its first page until one whole
// reading brought nothing unknown, and its total stayed the same and was reached. each handles a page and tells how many
// of its invoices were not known.
func (j *Job) walk(ctx context.Context, query providers.InboxQuery, each func(context.Context, []providers.InboxItem) (news int, err error)) error {
	query.Size = j.pageSize()
	for range mostReadings {
		calm, err := j.readThrough(ctx, &query, each)
		if err != nil || calm {
			return err
		}
	}
	j.Log.Warn("the provider's list of incoming invoices does not stand still; the next pass reads on", "readings", mostReadings)
	return nil
}

// readThrough reads a listing once and tells whether it stood still. A provider that serves pages of another size than it
// was asked for changes query.Size: page numbers would mean something else from one page to the next.
func (j *Job) readThrough(ctx context.Context, query *providers.InboxQuery, each func(context.Context, []providers.InboxItem) (int, error)) (calm bool, err error) {
	calm = true
	total, rows := 0, 0
	for query.Page = 1; query.Page <= maxPages; query.Page++ {
		page, err := j.Account.Inbox.List(ctx, *query)
		if err != nil {
			return false, err
		}
		news, err := each(ctx, page.Items)
		if err != nil {
			return false, err
		}
		got := max(page.Rows, len(page.Items))
		rows += got
		if news > 0 || query.Page > 1 && page.Total != total {
			calm = false
		}
		total = page.Total
		switch {
		case got == 0 || !page.More:
			return calm && (total <= 0 || rows == total), nil
		case got != query.Size:
			query.Size = got
			return false, nil
		}
	}
	return calm, nil
}
