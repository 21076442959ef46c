package turkcell_test

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"faturad/internal/fault"
	"faturad/providers"
	"faturad/providers/turkcell"
	"faturad/providers/turkcell/turkcellsim"
)

const row = `{"Identifier":"4812057003","Title":"Örnek A.Ş.","Alias":"urn:mail:defaultpk@ornek.example.test","AppType":1,"GibAliasType":1,"GibUserType":2,"FirstCreationTime":"2014-01-01T10:00:00","AliasCreationTime":"2020-05-06T07:08:09","IsActive":true}`

func zipped(t testing.TB, name, content string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create(name)
	if err == nil {
		_, err = io.WriteString(w, content)
	}
	if err = errors.Join(err, z.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// taxpayers imports what a server sends and returns the rows; nothing may stay in the temporary folder.
func taxpayers(t *testing.T, cfg turkcell.Config, body []byte) ([]providers.Taxpayer, error) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if _, err := w.Write(body); err != nil {
			t.Log(err)
		}
	}))
	t.Cleanup(server.Close)
	cfg.BaseURL, cfg.TempDir, cfg.ReadRetries = server.URL, t.TempDir(), -1
	var got []providers.Taxpayer
	err := newProvider(t, cfg, nil).Taxpayers(context.Background(), func(x providers.Taxpayer) error {
		got = append(got, x)
		return nil
	})
	left, readErr := os.ReadDir(cfg.TempDir)
	if readErr != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, readErr)
	}
	return got, err
}

func TestTaxpayerRows(t *testing.T) {
	t.Parallel()
	with := func(old, replacement string) string { return strings.Replace(row, old, replacement, 1) }
	list := "\xEF\xBB\xBF[" + strings.Join([]string{
		row,
		with(`"IsActive":true`, `"IsActive":false`),
		with(`"AppType":1`, `"AppType":3`),
		with(`"GibAliasType":1`, `"GibAliasType":2`) + "", // alias says pk: kept
		strings.Replace(with(`"GibAliasType":1`, `"GibAliasType":2`), "defaultpk", "defaultgb", 1),
		with(`"4812057003"`, `"48120570"`),
		with(`"IsActive":true`, `"IsActive":true,"DeletionTime":"2024-01-01T00:00:00"`),
		with(`"IsActive":true`, `"IsActive":true,"DeletionTime":null,"New":{"a":[1]}`),
		with(`"AppType":1`, `"AppType":null`),
	}, ",\n") + "]\n"
	got, err := taxpayers(t, turkcell.Config{}, zipped(t, "GIBUSERS_invoice_receipt_list.json", list))
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 4 {
		t.Fatalf("%d rows: %+v", len(got), got)
	}
	want := providers.Taxpayer{TaxNo: "4812057003", Title: "Örnek A.Ş.", Alias: "urn:mail:defaultpk@ornek.example.test", Public: true,
		Since: got[0].Since, Product: "invoice"}
	if got[0] != want || got[0].Since.UTC() != time.Date(2020, 5, 6, 4, 8, 9, 0, time.UTC) {
		t.Errorf("got %+v", got[0])
	}
	got, err = taxpayers(t, turkcell.Config{DespatchBoxes: true}, zipped(t, "x/liste.json", list))
	if err != nil || len(got) != 5 || got[1].Product != "despatch" {
		t.Errorf("%v, %d rows", err, len(got))
	}
}

