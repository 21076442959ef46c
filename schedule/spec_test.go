package schedule

import (
	"strings"
	"testing"
)

func TestCheck(t *testing.T) {
	t.Parallel()
	for spec, want := range map[string]string{
		"* * * * *":                          "",
		"*/5 8-18 * * mon-fri":               "",
		"15 3 * * *":                         "",
		" 15 3 * * * ":                       "",
		"0 0 29 2 *":                         "",
		"@daily":                             "",
		"@every 90s":                         "",
		"@every 1s":                          "",
		"":                                   "is empty",
		"   ":                                "is empty",
		"TZ=":                                "names a time zone",
		"TZ=Europe/Istanbul":                 "names a time zone",
		"CRON_TZ=Europe/London 0 0 * * *":    "names a time zone",
		"@every 0s":                          "at least one second",
		"@every -1m":                         "at least one second",
		"@every":                             "cannot be read",
		"@every x":                           "at least one second",
		"@sometimes":                         "cannot be read",
		"0 0 31 2 *":                         "never comes",
		"0 0 30 2 *":                         "never comes",
		", * * * *":                          "never comes",
		"60 * * * *":                         "cannot be read",
		"* * * *":                            "cannot be read",
		"* * * * * *":                        "cannot be read",
		"*/0 * * * *":                        "cannot be read",
		"5-1 * * * *":                        "cannot be read",
		"99999999999999999999 * * * *":       "cannot be read",
		"*/9223372036854775807 * * * *":      "",
		strings.Repeat("1,", 200) + " * * *": "longer than",
	} {
		err := Check(spec)
		switch {
		case want == "" && err != nil:
			t.Errorf("%q: %v", spec, err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%q: %v, want %q", spec, err, want)
		}
	}
}

// FuzzCheck: no spec panics or hangs, and what is accepted comes.
func FuzzCheck(f *testing.F) {
	for _, spec := range []string{"* * * * *", "TZ=", "CRON_TZ= 1", "@every 1h", "0 0 31 2 *", "*/5 1-3,7 ? jan-mar 0", "1-2-3 * * * *"} {
		f.Add(spec)
	}
	f.Fuzz(func(t *testing.T, spec string) {
		times, err := parse(spec)
		if err == nil && times.Next(proving).IsZero() {
			t.Fatalf("%q was accepted and never comes", spec)
		}
	})
}
