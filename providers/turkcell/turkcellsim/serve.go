package turkcellsim

import (
	"context"
	"fmt"
	"io"
	"net"

	"faturad/providers/simulator"
)

// ListenAndServe runs a simulator on addr until ctx ends, and prints its URL, key and doors to out. Calls that a fault
// keeps waiting are cut when ctx ends. The error says why it could not listen.
func ListenAndServe(ctx context.Context, addr string, o Options, out io.Writer) error {
	listener, err := simulator.Listen(ctx, addr)
	if err != nil {
		return err
	}
	s := New(o)
	fmt.Fprintf(out, "Turkcell e-Şirket simulator\n  base_url  http://%s\n  api_key   %s\n  or        username %s, password %s\n  doors     http://%s/_sim/  (loopback only, no key)\n",
		listener.Addr(), s.key, s.o.Username, s.o.Password, listener.Addr())
	return s.Serve(ctx, listener)
}

// Serve answers on listener until ctx ends, and closes it.
func (s *Simulator) Serve(ctx context.Context, listener net.Listener) error {
	return simulator.Serve(ctx, listener, s)
}
