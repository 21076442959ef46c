package main

import (
	"io"
	"log/slog"
	"os"
	"strings"

	"faturad/internal/config"
)

// daemonLogger logs as the config says. Under systemd journald adds the time.
func daemonLogger(w io.Writer, settings config.Log) *slog.Logger {
	options := &slog.HandlerOptions{Level: levelOf(settings.Level)}
	journald := os.Getenv("JOURNAL_STREAM") != ""
	if settings.Format == "json" {
		if journald {
			options.ReplaceAttr = withoutTime
		}
		return slog.New(slog.NewJSONHandler(w, options))
	}
	options.ReplaceAttr = readable
	if journald {
		options.ReplaceAttr = func(groups []string, a slog.Attr) slog.Attr { return readable(groups, withoutTime(groups, a)) }
	}
	return slog.New(slog.NewTextHandler(w, options))
}

// newLogger is the logger of the other commands: warnings, or everything.
func newLogger(w io.Writer, verbose bool) *slog.Logger {
	level := "warn"
	if verbose {
		level = "debug"
	}
	return daemonLogger(w, config.Log{Level: level})
}

func levelOf(word string) slog.Level {
	switch strings.ToLower(word) {
	case "debug":
		return slog.LevelDebug
	case "warn":
		return slog.LevelWarn
	case "error":
		return slog.LevelError
	}
	return slog.LevelInfo
}

func withoutTime(_ []string, a slog.Attr) slog.Attr {
	if a.Key == slog.TimeKey {
		return slog.Attr{}
	}
	return a
}

// readable writes instants as everything else does that people read; JSON keeps RFC 3339.
func readable(_ []string, a slog.Attr) slog.Attr {
	if a.Value.Kind() == slog.KindTime {
		a.Value = slog.StringValue(when(a.Value.Time()))
	}
	return a
}
