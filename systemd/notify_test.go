package systemd_test

import (
	"context"
	"errors"
	"net"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"faturad/systemd"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// manager is a service manager's socket that gives what it is told.
func manager(t *testing.T) <-chan string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "notify")
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: name, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("NOTIFY_SOCKET", name)
	told := make(chan string, 64)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		b := make([]byte, 4096)
		for {
			n, err := conn.Read(b)
			if err != nil {
				return
			}
			told <- string(b[:n])
		}
	}()
	t.Cleanup(func() {
		if err := conn.Close(); err != nil {
			t.Error(err)
		}
		<-ended
	})
	return told
}

func TestStates(t *testing.T) {
	told := manager(t)
	for _, c := range []struct {
		tell func() error
		want string
	}{
		{systemd.Ready, "READY=1"},
		{func() error { return systemd.Status("12 documents in motion") }, "STATUS=12 documents in motion"},
		{systemd.Stopping, "STOPPING=1"},
	} {
		if err := c.tell(); err != nil {
			t.Fatal(err)
		}
		if got := <-told; got != c.want {
			t.Errorf("told %q, want %q", got, c.want)
		}
	}
}

// TestOutsideSystemd does nothing, without an error.
func TestOutsideSystemd(t *testing.T) {
	t.Setenv("NOTIFY_SOCKET", "")
	t.Setenv("WATCHDOG_USEC", "")
	for _, tell := range []func() error{systemd.Ready, systemd.Stopping, func() error {
		return systemd.Watchdog(t.Context(), func() bool { t.Error("asked"); return true })
	}} {
		if err := tell(); err != nil {
			t.Error(err)
		}
	}
}

func TestDeadSocket(t *testing.T) {
	t.Setenv("NOTIFY_SOCKET", filepath.Join(t.TempDir(), "nobody"))
	if err := systemd.Ready(); err == nil || !strings.Contains(err.Error(), "READY=1") {
		t.Errorf("got %v", err)
	}
	t.Setenv("WATCHDOG_USEC", "x")
	if err := systemd.Watchdog(t.Context(), func() bool { return true }); err == nil {
		t.Error("a senseless WATCHDOG_USEC was accepted")
	}
}

// TestWatchdog is alive while healthy, silent when not, and alive again after.
func TestWatchdog(t *testing.T) {
	told := manager(t)
	t.Setenv("WATCHDOG_USEC", "20000") // 20 ms
	t.Setenv("WATCHDOG_PID", "")
	var healthy atomic.Bool
	var asked atomic.Int64
	healthy.Store(true)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	checked := make(chan struct{}, 256)
	go func() {
		done <- systemd.Watchdog(ctx, func() bool {
			asked.Add(1)
			checked <- struct{}{}
			return healthy.Load()
		})
	}()
	for range 3 {
		if got := <-told; got != "WATCHDOG=1" {
			t.Errorf("told %q", got)
		}
	}
	healthy.Store(false)
	for len(checked) > 0 {
		<-checked
	}
	<-checked // this one may have read the old answer
	<-checked
	for len(told) > 0 {
		<-told
	}
	<-checked
	<-checked
	if len(told) > 0 {
		t.Error("said to be alive while it was not")
	}
	healthy.Store(true)
	<-told
	cancel()
	if err := <-done; err != nil && !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// TestWatchdogOfAnother leaves a watchdog alone that is meant for another process.
func TestWatchdogOfAnother(t *testing.T) {
	t.Setenv("WATCHDOG_USEC", "20000")
	t.Setenv("WATCHDOG_PID", "1")
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := systemd.Watchdog(ctx, func() bool { t.Error("asked"); return true }); err != nil {
		t.Error(err)
	}
}
