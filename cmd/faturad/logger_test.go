package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"faturad/internal/config"
)

// TestTimesInLogs: people read Türkiye's time in one form, programs RFC 3339.
func TestTimesInLogs(t *testing.T) {
	t.Setenv("JOURNAL_STREAM", "")
	at := time.Date(2026, 11, 20, 22, 30, 5, 0, time.UTC)
	var text, object bytes.Buffer
	daemonLogger(&text, config.Log{}).Info("x", "arrived", at)
	has(t, "text", text.String(), `arrived="2026-11-21 01:30:05"`)
	if _, err := time.Parse(`time="`+time.DateTime+`"`, strings.Join(strings.Fields(text.String())[:2], " ")); err != nil {
		t.Errorf("a log line begins otherwise: %s", text.String())
	}
	daemonLogger(&object, config.Log{Format: "json"}).Info("x", "arrived", at)
	var line struct{ Time, Arrived time.Time }
	if err := json.Unmarshal(object.Bytes(), &line); err != nil || !line.Arrived.Equal(at) || line.Time.IsZero() {
		t.Errorf("%v: %s", err, object.String())
	}
	t.Setenv("JOURNAL_STREAM", "8:1")
	text.Reset()
	daemonLogger(&text, config.Log{}).Info("x", "arrived", at)
	has(t, "under journald", text.String(), `level=INFO msg=x arrived="2026-11-21 01:30:05"`, "!time=")
}
