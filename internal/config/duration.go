package config

import (
	"fmt"
	"time"
)

// Duration is a time span written as text, such as "30s" or "1h30m".
type Duration struct{ time.Duration }

// Std is the standard library's form.
func (d Duration) Std() time.Duration { return d.Duration }

// UnmarshalText reads "30s", "2m", "1h30m".
func (d *Duration) UnmarshalText(text []byte) error {
	v, err := time.ParseDuration(string(text))
	if err != nil {
		return fmt.Errorf(`%q is not a duration such as "30s" or "1h30m"`, text)
	}
	d.Duration = v
	return nil
}

// MarshalText prints it as it is written in the config.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }
