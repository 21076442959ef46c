package kolaybi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"unicode"

	"github.com/shopspring/decimal"
)

// encode writes a body as JSON, or as a form with PHP's bracket keys: items[0][product_id]. Both say the same.
func encode(body any, contentType string) ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(body); err != nil {
		return nil, fmt.Errorf("writing the body: %w", err)
	}
	if contentType == typeJSON {
		return bytes.TrimRight(b.Bytes(), "\n"), nil
	}
	decoder := json.NewDecoder(&b)
	decoder.UseNumber()
	var tree any
	if err := decoder.Decode(&tree); err != nil {
		return nil, fmt.Errorf("writing the body: %w", err)
	}
	values := url.Values{}
	flatten(values, "", tree)
	return []byte(values.Encode()), nil
}

// flatten adds a JSON value under a key with brackets.
func flatten(values url.Values, key string, v any) {
	switch v := v.(type) {
	case map[string]any:
		for name, inner := range v {
			if key != "" {
				name = key + "[" + name + "]"
			}
			flatten(values, name, inner)
		}
	case []any:
		for i, inner := range v {
			flatten(values, key+"["+strconv.Itoa(i)+"]", inner)
		}
	case nil:
	default:
		values.Set(key, fmt.Sprint(v)) // strings, json.Number, booleans
	}
}

// number is an amount that JSON carries as a number, in plain digits.
type number struct{ decimal.Decimal }

// MarshalJSON writes plain digits.
func (n number) MarshalJSON() ([]byte, error) { return []byte(n.String()), nil }

func some(d decimal.Decimal) *number {
	if d.IsZero() {
		return nil
	}
	return &number{d}
}

// digits is an amount that KolayBi wants as text, with two decimals at least.
func digits(d decimal.Decimal) string {
	if d.Exponent() > -2 {
		return d.StringFixed(2)
	}
	return d.String()
}

// turkish letters by the ASCII letter that people write instead.
var turkish = strings.NewReplacer("İ", "i", "I", "i", "ı", "i", "Ş", "s", "ş", "s", "Ğ", "g", "ğ", "g", "Ü", "u", "ü", "u", "Ö", "o", "ö", "o",
	"Ç", "c", "ç", "c", "Â", "a", "â", "a", "Î", "i", "î", "i", "Û", "u", "û", "u")

// fold makes texts comparable that people typed: small ASCII letters and digits, single spaces.
func fold(s string) string {
	s = strings.ToLower(turkish.Replace(s))
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }), " ")
}
