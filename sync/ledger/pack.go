package ledger

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync"
)

// A packed value is one byte for the method, the length of the content as uvarint, and the content.
const (
	packedPlain   = 0
	packedDeflate = 1

	worthPacking = 200       // shorter contents are kept as they are
	mostUnpacked = 256 << 20 // bytes; a longer claim is damage or an attack
)

// deflaters are reused: making one costs more than packing an invoice.
var deflaters = sync.Pool{New: func() any {
	w, err := flate.NewWriter(io.Discard, flate.BestSpeed)
	if err != nil { // cannot happen: the level is valid
		return nil
	}
	return w
}}

// pack compresses content if that helps. nil stays nil, which is stored as NULL.
func pack(content []byte) []byte {
	if content == nil {
		return nil
	}
	head := func(method byte) []byte { return binary.AppendUvarint([]byte{method}, uint64(len(content))) }
	if len(content) >= worthPacking {
		out := bytes.NewBuffer(head(packedDeflate))
		if err := deflate(out, content); err == nil && out.Len() < len(content) {
			return out.Bytes()
		}
	}
	return append(head(packedPlain), content...)
}

func deflate(out io.Writer, content []byte) error {
	w, ok := deflaters.Get().(*flate.Writer)
	if !ok {
		return errDamaged
	}
	defer deflaters.Put(w)
	w.Reset(out)
	_, err := w.Write(content)
	return errors.Join(err, w.Close())
}

var errDamaged = errors.New("the stored bytes are damaged")

// unpack gives pack's input back. It refuses what is damaged, cut, or longer than it says.
func unpack(packed []byte) ([]byte, error) {
	if packed == nil {
		return nil, nil
	}
	if len(packed) == 0 {
		return nil, errDamaged
	}
	size, n := binary.Uvarint(packed[1:])
	if n <= 0 || size > mostUnpacked {
		return nil, errDamaged
	}
	body := packed[1+n:]
	switch packed[0] {
	case packedPlain:
		if uint64(len(body)) != size {
			return nil, errDamaged
		}
		return body, nil
	case packedDeflate:
		r := flate.NewReader(bytes.NewReader(body))
		content, err := io.ReadAll(io.LimitReader(r, int64(size)+1))
		if err = errors.Join(err, r.Close()); err != nil {
			return nil, fmt.Errorf("%w: %w", errDamaged, err)
		}
		if uint64(len(content)) != size {
			return nil, errDamaged
		}
		return content, nil
	}
	return nil, errDamaged
}
