package registry

import "faturad/internal/invoice"

// The faults that a route can have; their words are in invoice.Catalogue.

// noList is that no list was imported; nowhere, that nobody can import one.
func noList(nowhere bool) invoice.Fault {
	if nowhere {
		return invoice.NewFault("route.list_nowhere", "buyer_tax_no", "")
	}
	return invoice.NewFault("route.no_list", "buyer_tax_no", "")
}

func noMailbox(by Source) invoice.Fault {
	return invoice.NewFault("route.no_mailbox", fieldOf(by, "alias"), "")
}

func registeredBuyer(by Source) invoice.Fault {
	return invoice.NewFault("route.registered_buyer", fieldOf(by, "kind"), "")
}

func notPublic() invoice.Fault {
	return invoice.NewFault("route.not_public", "scenario", "")
}

func otherKind(kind invoice.Kind) invoice.Fault {
	return invoice.NewFault("route.kind", "kind", string(kind))
}

// fieldOf names the place of a pin: the ERP's column, or the config.
func fieldOf(by Source, column string) string {
	if by == FromConfig {
		return "company.routing." + column
	}
	return column
}
