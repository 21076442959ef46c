package ledger

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"

	"faturad/internal/fault"
	"faturad/internal/mysqlx"
)

// Raw is the bytes of a received document as the provider gave them, or why they cannot be had.
type Raw struct {
	Bytes []byte // empty: they could not be fetched yet
	Err   error
}

// RawReceived gives the bytes of a received document that count: those that came first, or those that replaced them
// (ReplaceReceived). Their hash is checked.
func (s *Store) RawReceived(ctx context.Context, id int64) ([]byte, error) {
	raws, err := s.RawsReceived(ctx, []int64{id})
	if err != nil {
		return nil, err
	}
	raw, found := raws[id]
	if !found {
		return nil, fault.Newf(fault.NotFound, fmt.Sprintf("reading the bytes of received document %d", id), "there is none")
	}
	return raw.Bytes, raw.Err
}

// RawsReceived is RawReceived for several; documents that are not there are left out. The caller bounds the memory: see
// RawSizes.
func (s *Store) RawsReceived(ctx context.Context, ids []int64) (map[int64]Raw, error) {
	const doing = "reading the bytes of received documents"
	raws := make(map[int64]Raw, len(ids))
	for _, list := range padded(ids) {
		var found []struct {
			ID     int64
			Hash   string
			Raw    []byte
			Better sql.NullString // hash of the bytes that replaced the first ones
			Bytes  []byte
		}
		query := "SELECT r.id, r.hash, r.raw, (SELECT b.hash " + betterBytes + ") AS better, (SELECT b.content " + betterBytes +
			") AS bytes FROM received r WHERE r.id IN (" + placeholders(len(list)) + ")"
		if err := s.all(ctx, &found, query, arguments(list)...); err != nil {
			return nil, mysqlx.Wrap(doing, err)
		}
		for _, f := range found {
			if f.Better.Valid {
				f.Raw, f.Hash = f.Bytes, f.Better.String
			}
			raws[f.ID] = openRaw(f.ID, f.Raw, f.Hash)
		}
	}
	return raws, nil
}

// orEmpty has no bytes stored as empty, not as NULL.
func orEmpty(raw []byte) []byte {
	if raw == nil {
		return []byte{}
	}
	return raw
}

func openRaw(id int64, packed []byte, hash string) Raw {
	raw, err := unpack(packed)
	if err == nil && !hashOf(raw, hash) {
		err = errors.New("the stored bytes do not have the stored hash")
	}
	if err != nil {
		return Raw{Err: &fault.Error{Class: fault.Permanent, Doing: fmt.Sprintf("reading the bytes of received document %d", id), Err: err,
			Advice: "Fetch it again from the provider (faturad inbox refetch), or restore the table received"}}
	}
	return Raw{Bytes: raw}
}

// RawSizes gives how many bytes each document has unpacked, without reading them.
func (s *Store) RawSizes(ctx context.Context, ids []int64) (map[int64]int, error) {
	sizes := make(map[int64]int, len(ids))
	for _, list := range padded(ids) {
		var found []struct {
			ID   int64
			Head []byte
		}
		query := "SELECT r.id, COALESCE((SELECT SUBSTRING(b.content, 1, 11) " + betterBytes + "), SUBSTRING(r.raw, 1, 11)) AS head FROM received r WHERE r.id IN (" +
			placeholders(len(list)) + ")"
		if err := s.all(ctx, &found, query, arguments(list)...); err != nil {
			return nil, mysqlx.Wrap("measuring received documents", err)
		}
		for _, f := range found {
			sizes[f.ID] = claimed(f.Head)
		}
	}
	return sizes, nil
}

// claimed reads the length that a packed value tells.
func claimed(head []byte) int {
	if len(head) == 0 {
		return 0
	}
	size, n := binary.Uvarint(head[1:])
	if n <= 0 || size > mostUnpacked {
		return 0 // damaged: reading it will say so
	}
	return int(size)
}
