package archive

import (
	"os"
	"path/filepath"
	"testing"

	"faturad/internal/fault"
)

// TestFolderOfAnotherDisk: with the disk away nothing is written into its mount point, nothing is called missing, and an
// empty folder made by a person is the word that the files are lost.
func TestFolderOfAnotherDisk(t *testing.T) {
	t.Parallel()
	s, dir := newShelf(3), t.TempDir()
	first := s.job(t, dir, "one")
	if _, err := first.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	mountPoint := t.TempDir()
	away := s.job(t, mountPoint, "one")
	if _, err := away.Run(t.Context()); fault.ClassOf(err) != fault.Permanent {
		t.Errorf("a pass on the empty mount point: %v", err)
	}
	if _, err := away.Verify(t.Context(), true); fault.ClassOf(err) != fault.Permanent {
		t.Errorf("a verification on the empty mount point: %v", err)
	}
	if _, err := os.Stat(filepath.Join(mountPoint, away.Company)); !os.IsNotExist(err) {
		t.Errorf("the mount point was written to: %v", err)
	}
	s.whole(t, dir)

	if err := os.Mkdir(filepath.Join(mountPoint, away.Company), 0o750); err != nil {
		t.Fatal(err)
	}
	if v, err := away.Verify(t.Context(), true); err != nil || !v.Whole() || v.Repaired != len(s.files) {
		t.Errorf("files that are lost: %+v, %v", v, err)
	}
	s.whole(t, mountPoint)
}
