package erp

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"faturad/internal/dbtest"
	"faturad/internal/fault"
	"faturad/internal/invoice"
	"faturad/internal/mysqlx"
)

// madeUp is a small ERP that nobody wrote: text keys, latin1 tables with Windows-1254 bytes, MyISAM, zero dates, TIMESTAMP.
const madeUp = `
CREATE TABLE satis (sube VARCHAR(40) NOT NULL, no VARCHAR(40) NOT NULL, tarih DATETIME NOT NULL DEFAULT '0000-00-00 00:00:00',
  vade DATE NOT NULL DEFAULT '0000-00-00', unvan VARCHAR(100), tutar DOUBLE, kayit TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
  durum VARCHAR(10) NULL, mesaj TINYTEXT NULL, ettn CHAR(36) NULL, PRIMARY KEY (sube, no)) ENGINE={engine} DEFAULT CHARSET=latin1;
CREATE TABLE kalem (sube VARCHAR(40) NOT NULL, no VARCHAR(40) NOT NULL, sira INT NOT NULL, ad VARCHAR(100), miktar DOUBLE, fiyat VARCHAR(20),
  oran DECIMAL(5,4), PRIMARY KEY (sube, no, sira)) ENGINE={engine} DEFAULT CHARSET=latin1;
INSERT INTO satis (sube, no, tarih, unvan, tutar, kayit) VALUES
  ('\u00deube - 1', 'A%1', '2026-09-30 22:30:00', 'I\u00fe\u00fdlt\u00fd \u0096 A.\u00de.', 120.1, '2026-09-01 00:00:00'),
  ('Merkez', 'a1', '2026-09-02 10:00:00', 'Sa\u00f0lam', 10, '2026-09-01 00:00:00'),
  ('Merkez', 'yeni', '2026-09-03 10:00:00', '\u00d6rnek', 20, NOW() + INTERVAL 1 HOUR),
  ('Eski', '1', '2020-01-01 00:00:00', 'Eski', 1, '2020-01-01 00:00:00');
INSERT INTO kalem VALUES ('\u00deube - 1', 'A%1', 1, 'Kalem', 1, '100.0833', 0.2), ('Merkez', 'a1', 1, 'B', 1, '10', 0);
CREATE TABLE efatura_not (sube VARCHAR(40) NOT NULL, no VARCHAR(40) NOT NULL, metin VARCHAR(20), PRIMARY KEY (sube, no)) ENGINE={engine} DEFAULT CHARSET=utf8mb3;
`

const madeUpSource = `
decode = "windows-1254"
settle = "10m"
batch = 1
turkish_sample = "SELECT unvan FROM satis"
zones = { issue_date = "UTC" }
[[document]]
name = "sale"
key = ["sube:text", "no:text"]
pending = "SELECT sube, no FROM satis WHERE durum IS NULL AND tarih >= :start AND kayit <= NOW() - INTERVAL :settle SECOND ORDER BY sube DESC"
known = "SELECT sube, no, ettn, durum AS status FROM satis WHERE durum IS NOT NULL"
recheck = "SELECT sube, no FROM satis WHERE tarih >= :since"
header = """SELECT sube, no, tarih AS issue_date, vade AS due_date, unvan AS buyer_name, tutar AS gross
FROM satis WHERE (sube, no) IN (:keys)"""
lines = """SELECT sube, no, sira AS line_no, ad AS name, miktar AS quantity, fiyat AS unit_price, oran AS vat_rate
FROM kalem WHERE (sube, no) IN (:keys) ORDER BY sira"""
[money]
vat_unit = "fraction"
[[on.status]]
sql = "UPDATE satis SET durum = :status, mesaj = :message, ettn = :ettn WHERE sube = :sube AND no = :no"
[[on.accepted]]
sql = "INSERT INTO efatura_not (sube, no, metin) VALUES (:sube, :no, :message) ON DUPLICATE KEY UPDATE metin = VALUES(metin)"
`

// madeUpERP loads the made-up ERP with an engine.
func madeUpERP(t *testing.T, engine string) (*dbtest.Database, *Source) {
	t.Helper()
	db := dbtest.New(t)
	script := strings.ReplaceAll(madeUp, "{engine}", engine)
	for hex, letter := range map[string]string{`\u00de`: "Þ", `\u00fe`: "þ", `\u00fd`: "ý", `\u0096`: "–", `\u00f0`: "ð", `\u00d6`: "Ö"} {
		script = strings.ReplaceAll(script, hex, letter)
	}
	db.Script(t, "SET SESSION sql_mode = ''; SET SESSION time_zone = '+03:00';"+script)
	cfg, err := ParseConfig("madeup.toml", []byte(madeUpSource))
	if err != nil {
		t.Fatal(err)
	}
	cfg.ID, cfg.Start = "erp1", start
	return db, open(t, db, cfg)
}

