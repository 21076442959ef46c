package erp

import (
	"testing"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"pgregory.net/rapid"
)

func TestClean(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, in, want string
		lines          bool
	}{
		{"vertical tab from a word processor", "dikey\vsekme", "dikey sekme", false},
		{"the same in a note", "dikey\vsekme", "dikey\nsekme", true},
		{"no-break and double spaces", "  Dağ\u00a0Evi \u2009 Yapı ", "Dağ Evi Yapı", false},
		{"combining dot", "Ümi\u0307t", "Ümit", false},
		{"decomposed letters", "g\u0306s\u0327", "ğş", false},
		{"capital with combining dot", "I\u0307", "İ", false},
		{"controls, zero width, byte order mark, bidi", "a\x00\u200b\ufeff\u202eb", "ab", false},
		{"emoji stay", "Müge 🌸", "Müge 🌸", false},
		{"damage stays visible", "a\uFFFDb", "a\uFFFDb", false},
		{"line breaks", "a\r\n\r\n\r\n\r\nb\n", "a\n\nb", true},
		{"plain", "plain text", "plain text", false},
	} {
		if got := Clean(c.in, c.lines); got != c.want {
			t.Errorf("%s: Clean(%q) = %q, want %q", c.name, c.in, got, c.want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		once := Clean(rapid.String().Draw(t, "s"), true)
		if twice := Clean(once, true); twice != once {
			t.Fatalf("cleaning %q again gives %q", once, twice)
		}
	})
}

func TestHTML(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ in, unescaped, stripped string }{
		{"Ali &amp; Veli", "Ali & Veli", "Ali & Veli"},
		{"&amp;amp; once", "&amp; once", "&amp; once"},
		{"Ticar&#601;t &#x131;", "Ticarət ı", "Ticarət ı"},
		{"a&b; R&D & &copy", "a&b; R&D & &copy", "a&b; R&D & &copy"},
		{"Kalem <Mavi> 3 < 5", "Kalem <Mavi> 3 < 5", "Kalem <Mavi> 3 < 5"},
		{"<b>HTML not</b> &quot;x&quot;<br/>y", `<b>HTML not</b> "x"<br/>y`, "HTML not \"x\"\ny"},
		{"<style>p{}</style><p class='a'>iki</p><!-- x --><p>satır</p>", "<style>p{}</style><p class='a'>iki</p><!-- x --><p>satır</p>", "iki\nsatır\n"},
	} {
		if got := unescapeHTML(c.in); got != c.unescaped {
			t.Errorf("unescapeHTML(%q) = %q, want %q", c.in, got, c.unescaped)
		}
		if got := stripHTML(c.in); got != c.stripped {
			t.Errorf("stripHTML(%q) = %q, want %q", c.in, got, c.stripped)
		}
	}
}

// TestCharsetRoundTrip: what is written into a latin1 column with another charset's bytes is read back the same.
func TestCharsetRoundTrip(t *testing.T) {
	t.Parallel()
	cs, err := newCharset(Config{Decode: "windows-1254"})
	if err != nil {
		t.Fatal(err)
	}
	var letters []rune
	for b := range 256 {
		if r := charmap.Windows1254.DecodeByte(byte(b)); r != utf8.RuneError {
			letters = append(letters, r)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringOf(rapid.RuneFrom(letters)).Draw(t, "s")
		shown, err := cs.encode(s)
		if err != nil {
			t.Fatal(err)
		}
		if got := cs.decode(shown); got != s {
			t.Fatalf("%q is shown as %q and read back as %q", s, shown, got)
		}
	})
	if got := cs.decode("Týð & Ýplik Þti. \u2013"); got != "Tığ & İplik Şti. –" {
		t.Errorf("decode = %q", got)
	}
	if got := cs.decode("şimdiden doğru"); got != "şimdiden doğru" {
		t.Errorf("a true text was changed: %q", got)
	}
	if got := cs.decode("\xfe\xf0\xfd"); got != "şğı" {
		t.Errorf("bytes of a latin1 connection = %q", got)
	}
}

func TestUnencodable(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		cfg              Config
		column, in, want string
		fails            bool
	}{
		{Config{}, "utf8mb3", "a🌸b", "a?b", false},
		{Config{Unencodable: "_"}, "utf8mb3", "a🌸b", "a_b", false},
		{Config{Unencodable: "refuse"}, "utf8mb3", "a🌸b", "", true},
		{Config{}, "utf8mb4", "a🌸ş", "a🌸ş", false},
		{Config{}, "latin1", "aş", "a?", false},
		{Config{Decode: "windows-1254"}, "latin1", "şə", "þ?", false},
		{Config{Decode: "windows-1254"}, "utf8mb4", "şə", "şə", false},
		{Config{}, "ascii", "aş", "a?", false},
		{Config{}, "latin5", "ş–", "ş?", false},
	} {
		cs, err := newCharset(c.cfg)
		if err != nil {
			t.Fatal(err)
		}
		got, err := cs.forColumn(c.in, c.column, nil)
		if (err != nil) != c.fails || got != c.want {
			t.Errorf("%s %q = %q, %v; want %q", c.column, c.in, got, err, c.want)
		}
	}
	if _, err := newCharset(Config{Decode: "windows-9999"}); err == nil {
		t.Error("an unknown charset was taken")
	}
}

func TestDamage(t *testing.T) {
	t.Parallel()
	for s, want := range map[string][2]bool{
		"Güneş Şti.": {false, false}, "GÃ¼neÅŸ": {true, false}, "a\uFFFD": {true, false},
		"Þti. Iþýltý": {false, true}, "Müller & Söhne": {false, false}, "Ýð ş": {false, false},
	} {
		if got := [2]bool{damaged(s) != "", icelandic(s)}; got != want {
			t.Errorf("%q: damaged, icelandic = %v, want %v", s, got, want)
		}
	}
}
