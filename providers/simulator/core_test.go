package simulator_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"faturad/internal/clock"
	"faturad/providers/simulator"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// notebook is the smallest provider that there can be: it writes down what it is told.
type notebook struct {
	simulator.Core[string]
	lines []string
}

const answer = `{"written":"çğış"}`

// open gives a notebook, and what asks it.
func open(t *testing.T) (*notebook, func(body string) (int, http.Header, string, error)) {
	t.Helper()
	n := &notebook{}
	n.Start(clock.NewManual(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)), 0, 100)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !n.Door(w, r, "", func(string, []byte) (any, error) { return nil, simulator.ErrNoDoor }) {
			n.Answer(w, r, &line{n: n, r: r})
		}
	}))
	t.Cleanup(server.Close)
	client := server.Client()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return n, func(body string) (int, http.Header, string, error) {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+"/write", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		res, err := client.Do(r)
		if err != nil {
			return 0, nil, "", err
		}
		defer res.Body.Close()
		got, err := io.ReadAll(io.LimitReader(res.Body, 2<<20))
		return res.StatusCode, res.Header, string(got), err
	}
}

func (n *notebook) written() int { n.Mu.Lock(); defer n.Mu.Unlock(); return len(n.lines) }

// line is one request.
type line struct {
	n    *notebook
	r    *http.Request
	body string
}

func (l *line) Family() simulator.Family { return "write" }
func (l *line) Read(body []byte)         { l.body = string(body) }
func (l *line) About(key string) bool    { return strings.Contains(l.body, key) }
func (l *line) Work() simulator.Reply {
	l.n.lines = append(l.n.lines, l.body)
	return simulator.Reply{Status: http.StatusOK, Body: []byte(answer)}
}

func (l *line) Words(f simulator.Fault) (simulator.Reply, bool) {
	return simulator.Reply{Body: []byte(`{"no":"` + f.Kind + `"}`)}, f.Kind != simulator.FaultStatus
}

func (l *line) Bend(f simulator.Fault, _ simulator.Reply) (simulator.Reply, bool) {
	return simulator.Reply{Status: http.StatusOK, Body: []byte(`{"bent":"` + f.Kind + `"}`)}, true
}

func (l *line) Settle(fault string, _ int) { l.n.Note(fault) }

// TestEveryKindOfFault: what it answers, and whether the request was worked on.
func TestEveryKindOfFault(t *testing.T) {
	t.Parallel()
	type want struct {
		status int    // 0 = no answer
		body   string // a part; "" = whatever
		saved  bool
	}
	wants := map[string]want{
		simulator.FaultSavedError: {500, "saved-error", true}, simulator.FaultAnswerLost: {0, "", true}, simulator.FaultCutBeforeBody: {0, "", false},
		simulator.FaultCut: {0, "", false}, simulator.FaultLateAccept: {504, "late-accept", false}, simulator.FaultSlowHeaders: {200, answer, true},
		simulator.FaultSlowBody: {200, answer, true}, simulator.FaultSilence: {0, "", true}, simulator.FaultHang: {0, "", true},
		simulator.FaultTruncated: {200, answer[:len(answer)/2], true}, simulator.FaultLongLength: {0, "", true}, simulator.FaultStatus: {503, "Service Unavailable", false},
		simulator.FaultThrottle: {429, "throttle", false}, simulator.FaultHTMLPage: {200, "oturum", false}, simulator.FaultEmpty: {200, "", true},
		simulator.FaultBOM: {200, "\xef\xbb\xbf{", true}, simulator.FaultLatin5: {200, "\xe7\xf0\xfd\xfe", true}, simulator.FaultGzipBomb: {200, "\x00\x00", true},
		simulator.FaultHugeBody: {200, answer + "   ", true}, simulator.FaultRedirect: {307, "", false}, simulator.FaultOtherID: {200, "bent", true},
		simulator.FaultTakenNumber: {200, "bent", true}, simulator.FaultNoNumber: {200, "bent", true}, simulator.FaultGarbage: {200, "", true},
		simulator.FaultWrongType: {200, answer, true}, simulator.FaultFlood1xx: {200, answer, true}, simulator.FaultBigHeader: {0, "", true},
		simulator.FaultExpireToken: {401, "expire-token", false}, simulator.FaultSuccessNo: {200, "success-false", true},
	}
	for _, kind := range simulator.FaultKinds() {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			want, known := wants[kind]
			if !known {
				t.Fatal("what it does is not written here")
			}
			n, ask := open(t)
			if err := n.SetFault(simulator.Fault{Kind: kind, Delay: time.Millisecond, Size: 1 << 20}); err != nil {
				t.Fatal(err)
			}
			status, header, body, err := ask("a")
			if failed := err != nil; failed != (want.status == 0) || !failed && (status != want.status || !strings.Contains(body, want.body)) {
				t.Errorf("%d %.100q %v, want %d %q", status, body, err, want.status, want.body)
			}
			if kind == simulator.FaultThrottle && header.Get("Retry-After") != "1" || kind == simulator.FaultRedirect && header.Get("Location") != "/moved/write" {
				t.Errorf("header %v", header)
			}
			if saved := n.written() == 1; saved != want.saved {
				t.Errorf("saved %t, want %t", saved, want.saved)
			}
			n.Advance(time.Second)
			if late := n.written() == 1; kind == simulator.FaultLateAccept && !late {
				t.Error("it never arrived")
			}
			if log := n.Log(); len(log) != 1 || log[0] != kind {
				t.Errorf("log %q", log)
			}
		})
	}
}

