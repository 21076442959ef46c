package turkcell

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"faturad/internal/clock"
)

// The types here read what nobody could establish (facts section 10): numbers as text, dates with and without a zone, null,
// absent. encoding/json matches names whatever their case, as the facts advise.

// number is an integer that may come as text, null or not at all.
type number struct {
	value int
	given bool
}

// UnmarshalJSON reads 60, "60", "Onaylandı : 60", null and "".
func (n *number) UnmarshalJSON(data []byte) error {
	text := strings.TrimSpace(strings.Trim(string(data), `"`))
	if i := strings.LastIndex(text, ":"); i >= 0 {
		text = strings.TrimSpace(text[i+1:])
	}
	if text == "" || text == "null" {
		*n = number{}
		return nil
	}
	value, err := strconv.Atoi(text)
	if err != nil {
		return fmt.Errorf("%.40q is not a whole number", data)
	}
	*n = number{value, true}
	return nil
}

// pointer gives nil when there was none.
func (n number) pointer() *int {
	if !n.given {
		return nil
	}
	return &n.value
}

// yesNo is a bool that may come as text or number.
type yesNo struct{ value, given bool }

// UnmarshalJSON reads true, "True", 1, null.
func (f *yesNo) UnmarshalJSON(data []byte) error {
	switch strings.ToLower(strings.Trim(string(data), `"`)) {
	case "true", "1":
		*f = yesNo{true, true}
	case "false", "0":
		*f = yesNo{false, true}
	case "null", "":
		*f = yesNo{}
	default:
		return fmt.Errorf("%.40q is neither true nor false", data)
	}
	return nil
}

// instant is a date and time; without a zone it is Turkish local time (facts 6.2).
type instant struct{ time.Time }

// UnmarshalJSON reads ISO 8601 with or without zone, with a space for the T, dates, null. What it cannot read stays zero:
// no document depends on it.
func (i *instant) UnmarshalJSON(data []byte) error {
	text := strings.Replace(strings.Trim(string(data), `"`), " ", "T", 1)
	i.Time = time.Time{}
	for _, layout := range []string{"2006-01-02T15:04:05.999999999Z07:00", "2006-01-02T15:04:05.999999999", "2006-01-02"} {
		if t, err := time.ParseInLocation(layout, text, clock.Istanbul); err == nil {
			if t.Year() > 1 { // .NET's default value is 0001-01-01
				i.Time = t
			}
			return nil
		}
	}
	return nil
}

// money is an amount: a number, a number as text, null.
type money struct{ decimal.Decimal }

// UnmarshalJSON keeps every digit.
func (m *money) UnmarshalJSON(data []byte) error {
	text := strings.Trim(string(data), `"`)
	if text == "" || text == "null" {
		m.Decimal = decimal.Decimal{}
		return nil
	}
	if len(text) > 40 {
		return fmt.Errorf("%.40q… is too long for an amount", text)
	}
	value, err := decimal.NewFromString(text)
	if err != nil || value.Exponent() > 20 || value.Exponent() < -20 {
		return fmt.Errorf("%.40q is not an amount", data)
	}
	m.Decimal = value
	return nil
}

// id is a GUID that may be null or empty; anything else that is no GUID is an error.
type id struct{ uuid.UUID }

// UnmarshalJSON reads any case, with or without hyphens and braces.
func (i *id) UnmarshalJSON(data []byte) error {
	text := strings.Trim(string(data), `"`)
	i.UUID = uuid.Nil
	if text == "" || text == "null" {
		return nil
	}
	value, err := uuid.Parse(text)
	if err != nil {
		return fmt.Errorf("%.40q is not a GUID", data)
	}
	i.UUID = value
	return nil
}

// decode reads a JSON answer whatever its byte order mark and charset.
func decode(a answer, into any) error {
	text := decodeText(a.header.Get("Content-Type"), a.body)
	d := json.NewDecoder(bytes.NewReader([]byte(strings.TrimSpace(text))))
	if err := d.Decode(into); err != nil {
		return fmt.Errorf("reading the JSON: %w", err)
	}
	if d.More() {
		return fmt.Errorf("reading the JSON: something follows it")
	}
	return nil
}
