package turkcellsim

import (
	"archive/zip"
	"bufio"
	"compress/flate"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"
)

// taxpayerZip streams the list of e-invoice taxpayers (facts section 7): one entry, UTF-8 with BOM, PascalCase. Nothing is
// held in memory, however long the list is.
func (s *Simulator) taxpayerZip(*call) reply {
	return reply{status: http.StatusOK, kind: "application/zip", stream: s.writeTaxpayers}
}

func (s *Simulator) writeTaxpayers(out io.Writer) error {
	z := zip.NewWriter(out)
	z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestSpeed) })
	entry, err := z.Create("gibusers_invoice_receipt_list.json")
	if err != nil {
		return fmt.Errorf("starting the taxpayer zip: %w", err)
	}
	w := bufio.NewWriterSize(entry, 64<<10)
	separator := "\xef\xbb\xbf["
	var row []byte
	err = s.registry.each(func(t Taxpayer) error {
		row = appendTaxpayer(append(row[:0], separator...), t)
		separator = ",\n"
		_, err := w.Write(row)
		return err
	})
	if err != nil {
		return fmt.Errorf("writing the taxpayer zip: %w", err)
	}
	if separator != ",\n" {
		_, _ = w.WriteString(separator) // bufio keeps the error for Flush
	}
	_, _ = w.WriteString("]")
	if err := w.Flush(); err != nil {
		return fmt.Errorf("writing the taxpayer zip: %w", err)
	}
	return z.Close()
}

func appendTaxpayer(b []byte, t Taxpayer) []byte {
	since := t.Since
	if since.IsZero() {
		since = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	app, alias, user, deletion := 1, 1, 1, "null"
	if t.Despatch {
		app = 3
	}
	if t.Sender {
		alias = 2
	}
	if t.Public {
		user = 2
	}
	if t.Inactive {
		deletion = `"` + localTime(since.AddDate(1, 0, 0)) + `"`
	}
	b = append(b, `{"Identifier":"`...)
	b = append(b, t.TaxNo...)
	b = append(b, `","Title":`...)
	b = appendText(b, t.Title)
	b = append(b, `,"Alias":`...)
	b = appendText(b, t.Alias)
	b = append(b, `,"AppType":`...)
	b = strconv.AppendInt(b, int64(app), 10)
	b = append(b, `,"GibAliasType":`...)
	b = strconv.AppendInt(b, int64(alias), 10)
	b = append(b, `,"GibUserType":`...)
	b = strconv.AppendInt(b, int64(user), 10)
	b = append(b, `,"FirstCreationTime":"`...)
	b = since.AppendFormat(b, "2006-01-02T15:04:05")
	b = append(b, `","AliasCreationTime":"`...)
	b = since.AppendFormat(b, "2006-01-02T15:04:05")
	b = append(b, `","IsActive":`...)
	b = strconv.AppendBool(b, !t.Inactive)
	b = append(b, `,"DeletionTime":`...)
	b = append(b, deletion...)
	return append(b, '}')
}

// appendText quotes text for JSON without escaping Turkish letters.
func appendText(b []byte, s string) []byte {
	b = append(b, '"')
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c < 0x20:
			b = fmt.Appendf(b, `\u%04x`, c)
		default:
			b = append(b, c)
		}
	}
	return append(b, '"')
}
