package turkcell

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"faturad/internal/fault"
	"faturad/providers"
	"faturad/providers/redact"
)

// codeRow is a row of any static list (facts 2.5, nr 36 to 41): each list fills other fields.
type codeRow struct {
	Code        text  `json:"code"`
	Value       text  `json:"value"` // the code of withholding and exemption lists
	Name        text  `json:"name"`
	Description text  `json:"description"`
	Rate        text  `json:"rate"`
	City        text  `json:"cityName"`
	Related     text  `json:"relatedType"`
	Enabled     yesNo `json:"isEnabled"`
}

// text is a string that may come as a number or null.
type text string

// UnmarshalJSON reads "601", 601 and null.
func (t *text) UnmarshalJSON(data []byte) error {
	s := strings.TrimSpace(string(data))
	if unquoted, err := strconv.Unquote(s); err == nil {
		s = unquoted
	}
	if s == "null" {
		s = ""
	}
	*t = text(redact.Line(strings.TrimSpace(s), 500))
	return nil
}

// codePaths are where the lists are, and what of a row is code, name and detail.
var codePaths = map[providers.CodeList]struct {
	path string
	read func(codeRow) providers.Code
}{
	providers.CodesUnit: {"unit", func(r codeRow) providers.Code {
		return providers.Code{Code: string(r.Code), Name: string(r.Description)}
	}},
	// Countries have no code here; their Turkish name stands for it.
	providers.CodesCountry: {"country", func(r codeRow) providers.Code {
		return providers.Code{Code: string(r.Name), Name: string(r.Name)}
	}},
	providers.CodesTaxOffice: {"taxoffice", func(r codeRow) providers.Code {
		return providers.Code{Code: string(r.Code), Name: string(r.Name), Detail: string(r.City)}
	}},
	providers.CodesTax: {"taxtypecode", func(r codeRow) providers.Code {
		return providers.Code{Code: string(r.Code), Name: string(r.Description), Detail: string(r.Name)}
	}},
	providers.CodesWithholding: {"withholding", func(r codeRow) providers.Code {
		return providers.Code{Code: string(r.Value), Name: string(r.Description), Detail: string(r.Rate)}
	}},
	providers.CodesExemption: {"taxexemptionreason", func(r codeRow) providers.Code {
		return providers.Code{Code: string(r.Value), Name: string(r.Description), Detail: string(r.Related)}
	}},
}

// Codes fetches one static list whole. Rows that are switched off or have no code are left out; rows with the same code (the
// percents of a withholding) become one.
func (p *Provider) Codes(ctx context.Context, list providers.CodeList) ([]providers.Code, error) {
	at, known := codePaths[list]
	if !known {
		return nil, &fault.Error{Class: fault.Permanent, Doing: "reading a code list of turkcell", Err: fmt.Errorf("there is no list %q", list)}
	}
	r := request{doing: fmt.Sprintf("reading turkcell's list %q of codes", list), use: useList, product: "kod listesi",
		method: http.MethodGet, path: "/v1/staticlist/" + at.path, accept: "application/json", limit: maxList}
	a, err := p.client.read(ctx, r)
	if err != nil {
		return nil, err
	}
	if class := classOf(r.use, a.status); class != "" {
		return nil, p.client.refused(r, a, "")
	}
	var rows []codeRow
	if err := decode(a, &rows); err != nil {
		return nil, p.client.unread(r, a, "the list is unreadable: %w", err)
	}
	var out []providers.Code
	place := map[string]int{}
	for _, row := range rows {
		c := at.read(row)
		if c.Code == "" || row.Enabled.given && !row.Enabled.value {
			continue
		}
		i, seen := place[c.Code]
		if !seen {
			place[c.Code] = len(out)
			out = append(out, c)
			continue
		}
		if details := strings.Split(out[i].Detail, ","); c.Detail != "" && !slices.Contains(details, c.Detail) {
			out[i].Detail = strings.Join(append(details, c.Detail), ",")
		}
	}
	if len(out) == 0 {
		return nil, p.client.unread(r, a, "the list is empty")
	}
	return out, nil
}
