package providertest

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
)

// Travel watches which fields of a provider's interface reach its simulator, test by test, and compares them with the
// provider's rows of the table of coverage once the tests have run.
type Travel struct {
	// Kind is the provider.
	Kind string
	// Routes are method and path of the endpoints that the table names in other words; {x} stands for any one segment, which
	// is the field x. Nil where the table names endpoints by method and path.
	Routes map[string]string

	mu   sync.Mutex
	seen map[string]map[trip]bool // by test
}

// trip is a field that came to an endpoint, lower case, with n for the place in a list; without a field, the endpoint itself.
type trip struct{ endpoint, field string }

// coverageTable is where the table lies, as a provider's tests see it.
const coverageTable = "../all/testdata/coverage.tsv"

// Watch notes what comes to a simulator for test t, and lets it pass unchanged.
func (v *Travel) Watch(t testing.TB, simulator http.Handler) http.Handler {
	test, _, _ := strings.Cut(t.Name(), "/")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body bytes.Buffer
		method, address, kind := r.Method, *r.URL, r.Header.Get("Content-Type")
		r.Body = struct {
			io.Reader
			io.Closer
		}{io.TeeReader(r.Body, &body), r.Body} // the simulator decides whether it reads
		defer func() { v.note(test, method, address, kind, body.Bytes()) }() // also when it cuts the connection
		simulator.ServeHTTP(w, r)
	})
}

