package e2e

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"faturad/providers/turkcell/turkcellsim"
)

// erps is where real ERP databases lie on machines that have them; they are data under their own licences and no part
// of this repository.
const erps = "../../../shared/erps"

// expected is one row of an oracle: what a sale must become.
type expected struct {
	key, number, kind, state, date, currency, name, taxNo, edge string
	gross                                                       decimal.Decimal
}

// oracle reads NAME.expected.tsv.
func oracle(t *testing.T, name string) []expected {
	t.Helper()
	f, err := os.Open(filepath.Join(erps, name+".expected.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out []expected
	var header map[string]int
	for scanner := bufio.NewScanner(f); scanner.Scan(); {
		cells := strings.Split(scanner.Text(), "\t")
		if header == nil {
			header = map[string]int{}
			for i, h := range cells {
				header[h] = i
			}
			continue
		}
		cell := func(name string) string { return cells[header[name]] }
		gross, err := decimal.NewFromString(cell("gross"))
		if err != nil {
			t.Fatalf("%s: %v", scanner.Text(), err)
		}
		out = append(out, expected{
			key: cell("sale_key"), number: cell("doc_no"), kind: cell("doc_type"), state: cell("state"), date: cell("issue_date"),
			currency: cell("currency"), name: cell("customer_name"), taxNo: cell("tax_no_clean"), edge: cell("edge"), gross: gross,
		})
	}
	return out
}

// taxpayersOf registers half of an oracle's companies as e-invoice taxpayers.
func taxpayersOf(rows []expected) []turkcellsim.Taxpayer {
	seen := map[string]bool{}
	var out []turkcellsim.Taxpayer
	for i, r := range rows {
		if len(r.taxNo) == 10 && r.taxNo != "2222222222" && i%2 == 0 && !seen[r.taxNo] {
			seen[r.taxNo] = true
			out = append(out, turkcellsim.Taxpayer{TaxNo: r.taxNo, Title: r.name, Alias: "urn:mail:defaultpk@" + r.taxNo + ".example"})
		}
	}
	return out
}

func TestRealERPs(t *testing.T) {
	if _, err := os.Stat(erps); err != nil {
		t.Skip("NOT RUN: the reference ERP databases are not beside the project")
	}
	for _, erp := range []struct {
		name, preset, charset, collation string
	}{
		{"dolibarr", "dolibarr", "utf8", "utf8_unicode_ci"},
		{"frontacc", source("frontacc"), "utf8", "utf8_turkish_ci"},
		{"frontacclatin5", source("frontacclatin5"), "latin1", ""},
	} {
		t.Run(erp.name, func(t *testing.T) {
			t.Parallel()
			rows := oracle(t, erp.name)
			s := setup{
				charset: erp.charset, collation: erp.collation, preset: erp.preset, script: filepath.Join(erps, erp.name+".sql.gz"),
				sim: turkcellsim.Options{Taxpayers: taxpayersOf(rows)},
			}
			w := newWorld(t, s)
			checked := w.run("check")
			if checked.code != 0 {
				t.Fatalf("faturad check: exit code %d\n%s%s", checked.code, checked.out, checked.errOut)
			}
			synced := w.run("sync", "all", "--wait")
			if synced.code != 0 && synced.code != 3 {
				t.Fatalf("faturad sync all: exit code %d\n%s%s", synced.code, synced.out, synced.errOut)
			}
			w.judge(rows)
			before := w.erpDump()
			again := w.run("sync", "all")
			if again.code != synced.code {
				t.Errorf("the second sync ended with %d, the first with %d\n%s", again.code, synced.code, again.errOut)
			}
			if after := w.erpDump(); after != before {
				t.Errorf("a second sync wrote to the ERP:\n%s", difference(before, after))
			}
			w.emptyLedger()
			w.settle()
			if got := w.changed(); len(got) != 0 {
				t.Errorf("after the ledger was lost, the unedited sales %v count as changed", got)
			}
		})
	}
}

// judge compares what the provider has and what the ERP's ledger shows with the oracle.
func (w *world) judge(rows []expected) {
	w.t.Helper()
	issued, documents := w.issued(), w.documents()
	byKey := map[string]turkcellsim.Document{}
	for reference, d := range issued {
		parts := strings.SplitN(reference, ":", 3)
		byKey[parts[2]] = d
	}
	var held []string
	counts := map[string]int{}
	for _, r := range rows {
		d, sent := byKey[r.key]
		delete(byKey, r.key)
		doc := documents[r.key]
		switch {
		case r.state != "ok":
			counts["not to send"]++
			if sent {
				w.t.Errorf("%s is %s and was sent", r.number, r.state)
			}
		case sent:
			counts["sent"]++
			if !d.Payable.Equal(r.gross) || d.Currency != r.currency || d.IssueDate != r.date {
				w.t.Errorf("%s: sent %s %s of %s, the ERP says %s %s of %s", r.number, d.Payable, d.Currency, d.IssueDate, r.gross, r.currency, r.date)
			}
			if r.taxNo != "" && d.Buyer != r.taxNo && r.edge == "" {
				w.t.Errorf("%s: sent to %s, the ERP says %s", r.number, d.Buyer, r.taxNo)
			}
			if d.BuyerName != r.name && r.edge == "" {
				w.t.Errorf("%s: sent to %q, the ERP says %q", r.number, d.BuyerName, r.name)
			}
			if doc.State != "accepted" {
				w.t.Errorf("%s: the provider has it, the ledger says %s: %s", r.number, doc.State, doc.Message)
			}
		case r.edge != "" && doc.State == "held":
			counts["held"]++
			held = append(held, fmt.Sprintf("%s (%s): %s %s", r.number, r.edge, doc.Code, doc.Message))
		default:
			w.t.Errorf("%s was not sent: %s %s %s", r.number, doc.State, doc.Code, doc.Message)
		}
	}
	for key := range byKey {
		w.t.Errorf("%s was sent and the oracle does not know it", key)
	}
	sort.Strings(held)
	w.t.Logf("%v\n%s", counts, strings.Join(held, "\n"))
}

// source is a hand-written source, as an integrator would name it with --erp.
func source(name string) string {
	path, err := filepath.Abs(filepath.Join("..", "..", "sync", "erp", "testdata", name+".toml"))
	if err != nil {
		return err.Error()
	}
	return path
}

// erpDump is everything that stands in the ERP: a checksum for each table, and our own table row by row.
func (w *world) erpDump() string {
	w.t.Helper()
	var b strings.Builder
	for _, table := range w.rows("SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE' ORDER BY table_name") {
		fmt.Fprintln(&b, w.rows("CHECKSUM TABLE `"+table[0]+"`"))
		if strings.Contains(table[0], "efatura") || strings.HasSuffix(table[0], "facture_extrafields") {
			for _, row := range w.rows("SELECT * FROM `" + table[0] + "`") {
				fmt.Fprintf(&b, "%.300s\n", fmt.Sprint(row))
			}
		}
	}
	return b.String()
}

// difference names the lines that differ.
func difference(before, after string) string {
	old := strings.Split(before, "\n")
	var out []string
	for i, line := range strings.Split(after, "\n") {
		if i < len(old) && old[i] != line {
			out = append(out, old[i]+" → "+line)
		}
	}
	return strings.Join(out, "\n")
}
