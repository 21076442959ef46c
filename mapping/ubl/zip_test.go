package ubl

import (
	"archive/zip"
	"bytes"
	"os"
	"strings"
	"testing"

	"faturad/internal/fault"
)

// zipped is a zip of files with the same content.
func zipped(t testing.TB, content []byte, names ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, name := range names {
		f, err := w.Create(name)
		if err == nil && !strings.HasSuffix(name, "/") {
			_, err = f.Write(content)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestUnzip(t *testing.T) {
	t.Parallel()
	good := []byte(victim(t))
	for name, data := range map[string][]byte{
		"no zip": good, "one": zipped(t, good, "a.xml"), "in a folder": zipped(t, good, "x/", "x/a.XML"),
	} {
		if got, err := Unzip(data); err != nil || !bytes.Equal(got, good) {
			t.Errorf("%s: %d bytes, %v", name, len(got), err)
		}
	}
	for name, data := range map[string][]byte{
		"two": zipped(t, good, "a.xml", "b.xml"), "none": zipped(t, nil), "other": zipped(t, good, "a.txt"), "up": zipped(t, good, "../a.xml"),
		"absolute": zipped(t, good, "/a.xml"), "drive": zipped(t, good, `c:\a.xml`), "cut": zipped(t, good, "a.xml")[:500],
		"bomb": zipped(t, make([]byte, MaxInput+1), "a.xml"), "many": zipped(t, nil, strings.Fields(strings.Repeat("a.txt ", 50))...),
	} {
		if _, err := Unzip(data); fault.ClassOf(err) != fault.Permanent || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// FuzzUnzip: no input may panic or unpack to more than the limit; every refusal is permanent.
func FuzzUnzip(f *testing.F) {
	data, err := os.ReadFile(goldenPath("ticari-satis-uc-satir"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(zipped(f, data, "a.xml"))
	f.Add(zipped(f, []byte("x"), "a.xml", "b/c.xml"))
	f.Add(zipped(f, nil))
	f.Add([]byte("PK\x03\x04"))
	f.Add([]byte("<Invoice/>"))
	f.Fuzz(func(t *testing.T, data []byte) {
		out, err := Unzip(data)
		switch {
		case err != nil && fault.ClassOf(err) != fault.Permanent:
			t.Fatalf("%v is %q", err, fault.ClassOf(err))
		case len(out) > max(MaxInput, len(data)):
			t.Fatalf("unpacked %d bytes", len(out))
		case err == nil:
			_, _ = Parse(out)
		}
	})
}
