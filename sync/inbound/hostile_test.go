package inbound

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/google/uuid"

	"faturad/sync/ledger"
)

// What one hostile file may cost: processor time, so that a busy machine does not count; the race detector gets more.
const (
	hostileTime   = 2 * time.Second
	hostileMemory = 128 << 20
)

// million is less under the race detector, which makes each step many times dearer.
const million = 1_000_000 / patience

// trap is a local server that hostile files point to, and a local file that they try to read. Nobody may ever connect, and
// nothing of the file may ever be seen.
type trap struct {
	url     string
	file    string
	secret  string
	visited atomic.Int64
}

func newTrap(t *testing.T) *trap {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &trap{url: "http://" + listener.Addr().String() + "/x", secret: "canary-" + uuid.NewString()}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			p.visited.Add(1)
			_ = conn.Close()
		}
	}()
	t.Cleanup(func() {
		_ = listener.Close()
		<-done
	})
	p.file = filepath.Join(t.TempDir(), "secret.txt")
	if err := os.WriteFile(p.file, []byte(p.secret), 0o600); err != nil {
		t.Fatal(err)
	}
	return p
}

// hostile is a file and what must become of it.
type hostile struct {
	content []byte
	inert   bool // it may be read, as if the attack were not there; all others are quarantined
}

