package config

import (
	"fmt"
	"net/mail"
	"regexp"
	"slices"
	"strings"

	"faturad/internal/invoice"
	"faturad/mapping"
	"faturad/sync/erp"
)

// testHost recognises the providers' test systems by their own names (facts: turkcell, kolaybi-propars).
var testHost = regexp.MustCompile(`(?i)(test|sandbox|demo|staging)`)

// series is a provider's invoice prefix: three capitals or digits, no Turkish letters (facts: turkcell, section 3.2).
var series = regexp.MustCompile(`^[A-Z0-9]{3}$`)

func (k *checker) company(at string, c *Company, all []Company) {
	k.taxNumber(at+".vkn", c.VKN, c.AllowTestIDs)
	k.testIDs(at, c)
	k.seller(at+".seller", c)
	k.branches(at+".branch", c)
	k.accounts(at, c)
	k.routing(at+".routing", c, all)
	k.elsewhere(at, &c.Elsewhere)
	k.rules(at+".rules", c)
	k.erp(at+".erp", c)
}

func (k *checker) taxNumber(at, number string, allowTest bool) {
	switch {
	case number == "":
		k.add(at, "%s is missing", at)
	case (len(number) != 10 && len(number) != 11) || strings.Trim(number, "0123456789") != "":
		k.add(at, "%s %q is not a VKN (10 digits) or TCKN (11 digits)", at, number)
	case !allowTest && !invoice.ValidTaxNo(number):
		k.add(at, "%s %s has wrong check digits; correct it, or set allow_test_ids = true on a test system", at, number)
	}
}

// testIDs: wrong check digits may only go where nothing legal happens.
func (k *checker) testIDs(at string, c *Company) {
	if !c.AllowTestIDs {
		return
	}
	for j, a := range c.Accounts {
		u, err := baseURL(a.BaseURL)
		if err != nil || loopback(u.Hostname()) || testHost.MatchString(u.Hostname()) {
			continue
		}
		k.add(at+".allow_test_ids", "%s.allow_test_ids is for test systems only, but account[%d] sends to %s", at, j, u.Host)
	}
}

func (k *checker) seller(at string, c *Company) {
	s := c.Seller
	if len(c.VKN) == 11 && s.FirstName != "" && s.LastName != "" {
		s.Name = strings.TrimSpace(s.FirstName + " " + s.LastName)
	}
	for _, f := range []struct{ key, value string }{
		{"name", s.Name}, {"tax_office", s.TaxOffice}, {"district", s.District}, {"city", s.City},
	} {
		k.required(at+"."+f.key, f.value)
	}
	if !regexp.MustCompile(`^[A-Z]{2}$`).MatchString(s.Country) {
		k.add(at+".country", "%s.country must be a code of two capitals such as TR, not %q", at, s.Country)
	}
	k.mail(at+".email", s.Email)
	if s.Mersis != "" && (len(s.Mersis) != 16 || strings.Trim(s.Mersis, "0123456789") != "") {
		k.add(at+".mersis", "%s.mersis must have 16 digits", at)
	}
}

func (k *checker) mail(at, address string) {
	if address == "" {
		return
	}
	if a, err := mail.ParseAddress(address); err != nil || a.Address != address {
		k.add(at, "%s %q is not an e-mail address", at, address)
	}
}

func (k *checker) routing(at string, c *Company, all []Company) {
	r := c.Routing
	k.kind(at+".kind", r.Kind)
	if r.Scenario != "" {
		k.oneOf(at+".scenario", r.Scenario, "TEMELFATURA", "TICARIFATURA")
	}
	if r.EArsivEmail != "buyer" && r.EArsivEmail != "off" {
		if !strings.Contains(r.EArsivEmail, "@") {
			k.add(at+".earsiv_email", `%s.earsiv_email must be "buyer", "off" or an e-mail address, not %q`, at, r.EArsivEmail)
		} else {
			k.mail(at+".earsiv_email", r.EArsivEmail)
		}
	}
	for kind, prefix := range r.Prefix {
		where := at + ".prefix." + string(kind)
		k.documentKind(where, kind)
		if !series.MatchString(prefix) {
			k.add(where, "%s must be three capitals or digits without Turkish letters, not %q", where, prefix)
		}
	}
	k.series(at+".series", c)
	k.taxpayers(at+".taxpayers", r.Taxpayers, all)
	seen := map[string]bool{}
	for i, p := range r.Pins {
		where := fmt.Sprintf("%s.pin[%d]", at, i)
		k.taxNumber(where+".tax_no", p.TaxNo, c.AllowTestIDs)
		k.kind(where+".kind", p.Kind)
		switch {
		case p.TaxNo != "" && seen[p.TaxNo]:
			k.add(where+".tax_no", "%s.tax_no %s is pinned twice", where, p.TaxNo)
		case p.Kind == "" && p.Alias == "":
			k.add(where, "%s pins nothing; give kind, alias or both", where)
		case p.Kind == invoice.EArsiv && p.Alias != "":
			k.add(where+".alias", "%s pins e-arsiv and a mailbox; an e-Arşiv invoice has none", where)
		}
		seen[p.TaxNo] = true
	}
}