// TestMadeUpERP: text keys with blanks, percent and Turkish letters; settle delay; zones; zero dates; both engines.
func TestMadeUpERP(t *testing.T) {
	t.Parallel()
	for _, engine := range []string{"InnoDB", "MyISAM"} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			db, src := madeUpERP(t, engine)
			checkFindings(t, src)
			first := "Şube %2D 1-A%251"
			keys := collect(t, src, "sale")
			if want := []string{first, "Merkez-a1"}; !slices.Equal(keys, want) {
				t.Fatalf("pending = %q, want %q: history and what is not settled stay out", keys, want)
			}
			loaded, err := src.Load(t.Context(), "sale", []string{"Merkez-a1", "Merkez-zzz", first, "Merkez-A1"})
			if err != nil {
				t.Fatal(err)
			}
			if !loaded[1].Missing || !loaded[3].Missing || loaded[0].Missing || loaded[2].Missing {
				t.Errorf("missing: %v %v %v %v; a key that only a collation takes for another is not it", loaded[0].Missing, loaded[1].Missing, loaded[2].Missing, loaded[3].Missing)
			}
			s := loaded[2].Sale
			if len(loaded[2].Faults) > 0 || s.Buyer.Name != "Işıltı – A.Ş." || s.IssueDate.String() != "2026-10-01" || s.IssueTime != "01:30:00" || s.Payment != nil {
				t.Errorf("sale = %+v, faults %v", s, loaded[2].Faults)
			}
			if len(s.Lines) != 1 || !s.Lines[0].VATRate.Decimal.Equal(decimal.NewFromInt(20)) || s.Lines[0].UnitPrice.Decimal.String() != "100.0833" {
				t.Errorf("lines = %+v", s.Lines)
			}
			writeMadeUp(t, db, src, first)
		})
	}
}

// writeMadeUp writes back twice: in the ERP's own bytes, cut to the columns, one row.
func writeMadeUp(t *testing.T, db *dbtest.Database, src *Source, key string) {
	t.Helper()
	p := accepted("sale", key)
	p.StateText, p.Message = "Onaylandı uzun", strings.Repeat("ş", 300)+"🌸"
	for range 2 {
		if errs, err := src.WriteBack(t.Context(), []Projection{p}); err != nil || errs[0] != nil {
			t.Fatalf("write-back: %v %v", err, errs)
		}
	}
	got := rowsOf(t, db, "SELECT HEX(durum), LENGTH(mesaj), HEX(LEFT(mesaj,1)), ettn FROM satis WHERE durum IS NOT NULL")
	if len(got) != 1 || got[0][0] != "4F6E61796C616E64FD20" || got[0][1] != "255" || got[0][2] != "FE" || got[0][3] != ettn.String() {
		t.Errorf("the ERP holds %v", got)
	}
	note := rowsOf(t, db, "SELECT sube, no, metin FROM efatura_not")
	if len(note) != 1 || note[0][0] != "Şube - 1" || note[0][2] != strings.Repeat("ş", 20) {
		t.Errorf("the side table holds %v", note)
	}
}

// TestWriteBackIsolatesErrors: a vanished row, a bad key and a value that does not fit stop nobody else, and leave nothing
// of their own behind.
func TestWriteBackIsolatesErrors(t *testing.T) {
	t.Parallel()
	db, src := madeUpERP(t, "InnoDB")
	db.Exec(t, "CREATE TRIGGER kontrol BEFORE INSERT ON efatura_not FOR EACH ROW IF NEW.no = 'a1' THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'kapalı dönem'; END IF")
	docs := []Projection{accepted("sale", "Merkez-a1"), accepted("sale", "Merkez-gone"), accepted("sale", "tek"), accepted("nobody", "1"), accepted("sale", "Şube %2D 1-A%251")}
	errs, err := src.WriteBack(t.Context(), docs)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []fault.Class{fault.Permanent, fault.NotFound, fault.Permanent, fault.Permanent, ""} {
		if got := fault.ClassOf(errs[i]); got != want || (want == "") != (errs[i] == nil) {
			t.Errorf("%s: class %q (%v), want %q", docs[i].Key, got, errs[i], want)
		}
	}
	if !errors.Is(errs[1], ErrVanished) {
		t.Errorf("error = %v, want ErrVanished", errs[1])
	}
	if got := rowsOf(t, db, "SELECT no FROM satis WHERE durum IS NOT NULL"); len(got) != 1 || got[0][0] != "A%1" {
		t.Errorf("written: %v, want only the last; the trigger's document must be undone whole", got)
	}
}

