package config

import (
	"path/filepath"
	"slices"
)

// legalYears is how long commercial law has invoices kept (TTK 82); tax law asks for five years (VUK 253).
const legalYears = 10

// archiveFormats are what the archive may hold.
var archiveFormats = []string{"ubl", "pdf", "html"}

func (k *checker) archive(a *Archive) {
	if !filepath.IsAbs(a.Dir) {
		k.add("archive.dir", "archive.dir %q must be a whole path such as %s", a.Dir, DefaultArchive)
	}
	for i, format := range a.Formats {
		k.oneOf("archive.formats", format, archiveFormats...)
		if slices.Contains(a.Formats[:i], format) {
			k.add("archive.formats", "archive.formats names %q twice", format)
		}
	}
	if a.Enabled && !slices.Contains(a.Formats, "ubl") {
		k.add("archive.formats", `archive.formats must hold "ubl": the UBL is the invoice, everything else is a picture of it`)
	}
	if a.KeepYears < legalYears && !a.Shorter {
		k.add("archive.keep_years", "archive.keep_years %d is less than the %d years of commercial law (TTK 82); to have it all the same, add keep_less = true", a.KeepYears, legalYears)
	}
	if a.KeepYears < 1 || a.KeepYears > 100 {
		k.add("archive.keep_years", "archive.keep_years must be between 1 and 100, not %d", a.KeepYears)
	}
	k.between("archive.min_free_mb", float64(a.MinFreeMB), 1, 100_000_000)
	k.between("archive.in_flight", float64(a.InFlight), 1, 64)
}
