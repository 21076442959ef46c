package archive

import (
	"archive/zip"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"faturad/internal/clock"
	"faturad/internal/invoice"
	"faturad/mapping/ubl"
	"faturad/sync/ledger"
)

// Month is a calendar month of invoice dates.
type Month struct {
	Year  int
	Month time.Month
}

// ParseMonth reads "2026-10".
func ParseMonth(text string) (Month, error) {
	t, err := time.Parse("2006-01", text)
	if err != nil {
		return Month{}, fmt.Errorf("%q is no month: write it as 2026-10", text)
	}
	return Month{t.Year(), t.Month()}, nil
}

// String prints "2026-10".
func (m Month) String() string { return fmt.Sprintf("%04d-%02d", m.Year, m.Month) }

func (m Month) first() invoice.Date { return invoice.Date{Year: m.Year, Month: m.Month, Day: 1} }
func (m Month) next() invoice.Date {
	return invoice.DateOf(time.Date(m.Year, m.Month+1, 1, 0, 0, 0, 0, time.UTC))
}

// Exported counts what a month's pack holds.
type Exported struct {
	Issued, Received int
	Files            int
	Missing          int // files that the list names and the archive does not have (yet)
	Totals           []Total
}

// Total is the sum of a direction's invoices in one currency, those that failed, were cancelled or rejected left out. Receipts
// have sums of their own: what a producer receipt pays out is no sale.
type Total struct {
	Direction ledger.Direction
	Receipt   invoice.Kind // e-mm or e-smm; empty = invoices
	Currency  string
	Count     int
	Net       decimal.Decimal
	VAT       decimal.Decimal
	Payable   decimal.Decimal
}

// bundle is one invoice of the month with its files.
type bundle struct {
	way      ledger.Direction
	account  string
	ettn     uuid.UUID
	document int64
	received int64
	issuedOn invoice.Date
	files    map[string]ledger.File
}

// Empty reports whether the month had no invoices at all.
func (e Exported) Empty() bool { return e.Issued+e.Received == 0 }

// Export writes the month's pack as a zip to w, streamed: UBL and PDF of every invoice in a folder for issued (giden) and one
// for received (gelen), and a list of each with totals, which Excel opens with Turkish letters and commas. For a month without
// invoices it writes nothing.
func (j *Job) Export(ctx context.Context, month Month, w io.Writer) (out Exported, err error) {
	bundles, err := j.bundles(ctx, month)
	if err != nil {
		return out, err
	}
	if len(bundles) == 0 {
		return out, nil
	}
	pack := zip.NewWriter(w)
	defer func() { err = errors.Join(err, pack.Close()) }()
	lists := map[ledger.Direction]*list{ledger.Outgoing: newList(), ledger.Incoming: newList()}
	for i, b := range bundles {
		if err := ctx.Err(); err != nil {
			return out, err
		}
		row, err := j.header(ctx, b)
		if err != nil {
			return out, err
		}
		if err := j.pack(pack, b, &row, &out); err != nil {
			return out, err
		}
		lists[b.way].add(row)
		if b.way == ledger.Outgoing {
			out.Issued++
		} else {
			out.Received++
		}
		if j.Progress != nil {
			j.Progress(1, len(bundles)-i)
		}
	}
	for _, way := range []ledger.Direction{ledger.Outgoing, ledger.Incoming} {
		name := "liste-" + folderOf(way) + "-" + month.String() + ".csv"
		entry, err := pack.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: j.Clock.Now().In(clock.Istanbul)})
		if err != nil {
			return out, fmt.Errorf("writing %s: %w", name, err)
		}
		if err := lists[way].write(entry); err != nil {
			return out, fmt.Errorf("writing %s: %w", name, err)
		}
		out.Totals = append(out.Totals, lists[way].totals(way)...)
	}
	return out, nil
}

func folderOf(way ledger.Direction) string {
	if way == ledger.Incoming {
		return "gelen"
	}
	return "giden"
}

