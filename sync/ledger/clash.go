package ledger

import (
	"context"
	"errors"
	"fmt"
	"regexp"

	"faturad/internal/fault"
	"faturad/internal/invoice"
	"faturad/internal/mysqlx"
)

// Clash is two documents that claim one number, ETTN or reference (facts/reliability.md R9): neither may go on before a
// person has looked. The change that met it was not applied.
type Clash struct {
	Document  int64  // whose change was refused; 0 = it was to be added
	Key       string // "number", "ettn", "reference" or "sale"
	Value     string
	Other     int64  // who has it; 0 = could not be found out
	Reference string // Other's local reference
	attempt   int    // Other's last
}

// Error says who claims what.
func (c *Clash) Error() string {
	if c.Other == 0 {
		return fmt.Sprintf("%s %q belongs to another document", c.Key, c.Value)
	}
	return fmt.Sprintf("%s %q belongs to document %d (%s)", c.Key, c.Value, c.Other, c.Reference)
}

// Words for the accountant about two sales with one number.
var (
	textNumberClash = invoice.Text{
		TR: "Entegratör iki satışa aynı fatura numarasını vermiş: %s (öteki belge: %s).",
		EN: "The provider gave two sales the same invoice number: %s (the other document: %s).",
	}
	adviceNumberClash = invoice.Text{
		TR: "Entegratörün portalında iki belgeyi de kontrol edin, sonra sistem yöneticisine bildirin; o, belgeleri tek tek sonuçlandırır (faturad mark).",
		EN: "Look at both documents in the provider's portal, then tell the administrator, who settles each of them (faturad mark).",
	}
)

// Parking is what a document shows that is parked because the other one has its number.
func (c *Clash) Parking(other, language string) Patch {
	code, advice := CodeNumberClash, adviceNumberClash.In(language)
	message := fmt.Sprintf(textNumberClash.In(language), c.Value, other)
	return Patch{Code: &code, Message: &message, Advice: &advice}
}

// ParkOther is the change that parks the other party too, whoever works on it: of two sales with one number nobody but a
// person can say which is right. own is the local reference of the document whose change was refused. ok is false when
// the other party is not known.
func (c *Clash) ParkOther(own, language, owner string) (change Change, ok bool) {
	if c.Other == 0 {
		return Change{}, false
	}
	return Change{Document: c.Other, To: Disputed, Seize: true, Patch: c.Parking(own, language),
		Event: &Event{Document: c.Other, Attempt: c.attempt, Operation: OpStatus, Class: string(fault.Duplicate),
			Message: fmt.Sprintf("%s %q was given to %s too", c.Key, c.Value, own), Owner: owner}}, true
}

// clashError is the outcome of a change that met a clash.
func clashError(doing string, c *Clash) error {
	return &fault.Error{Class: fault.Duplicate, Doing: doing, Err: c,
		Advice: "Compare both documents at the provider before either goes on"}
}

// keyName finds the key in "Duplicate entry 'x' for key 'documents.number'" (MySQL) or "... for key 'number'" (MariaDB).
var keyName = regexp.MustCompile(`for key '(?:[^'.]*\.)?([^'.]+)'`)

// duplicateKey names the unique key that err is about, or gives "key".
func duplicateKey(err error) string {
	if m := keyName.FindStringSubmatch(err.Error()); m != nil {
		return m[1]
	}
	return "key"
}

// clash describes what a duplicate key means for this change.
func (m *move) clash(err error) *Clash {
	c := &Clash{Document: m.change.Document, Key: duplicateKey(err)}
	switch p := m.change.Patch; {
	case c.Key == "number" && p.Number != nil:
		c.Value = *p.Number
	case c.Key == "ettn" && p.ETTN != nil:
		c.Value = p.ETTN.String()
	}
	return c
}

// explain names the other party of every clash. It runs after the group was stored, and what it cannot find out it leaves
// open: the clash itself is reported all the same.
func (s *Store) explain(ctx context.Context, g *group) {
	for _, m := range g.moves {
		var c *Clash
		if !errors.As(g.outcomes[m.at].Err, &c) {
			continue
		}
		if err := s.holder(ctx, c, m.change); err != nil {
			g.outcomes[m.at].Err = errors.Join(g.outcomes[m.at].Err, err)
		}
	}
}

// holder looks for the document that has what c.Document claims.
func (s *Store) holder(ctx context.Context, c *Clash, change *Change) error {
	var own struct {
		Company string
		Kind    string `db:"route_kind"`
	}
	if err := s.get(ctx, &own, "SELECT company, route_kind FROM documents WHERE id = ?", c.Document); err != nil {
		return mysqlx.Wrap("looking for the other party of a clash", err)
	}
	if r := change.Patch.Route; r != nil {
		own.Kind = string(r.Kind)
	}
	query, args := "SELECT id, local_reference, attempts FROM documents WHERE ettn = ? AND id <> ?", []any{c.Value, c.Document}
	if c.Key == "number" {
		query = "SELECT id, local_reference, attempts FROM documents WHERE number = ? AND id <> ? AND company = ? AND route_kind = ?"
		args = append(args, own.Company, own.Kind)
	}
	var others []struct {
		ID        int64
		Reference string `db:"local_reference"`
		Attempts  int
	}
	if err := s.all(ctx, &others, query, args...); err != nil {
		return mysqlx.Wrap("looking for the other party of a clash", err)
	}
	if len(others) > 0 {
		c.Other, c.Reference, c.attempt = others[0].ID, others[0].Reference, others[0].Attempts
	}
	return nil
}
