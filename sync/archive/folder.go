package archive

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"syscall"
	"time"

	"faturad/internal/failpoint"
	"faturad/internal/fault"
)

// workshop is the folder in which files are written before they get their name.
const workshop = ".tmp"

// abandoned is the age at which a file in the workshop was left by a process that died.
const abandoned = 24 * time.Hour

// Folder is the archive's folder. Nothing outside of it can be named: it is an os.Root. Safe for concurrent use.
type Folder struct {
	root *os.Root
	dir  string
	// MinFree is how many bytes must stay free on its disk; below, nothing is written.
	minFree uint64
	free    func() (uint64, error)
}

// OpenFolder opens the archive's folder, making it when it is not there. minFree is how many bytes must stay free on its disk.
func OpenFolder(dir string, minFree uint64) (*Folder, error) {
	const doing = "opening the archive's folder"
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, &fault.Error{Class: fault.Permanent, Doing: doing, Err: err,
			Advice: "Make the folder of archive.dir and give it to the user faturad; under systemd it must be below /var/lib/faturad or in ReadWritePaths"}
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, &fault.Error{Class: fault.Permanent, Doing: doing, Err: err, Advice: "Give the folder of archive.dir to the user faturad"}
	}
	f := &Folder{root: root, dir: dir, minFree: minFree}
	f.free = func() (uint64, error) { return freeBytes(dir) }
	if err := root.Mkdir(workshop, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, errors.Join(fault.New(fault.Permanent, doing, err), root.Close())
	}
	return f, nil
}

// Close gives the folder back.
func (f *Folder) Close() error { return f.root.Close() }

// Dir is its path.
func (f *Folder) Dir() string { return f.dir }

// freeBytes is what an ordinary user may still write on the disk of dir.
func freeBytes(dir string) (uint64, error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		return 0, err
	}
	return s.Bavail * uint64(s.Bsize), nil
}

// Room reports whether more bytes fit while the floor stays free; fault.Retryable when not.
func (f *Folder) Room(more int) error {
	free, err := f.free()
	if err != nil {
		return fault.New(fault.Retryable, "asking how much room the archive's disk has", err)
	}
	if free < f.minFree+uint64(max(0, more)) {
		return &fault.Error{Class: fault.Retryable, Doing: "writing to the archive", Code: CodeFull,
			Err:    fmt.Errorf("%d MiB are free in %s, and archive.min_free_mb keeps %d MiB", free>>20, f.dir, f.minFree>>20),
			Advice: "Make room on that disk or point archive.dir at a larger one; sending and receiving go on, and the archive goes on by itself"}
	}
	return nil
}

// Write puts data under name so that whoever looks finds all of it or nothing, also after a power cut: a new file is
// written and flushed, gets its name in one step, and then the folder is flushed. It returns the hex SHA-256.
func (f *Folder) Write(name string, data []byte) (sum string, err error) {
	doing := "writing " + name + " to the archive"
	if !fs.ValidPath(name) {
		return "", fault.Newf(fault.Permanent, doing, "it is no name below the archive's folder")
	}
	if err := f.Room(len(data)); err != nil {
		return "", err
	}
	if err := f.makeAll(path.Dir(name)); err != nil {
		return "", f.wrap(doing, err)
	}
	draft := path.Join(workshop, path.Base(name)+"."+rand.Text())
	if err := f.fill(draft, data); err != nil {
		if rerr := f.root.Remove(draft); rerr != nil && !errors.Is(rerr, fs.ErrNotExist) {
			err = errors.Join(err, rerr)
		}
		return "", f.wrap(doing, err)
	}
	failpoint.Hit("archive.written")
	if err := f.root.Rename(draft, name); err != nil {
		return "", f.wrap(doing, err)
	}
	failpoint.Hit("archive.named")
	if err := f.flush(path.Dir(name)); err != nil {
		return "", f.wrap(doing, err)
	}
	digest := sha256.Sum256(data)
	return hex.EncodeToString(digest[:]), nil
}

// fill writes a new file and flushes it.
func (f *Folder) fill(name string, data []byte) (err error) {
	file, err := f.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o640)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if _, err := file.Write(data); err != nil {
		return err
	}
	return file.Sync()
}

// makeAll makes a folder with its parents, each flushed into the one above.
func (f *Folder) makeAll(name string) error {
	if name == "." {
		return nil
	}
	if info, err := f.root.Stat(name); err == nil && info.IsDir() {
		return nil
	}
	if err := f.makeAll(path.Dir(name)); err != nil {
		return err
	}
	if err := f.root.Mkdir(name, 0o750); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return f.flush(path.Dir(name))
}

// flush makes a folder's names durable.
func (f *Folder) flush(name string) error {
	d, err := f.root.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// wrap classifies: everything that the disk says may be over later, and nothing of it is a document's fault.
func (f *Folder) wrap(doing string, err error) error {
	e := &fault.Error{Class: fault.Retryable, Doing: doing, Err: err, Advice: "Look at the disk and the rights of archive.dir (" + f.dir + ")"}
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		e.Code, e.Advice = CodeFull, "Make room on the archive's disk"
	}
	return e
}

// Open opens a stored file for reading; fs.ErrNotExist in the chain when it is not there.
func (f *Folder) Open(name string) (*os.File, error) { return f.root.Open(name) }

// Read reads a stored file.
func (f *Folder) Read(name string) ([]byte, error) { return f.root.ReadFile(name) }

// Sum gives size and hex SHA-256 of what lies there.
func (f *Folder) Sum(name string) (size int64, sum string, err error) {
	file, err := f.root.Open(name)
	if err != nil {
		return 0, "", err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	digest := sha256.New()
	size, err = io.Copy(digest, file)
	return size, hex.EncodeToString(digest.Sum(nil)), err
}

// Tidy removes what processes that died left in the workshop. Files with a name are never touched.
func (f *Folder) Tidy(ctx context.Context, now time.Time) error {
	d, err := f.root.Open(workshop)
	if err != nil {
		return f.wrap("tidying the archive's workshop", err)
	}
	entries, err := d.ReadDir(-1)
	errs := []error{err, d.Close()}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || now.Sub(info.ModTime()) < abandoned || ctx.Err() != nil {
			continue // it has just got its name, or somebody is writing it
		}
		errs = append(errs, f.root.Remove(path.Join(workshop, e.Name())))
	}
	if err := errors.Join(errs...); err != nil {
		return f.wrap("tidying the archive's workshop", err)
	}
	return nil
}
