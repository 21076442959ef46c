package erp

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"github.com/jmoiron/sqlx"

	"faturad/internal/fault"
	"faturad/internal/invoice"
	"faturad/internal/mysqlx"
)

// Load reads the sales of keys, in the order of keys: one header query and one lines query a batch, both in one snapshot,
// so that an edit in between cannot mix two states of a sale. The error is about the whole batch; what is wrong with one
// sale is in its Faults.
func (s *Source) Load(ctx context.Context, space string, keys []string) ([]Loaded, error) {
	d, err := s.document(space)
	if err != nil {
		return nil, err
	}
	batch := s.cfg.Batch
	if batch <= 0 {
		batch = defaultBatch
	}
	out := make([]Loaded, 0, len(keys))
	for chunk := range slices.Chunk(keys, batch) {
		loaded, err := s.load(ctx, d, chunk)
		if err != nil {
			return nil, err
		}
		out = append(out, loaded...)
	}
	return out, nil
}

// load reads one batch.
func (s *Source) load(ctx context.Context, d *document, keys []string) ([]Loaded, error) {
	values := make([][]any, 0, len(keys))
	for _, k := range keys {
		v, err := splitKey(d.key, k)
		if err != nil {
			return nil, fault.New(fault.Permanent, "reading sales of "+d.cfg.Name, err)
		}
		values = append(values, v)
	}
	ctx, cancel := context.WithTimeout(ctx, s.timeout())
	defer cancel()
	tx, err := s.db.BeginTxx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err != nil {
		return nil, mysqlx.Wrap("reading sales of "+d.cfg.Name, err)
	}
	headers, herr := s.keyed(ctx, tx, d, d.header, values)
	lines, lerr := map[string][]row(nil), error(nil)
	if herr == nil {
		lines, lerr = s.keyed(ctx, tx, d, d.lines, values)
	}
	if err := tx.Rollback(); err != nil && !errors.Is(err, sql.ErrTxDone) && herr == nil && lerr == nil {
		return nil, mysqlx.Wrap("reading sales of "+d.cfg.Name, err)
	}
	if err := errors.Join(herr, lerr); err != nil {
		return nil, err
	}
	out := make([]Loaded, len(keys))
	for i, key := range keys {
		out[i] = s.assemble(d, key, headers[key], lines[key])
	}
	return out, nil
}

// assemble makes one sale.
func (s *Source) assemble(d *document, key string, headers, lines []row) Loaded {
	if len(headers) == 0 {
		return Loaded{Sale: invoice.Sale{KeySpace: d.cfg.Name, Key: key}, Missing: true}
	}
	sale, faults := s.reader.build(d, key, headers[0], lines)
	if len(headers) > 1 {
		faults = append(faults, invoice.Fault{
			Code: "erp.header.repeated", Field: "doc_no", Value: sale.Number,
			Message: invoice.Text{
				TR: fmt.Sprintf("Bu satış ERP sorgusunda %d kez geliyor.", len(headers)),
				EN: fmt.Sprintf("The header query returns this sale %d times.", len(headers)),
			},
			Advice: invoice.Text{
				TR: "Sistem yöneticisine haber verin: sorgudaki bir birleştirme satırı çoğaltıyor.",
				EN: "Tell the administrator: a join of the header query multiplies the row.",
			},
		})
	}
	return Loaded{Sale: sale, Faults: faults}
}

// keyed runs a header or lines query and sorts its rows by key. Rows of keys that were not asked for (a collation that
// takes two keys for one) are left out.
func (s *Source) keyed(ctx context.Context, tx *sqlx.Tx, d *document, q query, keys [][]any) (map[string][]row, error) {
	text, args, err := q.render(s.bindKeys(d, keys))
	if err != nil {
		return nil, fault.New(fault.Permanent, "reading "+q.place, err)
	}
	out := make(map[string][]row, len(keys))
	err = s.rows(ctx, tx, q, text, args, func(in row) (bool, error) {
		key, err := s.key(d, in)
		if err != nil {
			return false, fault.New(fault.Permanent, "reading "+q.place, err)
		}
		out[key] = append(out[key], in)
		return true, nil
	})
	return out, err
}

// bindKeys binds :keys as a list of keys (tuples when the key has several parts), the name of a key part as the list of
// that part's values, and :start.
func (s *Source) bindKeys(d *document, keys [][]any) func(string, int) (string, []any, error) {
	return func(name string, _ int) (string, []any, error) {
		switch name {
		case "keys":
			var args []any
			for _, k := range keys {
				for i, v := range k {
					args = append(args, s.keyArg(d.key[i], v))
				}
			}
			return keyList(len(keys), len(d.key)), args, nil
		case "start":
			return "?", []any{s.cfg.Start.String()}, nil
		}
		for i, p := range d.key {
			if p.name == name {
				args := make([]any, len(keys))
				for j, k := range keys {
					args[j] = s.keyArg(p, k[i])
				}
				return keyList(len(keys), 1), args, nil
			}
		}
		return "", nil, fmt.Errorf(":%s is no parameter here: use :keys, :start or the name of a key part", name)
	}
}

// keyArg brings a text key into the letters that a latin1 column with other bytes shows.
func (s *Source) keyArg(p keyPart, v any) any {
	text, ok := v.(string)
	if !ok || !p.text || s.reader.cs.real == nil {
		return v
	}
	encoded, err := s.reader.cs.encode(text)
	if err != nil {
		return v
	}
	return encoded
}
