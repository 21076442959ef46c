//go:build failpoint

package failpoint

import (
	"context"
	"fmt"
	"net/http/httptrace"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Enabled says whether this build can act.
const Enabled = true

// point is what shall happen at one place.
type point struct {
	at     int
	signal syscall.Signal
}

// stopTakes is longer than SIGSTOP needs to reach every thread: the caller must not get on before it does.
const stopTakes = 50 * time.Millisecond

// plan is what the environment asks for.
type plan struct {
	mu     sync.Mutex
	points map[string]point
	hits   map[string]int
	counts *os.File // nil = nobody counts
}

var read = sync.OnceValue(func() *plan {
	p, err := parse(os.Getenv("FATURAD_FAILPOINT"))
	if err == nil {
		if name := os.Getenv("FATURAD_FAILPOINT_COUNTS"); name != "" {
			p.counts, err = os.OpenFile(name, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		}
	}
	if err != nil { // a test that asks for nonsense must not run on as if nothing happened
		fmt.Fprintln(os.Stderr, "failpoint:", err)
		os.Exit(2)
	}
	return p
})

func parse(text string) (*plan, error) {
	p := &plan{points: map[string]point{}, hits: map[string]int{}}
	for one := range strings.SplitSeq(text, ",") {
		if one == "" {
			continue
		}
		parts := strings.Split(one, ":")
		if len(parts) < 2 || len(parts) > 3 {
			return nil, fmt.Errorf("FATURAD_FAILPOINT: %q is not name:n[:action]", one)
		}
		n, err := strconv.Atoi(parts[1])
		if err != nil || n < 1 {
			return nil, fmt.Errorf("FATURAD_FAILPOINT: %q is no number of a hit, from 1", parts[1])
		}
		signal := syscall.SIGKILL
		if len(parts) == 3 {
			switch parts[2] {
			case "kill":
			case "stop":
				signal = syscall.SIGSTOP
			default:
				return nil, fmt.Errorf("FATURAD_FAILPOINT: %q is no action: kill or stop", parts[2])
			}
		}
		p.points[parts[0]] = point{n, signal}
	}
	return p, nil
}

// Hit marks a place, and dies or stops there when the environment says so.
func Hit(name string) {
	p := read()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.counts != nil {
		if _, err := p.counts.WriteString(name + "\n"); err != nil {
			fmt.Fprintln(os.Stderr, "failpoint:", err)
		}
	}
	p.hits[name]++
	if want, ok := p.points[name]; ok && p.hits[name] == want.at {
		if err := syscall.Kill(os.Getpid(), want.signal); err != nil {
			fmt.Fprintln(os.Stderr, "failpoint:", err)
		}
		if want.signal == syscall.SIGKILL {
			select {} // the signal may need a moment; nothing further happens here
		}
		time.Sleep(stopTakes)
	}
}

// Trace marks the places inside an HTTP exchange.
func Trace(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn:              func(httptrace.GotConnInfo) { Hit("http.connected") },
		WroteRequest:         func(httptrace.WroteRequestInfo) { Hit("http.written") },
		GotFirstResponseByte: func() { Hit("http.answered") },
	})
}
