package erp

import (
	"maps"
	"reflect"
)

// Over lays c over preset: a value of c counts, and where c has none, the preset's. Tables are merged key by key,
// documents by name, lists and the statements of an event replaced as a whole.
func (c Config) Over(preset Config) Config {
	out := lay(c, preset)
	out.Documents = overDocuments(c.Documents, preset.Documents)
	out.places = places{}
	maps.Copy(out.places, preset.places)
	maps.Copy(out.places, c.places)
	return out
}

func overDocuments(upper, lower []Document) []Document {
	var out []Document
	used := map[string]bool{}
	find := func(name string) (Document, bool) {
		for _, d := range upper {
			if d.Name == name {
				return d, true
			}
		}
		return Document{}, false
	}
	for _, d := range lower {
		if u, ok := find(d.Name); ok {
			d = lay(u, d)
			used[d.Name] = true
		}
		out = append(out, d)
	}
	for _, d := range upper {
		if !used[d.Name] {
			out = append(out, d)
		}
	}
	return out
}

// lay merges two values: upper counts where it has something.
func lay[T any](upper, lower T) (out T) {
	reflect.ValueOf(&out).Elem().Set(overlay(reflect.ValueOf(upper), reflect.ValueOf(lower)))
	return out
}

// overlay merges two values of one type.
func overlay(upper, lower reflect.Value) reflect.Value {
	out := reflect.New(upper.Type()).Elem()
	switch {
	case upper.Kind() == reflect.Struct && !upper.IsZero() && upper.Type().PkgPath() == reflect.TypeFor[Config]().PkgPath():
		for i := range upper.NumField() {
			if upper.Type().Field(i).IsExported() {
				out.Field(i).Set(overlay(upper.Field(i), lower.Field(i)))
			}
		}
	case upper.Kind() == reflect.Map && !upper.IsNil():
		out.Set(reflect.MakeMap(upper.Type()))
		for _, k := range lower.MapKeys() {
			out.SetMapIndex(k, lower.MapIndex(k))
		}
		for _, k := range upper.MapKeys() {
			v := upper.MapIndex(k)
			if l := lower.MapIndex(k); l.IsValid() {
				v = overlay(v, l)
			}
			out.SetMapIndex(k, v)
		}
	case upper.IsZero():
		out.Set(lower)
	default:
		out.Set(upper)
	}
	return out
}
