package erp

import (
	"html"
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// combined: a dotless or plain i with a combining dot is a plain i. Unicode has no precomposed form, so NFC leaves it alone.
var combined = strings.NewReplacer("i\u0307", "i", "ı\u0307", "i")

// Clean makes a text fit for XML and for comparing: NFC, no control, format or unassigned characters, every kind of blank
// a single space, trimmed. With lines, line breaks stay (and a vertical tab, which word processors paste as a break,
// becomes one); without, they become spaces.
func Clean(s string, lines bool) string {
	if plainASCII(s) {
		return s
	}
	s = strings.ReplaceAll(s, "\r\n", "\n")
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range s {
		switch {
		case r == '\n' || r == '\v' || r == '\r' || r == '\f' || r == '\u0085' || r == '\u2028' || r == '\u2029':
			b.WriteByte('\n')
		case r == '\t' || unicode.Is(unicode.Zs, r):
			b.WriteByte(' ')
		case r == '\uFFFD': // kept, so that a damaged text is noticed
			b.WriteRune(r)
		case unicode.Is(unicode.Cc, r), unicode.Is(unicode.Cf, r), r&0xFFFE == 0xFFFE, unicode.Is(unicode.Co, r):
		default:
			b.WriteRune(r)
		}
	}
	text := composed(b.String()) // after what stood between a letter and its accent is gone
	if !lines {
		return strings.Join(strings.Fields(text), " ")
	}
	var kept []string
	for line := range strings.SplitSeq(text, "\n") {
		kept = append(kept, strings.Join(strings.Fields(line), " "))
	}
	return strings.Trim(blankLines.ReplaceAllString(strings.Join(kept, "\n"), "\n\n"), "\n")
}

// composed puts s into NFC without dots that an i has already, until nothing changes any more.
func composed(s string) string {
	for {
		next := combined.Replace(norm.NFC.String(s))
		if next == s {
			return s
		}
		s = next
	}
}

var blankLines = regexp.MustCompile(`\n{3,}`)

// plainASCII reports whether Clean would change nothing: the usual case, worth a look before the work.
func plainASCII(s string) bool {
	for i := range len(s) {
		c := s[i]
		if c < ' ' || c > '~' || c == ' ' && (i == 0 || i == len(s)-1 || s[i-1] == ' ') {
			return false
		}
	}
	return true
}

// entity is a character reference with its semicolon; without one it is just text that has an ampersand.
var entity = regexp.MustCompile(`&(#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});`)

// unescapeHTML replaces character references once: "&amp;amp;" becomes "&amp;".
func unescapeHTML(s string) string {
	if !strings.Contains(s, "&") {
		return s
	}
	return entity.ReplaceAllStringFunc(s, html.UnescapeString)
}

var (
	htmlHidden = regexp.MustCompile(`(?is)<!--.*?-->|<(script|style)\b.*?</(script|style)\s*>`)
	htmlBreak  = regexp.MustCompile(`(?i)<br\s*/?>|</(p|div|li|tr|h[1-6])\s*>`)
	htmlTag    = regexp.MustCompile(`(?i)</?(a|b|big|blockquote|body|center|code|dd|div|dl|dt|em|font|h[1-6]|head|hr|html|i|img|label|li|ol|p|pre|s|small|span|strong|strike|sub|sup|table|tbody|td|tfoot|th|thead|title|tr|u|ul)(\s[^<>]*)?/?>|<![^<>]*>`)
)

// stripHTML turns rich text into plain text. Only the tags of rich text go: "Kalem <Mavi>" stays what it is.
func stripHTML(s string) string {
	s = htmlHidden.ReplaceAllString(s, "")
	s = htmlBreak.ReplaceAllString(s, "\n")
	return unescapeHTML(htmlTag.ReplaceAllString(s, ""))
}

// truncate cuts s to n characters.
func truncate(s string, n int) string {
	count := 0
	for i := range s {
		if count == n {
			return s[:i]
		}
		count++
	}
	return s
}

// truncateBytes cuts s to n bytes at a character's edge.
func truncateBytes(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && s[n]&0xC0 == 0x80 {
		n--
	}
	return s[:n]
}

// doubled are the Turkish letters as they look after their UTF-8 bytes were read as latin1 once too often.
var doubled = regexp.MustCompile(`Ã[¼¶§œ–‡\x{9C}\x{96}\x{87}]|Ä[±Ÿž°\x{9F}\x{9E}]|Å[ŸžŸ\x{9F}\x{9E}]`)

// damaged says why a text cannot be what somebody typed; "" when nothing speaks against it.
func damaged(s string) string {
	switch {
	case strings.ContainsRune(s, '\uFFFD'):
		return "it holds characters that could not be decoded"
	case strings.ContainsAny(s, "ÃÄÅ") && doubled.MatchString(s): // the cheap look first: every text comes by
		return "its letters were encoded twice"
	}
	return ""
}

// icelandic reports whether a text has ý þ ð where Turkish has ı ş ğ: what Windows-1254 bytes look like when they are
// read as latin1. One text proves nothing, since foreign names may have them; many do.
func icelandic(s string) bool {
	return strings.ContainsAny(s, "ýþðÝÞÐ") && !strings.ContainsAny(s, "ışğİŞĞ")
}
