package erp

import (
	"strings"
)

// Offers gives, by document, the statement that offers sales, written one way: variables filled in, without comments,
// blanks and quotes of names. Two companies with equal ones in one database would both issue every sale. What a statement
// of its own, or another value of a variable, tells apart differs here.
func (c Config) Offers() map[string]string {
	out := map[string]string{}
	for _, d := range c.Documents {
		pending, err := compile(d.Pending, c.Vars)
		if err != nil || pending.empty() {
			continue // Check says so
		}
		var words []string
		for _, t := range pending.tokens {
			switch t.kind {
			case tokenSpace:
			case tokenIdent:
				words = append(words, t.name)
			default:
				words = append(words, t.text)
			}
		}
		out[d.Name] = strings.Join(words, " ")
	}
	return out
}