// note writes down one request. What cannot be read has come without fields.
func (v *Travel) note(test, method string, address url.URL, contentType string, body []byte) {
	if strings.HasPrefix(address.Path, "/_sim/") {
		return
	}
	fields := map[string]bool{"": true}
	for name, values := range address.Query() {
		came(fields, name, values[0])
	}
	kind, params, _ := mime.ParseMediaType(contentType)
	switch kind {
	case "application/x-www-form-urlencoded":
		values, _ := url.ParseQuery(string(body))
		for name := range values {
			came(fields, name, values.Get(name))
		}
	case "multipart/form-data":
		for in := multipart.NewReader(bytes.NewReader(body), params["boundary"]); ; {
			part, err := in.NextPart()
			if err != nil {
				break
			}
			content, _ := io.ReadAll(part)
			came(fields, part.FormName(), string(content))
		}
	default:
		var tree any
		if json.Unmarshal(body, &tree) == nil {
			flatten(fields, "", tree)
		}
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.seen == nil {
		v.seen = map[string]map[trip]bool{}
	}
	if v.seen[test] == nil {
		v.seen[test] = map[trip]bool{}
	}
	for field := range fields {
		v.seen[test][trip{method + " " + address.Path, field}] = true
	}
}

// came notes a field with brackets in its name and those it lies in, unless it is empty.
func came(fields map[string]bool, name, value string) {
	if value == "" {
		return
	}
	name = field(name)
	for i, c := range name {
		if c == '[' {
			fields[name[:i]] = true
		}
	}
	fields[name] = true
}

// flatten notes the fields of a JSON value that are not empty, written as in a form: items[n][product_id].
func flatten(fields map[string]bool, name string, value any) {
	switch value := value.(type) {
	case map[string]any:
		for key, inner := range value {
			if name != "" {
				key = name + "[" + key + "]"
			}
			flatten(fields, key, inner)
		}
	case []any:
		for _, inner := range value {
			if name == "" { // the body is a list
				flatten(fields, "", inner)
			} else {
				flatten(fields, name+"[n]", inner)
			}
		}
	case nil:
	default:
		came(fields, name, fmt.Sprint(value))
	}
}

var place = regexp.MustCompile(`\[(\d+|\*|n)?\]`)

// field is a field's name in the way in which all are compared.
func field(name string) string {
	return strings.ToLower(place.ReplaceAllString(strings.TrimSuffix(name, " (path)"), "[n]"))
}

// Main runs the tests of a provider's package, and then judges the table: give it to goleak in place of m.
func (v *Travel) Main(m *testing.M) interface{ Run() int } { return watched{v, m} }

type watched struct {
	v *Travel
	m *testing.M
}

// Run is that of testing.M; it gives 1 when the tests passed and the table is wrong.
func (w watched) Run() int {
	if code := w.m.Run(); code != 0 {
		return code
	}
	rows, err := Coverage(coverageTable)
	faults := []string{fmt.Sprint(err)}
	if err == nil {
		faults = w.v.judge(rows, asked)
	}
	for _, f := range faults {
		fmt.Fprintln(os.Stderr, "coverage.tsv: "+f)
	}
	if len(faults) > 0 {
		return 1
	}
	return 0
}

// asked says whether a test has run in whole: go test may have been asked for others, or for a part of it.
func asked(test string) bool {
	if flag.Lookup("test.list").Value.String() != "" {
		return false
	}
	run, skip := flag.Lookup("test.run").Value.String(), flag.Lookup("test.skip").Value.String()
	if strings.Contains(run+skip, "/") {
		return false
	}
	wanted, err := regexp.MatchString(run, test)
	if err != nil || !wanted {
		return false
	}
	unwanted, err := regexp.MatchString(skip, test)
	return err == nil && (skip == "" || !unwanted)
}

// judge compares the rows with what came: each "yes" came in every test that it names, and what came stands in a "yes".
func (v *Travel) judge(rows []Covered, ran func(test string) bool) (faults []string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	table := map[trip]Covered{}
	routes := map[string]string{}
	for _, r := range rows {
		if r.Kind == v.Kind {
			table[trip{r.Endpoint, field(r.Field)}] = r
			routes[r.Endpoint] = r.Endpoint
			if route, ok := v.Routes[r.Endpoint]; ok {
				routes[r.Endpoint] = route
			}
		}
	}
	came := map[string]map[trip]bool{}
	for test, trips := range v.seen {
		came[test] = map[trip]bool{}
		for t := range trips {
			endpoint, inPath := find(routes, t.endpoint)
			came[test][trip{endpoint, t.field}] = true
			for _, name := range inPath {
				if at := (trip{endpoint, field(name)}); table[at].State != "" { // else the endpoint's own name shows it
					came[test][at] = true
				}
			}
			if endpoint == "" {
				faults = append(faults, fmt.Sprintf("%s: %s was asked for %s, which has no row", v.Kind, test, t.endpoint))
			}
		}
	}
	for at, r := range table {
		for _, test := range r.Tests() {
			if ran(test) && !came[test][at] {
				faults = append(faults, fmt.Sprintf("%s: %s %s did not travel in %s", v.Kind, r.Endpoint, r.Field, test))
			}
		}
	}
	for test, trips := range came {
		for t := range trips {
			if t.endpoint != "" && !stands(table, t) {
				faults = append(faults, fmt.Sprintf("%s: %s %s travels in %s, and has no row that says yes", v.Kind, t.endpoint, t.field, test))
			}
		}
	}
	slices.Sort(faults)
	return slices.Compact(faults)
}

// stands says whether a field has a row that says yes: its own, one inside it, or that of what it lies in where the table
// does not go into that.
func stands(table map[trip]Covered, t trip) bool {
	for name := t.field; ; {
		row, ok := table[trip{t.endpoint, name}]
		inside := false
		for other := range table {
			inside = inside || other.endpoint == t.endpoint && strings.HasPrefix(other.field, name+"[")
		}
		switch {
		case ok && (name == t.field || !inside):
			return row.State == "yes"
		case inside:
			return name == t.field
		}
		i := strings.LastIndexByte(name, '[')
		if i < 0 {
			return false
		}
		name = name[:i]
	}
}

// find gives the endpoint of a request, that with the fewest {x} if there are several, and the fields in its path.
func find(routes map[string]string, request string) (endpoint string, inPath []string) {
	have := strings.Split(strings.TrimSuffix(strings.ToLower(request), "/"), "/")
	for name, route := range routes {
		want := strings.Split(strings.TrimSuffix(route, "/"), "/")
		if len(want) != len(have) {
			continue
		}
		var fields []string
		fits := true
		for i, segment := range want {
			if strings.HasPrefix(segment, "{") {
				fields = append(fields, strings.Trim(segment, "{}"))
			} else if strings.ToLower(segment) != have[i] {
				fits = false
			}
		}
		if fits && (endpoint == "" || len(fields) < len(inPath)) {
			endpoint, inPath = name, fields
		}
	}
	return endpoint, inPath
}
