package archive

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"faturad/internal/fault"
	"faturad/sync/ledger"
)

// Mounted makes sure that the folder is the one in which the company's files were stored: a disk that is not mounted looks
// like an empty folder, and what is written there is out of sight once the disk is back. fault.Permanent when it is not.
func (j *Job) Mounted(ctx context.Context) error {
	stored, err := j.Ledger.Files(ctx, ledger.FileFilter{Company: j.Company, Stored: true, Limit: 1})
	if err != nil || len(stored) == 0 || stored[0].IssuedOn.Before(j.keptSince()) {
		return err
	}
	if _, err := j.Folder.root.Stat(j.Company); err == nil || !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return &fault.Error{Class: fault.Permanent, Doing: "opening the archive of " + j.Company, Code: "archive.elsewhere",
		Err: fmt.Errorf("the ledger knows stored files, and %s has no folder %s", j.Folder.dir, j.Company),
		Advice: "Mount the archive's disk, or put the files back from the backup; if they are lost, make an empty folder of that name " +
			"and run faturad archive verify --repair"}
}
