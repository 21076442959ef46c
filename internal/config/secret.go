package config

import (
	"fmt"
	"io"
	"log/slog"
)

// masked is what every printed secret looks like.
const masked = "<secret>"

// Secret is a value that never shows: every way of printing or encoding it gives <secret>. In the file it names its
// source, { env = "..." }, { file = "..." } or { credential = "..." } (systemd); never the value itself. The zero value
// is "not set".
type Secret struct {
	Env        string `toml:"env"`        // name of an environment variable
	File       string `toml:"file"`       // path of a file that others cannot read
	Credential string `toml:"credential"` // name of a file in $CREDENTIALS_DIRECTORY

	value *string // resolved by Load; a pointer, since %p prints the fields of what it cannot print
}

// NewSecret makes a resolved secret, for programs that configure faturad in Go (the demo, tests).
func NewSecret(value string) Secret { return Secret{value: &value} }

// Reveal gives the value itself; empty when the secret is not set. Whoever calls it must not print the result.
func (s Secret) Reveal() string {
	if s.value == nil {
		return ""
	}
	return *s.value
}

// IsSet reports whether a source is named or a value is there.
func (s Secret) IsSet() bool { return s.value != nil || s.sources() > 0 }

func (s Secret) sources() int {
	n := 0
	for _, source := range []string{s.Env, s.File, s.Credential} {
		if source != "" {
			n++
		}
	}
	return n
}

// String prints <secret>.
func (Secret) String() string { return masked }

// GoString prints <secret> for %#v.
func (Secret) GoString() string { return masked }

// Format prints <secret> whatever the verb.
func (Secret) Format(f fmt.State, _ rune) {
	// A failing writer is the printer's to report: fmt gives Format no way to.
	_, _ = io.WriteString(f, masked)
}

// MarshalText gives <secret> to JSON, TOML and every other encoder of text.
func (Secret) MarshalText() ([]byte, error) { return []byte(masked), nil }

// LogValue gives <secret> to slog.
func (Secret) LogValue() slog.Value { return slog.StringValue(masked) }
