package archive

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"faturad/internal/clock"
	"faturad/internal/failpoint"
	"faturad/internal/fault"
	"faturad/internal/invoice"
	"faturad/providers"
	"faturad/sync/ledger"
)

// Ledger is the durable memory as the archive needs it.
type Ledger interface {
	ToArchive(ctx context.Context, company string, way ledger.Direction, format string, without []string, limit int) ([]ledger.Archivable, error)
	RefreshFiles(ctx context.Context, company string) (int, error)
	WantFiles(ctx context.Context, files []ledger.File) error
	LeaseFiles(ctx context.Context, company, owner string, ttl time.Duration, limit int) ([]ledger.File, error)
	MoveFiles(ctx context.Context, moves []ledger.FileMove) error
	Files(ctx context.Context, f ledger.FileFilter) ([]ledger.File, error)
	MarkChecked(ctx context.Context, checked []ledger.Checked) error
	Unshown(ctx context.Context, company string, limit int) ([]ledger.File, error)
	MarkShown(ctx context.Context, shown, failed []int64, wait time.Duration) error
	RawReceived(ctx context.Context, id int64) ([]byte, error)
	DocumentByID(ctx context.Context, id int64) (ledger.Document, error)
	ReceivedByID(ctx context.Context, id int64) (ledger.Received, error)
}

// Target is the ERP as the archive needs it: it shows where a file lies.
type Target interface {
	ShowFile(ctx context.Context, f ledger.File, path string, data []byte) error
}

// Account is one company's access to one provider.
type Account struct {
	Name     string
	Provider providers.Provider
}

// Job is everything that one company's archive needs.
type Job struct {
	Company  string
	Owner    string
	Ledger   Ledger
	ERP      Target
	Accounts []Account
	Folder   *Folder
	Clock    clock.Clock
	Log      *slog.Logger

	Formats  []string      // ubl, pdf, html
	InFlight int           // downloads at a time; 0 = 4
	LeaseFor time.Duration // 0 = two minutes
	KeepFor  int           // years after which a file may be gone; 0 = ten
	Link     string        // what the ERP sees before a file's path; empty = the folder
	Progress func(done, total int)
}

// Result counts what one pass did.
type Result struct {
	Entered int // files that were found to belong into the archive
	Renewed int // files to be fetched again because their document is final now
	Stored  int
	Failed  int // downloads to be repeated
	Shown   int // paths written to the ERP
	// Paused is why nothing more is written: the disk is full, or the folder cannot be used; nil = it is not.
	Paused error
}

// Plus adds what a later pass did; whether it is paused is the later one's.
func (r Result) Plus(o Result) Result {
	return Result{Entered: r.Entered + o.Entered, Renewed: r.Renewed + o.Renewed, Stored: r.Stored + o.Stored, Failed: r.Failed + o.Failed,
		Shown: r.Shown + o.Shown, Paused: o.Paused}
}

// batch is how many files are leased at once.
const batch = 50

// enterBatch is how many documents are entered at once.
const enterBatch = 500

// DefaultYears is the retention that Turkish commercial law asks for (TTK 82; tax law, VUK 253, asks for five years).
const DefaultYears = 10

// Run makes one pass: enter what belongs into the archive, fetch and store it, tell the ERP where it lies. It may be ended
// at any moment and goes on where it was. A full disk pauses it and is no error of the pass: Result.Paused says so.
func (j *Job) Run(ctx context.Context) (Result, error) {
	var result Result
	if err := j.Mounted(ctx); err != nil {
		return result, err
	}
	if err := j.Folder.Tidy(ctx, j.Clock.Now()); err != nil {
		j.Log.Warn("the archive's workshop could not be tidied", "err", err)
	}
	if err := j.enter(ctx, &result); err != nil {
		return result, err
	}
	if err := j.store(ctx, &result); err != nil {
		return result, err
	}
	if result.Paused != nil {
		j.Log.Warn("the archive is paused; sending and receiving go on", "err", result.Paused)
	}
	return result, j.show(ctx, &result)
}

func (j *Job) leaseFor() time.Duration {
	if j.LeaseFor > 0 {
		return j.LeaseFor
	}
	return 2 * time.Minute
}

// enter adds a row for every file that is not there yet.
func (j *Job) enter(ctx context.Context, result *Result) error {
	for _, way := range []ledger.Direction{ledger.Outgoing, ledger.Incoming} {
		for _, format := range j.Formats {
			for ctx.Err() == nil {
				found, err := j.Ledger.ToArchive(ctx, j.Company, way, format, j.without(way, format), enterBatch)
				if err != nil {
					return err
				}
				if len(found) == 0 {
					break
				}
				files := make([]ledger.File, len(found))
				for i, a := range found {
					files[i] = ledger.File{Company: j.Company, Account: a.Account, Direction: way, ETTN: a.ETTN, Kind: a.Kind, Format: format,
						Path: Path(j.Company, way, a.ETTN, a.IssuedOn, format), IssuedOn: a.IssuedOn}
					if way == ledger.Outgoing {
						files[i].Document = a.ID
					} else {
						files[i].Received = a.ID
					}
				}
				if err := j.Ledger.WantFiles(ctx, files); err != nil {
					return err
				}
				result.Entered += len(files)
			}
		}
	}
	renewed, err := j.Ledger.RefreshFiles(ctx, j.Company)
	result.Renewed += renewed
	return errors.Join(err, ctx.Err())
}

