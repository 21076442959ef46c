package erp

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"slices"
	"strconv"

	"github.com/shopspring/decimal"
)

// notContent are aliases that may change without the sale changing.
var notContent = []string{"changed_at"}

// ofOriginal are aliases about the original of a return that is named by its key: a source that reads the original's number
// out of our own marks shows none before it was sent and one afterwards, and the return has not changed by that.
var ofOriginal = []string{"return_no", "return_date", "return_list"}

// contacts are aliases of the header by which a buyer is reached. An address that is corrected after the invoice was sent
// does not make it another invoice.
var contacts = []string{"buyer_email", "buyer_phone", "buyer_fax", "buyer_website"}

// The hash of a sale is that of its content, followed by that of the contacts, in hex digits.
const (
	contentDigits = 48
	contactDigits = 16
)

// SameSale reports whether two content hashes are of the same sale, whatever became of the contacts.
func SameSale(a, b string) bool {
	return a == b || len(a) >= contentDigits && len(b) >= contentDigits && a[:contentDigits] == b[:contentDigits]
}

// contentHash is the hex SHA-256 of the row as read: every value that is not empty, in the order of the contract, further
// columns after that by name. It is taken before any rule of the source, so that a better rule does not look like an
// edited sale, and leaves empty values out, so that one more alias in a query does not either.
func contentHash(r *reader, d *document, header row, lines []row) string {
	h := sha256.New()
	hashRow(h, r, "header", d.header.aliases, header)
	for _, l := range lines {
		hashRow(h, r, "line", d.lines.aliases, l)
	}
	reached := sha256.New()
	for _, name := range contacts {
		fmt.Fprintf(reached, "%s=%q\n", name, r.decoded(name, header[name]))
	}
	return hex.EncodeToString(h.Sum(nil))[:contentDigits] + hex.EncodeToString(reached.Sum(nil))[:contactDigits]
}

func hashRow(h hash.Hash, r *reader, kind string, set *aliasSet, in row) {
	text := append(make([]byte, 0, 1<<10), kind...)
	text = append(text, '\n')
	byKey := !in["return_key"].null()
	write := func(name string) {
		if byKey && slices.Contains(ofOriginal, name) || kind == "header" && slices.Contains(contacts, name) {
			return
		}
		if c := in[name]; !c.null() && !slices.Contains(notContent, name) {
			if a := set.find(name); a != nil && a.Type == TypeFile {
				text = fmt.Appendf(text, "%s=%x\n", name, sha256.Sum256([]byte(c.raw())))
				return
			}
			if s := canonical(r.decoded(name, c), c); s != "" {
				text = append(append(text, name...), '=')
				text = append(strconv.AppendQuote(text, s), '\n')
			}
		}
	}
	for i := range set.list {
		write(set.list[i].Name)
	}
	var others []string // columns that the contract does not know
	for name := range in {
		if set.find(name) == nil {
			others = append(others, name)
		}
	}
	slices.Sort(others)
	for _, name := range others {
		write(name)
	}
	h.Write(text) // never fails
}

// canonical writes equal numbers alike: 1.50 of a DECIMAL and 1.5 of a double.
func canonical(s string, c cell) string {
	switch c.v.(type) {
	case float32, float64:
	default:
		if c.dbType != "DECIMAL" {
			return s
		}
	}
	d, err := decimal.NewFromString(s)
	if err != nil {
		return s
	}
	return d.Round(floatScale).String()
}
