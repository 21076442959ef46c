package ubl

import (
	"strings"

	"github.com/shopspring/decimal"
)

// money names a currency and its hundredth in Turkish.
type money struct{ unit, cent string }

// moneyNames are the currencies that people say by name; others are said by their code and sent.
var moneyNames = map[string]money{
	"TRY": {"TL", "kuruş"},
	"USD": {"ABD doları", "sent"},
	"EUR": {"avro", "sent"},
	"GBP": {"İngiliz sterlini", "peni"},
	"CHF": {"İsviçre frangı", "santim"},
	"RUB": {"Rus rublesi", "kopek"},
	"AZN": {"Azerbaycan manatı", "kepik"},
}

var (
	wordsOnes   = [10]string{"", "bir", "iki", "üç", "dört", "beş", "altı", "yedi", "sekiz", "dokuz"}
	wordsTens   = [10]string{"", "on", "yirmi", "otuz", "kırk", "elli", "altmış", "yetmiş", "seksen", "doksan"}
	wordsGroups = [6]string{"", "bin", "milyon", "milyar", "trilyon", "katrilyon"}
)

// wordsLimit is the first amount without words: GİB's amounts have at most 17 digits, decimals included.
var wordsLimit = decimal.New(1, 17)

// Words says an amount the way it stands on Turkish invoices, "Yalnız binikiyüzotuzdört TL ellialtı kuruş": each number
// in one word, as the Turkish spelling rules want it on commercial papers. Fractions of a hundredth are rounded half up.
// Amounts of 10^17 and more have no words and give "".
func Words(amount decimal.Decimal, currency string) string {
	amount = amount.Round(2)
	negative := amount.Sign() < 0
	if amount = amount.Abs(); amount.GreaterThanOrEqual(wordsLimit) {
		return ""
	}
	whole := amount.Truncate(0)
	cents := amount.Sub(whole).Shift(2).IntPart()
	names, ok := moneyNames[currency]
	if !ok {
		names = money{currency, "sent"}
	}
	var b strings.Builder
	b.WriteString("Yalnız ")
	if negative {
		b.WriteString("eksi ")
	}
	if n := whole.IntPart(); n > 0 || cents == 0 {
		spell(&b, n)
		b.WriteString(" " + names.unit)
		if cents > 0 {
			b.WriteByte(' ')
		}
	}
	if cents > 0 {
		spell(&b, cents)
		b.WriteString(" " + names.cent)
	}
	return b.String()
}

// spell writes n (0 to 10^18-1) in words.
func spell(b *strings.Builder, n int64) {
	if n == 0 {
		b.WriteString("sıfır")
		return
	}
	unit := int64(1_000_000_000_000_000)
	for group := len(wordsGroups) - 1; group >= 0; group-- {
		part := n / unit % 1000
		unit /= 1000
		if part == 0 {
			continue
		}
		if group != 1 || part != 1 { // a thousand is "bin", not "birbin"
			if h := part / 100; h > 1 {
				b.WriteString(wordsOnes[h])
			}
			if part >= 100 {
				b.WriteString("yüz")
			}
			b.WriteString(wordsTens[part/10%10])
			b.WriteString(wordsOnes[part%10])
		}
		b.WriteString(wordsGroups[group])
	}
}
