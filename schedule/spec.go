package schedule

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

// longestSpec bounds what the parser is given.
const longestSpec = 200

// proving is the instant from which Check looks for the first run. It is fixed, so that a spec is good or bad whatever
// the day; the parser looks five years ahead, which covers a leap day.
var proving = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// Check reports whether spec is one that Add accepts: five fields (minute, hour, day of month, month, day of week), a
// word such as @daily, or "@every 90s". The error is one sentence.
func Check(spec string) error {
	_, err := parse(spec)
	return err
}

// parse reads a spec defensively: robfig/cron v3.0.1 panics on a bare "TZ=", accepts dates that never come, and turns
// "@every 0s" into every second.
func parse(spec string) (_ cron.Schedule, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the cron spec %q cannot be read: %v", spec, r)
		}
	}()
	trimmed := strings.TrimSpace(spec)
	switch {
	case trimmed == "":
		return nil, errors.New(`the cron spec is empty; write five fields such as "*/5 * * * *"`)
	case len(trimmed) > longestSpec:
		return nil, fmt.Errorf("the cron spec is longer than %d characters", longestSpec)
	case strings.Contains(trimmed, "TZ="):
		return nil, fmt.Errorf("the cron spec %q names a time zone; leave it out, times are always those of Europe/Istanbul", spec)
	}
	if every, ok := strings.CutPrefix(trimmed, "@every "); ok {
		d, err := time.ParseDuration(strings.TrimSpace(every))
		if err != nil || d < time.Second {
			return nil, fmt.Errorf(`the cron spec %q needs a duration of at least one second, such as "@every 90s"`, spec)
		}
		return cron.Every(d), nil
	}
	s, err := cron.ParseStandard(trimmed)
	if err != nil {
		return nil, fmt.Errorf("the cron spec %q cannot be read: %w", spec, err)
	}
	if s.Next(proving).IsZero() {
		return nil, fmt.Errorf("the cron spec %q names a date that never comes", spec)
	}
	return s, nil
}
