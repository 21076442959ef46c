package erp

import (
	"fmt"
	"slices"
	"strings"

	"github.com/jmoiron/sqlx"
)

// column is one column of an answer.
type column struct {
	name   string // small letters
	dbType string // the driver's name: VARCHAR, DECIMAL, DATE ...
}

func columnsOf(rows *sqlx.Rows) ([]column, error) {
	types, err := rows.ColumnTypes()
	if err != nil {
		return nil, err
	}
	out := make([]column, len(types))
	for i, t := range types {
		out[i] = column{strings.ToLower(t.Name()), strings.TrimPrefix(t.DatabaseTypeName(), "UNSIGNED ")}
	}
	return out, nil
}

// refuseUnknown finds the first column that is neither the contract's nor read by a rule, or comes twice. A misspelt
// alias that was silently ignored would be a value missing on a legal document.
func (q query) refuseUnknown(columns []column) error {
	seen := map[string]bool{}
	for _, c := range columns {
		if seen[c.name] {
			return fmt.Errorf("the query returns the column %s twice", c.name)
		}
		seen[c.name] = true
		if !q.extra[c.name] && q.aliases.find(c.name) == nil {
			return fmt.Errorf("the query returns the column %s, which the contract does not know%s", c.name, didYouMean(c.name, q.expected()))
		}
	}
	return nil
}

// expected lists the columns that a query may return.
func (q query) expected() []string { return append(keysOf(q.extra), q.aliases.names()...) }

// missing lists what a query must return and does not.
func (q query) missing(columns []column, key []keyPart) []string {
	has := func(name string) bool {
		return slices.ContainsFunc(columns, func(c column) bool { return c.name == name })
	}
	var out []string
	for _, p := range key {
		if !has(p.name) {
			out = append(out, p.name)
		}
	}
	for _, a := range q.aliases.list {
		if a.Need == Required && !has(a.Name) {
			out = append(out, a.Name)
		}
	}
	return out
}

// numericTypes are the driver's names of types that hold numbers.
var numericTypes = []string{"DECIMAL", "DOUBLE", "FLOAT", "TINYINT", "SMALLINT", "MEDIUMINT", "INT", "BIGINT", "YEAR"}

// textTypes are those that hold text.
var textTypes = []string{"VARCHAR", "CHAR", "TEXT", "TINYTEXT", "MEDIUMTEXT", "LONGTEXT", "ENUM", "SET"}

// fits reports whether a column's type can carry an alias; unix says that dates are kept as seconds.
func (a *Alias) fits(dbType string, unix bool) bool {
	switch {
	case dbType == "NULL" || slices.Contains(textTypes, dbType) || dbType == "BINARY" || dbType == "VARBINARY":
		return true // servers call NULL and computed texts binary
	case dbType == "GEOMETRY":
		return false
	}
	switch a.Type {
	case TypeMoney, TypeNumber, TypePercent, TypeInt:
		return slices.Contains(numericTypes, dbType)
	case TypeBool:
		return slices.Contains(numericTypes, dbType) || dbType == "BIT"
	case TypeDate:
		return dbType == "DATE" || dbType == "DATETIME" || dbType == "TIMESTAMP" || unix && slices.Contains(numericTypes, dbType)
	case TypeTime:
		return dbType == "TIME" || dbType == "DATETIME" || dbType == "TIMESTAMP"
	case TypeText, TypeLines, TypeCode, TypeRefs, TypeFile:
	}
	return dbType != "BIT"
}
