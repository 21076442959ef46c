package torture

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"faturad/internal/dbtest"
)

// binary is a faturad with failpoints, built once, when the first test needs it.
var binary struct {
	path string
	once sync.Once
	err  error
}

// faturad is the path of the binary.
func faturad(t testing.TB) string {
	t.Helper()
	binary.once.Do(func() {
		build := exec.Command("go", "build", "-tags", "failpoint", "-o", binary.path, "faturad/cmd/faturad")
		build.Env = untouched
		if out, err := build.CombinedOutput(); err != nil {
			binary.err = fmt.Errorf("building faturad: %w\n%s", err, out)
		}
	})
	if binary.err != nil {
		t.Fatal(binary.err)
	}
	return binary.path
}

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	if path := os.Getenv(envControl); path != "" {
		if err := runControl(context.Background(), path); err != nil {
			fmt.Fprintln(os.Stderr, "control:", err)
			return 1
		}
		return 0
	}
	dir, err := os.MkdirTemp("", "faturad-torture-")
	if err != nil {
		fmt.Fprintln(os.Stderr, "torture:", err)
		return 1
	}
	defer os.RemoveAll(dir) //nolint:errcheck // a temporary folder
	binary.path = filepath.Join(dir, "faturad")
	if err := joinInternet(dir); err != nil {
		fmt.Fprintln(os.Stderr, "torture:", err)
		return 1
	}
	before := goleak.IgnoreCurrent() // the internet's
	code := m.Run()
	if err := leaked(append(dbtest.Leaks(), before)); code == 0 && err != nil {
		fmt.Fprintln(os.Stderr, "torture: I11", err)
		return 1
	}
	return code
}

// ofFaturad are goroutines of the code under test; those of this harness and of idle connections to its servers end with it.
var ofFaturad = regexp.MustCompile(`faturad/(sync|schedule|internal/(app|mysqlx))[/.]|database/sql\.|go-sql-driver`)

// leaked looks for goroutines that are left when all worlds are closed: this process has worked as faturad does, in hundreds of
// rounds. What is about to end may take its time.
func leaked(ignore []goleak.Option) error {
	for end := time.Now().Add(time.Minute); ; {
		err := goleak.Find(ignore...)
		switch {
		case err == nil || !ofFaturad.MatchString(err.Error()):
			return nil
		case time.Now().After(end):
			return err
		}
	}
}

// number reads a whole number from the environment.
func number(t *testing.T, name string, usual int) int {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return usual
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		t.Fatalf("%s=%q is no number", name, text)
	}
	return n
}

// long says that this is `make torture`.
func long() bool { return os.Getenv("FATURAD_TORTURE_KILLS") != "" }

// usualSeed is that of all tests of one run, if nobody names another.
var usualSeed = int(rand.Uint32())

// dice are random but repeatable as far as time allows: the seed is printed.
func dice(t *testing.T) *rand.Rand {
	t.Helper()
	seed := number(t, "FATURAD_TORTURE_SEED", usualSeed)
	t.Logf("FATURAD_TORTURE_SEED=%d", seed)
	return rand.New(rand.NewPCG(uint64(seed), 1))
}

// saleDate is the day of all sales: a few days ago, whatever the machine's clock says.
var saleDate = time.Now().AddDate(0, 0, -3).Format(time.DateOnly)
