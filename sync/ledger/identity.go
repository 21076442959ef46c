package ledger

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"faturad/internal/fault"
	"faturad/internal/mysqlx"
)

// pin is what was remembered about one key space of a company.
type pin struct {
	KeySpace string `db:"key_space"`
	ERP      string
	VKN      string
	Retired  bool
	Rows     int `db:"n"` // documents of this key space
}

// PinIdentity remembers what goes into the company's ETTNs, and refuses a change that would give sales which have
// documents another ETTN (design.md invariant 4): another erp.id, another VKN, or a key space that was renamed. A key space
// that is merely no longer configured is let go; what is configured later is then new.
func (s *Store) PinIdentity(ctx context.Context, company, erpID string, spaces []string, vkn string) error {
	doing := "checking what the ETTNs of " + company + " are made of"
	var pins []pin
	err := s.all(ctx, &pins, `SELECT i.key_space, i.erp, i.vkn, i.retired,
		(SELECT COUNT(*) FROM documents d WHERE d.company = i.company AND d.key_space = i.key_space) AS n
		FROM identities i WHERE i.company = ? ORDER BY i.key_space`, company)
	if err != nil {
		return mysqlx.Wrap(doing, err)
	}
	if problem := renamed(pins, erpID, spaces, vkn); problem != "" {
		return &fault.Error{Class: fault.Permanent, Doing: doing, Message: problem,
			Advice: "Put the old value back: with the new one every sale would get a second invoice"}
	}
	if unchanged(pins, erpID, spaces, vkn) {
		return nil
	}
	const (
		change = "UPDATE identities SET erp = ?, vkn = ?, retired = FALSE WHERE company = ? AND key_space = ?"
		add    = "INSERT INTO identities (erp, vkn, company, key_space, pinned_at) VALUES (?, ?, ?, ?, UTC_TIMESTAMP(6))"
		retire = "UPDATE identities SET retired = TRUE WHERE company = ? AND key_space = ?"
	)
	return s.atomically(ctx, doing, []string{change, add, retire}, func(ctx context.Context, t *tx) error {
		for _, space := range slices.Sorted(slices.Values(spaces)) {
			if err := t.upsert(ctx, change, add, erpID, vkn, company, space); err != nil {
				return err
			}
		}
		for _, p := range pins {
			if !slices.Contains(spaces, p.KeySpace) {
				if _, err := t.exec(ctx, retire, company, p.KeySpace); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// RefuseNewName refuses a company of the config that the ledger knows under another name, which no company of the config
// has any more: its ETTNs are the old ones, its documents belong to the old name, and nobody would ask for them again.
func (s *Store) RefuseNewName(ctx context.Context, company, erpID, vkn string, configured []string) error {
	doing := "looking whether " + company + " had another name"
	if len(configured) == 0 {
		return nil
	}
	const documents = "SELECT 1 FROM documents d WHERE d.company = "
	var before []string
	err := s.all(ctx, &before, "SELECT DISTINCT i.company FROM identities i WHERE i.erp = ? AND i.vkn = ? AND i.company NOT IN ("+placeholders(len(configured))+
		") AND EXISTS ("+documents+"i.company) AND NOT EXISTS ("+documents+"?) ORDER BY i.company",
		append(append([]any{erpID, vkn}, arguments(configured)...), company)...)
	if err != nil {
		return mysqlx.Wrap(doing, err)
	}
	if len(before) == 0 {
		return nil
	}
	return &fault.Error{Class: fault.Permanent, Doing: doing,
		Message: fmt.Sprintf("the company with this VKN and erp.id was called %q and is now called %q, but its documents carry the old name", before[0], company),
		Advice:  fmt.Sprintf("Put the old value back: name = %q. Under the new one its documents would never be followed again", before[0])}
}

// renamed says what must not be, or nothing.
func renamed(pins []pin, erpID string, spaces []string, vkn string) string {
	var gone, added []string
	rows := 0
	for _, p := range pins {
		switch {
		case p.Rows > 0 && p.ERP != erpID:
			return fmt.Sprintf("erp.id was %q and is now %q, but %d documents of %q carry the old one", p.ERP, erpID, p.Rows, p.KeySpace)
		case p.Rows > 0 && p.VKN != vkn:
			return fmt.Sprintf("the seller's VKN was %s and is now %s, but %d documents of %q carry the old one", p.VKN, vkn, p.Rows, p.KeySpace)
		case p.Rows > 0 && !p.Retired && !slices.Contains(spaces, p.KeySpace):
			gone, rows = append(gone, fmt.Sprintf("%q", p.KeySpace)), rows+p.Rows
		}
	}
	for _, space := range spaces {
		if !slices.ContainsFunc(pins, func(p pin) bool { return p.KeySpace == space }) {
			added = append(added, fmt.Sprintf("%q", space))
		}
	}
	if len(gone) == 0 || len(added) == 0 {
		return ""
	}
	return fmt.Sprintf("document %s has %d documents in the ledger and is no longer configured, while %s is new: that looks like a renaming",
		strings.Join(gone, ", "), rows, strings.Join(added, ", "))
}

// unchanged says that there is nothing to remember.
func unchanged(pins []pin, erpID string, spaces []string, vkn string) bool {
	active := map[string]bool{}
	for _, p := range pins {
		if !p.Retired {
			if p.ERP != erpID || p.VKN != vkn {
				return false
			}
			active[p.KeySpace] = true
		}
	}
	for _, space := range spaces {
		if !active[space] {
			return false
		}
		delete(active, space)
	}
	return len(active) == 0
}
