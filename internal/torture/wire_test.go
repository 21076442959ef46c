package torture

import (
	"net"
	"sync"
	"testing"
)

// direction is that of bytes on a wire.
type direction int

const (
	asked    direction = iota // from faturad
	answered                  // to faturad
)

func (d direction) String() string { return [...]string{"asked", "answered"}[d] }

// wire carries TCP connections to a server and counts their bytes. Armed, it strikes once: when so many more bytes have
// passed in one direction, over all connections together. Afterwards it carries on, healthy.
type wire struct {
	addr   string
	target string

	mu     sync.Mutex
	passed [2]int64
	mode   string // what every connection meets; empty = nothing
	ear    net.Listener
	armed  bool
	struck bool
	way    direction
	left   int64
	then   func() // nil = cut the connection
}

// newWire carries connections to target until the test ends.
func newWire(t testing.TB, target string) *wire {
	t.Helper()
	w, err := newWireAt(t, "127.0.0.1:0", target)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// newWireAt listens at an address of the caller's choice, which may be in use.
func newWireAt(t testing.TB, addr, target string) (*wire, error) {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", addr)
	if err != nil {
		return nil, err
	}
	w := &wire{addr: listener.Addr().String(), target: target, ear: listener}
	go w.accept(listener)
	t.Cleanup(w.close)
	return w, nil
}

// accept carries connections until the listener closes; they end with their ends.
func (w *wire) accept(listener net.Listener) {
	for {
		client, err := listener.Accept()
		if err != nil {
			return
		}
		go w.carry(client)
	}
}

func (w *wire) close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	_ = w.ear.Close()
}

func (w *wire) carry(client net.Conn) {
	if w.meets() == "reset" {
		if tcp, ok := client.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0) // RST instead of FIN
		}
		_ = client.Close()
		return
	}
	server, err := net.Dial("tcp", w.target)
	if err != nil {
		_ = client.Close()
		return
	}
	both := func() { _, _ = client.Close(), server.Close() }
	var pumps sync.WaitGroup
	pumps.Go(func() { w.pump(client, server, asked, both) })
	pumps.Go(func() { w.pump(server, client, answered, both) })
	pumps.Wait()
}

// pump moves bytes one way until either end closes.
func (w *wire) pump(from, to net.Conn, way direction, hangUp func()) {
	defer hangUp()
	b := make([]byte, 16<<10)
	for {
		n, err := from.Read(b)
		w.spoil(way, b[:n])
		pass, strike, then := w.count(way, n)
		if _, werr := to.Write(b[:pass]); werr != nil {
			return
		}
		if strike {
			if then == nil {
				return
			}
			then()
			if _, werr := to.Write(b[pass:n]); werr != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// spoil damages what is asked over TLS, behind the handshake: the server answers with an alert.
func (w *wire) spoil(way direction, b []byte) {
	const changeCipher, handshake, size = 20, 22, 120 // a handshake's last message is shorter than a request
	if way == asked && len(b) > size && w.meets() == "spoil" && b[0] >= changeCipher && b[0] != handshake {
		b[len(b)-1] ^= 1
	}
}

// count says how many of n bytes may pass before the wire strikes.
func (w *wire) count(way direction, n int) (pass int, strike bool, then func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.passed[way] += int64(n)
	if w.mode != "" && n > 0 { // connections that were open when it began
		keep, cuts := map[string]int{"cut request asked": 300, "cut answer answered": 20, "cut handshake asked": 100}[w.mode+" "+way.String()]
		if !cuts && (w.mode == "cut answer" || w.mode == "spoil") {
			keep = n
		}
		return min(n, keep), keep < n, nil
	}
	if !w.armed || w.way != way || n == 0 {
		return n, false, nil
	}
	if w.left >= int64(n) {
		w.left -= int64(n)
		return n, false, nil
	}
	w.armed, w.struck = false, true
	return int(w.left), true, w.then
}

// arm has the wire strike after so many more bytes; then replaces the cut.
func (w *wire) arm(way direction, after int64, then func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.armed, w.struck, w.way, w.left, w.then = true, false, way, after, then
}

// fail has every request on every connection fail in one way, until it is told "".
func (w *wire) fail(mode string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case mode == "refused":
		_ = w.ear.Close()
	case w.mode == "refused":
		ear, err := net.Listen("tcp", w.addr)
		if err != nil {
			panic(err)
		}
		w.ear = ear
		go w.accept(ear)
	}
	w.mode = mode
}

func (w *wire) meets() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.mode
}

// disarm says whether the wire struck.
func (w *wire) disarm() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.armed = false
	return w.struck
}

// bytes says how many have passed so far.
func (w *wire) bytes(way direction) int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.passed[way]
}
