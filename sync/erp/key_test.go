package erp

import (
	"testing"

	"pgregory.net/rapid"
)

func TestKey(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		parts []string
		want  string
	}{
		{[]string{"217"}, "217"},
		{[]string{"10", "6"}, "10-6"},
		{[]string{"ACC-SINV-2026-00017"}, "ACC%2DSINV%2D2026%2D00017"},
		{[]string{"Şube 1", "% 5"}, "Şube 1-%25 5"},
	} {
		if got := Key(c.parts...); got != c.want {
			t.Errorf("Key(%q) = %q, want %q", c.parts, got, c.want)
		}
	}
}

// TestKeyRoundTrip: no two keys share a canonical text, and each is read back as it was.
func TestKeyRoundTrip(t *testing.T) {
	t.Parallel()
	parts := []keyPart{{name: "a", text: true}, {name: "b"}, {name: "c", text: true}}
	rapid.Check(t, func(t *rapid.T) {
		texts := rapid.StringOf(rapid.RuneFrom([]rune("-%25Dş a")))
		a, c := texts.Draw(t, "a"), texts.Draw(t, "c")
		got, err := splitKey(parts, Key(a, "-5", c))
		if err != nil {
			t.Fatal(err)
		}
		if got[0] != a || got[1] != int64(-5) || got[2] != c {
			t.Fatalf("read back %v, want %q -5 %q", got, a, c)
		}
	})
}

func TestSplitKeyRefuses(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"", "1", "1-2-3", "1-x", "1-"} {
		if v, err := splitKey([]keyPart{{name: "a"}, {name: "b"}}, key); err == nil {
			t.Errorf("splitKey(%q) = %v, want an error", key, v)
		}
	}
}
