package erp

import (
	"fmt"
	"strings"
	"time"

	"faturad/internal/invoice"
)

// parseReferences reads a list of documents: "number date" items between commas, semicolons or line breaks, as SQL joins them
// with GROUP_CONCAT(CONCAT(no, ' ', DATE(date))). The date may be left out; a time after it is ignored.
func parseReferences(s string) ([]invoice.Reference, error) {
	var out []invoice.Reference
	for item := range strings.FieldsFuncSeq(s, func(r rune) bool { return r == ',' || r == ';' || r == '\n' || r == '\r' }) {
		words := strings.Fields(item)
		if len(words) == 0 {
			continue
		}
		if n := len(words); n > 2 && isClock(words[n-1]) {
			words = words[:n-1]
		}
		if len(words) == 1 {
			out = append(out, invoice.Reference{Number: words[0]})
			continue
		}
		last := words[len(words)-1]
		date, err := time.Parse(time.DateOnly, last)
		if err != nil {
			date, err = time.Parse("02.01.2006", last)
		}
		if err != nil {
			return nil, fmt.Errorf("%q of %q is not a date like 2026-09-01", last, strings.TrimSpace(item))
		}
		out = append(out, invoice.Reference{Number: strings.Join(words[:len(words)-1], " "), Date: invoice.DateOf(date)})
	}
	return out, nil
}

func isClock(s string) bool {
	_, err := time.Parse(time.TimeOnly, s)
	return err == nil
}
