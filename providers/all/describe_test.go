package all_test

import (
	"testing"
	"time"

	"faturad/providers/all"
)

// A provider without a descriptor, or with half of one, has no documentation.
func TestEveryKindIsDescribed(t *testing.T) {
	t.Parallel()
	for _, kind := range all.Kinds() {
		d, known := all.Describe(kind)
		if !known || d.Kind != kind || d.Title == "" || d.About == "" || len(d.Limits) == 0 || len(d.Links) == 0 || len(d.Credentials) == 0 {
			t.Errorf("%s: the descriptor says too little: %+v", kind, d)
		}
		if _, err := time.Parse(time.DateOnly, d.Checked); err != nil {
			t.Errorf("%s: last checked %q: %v", kind, d.Checked, err)
		}
		environments := map[string]bool{}
		for _, a := range d.Addresses {
			environments[a.Name] = true
		}
		if !environments["live"] {
			t.Errorf("%s: no live address", kind)
		}
		keys := map[string]bool{}
		for _, s := range append(d.Credentials, d.Options...) {
			if keys[s.Key] || s.Meaning == "" {
				t.Errorf("%s: %s is described twice, or with nothing", kind, s.Key)
			}
			keys[s.Key] = true
		}
	}
	if _, known := all.Describe("pigeon"); known {
		t.Error("pigeons are described")
	}
}
