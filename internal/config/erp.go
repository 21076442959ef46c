package config

import (
	"faturad/internal/invoice"
	"faturad/mapping"
	"faturad/sync/erp"
)

// ERP is the company's ERP database, [company.erp]: a source as package erp describes it, laid over its preset by Load,
// and how to connect.
type ERP struct {
	erp.Config

	DSN Secret `toml:"dsn"` // go-sql-driver DSN; hides erp.Config.DSN, which stays empty here so that nothing prints it
}

// Source is the description with the DSN filled in. Whoever calls it must not print the result.
func (e ERP) Source() erp.Config {
	c := e.Config
	c.DSN = e.DSN.Reveal()
	return c
}

// Rules are the mapping's settings, [company.rules].
type Rules struct {
	mapping.Rules

	Anonymous *Seller `toml:"anonymous"` // stands in for walk-in customers; unset = sales without a tax number are held

	OnLateDate   string `toml:"on_late_date"`   // "hold" (default) or "today": a day under which no invoice can be issued any more
	LastYearDays int    `toml:"last_year_days"` // a date of last year is taken until this day of January; default 7
	SevenDays    string `toml:"seven_days"`     // "warn" (default) or "block": sales delivered more than seven days ago
}

// MappingRules completes the company's rules with what stands elsewhere in the config. Today is left to the caller.
func (c Company) MappingRules() mapping.Rules {
	r := c.Rules.Rules
	r.Seller = c.Seller.Party(c.VKN)
	r.AllowTestIDs = c.AllowTestIDs
	if c.Routing.Scenario != "" {
		r.Scenario = c.Routing.Scenario
	}
	if c.Rules.Anonymous != nil {
		p := c.Rules.Anonymous.Party(invoice.FinalConsumer)
		r.Anonymous = &p
	}
	return r
}

// BranchParties are the seller as each of its branches, by code.
func (c Company) BranchParties() map[string]invoice.Party {
	out := make(map[string]invoice.Party, len(c.Branches))
	for _, b := range c.Branches {
		seller := b.over(c.Seller)
		p := seller.Party(c.VKN)
		if b.Number != "" {
			p.IDs = append(p.IDs, invoice.PartyID{Scheme: "SUBENO", Value: b.Number})
		}
		out[b.Code] = p
	}
	return out
}

// over fills what the branch leaves empty from the company. An address is one thing: a branch that names its street gives
// all of it that it has.
func (b Branch) over(company Seller) Seller {
	s := company
	if b.Street != "" {
		s.Street, s.BuildingNo, s.DoorNo, s.PostCode = b.Street, b.BuildingNo, b.DoorNo, b.PostCode
	}
	for _, f := range []struct {
		to   *string
		from string
	}{
		{&s.Name, b.Name}, {&s.FirstName, b.FirstName}, {&s.LastName, b.LastName}, {&s.TaxOffice, b.TaxOffice},
		{&s.BuildingNo, b.BuildingNo}, {&s.DoorNo, b.DoorNo}, {&s.District, b.District}, {&s.City, b.City}, {&s.PostCode, b.PostCode},
		{&s.Country, b.Country}, {&s.Phone, b.Phone}, {&s.Fax, b.Fax}, {&s.Email, b.Email}, {&s.Website, b.Website},
		{&s.Mersis, b.Mersis}, {&s.TradeRegister, b.TradeRegister},
	} {
		if f.from != "" {
			*f.to = f.from
		}
	}
	return s
}

// Party is the party block as mapping takes it.
func (s Seller) Party(taxNo string) invoice.Party {
	p := invoice.Party{
		TaxNo: taxNo, TaxOffice: s.TaxOffice, Name: s.Name, FirstName: s.FirstName, LastName: s.LastName,
		Address: invoice.Address{
			Street: s.Street, BuildingNo: s.BuildingNo, DoorNo: s.DoorNo, District: s.District, City: s.City,
			PostCode: s.PostCode, Country: s.Country,
		},
		Email: s.Email, Phone: s.Phone, Fax: s.Fax, Website: s.Website,
	}
	for _, id := range []invoice.PartyID{{Scheme: "MERSISNO", Value: s.Mersis}, {Scheme: "TICARETSICILNO", Value: s.TradeRegister}} {
		if id.Value != "" {
			p.IDs = append(p.IDs, id)
		}
	}
	return p
}

// Active is the account that new documents go to. Load makes sure that there is one.
func (c Company) Active() Account {
	for _, a := range c.Accounts {
		if a.Active {
			return a
		}
	}
	return Account{}
}
