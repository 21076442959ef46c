package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// loosest is the widest mode that a secret file may have: owner and group, nobody else.
const loosest fs.FileMode = 0o640

// largestSecret bounds what is read from a secret file, in bytes.
const largestSecret = 64 << 10

// credentialsDirectory is where systemd puts what LoadCredential names.
const credentialsDirectory = "CREDENTIALS_DIRECTORY"

// credentialFiles is where the unit's LoadCredential finds them. Commands that root runs by hand read them there.
const credentialFiles = "/etc/faturad/credentials"

// absentCredential is what the unit gives in place of a file that is not there (SetCredential in systemd/faturad.service).
const absentCredential = "-"

var credentialName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)

// Resolved reads the secret from its source. One newline at the end is dropped, since editors add it. The error never
// holds any of the value.
func (s Secret) Resolved() (Secret, error) {
	if s.value != nil && s.sources() == 0 {
		return s, nil
	}
	var text string
	var err error
	switch {
	case s.sources() == 0:
		return s, errors.New(`it names no source; write { file = "..." }, { credential = "..." } or { env = "..." }`)
	case s.sources() > 1:
		return s, errors.New("it names several sources; keep one of env, file and credential")
	case s.Env != "":
		text, err = fromEnvironment(s.Env)
	case s.File != "":
		text, err = fromFile(s.File)
	default:
		text, err = fromCredential(s.Credential)
	}
	if err != nil {
		return s, err
	}
	s.value = &text
	return s, nil
}

func fromEnvironment(name string) (string, error) {
	text, ok := os.LookupEnv(name)
	if !ok {
		return "", fmt.Errorf("the environment variable %s is not set", name)
	}
	return unpack(text, "the environment variable "+name)
}

// fromFile insists on a file that others cannot read: whoever can read the DSN can write invoices.
func fromFile(name string) (string, error) {
	if !filepath.IsAbs(name) {
		return "", fmt.Errorf("the secret file %s needs its whole path, beginning with /", name)
	}
	info, err := os.Stat(name)
	if err != nil {
		return "", readError(name, err)
	}
	if !info.Mode().IsRegular() {
		return "", fmt.Errorf("%s is not a file", name)
	}
	if mode := info.Mode().Perm(); mode&^loosest != 0 {
		return "", fmt.Errorf("the secret file %s has mode %04o and can be read or changed by others; run: chmod 640 %s", name, mode, name)
	}
	return readSecret(name, info, "the secret file "+name)
}

// fromCredential reads what systemd gave the unit, or, for a command that root runs by hand, the file that the unit would be
// given. Its mode is systemd's own affair.
func fromCredential(name string) (string, error) {
	if !credentialName.MatchString(name) {
		return "", fmt.Errorf("%q is not the name of a credential: letters, digits, dot, dash and underscore only", name)
	}
	dir := os.Getenv(credentialsDirectory)
	if dir == "" {
		dir = credentialFiles
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			return "", fmt.Errorf("the credential %s is given by systemd only (LoadCredential=%s:... in the unit) and is not in %s, which only root can read; run the command as root, or set %s to the folder that holds it",
				name, name, credentialFiles, credentialsDirectory)
		}
	}
	file := filepath.Join(dir, name)
	info, err := os.Stat(file)
	if errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("there is no credential %s; add LoadCredential=%s:/etc/faturad/credentials/%s to the unit", name, name, name)
	}
	if err != nil {
		return "", readError(file, err)
	}
	text, err := readSecret(file, info, "the credential "+name)
	if err == nil && text == absentCredential {
		return "", fmt.Errorf("the credential %s is missing; put it into /etc/faturad/credentials/%s and restart", name, name)
	}
	return text, err
}

func readSecret(name string, info fs.FileInfo, what string) (string, error) {
	if info.Size() > largestSecret {
		return "", fmt.Errorf("%s is larger than %d KiB", what, largestSecret>>10)
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return "", readError(name, err)
	}
	return unpack(string(text), what)
}

func readError(name string, err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("the secret file %s does not exist", name)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("the secret file %s cannot be read by this user; run: chgrp faturad %s && chmod 640 %s", name, name, name)
	default:
		return fmt.Errorf("the secret file %s cannot be read: %w", name, err)
	}
}

// unpack drops the newline at the end and refuses what cannot be a secret.
func unpack(text, what string) (string, error) {
	text = strings.TrimSuffix(strings.TrimSuffix(text, "\n"), "\r")
	switch {
	case strings.TrimSpace(text) == "":
		return "", fmt.Errorf("%s is empty", what)
	case strings.ContainsAny(text, "\n\r\x00"):
		return "", fmt.Errorf("%s holds more than one line", what)
	}
	return text, nil
}
