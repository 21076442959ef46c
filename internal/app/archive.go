package app

import (
	"context"
	"errors"
	"io"
	"path"
	"time"

	"faturad/internal/fault"
	"faturad/sync/archive"
	"faturad/sync/erp"
	"faturad/sync/followup"
	"faturad/sync/ledger"
)

// ErrNoArchive says that the config has no archive.
var ErrNoArchive = errors.New("the archive is off: add enabled = true to [archive] in the config")

// Archives reports whether the config has an archive.
func (c *Company) Archives() bool { return c.app.Config.Archive.Enabled }

// archived is how a pass of the archive ended.
type archived struct {
	at     time.Time
	paused bool // it could not write
}

// Archive stores the files of issued and received invoices that the archive does not have yet.
func (c *Company) Archive(ctx context.Context, progress Progress) (result archive.Result, err error) {
	err = c.archiving(progress, func(job *archive.Job) error {
		result, err = job.Run(ctx)
		return err
	})
	if err == nil {
		c.archived.Store(&archived{at: c.app.clock.Now(), paused: result.Paused != nil})
	}
	return result, c.watched(ctx, err)
}

// VerifyArchive compares every stored file with the ledger; with repair it fetches what is missing or changed again.
func (c *Company) VerifyArchive(ctx context.Context, repair bool, progress Progress) (verified archive.Verified, err error) {
	err = c.archiving(progress, func(job *archive.Job) error {
		verified, err = job.Verify(ctx, repair)
		return err
	})
	return verified, err
}

// ExportArchive writes a month's pack for the accountant to w.
func (c *Company) ExportArchive(ctx context.Context, month archive.Month, w io.Writer, progress Progress) (exported archive.Exported, err error) {
	err = c.archiving(progress, func(job *archive.Job) error {
		exported, err = job.Export(ctx, month, w)
		return err
	})
	return exported, err
}

// archiving opens the archive's folder for one piece of work.
func (c *Company) archiving(progress Progress, work func(*archive.Job) error) (err error) {
	cfg := c.app.Config.Archive
	if !cfg.Enabled {
		return fault.New(fault.Permanent, "opening the archive", ErrNoArchive)
	}
	folder, err := archive.OpenFolder(cfg.Dir, uint64(cfg.MinFreeMB)<<20)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, folder.Close()) }()
	job := &archive.Job{
		Company: c.Name, Owner: c.app.owner, Ledger: c.app.Ledger, ERP: target{c}, Folder: folder, Clock: c.app.clock, Log: c.log,
		Formats: cfg.Formats, InFlight: cfg.InFlight, LeaseFor: c.app.Config.Ledger.Lease.Std(), KeepFor: cfg.KeepYears, Link: cfg.Link, Progress: progress,
	}
	for _, a := range c.Accounts {
		job.Accounts = append(job.Accounts, archive.Account{Name: a.Name, Provider: a.Provider})
	}
	return work(job)
}

// ShowFile implements archive.Target.
func (t target) ShowFile(ctx context.Context, f ledger.File, link string, data []byte) error {
	source, err := t.company.Source(ctx)
	if err != nil {
		return err
	}
	file := erp.File{Format: f.Format, Name: path.Base(f.Path), Bytes: data, Path: link, Size: int(f.Size), Hash: f.SHA256}
	if f.Direction == ledger.Incoming {
		return source.WriteReceivedFile(ctx, erp.ReceivedFile{Company: f.Company, ETTN: f.ETTN, File: file})
	}
	doc, err := t.company.app.Ledger.DocumentByID(ctx, f.Document)
	if err != nil || doc.Superseded {
		return err // the ERP shows the later revision's files
	}
	return source.WriteFile(ctx, erp.DocumentFile{Projection: followup.Project(doc, t.company.app.Config.Language), File: file})
}
