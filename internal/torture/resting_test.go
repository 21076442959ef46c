package torture

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"syscall"
	"testing"
	"time"

	"faturad/providers/simulator"
)

// What a daemon that rests may keep at most: its connections to both databases and to the provider, the admin page, and what the
// runtime needs. It does not depend on what the daemon has done.
const (
	mostDescriptors = 40
	mostGoroutines  = 80
)

var (
	adminPage    = regexp.MustCompile(`admin=(http://127\.0\.0\.1:\d+)`)
	goroutinesOf = regexp.MustCompile(`(?m)^go_goroutines (\d+)$`)
)

// TestDaemonAtRestKeepsNothing lets one daemon work through round after round, in which answers are lost, requests fail and its
// sessions are killed. After each, when it rests, it may hold no more descriptors and goroutines than ever.
func TestDaemonAtRestKeepsNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{office: newTurkcell(time.Millisecond)})
	w.begin(0, 0, 1)
	p := w.launch(faturad(t), nil, "run")
	var page string
	w.until(func() bool {
		if found := adminPage.FindStringSubmatch(p.text.String()); found != nil {
			page = found[1]
		}
		return page != "" || p.ended()
	})
	const each, arriving = 40, 10 // one thing kept for each of these would soon be too much
	n, arrived, rounds := 0, 0, 3+number(t, "FATURAD_TORTURE_KILLS", 0)/100
	for round := range rounds {
		w.fault(create, simulator.Fault{Kind: simulator.FaultAnswerLost, Times: 2})
		w.fault(status, simulator.Fault{Kind: simulator.FaultStatus, Status: http.StatusInternalServerError, Body: w.office.key(), Times: 4})
		w.fault(list, simulator.Fault{Kind: simulator.FaultCut, Times: 2})
		w.fault(download, simulator.Fault{Kind: simulator.FaultTruncated, Times: 2})
		w.sales(n+1, each)
		w.office.receive(arriving, uint64(round+1))
		n, arrived = n+each, arrived+arriving
		w.until(func() bool { return w.creates() > n-each/2 || p.ended() })
		for _, a := range w.theirs {
			w.hangUp(a)
		}
		w.until(func() bool {
			return p.ended() || w.count("SELECT COUNT(*) FROM documents WHERE state = 'accepted' AND NOT unwritten") == n &&
				w.count("SELECT COUNT(*) FROM received WHERE state = 'acknowledged'") == arrived
		})
		if p.ended() {
			t.Fatalf("the daemon ended: %s\n%s", p.cmd.ProcessState, &p.text)
		}
		files, fewer := w.falls(mostDescriptors, func() int { return w.descriptors(p.cmd.Process.Pid) })
		threads, idle := w.falls(mostGoroutines, func() int { return w.goroutines(page) })
		if !fewer || !idle {
			t.Errorf("I11 after %d rounds the daemon holds %d descriptors and %d goroutines, and rests", round+1, files, threads)
		}
		t.Logf("round %d: %d descriptors, %d goroutines", round+1, files, threads)
	}
	p.signal(syscall.SIGTERM)
	if p.end() || p.cmd.ProcessState.ExitCode() != 0 {
		t.Errorf("the daemon ended with %s\n%s", p.cmd.ProcessState, &p.text)
	}
	w.sound("a daemon that worked for long", n)
}

// hangUp kills an account's sessions.
func (w *world) hangUp(a account) {
	w.t.Helper()
	var ids []int64
	if err := a.at.DB().SelectContext(w.t.Context(), &ids, "SELECT id FROM information_schema.processlist WHERE user = ?", a.user); err != nil {
		w.t.Fatal(err)
	}
	for _, id := range ids {
		_, _ = a.at.DB().ExecContext(w.t.Context(), "KILL "+strconv.FormatInt(id, 10)) // it may be gone
	}
}

// descriptors counts what a process has open.
func (w *world) descriptors(pid int) int {
	w.t.Helper()
	files, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
	if err != nil {
		w.t.Fatal(err)
	}
	return len(files)
}

// goroutines asks a daemon's own figures, and keeps them for the judge.
func (w *world) goroutines(page string) int {
	w.t.Helper()
	request, err := http.NewRequestWithContext(w.t.Context(), http.MethodGet, page+"/metrics", nil)
	if err != nil {
		w.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+adminToken)
	answer, err := (&http.Client{Timeout: time.Minute}).Do(request)
	if err != nil {
		w.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	w.overhear(text)
	return countGoroutines(w.t, string(text))
}

func countGoroutines(t testing.TB, figures string) int {
	t.Helper()
	found := goroutinesOf.FindStringSubmatch(figures)
	if found == nil {
		t.Fatalf("the figures have no goroutines:\n%.500s", figures)
	}
	n, err := strconv.Atoi(found[1])
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestKeptDescriptorsAndGoroutinesAreFound shows that the limits can be passed.
func TestKeptDescriptorsAndGoroutinesAreFound(t *testing.T) {
	t.Parallel()
	hoarder := exec.CommandContext(t.Context(), "cat")
	hold, err := hoarder.StdinPipe() // it lives until this closes
	if err != nil {
		t.Fatal(err)
	}
	for range mostDescriptors {
		file, err := os.Open(os.DevNull)
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		hoarder.ExtraFiles = append(hoarder.ExtraFiles, file)
	}
	if err := hoarder.Start(); err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, patience: 50 * time.Millisecond}
	if n, ok := w.falls(mostDescriptors, func() int { return w.descriptors(hoarder.Process.Pid) }); ok {
		t.Errorf("a process with more than %d descriptors is let off with %d", mostDescriptors, n)
	}
	figures := fmt.Sprintf("# TYPE go_goroutines gauge\ngo_goroutines %d\ngo_threads 9\n", mostGoroutines+1)
	if n, ok := w.falls(mostGoroutines, func() int { return countGoroutines(t, figures) }); ok {
		t.Errorf("a process with more than %d goroutines is let off with %d", mostGoroutines, n)
	}
	if err := hold.Close(); err != nil {
		t.Error(err)
	}
	if err := hoarder.Wait(); err != nil {
		t.Error(err)
	}
}