// bundles gathers the month's files by invoice, by date and ETTN.
func (j *Job) bundles(ctx context.Context, month Month) ([]*bundle, error) {
	byKey := map[string]*bundle{}
	var all []*bundle
	for after := int64(0); ; {
		files, err := j.Ledger.Files(ctx, ledger.FileFilter{Company: j.Company, From: month.first(), Till: month.next(), AfterID: after, Limit: 500})
		if err != nil {
			return nil, err
		}
		if len(files) == 0 {
			break
		}
		for _, f := range files {
			after = f.ID
			key := string(f.Direction) + f.ETTN.String()
			b := byKey[key]
			if b == nil {
				b = &bundle{way: f.Direction, account: f.Account, ettn: f.ETTN, document: f.Document, received: f.Received, issuedOn: f.IssuedOn, files: map[string]ledger.File{}}
				byKey[key] = b
				all = append(all, b)
			}
			b.files[f.Format] = f
		}
	}
	slices.SortFunc(all, func(a, b *bundle) int {
		return cmp.Or(cmp.Compare(a.way, b.way), cmp.Compare(a.issuedOn.String(), b.issuedOn.String()), cmp.Compare(a.ettn.String(), b.ettn.String()))
	})
	return all, nil
}

// header is what the ledger knows of an invoice.
func (j *Job) header(ctx context.Context, b *bundle) (row, error) {
	r := row{way: b.way, ettn: b.ettn, issuedOn: b.issuedOn}
	if b.way == ledger.Incoming {
		in, err := j.Ledger.ReceivedByID(ctx, b.received)
		if err != nil {
			return r, err
		}
		r.number, r.taxNo, r.name, r.scenario, r.kind = in.Number, in.SenderTaxNo, in.SenderTitle, in.Scenario, in.Type
		r.currency, r.payable, r.state, r.counts = in.Currency, in.Payable.Decimal, "Geldi", true
		return r, nil
	}
	doc, err := j.Ledger.DocumentByID(ctx, b.document)
	if err != nil {
		return r, err
	}
	r.number, r.taxNo, r.name, r.product = doc.Number, doc.BuyerTaxNo, doc.BuyerName, string(doc.Route.Kind)
	r.currency, r.payable, r.state = doc.Currency, doc.Payable.Decimal, doc.State.Text("tr")
	r.counts = doc.State != ledger.Cancelled && doc.State != ledger.Rejected && doc.State != ledger.Failed
	return r, nil
}

// packed are the formats that go into the pack.
var packed = []string{"ubl", "pdf"}

// pack copies an invoice's files into the zip, and reads the totals from its UBL.
func (j *Job) pack(w *zip.Writer, b *bundle, r *row, out *Exported) error {
	for _, format := range packed {
		f, entered := b.files[format]
		if !entered && (!slices.Contains(j.Formats, format) || !j.offered(b.account, b.way, format)) {
			continue // this archive does not hold that format, or nobody gives it
		}
		mark := "var"
		switch there, err := j.copyFile(w, f, r); {
		case err != nil:
			return err
		case !there:
			mark = "eksik"
			out.Missing++
		default:
			out.Files++
		}
		r.has[slices.Index(packed, format)] = mark
		if format == "ubl" {
			r.sum = f.SHA256
		}
	}
	return nil
}

// safeNumber is what an invoice number may look like in a file's name; senders write anything.
var safeNumber = regexp.MustCompile(`^[A-Za-z0-9]{1,20}$`)

// copyFile streams one file into the zip; there is false when the archive does not have it.
func (j *Job) copyFile(w *zip.Writer, f ledger.File, r *row) (there bool, err error) {
	if f.State != ledger.FileStored {
		return false, nil
	}
	file, err := j.Folder.Open(f.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, j.Folder.wrap("reading "+f.Path+" of the archive", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	name := f.ETTN.String()
	if safeNumber.MatchString(r.number) {
		name = r.number + "_" + name
	}
	head := &zip.FileHeader{Name: path.Join(folderOf(f.Direction), name+extensions[f.Format]), Method: zip.Deflate, Modified: f.StoredAt.In(clock.Istanbul)}
	if f.Format == "pdf" {
		head.Method = zip.Store // compressed already
	}
	entry, err := w.CreateHeader(head)
	if err != nil {
		return false, fmt.Errorf("packing %s: %w", f.Path, err)
	}
	if f.Format != "ubl" {
		_, err = io.Copy(entry, file)
		return true, err
	}
	data, err := io.ReadAll(file)
	if err != nil {
		return false, j.Folder.wrap("reading "+f.Path+" of the archive", err)
	}
	if doc, perr := ubl.Parse(data); perr == nil { // a received UBL that cannot be read is packed all the same
		r.read(doc.Invoice)
	}
	_, err = entry.Write(data)
	return true, err
}
