package ledger

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	"faturad/internal/fault"
	"faturad/internal/mysqlx"
	"faturad/providers"
)

// Payload gives the frozen bytes of one document. fault.NotFound: it was never prepared.
func (s *Store) Payload(ctx context.Context, documentID int64) (providers.Payload, error) {
	of, err := s.Payloads(ctx, []int64{documentID})
	if err != nil {
		return providers.Payload{}, err
	}
	p, ok := of[documentID]
	if !ok {
		return p, fault.Newf(fault.NotFound, "reading a payload", "document %d was never prepared", documentID)
	}
	return p, nil
}

// Payloads gives the frozen bytes of the documents that have been prepared. Every hash is checked: damaged bytes are an
// error (fault.Permanent), never sent.
func (s *Store) Payloads(ctx context.Context, ids []int64) (map[int64]providers.Payload, error) {
	of := make(map[int64]providers.Payload, len(ids))
	for _, list := range padded(ids) {
		var found []struct {
			ID          int64 `db:"document_id"`
			Hash        string
			ContentType string `db:"content_type"`
			Packed      []byte
		}
		err := s.all(ctx, &found, `SELECT p.document_id, p.hash, p.content_type, p.packed FROM documents d
			JOIN payloads p ON p.document_id = d.id AND p.hash = d.payload_hash
			WHERE d.id IN (`+placeholders(len(list))+`) ORDER BY p.id`, arguments(list)...)
		if err != nil {
			return nil, mysqlx.Wrap("reading payloads", err)
		}
		for _, f := range found {
			p := providers.Payload{ContentType: f.ContentType, Hash: f.Hash}
			if p.Bytes, err = unpack(f.Packed); err == nil && !hashOf(p.Bytes, f.Hash) {
				err = errors.New("the stored bytes do not have the stored hash")
			}
			if err != nil {
				return nil, &fault.Error{Class: fault.Permanent, Doing: fmt.Sprintf("reading the payload of document %d", f.ID), Err: err,
					Advice: "Restore the ledger's table payloads from a backup; the document stays as it is"}
			}
			of[f.ID] = p
		}
	}
	return of, nil
}

// hashOf says whether want is the hex SHA-256 of b.
func hashOf(b []byte, want string) bool {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:]) == want
}
