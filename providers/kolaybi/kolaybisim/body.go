package kolaybisim

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"
)

// tree is a body, whichever way it was encoded.
type tree map[string]any

// parseBody reads JSON or a form with bracket keys.
func parseBody(contentType string, body []byte) (tree, error) {
	if len(body) == 0 {
		return tree{}, nil
	}
	if strings.HasPrefix(contentType, "application/json") {
		decoder := json.NewDecoder(bytes.NewReader(body))
		decoder.UseNumber()
		out := tree{}
		if err := decoder.Decode(&out); err != nil {
			return nil, err
		}
		return out, nil
	}
	values, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, err
	}
	out := tree{}
	for key, all := range values {
		if err := out.put(key, all[len(all)-1]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// put enters "a[b][0][c]" = value. Lists are maps by index until they are read.
func (t tree) put(key, value string) error {
	name, rest, _ := strings.Cut(key, "[")
	steps := []string{name}
	for rest != "" {
		step, more, ok := strings.Cut(rest, "]")
		if !ok || more != "" && !strings.HasPrefix(more, "[") {
			return fmt.Errorf("the key %q is broken", key)
		}
		steps = append(steps, step)
		rest = strings.TrimPrefix(more, "[")
	}
	at := map[string]any(t)
	for _, step := range steps[:len(steps)-1] {
		next, ok := at[step].(map[string]any)
		if !ok {
			next = map[string]any{}
			at[step] = next
		}
		at = next
	}
	at[steps[len(steps)-1]] = value
	return nil
}

// text gives a field as text; "" when it is missing.
func (t tree) text(name string) string {
	switch v := t[name].(type) {
	case nil, map[string]any, []any:
		return ""
	default:
		return strings.TrimSpace(fmt.Sprint(v))
	}
}

// sub gives an object.
func (t tree) sub(name string) (tree, bool) {
	m, ok := t[name].(map[string]any)
	return tree(m), ok
}

// list gives a list of objects; scalars become objects with the field "".
func (t tree) list(name string) []tree {
	var out []tree
	add := func(v any) {
		if m, ok := v.(map[string]any); ok {
			out = append(out, tree(m))
		} else {
			out = append(out, tree{"": v})
		}
	}
	switch v := t[name].(type) {
	case []any:
		for _, inner := range v {
			add(inner)
		}
	case map[string]any:
		for i := range len(v) {
			if inner, ok := v[strconv.Itoa(i)]; ok {
				add(inner)
			}
		}
	}
	return out
}

var errNumber = errors.New("is no number")

// amount reads a decimal; zero and false when the field is missing.
func (t tree) amount(name string) (decimal.Decimal, bool, error) {
	s := t.text(name)
	if s == "" {
		return decimal.Zero, false, nil
	}
	d, err := decimal.NewFromString(s)
	if err != nil {
		return decimal.Zero, true, errNumber
	}
	return d, true, nil
}

func (t tree) id(name string) int64 {
	n, err := strconv.ParseInt(t.text(name), 10, 64)
	if err != nil {
		return 0
	}
	return n
}
