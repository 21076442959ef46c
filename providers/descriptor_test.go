package providers_test

import (
	"testing"
	"time"

	"faturad/providers"
)

func TestDurationsAreWrittenAsPeopleDo(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		90 * time.Second: `"90s"`, time.Minute: `"60s"`, 6 * time.Minute: `"6m"`, 22 * time.Hour: `"22h"`, 550 * time.Millisecond: `"550ms"`,
		150 * time.Second: `"2m30s"`, 61 * time.Minute: `"1h1m"`, 0: `"0s"`,
	} {
		if got := providers.Written(d); got != want {
			t.Errorf("%v: %s, want %s", d, got, want)
		}
	}
}
