package bench

import (
	"os"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"testing"

	"faturad/internal/app" //nolint:depguard // profiles are taken of the wired whole, and the shipped binary has no hook for them
	"faturad/internal/config"
)

// profile runs both passes in this process and writes where their time and memory went: the shipped binary has no hook
// for that.
func profile(b *testing.B, w *world) {
	b.Helper()
	w.fill(b, *saleCount)
	w.faturad(b, "sync", "registry")
	cfg, err := config.Load(w.config)
	if err != nil {
		b.Fatal(err)
	}
	a, err := app.Open(b.Context(), cfg, app.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := a.Close(); err != nil {
			b.Error(err)
		}
	})
	c := a.Companies[0]
	w.profiled(b, "outbound", func() error { _, err := c.Outbound(b.Context(), nil); return err })
	w.awaitDue(b)
	w.profiled(b, "followup", func() error { _, err := c.Followup(b.Context(), nil); return err })
	w.expect(b, "accepted")
}

func (w *world) profiled(b *testing.B, name string, work func() error) {
	b.Helper()
	create := func(kind string) *os.File {
		f, err := os.Create(filepath.Join(*profiles, name+"-"+w.lat.String()+"."+kind+".pprof"))
		if err != nil {
			b.Fatal(err)
		}
		return f
	}
	cpu, mem := create("cpu"), create("allocs")
	defer cpu.Close()
	defer mem.Close()
	if err := pprof.StartCPUProfile(cpu); err != nil {
		b.Fatal(err)
	}
	err := work()
	pprof.StopCPUProfile()
	if err != nil {
		b.Fatal(err)
	}
	runtime.GC()
	if err := pprof.Lookup("allocs").WriteTo(mem, 0); err != nil {
		b.Fatal(err)
	}
}
