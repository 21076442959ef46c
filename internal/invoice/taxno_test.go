package invoice

import "testing"

func TestCheckDigits(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		ok   func(string) bool
		in   string
		want bool
	}{
		{"GİB", ValidVKN, "3900383669", true},
		{"customs", ValidVKN, "1460415308", true},
		{"SGK", ValidVKN, "7750409379", true},
		{"GİB's favourite example", ValidVKN, "1288331521", false},
		{"all zero", ValidVKN, "0000000000", false},
		{"short", ValidVKN, "390038366", false},
		{"letter", ValidVKN, "390038366A", false},
		{"not ASCII", ValidVKN, "39003836٦", false},
		{"test TCKN", ValidTCKN, "10000000146", true},
		{"wrong last digit", ValidTCKN, "10000000147", false},
		{"wrong tenth digit", ValidTCKN, "10000000156", false},
		{"leading zero", ValidTCKN, "00000000146", false},
		{"placeholder consumer", ValidTaxNo, FinalConsumer, true},
		{"placeholder abroad", ValidTaxNo, ForeignBuyer, true},
		{"empty", ValidTaxNo, "", false},
		{"IBAN of the standard", ValidIBAN, "GB82WEST12345698765432", true},
		{"Turkish example IBAN", ValidIBAN, "TR330006100519786457841326", true},
		{"Turkish IBAN, digit off", ValidIBAN, "TR330006100519786457841327", false},
		{"Turkish IBAN, too short", ValidIBAN, "TR33000610051978645784132", false},
		{"IBAN with spaces", ValidIBAN, "TR33 0006 1005 1978 6457 8413 26", false},
		{"lower case IBAN", ValidIBAN, "tr330006100519786457841326", false},
		{"number", ValidNumber, "ABC2026000000123", true},
		{"number with Turkish letter", ValidNumber, "ŞBC202600000012", false},
		{"number of another century", ValidNumber, "ABC1926000000123", false},
		{"ERP number", ValidNumber, "FA2609-0001", false},
	} {
		if got := c.ok(c.in); got != c.want {
			t.Errorf("%s: %s is %v, want %v", c.name, c.in, got, c.want)
		}
	}
}

// A single wrong digit is always found in a TCKN.
func TestTCKNFindsEveryWrongDigit(t *testing.T) {
	t.Parallel()
	const good = "10000000146"
	for i := range good {
		for d := byte('0'); d <= '9'; d++ {
			bad := []byte(good)
			if bad[i] == d {
				continue
			}
			bad[i] = d
			if ValidTCKN(string(bad)) {
				t.Errorf("%s passes", bad)
			}
		}
	}
}

func TestMaskTaxNo(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"10000000146": "100*****146", "3900383669": "3900383669", FinalConsumer: FinalConsumer, "": ""} {
		if got := MaskTaxNo(in); got != want {
			t.Errorf("%s becomes %s, want %s", in, got, want)
		}
	}
}
