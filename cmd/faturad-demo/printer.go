package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/shopspring/decimal"
	"golang.org/x/term"

	"faturad/sync/ledger"
)

// width is what the table may take, in columns.
const width = 120

// printer writes for a person, in colour when that person sits at a terminal; with --json it says only the figures.
type printer struct {
	out      io.Writer
	colour   bool
	quiet    bool
	language string
	notes    map[string]string // what is special about a sale, by its number
}

func newPrinter(out io.Writer, o options) *printer {
	p := &printer{out: out, quiet: o.json, language: o.language, notes: map[string]string{}}
	if f, ok := out.(*os.File); ok {
		p.colour = term.IsTerminal(int(f.Fd())) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
	}
	return p
}

func (p *printer) printf(format string, args ...any) {
	if !p.quiet {
		fmt.Fprintf(p.out, format, args...)
	}
}

// The colours, as ANSI codes.
const (
	bold    = "1"
	dim     = "2"
	red     = "31"
	green   = "32"
	yellow  = "33"
	magenta = "35"
	cyan    = "36"
)

func (p *printer) paint(code, s string) string {
	if !p.colour || code == "" || s == "" {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

// word chooses between the accountant's languages.
func (p *printer) word(tr, en string) string {
	if p.language == "en" {
		return en
	}
	return tr
}

func (p *printer) title() {
	p.printf("%s  an ERP's sales become legal e-invoices, each exactly once. Nothing leaves this machine.\n\n", p.paint(bold, "faturad demo"))
}

// step says what was just done.
func (p *printer) step(what, format string, args ...any) {
	p.printf("  %s %s %s\n", p.paint(green, "✓"), p.paint(bold, pad(what, 9)), fmt.Sprintf(format, args...))
}

// The columns of the sales table.
const (
	noWidth     = 6
	buyerWidth  = 28
	totalWidth  = 14
	statusWidth = 16
	numberWidth = 16
	senderWidth = 50 // of the table of incoming invoices
)

// table shows the sales as the ERP's own rows have them.
func (p *printer) table(sales []bookedSale) {
	p.printf("\n  %s\n\n", p.paint(bold, p.word("ERP'nin satışları, muhasebecinin gördüğü hâliyle", "The ERP's sales, as the accountant sees them")))
	head := "  " + pad(p.word("Satış", "Sale"), noWidth) + "  " + pad(p.word("Müşteri", "Customer"), buyerWidth) + "  " +
		padLeft(p.word("Tutar", "Total"), totalWidth) + "  " + pad(p.word("Durum", "State"), statusWidth) + "  " +
		pad(p.word("Fatura no", "Number"), numberWidth) + "  " + p.word("Özelliği", "Special")
	p.printf("%s\n", p.paint(bold, head))
	p.printf("%s\n", p.paint(dim, "  "+strings.Repeat("─", width-4)))
	for _, s := range sales {
		p.row(s)
	}
}

// row is one sale; whatever needs a person is explained below it.
func (p *printer) row(s bookedSale) {
	p.printf("%s\n", p.line(s))
	if s.Advice == "" && s.State != ledger.Rejected {
		return
	}
	const indent = 2 + noWidth + 2
	mark := "└ "
	for _, text := range wrap(s.Message, width-indent-2) {
		p.printf("%s%s%s\n", strings.Repeat(" ", indent), p.paint(dim, mark), text)
		mark = "  "
	}
	mark = "→ "
	for _, text := range wrap(s.Advice, width-indent-2) {
		p.printf("%s%s%s\n", strings.Repeat(" ", indent), p.paint(cyan, mark), p.paint(cyan, text))
		mark = "  "
	}
}

func (p *printer) line(s bookedSale) string {
	status := s.Status
	if status == "" {
		status = ledger.Pending.Text(p.language)
	}
	note := short(p.notes[s.No], width-2-noWidth-buyerWidth-totalWidth-statusWidth-numberWidth-10)
	return strings.TrimRight("  "+p.paint(dim, pad(s.No, noWidth))+"  "+pad(short(s.Buyer, buyerWidth), buyerWidth)+"  "+
		padLeft(amount(s.Total, s.Currency), totalWidth)+"  "+p.paint(colours[s.State], pad(short(status, statusWidth), statusWidth))+"  "+
		pad(s.Number, numberWidth)+"  "+p.paint(dim, note), " ")
}

// colours of the states.
var colours = map[ledger.State]string{
	ledger.Accepted: green, ledger.Sent: cyan, ledger.Held: yellow, ledger.Unknown: magenta, ledger.Disputed: magenta,
	ledger.Refused: red, ledger.Failed: red, ledger.Rejected: red, ledger.Cancelled: dim,
}

// inbox shows the incoming invoices as the ERP has them.
func (p *printer) inbox(received []bookedReceipt) {
	p.printf("\n  %s\n\n", p.paint(bold, p.word("Gelen faturalar", "Incoming invoices")))
	for _, r := range received {
		p.printf("  %s  %s  %s  %s  %s  %s\n", p.paint(dim, r.Date), pad(r.Number, numberWidth), pad(short(r.Sender, senderWidth), senderWidth),
			padLeft(amount(r.Payable, r.Currency), totalWidth), pad(r.Type, 8), p.paint(dim, fmt.Sprintf(p.word("%d satır", "%d lines"), r.Lines)))
	}
}

// sum is the line under the tables.
func (p *printer) sum(f figures, took time.Duration) {
	rest := f.Sales - f.Accepted - f.Held - f.Refused - f.Unknown
	p.printf("\n  %s sales: %s accepted, %s held, %s refused, %s failed or rejected, %s unknown. %s sent twice. %d received. %.1f s.\n",
		p.paint(bold, fmt.Sprint(f.Sales)), p.paint(green, fmt.Sprint(f.Accepted)), p.paint(yellow, fmt.Sprint(f.Held)),
		p.paint(red, fmt.Sprint(f.Refused)), p.paint(red, fmt.Sprint(rest)), fmt.Sprint(f.Unknown), p.paint(bold, fmt.Sprint(f.Duplicates)), f.Received, took.Seconds())
}

// next says where to look after the demo.
func (p *printer) next() {
	p.printf("\n  %s\n", p.paint(bold, "Where to look next"))
	for _, l := range [][2]string{
		{"go run -tags gms_pure_go ./cmd/faturad-demo", "the same, but it goes on: new sales, the admin page"},
		{"go run -tags gms_pure_go ./cmd/faturad-demo simulate turkcell", "the provider alone, for your own faturad"},
		{"go run ./cmd/faturad init --erp reference --sql", "the tables that this ERP consists of"},
		{"docs/erp-contract.md", "how to teach faturad another ERP"},
		{"docs/faults.md, docs/states.md", "every reason to hold a sale; every state"},
	} {
		p.printf("  %s  %s\n", p.paint(cyan, pad(l[0], 63)), l[1])
	}
}

// json prints the figures, whatever else is quiet.
func (p *printer) json(f figures) error {
	if err := json.NewEncoder(p.out).Encode(f); err != nil {
		return fmt.Errorf("printing the figures: %w", err)
	}
	return nil
}

// amount prints money as Turks write it.
func amount(d decimal.Decimal, currency string) string {
	whole, fraction, _ := strings.Cut(d.Abs().StringFixed(2), ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "." + whole[i:]
	}
	sign := ""
	if d.IsNegative() {
		sign = "-"
	}
	if currency == "TRY" {
		currency = "TL"
	}
	return sign + whole + "," + fraction + " " + currency
}

func pad(s string, n int) string { return s + strings.Repeat(" ", max(0, n-utf8.RuneCountInString(s))) }

func padLeft(s string, n int) string {
	return strings.Repeat(" ", max(0, n-utf8.RuneCountInString(s))) + s
}

// short cuts a text to n characters.
func short(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n-1]) + "…"
}

// wrap breaks a text into lines of at most n characters.
func wrap(s string, n int) []string {
	var lines []string
	line := ""
	for _, w := range strings.Fields(s) {
		if line != "" && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(w) > n {
			lines, line = append(lines, line), ""
		}
		if line != "" {
			line += " "
		}
		line += w
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}

// verdictError is what the demo must never show.
func verdictError(f figures) error {
	return fmt.Errorf("%d sales were sent twice and %d have an unknown outcome: this is a bug, please report it with the output above", f.Duplicates, f.Unknown)
}
