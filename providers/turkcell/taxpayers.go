package turkcell

import (
	"archive/zip"
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path"
	"strings"

	"faturad/internal/fault"
	"faturad/providers"
	"faturad/providers/redact"
)

const (
	taxpayerEntry   = "gibusers_invoice_receipt_list.json" // facts section 7
	maxEntries      = 1000                                 // files in the zip; one is expected
	maxRow          = 1 << 20                              // bytes of one row at most; real ones have a few hundred
	importTaxpayers = "reading turkcell's list of e-invoice taxpayers"
)

// taxpayerRow is one mailbox; names are PascalCase here, unlike everywhere else.
type taxpayerRow struct {
	Identifier        string  `json:"Identifier"`
	Title             string  `json:"Title"`
	Alias             string  `json:"Alias"`
	AppType           number  `json:"AppType"`      // 1 e-Fatura, 3 e-İrsaliye
	GibAliasType      number  `json:"GibAliasType"` // 1 mailbox (PK), 2 sending unit (GB)
	GibUserType       number  `json:"GibUserType"`  // 1 private, 2 public
	FirstCreationTime instant `json:"FirstCreationTime"`
	AliasCreationTime instant `json:"AliasCreationTime"`
	IsActive          yesNo   `json:"IsActive"`
	DeletionTime      instant `json:"DeletionTime"`
}

// Taxpayers downloads the zipped list into a temporary file, which is gone afterwards, and streams its rows. Rows that are
// no invoice mailbox are left out (facts section 7). A list that breaks off, has a wrong checksum or no rows is an error at
// its end, so the caller must keep the old list until the last row has come.
func (p *Provider) Taxpayers(ctx context.Context, each func(providers.Taxpayer) error) error {
	ctx, cancel := context.WithTimeout(ctx, p.cfg.TaxpayerTimeout)
	defer cancel()
	spool, size, err := p.spool(ctx)
	if err != nil {
		return err
	}
	defer p.discard(ctx, spool)
	entry, err := openEntry(spool, size)
	if err != nil {
		return damaged(err)
	}
	defer entry.Close() // read to its end already, where the checksum was compared
	return readTaxpayers(ctx, entry, p.cfg.MaxUnzipped, p.cfg.DespatchBoxes, each)
}

func damaged(err error) error {
	return &fault.Error{Class: fault.Retryable, Doing: importTaxpayers, Code: "turkcell.taxpayer_list", Err: err,
		Advice: "Eldeki liste kullanılmaya devam eder; sürerse Turkcell e-Şirket'e bildirin"}
}

// spool copies the zip to a temporary file: a zip is read from its end.
func (p *Provider) spool(ctx context.Context) (*os.File, int64, error) {
	r := request{doing: importTaxpayers, use: useList, product: productTaxpayers, method: http.MethodGet, path: "/v2/gibuser/recipient/zip"}
	res, err := p.client.open(ctx, r)
	if err != nil {
		return nil, 0, err
	}
	if classOf(r.use, res.StatusCode) != "" {
		a, err := p.client.whole(ctx, r, res)
		if err != nil {
			return nil, 0, err
		}
		return nil, 0, p.client.refused(r, a, "")
	}
	defer res.Body.Close() // what matters has been read; a failing close changes nothing
	file, err := os.CreateTemp(spoolDir(p.cfg.TempDir, os.Getenv("CACHE_DIRECTORY")), "faturad-taxpayers-*.zip")
	if err != nil {
		return nil, 0, &fault.Error{Class: fault.Retryable, Doing: importTaxpayers, Err: err, Advice: "Geçici klasörü ve boş yeri kontrol edin"}
	}
	size, err := io.Copy(file, io.LimitReader(res.Body, p.cfg.MaxSpool+1))
	switch {
	case err != nil:
		err = p.client.unasked(r, res.StatusCode, fmt.Errorf("the list broke off after %d bytes: %w", size, err))
	case size > p.cfg.MaxSpool:
		err = damaged(fmt.Errorf("the zip is larger than %d bytes", p.cfg.MaxSpool))
	}
	if err != nil {
		p.discard(ctx, file)
		return nil, 0, err
	}
	p.log.DebugContext(ctx, "turkcell's taxpayer list is here", "bytes", size, "ms", p.clock.Now().Sub(res.Began).Milliseconds())
	return file, size, nil
}

func (p *Provider) discard(ctx context.Context, file *os.File) {
	if err := errors.Join(file.Close(), os.Remove(file.Name())); err != nil {
		p.log.WarnContext(ctx, "a temporary file could not be removed", "file", file.Name(), "err", err)
	}
}

