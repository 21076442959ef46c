package ubl

import (
	"strings"

	"github.com/shopspring/decimal"
)

// appendDecimal writes d in plain digits with at least least decimals and no trailing zeros beyond them; most cuts the
// number of decimals by rounding half away from zero, -1 cuts nothing. It does not depend on the settings of the
// decimal package.
func appendDecimal(buf []byte, d decimal.Decimal, least, most int) []byte {
	if most >= 0 && int(d.Exponent()) < -most {
		d = d.Round(int32(most))
	}
	exp := int(d.Exponent())
	var digits []byte
	var room [40]byte
	negative := d.Sign() < 0
	if d.NumDigits() <= 18 {
		digits = digitsOf(room[:0], d.CoefficientInt64())
	} else {
		digits = append(room[:0], strings.TrimPrefix(d.Coefficient().String(), "-")...)
	}
	for exp < -least && len(digits) > 1 && digits[len(digits)-1] == '0' {
		digits = digits[:len(digits)-1]
		exp++
	}
	if len(digits) == 1 && digits[0] == '0' {
		exp, negative = 0, false
	}
	if negative {
		buf = append(buf, '-')
	}
	for ; exp > 0; exp-- {
		digits = append(digits, '0')
	}
	whole := len(digits) + exp
	if whole <= 0 {
		buf = append(buf, '0')
	} else {
		buf = append(buf, digits[:whole]...)
	}
	if exp == 0 && least == 0 {
		return buf
	}
	buf = append(buf, '.')
	for ; whole < 0; whole++ {
		buf = append(buf, '0')
	}
	buf = append(buf, digits[whole:]...)
	for i := -exp; i < least; i++ {
		buf = append(buf, '0')
	}
	return buf
}

// digitsOf appends the digits of n without its sign.
func digitsOf(buf []byte, n int64) []byte {
	var room [20]byte
	i := len(room)
	if n < 0 {
		n = -n
	}
	for {
		i--
		room[i] = byte('0' + n%10)
		if n /= 10; n == 0 {
			return append(buf, room[i:]...)
		}
	}
}

// maxDigits bounds the numbers that are read: GİB's amounts have at most 17 digits before the point.
const maxDigits = 40

// parseNumber reads a number as UBL writes it: digits, an optional sign, a point. Space around and between the digits
// (also the no-break space) is ignored: some senders pad or group with it. Exponents, commas and numbers of more than
// maxDigits digits are refused: a comma has two meanings, and an exponent is an attack.
func parseNumber(text []byte) (decimal.Decimal, bool) {
	var room [maxDigits + 2]byte
	buf, digits, points := room[:0], 0, 0
	for i := 0; i < len(text); i++ {
		switch b := text[i]; {
		case b == ' ' || b == '\t' || b == '\n' || b == '\r':
			continue
		case b == 0xc2 && i+1 < len(text) && text[i+1] == 0xa0:
			i++
			continue
		case b >= '0' && b <= '9':
			digits++
		case b == '.':
			points++
		case (b == '-' || b == '+') && len(buf) == 0:
		default:
			return decimal.Decimal{}, false
		}
		if len(buf) == cap(room[:]) {
			return decimal.Decimal{}, false
		}
		buf = append(buf, text[i])
	}
	if digits == 0 || digits > maxDigits || points > 1 {
		return decimal.Decimal{}, false
	}
	d, err := decimal.NewFromString(string(buf))
	return d, err == nil
}
