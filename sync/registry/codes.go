package registry

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"faturad/internal/fault"
	"faturad/internal/mysqlx"
	"faturad/providers"
)

// Limits of the table's columns, in characters; codes in bytes.
const (
	longestCode   = 190
	longestDetail = 190
)

// CodeList is one cached list of a provider. The zero FetchedAt means that it was never fetched.
type CodeList struct {
	List      providers.CodeList
	FetchedAt time.Time // UTC
	Codes     []providers.Code
}

// CodesResult tells what one fetch of the lists stored.
type CodesResult struct {
	Environment string
	Entries     map[providers.CodeList]int // of the lists that were taken over
}

// ImportCodes fetches every code list of a provider and puts each to use when it is complete and plausible: one transaction a
// list, so that the old one stays until the new one is there, and after any failure. A list that cannot be had does not
// stop the others; the error names each.
func (r *Registry) ImportCodes(ctx context.Context, environment string, source providers.CodeSource, options ...ImportOption) (CodesResult, error) {
	var o importOptions
	for _, option := range options {
		option(&o)
	}
	result := CodesResult{Environment: environment, Entries: map[providers.CodeList]int{}}
	var errs []error
	for _, list := range providers.CodeLists() {
		codes, err := source.Codes(ctx, list)
		if err == nil {
			codes, err = readable(list, codes)
		}
		if err == nil {
			err = r.storeCodes(ctx, environment, list, codes, o.allowShrink)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("fetching the list %q of codes: %w", list, err))
			continue
		}
		result.Entries[list] = len(codes)
	}
	if len(result.Entries) > 0 {
		r.log.InfoContext(ctx, "code lists fetched", "environment", environment, "lists", len(result.Entries))
	}
	return result, errors.Join(errs...)
}

// readable drops what the tables cannot hold; a list of which much is unusable has another format than we know.
func readable(list providers.CodeList, codes []providers.Code) ([]providers.Code, error) {
	var out []providers.Code
	seen := map[string]bool{}
	for _, c := range codes {
		c.Code = strings.TrimSpace(c.Code)
		if c.Code == "" || len(c.Code) > longestCode || !utf8.ValidString(c.Code) || seen[c.Code] {
			continue
		}
		seen[c.Code] = true
		c.Name = cut(strings.ToValidUTF8(c.Name, "�"), longestTitle)
		c.Detail = cut(strings.ToValidUTF8(c.Detail, "�"), longestDetail)
		out = append(out, c)
	}
	if bad := len(codes) - len(out); len(out) == 0 || float64(bad) > largestBad*float64(len(codes)) {
		return nil, &fault.Error{Class: fault.Permanent, Doing: "reading a code list",
			Err:    fmt.Errorf("%d of %d rows of %q have no code of their own", bad, len(codes), list),
			Advice: "The list in use stays; the provider may have changed the format: send a sample to whoever maintains faturad"}
	}
	return out, nil
}

// storeCodes replaces one list.
func (r *Registry) storeCodes(ctx context.Context, environment string, list providers.CodeList, codes []providers.Code, allowShrink bool) (err error) {
	const doing = "storing a code list"
	tx, err := r.db.BeginTx(ctx, nil)
	if err != nil {
		return wrap(doing, err)
	}
	defer func() {
		if rollback := tx.Rollback(); rollback != nil && !errors.Is(rollback, sql.ErrTxDone) {
			err = errors.Join(err, wrap(doing, rollback))
		}
	}()
	// The row's lock keeps a second daemon out until this one is done.
	if _, err := tx.ExecContext(ctx, `INSERT INTO registry_code_lists (environment, list) VALUES (?, ?)
		ON DUPLICATE KEY UPDATE list = VALUES(list)`, environment, string(list)); err != nil {
		return wrap(doing, err)
	}
	var id, generation, before int64
	if err := tx.QueryRowContext(ctx, `SELECT id, generation, entries FROM registry_code_lists WHERE environment = ? AND list = ? FOR UPDATE`,
		environment, string(list)).Scan(&id, &generation, &before); err != nil {
		return wrap(doing, err)
	}
	if n := int64(len(codes)); !allowShrink && float64(n) < (1-largestShrink)*float64(before) {
		return &fault.Error{Class: fault.Permanent, Doing: doing,
			Err:    fmt.Errorf("the new list %q has %d codes where the old one has %d (at most %.0f %% less are believed)", list, n, before, 100*largestShrink),
			Advice: "The list in use stays; run it again later, or `faturad sync registry --allow-shrink` if the smaller list is right"}
	}
	generation++
	for len(codes) > 0 {
		group := codes[:min(len(codes), groupRows)]
		codes = codes[len(group):]
		args := make([]any, 0, 5*len(group))
		for _, c := range group {
			args = append(args, id, c.Code, generation, c.Name, c.Detail)
		}
		if _, err := tx.ExecContext(ctx, "INSERT INTO registry_codes (list_id, code, generation, name, detail) VALUES "+
			strings.Repeat("(?,?,?,?,?),", len(group)-1)+"(?,?,?,?,?)"+
			" ON DUPLICATE KEY UPDATE generation = VALUES(generation), name = VALUES(name), detail = VALUES(detail)", args...); err != nil {
			return wrap(doing, err)
		}
	}
	if _, err := tx.ExecContext(ctx, `UPDATE registry_code_lists SET generation = ?, fetched_at = UTC_TIMESTAMP(6),
		entries = (SELECT COUNT(*) FROM registry_codes WHERE list_id = ? AND generation = ?) WHERE id = ?`, generation, id, generation, id); err != nil {
		return wrap(doing, err)
	}
	return wrap(doing, tx.Commit())
}

// Codes gives the cached lists of an environment; a list that was never fetched is not in the map.
func (r *Registry) Codes(ctx context.Context, environment string) (map[providers.CodeList]CodeList, error) {
	const doing = "reading the cached code lists"
	var rows []struct {
		List      providers.CodeList `db:"list"`
		FetchedAt time.Time          `db:"fetched_at"`
		Code      []byte             `db:"code"`
		Name      string             `db:"name"`
		Detail    string             `db:"detail"`
	}
	err := r.db.SelectContext(ctx, &rows, `
		SELECT l.list, l.fetched_at, c.code, c.name, c.detail
		FROM registry_code_lists l JOIN registry_codes c ON c.list_id = l.id AND c.generation = l.generation
		WHERE l.environment = ? AND l.generation > 0 ORDER BY l.list, c.code`, environment)
	if err != nil {
		return nil, wrap(doing, err)
	}
	out := map[providers.CodeList]CodeList{}
	for _, row := range rows {
		l := out[row.List]
		l.List, l.FetchedAt = row.List, row.FetchedAt
		l.Codes = append(l.Codes, providers.Code{Code: string(row.Code), Name: row.Name, Detail: row.Detail})
		out[row.List] = l
	}
	return out, nil
}

// CodesFetched tells when the oldest list of an environment was fetched; zero when one of them never was.
func (r *Registry) CodesFetched(ctx context.Context, environment string) (time.Time, error) {
	var row struct {
		N      int          `db:"n"`
		Oldest sql.NullTime `db:"oldest"`
	}
	err := r.db.GetContext(ctx, &row, `SELECT COUNT(fetched_at) AS n, MIN(fetched_at) AS oldest FROM registry_code_lists WHERE environment = ?`, environment)
	if err != nil || row.N < len(providers.CodeLists()) {
		return time.Time{}, mysqlx.Wrap("reading the age of the code lists", err)
	}
	return row.Oldest.Time, nil
}
