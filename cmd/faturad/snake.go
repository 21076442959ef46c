package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"unicode"
)

// snakeKeys writes the keys of a JSON document as the rest of our output writes them: BuyerTaxNo becomes buyer_tax_no. The
// domain's types carry no JSON names of their own, since nothing else ever prints them. Order and values stay as they are.
func snakeKeys(document []byte) (json.RawMessage, error) {
	var out bytes.Buffer
	if err := copySnake(&out, json.NewDecoder(bytes.NewReader(document))); err != nil {
		return nil, fmt.Errorf("naming the fields: %w", err)
	}
	return out.Bytes(), nil
}

// copySnake copies one value.
func copySnake(out *bytes.Buffer, in *json.Decoder) error {
	in.UseNumber()
	token, err := in.Token()
	if err != nil {
		return err
	}
	open, ok := token.(json.Delim)
	if !ok {
		return write(out, token)
	}
	out.WriteString(open.String())
	for first := true; in.More(); first = false {
		if !first {
			out.WriteByte(',')
		}
		if open == '{' {
			key, err := in.Token()
			if err != nil {
				return err
			}
			if err := write(out, snake(fmt.Sprint(key))); err != nil {
				return err
			}
			out.WriteByte(':')
		}
		if err := copySnake(out, in); err != nil {
			return err
		}
	}
	end, err := in.Token()
	if err == nil {
		out.WriteString(fmt.Sprint(end))
	}
	return err
}

func write(out *bytes.Buffer, value any) error {
	text, err := json.Marshal(value)
	out.Write(text)
	return err
}

// snake writes a Go name in small letters: VATRate is vat_rate, IDs is ids, BuyerSKU is buyer_sku.
func snake(name string) string {
	letters := []rune(strings.ReplaceAll(name, "IDs", "Ids"))
	var b strings.Builder
	for i, r := range letters {
		upper := unicode.IsUpper(r)
		ends := i > 0 && !unicode.IsUpper(letters[i-1])               // xY
		begins := i+1 < len(letters) && unicode.IsLower(letters[i+1]) // XYz
		if upper && i > 0 && (ends || begins) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}
