package mapping

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// clean makes text fit for XML and for paper: composed letters, one line, single spaces, no control or invisible
// characters. Pasted Word text brings U+000B and non-breaking spaces, macOS brings decomposed letters, and careless
// lower-casing brings an i with a second dot.
func clean(s string) string {
	if plain(s) {
		return s
	}
	s = strings.ToValidUTF8(s, string(utf8.RuneError))
	s = strings.ReplaceAll(norm.NFC.String(s), "i\u0307", "i")
	var b strings.Builder
	b.Grow(len(s))
	space := false
	for _, r := range s {
		switch {
		case unicode.IsSpace(r) || unicode.IsControl(r):
			space = b.Len() > 0
		case invisible(r):
		default:
			if space {
				b.WriteByte(' ')
				space = false
			}
			b.WriteRune(r)
		}
	}
	return b.String()
}

// lineEnds makes every kind of line break the same.
var lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\v", "\n", "\f", "\n")

// cleanLines is clean for notes: it keeps the line breaks.
func cleanLines(s string) string {
	if plain(s) {
		return s
	}
	var kept []string
	for line := range strings.SplitSeq(lineEnds.Replace(s), "\n") {
		if line = clean(line); line != "" {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "\n")
}

// plain reports whether s surely needs no cleaning: printable ASCII, Latin letters and Turkish letters, without doubled
// or outer spaces.
func plain(s string) bool {
	before := ' '
	for _, r := range s {
		if r == ' ' && before == ' ' || r < ' ' || r > '~' && r < 'À' || r > 'ſ' && r != '–' && r != '’' {
			return false
		}
		before = r
	}
	return s == "" || before != ' '
}

// invisible reports characters that print nothing and that XML or searching suffers from.
func invisible(r rune) bool {
	switch {
	case r >= 0x200B && r <= 0x200F, r >= 0x202A && r <= 0x202E, r >= 0x2060 && r <= 0x2064, r == 0xFEFF, r == 0x00AD:
		return true
	case r&0xFFFE == 0xFFFE, r >= 0xFDD0 && r <= 0xFDEF, r >= 0xE000 && r <= 0xF8FF: // not characters, private use
		return true
	}
	return false
}

// damaged reports text whose letters were lost in some conversion.
func damaged(s string) bool { return strings.ContainsRune(s, utf8.RuneError) }

// lower lower-cases by Turkish rules: I becomes ı and İ becomes i.
func lower(s string) string { return strings.ToLowerSpecial(unicode.TurkishCase, s) }
