package dbtest

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

//go:embed watch.sh
var watchScript []byte

// start finds a source in the package's order and starts a server in a new folder below parent (empty: the temporary
// directory). mode is how the watcher works: "own", or "shared" with its arguments. stop ends an own server.
func start(ctx context.Context, parent string, mode []string, durable bool) (*server, func() error, error) {
	image, insist := dockerImage()
	var refusals []error
	if image != "" {
		srv, stop, err := tryDocker(ctx, image, insist, parent, mode, durable)
		if err == nil {
			return srv, stop, nil
		}
		if insist {
			return nil, nil, fmt.Errorf("%s=%s: %w", envImage, image, err)
		}
		refusals = append(refusals, fmt.Errorf("docker: %w", err))
	}
	b, err := findServer()
	if err == nil && b == nil {
		if err = installServer(ctx); err == nil {
			b, err = findServer()
		}
	}
	if err != nil || b == nil {
		refusals = append(refusals, fmt.Errorf("apt: %w", err),
			errors.New("install mariadb-server (or MySQL) so that mariadbd or mysqld is on PATH, or start Docker, or set "+envDSN))
		return nil, nil, errors.Join(refusals...)
	}
	return startProgram(ctx, b, parent, "", mode, durable)
}

// startProgram starts a program of this machine in a new folder below parent, with its data below data unless that is empty.
func startProgram(ctx context.Context, b *binary, parent, data string, mode []string, durable bool) (srv *server, stop func() error, err error) {
	for range 3 { // a port that was free may be taken a moment later
		srv, stop, err = in(parent, func(run string) (*server, func() error, error) { return startPrivate(ctx, b, run, data, mode, durable) })
		if err == nil || !strings.Contains(err.Error(), "already in use") {
			return srv, stop, err
		}
	}
	return nil, nil, err
}

// tryDocker starts a container unless that failed a short time ago and other sources will do.
func tryDocker(ctx context.Context, image string, insist bool, parent string, mode []string, durable bool) (*server, func() error, error) {
	dir, err := sharedFolder()
	if err != nil {
		return nil, nil, err
	}
	file := filepath.Join(dir, "no-docker")
	if why := dockerRefusal(file); why != "" && !insist {
		return nil, nil, errors.New(why)
	}
	srv, stop, err := in(parent, func(run string) (*server, func() error, error) { return startDocker(ctx, image, run, mode, durable) })
	if err != nil {
		return nil, nil, errors.Join(err, os.WriteFile(file, []byte(err.Error()), 0o600))
	}
	return srv, stop, nil
}

// in makes the folder of one server and removes it when the server does not start.
func in(parent string, begin func(run string) (*server, func() error, error)) (*server, func() error, error) {
	run, err := os.MkdirTemp(parent, "faturad-dbtest-run-")
	if err != nil {
		return nil, nil, fmt.Errorf("making the server's folder: %w", err)
	}
	srv, stop, err := begin(run)
	if err != nil {
		return nil, nil, errors.Join(err, os.RemoveAll(run))
	}
	srv.run = run
	return srv, stop, nil
}

// watcher starts watch.sh around a command; stop ends an own watcher and waits for it.
func watcher(run string, mode, command []string) (stop func() error, err error) {
	script := filepath.Join(run, "watch.sh")
	if err := os.WriteFile(script, watchScript, 0o600); err != nil {
		return nil, fmt.Errorf("writing the watcher: %w", err)
	}
	args := append([]string{script, run}, mode...)
	cmd := exec.Command("sh", append(append(args, "--"), command...)...) //nolint:noctx // it outlives every context on purpose
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}                 // Ctrl-C ends the tests, and only then the server
	var pipe io.WriteCloser
	if mode[0] == "own" {
		if pipe, err = cmd.StdinPipe(); err != nil {
			return nil, fmt.Errorf("making the watcher's pipe: %w", err)
		}
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting the watcher: %w", err)
	}
	if pipe == nil {
		// Nobody waits for a shared watcher: it outlives this process, and a goroutine here would look like a leak.
		return nil, cmd.Process.Release()
	}
	return func() error {
		if err := pipe.Close(); err != nil {
			return fmt.Errorf("closing the watcher's pipe: %w", err)
		}
		_ = cmd.Wait() // its exit code says nothing: the folder is gone either way
		return nil
	}, nil
}

// logTail gives the last lines of the server's log for an error message.
func logTail(run string) string {
	data, err := os.ReadFile(filepath.Join(run, "server.log"))
	if err != nil {
		return "no log: " + err.Error()
	}
	lines := strings.Split(strings.TrimSpace(string(data)), "\n")
	return strings.Join(lines[max(0, len(lines)-12):], "\n")
}
