package erp

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestTokenizeLosesNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		sql := rapid.StringOf(rapid.RuneFrom([]rune("aZ_1 :?'\"`\\-#/*;(),\nş"))).Draw(t, "sql")
		var b strings.Builder
		for _, tok := range tokenize(sql) {
			b.WriteString(tok.text)
		}
		if b.String() != sql {
			t.Fatalf("tokens join to %q, want %q", b.String(), sql)
		}
	})
}

func TestCompile(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, sql, want, problem string
		params                   []string
	}{
		{name: "parameters are found once each", sql: "SELECT a FROM t WHERE b=:start AND c IN (:keys) AND d=:start;", want: "SELECT a FROM t WHERE b=:start AND c IN (:keys) AND d=:start", params: []string{"start", "keys"}},
		{name: "but not in texts, names and comments", sql: "SELECT ':a', `:b`, \":c\" -- :d\n/* :e */ FROM t # :f", want: "SELECT ':a', `:b`, \":c\" -- :d\n/* :e */ FROM t"},
		{name: "JSON paths keep their colons", sql: `SELECT JSON_EXTRACT(x, '$."a b":c') FROM t`, want: `SELECT JSON_EXTRACT(x, '$."a b":c') FROM t`},
		{name: "variables go in anywhere", sql: "SELECT a FROM `{p}sales`", want: "SELECT a FROM `0_sales`"},
		{name: "an unknown variable", sql: "SELECT a FROM {q}sales", problem: "{q} is not in vars (did you mean p?)"},
		{name: "a variable that is SQL", sql: "SELECT a FROM {bad}", problem: "only letters"},
		{name: "a question mark", sql: "SELECT a FROM t WHERE b=?", problem: "named parameter"},
		{name: "two statements", sql: "SELECT 1; DROP TABLE t", problem: "several statements"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := compile(c.sql, map[string]string{"p": "0_", "bad": "t; DROP TABLE t"})
			if c.problem != "" {
				if err == nil || !strings.Contains(err.Error(), c.problem) {
					t.Fatalf("error = %v, want %q", err, c.problem)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got.text() != c.want || !slices.Equal(got.params, c.params) {
				t.Errorf("got %q %v, want %q %v", got.text(), got.params, c.want, c.params)
			}
		})
	}
}

func TestShape(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		sql  string
		want shape
	}{
		{"SELECT a FROM x LEFT JOIN `0_y` y ON y.i=x.i, z WHERE EXTRACT(YEAR FROM x.d)=1",
			shape{verb: "SELECT", tables: []string{"x", "z", "0_y"}, reads: []string{"x", "z", "0_y"}}},
		{"WITH c AS (SELECT 1 FROM w) SELECT * FROM c JOIN DUAL",
			shape{verb: "SELECT", tables: []string{"w"}, reads: []string{"w"}}},
		{"UPDATE t SET a=:x, t.b = IF(:y=1,2,3), c=:z WHERE k=:k",
			shape{verb: "UPDATE", tables: []string{"t"}, reads: []string{"t"}, target: "t", columns: []string{"a", "b", "c"}, where: true, direct: map[int]string{0: "a", 2: "c"}}},
		{"INSERT IGNORE INTO t (k,a) SELECT f.k,:a FROM f WHERE f.k=:k",
			shape{verb: "INSERT", ignore: true, tables: []string{"t", "f"}, reads: []string{"f"}, target: "t", columns: []string{"k", "a"}, where: true, direct: map[int]string{0: "a"}}},
		{"INSERT INTO db.t (k,a) VALUES (:k,LEFT(:a,3)) ON DUPLICATE KEY UPDATE a=VALUES(a), b=:b",
			shape{verb: "INSERT", tables: []string{"db.t"}, target: "db.t", columns: []string{"k", "a"}, upsert: []string{"a", "b"}, where: true, direct: map[int]string{0: "k", 2: "b"}}},
		{"INSERT INTO t (a) SELECT :a FROM DUAL WHERE NOT EXISTS (SELECT 1 FROM t WHERE a=:a)",
			shape{verb: "INSERT", tables: []string{"t"}, reads: []string{"t"}, target: "t", columns: []string{"a"}, where: true, direct: map[int]string{0: "a"}}},
		{"DELETE FROM t WHERE k=:k", shape{verb: "DELETE", tables: []string{"t"}, reads: []string{"t"}, target: "t", where: true}},
		{"UPDATE t SET a=1", shape{verb: "UPDATE", tables: []string{"t"}, reads: []string{"t"}, target: "t", columns: []string{"a"}}},
	} {
		tmpl, err := compile(c.sql, nil)
		if err != nil {
			t.Fatal(err)
		}
		if c.want.direct == nil {
			c.want.direct = map[int]string{}
		}
		if diff := cmp.Diff(c.want, shapeOf(tmpl), cmp.AllowUnexported(shape{})); diff != "" {
			t.Errorf("%s\n%s", c.sql, diff)
		}
	}
}

func TestNearest(t *testing.T) {
	t.Parallel()
	names := []string{"buyer_name", "buyer_tax_no", "quantity", "net"}
	for name, want := range map[string]string{"buyer_taxno": "buyer_tax_no", "qauntity": "quantity", "nte": "net", "zzzzzzzz": ""} {
		if got := nearest(name, names); got != want {
			t.Errorf("nearest(%q) = %q, want %q", name, got, want)
		}
	}
}
