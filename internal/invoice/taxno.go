package invoice

// ValidVKN reports whether s is a ten-digit tax number with the right check digit: for i = 1..9, t = (d_i + 10 − i) mod
// 10 and v = 9 when t = 9, else t·2^(10−i) mod 9; d10 = (10 − Σv mod 10) mod 10.
func ValidVKN(s string) bool {
	if len(s) != 10 || !digits(s) || s == "0000000000" {
		return false
	}
	sum := 0
	for i := 1; i <= 9; i++ {
		t := (int(s[i-1]-'0') + 10 - i) % 10
		if t == 9 {
			sum += 9
		} else {
			sum += t * (1 << (10 - i)) % 9
		}
	}
	return int(s[9]-'0') == (10-sum%10)%10
}

// ValidTCKN reports whether s is an eleven-digit personal number with the right check digits: d1 is not 0, d10 = ((d1 +
// d3 + d5 + d7 + d9)·7 − (d2 + d4 + d6 + d8)) mod 10, d11 = (d1 + … + d10) mod 10.
func ValidTCKN(s string) bool {
	if len(s) != 11 || !digits(s) || s[0] == '0' {
		return false
	}
	odd, even := 0, 0
	for i := 0; i < 9; i += 2 {
		odd += int(s[i] - '0')
	}
	for i := 1; i < 8; i += 2 {
		even += int(s[i] - '0')
	}
	tenth := ((odd*7-even)%10 + 10) % 10
	return int(s[9]-'0') == tenth && int(s[10]-'0') == (odd+even+tenth)%10
}

// ValidTaxNo reports whether s is a valid VKN, a valid TCKN or a placeholder.
func ValidTaxNo(s string) bool {
	return s == FinalConsumer || s == ForeignBuyer || ValidVKN(s) || ValidTCKN(s)
}

// ValidIBAN reports whether s, written without spaces, has the form and the check digits of an IBAN (ISO 13616, mod 97);
// a Turkish one has 26 characters.
func ValidIBAN(s string) bool {
	if len(s) < 15 || len(s) > 34 || s[:2] == "TR" && len(s) != 26 {
		return false
	}
	if !digits(s[2:4]) {
		return false
	}
	rest := 0
	for i := range len(s) {
		c := s[(i+4)%len(s)]
		switch {
		case c >= '0' && c <= '9':
			rest = (rest*10 + int(c-'0')) % 97
		case c >= 'A' && c <= 'Z':
			rest = (rest*100 + int(c-'A') + 10) % 97
		default:
			return false
		}
	}
	return rest == 1
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// ValidNumber reports whether s is an e-invoice number: three capitals or digits, the year 20xx, nine digits.
func ValidNumber(s string) bool {
	if len(s) != 16 || s[3:5] != "20" || !digits(s[5:]) {
		return false
	}
	for i := range 3 {
		if c := s[i]; !(c >= 'A' && c <= 'Z' || c >= '0' && c <= '9') {
			return false
		}
	}
	return true
}
