package turkcellsim_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"syscall"
	"testing"

	"github.com/google/uuid"

	"faturad/providers/turkcell/turkcellsim"
)

// BenchmarkCreateInProcess is the simulator's own cost of one UBL create, without network.
func BenchmarkCreateInProcess(b *testing.B) {
	sim := turkcellsim.New(turkcellsim.Options{})
	contentType, form := formOf(b, basic(uuid.Nil), "status", "20", "checkLocalReferenceId", "true", "appType", "1")
	before := cpu(b)
	for b.Loop() {
		body := bytes.Replace(form, []byte(uuid.Nil.String()), []byte(uuid.NewString()), 1)
		req := httptest.NewRequest(http.MethodPost, pathInvoice, bytes.NewReader(body))
		req.Header.Set("Content-Type", contentType)
		req.Header.Set("X-Api-Key", turkcellsim.DefaultAPIKey)
		w := httptest.NewRecorder()
		if sim.ServeHTTP(w, req); w.Code != http.StatusOK {
			b.Fatal(w.Code, w.Body)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "creates/s")
	b.ReportMetric((cpu(b)-before)*1e6/float64(b.N), "cpu-µs/op")
}

// cpu is the processor time of this process in seconds: it does not suffer from busy neighbours.
func cpu(b *testing.B) float64 {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}

// BenchmarkCreateOverLoopback includes a client on the same machine.
func BenchmarkCreateOverLoopback(b *testing.B) {
	s := start(b, turkcellsim.Options{})
	contentType, form := formOf(b, basic(uuid.Nil), "status", "20", "checkLocalReferenceId", "true", "appType", "1")
	b.SetParallelism(8)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			body := bytes.Replace(form, []byte(uuid.Nil.String()), []byte(uuid.NewString()), 1)
			if a := s.do(http.MethodPost, pathInvoice, contentType, body); a.status != http.StatusOK {
				b.Error(a.status, string(a.body), a.err)
				return
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "creates/s")
}
