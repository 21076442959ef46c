package config

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pelletier/go-toml/v2"
)

const canary = "canary-0123456789"

// TestSecretNeverShows prints a secret in every way that a programmer may slip into.
func TestSecretNeverShows(t *testing.T) {
	t.Parallel()
	s := NewSecret(canary)
	holder := struct {
		S Secret
		P *Secret
		L []Secret
		M map[string]Secret
	}{s, &s, []Secret{s}, map[string]Secret{"k": s}}
	var out bytes.Buffer
	for _, v := range []any{s, &s, holder, &holder} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%T", "%t", "%10s", "%p"} {
			fmt.Fprintf(&out, verb+"\n", v)
		}
		fmt.Fprintln(&out, v)
		for _, encode := range []func(any) ([]byte, error){json.Marshal, xml.Marshal, toml.Marshal} {
			if b, err := encode(v); err == nil { // xml knows no maps
				out.Write(b)
			}
		}
		slog.New(slog.NewTextHandler(&out, nil)).Info("x", "v", v, slog.Group("g", "v", v))
		slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "v", v)
	}
	fmt.Fprintln(&out, fmt.Errorf("wrapped: %v", s), s.String(), s.GoString())
	for _, form := range []string{canary, fmt.Sprintf("%x", canary), fmt.Sprintf("%X", canary)} {
		if i := strings.Index(out.String(), form); i >= 0 {
			t.Errorf("the secret shows: ...%s", out.String()[max(0, i-80):i+len(form)])
		}
	}
	if s.Reveal() != canary {
		t.Error("the secret is lost")
	}
}

// TestSecretSources reads each source, and refuses what is not safe or not there.
func TestSecretSources(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string, mode os.FileMode) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(file, mode); err != nil {
			t.Fatal(err)
		}
		return file
	}
	t.Setenv("FATURAD_T", canary)
	t.Setenv(credentialsDirectory, dir)
	write("cred", canary+"\n", 0o440)
	write("absent", "-", 0o440)
	for name, c := range map[string]struct {
		secret Secret
		err    string // part of the message; empty = it is read
	}{
		"env":                {Secret{Env: "FATURAD_T"}, ""},
		"env missing":        {Secret{Env: "FATURAD_NOT"}, "environment variable FATURAD_NOT is not set"},
		"file":               {Secret{File: write("a", canary, 0o600)}, ""},
		"file group":         {Secret{File: write("b", canary+"\r\n", 0o640)}, ""},
		"file read-only":     {Secret{File: write("c", canary+"\n", 0o400)}, ""},
		"file world":         {Secret{File: write("d", canary, 0o644)}, "mode 0644 and can be read or changed by others; run: chmod 640 " + dir + "/d"},
		"file group-writes":  {Secret{File: write("e", canary, 0o660)}, "run: chmod 640"},
		"file empty":         {Secret{File: write("f", "\n", 0o600)}, "is empty"},
		"file two lines":     {Secret{File: write("g", canary+"\nx\n", 0o600)}, "holds more than one line"},
		"file missing":       {Secret{File: dir + "/none"}, "does not exist"},
		"file relative":      {Secret{File: "a"}, "needs its whole path"},
		"file is folder":     {Secret{File: dir}, "is not a file"},
		"file huge":          {Secret{File: write("h", strings.Repeat("x", largestSecret+1), 0o600)}, "is larger than"},
		"credential":         {Secret{Credential: "cred"}, ""},
		"credential missing": {Secret{Credential: "none"}, "there is no credential none; add LoadCredential=none:/etc/faturad/credentials/none to the unit"},
		"credential absent":  {Secret{Credential: "absent"}, "put it into /etc/faturad/credentials/absent"},
		"credential climbs":  {Secret{Credential: "../cred"}, "is not the name of a credential"},
		"two sources":        {Secret{Env: "FATURAD_T", Credential: "cred"}, "several sources"},
		"no source":          {Secret{}, "names no source"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := c.secret.Resolved()
			switch {
			case c.err == "" && (err != nil || got.Reveal() != canary):
				t.Errorf("got %q, %v", got.Reveal(), err)
			case c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)):
				t.Errorf("got %v, want %q", err, c.err)
			case err != nil && strings.Contains(err.Error(), canary):
				t.Errorf("the message holds the secret: %v", err)
			}
		})
	}
	t.Setenv(credentialsDirectory, "")
	if _, err := (Secret{Credential: "cred"}).Resolved(); err == nil || !strings.Contains(err.Error(), "given by systemd only") {
		t.Errorf("got %v", err)
	}
}
