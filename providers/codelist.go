package providers

// CodeList names one of the lists that a provider keeps.
type CodeList string

// The lists.
const (
	CodesUnit        CodeList = "unit"
	CodesCountry     CodeList = "country"
	CodesTaxOffice   CodeList = "tax_office"
	CodesTax         CodeList = "tax"
	CodesWithholding CodeList = "withholding"
	CodesExemption   CodeList = "exemption"
)

// CodeLists are all of them.
func CodeLists() []CodeList {
	return []CodeList{CodesUnit, CodesCountry, CodesTaxOffice, CodesTax, CodesWithholding, CodesExemption}
}

// Code is one entry of a list.
type Code struct {
	Code   string
	Name   string // Turkish
	Detail string // withholding: its percents, "30,40"; exemption: its kind; tax office: its city; empty = none
}
