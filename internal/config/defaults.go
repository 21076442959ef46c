package config

import (
	"slices"
	"time"
)

// The defaults that a person may want to know.
const (
	DefaultPath       = "/etc/faturad/faturad.toml"
	DefaultArchive    = "/var/lib/faturad/archive" // the unit's StateDirectory
	defaultInFlight   = 16
	defaultRetryShare = 0.1
)

// applyDefaults fills what the file leaves out.
func (c *Config) applyDefaults() {
	fill(&c.Language, "tr")
	fill(&c.Ledger.MaxConns, 8)
	fill(&c.Ledger.Lease, Duration{2 * time.Minute})
	fill(&c.Log.Level, "info")
	fill(&c.Log.Format, "text")
	fill(&c.Schedule.Outbound, "* * * * *")
	fill(&c.Schedule.Followup, "*/5 * * * *")
	fill(&c.Schedule.Writeback, "* * * * *")
	fill(&c.Schedule.Inbound, "*/15 * * * *")
	fill(&c.Schedule.Sweep, "40 */6 * * *")
	fill(&c.Schedule.Registry, "15 3 * * *")
	fill(&c.Schedule.Archive, "20 * * * *")
	fill(&c.Schedule.Timeout, Duration{time.Hour})
	fill(&c.Archive.Dir, DefaultArchive)
	fill(&c.Archive.KeepYears, legalYears)
	fill(&c.Archive.MinFreeMB, 1024)
	fill(&c.Archive.InFlight, 4)
	if len(c.Archive.Formats) == 0 {
		c.Archive.Formats = slices.Clone(archiveFormats)
	}
	for i := range c.Companies {
		company := &c.Companies[i]
		fill(&company.Seller.Country, "TR")
		fill(&company.Routing.EArsivEmail, "buyer")
		fill(&company.Rules.OnLateDate, "hold")
		fill(&company.Rules.SevenDays, "warn")
		fill(&company.Rules.LastYearDays, 7)
		fill(&company.Elsewhere.Similar, "hold")
		fill(&company.Elsewhere.Days, 7)
		if company.Rules.Anonymous != nil {
			fill(&company.Rules.Anonymous.Country, "TR")
		}
		for j := range company.Accounts {
			a := &company.Accounts[j]
			if known := formats[a.Kind]; len(known) > 0 {
				fill(&a.Format, known[0])
			}
			fill(&a.Format, "ubl")
			fill(&a.InFlight, defaultInFlight)
			fill(&a.Timeout, Duration{time.Minute})
			fill(&a.Grace, Duration{24 * time.Hour})
			fill(&a.RetryShare, defaultRetryShare)
			fill(&a.UBLVersion, "TR1.2")
			fill(&a.InboxOverlap, Duration{240 * time.Hour})
			if a.Inbox == nil {
				yes := true
				a.Inbox = &yes
			}
			if a.InboxPDF == nil {
				yes := true
				a.InboxPDF = &yes
			}
		}
	}
}

func fill[T comparable](v *T, otherwise T) {
	var zero T
	if *v == zero {
		*v = otherwise
	}
}
