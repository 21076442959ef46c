package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"testing"

	"faturad/providers/turkcell/turkcellsim"
)

// TestSimulate runs the simulator alone, looks through a door, knocks with and without the key, and ends it.
func TestSimulate(t *testing.T) {
	ctx, stop := contextOf(t)
	ready := make(chan struct{})
	out := newWatched("doors", "/_sim/", func() { close(ready) })
	var errOut bytes.Buffer
	ended := make(chan int, 1)
	go func() {
		ended <- execute(ctx, []string{"simulate", "turkcell", "--listen", "127.0.0.1:0", "--latency", "1ms", "--key", "a-key-of-this-test", "--pace", "poll"}, out, &errOut)
	}()
	select {
	case <-ready:
	case code := <-ended:
		t.Fatalf("exit code %d: %s", code, errOut.String())
	}
	url := regexp.MustCompile(`http://[0-9.:]+`).FindString(out.String())

	client := &http.Client{}
	defer client.CloseIdleConnections()
	ask := func(path, key string) (int, []byte) {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("x-api-key", key)
		response, err := client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		return response.StatusCode, body
	}
	status, body := ask("/_sim/documents", "")
	var documents []turkcellsim.Document
	if err := json.Unmarshal(body, &documents); err != nil || status != http.StatusOK || len(documents) != 0 {
		t.Errorf("documents: %d %s %v", status, body, err)
	}
	const path = "/v1/inboxinvoice/list?pageIndex=1&pageSize=10"
	if status, body := ask(path, "a-key-of-this-test"); status != http.StatusOK {
		t.Errorf("with the key: %d %s", status, body)
	}
	if status, _ := ask(path, turkcellsim.DefaultAPIKey); status != http.StatusUnauthorized {
		t.Errorf("with another key: %d", status)
	}
	stop()
	if code := <-ended; code != exitDone {
		t.Errorf("exit code %d: %s", code, errOut.String())
	}
}
