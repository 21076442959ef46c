// Package redact takes secrets and tax numbers out of text that leaves a provider: errors, stored answers, logs. It does
// no I/O. Providers and guards import it.
package redact

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"html"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Mask stands where a secret stood.
const Mask = "<secret>"

// Redactor knows some secrets in every form in which a server, a library or a log may repeat them: raw, percent-encoded,
// base64 (at each of the three alignments inside a longer text), hex, JSON- and HTML-escaped. Safe for concurrent use.
type Redactor struct{ forms *regexp.Regexp }

// New returns a Redactor for secrets; those shorter than four bytes are ignored, since they would mask ordinary words.
func New(secrets ...string) *Redactor {
	var forms []string
	for _, s := range secrets {
		if len(s) >= 4 {
			forms = append(forms, encodings(s)...)
		}
	}
	if len(forms) == 0 {
		return &Redactor{}
	}
	slices.SortFunc(forms, func(a, b string) int { return len(b) - len(a) }) // the longest form wins
	for i, f := range forms {
		forms[i] = regexp.QuoteMeta(f)
	}
	return &Redactor{regexp.MustCompile("(?i)" + strings.Join(slices.Compact(forms), "|"))}
}

func encodings(s string) []string {
	forms := []string{
		s, url.QueryEscape(s), url.PathEscape(s), html.EscapeString(s), strings.Trim(strconv.QuoteToASCII(s), `"`),
		hex.EncodeToString([]byte(s)), strings.ReplaceAll(s, "/", `\/`), unicodeEscaped(s),
	}
	for shift := range 3 {
		for _, enc := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			text := enc.EncodeToString([]byte("\x00\x00"[:shift] + s))
			// The first characters mix with what stands before, the last one with what follows.
			core := text[[]int{0, 2, 3}[shift]:]
			if (shift+len(s))%3 != 0 {
				core = core[:len(core)-1]
			}
			if len(core) >= 6 {
				forms = append(forms, core)
			}
		}
	}
	return forms
}

// unicodeEscaped writes what .NET's JSON writer escapes.
func unicodeEscaped(s string) string {
	var b strings.Builder
	for _, r := range s {
		if strings.ContainsRune(`+&<>'"`+"`", r) {
			b.WriteString(`\u00` + hex.EncodeToString([]byte{byte(r)}))
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

// Text masks the secrets in s.
func (r *Redactor) Text(s string) string {
	if r == nil || r.forms == nil {
		return s
	}
	return r.forms.ReplaceAllLiteralString(s, Mask)
}

// MaxAnswer is how much of an answer is kept.
const MaxAnswer = 64 << 10

// Answer masks the secrets in an answer and cuts it to MaxAnswer. It returns a copy; nil stays nil.
func (r *Redactor) Answer(body []byte) []byte {
	if len(body) == 0 {
		return nil
	}
	text := r.Text(string(body)) // before cutting: half a secret would not be recognised
	if len(text) > MaxAnswer {
		text = text[:MaxAnswer]
	}
	return []byte(text)
}

// Error returns err with a masked text; errors.Is still sees through it. An error without a secret is returned as
// it is.
func (r *Redactor) Error(err error) error {
	if err == nil {
		return nil
	}
	text := err.Error()
	if masked := r.Text(text); masked != text {
		return maskedError{text: masked, err: err}
	}
	return err
}

// maskedError hides the text of the error inside but not its identity. Only errors.Is reaches the inside.
type maskedError struct {
	text string
	err  error
}

func (e maskedError) Error() string        { return e.text }
func (e maskedError) Is(target error) bool { return errors.Is(e.err, target) }

// taxNumber is a run of ten or eleven digits that stands alone.
var taxNumber = regexp.MustCompile(`\b\d{10,11}\b`)

// TaxNumbers masks what may be a VKN or TCKN, for logs: "12******03".
func TaxNumbers(s string) string {
	return taxNumber.ReplaceAllStringFunc(s, func(n string) string {
		return n[:2] + strings.Repeat("*", len(n)-4) + n[len(n)-2:]
	})
}

// Line makes s fit for one line of a log or message: control characters become spaces, at most limit bytes.
func Line(s string, limit int) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || (r >= 0x80 && r < 0xa0) || r == '\u2028' || r == '\u2029' || (r >= '\u202a' && r <= '\u202e') || (r >= '\u2066' && r <= '\u2069') {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	s = strings.TrimSpace(s)
	if len(s) <= limit {
		return s
	}
	cut := limit
	for cut > 0 && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + "…"
}
