package ledger

// Codes that one step of the flow leaves on an unknown document for the next: they say what the look-up's "surely has
// not" means.
const (
	// CodeRefusedUnknown: the provider refused it after an earlier attempt was unknown. Not there = refused.
	CodeRefusedUnknown = "provider.refused_after_unknown"
	// CodeExists: the provider said that it has it already. Not there = a contradiction; keep asking, then dispute.
	CodeExists = "provider.exists"
	// CodeRebuilt: entered from the ERP's marks after the ledger was lost. Not there = a person must look.
	CodeRebuilt = "ledger.from_erp"
	// CodeProbe: asked for before its first send, because the ledger was rebuilt. Not there = decide anew, and send it.
	CodeProbe = "ledger.rebuilt"
	// CodeTwin: held, because another sale looks the same. CodeTwinAllowed: a person said that it is another sale.
	CodeTwin        = "sale.possible_duplicate"
	CodeTwinAllowed = "sale.duplicate_allowed"
	// CodeNumberClash: the provider gave one number to two sales. Both are parked.
	CodeNumberClash = "number.clash"
)
