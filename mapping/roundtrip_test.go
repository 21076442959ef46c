package mapping

import (
	"bytes"
	"testing"

	"github.com/google/uuid"

	"faturad/mapping/ubl"
)

// What goes out can be read again: writing what was read gives the same bytes, and what was read agrees with itself.
func TestSoundSalesAreReadAgain(t *testing.T) {
	t.Parallel()
	for _, path := range inputs(t) {
		g, rules := readGolden(t, path)
		inv, faults := FromSale(g.Sale, rules)
		if len(faults.Blocking()) > 0 {
			continue
		}
		for _, kind := range routesOf(inv) {
			h := ubl.Header{ETTN: uuid.NewSHA1(uuid.NameSpaceOID, []byte(path)), Kind: kind}
			out, err := ubl.Write(inv, h)
			if err != nil {
				t.Errorf("%s: %v", path, err)
				continue
			}
			doc, err := ubl.Parse(out)
			if err != nil {
				t.Errorf("%s: %v", path, err)
				continue
			}
			again, err := ubl.Write(doc.Invoice, doc.Header)
			if err != nil || !bytes.Equal(out, again) {
				t.Errorf("%s as %s is written otherwise after reading (%v)\n%s\n%s", path, kind, err, out, again)
			}
			if faults := doc.Invoice.Check(); len(faults) > 0 {
				t.Errorf("%s as %s: %v %s", path, kind, faults.Codes(), faults.Sentence("en"))
			}
		}
	}
}
