package turkcellsim

import (
	"strconv"
	"strings"
	"sync"
)

// listDate stands in rows whose date means nothing.
const listDate = "2019-01-01T00:00:00"

// staticLists are the code lists (facts 2.5, nr 36 to 41, and currency), each made when it is first asked for.
func (s *Simulator) staticLists() map[string]func() []byte {
	return map[string]func() []byte{
		"unit":               listOf(units),
		"country":            listOf(countries),
		"currency":           listOf(currencies),
		"taxoffice":          listOf(taxOffices),
		"taxtypecode":        listOf(taxTypes),
		"withholding":        listOf(withholdings),
		"taxexemptionreason": listOf(exemptions),
	}
}

func listOf(make func() []map[string]any) func() []byte {
	return sync.OnceValue(func() []byte { return asJSON(make()).body })
}

func units() []map[string]any {
	out := []map[string]any{}
	for i, r := range rows(unitsTSV) {
		out = append(out, map[string]any{
			"id": i + 1, "code": r[0], "description": orElse(r[1], r[0]), "format": nil, "isEnabled": true, "createdDate": listDate,
			"updatedDate": nil, "isSelectedUnitCode": r[0] == "C62", "unitPrice": 0,
		})
	}
	return out
}

// countries begin with Türkiye, whose id is 1.
func countries() []map[string]any {
	out := []map[string]any{{"id": 1, "name": "Türkiye"}}
	for _, r := range rows(countriesTSV) {
		if r[0] != "TR" {
			out = append(out, map[string]any{"id": len(out) + 1, "name": orElse(r[1], r[0])})
		}
	}
	return out
}

// currencies begin with TRY, whose id is 1.
func currencies() []map[string]any {
	row := func(id int, code, name string) map[string]any {
		return map[string]any{
			"id": id, "name": orElse(name, code), "symbol": code, "decimalPlaceName": "Kuruş", "code": code, "decimalPlaceCode": "KRŞ",
		}
	}
	out := []map[string]any{row(1, "TRY", "Türk Lirası")}
	for _, r := range rows(currenciesTSV) {
		if r[0] != "TRY" {
			out = append(out, row(len(out)+1, r[0], r[1]))
		}
	}
	return out
}

// taxOffices are a few well-known ones; the codes other than 34263 are made up.
func taxOffices() []map[string]any {
	out := []map[string]any{}
	for i, r := range [][2]string{
		{"Kadıköy", "İstanbul"}, {"Üsküdar", "İstanbul"}, {"Beşiktaş", "İstanbul"}, {"Şişli", "İstanbul"}, {"Çankaya", "Ankara"},
		{"Yenimahalle", "Ankara"}, {"Konak", "İzmir"}, {"Bornova", "İzmir"}, {"Osmangazi", "Bursa"}, {"Seyhan", "Adana"},
	} {
		city := map[string]int{"İstanbul": 34, "Ankara": 6, "İzmir": 35, "Bursa": 16, "Adana": 1}[r[1]]
		out = append(out, map[string]any{
			"code": strings.Repeat("0", max(0, 5-len(strconv.Itoa(city*1000+263+i)))) + strconv.Itoa(city*1000+263+i),
			"name": r[0], "cityId": city, "cityName": r[1],
		})
	}
	return out
}

func taxTypes() []map[string]any {
	negative := map[string]bool{"0003": true, "0011": true, "9015": true, "4171": true}
	out := []map[string]any{}
	for _, r := range rows(taxTypesTSV) {
		out = append(out, map[string]any{
			"code": r[0], "name": orElse(r[2], r[1]), "description": r[1], "isProrata": true, "isEnabled": true,
			"isCalculationBaseOnLineAmount": r[0] != "9015", "isNegative": negative[r[0]],
		})
	}
	return out
}

// withholdings has one row for each code and rate.
func withholdings() []map[string]any {
	out := []map[string]any{}
	for _, r := range rows(withholdingTSV) {
		for rate := range strings.SplitSeq(r[2], ",") {
			percent, err := strconv.Atoi(strings.TrimSpace(rate))
			if err != nil {
				continue // a code without rates in GİB's list
			}
			out = append(out, map[string]any{
				"id": len(out) + 1, "value": r[0], "value2": strconv.Itoa(percent/10) + "/10", "rate": percent, "description": r[1],
				"isEnabled": true, "createdDate": listDate, "createdBy": nil, "updatedDate": nil, "updatedBy": nil,
			})
		}
	}
	return out
}

func exemptions() []map[string]any {
	out := []map[string]any{}
	for i, r := range rows(exemptionsTSV) {
		out = append(out, map[string]any{
			"id": i + 1, "value": r[0], "description": r[1], "relatedType": r[2], "isEnabled": true,
		})
	}
	return out
}
