package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestReport(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		in   string
		says []string
		not  string
		ok   bool
	}{
		"good": {
			in: `{"Action":"output","Package":"a","Test":"TestX","Output":"=== RUN TestX\n"}
{"Action":"pass","Package":"a","Test":"TestX","Elapsed":1}
{"Action":"output","Package":"a","Test":"TestY","Output":"    y_test.go:3: the judge is not here\n"}
{"Action":"skip","Package":"a","Test":"TestY"}
{"Action":"output","Package":"a","Output":"ok  \ta\t1.2s\n"}
{"Action":"pass","Package":"a","Elapsed":1.2}`,
			says: []string{"ok  \ta\t1.2s", "a TestY: the judge is not here", "1.2 s  a", "1 passed, 0 failed, 1 skipped"}, not: "=== RUN", ok: true,
		},
		"failed": {
			in: `{"Action":"output","Package":"a","Test":"TestX","Output":"    x_test.go:3: wrong\n"}
{"Action":"fail","Package":"a","Test":"TestX"}
{"Action":"output","Package":"a","Output":"FAIL\ta\t1.2s\n"}
{"Action":"fail","Package":"a"}`,
			says: []string{"x_test.go:3: wrong", "FAIL\ta", "0 passed, 1 failed, 0 skipped"},
		},
		"does not build": {
			in: `{"ImportPath":"a","Action":"build-output","Output":"a.go:1: no\n"}
{"Action":"output","Package":"a","Output":"FAIL\ta [build failed]\n"}
{"Action":"fail","Package":"a"}`,
			says: []string{"a.go:1: no", "build failed", "0 passed, 1 failed"},
		},
		"panicked": {
			in: `{"Action":"output","Package":"a","Test":"TestX","Output":"panic: oh\n"}
{"Action":"output","Package":"a","Output":"FAIL\ta\t1.2s\n"}
{"Action":"fail","Package":"a"}`,
			says: []string{"panic: oh", "0 passed, 1 failed"},
		},
		"nothing": {in: "go: no module", says: []string{"go: no module", "0 passed"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out strings.Builder
			r := &report{out: &out, output: map[string][]string{}}
			if err := r.read(strings.NewReader(c.in)); err != nil {
				t.Fatal(err)
			}
			if ok := r.summary(); ok != c.ok {
				t.Errorf("ok is %v", ok)
			}
			for _, s := range c.says {
				if !strings.Contains(out.String(), s) {
					t.Errorf("does not say %q:\n%s", s, out.String())
				}
			}
			if c.not != "" && strings.Contains(out.String(), c.not) {
				t.Errorf("says %q", c.not)
			}
		})
	}
}

// TestAgain: only failures that say nothing of a broken promise, a race or a panic may be tried again, and only all together.
func TestAgain(t *testing.T) {
	t.Parallel()
	fail := func(pkg, test, said string) string {
		return fmt.Sprintf(`{"Action":"output","Package":%[1]q,"Test":%[2]q,"Output":%[3]q}
{"Action":"fail","Package":%[1]q,"Test":%[2]q}
`, pkg, test, said)
	}
	slow := fail("b", "TestSlow", "too slow") + fail("a", "TestWait/one", "it did not come true") + fail("a", "TestWait", "")
	for name, c := range map[string]struct{ in, want string }{
		"all well":     {in: `{"Action":"pass","Package":"a","Test":"TestX"}`},
		"slow":         {in: slow, want: "a ^(TestWait)\nb ^(TestSlow)\n"},
		"promise":      {in: slow + fail("c", "TestOnce", "PROMISE BROKEN: two documents")},
		"race":         {in: slow + fail("c", "TestRace", "WARNING: DATA RACE")},
		"package died": {in: slow + `{"Action":"fail","Package":"c"}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := &report{out: io.Discard, output: map[string][]string{}}
			if err := r.read(strings.NewReader(c.in)); err != nil {
				t.Fatal(err)
			}
			file := filepath.Join(t.TempDir(), "again")
			if err := r.writeAgain(file); err != nil {
				t.Fatal(err)
			}
			got, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}
