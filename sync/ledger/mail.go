package ledger

import (
	"context"
	"time"

	"faturad/internal/mysqlx"
	"faturad/providers"
)

// Mail is where the provider's mail of a document to its buyer stands, as far as the provider told. The zero value means that
// nobody asked: it mails nobody, or had not taken the document yet.
type Mail struct {
	State   providers.MailState
	Address string    // where it goes; empty = not known
	At      time.Time // when the provider sent it, or tried to
	Asked   int       // questions in a row that brought nothing new
}

// MailPatch is what a Change sets of a document's mail.
type MailPatch struct {
	Mail
	NextIn *time.Duration // when to ask for it: database now + it; nil = never again
}

func (p *MailPatch) assign(a *assignments) {
	if p == nil {
		return
	}
	a.to("mail_state", string(p.State))
	a.to("mail_address", clip(p.Address, name500))
	a.to("mail_at", sqlTime(p.At))
	a.to("mail_asked", p.Asked)
	if p.NextIn == nil {
		a.sql("mail_next_at = NULL")
	} else {
		a.sql("mail_next_at = "+fromNow, micros(*p.NextIn))
	}
}

// MailsDue lists documents about whose mail the provider is to be asked now, the longest due first. Those that somebody works
// on are left out.
func (s *Store) MailsDue(ctx context.Context, company string, limit int) ([]Document, error) {
	docs, err := s.documents(ctx, "SELECT "+documentColumns+" FROM documents WHERE company = ? AND mail_next_at <= "+now+" AND "+leaseFree+
		" ORDER BY mail_next_at, id LIMIT ?", company, limit)
	return docs, mysqlx.Wrap("listing mails that are due", err)
}
