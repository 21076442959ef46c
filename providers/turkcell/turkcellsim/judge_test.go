package turkcellsim_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"faturad/providers/turkcell/turkcellsim"
)

// TestGeneratedInvoicesPassTheOfficialJudge feeds what the simulator writes itself to GİB's rules.
func TestGeneratedInvoicesPassTheOfficialJudge(t *testing.T) {
	t.Parallel()
	judge := filepath.Join("..", "..", "..", "..", "shared", "ubltr", "validate.sh")
	if _, err := os.Stat(judge); err != nil {
		t.Skip("the official judge (../shared/ubltr) is not beside the project:", err)
	}
	sim := turkcellsim.New(turkcellsim.Options{})
	if got := len(sim.GenerateIncoming(60, 7)); got != 60 {
		t.Fatalf("generated %d of 60", got)
	}
	dir := t.TempDir()
	args := []string{"--werror"}
	for _, in := range sim.Incoming() {
		file := filepath.Join(dir, in.Type+"-"+in.ETTN.String()+".xml")
		if err := os.WriteFile(file, in.UBL, 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, file)
	}
	out, err := exec.CommandContext(t.Context(), judge, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

// TestOfficialSamplesAreTaken sends GİB-valid invoices of every scenario: whatever the official rules pass, the simulator's
// own reading must pass too.
func TestOfficialSamplesAreTaken(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join("..", "..", "..", "..", "shared", "ubltr", "samples", "kit", "*.xml"))
	if err != nil || len(files) == 0 {
		t.Skip("the official samples (../shared/ubltr) are not beside the project:", err)
	}
	b := start(t, turkcellsim.Options{Rules: turkcellsim.Rules{NoSendTypeNeeded: true}})
	b.sim.AddTaxpayers(turkcellsim.Taxpayer{TaxNo: "6400177128", Title: "Deneme Gıda", Alias: "urn:mail:pk@deneme.test"})
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		path := pathInvoice
		if strings.Contains(string(raw), "EARSIVFATURA") {
			path = pathArchive
		}
		a := b.create(path, string(raw), "status", "20", "allowOldEArsivCustomer", "true")
		if a.status != 200 && !a.has("EFatura kullanmıyor") {
			t.Errorf("%s: %d %s", filepath.Base(file), a.status, a.body)
		}
	}
	t.Logf("%d samples, %d accepted", len(files), len(b.sim.Documents()))
}
