package erp

import (
	"fmt"
	"strings"
	"testing"
)

func TestParseConfigNamesEveryMistake(t *testing.T) {
	t.Parallel()
	_, err := ParseConfig("erp.toml", []byte(`id = "erp1"
start = 2026-09-01
batch = "many"
time_zon = "+03:00"
settle = "30 seconds"
[[document]]
name = "sale"
haeder = "SELECT 1"
[text]
unescape_html = "name"
`))
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{"erp.toml:3:", "erp.toml:4:1: unknown key time_zon", "erp.toml:5:", "erp.toml:8:1: unknown key document.haeder", "erp.toml:10:"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in:\n%v", want, err)
		}
	}
	if _, err := ParseConfig("erp.toml", []byte("a = [1\n")); err == nil || !strings.Contains(err.Error(), "erp.toml:") {
		t.Errorf("broken TOML: %v", err)
	}
}

func TestCheckNamesContradictions(t *testing.T) {
	t.Parallel()
	cfg, err := ParseConfig("erp.toml", []byte(`
vars = { p = "x;" }
settle = "5s"
zero_date = "none"
decode = "klingon"
time_zone = "Mars"
zones = { isue_date = "UTC" }
[[document]]
name = "Sale"
key = ["id:int", "net:int", "x:float"]
pending = "SELECT id FROM s WHERE d >= :strat"
header = "SELECT * FROM s"
lines = """
SELECT id
FROM l WHERE id IN (:keyz)"""
[text.first]
buyer_taxno = ["a"]
[[text.extract]]
from = ["a"]
patterns = ["(?P<nobody>x)", "("]
[money]
rate_direction = "upwards"
vat_rates = ["zehn"]
[money.sign.IADE]
header = "flip"
[map.unti]
a = "b"
[map.status]
acepted = "x"
[[on.status]]
sql = "UPDATE t SET a = :stauts"
[[on.status]]
sql = "UPDATE t SET n = n + 1 WHERE id = :id"
[[on.status]]
sql = "DROP TABLE t"
[[on.received]]
each = "row"
sql = "INSERT INTO t VALUES (:ettn)"
[[on.recieved]]
sql = "SELECT 1"
[[on.heartbeat]]
when = "not_found"
sql = "INSERT INTO t (a) VALUES (:company); DELETE FROM t"
`))
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, p := range cfg.Check() {
		fmt.Fprintln(&all, p)
	}
	for _, want := range []string{
		"start: start is missing",
		`erp.toml:2:1 vars.p: it may hold only letters`,
		"erp.toml:3:1 settle: no pending query uses :settle",
		`erp.toml:4:1 zero_date: "none" is not allowed`,
		`erp.toml:5:1 decode: "klingon" is no known charset`,
		`erp.toml:6:1 time_zone: "Mars" is no time zone`,
		"erp.toml:7:1 zones.isue_date: no date of the contract is called isue_date (did you mean issue_date?)",
		`erp.toml:9:1 document[Sale].name: "Sale" must be a short name`,
		`erp.toml:10:1 document[Sale].key: key column "x" has the type "float"`,
		"erp.toml:11 document[Sale].pending: :strat is no parameter here (did you mean start?)",
		"erp.toml:12:1 document[Sale].header: it must select by key",
		"erp.toml:12:1 document[Sale].header: it uses *",
		"erp.toml:15 document[Sale].lines: :keyz is no parameter here",
		"erp.toml:17:1 text.first.buyer_taxno: the contract has no buyer_taxno (did you mean buyer_tax_no?)",
		"text.extract[0].patterns: the contract has no nobody",
		"erp.toml:20:1 text.extract[0].patterns: error parsing regexp",
		`erp.toml:22:1 money.rate_direction: "upwards" is not allowed`,
		`money: money.vat_rates: "zehn" is not a number`,
		`erp.toml:25:1 money.sign.IADE.header: "flip" is not allowed`,
		"map.unti: the contract has no value table of this name (did you mean unit?)",
		`"acepted" is not allowed (did you mean accepted?)`,
		"erp.toml:31:1 on.status[0].sql: UPDATE without WHERE would change every row",
		":stauts is no parameter here (did you mean status?)",
		"erp.toml:33:1 on.status[1].sql: it increments n",
		"on.status[2].sql: it must be INSERT, UPDATE, DELETE or REPLACE, not DROP",
		`on.received[0].each: "row" is not allowed`,
		"on.received[0].sql: name the columns that it inserts",
		"erp.toml:39:3 on.recieved: there is no such event (did you mean received?)",
		"on.heartbeat[0].when: the first statement has none before it",
		"on.heartbeat[0].sql: it holds several statements",
	} {
		if !strings.Contains(all.String(), want) {
			t.Errorf("%q is not among:\n%s", want, all.String())
		}
	}
}

