package simulator

import (
	"bytes"
	"compress/gzip"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/encoding/charmap"
)

// forever is how long a silent answer lasts when nobody leaves.
const forever = 10 * time.Minute

// Misbehave sends an answer as the faults want that lie in how it travels; of other kinds it sends nothing.
func (f *Fault) Misbehave(w http.ResponseWriter, r *http.Request, answer Reply) {
	switch f.Kind {
	case FaultAnswerLost, FaultCut:
		Cut(w)
	case FaultHang:
		Pause(r, f.wait())
		Cut(w)
	case FaultSlowHeaders:
		if Pause(r, f.wait()) {
			answer.send(w)
		}
	case FaultSlowBody:
		answer.head(w, len(answer.Body))
		for i := range answer.Body {
			if _, err := w.Write(answer.Body[i : i+1]); err != nil || http.NewResponseController(w).Flush() != nil || !Pause(r, f.wait()) {
				break
			}
		}
	case FaultSilence:
		answer.head(w, len(answer.Body))
		_ = http.NewResponseController(w).Flush() // the client may have left
		Pause(r, f.wait())
		Cut(w)
	case FaultLongLength:
		answer.head(w, len(answer.Body)+4096)
		_, _ = w.Write(answer.Body) // the server closes the connection: the promised rest never comes
	case FaultGzipBomb:
		gzipBomb(w, orElse(f.Size, 1<<30))
	case FaultHugeBody:
		answer.huge(w, orElse(f.Size, 100<<20))
	case FaultFlood1xx:
		w.Header().Set("Link", "</x>; rel=preload")
		for range 100 {
			w.WriteHeader(http.StatusEarlyHints)
		}
		answer.send(w)
	case FaultBigHeader:
		w.Header().Set("X-Big", strings.Repeat("x", 12<<20))
		answer.send(w)
	}
}

func (f *Fault) wait() time.Duration {
	switch {
	case f.Delay > 0:
		return f.Delay
	case f.Kind == FaultSlowBody:
		return time.Second
	case f.Kind == FaultSlowHeaders:
		return 5 * time.Second
	}
	return forever
}

func orElse(n, usual int64) int64 {
	if n > 0 {
		return n
	}
	return usual
}

func (r Reply) typed() string {
	if r.Type == "" {
		return "application/json; charset=utf-8"
	}
	return r.Type
}

func (r Reply) send(w http.ResponseWriter) {
	w.Header().Set("Content-Type", r.typed())
	w.WriteHeader(r.Status)
	_, _ = w.Write(r.Body) // a client that left is no fault of ours
}

func (r Reply) head(w http.ResponseWriter, length int) {
	w.Header().Set("Content-Type", r.typed())
	w.Header().Set("Content-Length", strconv.Itoa(length))
	w.WriteHeader(r.Status)
}

func (r Reply) huge(w http.ResponseWriter, n int64) {
	w.Header().Set("Content-Type", r.typed())
	w.WriteHeader(r.Status)
	if _, err := w.Write(r.Body); err != nil {
		return
	}
	spaces := bytes.Repeat([]byte(" "), 64<<10)
	for sent := int64(len(r.Body)); sent < n; sent += int64(len(spaces)) {
		if _, err := w.Write(spaces); err != nil {
			return
		}
	}
}

// Cut closes the connection under the client's feet.
func Cut(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil { // HTTP/2 or a recorder: the nearest thing to silence
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	_ = conn.Close() // it is meant to break
}

// Latin5 is the text in ISO-8859-9; what that does not have becomes a question mark.
func Latin5(utf []byte) []byte {
	out := make([]byte, 0, len(utf))
	for _, r := range string(utf) {
		b, ok := charmap.ISO8859_9.EncodeRune(r)
		if !ok {
			b = '?'
		}
		out = append(out, b)
	}
	return out
}

// Noise is 512 random bytes, the same for the same seed.
func Noise(seed uint64) []byte {
	out := make([]byte, 512)
	dice := rand.New(rand.NewPCG(seed, 0x6A7B))
	for i := range out {
		out[i] = byte(dice.Uint32())
	}
	return out
}

// gzipBomb sends n zero bytes, compressed about a thousandfold: one small member of a gzip file, repeated.
func gzipBomb(w http.ResponseWriter, n int64) {
	var member bytes.Buffer
	z := gzip.NewWriter(&member)
	_, _ = z.Write(make([]byte, 1<<20)) // into memory: cannot fail
	_ = z.Close()
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Content-Encoding", "gzip")
	w.WriteHeader(http.StatusOK)
	for sent := int64(0); sent < n; sent += 1 << 20 {
		if _, err := w.Write(member.Bytes()); err != nil {
			return // the client has had enough
		}
	}
}