// kind is one that the registry could choose: receipts are the sale's own wish.
func (k *checker) kind(at string, kind invoice.Kind) {
	if kind != "" {
		k.oneOf(at, string(kind), string(invoice.EFatura), string(invoice.EArsiv))
	}
}

// documentKind is any kind.
func (k *checker) documentKind(at string, kind invoice.Kind) {
	if kind != "" {
		k.oneOf(at, string(kind), string(invoice.EFatura), string(invoice.EArsiv), string(invoice.EMM), string(invoice.ESMM))
	}
}

// taxpayers checks that a list is shared from an account that exists.
func (k *checker) taxpayers(at, shared string, all []Company) {
	if shared == "" {
		return
	}
	company, account, ok := strings.Cut(shared, "/")
	if !ok {
		k.add(at, `%s must be "company/account", not %q`, at, shared)
		return
	}
	for _, c := range all {
		if c.Name == company && slices.ContainsFunc(c.Accounts, func(a Account) bool { return a.Name == account }) {
			return
		}
	}
	k.add(at, "%s: there is no account %q of a company %q in this config", at, account, company)
}

func (k *checker) rules(at string, c *Company) {
	r := c.Rules
	if r.Scenario != "" {
		k.oneOf(at+".scenario", r.Scenario, "TEMELFATURA", "TICARIFATURA")
		if c.Routing.Scenario != "" && c.Routing.Scenario != r.Scenario {
			k.add(at+".scenario", "%s.scenario contradicts routing.scenario %s; keep one of them", at, c.Routing.Scenario)
		}
	}
	if r.MaxAgeDays < 0 {
		k.add(at+".max_age_days", "%s.max_age_days cannot be negative", at)
	}
	if r.Tolerance.IsNegative() {
		k.add(at+".tolerance", "%s.tolerance cannot be negative", at)
	}
	if r.PayableRounding.IsNegative() {
		k.add(at+".payable_rounding", "%s.payable_rounding cannot be negative", at)
	}
	if r.NegativeLines != "" {
		k.oneOf(at+".negative_lines", r.NegativeLines, mapping.AsDiscount)
	}
	k.oneOf(at+".on_late_date", r.OnLateDate, "hold", "today")
	k.oneOf(at+".seven_days", r.SevenDays, "warn", "block")
	k.between(at+".last_year_days", float64(r.LastYearDays), 1, 31)
	for i, convention := range r.Conventions {
		k.oneOf(fmt.Sprintf("%s.conventions[%d]", at, i), string(convention),
			string(invoice.RoundLines), string(invoice.RoundRates), string(invoice.ERPLines))
	}
	if a := r.Anonymous; a != nil {
		k.required(at+".anonymous.name", a.Name+a.FirstName)
		k.required(at+".anonymous.city", a.City)
		k.required(at+".anonymous.district", a.District)
	}
}

// erp lays the source over its preset and has package erp check the result.
func (k *checker) erp(at string, c *Company) {
	e := &c.ERP
	k.secret(at+".dsn", &e.DSN)
	switch {
	case e.ID == "":
		k.add(at+".id", "%s.id is missing; choose a short name now and never change it: it is part of every ETTN", at)
	case !safeName.MatchString(e.ID):
		k.add(at+".id", "%s.id %q may hold only small letters a-z, digits, - and _, begin with a letter or digit, and have at most 32 characters", at, e.ID)
	}
	e.Locate(k.file, k.doc.text, at)
	if e.Preset != "" {
		preset, _, err := erp.LoadPreset(e.Preset)
		if err != nil {
			k.add(at+".preset", "%s.preset: %v", at, err)
			return
		}
		e.Config = e.Over(preset)
	}
	for _, p := range e.Check() {
		k.source(at, p)
	}
}

// place is how package erp writes where a problem is: file, line, perhaps column, path inside the source.
var place = regexp.MustCompile(`^(.+?):(\d+)(?::(\d+))? +(.+)$`)

// source takes over what package erp found, with its own place: a preset is another file.
func (k *checker) source(at string, p erp.Problem) {
	m := place.FindStringSubmatch(p.Place)
	if m == nil { // the path alone: nothing of it stands in a file
		k.add(at+"."+p.Place, "%s", about(at+"."+p.Place, p.Message))
		return
	}
	problem := Problem{File: m[1], Column: 1, Key: at + "." + m[4]}
	if _, err := fmt.Sscan(m[2], &problem.Line); err != nil {
		k.add(at, "%s: %s", p.Place, p.Message)
		return
	}
	if _, err := fmt.Sscan(m[3], &problem.Column); err != nil {
		problem.Column = 1 // a line inside a long text has none
	}
	if k.spoilt(problem.Key) || k.unclear(problem.Key) {
		return
	}
	problem.Text = about(problem.Key, p.Message)
	if problem.File != k.file {
		problem.Text = about(m[4], p.Message)
	}
	k.problems = append(k.problems, problem)
}

// about puts the key in front of a message that does not begin with it.
func about(key, message string) string {
	last := key[strings.LastIndexByte(key, '.')+1:]
	if strings.HasPrefix(message, last+" ") {
		return strings.TrimSuffix(key, last) + message
	}
	return key + ": " + message
}
