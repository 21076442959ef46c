package systemd_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// threshold is the most exposure that the unit may have by systemd's own reckoning, times ten (facts: reliability,
// section 3.9; a plain unit has 9.5). An address list of one's own takes another 0.2 off.
const threshold = "15"

// analyze runs systemd-analyze, or says plainly that it is not there.
func analyze(t *testing.T, args ...string) string {
	t.Helper()
	program, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("not run: systemd-analyze is not on PATH")
	}
	out, err := exec.CommandContext(t.Context(), program, args...).CombinedOutput()
	if err != nil {
		t.Errorf("systemd-analyze %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// TestUnitIsRight has systemd read the unit, with a program in place of the daemon that is on this machine. Any remark is
// a failure: what systemd does not understand it ignores.
func TestUnitIsRight(t *testing.T) {
	t.Parallel()
	unit, err := os.ReadFile("faturad.service")
	if err != nil {
		t.Fatal(err)
	}
	here := filepath.Join(t.TempDir(), "faturad.service")
	here, err = filepath.EvalSymlinks(filepath.Dir(here))
	if err != nil {
		t.Fatal(err)
	}
	here = filepath.Join(here, "faturad.service")
	if err := os.WriteFile(here, []byte(strings.ReplaceAll(string(unit), "/usr/bin/faturad", "/bin/true")), 0o600); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(analyze(t, "verify", "--man=no", here)) {
		if strings.Contains(line, "faturad.service") {
			t.Error(strings.TrimSpace(line))
		}
	}
}

func TestUnitIsHardened(t *testing.T) {
	t.Parallel()
	out := analyze(t, "security", "--offline=yes", "--no-pager", "--threshold="+threshold, "faturad.service")
	if level := regexp.MustCompile(`Overall exposure level.*`).FindString(out); level != "" {
		t.Log(level)
	}
}

// TestMemoryLimitFits: Go is told a limit in megabytes below the one at which the kernel ends the daemon, with room for what it
// does not count, and not so low that it collects for nothing.
func TestMemoryLimitFits(t *testing.T) {
	t.Parallel()
	unit, err := os.ReadFile("faturad.service")
	if err != nil {
		t.Fatal(err)
	}
	megabytes := func(line string) int {
		found := regexp.MustCompile(`(?m)^`+line+`$`).FindAllStringSubmatch(string(unit), -1)
		if len(found) != 1 {
			t.Fatalf("the unit has %d lines like %s, want one", len(found), line)
		}
		n, err := strconv.Atoi(found[0][1])
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	limit, soft := megabytes(`MemoryMax=(\d+)M`), megabytes(`Environment=GOMEMLIMIT=(\d+)MiB`)
	if 10*soft < 8*limit || 10*soft > 9*limit {
		t.Errorf("GOMEMLIMIT is %d MiB of the unit's %d: want 80 to 90 %%", soft, limit)
	}
}

// TestCredentialsOfTheExample: the unit gives what the example config asks for, and a default that the daemon knows.
func TestCredentialsOfTheExample(t *testing.T) {
	t.Parallel()
	unit, err := os.ReadFile("faturad.service")
	if err != nil {
		t.Fatal(err)
	}
	example, err := os.ReadFile("../config.example.toml")
	if err != nil {
		t.Fatal(err)
	}
	asked := 0
	for line := range strings.Lines(string(example)) {
		m := regexp.MustCompile(`= \{ credential = "([^"]+)" \}`).FindStringSubmatch(line)
		if m == nil || strings.HasPrefix(strings.TrimSpace(line), "#") {
			continue
		}
		asked++
		for _, want := range []string{"LoadCredential=" + m[1] + ":/etc/faturad/credentials/" + m[1] + "\n", "SetCredential=" + m[1] + ":-\n"} {
			if !strings.Contains(string(unit), want) {
				t.Errorf("the unit lacks %s", want)
			}
		}
	}
	if asked == 0 {
		t.Error("the example asks for no credential")
	}
}

// TestPackageFiles: the recipe packs files that are there (the binary aside), and its scripts are good shell.
func TestPackageFiles(t *testing.T) {
	t.Parallel()
	recipe, err := os.ReadFile("nfpm.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`(?m)(?:src|postinstall|preremove): \./(\S+)`).FindAllStringSubmatch(string(recipe), -1) {
		if m[1] == "bin/faturad" {
			continue
		}
		if _, err := os.Stat(filepath.Join("..", m[1])); err != nil {
			t.Error(err)
		}
		if strings.HasSuffix(m[1], ".sh") {
			if out, err := exec.CommandContext(t.Context(), "sh", "-n", filepath.Join("..", m[1])).CombinedOutput(); err != nil {
				t.Errorf("%s: %v\n%s", m[1], err, out)
			}
		}
	}
}
