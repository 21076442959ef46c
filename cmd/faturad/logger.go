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
	if os.Getenv("JOURNAL_STREAM") != "" {
		options.ReplaceAttr = withoutTime
	}
	if settings.Format == "json" {
		return slog.New(slog.NewJSONHandler(w, options))
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