// openEntry chooses the list inside the zip: the known name, else the first .json. Names are only compared, never used as
// paths; nothing is unpacked to disk.
func openEntry(file io.ReaderAt, size int64) (io.ReadCloser, error) {
	archive, err := zip.NewReader(file, size)
	if err != nil {
		return nil, fmt.Errorf("opening the zip: %w", err)
	}
	if len(archive.File) > maxEntries {
		return nil, fmt.Errorf("the zip holds %d files instead of one", len(archive.File))
	}
	var chosen *zip.File
	for _, f := range archive.File {
		name := strings.ToLower(path.Base(strings.ReplaceAll(f.Name, `\`, "/")))
		if name == taxpayerEntry {
			chosen = f
			break
		}
		if chosen == nil && strings.HasSuffix(name, ".json") {
			chosen = f
		}
	}
	if chosen == nil {
		return nil, errors.New("the zip holds no list")
	}
	if chosen.Flags&1 != 0 {
		return nil, errors.New("the zip is encrypted")
	}
	entry, err := chosen.Open()
	if err != nil {
		return nil, fmt.Errorf("opening the list in the zip: %w", err)
	}
	return entry, nil
}

// readTaxpayers streams the JSON array. Memory is bounded by one row, time and disk by limit.
func readTaxpayers(ctx context.Context, list io.Reader, limit int64, despatch bool, each func(providers.Taxpayer) error) error {
	meter := &meter{ctx: ctx, in: skipBOM(list), limit: limit, allowed: maxRow}
	d := json.NewDecoder(meter)
	if opening, err := d.Token(); err != nil || opening != json.Delim('[') {
		return damaged(errors.Join(errors.New("the list does not begin as one"), err))
	}
	rows := 0
	for d.More() {
		var row taxpayerRow
		if err := d.Decode(&row); err != nil {
			return meter.fail(ctx, fmt.Errorf("row %d: %w", rows+1, err))
		}
		rows++
		meter.allowed = d.InputOffset() + maxRow
		if t, good := row.taxpayer(despatch); good {
			if err := each(t); err != nil {
				return err
			}
		}
	}
	if _, err := d.Token(); err != nil {
		return meter.fail(ctx, fmt.Errorf("the list does not end after row %d: %w", rows, err))
	}
	meter.allowed = limit
	if _, err := io.Copy(io.Discard, io.MultiReader(d.Buffered(), meter)); err != nil { // the checksum is compared at the end
		return meter.fail(ctx, err)
	}
	if rows == 0 {
		return damaged(errors.New("the list is empty"))
	}
	return nil
}

// taxpayer applies the filter of facts section 7. What a row does not say counts as the usual.
func (r taxpayerRow) taxpayer(despatch bool) (providers.Taxpayer, bool) {
	r.Identifier, r.Alias = strings.TrimSpace(r.Identifier), strings.TrimSpace(r.Alias)
	product := "invoice"
	if r.AppType.given && r.AppType.value == 3 {
		product = "despatch"
	}
	mailbox := r.GibAliasType.value == 1 || strings.Contains(strings.ToLower(r.Alias), "pk")
	if !r.GibAliasType.given {
		mailbox = r.Alias != "" // the list holds mailboxes only, says the guide
	}
	switch {
	case r.IsActive.given && !r.IsActive.value, !r.DeletionTime.IsZero(), !mailbox, r.Alias == "",
		len(r.Identifier) != 10 && len(r.Identifier) != 11,
		r.AppType.given && r.AppType.value != 1 && product != "despatch",
		product == "despatch" && !despatch:
		return providers.Taxpayer{}, false
	}
	since := r.AliasCreationTime
	if since.IsZero() {
		since = r.FirstCreationTime
	}
	return providers.Taxpayer{TaxNo: r.Identifier, Title: redact.Line(r.Title, 500), Alias: r.Alias, Public: r.GibUserType.value == 2,
		Since: since.Time, Product: product}, true
}

func skipBOM(in io.Reader) io.Reader {
	b := bufio.NewReaderSize(in, 64<<10)
	if head, err := b.Peek(3); err == nil && string(head) == "\xEF\xBB\xBF" {
		_, _ = b.Discard(3) // cannot fail: the three bytes are in the buffer
	}
	return b
}

// meter counts what is unpacked: limit bounds the whole, allowed the row that is being read, so that neither a bomb nor one
// endless row fills disk or memory.
type meter struct {
	ctx            context.Context
	in             io.Reader
	read           int64
	limit, allowed int64
	broken         error
}

func (m *meter) Read(b []byte) (int, error) {
	switch {
	case m.ctx.Err() != nil:
		m.broken = m.ctx.Err()
	case m.read > m.limit:
		m.broken = fmt.Errorf("the list is longer than %d bytes", m.limit)
	case m.read > m.allowed:
		m.broken = fmt.Errorf("a row is longer than %d bytes", maxRow)
	}
	if m.broken != nil {
		return 0, m.broken
	}
	n, err := m.in.Read(b)
	m.read += int64(n)
	return n, err
}

// fail prefers the meter's reason to what the decoder makes of it.
func (m *meter) fail(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return damaged(ctx.Err())
	case m.broken != nil:
		return damaged(m.broken)
	}
	return damaged(err)
}

// spoolDir is where large downloads lie for a while: what the config names, else the first of the cache directories that
// systemd gives the unit (its /tmp may be in memory), else "", the system's.
func spoolDir(configured, cache string) string {
	if configured != "" {
		return configured
	}
	first, _, _ := strings.Cut(cache, ":")
	return first
}
