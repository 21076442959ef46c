package providertest

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"faturad/internal/fault"
)

// brokenWire: whatever breaks after the request may have left, the outcome is unknown, and nothing was sent twice.
func brokenWire(t *testing.T, s Subject) {
	good := s.Created(s.Draft(1).ETTN, "ABC2026000000001")
	head := fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n", len(good))
	readAll := func(r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) }
	reply := func(text string) script {
		return func(c net.Conn, r *http.Request) {
			readAll(r)
			_, _ = io.WriteString(c, text)
			_ = c.Close()
		}
	}
	cases := []struct {
		name string
		play script
	}{
		{"cut before the body", func(c net.Conn, _ *http.Request) { _ = c.Close() }},
		{"reset before the body", func(c net.Conn, _ *http.Request) { reset(c) }},
		{"cut in the middle of the body", func(c net.Conn, r *http.Request) {
			_, _ = io.CopyN(io.Discard, r.Body, r.ContentLength/2)
			_ = c.Close()
		}},
		{"cut after the body", func(c net.Conn, r *http.Request) { readAll(r); _ = c.Close() }},
		{"reset after the body", func(c net.Conn, r *http.Request) { readAll(r); reset(c) }},
		{"no answer", func(_ net.Conn, r *http.Request) { readAll(r) }},
		{"half a status line", reply("HTTP/1.1 20")},
		{"half a header", reply("HTTP/1.1 200 OK\r\nContent-Le")},
		{"headers, then silence", func(c net.Conn, r *http.Request) { readAll(r); _, _ = io.WriteString(c, head) }},
		{"headers, then the end", reply(head)},
		{"cut in the middle of the answer", reply(head + good[:len(good)/2])},
		{"cut in the middle of a chunk", reply("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n" + good)},
		{"one byte at a time, and then none", func(c net.Conn, r *http.Request) {
			readAll(r)
			for _, b := range []byte(head + good[:3]) {
				_, _ = c.Write([]byte{b})
			}
		}},
		{"refusal cut in the middle", reply("HTTP/1.1 422 X\r\nContent-Length: 500\r\n\r\n{\"uyar")},
		{"not HTTP", reply("SSH-2.0-OpenSSH_9.2\r\n")},
		{"binary", reply("\x00\x01\x02\xff\xfe\r\n\r\n")},
		{"status 000", reply("HTTP/1.1 000 X\r\nContent-Length: 0\r\n\r\n")},
		{"status 999", reply("HTTP/1.1 999 X\r\nContent-Length: 0\r\n\r\n")},
		{"status abc", reply("HTTP/1.1 abc X\r\nContent-Length: 0\r\n\r\n")},
		{"switching protocols", reply("HTTP/1.1 101 X\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n")},
		{"only 100", reply("HTTP/1.1 100 Continue\r\n\r\n")},
		{"flood of 1xx", reply(strings.Repeat("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n", 5000))},
		{"header of a megabyte", reply("HTTP/1.1 200 OK\r\nX-A: " + strings.Repeat("a", 1<<20) + "\r\nContent-Length: 0\r\n\r\n")},
		{"two lengths", reply("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n" + good)},
		{"reset in the answer", func(c net.Conn, r *http.Request) { readAll(r); _, _ = io.WriteString(c, head[:20]); reset(c) }},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := listen(t, s, false, c.play)
			class := sendTo(t, s, w.URL)
			if class != fault.Ambiguous {
				t.Errorf("class %q", class)
			}
			if n := w.creates.Load(); n != 1 {
				t.Errorf("%d creating requests", n)
			}
		})
	}
	t.Run("closed before a byte is read", func(t *testing.T) {
		t.Parallel()
		w := listen(t, s, true, func(c net.Conn, _ *http.Request) { _ = c.Close() })
		if class := sendTo(t, s, w.URL); class != fault.Ambiguous && class != fault.Retryable {
			t.Errorf("class %q", class)
		}
	})
	t.Run("a kept connection that dies under the second create", func(t *testing.T) {
		t.Parallel()
		var answered atomic.Int64 // a provider may bring its second create on a connection of its own
		w := listen(t, s, false, func(c net.Conn, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			if answered.Add(1) == 1 {
				_, _ = io.WriteString(c, head+good)
				return
			}
			_ = c.Close()
		})
		log, _ := newLogs()
		p := s.New(t, w.URL, log)
		if _, err := p.Send(context.Background(), outgoing(t, p, s.Draft(1))); err != nil {
			t.Fatal(err)
		}
		_, err := p.Send(context.Background(), outgoing(t, p, s.Draft(2)))
		if fault.ClassOf(err) != fault.Ambiguous || w.creates.Load() != 2 {
			t.Errorf("class %q after %d creating requests for two documents", fault.ClassOf(err), w.creates.Load())
		}
	})
	t.Run("huge answers", func(t *testing.T) { huge(t, s) })
	t.Run("the caller gives up", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		w := listen(t, s, false, func(_ net.Conn, r *http.Request) { readAll(r); cancel() })
		log, _ := newLogs()
		p := s.New(t, w.URL, log)
		if _, err := p.Send(ctx, outgoing(t, p, s.Draft(1))); fault.ClassOf(err) != fault.Ambiguous {
			t.Errorf("class %q: %v", fault.ClassOf(err), err)
		}
	})
	t.Run("the caller had given up before", func(t *testing.T) {
		t.Parallel()
		st := serve(t, s, func(http.ResponseWriter, *http.Request) {})
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		log, _ := newLogs()
		p := s.New(t, st.URL, log)
		if _, err := p.Send(ctx, outgoing(t, p, s.Draft(1))); fault.ClassOf(err) != fault.Retryable || st.all.Load() != 0 {
			t.Errorf("class %q, %d requests: %v", fault.ClassOf(err), st.all.Load(), err)
		}
	})
}