// TestFaultsChoose: by family and content, so many, each so many, by chance; unknown ones are refused.
func TestFaultsChoose(t *testing.T) {
	t.Parallel()
	n, ask := open(t)
	struck := func(times int, body string) (hits int) {
		t.Helper()
		for range times {
			if status, _, _, err := ask(body); err != nil || status == http.StatusTeapot {
				hits++
			}
		}
		return hits
	}
	for _, c := range []struct {
		fault simulator.Fault
		body  string
		want  [2]int // at least, at most, of 20
	}{
		{simulator.Fault{Family: "write"}, "a", [2]int{20, 20}},
		{simulator.Fault{Family: "read"}, "a", [2]int{0, 0}},
		{simulator.Fault{Key: "b"}, "a", [2]int{0, 0}},
		{simulator.Fault{Key: "b"}, "abc", [2]int{20, 20}},
		{simulator.Fault{Times: 3, Skip: 2}, "a", [2]int{3, 3}},
		{simulator.Fault{Every: 4}, "a", [2]int{5, 5}},
		{simulator.Fault{Probability: 0.5, Seed: 7}, "a", [2]int{3, 17}},
	} {
		n.ClearFaults()
		c.fault.Kind, c.fault.Status = simulator.FaultStatus, http.StatusTeapot
		if err := n.SetFault(c.fault); err != nil {
			t.Fatal(err)
		}
		if got := struck(20, c.body); got < c.want[0] || got > c.want[1] {
			t.Errorf("%+v struck %d of 20", c.fault, got)
		}
	}
	if n.SetFault(simulator.Fault{Kind: "storm"}) == nil || n.SetFault(simulator.Fault{Kind: simulator.FaultCut, Probability: 2}) == nil {
		t.Error("a fault that cannot be was taken")
	}
	var back simulator.Fault
	text, err := json.Marshal(simulator.Fault{Kind: simulator.FaultHang, Delay: 90 * time.Second})
	if err = errors.Join(err, json.Unmarshal(text, &back)); err != nil || back.Delay != 90*time.Second || !bytes.Contains(text, []byte("1m30s")) {
		t.Errorf("%s, %v", text, err)
	}
}

// TestDoors answer this machine only, and know what every simulator has.
func TestDoors(t *testing.T) {
	t.Parallel()
	n, _ := open(t)
	for _, c := range []struct {
		from, method, path, body string
		status                   int
	}{
		{"127.0.0.1:9", "POST", "/_sim/faults", `{"kind":"hang","delay":"1s"}`, 200},
		{"127.0.0.1:9", "GET", "/_sim/faults", "", 200},
		{"127.0.0.1:9", "POST", "/_sim/clock", `{"advance":"24h"}`, 200},
		{"127.0.0.1:9", "POST", "/_sim/clock", `{"advance":"soon"}`, 400},
		{"127.0.0.1:9", "POST", "/_sim/taxpayers", `["6400177128"]`, 200},
		{"127.0.0.1:9", "GET", "/_sim/log", "", 200},
		{"127.0.0.1:9", "GET", "/_sim", "", 404},
		{"127.0.0.1:9", "GET", "/_sim/window", "", 404},
		{"192.0.2.7:9", "GET", "/_sim/log", "", 403},
	} {
		r := httptest.NewRequestWithContext(t.Context(), c.method, c.path, strings.NewReader(c.body))
		r.RemoteAddr = c.from
		w := httptest.NewRecorder()
		if !n.Door(w, r, "", func(string, []byte) (any, error) { return nil, simulator.ErrNoDoor }) || w.Code != c.status {
			t.Errorf("%s %s from %s: %d %s, want %d", c.method, c.path, c.from, w.Code, w.Body, c.status)
		}
	}
	if got := n.Now(); got.Day() != 3 || len(n.Faults()) != 1 || !n.Taxpayer("6400177128") {
		t.Errorf("it is %s; faults %+v", got, n.Faults())
	}
	if n.Door(httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), "GET", "/_simple", nil), "", nil) {
		t.Error("another path was taken for a door")
	}
}
