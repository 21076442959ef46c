package main

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestJSON runs the demo as `faturad-demo --json` does, and holds it to the figures that it promises.
func TestJSON(t *testing.T) {
	var out, errOut bytes.Buffer
	if code := execute(t.Context(), []string{"--json"}, &out, &errOut); code != exitDone {
		t.Fatalf("exit code %d: %s", code, errOut.String())
	}
	var got figures
	decoder := json.NewDecoder(&out)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&got); err != nil {
		t.Fatal(err)
	}
	if want := planned(opening(defaultSales)); got != want {
		t.Errorf("the demo ended with %+v, planned was %+v", got, want)
	}
	if got.Accepted <= 25 {
		t.Errorf("only %d sales were accepted", got.Accepted)
	}
	if decoder.More() || errOut.Len() > 0 {
		t.Errorf("more than the figures was printed: %q %q", out.String(), errOut.String())
	}
}

// planned are the figures that the sales themselves name.
func planned(sales []sale) figures {
	f := figures{Sales: len(sales), Received: incoming}
	for _, s := range sales {
		switch s.end {
		case "":
			f.Accepted++
		case "held":
			f.Held++
		case "refused":
			f.Refused++
		}
	}
	return f
}

func TestUsage(t *testing.T) {
	t.Parallel()
	for _, args := range []string{"--sales 0", "--sales 100000", "--provider uyumsoft", "--language de", "--nonsense", "simulate", "simulate turkcell --pace slow",
		"simulate turkcell --latency -1s"} {
		var out, errOut bytes.Buffer
		if code := execute(context.Background(), strings.Fields(args), &out, &errOut); code != exitUsage {
			t.Errorf("%s: exit code %d, want %d", args, code, exitUsage)
		}
		if lines := strings.Count(errOut.String(), "\n"); lines != 1 {
			t.Errorf("%s: wants one sentence, got %q", args, errOut.String())
		}
	}
}
