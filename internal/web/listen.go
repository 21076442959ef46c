package web

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"strings"
)

// socketMode lets the daemon's user and group talk to the admin socket, and nobody else.
const socketMode = 0o660

// listen opens a TCP address, or a unix socket when the address says "unix:/path".
func listen(ctx context.Context, address string) (net.Listener, error) {
	path, unix := strings.CutPrefix(address, "unix:")
	if !unix {
		listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
		if err != nil {
			return nil, fmt.Errorf("listening on %s: %w", address, err)
		}
		return listener, nil
	}
	if err := clearSocket(ctx, path); err != nil {
		return nil, err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "unix", path)
	if err != nil {
		return nil, fmt.Errorf("listening on %s: %w", address, err)
	}
	if err := os.Chmod(path, socketMode); err != nil {
		return nil, errors.Join(fmt.Errorf("closing %s to others: %w", path, err), listener.Close())
	}
	return listener, nil
}

// clearSocket removes the socket that a killed run left. It touches nothing else: no other file, and no socket that
// somebody listens on.
func clearSocket(ctx context.Context, path string) error {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("looking for a socket that an earlier run left: %w", err)
	case info.Mode().Type() != fs.ModeSocket:
		return fmt.Errorf("%s exists and is no socket: name another path in [admin] listen", path)
	}
	if conn, err := (&net.Dialer{}).DialContext(ctx, "unix", path); err == nil {
		return errors.Join(fmt.Errorf("somebody listens on %s already: is another faturad running?", path), conn.Close())
	}
	if err := os.Remove(path); err != nil {
		return fmt.Errorf("removing the socket that an earlier run left: %w", err)
	}
	return nil
}
