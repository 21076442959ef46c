package erp

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// keyPart is one column of a document's key.
type keyPart struct {
	name string
	text bool // else a whole number
}

var partName = regexp.MustCompile(`^[a-z_][a-z0-9_]*$`)

// parseKey reads "trans_no:int" entries; the type is int or text, int when left out.
func parseKey(entries []string) ([]keyPart, error) {
	if len(entries) == 0 {
		return nil, errors.New(`key is missing: name the key columns with their types, e.g. key = ["rowid:int"]`)
	}
	parts := make([]keyPart, len(entries))
	for i, e := range entries {
		name, kind, _ := strings.Cut(e, ":")
		if !partName.MatchString(name) {
			return nil, fmt.Errorf("key column %q must be a name in small letters", name)
		}
		switch kind {
		case "", "int":
		case "text":
			parts[i].text = true
		default:
			return nil, fmt.Errorf("key column %q has the type %q: use int or text", name, kind)
		}
		parts[i].name = name
	}
	return parts, nil
}

// ErrKey says that a text cannot be the key of any sale of the document.
var ErrKey = errors.New("no such key")

// keyEscape keeps the separator and its own sign apart from the values.
var (
	keyEscape   = strings.NewReplacer("%", "%25", "-", "%2D")
	keyUnescape = strings.NewReplacer("%2D", "-", "%25", "%")
)

// Key writes the canonical text of a key: its parts joined with "-"; "-" and "%" inside a part are written %2D and %25.
// It is part of every ETTN: never change how it is written.
func Key(parts ...string) string {
	escaped := make([]string, len(parts))
	for i, p := range parts {
		escaped[i] = keyEscape.Replace(p)
	}
	return strings.Join(escaped, "-")
}

// splitKey reads a canonical key back into values to bind: int64 (or uint64) and string.
func splitKey(parts []keyPart, key string) ([]any, error) {
	pieces := strings.Split(key, "-")
	if len(pieces) != len(parts) {
		return nil, fmt.Errorf("%w: %q has %d parts, but the document's key has %d", ErrKey, key, len(pieces), len(parts))
	}
	values := make([]any, len(parts))
	for i, p := range parts {
		piece := keyUnescape.Replace(pieces[i])
		if p.text {
			values[i] = piece
			continue
		}
		n, err := strconv.ParseInt(piece, 10, 64)
		if err != nil {
			u, uerr := strconv.ParseUint(piece, 10, 64)
			if uerr != nil {
				return nil, fmt.Errorf("%w: %q: %s must be a whole number, not %q", ErrKey, key, p.name, piece)
			}
			values[i] = u
			continue
		}
		values[i] = n
	}
	return values, nil
}

// keyList writes the placeholders of :keys for n keys of the given number of parts: "?,?" or "(?,?),(?,?)".
func keyList(n, parts int) string {
	one := "?"
	if parts > 1 {
		one = "(" + strings.TrimSuffix(strings.Repeat("?,", parts), ",") + ")"
	}
	return strings.TrimSuffix(strings.Repeat(one+",", n), ",")
}
