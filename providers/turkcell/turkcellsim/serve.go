package turkcellsim

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

// ListenAndServe runs a simulator on addr until ctx ends, and prints its URL, key and doors to out. Calls that a fault
// keeps waiting are cut when ctx ends. The error says why it could not listen.
func ListenAndServe(ctx context.Context, addr string, o Options, out io.Writer) error {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err != nil {
		return fmt.Errorf("the simulator cannot listen on %s: %w", addr, err)
	}
	s := New(o)
	fmt.Fprintf(out, "Turkcell e-Şirket simulator\n  base_url  http://%s\n  api_key   %s\n  or        username %s, password %s\n  doors     http://%s/_sim/  (loopback only, no key)\n",
		listener.Addr(), s.key, s.o.Username, s.o.Password, listener.Addr())
	return s.Serve(ctx, listener)
}

// Serve answers on listener until ctx ends, and closes it.
func (s *Simulator) Serve(ctx context.Context, listener net.Listener) error {
	server := &http.Server{
		Handler: s, ReadHeaderTimeout: 30 * time.Second,
		BaseContext: func(net.Listener) context.Context { return ctx },
	}
	stop := context.AfterFunc(ctx, func() { _ = server.Close() }) // Serve tells that it is closed
	defer stop()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("the simulator stopped: %w", err)
	}
	return nil
}
