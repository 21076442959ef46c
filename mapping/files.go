package mapping

import (
	"bytes"
	"path"
	"strings"
	"unicode/utf8"

	"faturad/internal/invoice"
)

// maxFileName is the longest name of an attachment, in characters.
const maxFileName = 100

// files checks the attachments: known kinds only, told by their content and not by their name alone, and not too much of them.
func (m *mapper) files() []invoice.File {
	var out []invoice.File
	size := 0
	for _, f := range m.sale.Files {
		if len(f.Content) == 0 {
			continue
		}
		f.Name = fileName(f.Name)
		if f.Mime = mimeOf(f.Name, f.Content); f.Mime == "" {
			m.fault("file.type", "file_name", f.Name)
			continue
		}
		size += len(f.Content)
		out = append(out, f)
	}
	if most := m.rules.maxFilesKB(); size > most<<10 {
		m.fault("file.too_large", "file_content", itoa((size+1023)>>10), itoa(most))
		return nil
	}
	return out
}

// fileName keeps the last part of a path, of any system, without what a shell or a browser would trip over.
func fileName(s string) string {
	s = path.Base(strings.ReplaceAll(clean(s), `\`, "/"))
	s = strings.Map(func(r rune) rune {
		if strings.ContainsRune(`<>:"|?*&;`, r) {
			return '_'
		}
		return r
	}, s)
	if runes := []rune(s); len(runes) > maxFileName {
		ext := path.Ext(s)
		s = string(runes[:max(0, maxFileName-utf8.RuneCountInString(ext))]) + ext
	}
	if s == "." || s == "/" {
		return ""
	}
	return s
}

// mimeOf tells the kind of a file by name and content together; "" when they differ or the kind is not among those that GİB
// lists and every buyer can open.
func mimeOf(name string, content []byte) string {
	switch ext := strings.ToLower(path.Ext(name)); {
	case ext == ".pdf" && bytes.HasPrefix(content, []byte("%PDF-")):
		return "application/pdf"
	case ext == ".png" && bytes.HasPrefix(content, []byte("\x89PNG\r\n\x1a\n")):
		return "image/png"
	case (ext == ".jpg" || ext == ".jpeg") && bytes.HasPrefix(content, []byte("\xff\xd8\xff")):
		return "image/jpeg"
	case ext == ".csv" && utf8.Valid(content) && !bytes.ContainsRune(content, 0):
		return "text/csv"
	}
	return ""
}
