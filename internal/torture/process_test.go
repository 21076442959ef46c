package torture

import (
	"bytes"
	"context"
	"errors"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"
)

// process is a faturad that runs beside the test.
type process struct {
	w    *world
	cmd  *exec.Cmd
	text output
	done chan struct{}
}

// output collects what a process writes.
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

// take gives what was written so far, and forgets it.
func (o *output) take() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	text := o.b.String()
	o.b = bytes.Buffer{}
	return text
}

// String gives what was written so far.
func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

// start runs faturad in the background, to die or stop at the failpoints given ("name:n", "name:n:stop").
func (w *world) start(points string, args ...string) *process {
	w.t.Helper()
	return w.startWith([]string{"FATURAD_FAILPOINT=" + points}, args...)
}

// startWith runs faturad in the background with additional environment variables.
func (w *world) startWith(env []string, args ...string) *process {
	w.t.Helper()
	return w.launch(faturad(w.t), env, args...)
}

// launch runs a faturad of whatever version in the background.
func (w *world) launch(path string, env []string, args ...string) *process {
	w.t.Helper()
	return w.background(exec.Command(path, append(args, "--verbose", "--config", w.config)...), env)
}

// launchWith runs faturad with another config.
func (w *world) launchWith(config string, args ...string) *process {
	w.t.Helper()
	return w.background(exec.Command(faturad(w.t), append(args, "--verbose", "--config", config)...), nil)
}

func (w *world) background(cmd *exec.Cmd, env []string) *process {
	w.t.Helper()
	p := &process{w: w, cmd: cmd, done: make(chan struct{})}
	w.processes = append(w.processes, p)
	p.cmd.Stdout, p.cmd.Stderr = &p.text, &p.text
	p.cmd.Env = append(p.cmd.Environ(), env...)
	if err := p.cmd.Start(); err != nil {
		w.t.Fatalf("starting faturad %s: %v", strings.Join(cmd.Args[1:], " "), err)
	}
	go func() {
		defer close(p.done)
		_ = p.cmd.Wait() // how it ended is read from ProcessState
	}()
	return p
}

// patience is how long a test waits for what must happen. It is far longer than that takes, so that no test fails because
// the machine is slow.
const patience = 3 * time.Minute

// end waits for the process's own end and says whether it was killed. A process that hangs is killed and fails the test.
func (p *process) end() (killed bool) {
	p.w.t.Helper()
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-p.done:
	case <-timer.C:
		p.w.t.Errorf("faturad %v did not end within %s\n%s", p.cmd.Args[1:], patience, &p.text)
		p.kill()
	}
	status, ok := p.cmd.ProcessState.Sys().(syscall.WaitStatus)
	return ok && status.Signaled() && status.Signal() == syscall.SIGKILL
}

// ended reports whether the process has ended.
func (p *process) ended() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// kill ends the process as a power cut would.
func (p *process) kill() {
	_ = p.cmd.Process.Kill() // it may have ended already
	<-p.done
}

// signal sends one, if the process still lives.
func (p *process) signal(s syscall.Signal) { _ = p.cmd.Process.Signal(s) }

// run runs faturad to its end and gives exit code and output.
func (w *world) run(args ...string) (int, string) {
	w.t.Helper()
	path := faturad(w.t) // building it is not what the patience is for
	ctx, cancel := context.WithTimeout(w.t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, path, append(args, "--verbose", "--config", w.config)...)
	var out, errOut bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errOut
	var exit *exec.ExitError
	if err := cmd.Run(); err != nil && !errors.As(err, &exit) {
		w.t.Fatalf("faturad %s: %v", strings.Join(args, " "), err)
	}
	w.overhear(out.Bytes(), errOut.Bytes())
	if code := cmd.ProcessState.ExitCode(); code != 0 {
		return code, out.String() + errOut.String()
	}
	return 0, out.String()
}

// ok runs faturad and wants exit code 0.
func (w *world) ok(args ...string) string {
	w.t.Helper()
	code, text := w.run(args...)
	if code != 0 {
		w.t.Fatalf("faturad %s: exit code %d\n%s", strings.Join(args, " "), code, text)
	}
	return text
}
