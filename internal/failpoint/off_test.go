//go:build !failpoint

package failpoint_test

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"faturad/internal/failpoint"
)

func TestDoesNothingWhateverTheEnvironmentSays(t *testing.T) {
	t.Setenv("FATURAD_FAILPOINT", "here:1")
	failpoint.Hit("here")
	if ctx := t.Context(); failpoint.Trace(ctx) != ctx {
		t.Error("Trace changed the context")
	}
	if failpoint.Enabled {
		t.Error("this build says that it can act")
	}
}

// The shipped binary has nothing of it: no symbol, and no name of its environment.
func TestShippedBinaryHasNoFailpoints(t *testing.T) {
	t.Parallel()
	binary := filepath.Join(t.TempDir(), "faturad")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, "faturad/cmd/faturad").CombinedOutput(); err != nil {
		t.Fatalf("building faturad: %v\n%s", err, out)
	}
	symbols, err := exec.CommandContext(t.Context(), "go", "tool", "nm", binary).Output()
	if err != nil {
		t.Fatalf("go tool nm: %v", err)
	}
	if !strings.Contains(string(symbols), "faturad/sync/outbound") {
		t.Fatal("go tool nm shows nothing of faturad: this test could not fail")
	}
	for line := range strings.Lines(string(symbols)) {
		if strings.Contains(line, "faturad/internal/failpoint") {
			t.Errorf("the binary contains %s", line)
		}
	}
	if err := exec.CommandContext(t.Context(), "grep", "-q", "FATURAD_FAILPOINT", binary).Run(); err == nil {
		t.Error("the binary knows FATURAD_FAILPOINT")
	}
}
