package config

import (
	"bytes"
	"fmt"
	"os"
)

// largestFile bounds the config, in bytes; real ones have a few kilobytes.
const largestFile = 1 << 20

// Load reads the config file at path, applies the defaults, resolves the secrets (but for ledger.migrate_dsn, which the
// daily user may not be able to read: see MigrateDSN) and checks everything. The error is Problems: everything wrong with
// it at once, in the order of the file.
func Load(path string) (Config, error) {
	info, err := os.Stat(path)
	if err != nil {
		return Config{}, Problems{{File: path, Text: fmt.Sprintf("cannot read the config: %v", err)}}
	}
	if info.Size() > largestFile {
		return Config{}, Problems{{File: path, Text: fmt.Sprintf("the config is larger than %d KiB; is this the right file?", largestFile>>10)}}
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return Config{}, Problems{{File: path, Text: fmt.Sprintf("cannot read the config: %v", err)}}
	}
	return parse(path, text)
}

// parse is Load on a text.
func parse(path string, text []byte) (Config, error) {
	text = bytes.TrimPrefix(text, []byte("\ufeff")) // Windows editors
	d := parseDocument(text)
	var c Config
	problems := d.decode(path, &c)
	c.Path = path
	c.applyDefaults()
	if d.end == nil { // half a file says nothing about what is missing
		k := &checker{file: path, doc: d}
		for _, p := range problems {
			k.wrong = append(k.wrong, p.Key)
		}
		k.config(&c)
		problems = append(problems, k.problems...)
	}
	if len(problems) > 0 {
		return Config{}, problems.settled()
	}
	return c, nil
}

// MigrateDSN is the DSN of faturad_migrate, read now: only `faturad migrate` may and need do so.
func (c Config) MigrateDSN() (Secret, error) {
	if !c.Ledger.MigrateDSN.IsSet() {
		return Secret{}, Problems{{File: c.Path, Key: "ledger.migrate_dsn",
			Text: `ledger.migrate_dsn is not set; add migrate_dsn = { file = "/etc/faturad/migrate.dsn" } to [ledger]`}}
	}
	s, err := c.Ledger.MigrateDSN.Resolved()
	if err != nil {
		return Secret{}, Problems{{File: c.Path, Key: "ledger.migrate_dsn", Text: "ledger.migrate_dsn: " + err.Error()}}
	}
	return s, nil
}
