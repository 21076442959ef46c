package ledger

import (
	"strings"
	"unicode/utf8"
)

// sizes of IN lists and multi-row INSERTs: few shapes, so that each is prepared once.
var sizes = []int{256, 128, 64, 32, 16, 8, 4, 2, 1}

// padded cuts values into lists of the fixed sizes, the last filled up by repeating its last value, for IN (...).
func padded[T any](values []T) (lists [][]T) {
	for len(values) > sizes[0] {
		lists = append(lists, values[:sizes[0]])
		values = values[sizes[0]:]
	}
	if len(values) == 0 {
		return lists
	}
	size := sizes[0]
	for _, smaller := range sizes {
		if smaller >= len(values) {
			size = smaller
		}
	}
	list := append(make([]T, 0, size), values...)
	for len(list) < size {
		list = append(list, values[len(values)-1])
	}
	return append(lists, list)
}

// placeholders is "?, ?, ?" with n question marks.
func placeholders(n int) string {
	return strings.TrimSuffix(strings.Repeat("?, ", n), ", ")
}

// rows is head followed by n times one.
func rows(head, one string, n int) string {
	return head + strings.TrimSuffix(strings.Repeat(one+", ", n), ", ")
}

// insertion is an INSERT of many rows, its text made once for every fixed size.
type insertion struct {
	texts []string       // the statements to prepare
	of    map[int]string // by number of rows
}

func newInsertion(head, one string) insertion {
	i := insertion{of: map[int]string{}}
	for _, n := range sizes {
		i.of[n] = rows(head, one, n)
		i.texts = append(i.texts, i.of[n])
	}
	return i
}

// arguments puts several values and lists of values into one argument list.
func arguments(parts ...any) []any {
	var out []any
	for _, p := range parts {
		switch v := p.(type) {
		case []int64:
			for _, x := range v {
				out = append(out, x)
			}
		case []string:
			for _, x := range v {
				out = append(out, x)
			}
		case []any:
			out = append(out, v...)
		default:
			out = append(out, v)
		}
	}
	return out
}

// Longest texts for people, in characters; keys and codes are never cut but refused.
const (
	longText = 8000 // message, advice, reason: TEXT holds 65,535 bytes
	name500  = 500
	name190  = 190
)

// clip makes text for people storable: valid UTF-8 without NUL, at most limit characters. An outcome must not be lost
// because a provider's sentence is long or damaged.
func clip(text string, limit int) string {
	text = strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "")
	if len(text) <= limit || utf8.RuneCountInString(text) <= limit {
		return text
	}
	runes := []rune(text)
	return string(runes[:limit-1]) + "…"
}
