package erp

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"faturad/internal/fault"
)

//go:embed presets/*.toml presets/*.sql
var presetFiles embed.FS

// LoadPreset reads an embedded preset, or a file when name ends in .toml, and the SQL that the ERP's DBA must run first
// (NAME.install.sql beside it; empty when there is none).
func LoadPreset(name string) (cfg Config, installSQL string, err error) {
	read, file := presetFiles.ReadFile, "presets/"+name+".toml"
	if strings.HasSuffix(name, ".toml") {
		read, file = os.ReadFile, name
	}
	data, err := read(file)
	switch {
	case errors.Is(err, fs.ErrNotExist) && !strings.HasSuffix(name, ".toml"):
		var names []string
		for _, p := range Presets() {
			names = append(names, p.Name)
		}
		return cfg, "", fault.Newf(fault.Permanent, "loading a preset", "there is no preset %q%s: use one of %s, or the path of a .toml file", name, didYouMean(name, names), strings.Join(names, ", "))
	case err != nil:
		return cfg, "", fault.New(fault.Permanent, "loading the preset "+name, err)
	}
	if cfg, err = ParseConfig(filepath.Base(file), data); err != nil {
		return cfg, "", fault.New(fault.Permanent, "loading the preset "+name, err)
	}
	if cfg.ID != "" || cfg.Preset != "" {
		return cfg, "", fault.Newf(fault.Permanent, "loading the preset "+name, "a preset cannot have an id or a preset of its own")
	}
	install, err := read(strings.TrimSuffix(file, ".toml") + ".install.sql")
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return cfg, "", fault.New(fault.Permanent, "loading the preset "+name, err)
	}
	return cfg, included(string(install)), nil
}

// included puts the parts that several presets share in the place of lines like "-- include: received.part.sql".
func included(sql string) string {
	lines := strings.SplitAfter(sql, "\n")
	for i, line := range lines {
		name, ok := strings.CutPrefix(strings.TrimSpace(line), "-- include: ")
		if part, err := presetFiles.ReadFile("presets/" + name); ok && err == nil {
			lines[i] = string(part)
		}
	}
	return strings.Join(lines, "")
}

// InstallSQL fills the variables of a source into its install SQL.
func InstallSQL(installSQL string, cfg Config) (string, error) {
	out, err := substitute(installSQL, cfg.Vars)
	if err != nil {
		return "", fmt.Errorf("install.sql: %w", err)
	}
	return out, nil
}

// Presets lists the embedded presets by name.
func Presets() []PresetInfo {
	files, err := fs.Glob(presetFiles, "presets/*.toml")
	if err != nil {
		return nil
	}
	var out []PresetInfo
	for _, f := range files {
		name := strings.TrimSuffix(filepath.Base(f), ".toml")
		info := PresetInfo{Name: name}
		if data, err := presetFiles.ReadFile(f); err == nil {
			if cfg, err := ParseConfig(f, data); err == nil {
				info.Title = cfg.Title
			}
		}
		out = append(out, info)
	}
	return out
}
