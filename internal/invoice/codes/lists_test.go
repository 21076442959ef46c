package codes

import "testing"

func TestNearest(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ list, word, from, want string }{
		{ListUnit, "ADET", "", "C62"},
		{ListUnit, "adet", "AD", "C62"},
		{ListUnit, "KG", "", "KGM"},
		{ListUnit, "C6Z", "Adet", "C62"}, // the ERP's own word counts where the code says nothing
		{ListCountry, "TURKIYE", "", "TR"},
		{ListCountry, "almanya", "", "DE"},
		{ListWithholding, "6O1", "", "601"},
		{ListExemption, "3O1", "", "301"},
		{ListTax, "15", "KDV", "0015"},
	} {
		got, ok := Nearest(List(c.list), c.word, c.from)
		if !ok || got.Code != c.want {
			t.Errorf("%s %q: %+v, want %s", c.list, c.word, got, c.want)
		}
	}
	if got, ok := Nearest(List(ListUnit), "QQQQQQQQ"); ok {
		t.Errorf("nothing is near, but %+v is offered", got)
	}
}

func TestListsAreSortedAndFound(t *testing.T) {
	t.Parallel()
	want := map[string]int{ListUnit: 2152, ListCountry: 254, ListTax: 31, ListWithholding: 52, ListExemption: 113, ListCurrency: 193, ListPayment: 75, ListScenario: 12}
	for _, name := range Lists() {
		entries := List(name)
		if len(entries) != want[name] {
			t.Errorf("%s has %d entries, want %d", name, len(entries), want[name])
		}
		for i, e := range entries {
			if i > 0 && entries[i-1].Code >= e.Code {
				t.Errorf("%s: %s stands before %s", name, entries[i-1].Code, e.Code)
			}
			if found, ok := Find(name, e.Code); !ok || found != e {
				t.Errorf("%s: %s is not found", name, e.Code)
			}
		}
	}
	if _, ok := Find(ListUnit, "ADET"); ok {
		t.Error("ADET is no unit code")
	}
	if _, ok := Find("nothing", "C62"); ok || List("nothing") != nil {
		t.Error("a list that does not exist has codes")
	}
}