// huge answers must not fill memory, unpacked or not.
func huge(t *testing.T, s Subject) {
	zeros := make([]byte, 1<<20)
	bomb, err := gzipBomb()
	if err != nil {
		t.Fatal(err)
	}
	cases := map[string]http.HandlerFunc{
		"100 MB": func(w http.ResponseWriter, _ *http.Request) {
			for range 100 {
				if _, err := w.Write(zeros); err != nil {
					return
				}
			}
		},
		"gzip bomb": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write(bomb)
		},
	}
	for name, handler := range cases {
		st := serve(t, s, handler)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if class := sendTo(t, s, st.URL); class != fault.Ambiguous {
			t.Errorf("%s: class %q", name, class)
		}
		runtime.ReadMemStats(&after)
		if grown := (after.TotalAlloc - before.TotalAlloc) >> 20; grown > 48 {
			t.Errorf("%s: %d MB allocated", name, grown)
		}
		if st.creates.Load() != 1 {
			t.Errorf("%s: %d creating requests", name, st.creates.Load())
		}
	}
}

// gzipBomb is 96 MB of nothing, made once: packing it is slow under the race detector.
var gzipBomb = sync.OnceValues(func() ([]byte, error) {
	var bomb bytes.Buffer
	z := gzip.NewWriter(&bomb)
	zeros := make([]byte, 1<<20)
	for range 96 {
		if _, err := z.Write(zeros); err != nil {
			return nil, fmt.Errorf("packing: %w", err)
		}
	}
	if err := z.Close(); err != nil {
		return nil, fmt.Errorf("packing: %w", err)
	}
	return bomb.Bytes(), nil
})

// unreachable: before a connection exists nothing can have left.
func unreachable(t *testing.T, s Subject) {
	closed, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	refused := "http://" + closed.Addr().String()
	if err := closed.Close(); err != nil {
		t.Fatal(err)
	}
	plain := serve(t, s, func(http.ResponseWriter, *http.Request) {})
	for name, address := range map[string]string{
		"refused":      refused,
		"no such name": "https://faturad-contract.invalid",
		"no TLS there": strings.Replace(plain.URL, "http://", "https://", 1),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if class := sendTo(t, s, address); class != fault.Retryable {
				t.Errorf("class %q", class)
			}
		})
	}
}

// sendTo sends one document and returns the class; the secret stays inside.
func sendTo(t testing.TB, s Subject, address string) fault.Class {
	t.Helper()
	log, written := newLogs()
	p := s.New(t, address, log)
	_, err := p.Send(context.Background(), outgoing(t, p, s.Draft(1)))
	if err == nil {
		t.Error("taken for a success")
		return ""
	}
	noSecretIn(t, s.Secret, err)
	noSecret(t, "the log", s.Secret, written.String())
	return fault.ClassOf(err)
}

// reset closes with RST instead of FIN.
func reset(c net.Conn) {
	if tcp, ok := c.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = c.Close()
}