func TestDamagedTaxpayerLists(t *testing.T) {
	t.Parallel()
	good := zipped(t, "gibusers_invoice_receipt_list.json", "["+row+","+row+"]")
	damagedCRC := bytes.Clone(good)
	at := bytes.LastIndex(damagedCRC, []byte("PK\x01\x02"))
	binary.LittleEndian.PutUint32(damagedCRC[at+16:], 0xdeadbeef)
	encrypted := bytes.Clone(good)
	encrypted[at+8] |= 1
	many := func() []byte {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		for i := range 2000 {
			if _, err := z.Create(fmt.Sprintf("../%d.json", i)); err != nil {
				t.Fatal(err)
			}
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}()
	cases := map[string][]byte{
		"nothing": {}, "page": []byte("<html>giriş</html>"), "cut": good[:len(good)-30], "cut in the data": good[:40], "checksum": damagedCRC, "encrypted": encrypted,
		"too many files": many, "no list": zipped(t, "readme.txt", "["+row+"]"), "empty list": zipped(t, "a.json", "[]"), "no end": zipped(t, "a.json", "["+row),
		"no beginning": zipped(t, "a.json", row), "not JSON": zipped(t, "a.json", "[{"), "a row of another kind": zipped(t, "a.json", "["+row+",7]"),
		"larger than allowed": zipped(t, "a.json", "["+strings.Repeat(row+",", 5000)+row+"]"),
		"an endless row":      zipped(t, "a.json", `[{"Title":"`+strings.Repeat("x", 8<<20)+`"}]`),
		"an endless name":     zipped(t, "a.json", `[{"`+strings.Repeat("x", 8<<20)+`":1}]`),
		"endless depth":       zipped(t, "a.json", `[`+strings.Repeat("[", 4<<20)),
	}
	for name, body := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := turkcell.Config{}
			if name == "larger than allowed" {
				cfg.MaxUnzipped = 1 << 20
			}
			_, err := taxpayers(t, cfg, body)
			if !errors.Is(err, fault.Retryable) {
				t.Errorf("got %v", err)
			}
		})
	}
	if _, err := taxpayers(t, turkcell.Config{MaxSpool: 100}, good); !errors.Is(err, fault.Retryable) {
		t.Errorf("a zip larger than allowed: %v", err)
	}
}

func TestTaxpayerConsumerStopsTheStream(t *testing.T) {
	t.Parallel()
	_, url := simulator(t, turkcellsim.Options{})
	enough := errors.New("enough")
	err := newProvider(t, turkcell.Config{BaseURL: url}, nil).Taxpayers(context.Background(), func(providers.Taxpayer) error { return enough })
	if !errors.Is(err, enough) || fault.ClassOf(err) != "" {
		t.Errorf("got %v", err)
	}
}

// TestTaxpayerMemoryIsFlat streams a zip bomb of ordinary rows: what is unpacked is far larger than what may be in memory.
func TestTaxpayerMemoryIsFlat(t *testing.T) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestSpeed) })
	w, err := z.Create("gibusers_invoice_receipt_list.json")
	if err != nil {
		t.Fatal(err)
	}
	const rows = 60_000
	block := []byte(strings.Repeat(row+",", 1000))
	if _, err := io.WriteString(w, "["); err != nil {
		t.Fatal(err)
	}
	for range rows / 1000 {
		if _, err := w.Write(block); err != nil {
			t.Fatal(err)
		}
	}
	_, err = io.WriteString(w, row+"]")
	if err = errors.Join(err, z.Close()); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(b.Bytes()) }))
	t.Cleanup(server.Close)
	p := newProvider(t, turkcell.Config{BaseURL: server.URL, TempDir: t.TempDir()}, nil)
	runtime.GC()
	var before, now runtime.MemStats
	runtime.ReadMemStats(&before)
	seen, peak := 0, uint64(0)
	err = p.Taxpayers(context.Background(), func(providers.Taxpayer) error {
		if seen++; seen%10_000 == 0 {
			runtime.GC()
			runtime.ReadMemStats(&now)
			peak = max(peak, now.HeapAlloc)
		}
		return nil
	})
	if err != nil || seen != rows+1 {
		t.Fatalf("%d rows: %v", seen, err)
	}
	t.Logf("%d rows, %d MB unpacked, live heap %+d kB", seen, rows*len(row)>>20, (int64(peak)-int64(before.HeapAlloc))>>10)
	if peak > before.HeapAlloc+4<<20 {
		t.Errorf("the heap grew from %d to %d kB", before.HeapAlloc>>10, peak>>10)
	}
}
