package erp

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"faturad/internal/invoice"
)

func TestParseReferences(t *testing.T) {
	t.Parallel()
	first, second := invoice.Date{Year: 2026, Month: 9, Day: 1}, invoice.Date{Year: 2026, Month: 9, Day: 12}
	for in, want := range map[string][]invoice.Reference{
		"":                            nil,
		" , ;\n":                      nil,
		"ABC2026000000001 2026-09-01": {{Number: "ABC2026000000001", Date: first}},
		"ABC2026000000001 2026-09-01,ABC2026000000002 12.09.2026": {{Number: "ABC2026000000001", Date: first}, {Number: "ABC2026000000002", Date: second}},
		"SIP 12 2026-09-01 00:00:00; SIP 13 2026-09-12\r\nSIP-14": {{Number: "SIP 12", Date: first}, {Number: "SIP 13", Date: second}, {Number: "SIP-14"}},
	} {
		got, err := parseReferences(in)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%q: %v\n%s", in, err, diff)
		}
	}
	for _, in := range []string{"SIP 12", "SIP-12 2026-13-01", "SIP-12 dün"} {
		if got, err := parseReferences(in); err == nil {
			t.Errorf("%q was read as %v", in, got)
		}
	}
}

// FuzzParseReferences: whatever stands in the column, a list is read whole or not at all, and no document is without a number.
func FuzzParseReferences(f *testing.F) {
	for _, s := range []string{"", "ABC2026000000001 2026-09-01,ABC2026000000002 12.09.2026", "SIP 12 2026-09-01 00:00:00; SIP 13", "a\x00b 0001-01-01", ",,,;\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		refs, err := parseReferences(s)
		for _, r := range refs {
			if err != nil || r.Number == "" {
				t.Fatalf("%q: %v %v", s, refs, err)
			}
		}
	})
}
