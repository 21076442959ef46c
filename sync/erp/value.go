package erp

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"faturad/internal/clock"
	"faturad/internal/invoice"
)

// cell is one value as the driver gave it: nil, int64, uint64, float32, float64, time.Time, []byte or string.
type cell struct {
	v      any
	dbType string // the driver's name of the column's type
}

// null reports whether there is no value.
func (c cell) null() bool { return c.v == nil }

// binary reports whether the column holds bytes rather than text.
func (c cell) binary() bool {
	return c.dbType == "BLOB" || c.dbType == "BINARY" || c.dbType == "VARBINARY"
}

// raw writes the value in one fixed way, whatever protocol it came by: for texts, for keys and for the content hash.
func (c cell) raw() string {
	switch v := c.v.(type) {
	case nil:
		return ""
	case []byte:
		return string(v)
	case string:
		return v
	case int64:
		return strconv.FormatInt(v, 10)
	case uint64:
		return strconv.FormatUint(v, 10)
	case float32:
		return strconv.FormatFloat(float64(v), 'f', -1, 32)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case bool:
		return strconv.FormatBool(v)
	case time.Time:
		switch {
		case v.IsZero():
			return ""
		case c.dbType == "DATE":
			return v.Format(time.DateOnly)
		}
		return v.Format("2006-01-02 15:04:05.999999")
	}
	return fmt.Sprint(c.v)
}

var (
	errNotNumber    = errors.New("it is not a number")
	errTooLarge     = errors.New("the number is too large")
	errNotDate      = errors.New("it is not a date")
	errZeroDate     = errors.New("the date is 0000-00-00")
	errNotTime      = errors.New("it is not a time of day")
	errNotYesNo     = errors.New("it is neither yes nor no")
	errDiscountKind = errors.New("a discount must be percent, fraction, money or per_unit")
)

// floatScale is where binary fractions are cut when the source names no scale: more than any money column stores, and few
// enough that 22306.920000000002 becomes 22306.92.
const floatScale = 8

// decimal reads a number exactly; ok is false when there is none.
func (c cell) decimal(mark string) (d decimal.Decimal, ok bool, err error) {
	switch v := c.v.(type) {
	case nil:
		return d, false, nil
	case float32:
		return fromFloat(float64(v), 32)
	case float64:
		return fromFloat(v, 64)
	case time.Time:
		return d, false, errNotNumber
	}
	return parseDecimal(c.raw(), mark)
}

func fromFloat(f float64, bits int) (decimal.Decimal, bool, error) {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return decimal.Decimal{}, false, errNotNumber
	}
	if math.Abs(f) >= 1e15 {
		return decimal.Decimal{}, false, errTooLarge
	}
	d, err := decimal.NewFromString(strconv.FormatFloat(f, 'f', -1, bits))
	return d.Round(floatScale), err == nil, err
}

// parseDecimal reads "1234.50" or, with mark ",", "1.234,50". Blanks around are ignored, an empty text is no number, and
// anything else that is not purely a number is an error: a misread amount is worse than a held sale.
func parseDecimal(s, mark string) (decimal.Decimal, bool, error) {
	s = strings.TrimSpace(s)
	if s == "" {
		return decimal.Decimal{}, false, nil
	}
	if mark == "," {
		s = strings.ReplaceAll(strings.ReplaceAll(s, ".", ""), ",", ".")
	}
	if len(s) > 40 {
		return decimal.Decimal{}, false, errTooLarge
	}
	digits := 0
	for i := range len(s) {
		switch c := s[i]; {
		case '0' <= c && c <= '9':
			digits++
		case c == '.', (c == '-' || c == '+') && i == 0:
		default:
			return decimal.Decimal{}, false, errNotNumber
		}
	}
	if digits == 0 {
		return decimal.Decimal{}, false, errNotNumber
	}
	d, err := decimal.NewFromString(s)
	if err != nil {
		return d, false, errNotNumber
	}
	return d, true, nil
}