// hostileFiles makes them out of a good invoice. None is copied from anywhere.
func hostileFiles(p *trap, good []byte) map[string]hostile {
	text := string(good)
	out := map[string]hostile{}
	bad := func(name, content string) { out[name] = hostile{content: []byte(content)} }
	inert := func(name, content string) { out[name] = hostile{content: []byte(content), inert: true} }
	before := func(spot, what string) string { return strings.Replace(text, spot, what+spot, 1) }
	prolog := func(what string) string { return before("<Invoice xmlns=", what) }
	inside := func(what string) string { return before("<cbc:DocumentCurrencyCode>", what) }
	note := func(what string) string { return inside("<cbc:Note>" + what + "</cbc:Note>") }
	entity := func(declaration string) string {
		return strings.Replace(prolog("<!DOCTYPE Invoice ["+declaration+"]>"), "<cbc:DocumentCurrencyCode>", "<cbc:Note>&e;</cbc:Note><cbc:DocumentCurrencyCode>", 1)
	}
	attachment := func(name, mime, data string) string {
		return inside(`<cac:AdditionalDocumentReference><cbc:ID>1</cbc:ID><cac:Attachment><cbc:EmbeddedDocumentBinaryObject characterSetCode="UTF-8" encodingCode="Base64" mimeCode="` +
			mime + `" filename="` + name + `">` + data + `</cbc:EmbeddedDocumentBinaryObject></cac:Attachment></cac:AdditionalDocumentReference>`)
	}

	// Document types and entities.
	bad("doctype", prolog("<!DOCTYPE Invoice>"))
	bad("doctype external", prolog(`<!DOCTYPE Invoice SYSTEM "`+p.url+`.dtd">`))
	bad("doctype public", prolog(`<!DOCTYPE Invoice PUBLIC "-//X//Y" "`+p.url+`.dtd">`))
	bad("entity file", entity(`<!ENTITY e SYSTEM "file://`+p.file+`">`))
	bad("entity http", entity(`<!ENTITY e SYSTEM "`+p.url+`">`))
	bad("entity parameter", entity(`<!ENTITY % f SYSTEM "`+p.url+`"> %f;`))
	laughs := `<!ENTITY a0 "haha">`
	for i := 1; i < 10; i++ {
		laughs += fmt.Sprintf(`<!ENTITY a%d "%s">`, i, strings.Repeat(fmt.Sprintf("&a%d;", i-1), 10))
	}
	bad("billion laughs", strings.Replace(entity(laughs), "&e;", "&a9;", 1))
	bad("quadratic laughs", strings.Replace(entity(`<!ENTITY e "`+strings.Repeat("x", million/10)+`">`), "&e;", strings.Repeat("&e;", 2000), 1))
	bad("entity undeclared", note("&secret;"))
	bad("notation", prolog(`<!DOCTYPE Invoice [<!NOTATION n SYSTEM "`+p.url+`">]>`))
	inert("xinclude", inside(`<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file://`+p.file+`" parse="text"/>`))
	inert("xinclude http", inside(`<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="`+p.url+`"/>`))
	inert("schema location", strings.Replace(text, "<Invoice xmlns=", `<Invoice xmlns:evil="http://www.w3.org/2001/XMLSchema-instance" evil:schemaLocation="u `+p.url+`.xsd" xmlns=`, 1))
	inert("stylesheet", prolog(`<?xml-stylesheet type="text/xsl" href="`+p.url+`.xslt"?>`))
	bad("instruction", prolog(`<?php system("touch `+p.file+`.ran"); ?>`))

	// Size and shape.
	bad("depth million", inside(strings.Repeat("<a>", million)+strings.Repeat("</a>", million)))
	bad("depth million open", inside(strings.Repeat("<cac:Party>", million)))
	var attributes strings.Builder
	for i := range million {
		fmt.Fprintf(&attributes, ` a%d="1"`, i)
	}
	bad("attributes million", inside("<cbc:Note"+attributes.String()+"/>"))
	bad("siblings millions", inside(strings.Repeat("<cbc:Note>x</cbc:Note>", 3*million)))
	bad("lines million", before("</Invoice>", strings.Repeat("<cac:InvoiceLine/>", million)))
	inert("text 25 million", note(strings.Repeat("x", 25*million)))
	bad("text 40 MB", note(strings.Repeat("x", 40<<20)))
	inert("references 4 million", note(strings.Repeat("&amp;", 4*million)))
	bad("number of a million digits", strings.Replace(text, `<cbc:PayableAmount currencyID="TRY">`, `<cbc:PayableAmount currencyID="TRY">`+strings.Repeat("9", million), 1))
	bad("number 1e999999999", strings.Replace(text, `<cbc:PayableAmount currencyID="TRY">`, `<cbc:PayableAmount currencyID="TRY">1e999999999 `, 1))
	inert("name long", inside("<"+strings.Repeat("n", million)+"/>"))
	bad("comment open", inside("<!--"+strings.Repeat("-", million)))

	// Encodings.
	utf16of := func(s string, big bool) string {
		order := binary.ByteOrder(binary.LittleEndian)
		if big {
			order = binary.BigEndian
		}
		out := make([]byte, 0, 2*len(s))
		for _, u := range utf16.Encode([]rune(s)) {
			out = append(out, 0, 0)
			order.PutUint16(out[len(out)-2:], u)
		}
		return string(out)
	}
	bad("UTF-7", strings.Replace(text, "UTF-8", "UTF-7", 1))
	bad("UTF-7 disguised", `<?xml version="1.0" encoding="UTF-7"?>+ADwAIQ-DOCTYPE x+AD4-`)
	bad("UTF-16 without mark", utf16of(text, false))
	bad("UTF-16 mark, UTF-8 declared", "\xfe\xff"+utf16of(text, true))
	bad("UTF-16 odd length", "\xff\xfe"+utf16of(strings.Replace(text, "UTF-8", "UTF-16", 1), false)+"x")
	bad("UTF-32", "\xff\xfe\x00\x00"+strings.ReplaceAll(text[:200], "", "\x00\x00\x00"))
	bad("two marks", "\xef\xbb\xbf\xef\xbb\xbf"+text)
	bad("mark of UTF-16 before UTF-8", "\xff\xfe"+text)
	bad("EBCDIC", strings.Replace(text, "UTF-8", "IBM037", 1))
	bad("not UTF-8", note("\xff\xc3\x28"))
	bad("overlong", note("\xc0\xbc\xe0\x80\xaf"))
	bad("NUL", note("a\x00b"))
	bad("NUL in name", inside("<cbc:No\x00te/>"))
	bad("controls", note("\x1b]0;owned\x07"))

	// Things inside.
	inert("html", note("&lt;script src=&quot;"+p.url+"&quot;&gt;&lt;/script&gt;"))
	inert("html in CDATA", note("<![CDATA[<img src=x onerror=fetch('"+p.url+"')>]]>"))
	inert("html elements", inside(`<h:script xmlns:h="http://www.w3.org/1999/xhtml" src="`+p.url+`">fetch("`+p.url+`")</h:script>`))
	inert("xslt elements", inside(`<xsl:stylesheet xmlns:xsl="http://www.w3.org/1999/XSL/Transform"><xsl:copy-of select="document('`+p.url+`')"/></xsl:stylesheet>`))
	inert("xslt attached", attachment("invoice.xslt", "application/xml", "PHhzbDpzdHlsZXNoZWV0Lz4="))
	inert("xslt attached, path tricks", attachment("../../../../"+strings.TrimPrefix(p.file, "/")+".xslt", "application/xslt+xml", "PHhzbDpzdHlsZXNoZWV0Lz4="))
	inert("attachment by reference", inside(`<cac:AdditionalDocumentReference><cbc:ID>1</cbc:ID><cac:Attachment><cac:ExternalReference><cbc:URI>`+p.url+
		`</cbc:URI></cac:ExternalReference></cac:Attachment></cac:AdditionalDocumentReference>`))
	inert("SQL", note("'); DROP TABLE efatura_gelen; --"))
	inert("formula", note("=cmd|'/c calc'!A1"))
	bad("html page", "<html><body>Oturumunuz sona erdi</body></html>")
	bad("JSON", `{"error":"not found"}`)
	bad("empty root", "<Invoice/>")
	bad("another's ETTN", strings.Replace(text, "<cbc:UUID>", "<cbc:UUID>0", 1))

	zips(out, good)
	return out
}

