package erp

import (
	"errors"
	"testing"
	"time"

	"github.com/shopspring/decimal"
)

func TestDecimal(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in   any
		mark string
		want string
		err  error
	}{
		{22306.920000000002, "", "22306.92", nil},
		{float64(-0.1), "", "-0.1", nil},
		{float32(0.1), "", "0.1", nil},
		{1e15, "", "", errTooLarge},
		{int64(-3), "", "-3", nil},
		{uint64(18446744073709551615), "", "18446744073709551615", nil},
		{[]byte("624.308333"), "", "624.308333", nil},
		{"-2", "", "-2", nil},
		{" 12.50 ", "", "12.5", nil},
		{"1.234,50", ",", "1234.5", nil},
		{"1.234,50", "", "", errNotNumber},
		{"1e5", "", "", errNotNumber},
		{"0x27", "", "", errNotNumber},
		{"12 TL", "", "", errNotNumber},
		{"-", "", "", errNotNumber},
		{"1-2", "", "", errNotNumber},
		{"1.2.3", "", "", errNotNumber},
		{"NaN", "", "", errNotNumber},
		{time.Now(), "", "", errNotNumber},
		{nil, "", "none", nil},
		{"", "", "none", nil},
	} {
		d, ok, err := cell{v: c.in}.decimal(c.mark)
		got := d.String()
		if !ok && err == nil {
			got = "none"
		}
		if !errors.Is(err, c.err) || err == nil && got != c.want {
			t.Errorf("%v = %s, %v; want %s, %v", c.in, got, err, c.want, c.err)
		}
	}
}

func TestMoment(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 9, 30, 22, 30, 0, 0, time.UTC)
	for _, c := range []struct {
		name   string
		in     cell
		zone   *time.Location
		unix   bool
		want   string
		err    error
		absent bool
	}{
		{"DATE", cell{v: at, dbType: "DATE"}, nil, false, "2026-09-30 ", nil, false},
		{"DATE has no zone", cell{v: at, dbType: "DATE"}, time.UTC, false, "2026-09-30 ", nil, false},
		{"local DATETIME", cell{v: at, dbType: "DATETIME"}, nil, false, "2026-09-30 22:30:00", nil, false},
		{"UTC DATETIME is the next month here", cell{v: at, dbType: "DATETIME"}, time.UTC, false, "2026-10-01 01:30:00", nil, false},
		{"unix", cell{v: at.Unix()}, nil, true, "2026-10-01 01:30:00", nil, false},
		{"unix 0 is none", cell{v: int64(0)}, nil, true, "", nil, true},
		{"zero date of the driver", cell{v: time.Time{}, dbType: "DATETIME"}, nil, false, "", errZeroDate, true},
		{"zero date as text", cell{v: "0000-00-00 00:00:00"}, nil, false, "", errZeroDate, true},
		{"text", cell{v: []byte("2026-09-01 07:05")}, nil, false, "2026-09-01 07:05:00", nil, false},
		{"Turkish text", cell{v: "01.09.2026"}, nil, false, "2026-09-01 ", nil, false},
		{"ISO with zone", cell{v: "2026-09-01T22:00:00Z"}, nil, false, "2026-09-02 01:00:00", nil, false},
		{"garbage", cell{v: "bugün"}, nil, false, "", errNotDate, true},
		{"NULL", cell{}, nil, false, "", nil, true},
	} {
		m, ok, err := c.in.moment(c.zone, c.unix)
		if !errors.Is(err, c.err) || ok == c.absent {
			t.Errorf("%s: ok %v, error %v", c.name, ok, err)
			continue
		}
		if got := m.date.String() + " " + m.clock; ok && got != c.want {
			t.Errorf("%s = %q, want %q", c.name, got, c.want)
		}
	}
}

func TestTimeOfDay(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"09:07:50": "09:07:50", "9:05": "09:05:00", "": "", "2026-09-01 10:11:12": "10:11:12", "10:11:12.5": "10:11:12"} {
		if got, _, err := (cell{v: in}).timeOfDay(); got != want || err != nil {
			t.Errorf("%q = %q, %v; want %q", in, got, err, want)
		}
	}
	if _, _, err := (cell{v: "25:00"}).timeOfDay(); err == nil {
		t.Error("25:00 was taken")
	}
}

func TestBool(t *testing.T) {
	t.Parallel()
	for in, want := range map[string][2]bool{"1": {true, true}, "evet": {true, true}, "N": {false, true}, "\x00": {false, true}, "": {false, false}} {
		if v, ok, err := parseBool(in); v != want[0] || ok != want[1] || err != nil {
			t.Errorf("%q = %v %v %v", in, v, ok, err)
		}
	}
	if _, _, err := parseBool("maybe"); err == nil {
		t.Error("maybe was taken")
	}
}

// TestHashIgnoresTheProtocol: the same number hashes the same as DECIMAL text and as double.
func TestHashIgnoresTheProtocol(t *testing.T) {
	t.Parallel()
	a, b := canonical("1.50", cell{v: []byte("1.50"), dbType: "DECIMAL"}), canonical("1.5", cell{v: 1.5, dbType: "DOUBLE"})
	if a != b || a != decimal.RequireFromString("1.5").String() {
		t.Errorf("%q and %q differ", a, b)
	}
}
