package dbtest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// How one server serves all test processes of a run, and ends with the last of them:
//
// A folder in the temporary directory holds two lock files. Who holds "state" may start, join or end the server. Every
// process that uses the server holds "refs" shared until it dies; the kernel releases it even after SIGKILL. The watcher
// (watch.sh) waits until it can have "refs" alone, waits a little longer for the next package's process, takes "state", and
// ends the server. The server dies with its watcher (parent-death signal).

// grace is how long an unused server waits for the next process; `go test ./...` may compile for a while between two.
const grace = 20 * time.Second

// share joins the server of this user's test processes, or starts it.
func share(ctx context.Context) (*server, error) {
	if _, err := exec.LookPath("flock"); err != nil {
		srv, _, err := startOwn(ctx, false) // no flock(1), e.g. on macOS: one server for each process, ended by its pipe
		return srv, err
	}
	dir, err := sharedFolder()
	if err != nil {
		return nil, err
	}
	state, err := lock(ctx, filepath.Join(dir, "state"), syscall.LOCK_EX)
	if err != nil {
		return nil, err
	}
	defer state.Close() //nolint:errcheck // closing releases the lock; nothing was written
	srv, err := join(ctx, dir)
	if err != nil {
		return nil, err
	}
	if srv == nil {
		if srv, err = startShared(ctx, dir); err != nil {
			return nil, err
		}
	}
	refs, err := lock(ctx, filepath.Join(dir, "refs"), syscall.LOCK_SH)
	if err != nil {
		return nil, err
	}
	srv.refs = refs
	return srv, nil
}

// join reads the running server's description; nil when there is none or it does not answer.
func join(ctx context.Context, dir string) (*server, error) {
	data, err := os.ReadFile(filepath.Join(dir, "server.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the shared server's description: %w", err)
	}
	srv := &server{}
	usable := json.Unmarshal(data, srv) == nil && srv.ping(ctx) == nil
	if !usable {
		return nil, nil // half written or dead: a new one is started, and the old watcher cleans up its own folder only
	}
	return srv, nil
}

// startShared starts a server with a watcher that outlives this process, and describes it for the others.
func startShared(ctx context.Context, dir string) (*server, error) {
	srv, _, err := start(ctx, dir, []string{"shared", dir, strconv.Itoa(int(grace / time.Second))}, false)
	if err != nil || srv.Lonely {
		return srv, err
	}
	data, err := json.Marshal(srv)
	if err != nil {
		return nil, fmt.Errorf("describing the server: %w", err)
	}
	if err := os.WriteFile(filepath.Join(srv.run, "server.json"), data, 0o600); err != nil {
		return nil, fmt.Errorf("describing the server: %w", err)
	}
	// A link into the run folder: it dangles by itself when the watcher removes that folder.
	link := filepath.Join(dir, "server.json")
	if err := os.Remove(link); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("replacing the old description: %w", err)
	}
	if err := os.Symlink(filepath.Join(srv.run, "server.json"), link); err != nil {
		return nil, fmt.Errorf("describing the server: %w", err)
	}
	return srv, nil
}

// startOwn starts a server that ends with stop, or with this process.
func startOwn(ctx context.Context, durable bool) (*server, func() error, error) {
	return start(ctx, "", []string{"own"}, durable)
}

// sharedFolder is this user's folder for servers of the chosen kind; nobody else may write there.
func sharedFolder() (string, error) {
	kind := sha256.Sum256([]byte(os.Getenv(envImage)))
	dir := filepath.Join(os.TempDir(), fmt.Sprintf("faturad-dbtest-%d-%s", os.Getuid(), hex.EncodeToString(kind[:4])))
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", fmt.Errorf("making the shared folder: %w", err)
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return "", fmt.Errorf("reading the shared folder: %w", err)
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	if !info.IsDir() || !ok || int(owner.Uid) != os.Getuid() || info.Mode().Perm() != 0o700 {
		return "", fmt.Errorf("%s is not a folder of this user alone: remove it", dir)
	}
	return dir, nil
}

// lock opens a file and takes a lock on it, waiting as long as ctx allows. Closing the file releases it.
func lock(ctx context.Context, path string, how int) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening the lock %s: %w", path, err)
	}
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		err := syscall.Flock(int(f.Fd()), how|syscall.LOCK_NB)
		if err == nil {
			return f, nil
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) && !errors.Is(err, syscall.EINTR) {
			return nil, errors.Join(fmt.Errorf("locking %s: %w", path, err), f.Close())
		}
		select {
		case <-ctx.Done():
			return nil, errors.Join(fmt.Errorf("waiting for %s, which another test process holds: %w", path, ctx.Err()), f.Close())
		case <-tick.C:
		}
	}
}
