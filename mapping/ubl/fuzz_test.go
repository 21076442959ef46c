package ubl

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"github.com/shopspring/decimal"

	"faturad/internal/fault"
	"faturad/internal/invoice"
)

// FuzzParse: no input may panic, every refusal is permanent, and what we take for XML is XML for Go's own reader too.
func FuzzParse(f *testing.F) {
	files, _ := filepath.Glob(goldenPath("*"))
	for i, name := range files {
		if data, err := os.ReadFile(name); err == nil && i%10 == 0 {
			f.Add(data)
		}
	}
	for _, text := range hostileDocuments(f) {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		doc, err := Parse(data)
		_, _ = Peek(data)
		if err != nil {
			if fault.ClassOf(err) != fault.Permanent {
				t.Fatalf("%v is %q", err, fault.ClassOf(err))
			}
			return
		}
		if text, _ := decode(data); !readableByGo(text) {
			t.Fatalf("encoding/xml refuses what Parse took: %q", data)
		}
		_, _ = Write(doc.Invoice, doc.Header)
	})
}

// readableByGo asks encoding/xml. Names beyond ASCII are left out: we are more tolerant there.
func readableByGo(text []byte) bool {
	if bytes.ContainsFunc(text, func(r rune) bool { return r > unicode.MaxASCII }) {
		return true
	}
	d := xml.NewDecoder(bytes.NewReader(text))
	d.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil }
	for {
		if _, err := d.RawToken(); err != nil {
			return errors.Is(err, io.EOF)
		}
	}
}

// FuzzWriteParse: any text in an invoice is written so that it reads as the same, cleaned.
func FuzzWriteParse(f *testing.F) {
	f.Add("Ürün", "not", "ref", int64(12345), int32(-2))
	f.Add("]]>", "&amp;<!--", "\x00\r\n", int64(-1), int32(-9))
	f.Add("\xff", "😀", "a\tb", int64(0), int32(0))
	f.Fuzz(func(t *testing.T, name, note, ref string, digits int64, exponent int32) {
		inv := build("TICARIFATURA", "SATIS", []item{{}})
		inv.Lines[0].Name = clean("x" + name)
		inv.Lines[0].UnitPrice = decimalOf(digits, exponent)
		inv.Notes = []string{note}
		inv.Order = &invoice.Reference{Number: clean(ref)}
		data, err := Write(inv, Header{ETTN: fixtureETTN, LocalReference: ref})
		if err != nil {
			if fault.ClassOf(err) != fault.Permanent || strings.Contains(err.Error(), "line") {
				t.Fatal(err)
			}
			return
		}
		checkRoundTrip(t, data, inv, Header{ETTN: fixtureETTN, LocalReference: ref})
	})
}

// decimalOf keeps what is fuzzed among the numbers that prices can be.
func decimalOf(digits int64, exponent int32) decimal.Decimal {
	return decimal.New(digits, -(exponent&0x7fffffff)%12)
}
