package wire

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// maxWait caps what Retry-After may ask for (facts/reliability.md section 3.4).
const maxWait = 15 * time.Minute

// RetryAfter reads the seconds or the date of that header; past, absurd and unreadable values become a wait of at most 15
// minutes, or 0.
func RetryAfter(header http.Header, now time.Time) time.Duration {
	value := strings.TrimSpace(header.Get("Retry-After"))
	if seconds, err := strconv.ParseFloat(value, 64); err == nil {
		switch {
		case seconds >= maxWait.Seconds():
			return maxWait
		case seconds > 0: // false for NaN, too
			return time.Duration(seconds * float64(time.Second))
		}
		return 0
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	return max(0, min(at.Sub(now), maxWait))
}
