package proparssim

import "faturad/providers/simulator"

// Fault is one switch: when it strikes and what it does. Its Key is the code, or the ETTN, of the sale that it is for.
type Fault = simulator.Fault

// Family is a group of endpoints.
type Family = simulator.Family

// The families.
const (
	FamilyToken          = simulator.FamilyToken
	FamilySale    Family = "sale"    // create_nested
	FamilyPreview Family = "preview" // the GET that creates
	FamilySend    Family = "send"
	FamilySigned  Family = "signed" // signed XML
	FamilyCancel  Family = "cancel"
	FamilyList    Family = "list"
	FamilyOther   Family = "other"
)
