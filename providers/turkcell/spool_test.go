package turkcell

import "testing"

func TestSpoolDir(t *testing.T) {
	t.Parallel()
	for _, c := range [][3]string{{"", "", ""}, {"", "/cache/faturad", "/cache/faturad"}, {"", "/cache/a:/cache/b", "/cache/a"}, {"/mine", "/cache/a", "/mine"}} {
		if got := spoolDir(c[0], c[1]); got != c[2] {
			t.Errorf("spoolDir(%q, %q) = %q, want %q", c[0], c[1], got, c[2])
		}
	}
}
