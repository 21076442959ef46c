package archive

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"

	"faturad/internal/clock"
	"faturad/internal/invoice"
	"faturad/sync/ledger"
)

// Finding is one file that is not as it was stored.
type Finding struct {
	File    ledger.File
	Problem string // missing or changed
}

// Verified counts what a verification saw.
type Verified struct {
	Checked  int
	Bytes    int64
	Damaged  int       // files that are missing or changed
	Findings []Finding // the first of them
	Expired  int       // missing files older than the retention, which may be gone
	Waiting  int       // files that were not fetched yet
	Repaired int       // of the damaged, fetched again
}

// Whole reports whether every file that must be there is there, as it was stored.
func (v Verified) Whole() bool { return v.Damaged == v.Repaired }

// mostFindings bounds how many findings are named one by one; all are counted, noted in the ledger and repaired.
const mostFindings = 10_000

// Verify reads every stored file and compares it with the ledger. With repair it fetches what is missing or changed again.
// What it finds is noted in the ledger.
func (j *Job) Verify(ctx context.Context, repair bool) (Verified, error) {
	var v Verified
	if err := j.Mounted(ctx); err != nil {
		return v, err
	}
	kept := j.keptSince()
	for after := int64(0); ctx.Err() == nil; {
		files, err := j.Ledger.Files(ctx, ledger.FileFilter{Company: j.Company, AfterID: after, Limit: 500})
		if err != nil || len(files) == 0 {
			if err != nil {
				return v, err
			}
			break
		}
		var checked []ledger.Checked
		for _, f := range files {
			after = f.ID
			if f.State != ledger.FileStored {
				v.Waiting++
				continue
			}
			problem, size, err := j.check(f)
			if err != nil {
				return v, err
			}
			if problem == ledger.FileMissing && f.IssuedOn.Before(kept) {
				v.Expired++
				continue
			}
			v.Checked++
			v.Bytes += size
			checked = append(checked, ledger.Checked{ID: f.ID, Problem: problem, Refetch: repair && problem != ""})
			if problem == "" {
				continue
			}
			if v.Damaged++; len(v.Findings) < mostFindings {
				v.Findings = append(v.Findings, Finding{f, problem})
			}
			j.Log.Error("a file of the archive is not as it was stored", "path", f.Path, "problem", problem)
		}
		if err := j.Ledger.MarkChecked(ctx, checked); err != nil {
			return v, err
		}
		if j.Progress != nil {
			j.Progress(len(files), 0)
		}
	}
	if !repair || v.Damaged == 0 || ctx.Err() != nil {
		return v, ctx.Err()
	}
	return v, j.repair(ctx, &v)
}

// repair fetches what was found missing or changed, and counts what is whole again.
func (j *Job) repair(ctx context.Context, v *Verified) error {
	var result Result
	err := j.store(ctx, &result)
	if result.Paused != nil {
		err = errors.Join(err, result.Paused)
	}
	for _, f := range v.Findings {
		now, ferr := j.Ledger.Files(ctx, ledger.FileFilter{Company: j.Company, AfterID: f.File.ID - 1, Limit: 1})
		if ferr != nil {
			return errors.Join(err, ferr)
		}
		if len(now) == 1 && now[0].ID == f.File.ID && now[0].State == ledger.FileStored && now[0].Problem == "" {
			v.Repaired++
		}
	}
	return err
}

// check compares one file with its row. The error is about the folder, not the file.
func (j *Job) check(f ledger.File) (problem string, size int64, err error) {
	size, sum, err := j.Folder.Sum(f.Path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return ledger.FileMissing, 0, nil
	case err != nil:
		return "", 0, j.Folder.wrap("reading "+f.Path+" of the archive", err)
	case sum != f.SHA256 || size != f.Size:
		return ledger.FileChanged, size, nil
	}
	return "", size, nil
}

// keptSince is the first day whose files must be there. The time begins with the year after the invoice's (VUK 253, TTK 82).
func (j *Job) keptSince() invoice.Date {
	years := j.KeepFor
	if years <= 0 {
		years = DefaultYears
	}
	today := invoice.DateOf(j.Clock.Now().In(clock.Istanbul))
	return invoice.Date{Year: today.Year - years, Month: 1, Day: 1}
}

func sumOf(data []byte) string {
	digest := sha256.Sum256(data)
	return hex.EncodeToString(digest[:])
}
