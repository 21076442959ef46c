package kolaybisim

import "faturad/providers/simulator"

// Fault is one switch: when it strikes and what it does. Its Key is a part of the description of the draft that it is for.
type Fault = simulator.Fault

// Family is a group of endpoints.
type Family = simulator.Family

// The families.
const (
	FamilyToken          = simulator.FamilyToken
	FamilyContact Family = "contact"
	FamilyAddress Family = "address"
	FamilyProduct Family = "product"
	FamilyDraft   Family = "draft"  // POST invoices
	FamilyLegal   Family = "legal"  // POST invoices/e-document/create
	FamilyCancel  Family = "cancel" // and resend
	FamilyDelete  Family = "delete"
	FamilyList    Family = "list" // both lists, the detail, companies
	FamilyView    Family = "view"
	FamilyOther   Family = "other"
)
