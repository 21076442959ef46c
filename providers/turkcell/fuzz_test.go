package turkcell

import (
	"archive/zip"
	"bytes"
	"net/http"
	"testing"

	"faturad/internal/fault"
	"faturad/providers"
)

// zipped is a zip with one file.
func zipped(f *testing.F, name, content string) []byte {
	f.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	file, err := w.Create(name)
	if err != nil {
		f.Fatal(err)
	}
	if _, err := file.Write([]byte(content)); err != nil {
		f.Fatal(err)
	}
	if err := w.Close(); err != nil {
		f.Fatal(err)
	}
	return b.Bytes()
}

const fuzzLimit = 1 << 20

// FuzzTaxpayerZip: whatever the provider sends for its list, reading it ends, stays within its limits, and hands out mailboxes
// with a tax number only; a broken list is an error with a class.
func FuzzTaxpayerZip(f *testing.F) {
	row := `{"Identifier":"1234567801","Title":"Örnek A.Ş.","Alias":"urn:mail:pk@ornek.example","AppType":1,"GibAliasType":"1","IsActive":true,"AliasCreationTime":"2020-01-01T00:00:00"}`
	f.Add(zipped(f, taxpayerEntry, "["+row+","+row+"]"))
	f.Add(zipped(f, "../../x.JSON", "\xEF\xBB\xBF["+row+"]"))
	f.Add(zipped(f, taxpayerEntry, "["+row))
	f.Add(zipped(f, "list.txt", "[]"))
	f.Add([]byte("PK\x05\x06"))
	f.Fuzz(func(t *testing.T, data []byte) {
		entry, err := openEntry(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			return
		}
		defer entry.Close() // nothing is written
		err = readTaxpayers(t.Context(), entry, fuzzLimit, false, func(p providers.Taxpayer) error {
			if len(p.TaxNo) != 10 && len(p.TaxNo) != 11 || p.Alias == "" {
				t.Fatalf("%+v is no mailbox", p)
			}
			return nil
		})
		if err != nil && fault.ClassOf(err) == "" {
			t.Fatalf("no class: %v", err)
		}
	})
}

// FuzzTaxpayerRows is the same behind the zip, where most of the code is.
func FuzzTaxpayerRows(f *testing.F) {
	f.Add([]byte(`[{"Identifier":"1234567801","Alias":"urn:mail:pk@x.example"}]`))
	f.Add([]byte(`[{"identifier":1234567801,"ALIAS":null,"GibUserType":"x"}]`))
	f.Add([]byte(`[[[[`))
	f.Fuzz(func(t *testing.T, data []byte) {
		err := readTaxpayers(t.Context(), bytes.NewReader(data), fuzzLimit, true, func(providers.Taxpayer) error { return nil })
		if err != nil && fault.ClassOf(err) == "" {
			t.Fatalf("no class: %v", err)
		}
	})
}

// FuzzAnswers: lists, statuses and problem bodies of any content are read or refused, never followed into a panic.
func FuzzAnswers(f *testing.F) {
	for _, s := range []string{`{"items":[{"id":"7f0b8f0e-5a39-4a7c-9b1d-0a4a6f6f3c11","payableAmount":"1.5","status":"Onaylandı : 60","isNew":1}],"totalCount":1}`,
		`{"status":60,"envelopeStatus":1300}`, `{"model.AddressBook":["Lütfen"]}`, "\xff\xfe{\x00}\x00", `[]`, `null`, "<html>", `{"payableAmount":1e99999}`} {
		f.Add("application/json", []byte(s))
		f.Add("text/html; charset=iso-8859-9", []byte(s))
	}
	f.Fuzz(func(t *testing.T, contentType string, body []byte) {
		a := answer{status: http.StatusOK, header: http.Header{"Content-Type": {contentType}}, body: body}
		var list page
		if decode(a, &list) == nil {
			for _, raw := range list.Items {
				_, _ = readItem(raw)
			}
		}
		var said statusAnswer
		_ = decode(a, &said)
		_ = parseProblem(contentType, body).text()
	})
}
