package erp

import "testing"

// TestPresetsAreSound: every shipped preset parses strictly and has no contradiction once an id and a start are given.
func TestPresetsAreSound(t *testing.T) {
	t.Parallel()
	infos := Presets()
	if len(infos) != 3 {
		t.Fatalf("presets = %v, want dolibarr, dolibarr5 and reference", infos)
	}
	for _, info := range infos {
		cfg := preset(t, info.Name)
		if info.Title == "" {
			t.Errorf("%s has no title", info.Name)
		}
		for _, p := range cfg.Check() {
			t.Errorf("%s: %s", info.Name, p)
		}
	}
}
