package turkcell

import (
	"bytes"
	"encoding/json"
	"maps"
	"mime"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"faturad/providers"
	"faturad/providers/redact"
)

// problem is what an answer that is not a success says. Facts 5.1 lists the forms seen or shown: a dictionary of string
// arrays, {"Error":{title,detail}}, RFC 7807, plain text, a JSON string, nothing.
type problem struct {
	sentences []string // the provider's words, without the keys of a dictionary
	fields    []string // the keys of a dictionary, e.g. model.AddressBook.ReceiverCity
	html      bool     // a web page: not the provider's API
}

// text joins what people should read.
func (p problem) text() string { return redact.Line(strings.Join(p.sentences, " "), 2000) }

// parseProblem reads any body; it never fails.
func parseProblem(contentType string, body []byte) problem {
	text := strings.TrimSpace(decodeText(contentType, body))
	if isHTML(contentType, text) {
		return problem{html: true}
	}
	var p problem
	var value any
	if json.Unmarshal([]byte(text), &value) != nil {
		if text != "" {
			p.sentences = []string{text}
		}
		return p
	}
	p.collect(value, 0)
	p.sentences = slices.Compact(p.sentences)
	return p
}

// notWords are members of error objects that are not for people.
var notWords = map[string]bool{"type": true, "status": true, "traceid": true, "instance": true, "code": true, "statuscode": true, "isvalid": true}

func (p *problem) collect(value any, depth int) {
	if depth > 6 || len(p.sentences) > 50 {
		return
	}
	switch v := value.(type) {
	case string:
		if s := strings.TrimSpace(v); s != "" {
			p.sentences = append(p.sentences, s)
		}
	case []any:
		for _, item := range v {
			p.collect(item, depth+1)
		}
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			if notWords[strings.ToLower(key)] {
				continue
			}
			if _, list := v[key].([]any); list {
				p.fields = append(p.fields, redact.Line(key, 100))
			}
			p.collect(v[key], depth+1)
		}
	}
}

// decodeText gives the body as UTF-8: by its byte order mark, else by the charset it names, else UTF-8 where it is valid,
// else Turkish Windows.
func decodeText(contentType string, body []byte) string {
	if bytes.HasPrefix(body, []byte{0xFF, 0xFE}) || bytes.HasPrefix(body, []byte{0xFE, 0xFF}) {
		if out, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder().Bytes(body); err == nil {
			return string(out)
		}
	}
	body = bytes.TrimPrefix(body, []byte("\xEF\xBB\xBF"))
	_, params, err := mime.ParseMediaType(contentType)
	charset := ""
	if err == nil {
		charset = strings.ToLower(params["charset"])
	}
	turkish := charset == "iso-8859-9" || charset == "windows-1254" || charset == "latin5"
	if utf8.Valid(body) && !turkish {
		return string(body)
	}
	if turkish && utf8.Valid(body) && !isASCII(body) && strings.ContainsAny(string(body), "ığşçöüİĞŞÇÖÜ") {
		return string(body) // names the wrong charset
	}
	out, err := charmap.Windows1254.NewDecoder().Bytes(body)
	if err != nil {
		return strings.ToValidUTF8(string(body), "\uFFFD")
	}
	return string(out)
}

func isASCII(b []byte) bool {
	return !slices.ContainsFunc(b, func(c byte) bool { return c >= utf8.RuneSelf })
}

func isHTML(contentType, text string) bool {
	head := strings.ToLower(text[:min(len(text), 512)])
	return strings.HasPrefix(head, "<") && (strings.Contains(head, "<html") || strings.HasPrefix(head, "<!doctype html")) ||
		strings.Contains(strings.ToLower(contentType), "html") && strings.HasPrefix(head, "<")
}

// fold makes Turkish sentences comparable: lower case, and the dotted and dotless i, which servers mix up, made one.
func fold(s string) string {
	return strings.NewReplacer("ı", "i").Replace(strings.ToLower(strings.NewReplacer("İ", "i", "I", "i").Replace(s)))
}

// defaultNotFound are the sentences that say that an account surely has no such document (facts 5.1, 5.2). "Fatura
// bulunamadı yada yetkiniz yok!" is left out on purpose: it does not say which of the two. What is said of receipts is not
// established: these are the likely forms (doc.go).
func defaultNotFound() []string {
	return []string{"Fatura bulunamadı", "Fatura bulunamadi", "Makbuz bulunamadı", "Müstahsil Makbuzu bulunamadı", "Müstahsil Makbuz bulunamadı",
		"Serbest Meslek Makbuzu bulunamadı", "MM bulunamadı", "SMM bulunamadı"}
}

// saysNotFound reports whether the body is one of the recognised sentences, and nothing else.
func (p problem) saysNotFound(phrases []string) bool {
	if p.html || len(p.sentences) != 1 {
		return false
	}
	said := strings.Trim(fold(p.sentences[0]), " .!")
	for _, phrase := range phrases {
		want := strings.Trim(fold(phrase), " .!")
		if said == want || strings.TrimPrefix(said, "e-arşiv ") == want || strings.TrimPrefix(said, "e-") == want {
			return true
		}
	}
	return false
}

var guid = regexp.MustCompile(`[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}`)

// earlier finds the UUID that a duplicate answer names ("Önceki fatura UUID:..."); "" when it names none.
func (p problem) earlier() string {
	for _, s := range p.sentences {
		_, after, named := strings.Cut(fold(s), "uuid")
		if found := guid.FindString(after); named && found != "" {
			return found
		}
	}
	return guid.FindString(strings.Join(p.sentences, " "))
}

// duplicate says which key is used already according to the words; "" when they speak of something else. An unknown
// wording counts when it repeats our ETTN: a look-up costs little, and a missed duplicate much.
func (p problem) duplicate(ettn string) string {
	for _, s := range p.sentences {
		text := fold(s)
		exists := strings.Contains(text, "mevcut") || strings.Contains(text, "daha önce") || strings.Contains(text, "mükerrer") ||
			strings.Contains(text, "already") || strings.Contains(text, "duplicate") || strings.Contains(text, "kayitli")
		switch {
		case exists && strings.Contains(text, "localreference"):
			return providers.CodeReferenceUsed
		case exists && (strings.Contains(text, "ettn") || strings.Contains(text, "uuid") || strings.Contains(text, "bu id ile") || guid.MatchString(text)),
			ettn != "" && strings.Contains(text, strings.ToLower(ettn)):
			return providers.CodeETTNUsed
		}
	}
	return ""
}
