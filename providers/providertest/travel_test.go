package providertest

import (
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

// TestTravelJudges: a row is right when its field came with a value, in each of its tests, and what came has a row.
func TestTravelJudges(t *testing.T) {
	t.Parallel()
	const create = "POST /v1/sale/{code}"
	row := func(field, state, why string) Covered { return Covered{"acme", "guide", create, field, state, why} }
	right := []Covered{row("", "yes", "acme.TestTravelJudges"), row("code", "yes", "acme.TestTravelJudges"), row("dry", "yes", "acme.TestTravelJudges"),
		row("lines[*][name]", "yes", "acme.TestTravelJudges"), row("buyer", "yes", "acme.TestTravelJudges"), row("note", "not", "nobody needs it")}
	for name, c := range map[string]struct {
		rows []Covered
		want string // part of a fault; "" = none
	}{
		"right":                {right, ""},
		"came empty":           {append(slices.Clone(right), row("empty", "yes", "acme.TestTravelJudges")), "empty did not travel"},
		"came elsewhere":       {append(slices.Clone(right[1:]), row("", "yes", "acme.TestTravelJudges, acme.TestOther")), "did not travel in TestOther"},
		"no row":               {slices.DeleteFunc(slices.Clone(right), func(r Covered) bool { return r.Field == "dry" }), "dry travels"},
		"no row inside a list": {append(slices.Clone(right[:3]), row("lines[*][price]", "not", "x"), right[4]), "lines[n][name] travels"},
		"comes all the same":   {append(slices.Clone(right[:4]), row("buyer", "not", "x")), "buyer[city] travels"},
		"no endpoint":          {nil, "has no row"},
	} {
		v := &Travel{Kind: "acme"}
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/v1/sale/S-1?dry=1", strings.NewReader(`{"lines":[{"name":"x"}],"buyer":{"city":"Ankara"},"empty":"","none":[]}`))
		v.Watch(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) })).ServeHTTP(httptest.NewRecorder(), r)
		faults := v.judge(c.rows, func(string) bool { return true })
		if c.want == "" && len(faults) != 0 || c.want != "" && !slices.ContainsFunc(faults, func(f string) bool { return strings.Contains(f, c.want) }) {
			t.Errorf("%s: %q", name, faults)
		}
	}
}
