package turkcell

import "testing"

// TestReasonWords: nobody established what invoicereason answers, so every likely form is read.
func TestReasonWords(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		``: "", `null`: "", `""`: "", `{}`: "", `{"Error":{}}`: "",
		`"Fiyat farkı"`:           "Fiyat farkı",
		`Fiyat farkı`:             "Fiyat farkı",
		`{"reason":"Fiyat"}`:      "Fiyat",
		`{"Reason":" iki  söz "}`: "iki söz",
		`{"GTB_REFNO":"123","GTB_GCB_TESCILNO":"26EX","GTB_FIILI_IHRACAT_TARIHI":"2026-11-02"}`: "GTB_FIILI_IHRACAT_TARIHI: 2026-11-02; GTB_GCB_TESCILNO: 26EX; GTB_REFNO: 123",
		`["bir","iki"]`: "bir; iki",
	} {
		if got, err := reasonWords([]byte(body)); err != nil || got != want {
			t.Errorf("%s: %q, %v, want %q", body, got, err, want)
		}
	}
	for _, body := range []string{`{"a"`, `<html>`, `[1`} {
		if got, err := reasonWords([]byte(body)); err == nil {
			t.Errorf("%s was read as %q", body, got)
		}
	}
}
