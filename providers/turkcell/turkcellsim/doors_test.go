package turkcellsim_test

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"faturad/providers/turkcell/turkcellsim"
)

func TestDoorsAnswerOnLoopbackOnly(t *testing.T) {
	t.Parallel()
	sim := turkcellsim.New(turkcellsim.Options{})
	for from, want := range map[string]int{
		"127.0.0.1:5": 200, "[::1]:5": 200, "192.0.2.1:5": 403, "10.0.0.1:5": 403, "": 403,
	} {
		req := httptest.NewRequest(http.MethodGet, "/_sim/documents", nil)
		req.RemoteAddr = from
		w := httptest.NewRecorder()
		if sim.ServeHTTP(w, req); w.Code != want {
			t.Errorf("%s: %d, want %d", from, w.Code, want)
		}
	}
}

func TestDoors(t *testing.T) {
	t.Parallel()
	b := start(t, turkcellsim.Options{})
	b.key = "" // none is needed
	for _, path := range []string{"documents", "inbox", "log", "faults"} {
		if a := b.get("/_sim/" + path); a.status != 200 || string(a.body) != "[]" {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
	if a := b.get("/_sim/"); a.status != 200 || !a.has("POST   /_sim/faults") {
		t.Errorf("%d %s", a.status, a.body)
	}
	for path, want := range map[string]int{
		"POST nothing": 404, "POST clock": 400, "POST buyers": 400, "POST taxpayers": 400, "POST faults": 400,
		"POST documents/" + uuid.NewString() + "/status": 400, "DELETE inbox/" + uuid.NewString(): 400, "GET nothing": 404,
	} {
		method, rest, _ := strings.Cut(path, " ")
		if a := b.json(method, "/_sim/"+rest, `"?"`); a.status != want {
			t.Errorf("%s: %d, want %d: %s", path, a.status, want, a.body)
		}
	}
}

func TestLogTellsWhatHappened(t *testing.T) {
	t.Parallel()
	b, id := start(t, turkcellsim.Options{LogLimit: 3}), uuid.New()
	b.create(pathInvoice, basic(id), "status", "20", "localReferenceId", "r1")
	b.get(pathInvoice + "/" + id.String() + "/status?x=1")
	b.get("/v2/earchive/" + id.String() + "/status")
	b.get("/v1/staticlist/unit")
	log := b.sim.Log()
	if len(log) != 3 {
		t.Fatalf("%d entries, the limit is 3", len(log))
	}
	first := log[0]
	if !first.Saved || first.Status != 200 || first.ETTN != id.String() || first.LocalReference != "r1" || first.SHA256 != b.sim.Documents()[0].SHA256 ||
		first.Family != turkcellsim.FamilyCreate || first.CorrelationID == "" || !first.At.Equal(noon) {
		t.Errorf("%+v", first)
	}
	if log[1].Path != pathInvoice+"/"+id.String()+"/status?x=1" || log[1].Saved || log[2].Status != 404 {
		t.Errorf("%+v", log)
	}
}

// lines passes on what is written, a write at a time.
type lines chan string

func (l lines) Write(p []byte) (int, error) {
	l <- string(p)
	return len(p), nil
}

func TestListenAndServe(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	out, ended := make(lines, 10), make(chan error, 1)
	go func() {
		ended <- turkcellsim.ListenAndServe(ctx, "127.0.0.1:0", turkcellsim.Options{APIKey: "k", Latency: time.Millisecond}, out)
	}()
	text := <-out
	_, rest, _ := strings.Cut(text, "base_url  ")
	url, _, _ := strings.Cut(rest, "\n")
	if !strings.Contains(text, "api_key   k\n") {
		t.Errorf("%s", text)
	}
	b := &bench{t: t, url: url, key: "k", hc: &http.Client{}}
	if a := b.get("/v1/staticlist/unit"); a.status != 200 {
		t.Errorf("%d %v", a.status, a.err)
	}
	b.hc.CloseIdleConnections()
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if err := turkcellsim.ListenAndServe(t.Context(), "256.0.0.1:1", turkcellsim.Options{}, &bytes.Buffer{}); err == nil {
		t.Error("listened on nothing")
	}
}
