package redact_test

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"faturad/providers/redact"
)

const secret = "c2ltdWxh+dG9yLWtleS1/bm90LWEtc2VjcmV0LTEyMzQ1="

func TestEveryFormOfASecretIsMasked(t *testing.T) {
	t.Parallel()
	quoted, err := json.Marshal("<" + secret + ">")
	if err != nil {
		t.Fatal(err)
	}
	forms := map[string]string{
		"raw":        secret,
		"query":      url.QueryEscape(secret),
		"lower":      strings.ToLower(url.QueryEscape(secret)),
		"path":       url.PathEscape(secret),
		"base64":     base64.StdEncoding.EncodeToString([]byte(secret)),
		"base64 url": base64.URLEncoding.EncodeToString([]byte(secret)),
		"basic auth": base64.StdEncoding.EncodeToString([]byte("user:" + secret)),
		"shift 1":    base64.StdEncoding.EncodeToString([]byte("x" + secret + "tail")),
		"hex":        hex.EncodeToString([]byte(secret)),
		"HEX":        strings.ToUpper(hex.EncodeToString([]byte(secret))),
		"json":       string(quoted),
		".net json":  strings.ReplaceAll(secret, "+", `\u002B`),
	}
	r := redact.New(secret)
	for name, form := range forms {
		got := r.Text("before " + form + " after")
		if !strings.Contains(got, redact.Mask) || strings.Contains(got, form) {
			t.Errorf("%s: %q", name, got)
		}
		if !strings.HasPrefix(got, "before ") || !strings.HasSuffix(got, " after") {
			t.Errorf("%s: surroundings damaged: %q", name, got)
		}
	}
}

func TestSecretsInsideBase64OfAnything(t *testing.T) {
	t.Parallel()
	r := redact.New(secret)
	rapid.Check(t, func(t *rapid.T) {
		before, after := rapid.String().Draw(t, "before"), rapid.String().Draw(t, "after")
		text := base64.StdEncoding.EncodeToString([]byte(before + secret + after))
		if got := r.Text(text); !strings.Contains(got, redact.Mask) {
			t.Fatalf("not masked: %q", got)
		}
	})
}

func TestErrorKeepsItsIdentity(t *testing.T) {
	t.Parallel()
	r := redact.New(secret)
	err := r.Error(fmt.Errorf("asking https://h/?k=%s: %w", secret, context.DeadlineExceeded))
	if !errors.Is(err, context.DeadlineExceeded) || strings.Contains(err.Error(), secret) {
		t.Errorf("got %v", err)
	}
	if strings.Contains(fmt.Sprintf("%v", errors.Unwrap(err)), secret) {
		t.Error("unwrapping shows the secret")
	}
}

func TestAnswerIsMaskedBeforeItIsCut(t *testing.T) {
	t.Parallel()
	body := strings.Repeat("x", redact.MaxAnswer-5) + secret
	got := string(redact.New(secret).Answer([]byte(body)))
	if len(got) > redact.MaxAnswer || strings.Contains(got, secret[:5]) {
		t.Errorf("kept %q", got[len(got)-20:])
	}
}

func TestTaxNumbers(t *testing.T) {
	t.Parallel()
	got := redact.TaxNumbers("VKN 1234567801, TCKN 10000000146, numara EPA2026000000123, ref 123456789")
	want := "VKN 12******01, TCKN 10*******46, numara EPA2026000000123, ref 123456789"
	if got != want {
		t.Errorf("got %q", got)
	}
}

func TestLine(t *testing.T) {
	t.Parallel()
	if got := redact.Line("a\r\nb\u202ec\x1b[0m\u2028ğğğğ", 12); got != "a  b c [0m …" && !strings.HasPrefix(got, "a  b c [0m") {
		t.Errorf("got %q", got)
	}
}