// TestWriteBackReplaysDeadlocks: another program that locks the same rows in the other order delays, and loses nothing.
func TestWriteBackReplaysDeadlocks(t *testing.T) {
	t.Parallel()
	db, src := madeUpERP(t, "InnoDB")
	tx, err := db.DB().BeginTxx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	lock := func(no string) error {
		_, err := tx.ExecContext(t.Context(), "UPDATE satis SET tutar = tutar + 1 WHERE no = ?", no)
		return err
	}
	if err := lock("A%1"); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() {
		errs, err := src.WriteBack(context.WithoutCancel(t.Context()), []Projection{accepted("sale", "Merkez-a1"), accepted("sale", "Şube %2D 1-A%251")})
		done <- errors.Join(append(errs, err)...)
	}()
	for waiting := 0; waiting == 0; { // until the write-back waits for our lock
		db.Exec(t, "DO SLEEP(0.15)") // InnoDB answers from a copy that it renews only when nobody read it for 0.1 s
		if err := db.DB().GetContext(t.Context(), &waiting, "SELECT COUNT(*) FROM information_schema.INNODB_TRX WHERE trx_state = 'LOCK WAIT'"); err != nil {
			t.Fatal(err)
		}
	}
	// Whoever the server picks as the victim, the write-back must end well.
	if err := lock("a1"); err != nil && !mysqlx.IsDeadlock(err) {
		t.Fatal(err)
	}
	if err := tx.Rollback(); err != nil {
		t.Logf("rolling back: %v", err)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if got := rowsOf(t, db, "SELECT COUNT(*) FROM satis WHERE durum IS NOT NULL"); got[0][0] != "2" {
		t.Errorf("%s rows written, want 2", got[0][0])
	}
}

// TestWriteBackReplaysStaleSnapshots: MariaDB from 11.6 on refuses with 1020 what others changed since a transaction first read, as
// the ERP's own triggers do. It delays, and loses nothing.
func TestWriteBackReplaysStaleSnapshots(t *testing.T) {
	t.Parallel()
	db, src := madeUpERP(t, "InnoDB")
	db.Exec(t, "CREATE TABLE tries (id INT PRIMARY KEY AUTO_INCREMENT) ENGINE=MyISAM") // no rollback takes a row back
	db.Exec(t, `CREATE TRIGGER stale BEFORE UPDATE ON satis FOR EACH ROW BEGIN
		INSERT INTO tries VALUES ();
		IF (SELECT COUNT(*) FROM tries) <= 3 THEN SIGNAL SQLSTATE 'HY000' SET MYSQL_ERRNO = 1020, MESSAGE_TEXT = 'Record has changed'; END IF;
	END`)
	errs, err := src.WriteBack(t.Context(), []Projection{accepted("sale", "Merkez-a1"), accepted("sale", "Şube %2D 1-A%251")})
	if err := errors.Join(append(errs, err)...); err != nil {
		t.Fatal(err)
	}
	if got := rowsOf(t, db, "SELECT COUNT(*) FROM satis WHERE durum IS NOT NULL"); got[0][0] != "2" {
		t.Errorf("%s rows written, want 2", got[0][0])
	}
}

// TestERPAway: an ERP that cannot be reached is one error for all, and retryable.
func TestERPAway(t *testing.T) {
	t.Parallel()
	db, src := madeUpERP(t, "InnoDB")
	proxy := db.Proxy(t)
	away := db.Open(t, proxy.DSN(db.DSN()), mysqlx.Options{DialTimeout: 200 * time.Millisecond})
	other, err := Open(away, src.cfg, src.log)
	if err != nil {
		t.Fatal(err)
	}
	proxy.Down()
	errs, werr := other.WriteBack(t.Context(), []Projection{accepted("sale", "Merkez-a1")})
	if errs[0] == nil {
		t.Error("a document that was not written has no error")
	}
	_, lerr := other.Load(t.Context(), "sale", []string{"Merkez-a1"})
	perr := other.Pending(t.Context(), "sale", 0, func([]string) error { return nil })
	for name, err := range map[string]error{"write-back": werr, "load": lerr, "pending": perr} {
		if fault.ClassOf(err) != fault.Retryable {
			t.Errorf("%s: %v, want retryable", name, err)
		}
	}
}

// TestPendingLimit: a limit counts keys, and each batch is handed over after the query is done.
func TestPendingLimit(t *testing.T) {
	t.Parallel()
	_, src := madeUpERP(t, "InnoDB")
	var keys []string
	if err := src.Pending(t.Context(), "sale", 1, func(k []string) error { keys = append(keys, k...); return nil }); err != nil || len(keys) != 1 {
		t.Errorf("keys = %v, error %v", keys, err)
	}
	var again []string
	if err := src.Recheck(t.Context(), "sale", invoice.Date{Year: 2026, Month: 9, Day: 3}, func(k []string) error { again = append(again, k...); return nil }); err != nil || len(again) != 2 {
		t.Errorf("recheck = %v, error %v", again, err)
	}
	stop := errors.New("stop")
	if err := src.Pending(t.Context(), "sale", 0, func([]string) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("error = %v", err)
	}
	if err := src.Pending(t.Context(), "sales", 0, nil); err == nil || !strings.Contains(err.Error(), "did you mean sale?") {
		t.Errorf("error = %v", err)
	}
}
