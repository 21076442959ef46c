package e2e

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// process is a faturad that runs beside the test.
type process struct {
	t    *testing.T
	cmd  *exec.Cmd
	out  *output
	err  *output
	done chan struct{}
}

// output collects what a process writes, for reading while it runs.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write implements io.Writer.
func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

// String gives what was written so far.
func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

// start runs faturad with the world's config in the background. It is killed when the test ends.
func (w *world) start(args ...string) *process { w.t.Helper(); return w.startWith(nil, args...) }

// startWith is start with additional environment variables.
func (w *world) startWith(env []string, args ...string) *process {
	w.t.Helper()
	p := &process{t: w.t, out: &output{}, err: &output{}, done: make(chan struct{})}
	p.cmd = exec.Command(binary, append(args, "--config", w.config)...)
	p.cmd.Stdout, p.cmd.Stderr = p.out, p.err
	p.cmd.Env = append(p.cmd.Environ(), env...)
	if err := p.cmd.Start(); err != nil {
		w.t.Fatalf("starting faturad %s: %v", strings.Join(args, " "), err)
	}
	go func() {
		defer close(p.done)
		_ = p.cmd.Wait() // the exit code is read from ProcessState
	}()
	w.t.Cleanup(func() { p.kill() })
	return p
}

// ended reports whether the process has ended by itself.
func (p *process) ended() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// patience is how long a test waits for what must happen. It is far longer than that takes, so that no test fails because
// the machine is slow.
const patience = 3 * time.Minute

// wait waits for the process's own end.
func (p *process) wait() result {
	p.t.Helper()
	select {
	case <-p.done:
	case <-time.After(patience):
		p.t.Errorf("faturad did not end within %s\n%s%s", patience, p.out, p.err)
		p.kill()
	}
	return result{p.cmd.ProcessState.ExitCode(), p.out.String(), p.err.String()}
}

// kill ends the process as a power cut would, with SIGKILL.
func (p *process) kill() {
	_ = p.cmd.Process.Kill() // it may have ended already
	<-p.done
}

// stop asks the process to end, as systemd does.
func (p *process) stop() result {
	p.t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		p.t.Errorf("SIGTERM: %v", err)
	}
	return p.wait()
}

// until polls a condition, and fails the test when it does not come true.
func (w *world) until(ok func() bool) {
	w.t.Helper()
	if !within(patience, ok) {
		w.t.Errorf("it did not come true within %s: %v", patience, w.states())
	}
}

// within polls a condition for a while, and reports whether it came true.
func within(limit time.Duration, ok func() bool) bool {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	end := time.NewTimer(limit)
	defer end.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-end.C:
			return ok()
		}
	}
	return true
}

// everySecond makes the daemon do everything every second.
func (w *world) everySecond() {
	w.t.Helper()
	w.edit(func(text string) string {
		var out []string
		skip := false
		for line := range strings.Lines(text) {
			if strings.HasPrefix(line, "[") {
				skip = strings.HasPrefix(line, "[schedule]")
			}
			if !skip {
				out = append(out, line)
			}
		}
		const schedule = "[schedule]\noutbound = \"@every 1s\"\nfollowup = \"@every 1s\"\nwriteback = \"@every 1s\"\ninbound = \"@every 1s\"\nregistry = \"@every 1h\"\n"
		text = strings.Join(out, "")
		at := strings.Index(text, "[[company]]")
		return text[:at] + schedule + text[at:]
	})
}

// door uses a door of the simulator.
func (w *world) door(method, path, body string) error {
	w.t.Helper()
	request, err := http.NewRequestWithContext(w.t.Context(), method, w.server.URL+path, strings.NewReader(body))
	if err != nil {
		return err
	}
	answer, err := w.server.Client().Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if text, err := io.ReadAll(answer.Body); err != nil || answer.StatusCode >= http.StatusMultipleChoices {
		return fmt.Errorf("%s %s: %s %s %w", method, path, answer.Status, text, err)
	}
	return nil
}