func TestOver(t *testing.T) {
	t.Parallel()
	parse := func(file, text string) Config {
		cfg, err := ParseConfig(file, []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		return cfg
	}
	lower := parse("preset.toml", `
vars = { p = "llx_", entity = "1" }
time_zone = "+03:00"
[[document]]
name = "invoice"
key = ["rowid:int"]
pending = "SELECT 1"
default = { buyer_name = "X" }
[[document]]
name = "slip"
[map.unit]
P = "C62"
KG = "KGM"
[money]
rate_scale = 4
[money.scale]
net = 2
[[on.status]]
sql = "A"
[[on.status]]
sql = "B"
[[on.heartbeat]]
sql = "H"
`)
	upper := parse("config.toml", `
id = "erp1"
start = 2026-09-01
vars = { p = "dol_" }
[[document]]
name = "invoice"
pending = "SELECT 2"
[map.unit]
P = "PCE"
[money]
rate_scale = 0
[money.scale]
vat = 2
[[on.status]]
sql = "C"
`)
	upper.On["heartbeat"] = []Statement{}
	got := upper.Over(lower)
	for name, ok := range map[string]bool{
		"id":            got.ID == "erp1" && got.Start == start,
		"vars by key":   got.Vars["p"] == "dol_" && got.Vars["entity"] == "1",
		"kept":          got.TimeZone == "+03:00",
		"documents":     len(got.Documents) == 2 && got.Documents[0].Pending == "SELECT 2" && got.Documents[0].Key[0] == "rowid:int" && got.Documents[0].Default["buyer_name"] == "X",
		"value tables":  got.Map["unit"]["P"] == "PCE" && got.Map["unit"]["KG"] == "KGM",
		"zero is set":   *got.Money.RateScale == 0,
		"scales":        got.Money.Scale["net"] == 2 && got.Money.Scale["vat"] == 2,
		"event":         len(got.On["status"]) == 1 && got.On["status"][0].SQL == "C",
		"event removed": len(got.On["heartbeat"]) == 0,
		"places":        strings.HasPrefix(got.where("document[invoice].pending"), "config.toml:7:1") && strings.HasPrefix(got.where("document[invoice].key"), "preset.toml:6:1"),
	} {
		if !ok {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestLocateInsideAConfig(t *testing.T) {
	t.Parallel()
	cfg := Config{Documents: []Document{{Name: "sale"}}}
	cfg.Locate("faturad.toml", []byte(`
[[company]]
name = "a"
  [company.erp]
  id = "x"
[[company]]
name = "b"
  [company.erp]
  id = "y"
  # a remark
    [[company.erp.document]]
    name = "sale"
`), "company[1].erp")
	if got := cfg.where("id"); got != "faturad.toml:9:3 id" {
		t.Errorf("id is at %q", got)
	}
	if got := cfg.where("document[sale].name"); got != "faturad.toml:12:5 document[sale].name" {
		t.Errorf("name is at %q", got)
	}
}

func TestLoadPresetRefuses(t *testing.T) {
	t.Parallel()
	if _, _, err := LoadPreset("dolibar"); err == nil || !strings.Contains(err.Error(), "did you mean dolibarr?") {
		t.Errorf("error = %v", err)
	}
	if _, _, err := LoadPreset("testdata/nowhere.toml"); err == nil {
		t.Error("a missing file was taken")
	}
}
