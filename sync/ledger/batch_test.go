package ledger

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestPadded(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.Int64(), 0, 1200).Draw(t, "values")
		var back []int64
		for _, list := range padded(values) {
			if !isSize(len(list)) {
				t.Fatalf("a list of %d", len(list))
			}
			n := min(len(list), len(values)-len(back))
			for _, extra := range list[n:] {
				if extra != values[len(values)-1] {
					t.Fatal("padded with a foreign value")
				}
			}
			back = append(back, list[:n]...)
		}
		if len(back) != len(values) {
			t.Fatalf("%d of %d values", len(back), len(values))
		}
	})
}

func isSize(n int) bool {
	for _, size := range sizes {
		if n == size {
			return true
		}
	}
	return false
}

func TestPack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		content := bytes.Repeat(rapid.SliceOfN(rapid.Byte(), 0, 300).Draw(t, "content"), rapid.IntRange(1, 20).Draw(t, "times"))
		packed := pack(content)
		got, err := unpack(packed)
		if err != nil || !bytes.Equal(got, content) {
			t.Fatalf("%v", err)
		}
		if len(packed) > len(content)+12 {
			t.Fatalf("%d bytes became %d", len(content), len(packed))
		}
		if len(packed) > 1 { // cut anywhere: an error or nothing else than a clean refusal
			if _, err := unpack(packed[:rapid.IntRange(0, len(packed)-1).Draw(t, "cut")]); err == nil {
				t.Fatal("a cut value was accepted")
			}
		}
	})
	bomb := append([]byte{packedDeflate, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f}, pack(bytes.Repeat([]byte{0}, 1<<20))...)
	if _, err := unpack(bomb); err == nil {
		t.Error("a claim of terabytes was believed")
	}
	if got, err := unpack(nil); got != nil || err != nil || pack(nil) != nil {
		t.Error("nil is not nil")
	}
	if _, err := unpack([]byte{9, 1, 1}); err == nil {
		t.Error("an unknown method was accepted")
	}
}

func TestClip(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"": "", "ığüş": "ığüş", "a\x00b\xff": "ab\uFFFD", "0123456789": "0123456789", "0123456789x": "012345678…", "ığüşöçİIĞÜŞ": "ığüşöçİIĞ…"} {
		if got := clip(in, 10); got != want || !utf8.ValidString(got) {
			t.Errorf("%q became %q", in, got)
		}
	}
	if got := clip(strings.Repeat("𐍈", 20000), longText); len(got) > 65535 {
		t.Errorf("%d bytes do not fit into TEXT", len(got))
	}
}
