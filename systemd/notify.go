package systemd

import (
	"context"
	"fmt"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
)

// Ready says that start-up is finished: config read, databases reached, jobs planned. The error says that the service
// manager named a socket that does not answer; without one nothing happens.
func Ready() error { return notify(daemon.SdNotifyReady) }

// Stopping says that the daemon ends: it takes nothing new and finishes what is in flight.
func Stopping() error { return notify(daemon.SdNotifyStopping) }

// Status shows one line in `systemctl status`.
func Status(line string) error { return notify("STATUS=" + line) }

// Watchdog tells the service manager, twice in each WatchdogSec, that the daemon is alive, as long as healthy says so.
// When healthy says no (or hangs), the manager restarts the daemon: it must be about this process only (a loop that no
// longer turns), never about a database or provider that is down. It returns when ctx ends, and at once when the unit has
// no watchdog. An error tells that the manager could not be reached the last time.
func Watchdog(ctx context.Context, healthy func() bool) error {
	limit, err := daemon.SdWatchdogEnabled(false)
	if err != nil {
		return fmt.Errorf("reading the service manager's watchdog setting: %w", err)
	}
	if limit <= 0 {
		return nil
	}
	tick := time.NewTicker(limit / 2)
	defer tick.Stop()
	for {
		if healthy() {
			err = notify(daemon.SdNotifyWatchdog) // tried again at the next tick: giving up would end the daemon for sure
		}
		select {
		case <-ctx.Done():
			return err
		case <-tick.C:
		}
	}
}

func notify(state string) error {
	if _, err := daemon.SdNotify(false, state); err != nil {
		return fmt.Errorf("telling the service manager %q: %w", state, err)
	}
	return nil
}
