package turkcell

import "strconv"

// scenarios are the ProfileIDs in the order of their codes (facts 4.3).
var scenarios = [...]string{
	"TEMELFATURA", "TICARIFATURA", "IHRACAT", "YOLCUBERABERFATURA", "EARSIVFATURA", "KAGIT", "HKS", "EARSIVBELGE", "STANDARTKODLUFATURA",
	"KAMU", "ENERJI", "ILAC_TIBBICIHAZ", "YATIRIMTESVIK", "IDIS",
}

// types are the InvoiceTypeCodes by their codes (facts 4.4); 0 and 16 are unused.
var types = [...]string{
	1: "SATIS", 2: "IADE", 3: "ISTISNA", 4: "OZELMATRAH", 5: "TEVKIFAT", 6: "ARACTESCIL", 7: "IHRACKAYITLI", 8: "SGK", 9: "KOMISYONCU",
	10: "SERBESTMESLEKMAKBUZU", 11: "MUSTAHSILMAKBUZ", 12: "HKSSATIS", 13: "HKSKOMISYONCU", 14: "STANDARTKODLU", 15: "TEVKIFATIADE",
	17: "KONAKLAMAVERGISI", 18: "SARJ", 19: "SARJANLIK", 20: "TEKNOLOJIDESTEK", 21: "ADISYON", 22: "YTBSATIS", 23: "YTBISTISNA",
	24: "YTBIADE", 25: "YTBTEVKIFAT", 26: "YTBTEVKIFATIADE",
}

// scenarioName gives the ProfileID of a code, or the code as text.
func scenarioName(code int) string {
	if code >= 0 && code < len(scenarios) {
		return scenarios[code]
	}
	return strconv.Itoa(code)
}

// typeName gives the InvoiceTypeCode of a code, or the code as text; "" for 0.
func typeName(code int) string {
	switch {
	case code == 0:
		return ""
	case code > 0 && code < len(types) && types[code] != "":
		return types[code]
	}
	return strconv.Itoa(code)
}

// codeOf finds the code of a name; false when there is none.
func codeOf(names []string, name string) (int, bool) {
	for code, n := range names {
		if n == name && n != "" {
			return code, true
		}
	}
	return 0, false
}