// entry is a file of a zip.
type entry struct {
	name    string
	content []byte
	mode    os.FileMode
}

func zipOf(entries ...entry) []byte {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, e := range entries {
		h := &zip.FileHeader{Name: e.name, Method: zip.Deflate}
		h.SetMode(e.mode)
		f, err := w.CreateHeader(h)
		if err == nil {
			_, err = f.Write(e.content)
		}
		if err != nil {
			panic(err) // a buffer takes everything
		}
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// zips adds hostile zips, and one harmless one that must be read.
func zips(out map[string]hostile, good []byte) {
	bad := func(name string, content []byte) { out[name] = hostile{content: content} }
	plain := zipOf(entry{"fatura.xml", good, 0o600})
	out["zip harmless"] = hostile{plain, true}
	bad("zip bomb", zipOf(entry{"fatura.xml", make([]byte, 32<<20+40*million), 0o600}))
	bad("zip nested", zipOf(entry{"fatura.xml", plain, 0o600}))
	bad("zip in zip", zipOf(entry{"fatura.zip", plain, 0o600}))
	bad("zip path up", zipOf(entry{"../../fatura.xml", good, 0o600}))
	bad("zip path absolute", zipOf(entry{"/tmp/fatura.xml", good, 0o600}))
	bad("zip path windows", zipOf(entry{`C:\fatura.xml`, good, 0o600}))
	bad("zip path backslash", zipOf(entry{`..\fatura.xml`, good, 0o600}))
	bad("zip same name twice", zipOf(entry{"fatura.xml", good, 0o600}, entry{"fatura.xml", []byte("<x/>"), 0o600}))
	bad("zip link", zipOf(entry{"fatura.xml", []byte("/etc/passwd"), os.ModeSymlink | 0o777}))
	bad("zip device", zipOf(entry{"fatura.xml", nil, os.ModeDevice | 0o600}))
	bad("zip program", zipOf(entry{"fatura.exe", good, 0o700}))
	bad("zip empty", zipOf())
	bad("zip many", zipOf(make([]entry, 5000)...))
	bad("zip cut", plain[:len(plain)/2])
	for name, change := range map[string]func([]byte){
		"zip says smaller": func(directory []byte) { binary.LittleEndian.PutUint32(directory[24:], 10) },
		"zip says larger":  func(directory []byte) { binary.LittleEndian.PutUint32(directory[24:], 1<<31) },
		"zip wrong sum":    func(directory []byte) { directory[16] ^= 0xff },
		"zip wrong offset": func(directory []byte) { binary.LittleEndian.PutUint32(directory[42:], 1<<30) },
		"zip encrypted":    func(directory []byte) { directory[8] |= 1 },
		"zip odd method":   func(directory []byte) { binary.LittleEndian.PutUint16(directory[10:], 99) },
	} {
		changed := bytes.Clone(plain)
		change(changed[bytes.LastIndex(changed, []byte("PK\x01\x02")):])
		bad(name, changed)
	}
	bad("zip overlapping", overlapping(good))
}

// overlapping is a zip whose directory names one stretch of bytes many times: small to send, large to unpack.
func overlapping(content []byte) []byte {
	var b, directory bytes.Buffer
	le := func(w *bytes.Buffer, values ...any) {
		for _, v := range values {
			_ = binary.Write(w, binary.LittleEndian, v) // a buffer takes everything
		}
	}
	sum := crc32.ChecksumIEEE(content)
	le(&b, uint32(0x04034b50), uint16(20), uint16(0), uint16(0), uint32(0), sum, uint32(len(content)), uint32(len(content)), uint16(5), uint16(0))
	b.WriteString("a.xml")
	b.Write(content)
	const copies = 12
	for range copies {
		le(&directory, uint32(0x02014b50), uint16(20), uint16(20), uint16(0), uint16(0), uint32(0), sum, uint32(len(content)), uint32(len(content)),
			uint16(5), uint16(0), uint16(0), uint16(0), uint16(0), uint32(0), uint32(0))
		directory.WriteString("a.xml")
	}
	at := b.Len()
	b.Write(directory.Bytes())
	le(&b, uint32(0x06054b50), uint16(0), uint16(0), uint16(copies), uint16(copies), uint32(directory.Len()), uint32(at), uint16(0))
	return b.Bytes()
}

var uuidOf = regexp.MustCompile(`<cbc:UUID>[^<]*</cbc:UUID>`)

// TestHostileFiles carries each file through the whole way: provider, ledger, ERP. Each is quarantined with its bytes and a
// reason, or read as if the attack were not there; within time and memory; nobody is called, nothing is read from disk.
func TestHostileFiles(t *testing.T) {
	p := newTrap(t)
	data, err := os.ReadFile(filepath.Join("..", "..", "mapping", "ubl", "testdata", "ticari-satis-uc-satir.xml"))
	if err != nil {
		t.Fatal(err)
	}
	files := hostileFiles(p, data)
	if len(files) < 40 {
		t.Fatalf("only %d hostile files", len(files))
	}
	id := uuid.MustParse(string(uuidOf.Find(data)[len("<cbc:UUID>"):][:36]))
	slowest, largest := time.Duration(0), uint64(0)
	for name, h := range files {
		t.Run(name, func(t *testing.T) {
			job, box, m, s := incoming(t, 1)
			other := box.order[0]
			box.order, box.files[id], box.isNew[id], box.arrived[id] = append(box.order, id), h.content, true, noon
			if other == id {
				box.order = box.order[:1]
			}
			took, grew := measured(func() { _, err = job.Run(t.Context()) })
			slowest, largest = max(slowest, took), max(largest, grew)
			if err != nil {
				t.Errorf("it stopped the pass: %v", err)
			}
			if took > hostileTime*patience {
				t.Errorf("it took %s", took)
			}
			if grew > hostileMemory {
				t.Errorf("it took %d MB", grew>>20)
			}
			row := m.of(id)
			switch {
			case row == nil || !bytes.Equal(m.raw[row.ID], h.content):
				t.Error("its bytes are not kept")
			case h.inert && row.State != ledger.ReceivedAcknowledged:
				t.Errorf("it is %s: %s", row.State, row.Reason)
			case !h.inert && (row.State != ledger.ReceivedQuarantined || row.Reason == "" || strings.ContainsAny(row.Reason, "\x00\x1b\n")):
				t.Errorf("it is %s: %q", row.State, row.Reason)
			}
			if other != id && m.of(other).State != ledger.ReceivedAcknowledged {
				t.Errorf("it held up another invoice, which is %s", m.of(other).State)
			}
			if strings.Contains(fmt.Sprintf("%+v", s.rows[id]), p.secret) {
				t.Error("a local file was read")
			}
		})
	}
	if n := p.visited.Load(); n > 0 {
		t.Errorf("%d connections were opened", n)
	}
	if _, err := os.Stat(p.file + ".ran"); err == nil {
		t.Error("something was run")
	}
	t.Logf("%d files; the slowest took %s of processor time, the largest %d MB", len(files), slowest.Round(time.Millisecond), largest>>20)
}

// measured runs f and gives its time and how far the live heap grew meanwhile: peak against before.
func measured(f func()) (time.Duration, uint64) {
	defer debug.SetGCPercent(debug.SetGCPercent(20)) // garbage counts little
	runtime.GC()
	var before runtime.MemStats
	runtime.ReadMemStats(&before)
	peak := before.HeapAlloc
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		tick := time.NewTicker(10 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				return
			case <-tick.C:
				var now runtime.MemStats
				runtime.ReadMemStats(&now)
				peak = max(peak, now.HeapAlloc)
			}
		}
	}()
	begun := processorTime()
	f()
	took := processorTime() - begun
	close(stop)
	<-stopped
	return took, peak - before.HeapAlloc
}

// processorTime is what this process has used so far. This test runs alone.
func processorTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err) // it is always to be had
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