// without are the accounts whose provider does not give this form of its documents: nobody waits for it.
func (j *Job) without(way ledger.Direction, format string) (names []string) {
	for _, a := range j.Accounts {
		if !a.offers(way, format) {
			names = append(names, a.Name)
		}
	}
	return names
}

func (a Account) offers(way ledger.Direction, format string) bool {
	c := a.Provider.Capabilities()
	if way == ledger.Incoming {
		return c.OffersIncoming(providers.FileFormat(format))
	}
	return c.Offers(providers.FileFormat(format))
}

// offered says that the account's provider gives this form; an account that is gone from the config gave it once.
func (j *Job) offered(account string, way ledger.Direction, format string) bool {
	return !slices.Contains(j.without(way, format), account)
}

// extensions are the names' endings.
var extensions = map[string]string{"ubl": ".xml", "pdf": ".pdf", "html": ".html"}

// Formats lists what an archive may hold.
func Formats() []string { return []string{"ubl", "pdf", "html"} }

// Path is where a file lies below the archive's folder: company/year/month/direction/ETTN. Nothing that a sender or a
// provider wrote is part of it.
func Path(company string, way ledger.Direction, ettn uuid.UUID, issued invoice.Date, format string) string {
	folder := "giden"
	if way == ledger.Incoming {
		folder = "gelen"
	}
	return path.Join(company, fmt.Sprintf("%04d", issued.Year), fmt.Sprintf("%02d", issued.Month), folder, ettn.String()+extensions[format])
}

// store fetches and stores what is due, batch after batch.
func (j *Job) store(ctx context.Context, result *Result) error {
	for ctx.Err() == nil && result.Paused == nil {
		if result.Paused = j.Folder.Room(0); result.Paused != nil { // before it happens, and before anything is fetched for nothing
			return nil //nolint:nilerr // a pause is a result, not a failure
		}
		files, err := j.Ledger.LeaseFiles(ctx, j.Company, j.Owner, j.leaseFor(), batch)
		if err != nil || len(files) == 0 {
			return err
		}
		moves, down := j.storeAll(ctx, files, result)
		failpoint.Hit("archive.recording")
		if err := j.Ledger.MoveFiles(context.WithoutCancel(ctx), moves); err != nil {
			return err
		}
		failpoint.Hit("archive.recorded")
		if j.Progress != nil {
			j.Progress(len(files), 0)
		}
		if down != nil {
			return fmt.Errorf("fetching files for the archive: %w", down)
		}
	}
	return nil
}

// storeAll works on a batch, some files at once. down is set when not one could be fetched because the provider is away.
func (j *Job) storeAll(ctx context.Context, files []ledger.File, result *Result) (moves []ledger.FileMove, down error) {
	moves = make([]ledger.FileMove, len(files))
	errs := make([]error, len(files))
	working, cancel := context.WithTimeout(ctx, j.leaseFor()*3/4) // what was done must be recorded while the lease holds
	defer cancel()
	next := make(chan int)
	var workers sync.WaitGroup
	for range min(max(1, j.inFlight()), len(files)) {
		workers.Go(func() {
			for i := range next {
				moves[i], errs[i] = j.storeOne(working, files[i])
			}
		})
	}
	for i := range files {
		next <- i
	}
	close(next)
	workers.Wait()
	away := 0
	for i, err := range errs {
		switch {
		case moves[i].Stored:
			result.Stored++
		case isFull(err):
			result.Paused = err
		default:
			result.Failed++
			if errors.Is(err, fault.Retryable) || errors.Is(err, fault.Auth) || errors.Is(err, fault.Throttled) {
				away++
				down = err
			}
		}
	}
	if away < len(files) || ctx.Err() != nil {
		down = nil
	}
	return moves, down
}

func (j *Job) inFlight() int {
	if j.InFlight > 0 {
		return j.InFlight
	}
	return 4
}

// CodeFull marks an error that says that the archive's disk has no room.
const CodeFull = "archive.full"

func isFull(err error) bool {
	f, ok := errors.AsType[*fault.Error](err)
	return ok && f.Code == CodeFull
}

