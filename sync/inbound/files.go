package inbound

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"faturad/internal/failpoint"
	"faturad/internal/fault"
	"faturad/providers"
	"faturad/sync/erp"
	"faturad/sync/ledger"
)

const (
	// fileBatch is how many files are fetched, kept and written together.
	fileBatch = 32
	// mostFileTries is how often a file is asked for before it is given up; by then a month has passed.
	mostFileTries = 120
)

// files fetches what is to be kept beside the UBL (the PDF), keeps it in the ledger and shows it in the ERP. It comes last:
// an invoice is received without it, and its lack holds nothing up.
func (j *Job) files(ctx context.Context, result *Result) error {
	for ctx.Err() == nil {
		due, err := j.Ledger.DueFetches(ctx, j.Company, j.Account.Name, fileBatch)
		if err != nil || len(due) == 0 {
			return err
		}
		if err := j.someFiles(ctx, due, result); err != nil {
			return fmt.Errorf("fetching files of incoming invoices of %s: %w", j.Company, err)
		}
	}
	return nil
}

// someFiles fetches files, some at once, and finishes them in groups that are bounded by their bytes. An error says that going
// on makes no sense now.
func (j *Job) someFiles(ctx context.Context, due []ledger.Fetch, result *Result) error {
	fetching, stop := context.WithCancel(ctx)
	defer stop()
	var group []gotFile
	var ended, last error
	size, away := 0, 0
	for f := range j.getFiles(fetching, due) {
		if f.err != nil && (errors.Is(f.err, fault.Auth) || errors.Is(f.err, fault.Throttled) || ctx.Err() != nil) {
			ended = f.err
			break
		}
		if f.err != nil && !errors.Is(f.err, fault.NotFound) && !errors.Is(f.err, fault.Permanent) {
			away, last = away+1, f.err // an invoice that is gone says nothing of the provider
		}
		group, size = append(group, f), size+len(f.content)
		if size >= storeBytes || f.held.Large() { // other large ones wait until this one is finished
			if err := j.finishFiles(ctx, group, result); err != nil {
				return err
			}
			group, size = nil, 0
		}
		f.content = nil
		f.held.Done()
	}
	if away == len(due) && away > 1 {
		ended = last // the provider gives no files at all now
	}
	return errors.Join(ended, j.finishFiles(ctx, group, result))
}

// finishFiles keeps a group of files in the ledger, writes them to the ERP and notes what became of each: one commit each.
func (j *Job) finishFiles(ctx context.Context, group []gotFile, result *Result) error {
	if len(group) == 0 {
		return nil
	}
	if err := j.keepFiles(ctx, group); err != nil {
		return err
	}
	failpoint.Hit("inbound.kept")
	var writes []erp.Received
	var written []int
	var ended []ledger.Fetched
	for i, f := range group {
		if f.err != nil {
			ended = append(ended, unfetched(f.due, f.err))
			continue
		}
		writes, written = append(writes, j.withFile(f)), append(written, i)
	}
	var away error
	if len(writes) > 0 {
		var errs []error
		if errs, away = j.ERP.WriteReceivedFiles(ctx, writes); away == nil {
			for n, i := range written {
				due := group[i].due
				if errs[n] != nil {
					ended = append(ended, unfetched(due, errs[n]))
					continue
				}
				result.Files++
				ended = append(ended, ledger.Fetched{Company: due.Company, ETTN: due.ETTN, Format: due.Format, Done: true})
			}
		}
	}
	if err := j.Ledger.EndFetches(context.WithoutCancel(ctx), ended); err != nil {
		return errors.Join(away, fmt.Errorf("recording %d files of incoming invoices: %w", len(ended), err))
	}
	failpoint.Hit("inbound.filed")
	return away
}

func unfetched(f ledger.Fetch, err error) ledger.Fetched {
	e := ledger.Fetched{Company: f.Company, ETTN: f.ETTN, Format: f.Format, Reason: err.Error()}
	if f.Failures+1 < mostFileTries {
		e.Again = again(f.Failures)
	}
	return e
}

// gotFile is a file that is due, and what came of it.
type gotFile struct {
	due     ledger.Fetch
	content []byte
	hash    string // set when the ledger holds it
	err     error
	held    *providers.Share // what it holds of the memory for large downloads
}

// getFiles gets files with InFlight workers; the channel closes when all are there or ctx ends.
func (j *Job) getFiles(ctx context.Context, due []ledger.Fetch) <-chan gotFile {
	work, out := make(chan ledger.Fetch, len(due)), make(chan gotFile)
	bulk := providers.NewBulk()
	for _, f := range due {
		work <- f
	}
	close(work)
	var workers sync.WaitGroup
	for range min(max(1, j.Account.InFlight), len(due)) {
		workers.Go(func() {
			for f := range work {
				one, held := bulk.Share(ctx)
				got := j.getFile(one, f)
				got.held = held
				select {
				case out <- got:
				case <-ctx.Done():
					return
				}
			}
		})
	}
	go func() {
		workers.Wait()
		close(out)
	}()
	return out
}

// getFile reads a file from the ledger, or else from the provider: what is there already is not asked for again.
func (j *Job) getFile(ctx context.Context, f ledger.Fetch) gotFile {
	content, hash, err := j.Ledger.ReceivedFile(ctx, f.Company, f.ETTN, f.Format)
	if !errors.Is(err, fault.NotFound) {
		return gotFile{due: f, content: content, hash: hash, err: err}
	}
	content, err = j.Account.Inbox.FetchFile(ctx, f.ETTN, providers.FileFormat(f.Format))
	return gotFile{due: f, content: content, err: err}
}

// keepFiles has the ledger hold every file of the group that was fetched.
func (j *Job) keepFiles(ctx context.Context, group []gotFile) error {
	var files []ledger.NewFile
	var which []int
	for i, f := range group {
		if f.err == nil && f.hash == "" {
			files = append(files, ledger.NewFile{Company: f.due.Company, ETTN: f.due.ETTN, Format: f.due.Format, Content: f.content})
			which = append(which, i)
		}
	}
	if len(files) == 0 {
		return nil
	}
	hashes, errs, err := j.Ledger.KeepReceivedFiles(ctx, files)
	if err != nil {
		return err
	}
	for n, i := range which {
		group[i].hash, group[i].err = hashes[n], errs[n]
	}
	return nil
}

// withFile is the invoice as the statements for files see it.
func (j *Job) withFile(got gotFile) erp.Received {
	f := got.due
	return erp.Received{
		Company: j.Company, ETTN: f.ETTN, Number: f.Number, Account: j.Account.Name, Provider: j.Account.Kind, State: "received",
		StateText: textReceived.In(j.Language), ArrivedAt: f.ArrivedAt, Invoice: listed(f.Received), Unread: true, Hash: f.Hash, UpdatedAt: f.StoredAt,
		Files: []erp.File{{Format: f.Format, Name: f.ETTN.String() + "." + f.Format, Bytes: got.content, Size: len(got.content), Hash: got.hash}},
	}
}
