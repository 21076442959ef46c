package invoice

import (
	"regexp"
	"strconv"
	"strings"
	"sync"
)

// FaultKind is one entry of the catalogue: everything about a fault but the place and the value. In the texts, {0} is
// the offending value, {1} and up are what the finder adds, and {line} is the line's position.
type FaultKind struct {
	Code    string
	Message Text
	Advice  Text
	Warning bool // does not block
}

// Catalogue returns every fault that mapping, Check and the choice of a route can find, in the order of docs/faults.md, which is made from it.
func Catalogue() []FaultKind {
	var all []FaultKind
	for _, part := range [][]FaultKind{documentFaults, seriesFaults, partyFaults, lineFaults, taxFaults, totalFaults, kindFaults, receiptFaults, routeFaults} {
		all = append(all, part...)
	}
	return all
}

var catalogueByCode = sync.OnceValue(func() map[string]FaultKind {
	m := map[string]FaultKind{}
	for _, k := range Catalogue() {
		m[k.Code] = k
	}
	return m
})

// NewFault makes the fault with this catalogue code. value is what stands in the field now, already masked where
// personal; more fills {1}, {2} … of the texts. An unknown code gives a blocking fault without advice.
func NewFault(code, field, value string, more ...string) Fault {
	return newFault(code, field, 0, value, more)
}

// NewLineFault is NewFault for a column of the line at position (from 1).
func NewLineFault(code string, position int, column, value string, more ...string) Fault {
	return newFault(code, "lines["+strconv.Itoa(position)+"]."+column, position, value, more)
}

func newFault(code, field string, position int, value string, more []string) Fault {
	kind, ok := catalogueByCode()[code]
	if !ok {
		return Fault{Code: code, Field: field, Value: value, Message: Text{TR: code, EN: code}}
	}
	pairs := []string{"{0}", value, "{line}", strconv.Itoa(position)}
	for i, m := range more {
		pairs = append(pairs, "{"+strconv.Itoa(i+1)+"}", m)
	}
	english := strings.NewReplacer(pairs...)
	for i := 1; i < len(pairs); i += 2 {
		pairs[i] = turkish(pairs[i])
	}
	turkish := strings.NewReplacer(pairs...)
	name := fieldName(field)
	fill := func(t Text) Text {
		t = Text{TR: strings.ReplaceAll(t.TR, "{field}", name.TR), EN: strings.ReplaceAll(t.EN, "{field}", name.EN)}
		return Text{TR: strings.ReplaceAll(turkish.Replace(t.TR), " ()", ""), EN: strings.ReplaceAll(english.Replace(t.EN), " ()", "")}
	}
	return Fault{Code: code, Field: field, Value: value, Warning: kind.Warning, Message: fill(kind.Message), Advice: fill(kind.Advice)}
}

var (
	isoDate  = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}$`)
	isAmount = regexp.MustCompile(`^(-?\d+)\.(\d+)( [A-Z]{3})?$`)
)

// turkish writes a date or an amount as Turkish sentences have it; everything else stays as it is.
func turkish(value string) string {
	if isoDate.MatchString(value) {
		if d, err := ParseDate(value); err == nil {
			return d.Text("tr")
		}
	}
	return isAmount.ReplaceAllString(value, "$1,$2$3")
}

// MaskTaxNo hides the middle of an eleven-digit personal number; other values are returned as they are.
func MaskTaxNo(s string) string {
	if len(s) != 11 || s == FinalConsumer {
		return s
	}
	return s[:3] + "*****" + s[8:]
}
