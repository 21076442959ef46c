package systemd_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// The image of a machine with systemd, made by internal/dbtest/images/build.sh systemd.
const (
	envMachine     = "FATURAD_TEST_SYSTEMD_IMAGE"
	defaultMachine = "faturad-test/systemd:bookworm"
)

// machine is a Debian whose process 1 is systemd, in a container that shares this machine's network.
type machine struct {
	t    *testing.T
	name string
}

// machineImage finds the image, or says why the test cannot run. FATURAD_TEST_SYSTEMD_IMAGE=none leaves it out; any other value
// insists on it.
func machineImage(t *testing.T) string {
	t.Helper()
	image, insist := os.LookupEnv(envMachine)
	switch image {
	case "none":
		t.Skipf("NOT RUN: %s=none", envMachine)
	case "":
		image, insist = defaultMachine, false
	}
	refuse := func(why string) {
		t.Helper()
		if insist {
			t.Fatalf("%s=%s: %s", envMachine, image, why)
		}
		t.Skipf("NOT RUN: the unit was not started by a real systemd: %s. As root: internal/dbtest/images/build.sh systemd", why)
	}
	if _, err := exec.LookPath("docker"); err != nil {
		refuse("there is no docker command")
	}
	if _, err := exec.LookPath("make"); err != nil {
		refuse("there is no make for the package")
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if out, err := exec.CommandContext(ctx, "docker", "image", "inspect", "-f", "{{.Id}}", image).CombinedOutput(); err != nil {
		refuse("the engine does not answer or has no such image: " + strings.TrimSpace(string(out)))
	}
	return image
}

// boot starts the machine with some files put in place first (path in the machine, content).
func boot(t *testing.T, image string, files map[string]string) *machine {
	t.Helper()
	m := &machine{t: t, name: fmt.Sprintf("faturad-systemd-%d-%d", os.Getpid(), time.Now().UnixNano())}
	// What systemd needs to mount and to write user namespaces, as on a machine of its own; --privileged is more than engines
	// inside containers allow.
	m.docker(nil, "create", "--name", m.name, "--hostname", "muhasebe", "--network", "host",
		"--cap-add", "SYS_ADMIN", "--cap-add", "SYS_PTRACE", "--security-opt", "seccomp=unconfined", "--security-opt", "apparmor=unconfined",
		"--cgroupns", "host", "-v", "/sys/fs/cgroup:/sys/fs/cgroup", "--tmpfs", "/run", "--tmpfs", "/tmp", image)
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the machine's journal ends with:\n%s", m.try("journalctl -u faturad -n 40 --no-pager -o cat; systemctl --failed --no-pager"))
		}
		if out, err := exec.Command("docker", "rm", "-f", "-v", m.name).CombinedOutput(); err != nil {
			t.Errorf("removing the machine: %v\n%s", err, out)
		}
	})
	for path, content := range files {
		m.put(path, content)
	}
	m.docker(nil, "start", m.name)
	m.until(time.Minute, "systemctl is-system-running --wait", "running")
	m.sh("mount --make-rshared /") // process 1 of a real machine does that itself, of a container not; credentials are mounted so
	return m
}

// docker runs one docker command and wants it to succeed.
func (m *machine) docker(in []byte, args ...string) string {
	m.t.Helper()
	ctx, cancel := context.WithTimeout(m.t.Context(), 3*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "docker", args...)
	cmd.Stdin = bytes.NewReader(in)
	var out, errOut bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errOut
	if err := cmd.Run(); err != nil {
		m.t.Fatalf("docker %s: %v\n%s%s", strings.Join(args, " "), err, out.String(), errOut.String())
	}
	return strings.TrimSpace(out.String())
}

// put writes a file into the machine, which need not run yet.
func (m *machine) put(path, content string) {
	m.t.Helper()
	local := m.t.TempDir() + "/file"
	if err := os.WriteFile(local, []byte(content), 0o644); err != nil {
		m.t.Fatal(err)
	}
	m.docker(nil, "cp", local, m.name+":"+path)
}

// sh runs a script as root and wants it to succeed; it gives what was printed on stdout.
func (m *machine) sh(script string) string {
	m.t.Helper()
	return m.docker([]byte(script), "exec", "-i", "-e", "LC_ALL=C.UTF-8", m.name, "bash", "-euo", "pipefail", "-s")
}

// try runs a script whose success is not certain, and gives all that it printed.
func (m *machine) try(script string) string {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "docker", "exec", "-i", "-e", "LC_ALL=C.UTF-8", m.name, "bash", "-s")
	cmd.Stdin = strings.NewReader(script)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return strings.TrimSpace(string(out)) + "\n" + err.Error()
	}
	return strings.TrimSpace(string(out))
}

// until repeats a script until it prints what is wanted.
func (m *machine) until(limit time.Duration, script, want string) {
	m.t.Helper()
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	end := time.After(limit)
	for {
		got := m.try(script)
		if strings.Contains(got, want) {
			return
		}
		select {
		case <-tick.C:
		case <-end:
			m.t.Fatalf("within %s, %q did not print %q, but\n%s", limit, script, want, got)
		}
	}
}

// property asks systemd about the daemon.
func (m *machine) property(name string) string {
	m.t.Helper()
	return m.sh("systemctl show faturad --value -p " + name)
}
