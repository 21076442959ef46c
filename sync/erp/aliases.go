package erp

// aliasSet is the part of the contract that one query speaks.
type aliasSet struct {
	list   []Alias
	byName map[string]*Alias
}

func newAliasSet(list []Alias) *aliasSet {
	s := &aliasSet{list: list, byName: make(map[string]*Alias, len(list))}
	for i := range list {
		s.byName[list[i].Name] = &list[i]
	}
	return s
}

// find gives the alias of that name, or nil.
func (s *aliasSet) find(name string) *Alias { return s.byName[name] }

// multiline reports whether line breaks mean something: in aliases of that type, and in helper columns, which a pattern
// may want to split at them.
func (s *aliasSet) multiline(column string) bool {
	a := s.byName[column]
	return a == nil || a.Type == TypeLines || a.Type == TypeRefs
}

// names lists the aliases in the order of the contract.
func (s *aliasSet) names() []string {
	out := make([]string, len(s.list))
	for i, a := range s.list {
		out[i] = a.Name
	}
	return out
}