// storeOne fetches one file and writes it.
func (j *Job) storeOne(ctx context.Context, f ledger.File) (ledger.FileMove, error) {
	data, early, err := j.fetch(ctx, f)
	failpoint.Hit("archive.fetched")
	if err == nil && f.Format == "ubl" && f.SHA256 != "" && !f.Early && sumOf(data) != f.SHA256 {
		// The signed document of an ETTN never changes. What comes now is not what was stored: a person must look.
		err = &fault.Error{Class: fault.Permanent, Doing: "fetching " + f.Path + " again", Code: "archive.differs",
			Err: errors.New("the document that comes now has other bytes than the one that was stored"), Advice: "Restore the file from a backup, or ask the provider"}
		j.Log.Error("ALARM: a document that is fetched again has other bytes than the one that was archived", "path", f.Path)
		return ledger.FileMove{File: f, Problem: ledger.FileDiffers, Message: err.Error(), NextIn: 24 * time.Hour, Failed: true}, err
	}
	var sum string
	if err == nil {
		sum, err = j.Folder.Write(f.Path, data)
	}
	switch {
	case err == nil:
		return ledger.FileMove{File: f, Stored: true, Size: int64(len(data)), SHA256: sum, Early: early}, nil
	case ctx.Err() != nil, isFull(err): // not this file's fault
		return ledger.FileMove{File: f, Problem: f.Problem, Message: err.Error(), NextIn: time.Minute}, err
	}
	if e, ok := errors.AsType[*fault.Error](err); !ok || e.Code != providers.CodeResting { // of those the pass says it once
		j.Log.Warn("a file could not be archived; it is tried again", "path", f.Path, "failures", f.Failures+1, "err", err)
	}
	return ledger.FileMove{File: f, Problem: f.Problem, Message: err.Error(), NextIn: max(again(f.Failures), fault.RetryAfter(err)), Failed: true}, err
}

// fetch gets a file's bytes: the UBL of a received invoice from the ledger, everything else from the provider. early says that
// the document may still change, and its file with it: what was asked before the bytes came cannot be later than they are.
func (j *Job) fetch(ctx context.Context, f ledger.File) (data []byte, early bool, err error) {
	if f.Direction == ledger.Incoming && f.Format == "ubl" {
		data, err = j.Ledger.RawReceived(ctx, f.Received)
		return data, false, err
	}
	doing := "fetching " + f.Path
	i := slices.IndexFunc(j.Accounts, func(a Account) bool { return a.Name == f.Account })
	if i < 0 {
		return nil, false, &fault.Error{Class: fault.Permanent, Doing: doing, Err: fmt.Errorf("the config has no account %q any more", f.Account),
			Advice: "Put the account back, inactive: its documents live there"}
	}
	if f.Direction == ledger.Incoming {
		inbox, ok := providers.As[providers.Inbox](j.Accounts[i].Provider)
		if !ok {
			return nil, false, fault.Newf(fault.Permanent, doing, "account %q has no inbox", f.Account)
		}
		data, err = inbox.FetchFile(ctx, f.ETTN, providers.FileFormat(f.Format))
		return data, false, err
	}
	download, ok := providers.As[providers.Downloader](j.Accounts[i].Provider)
	if !ok {
		return nil, false, fault.Newf(fault.Permanent, doing, "account %q offers no files", f.Account)
	}
	doc, err := j.Ledger.DocumentByID(ctx, f.Document) // some providers know it by a key of their own
	if err != nil {
		return nil, false, err
	}
	data, err = download.Download(ctx, doc.Identity(), providers.FileFormat(f.Format))
	return data, !doc.State.Archivable(), err
}

// again grows from a minute to a day, give or take a tenth.
func again(failures int) time.Duration {
	wait := min(24*time.Hour, time.Minute<<min(max(failures, 0), 11))
	return wait - wait/10 + rand.N(wait/5)
}

// show tells the ERP where files lie.
func (j *Job) show(ctx context.Context, result *Result) error {
	for ctx.Err() == nil {
		files, err := j.Ledger.Unshown(ctx, j.Company, batch)
		if err != nil || len(files) == 0 {
			return err
		}
		var shown, failed []int64
		var away error
		for _, f := range files {
			data, err := j.Folder.Read(f.Path)
			if err != nil {
				j.Log.Warn("a file of the archive cannot be read; `faturad archive verify` tells more", "path", f.Path, "err", err)
				failed = append(failed, f.ID)
				continue
			}
			err = j.ERP.ShowFile(ctx, f, j.link(f), data)
			if errors.Is(err, fault.Retryable) || errors.Is(err, fault.Auth) {
				away = err
				break
			}
			if err != nil {
				j.Log.Error("where a file lies could not be written to the ERP", "path", f.Path, "err", err)
				failed = append(failed, f.ID)
				continue
			}
			shown = append(shown, f.ID)
			result.Shown++
		}
		if err := j.Ledger.MarkShown(context.WithoutCancel(ctx), shown, failed, again(6)); err != nil {
			return err
		}
		if away != nil {
			return fmt.Errorf("writing to the ERP where files lie: %w", away)
		}
	}
	return ctx.Err()
}

// link is a file's place as people of the ERP see it.
func (j *Job) link(f ledger.File) string {
	if j.Link == "" {
		return path.Join(j.Folder.Dir(), f.Path)
	}
	if strings.Contains(j.Link, `\`) { // a Windows share
		return j.Link + strings.ReplaceAll(f.Path, "/", `\`)
	}
	return j.Link + f.Path
}
