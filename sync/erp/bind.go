package erp

import (
	"fmt"
	"time"

	"faturad/internal/fault"
)

// bound is the value of one parameter.
type bound struct {
	value any
	exact bool
}

// params are the values of one execution, by name.
type params map[string]bound

// bindAll adds the values of a parameter table; later tables win over earlier ones.
func bindAll[T any](p params, table []Param[T], v T) params {
	for _, x := range table {
		if x.Value != nil {
			p[x.Name] = bound{x.Value(v), x.Exact}
		}
	}
	return p
}

// bindStatement gives the arguments of one execution, fitted to the columns that take them.
func (s *Source) bindStatement(st *statement, t *table, p params) ([]any, error) {
	_, args, err := st.render(func(name string, nth int) (string, []any, error) {
		b, ok := p[name]
		if !ok {
			return "", nil, fmt.Errorf(":%s is no parameter of %s", name, st.place)
		}
		v, err := s.fit(st, t, name, nth, b)
		return "?", []any{v}, err
	})
	if err != nil {
		return nil, fault.New(fault.Permanent, "writing "+st.place, err)
	}
	return args, nil
}

// fit brings a value into the form that its column takes: times in the source's zone, texts in the column's letters and
// length. What must not be shortened is refused instead, since a server without strict mode would cut it silently.
func (s *Source) fit(st *statement, t *table, name string, nth int, b bound) (any, error) {
	v := b.value
	if v == nil {
		d, ok := st.cfg.Defaults[name]
		if !ok {
			return nil, nil
		}
		v = d
	}
	if at, ok := v.(time.Time); ok {
		return at.In(s.writeZone).Format(time.DateTime), nil
	}
	text, ok := v.(string)
	if !ok {
		return v, nil
	}
	target, direct := t.columns[lower(st.direct[nth])]
	set := t.charset
	if direct {
		set = target.charset
	}
	text, err := s.reader.cs.forColumn(text, set, st.cfg.Encode)
	if err != nil {
		return nil, fmt.Errorf("parameter :%s: %w", name, err)
	}
	if n, ok := st.cfg.Length[name]; ok {
		text = truncate(text, n)
	}
	short, whole := target.cut(text)
	if !whole && b.exact {
		return nil, fmt.Errorf("column %s.%s is too short for :%s (%q): widen it", st.target, target.name, name, text)
	}
	return short, nil
}
