package ubl

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"faturad/internal/fault"
)

var placed = regexp.MustCompile(`line \d+, column \d+: `)

// checkRefusal wants a refusal to be permanent, to name the place and to be one clear sentence.
func checkRefusal(t *testing.T, err error) {
	t.Helper()
	if fault.ClassOf(err) != fault.Permanent || !placed.MatchString(err.Error()) || strings.Contains(err.Error(), "\n") || len(err.Error()) > 400 {
		t.Errorf("not a clear refusal: %q (%s)", err, fault.ClassOf(err))
	}
}

// victim is a good document to be spoiled.
func victim(t testing.TB) string {
	t.Helper()
	data, err := os.ReadFile(goldenPath("ticari-satis-uc-satir"))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

const (
	rootName = "<Invoice xmlns="
	noteSpot = "<cbc:DocumentCurrencyCode>"
)

// largeDocuments attack by sheer size; they are separate because fuzzing must not carry them along.
func largeDocuments(t testing.TB) map[string]string {
	good := victim(t)
	before := func(spot, what string) string { return strings.Replace(good, spot, what+spot, 1) }
	in := func(what string) string { return before(noteSpot, what) }
	return map[string]string{
		"quadratic blow-up":  strings.Replace(before(rootName, `<!DOCTYPE x [<!ENTITY a "`+strings.Repeat("a", 100_000)+`">]>`), "Yalnız", strings.Repeat("&a;", 1000), 1),
		"depth 1e6":          in(strings.Repeat("<a>", 1_000_000)),
		"depth 1e6 closed":   in(strings.Repeat("<cac:Party>", 1_000_000) + strings.Repeat("</cac:Party>", 1_000_000)),
		"attributes 1e6":     in(attrs(1_000_000)),
		"namespaces 1e5":     in(strings.ReplaceAll(attrs(60), " a", " xmlns:a") + strings.Repeat(`<x xmlns:b="u">`, 99)),
		"siblings 1e6":       in(strings.Repeat("<cbc:Note/>", 1_000_000)),
		"lines 1e6":          before("</Invoice>", strings.Repeat("<cac:InvoiceLine/>", 1_000_000)),
		"nodes 1e6 in one":   in("<cac:Delivery>" + strings.Repeat("<cac:X/>", 1_000_000) + "</cac:Delivery>"),
		"split text":         in("<cbc:Note>" + strings.Repeat("x<!---->", 900_000) + "</cbc:Note>"),
		"references 5e6":     in("<cbc:Note>" + strings.Repeat("&lt;", 5_000_000) + "</cbc:Note>"),
		"text 30 MB":         in("<cbc:Note>" + strings.Repeat("a", 30<<20) + "</cbc:Note>"),
		"text 100 MB":        in("<cbc:Note>" + strings.Repeat("a", 100<<20) + "</cbc:Note>"),
		"attribute 30 MB":    in(`<cbc:Note x="` + strings.Repeat("&lt;a", 6<<20) + `"/>`),
		"number with spaces": strings.Replace(good, `<cbc:PayableAmount currencyID="TRY">`, `<cbc:PayableAmount currencyID="TRY">`+strings.Repeat(" ", 1<<20), 1),
	}
}

// attrs is an element with n attributes.
func attrs(n int) string {
	var b strings.Builder
	b.WriteString("<cbc:Note")
	for i := range n {
		fmt.Fprintf(&b, ` a%d=""`, i)
	}
	return b.String() + "/>"
}

// hostileDocuments attack by what they say: each is either refused, or read as if the attack were not there.
func hostileDocuments(t testing.TB) map[string]string {
	good := victim(t)
	before := func(spot, what string) string { return strings.Replace(good, spot, what+spot, 1) }
	in := func(what string) string { return before(noteSpot, what) }
	utf16of := func(s string, low bool) string {
		var b strings.Builder
		for _, u := range utf16.Encode([]rune(s)) {
			if low {
				b.Write([]byte{byte(u), byte(u >> 8)})
			} else {
				b.Write([]byte{byte(u >> 8), byte(u)})
			}
		}
		return b.String()
	}
	declare := func(enc string) string { return strings.Replace(good, "UTF-8", enc, 1) }
	lol := `<!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "` + strings.Repeat("&lol;", 1000) + `">]>`
	return map[string]string{
		"doctype":                 before(rootName, `<!DOCTYPE Invoice>`),
		"doctype external":        before(rootName, `<!DOCTYPE Invoice SYSTEM "http://127.0.0.1:9/x.dtd">`),
		"doctype lower case":      before(rootName, `<!doctype Invoice>`),
		"billion laughs":          strings.Replace(before(rootName, lol), "Yalnız", "&lol2;", 1),
		"external entity":         strings.Replace(before(rootName, `<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>`), "Yalnız", "&a;", 1),
		"parameter entity":        before(rootName, `<!DOCTYPE x [<!ENTITY % a SYSTEM "file:///etc/passwd"> %a;]>`),
		"entity undeclared":       in(`<cbc:Note>&nbsp;</cbc:Note>`),
		"entity in attribute":     in(`<cbc:Note languageID="&x;"/>`),
		"entity half":             in(`<cbc:Note>&amp</cbc:Note>`),
		"reference to NUL":        in(`<cbc:Note>&#0;</cbc:Note>`),
		"reference to surrogate":  in(`<cbc:Note>&#xD800;</cbc:Note>`),
		"reference too large":     in(`<cbc:Note>&#x110000;</cbc:Note>`),
		"reference overflow":      in(`<cbc:Note>&#99999999999999999999;</cbc:Note>`),
		"element declaration":     in(`<!ELEMENT x ANY>`),
		"conditional section":     in(`<![INCLUDE[ x ]]>`),
		"php":                     in(`<?php system("id"); ?>`),
		"second declaration":      in(`<?xml version="1.0"?>`),
		"declaration after space": "\n" + good,
		"xinclude":                in(`<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/passwd" parse="text"/>`),
		"stylesheet":              before(rootName, `<?xml-stylesheet type="text/xsl" href="http://127.0.0.1:9/x.xslt"?>`),
		"embedded xslt": in(`<cac:AdditionalDocumentReference><cbc:ID>1</cbc:ID><cac:Attachment><cbc:EmbeddedDocumentBinaryObject mimeCode="application/xml" filename="../../x.xslt">PHhzbDp4Lz4=` +
			`</cbc:EmbeddedDocumentBinaryObject></cac:Attachment></cac:AdditionalDocumentReference>`),
		"attributes 65":       in(attrs(65)),
		"attribute twice":     in(`<cbc:Note a="1" a="2"/>`),
		"number 1e308":        strings.Replace(good, `<cbc:PayableAmount currencyID="TRY">`, `<cbc:PayableAmount currencyID="TRY">1e308`, 1),
		"number e-999999999":  strings.Replace(good, `<cbc:PayableAmount currencyID="TRY">`, `<cbc:PayableAmount currencyID="TRY">1e-999999999 `, 1),
		"number 500 digits":   strings.Replace(good, `<cbc:PayableAmount currencyID="TRY">`, `<cbc:PayableAmount currencyID="TRY">`+strings.Repeat("9", 500), 1),
		"number NaN":          strings.Replace(good, `<cbc:PayableAmount currencyID="TRY">`, `<cbc:PayableAmount currencyID="TRY">NaN`, 1),
		"NUL":                 in("<cbc:Note>\x00</cbc:Note>"),
		"control":             in("<cbc:Note>\x1b[31m</cbc:Note>"),
		"U+FFFE":              in("<cbc:Note>\ufffe</cbc:Note>"),
		"invalid UTF-8":       in("<cbc:Note>\xff\xfe</cbc:Note>"),
		"overlong UTF-8":      in("<cbc:Note>\xc0\xbcscript\xc0\xbe</cbc:Note>"),
		"surrogate in UTF-8":  in("<cbc:Note>\xed\xa0\x80</cbc:Note>"),
		"UTF-7":               declare("UTF-7"),
		"UTF-7 text":          "+ADw-?xml version+AD0AIg-1.0+ACIAPz4-",
		"UTF-32":              "\xff\xfe\x00\x00<\x00\x00\x00",
		"EBCDIC":              "\x4c\x6f\xa7\x94\x93",
		"declared UTF-16":     declare("UTF-16"),
		"declared nonsense":   declare(`UTF-8" encoding="x`),
		"declared Shift_JIS":  declare("Shift_JIS"),
		"UTF-16 without mark": utf16of(good, true),
		"UTF-16 says UTF-8":   "\xff\xfe" + utf16of(good, true),
		"UTF-16 odd":          "\xfe\xff" + utf16of(declare("UTF-16"), false) + "x",
		"UTF-16 surrogate":    "\xff\xfe" + utf16of(strings.Replace(declare("UTF-16"), "Yaln", "\ue000", 1), true)[:400] + "\x00\xd8",
		"two roots":           good + good[strings.Index(good, "<Invoice"):],
		"text after root":     good + "x",
		"other root":          strings.NewReplacer("<Invoice", "<CreditNote", "</Invoice", "</CreditNote").Replace(good),
		"wrong namespace":     strings.Replace(good, "xsd:Invoice-2\"", "xsd:Invoice-3\"", 1),
		"no namespace":        "<Invoice><ID>1</ID></Invoice>",
		"prefix undeclared":   in("<nix:Note/>"),
		"prefix unbound":      in(`<x xmlns:cbc=""><cbc:ID/></x>`),
		"end tag wrong":       in("<cbc:Note></cbc:note>"),
		"colons":              in("<cbc:No:te/>"),
		"comment --":          in("<!-- a -- b -->"),
		"comment open":        in("<!-- "),
		"CDATA open":          in("<cbc:Note><![CDATA[ "),
		"CDATA end in text":   in("<cbc:Note>]]></cbc:Note>"),
		"attribute <":         in(`<cbc:Note a="<"/>`),
		"attribute bare":      in(`<cbc:Note a=b/>`),
		"empty":               "",
		"space":               strings.Repeat(" \n", 1000),
		"zip":                 "PK\x03\x04" + strings.Repeat("\x00", 100),
		"html":                "<html><body>Service unavailable</body></html>",
		"json":                `{"error":"not found"}`,
		"no ETTN":             regexp.MustCompile(`<cbc:UUID>.*</cbc:UUID>`).ReplaceAllString(good, ""),
		"bad ETTN":            regexp.MustCompile(`<cbc:UUID>.*</cbc:UUID>`).ReplaceAllString(good, "<cbc:UUID>'; DROP TABLE</cbc:UUID>"),
		"bad date":            strings.Replace(good, "2026-10-05", "05.10.2026", 1),
		"no totals":           regexp.MustCompile(`(?s)<cac:LegalMonetaryTotal>.*</cac:LegalMonetaryTotal>`).ReplaceAllString(good, ""),
		"decimal comma":       strings.Replace(good, `TRY">1`, `TRY">1,5`, 1),
	}
}

// inert are the attacks that the reader may pass over; all others must be refused.
var inert = map[string]bool{
	"xinclude": true, "stylesheet": true, "embedded xslt": true, "number with spaces": true,
	"text 30 MB": true, "split text": true, "references 5e6": true, "attribute 30 MB": true,
}

// limitOf is the processor time that one document may take; the race detector gets more.
const limitOf = 2 * time.Second

func TestHostile(t *testing.T) {
	want, err := Parse([]byte(victim(t)))
	if err != nil {
		t.Fatal(err)
	}
	all := hostileDocuments(t)
	maps.Copy(all, largeDocuments(t))
	for name, text := range all {
		t.Run(name, func(t *testing.T) {
			data := []byte(text)
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			started := processor(t) // this test runs alone
			doc, err := Parse(data)
			took := processor(t) - started
			runtime.ReadMemStats(&after)
			if allocated := after.TotalAlloc - before.TotalAlloc; allocated > 128<<20 {
				t.Errorf("allocated %d MB", allocated>>20)
			}
			if took > limitOf*raceFactor {
				t.Errorf("took %v of the processor", took)
			}
			switch {
			case err != nil:
				checkRefusal(t, err)
				if inert[name] {
					t.Errorf("should have been read: %v", err)
				}
			case !inert[name]:
				t.Error("was read")
			case doc.ETTN != want.ETTN || !doc.Invoice.Totals.Payable.Equal(want.Invoice.Totals.Payable) || len(doc.Invoice.Lines) != len(want.Invoice.Lines):
				t.Error("was read as something else")
			}
			if _, err := Peek(data); err == nil && !inert[name] && !lenient[name] {
				t.Error("Peek took it")
			}
			runtime.KeepAlive(doc)
		})
	}
}

// lenient are the refusals that Peek does not share: it leaves unreadable parts empty.
var lenient = map[string]bool{
	"number 1e308": true, "number e-999999999": true, "number 500 digits": true, "number NaN": true, "bad date": true,
	"no totals": true, "decimal comma": true, "lines 1e6": true, "siblings 1e6": true, "nodes 1e6 in one": true,
}

// TestTruncated cuts a good document after every byte: no cut may be taken for a document, none may panic.
func TestTruncated(t *testing.T) {
	t.Parallel()
	good := []byte(strings.TrimSpace(victim(t)))
	for n := range good {
		if _, err := Parse(good[:n]); err == nil {
			t.Fatalf("the first %d bytes passed for a document", n)
		}
		_, _ = Peek(good[:n])
	}
}

// TestEncodings reads one document in every encoding that is accepted.
func TestEncodings(t *testing.T) {
	t.Parallel()
	good := victim(t)
	want, err := Parse([]byte(good))
	if err != nil {
		t.Fatal(err)
	}
	turkish := strings.NewReplacer("Ğ", "\xd0", "ğ", "\xf0", "İ", "\xdd", "ı", "\xfd", "Ş", "\xde", "ş", "\xfe",
		"ç", "\xe7", "Ç", "\xc7", "ö", "\xf6", "Ö", "\xd6", "ü", "\xfc", "Ü", "\xdc").Replace
	wide := func(mark string, low bool) string {
		var b strings.Builder
		b.WriteString(mark)
		for _, u := range utf16.Encode([]rune(strings.Replace(good, "UTF-8", "UTF-16", 1))) {
			if low {
				b.Write([]byte{byte(u), byte(u >> 8)})
			} else {
				b.Write([]byte{byte(u >> 8), byte(u)})
			}
		}
		return b.String()
	}
	for name, text := range map[string]string{
		"mark":         "\xef\xbb\xbf" + good,
		"no declared":  good[strings.Index(good, "<Invoice"):],
		"iso-8859-9":   turkish(strings.Replace(good, "UTF-8", "iso-8859-9", 1)),
		"windows-1254": turkish(strings.Replace(good, `"UTF-8"`, `'windows-1254'`, 1)),
		"UTF-16LE":     wide("\xff\xfe", true),
		"UTF-16BE":     wide("\xfe\xff", false),
		"CRLF":         strings.ReplaceAll(good, "\n", "\r\n"),
	} {
		got, err := Parse([]byte(text))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got.Invoice.Buyer.Name != want.Invoice.Buyer.Name || got.Invoice.Seller.Address != want.Invoice.Seller.Address {
			t.Errorf("%s: letters were lost: %q", name, got.Invoice.Buyer.Name)
		}
	}
}

// TestPeekQuarantined shows what people see of a document that Parse refuses.
func TestPeekQuarantined(t *testing.T) {
	t.Parallel()
	good := victim(t)
	sum, err := Peek([]byte(good[:bytes.Index([]byte(good), []byte("<cac:InvoiceLine>"))]))
	if err == nil || sum.SenderTaxNo != seller.TaxNo || sum.Payable.IsZero() || sum.Number == "" {
		t.Errorf("a cut document shows %+v (%v)", sum, err)
	}
	checkRefusal(t, err)
}
