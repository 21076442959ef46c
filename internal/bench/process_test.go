package bench

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// step runs faturad and measures it.
func (w *world) step(b *testing.B, args ...string) step {
	b.Helper()
	return w.observe(b, *saleCount, func(s *step) {
		cmd := w.command(b, args...)
		var out bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &out
		if err := cmd.Start(); err != nil {
			b.Fatal(err)
		}
		peak := make(chan int64)
		ended := make(chan struct{})
		go func() { peak <- watchPeak(cmd.Process.Pid, ended) }()
		err := cmd.Wait()
		close(ended)
		s.rss = <-peak
		if err != nil {
			b.Fatalf("faturad %s: %v\n%s", strings.Join(args, " "), err, &out)
		}
		s.cpu = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	})
}

// observe measures what everybody else did while work was done.
func (w *world) observe(b *testing.B, sales int, work func(*step)) step {
	b.Helper()
	s := step{sales: sales}
	ledger, erp := w.ledger.counters(b), w.erp.counters(b)
	sim, db, busy, own := processCPU(w.sim.pid), w.ledger.cpu()+w.erp.cpu(), busyCPU(), ownCPU()
	start := time.Now()
	work(&s)
	s.start, s.wall = start, time.Since(start)
	s.simCPU, s.dbCPU = processCPU(w.sim.pid)-sim, w.ledger.cpu()+w.erp.cpu()-db
	foreign := busyCPU() - busy - (ownCPU() - own) - s.simCPU - s.dbCPU
	s.foreign = -1
	if n := processors(); n > 0 {
		s.foreign = max(0, foreign.Seconds()/(s.wall.Seconds()*float64(n)))
	}
	s.ledger, s.erp = w.ledger.counters(b).since(ledger), w.erp.counters(b).since(erp)
	return s
}

// watchPeak reads a process's own high-water mark until it ends. The kernel's rusage would also count what this process
// held when it started the other one.
func watchPeak(pid int, ended <-chan struct{}) int64 {
	var peak int64
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		if text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid)); err == nil {
			if _, rest, ok := strings.Cut(string(text), "VmHWM:"); ok {
				if kb, err := strconv.ParseInt(strings.Fields(rest)[0], 10, 64); err == nil {
					peak = max(peak, kb<<10)
				}
			}
		}
		select {
		case <-tick.C:
		case <-ended:
			return peak
		}
	}
}

// tick is the unit of /proc/*/stat on every Linux that Go runs on.
const tick = 10 * time.Millisecond

// processCPU is the processor time of another process; 0 where there is no /proc.
func processCPU(pid int) time.Duration {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	_, rest, ok := strings.Cut(string(text), ") ")
	if fields := strings.Fields(rest); ok && len(fields) > 12 {
		return ticks(fields[11:13])
	}
	return 0
}

// busyCPU is the time that all processors of the machine were not idle.
func busyCPU() time.Duration {
	text, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0
	}
	line, _, _ := strings.Cut(string(text), "\n")
	fields := strings.Fields(line) // cpu user nice system idle iowait irq softirq steal
	if len(fields) < 9 {
		return 0
	}
	return ticks(append(fields[1:4:4], fields[6:9]...))
}

func processors() int {
	text, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0
	}
	return max(0, strings.Count(string(text), "\ncpu"))
}

func ticks(fields []string) (sum time.Duration) {
	for _, f := range fields {
		if n, err := strconv.ParseInt(f, 10, 64); err == nil {
			sum += time.Duration(n) * tick
		}
	}
	return sum
}

// ownCPU is the time of this process and of its children that have ended.
func ownCPU() time.Duration { return usage(syscall.RUSAGE_SELF) + usage(syscall.RUSAGE_CHILDREN) }

func usage(who int) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(who, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// command is faturad with the world's config.
func (w *world) command(b *testing.B, args ...string) *exec.Cmd {
	b.Helper()
	return exec.CommandContext(b.Context(), w.binary, append(args, "--config", w.config)...)
}

// faturad runs it and wants exit code 0.
func (w *world) faturad(b *testing.B, args ...string) string {
	b.Helper()
	out, err := w.command(b, args...).Output()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		b.Fatalf("faturad %s: %v\n%s%s", strings.Join(args, " "), err, out, exit.Stderr)
	}
	if err != nil {
		b.Fatal(err)
	}
	return string(out)
}
