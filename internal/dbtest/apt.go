package dbtest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
)

// installServer installs the server's programs with apt, once, whoever comes first. The core packages bring no service that would
// start: nothing on the machine changes but that the programs are there.
func installServer(ctx context.Context) error {
	if os.Getuid() != 0 {
		return fmt.Errorf("not root, so nothing was installed")
	}
	apt, err := exec.LookPath("apt-get")
	if err != nil {
		return fmt.Errorf("no apt-get here: %w", err)
	}
	guard, err := lock(ctx, filepath.Join(os.TempDir(), "faturad-dbtest-apt.lock"), syscall.LOCK_EX)
	if err != nil {
		return err
	}
	defer guard.Close() //nolint:errcheck // closing releases the lock; nothing was written
	if b, err := findServer(); err == nil && b != nil {
		return nil // somebody else was quicker
	}
	fmt.Fprintln(os.Stderr, "dbtest: no database server found; installing mariadb-server-core and mariadb-client-core with apt-get (once)")
	for _, args := range [][]string{
		{"update", "-q"},
		{"install", "-y", "-q", "--no-install-recommends", "mariadb-server-core", "mariadb-client-core"},
	} {
		cmd := exec.CommandContext(ctx, apt, args...)
		cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("apt-get %s: %w\n%s", args[0], err, out)
		}
	}
	return nil
}
