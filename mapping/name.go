package mapping

import (
	"strings"
	"unicode"
)

// splitPerson splits a person's full name as Turkish ERPs store it: the last word is the family name, a hyphenated one
// counts as one word. Titles, notes in brackets and the trade name of a sole trader ("Ayşe Kaya – Kaya Market") are no
// part of it. ok is false when fewer than two words remain.
func splitPerson(name string) (first, last string, ok bool) {
	words := personWords(name)
	if len(words) < 2 {
		return "", "", false
	}
	return strings.Join(words[:len(words)-1], " "), words[len(words)-1], true
}

// personWords returns the words of the person's own name.
func personWords(name string) []string {
	if i := strings.IndexAny(name, "([{"); i > 0 {
		name = name[:i]
	}
	parts := strings.FieldsFunc(strings.NewReplacer(" - ", "\x00", "–", "\x00", "—", "\x00", "/", "\x00", "|", "\x00").Replace(name),
		func(r rune) bool { return r == 0 })
	var words []string
	for _, part := range parts { // the first part that is not a trade name
		found := lettered(part)
		if len(words) == 0 || trade(words) && len(found) > 1 && !trade(found) {
			words = found
		}
	}
	for len(words) > 2 && titles[strings.TrimSuffix(lower(words[0]), ".")] {
		words = words[1:]
	}
	return words
}

// lettered returns the words that hold at least one letter (an emoji is no name).
func lettered(s string) []string {
	var words []string
	for w := range strings.FieldsSeq(s) {
		if strings.IndexFunc(w, unicode.IsLetter) >= 0 {
			words = append(words, strings.Trim(w, ",;:"))
		}
	}
	return words
}

var titles = map[string]bool{"sn": true, "sayın": true, "bay": true, "bayan": true, "dr": true, "av": true, "prof": true,
	"doç": true, "op": true, "uzm": true, "ecz": true, "dt": true, "müh": true, "mim": true}

var tradeWords = map[string]bool{"market": true, "ticaret": true, "tic": true, "sanayi": true, "san": true, "gıda": true,
	"inşaat": true, "otomotiv": true, "oto": true, "mağazası": true, "mağaza": true, "büfe": true, "büfesi": true,
	"eczanesi": true, "eczane": true, "kafe": true, "cafe": true, "restoran": true, "lokantası": true, "nakliyat": true,
	"tekstil": true, "mobilya": true, "kuyumculuk": true, "kırtasiye": true, "işletmesi": true, "pazarlama": true}

// trade reports words that look like a trade name.
func trade(words []string) bool {
	for _, w := range words {
		if tradeWords[strings.TrimSuffix(lower(w), ".")] {
			return true
		}
	}
	return false
}

// company reports a name that only a company can have: A.Ş. or Ltd. Şti. in any of their spellings.
func company(name string) bool {
	words := strings.Fields(lower(name))
	for i, w := range words {
		switch strings.Trim(w, ".,'\")(") {
		case "ltd", "limited", "lımıted", "şti", "sti", "anonim", "anonım", "a.ş", "a.s", "gmbh", "llc":
			return true
		case "aş": // also a word of its own ("aş evi"), so only at the end
			if i == len(words)-1 && i > 0 {
				return true
			}
		}
	}
	return false
}