// moment is a date with or without a time of day.
type moment struct {
	date  invoice.Date
	clock string // "15:04:05"; empty = only a date
}

// layouts of dates kept as text.
var layouts = []string{"2006-01-02 15:04:05.999999999", "2006-01-02T15:04:05.999999999", "2006-01-02 15:04", time.RFC3339Nano, "2006-01-02", "02.01.2006 15:04:05", "02.01.2006"}

// moment reads a date in a zone and gives it in the zone of Türkiye. nil zone means that it is local already; unix means
// seconds since 1970. A zero date is errZeroDate.
func (c cell) moment(zone *time.Location, unix bool) (m moment, ok bool, err error) {
	if unix {
		d, ok, err := c.decimal(".")
		if err != nil || !ok || d.IsZero() {
			return m, false, err
		}
		return local(time.Unix(d.IntPart(), 0)), true, nil
	}
	switch v := c.v.(type) {
	case nil:
		return m, false, nil
	case time.Time:
		if v.Year() <= 1 {
			return m, false, errZeroDate
		}
		return inZone(v, zone, c.dbType == "DATE"), true, nil
	}
	s := strings.TrimSpace(c.raw())
	if s == "" {
		return m, false, nil
	}
	if strings.HasPrefix(s, "0000-00-00") {
		return m, false, errZeroDate
	}
	for _, layout := range layouts {
		t, err := time.Parse(layout, s)
		if err == nil {
			if layout == time.RFC3339Nano {
				return local(t), true, nil
			}
			return inZone(t, zone, !strings.Contains(layout, "15")), true, nil
		}
	}
	return m, false, errNotDate
}

// inZone takes the wall clock of t as that of zone. A mere date has no zone.
func inZone(t time.Time, zone *time.Location, dateOnly bool) moment {
	if dateOnly {
		return moment{date: invoice.DateOf(t)}
	}
	if zone == nil {
		return moment{invoice.DateOf(t), t.Format(time.TimeOnly)}
	}
	return local(time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), zone))
}

func local(t time.Time) moment {
	t = t.In(clock.Istanbul)
	return moment{invoice.DateOf(t), t.Format(time.TimeOnly)}
}

// instant reads a time that was written in zone; the zero time when there is none.
func (c cell) instant(zone *time.Location) (time.Time, error) {
	m, ok, err := c.moment(zone, false)
	if errors.Is(err, errZeroDate) || err == nil && !ok {
		return time.Time{}, nil
	}
	if err != nil {
		return time.Time{}, err
	}
	if m.clock == "" {
		return time.Time{}, errNotTime
	}
	return time.ParseInLocation(time.DateTime, m.date.String()+" "+m.clock, clock.Istanbul)
}

// timeOfDay reads TIME columns, "9:05", and the time part of a DATETIME.
func (c cell) timeOfDay() (string, bool, error) {
	switch v := c.v.(type) {
	case nil:
		return "", false, nil
	case time.Time:
		if v.Year() <= 1 {
			return "", false, nil
		}
		return v.Format(time.TimeOnly), true, nil
	}
	s := strings.TrimSpace(c.raw())
	if s == "" {
		return "", false, nil
	}
	for _, layout := range []string{"15:04:05.999999", "15:04"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.Format(time.TimeOnly), true, nil
		}
	}
	if m, ok, err := c.moment(nil, false); ok && err == nil && m.clock != "" {
		return m.clock, true, nil
	}
	return "", false, errNotTime
}

// parseBool reads yes and no as ERPs write them.
func parseBool(s string) (value, ok bool, err error) {
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "":
		return false, false, nil
	case "1", "y", "yes", "t", "true", "e", "evet", "\x01":
		return true, true, nil
	case "0", "n", "no", "f", "false", "h", "hayır", "\x00":
		return false, true, nil
	}
	return false, false, errNotYesNo
}
