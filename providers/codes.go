package providers

// Codes that every provider uses in fault.Error.Code for the same finding, so that a caller can act on them. All other
// codes begin with the provider's name and are for people.
const (
	// CodeBuyerNotRegistered: an e-Fatura was refused because the buyer is not an e-Fatura taxpayer (any more).
	CodeBuyerNotRegistered = "routing.buyer_not_registered"
	// CodeBuyerRegistered: an e-Arşiv was refused because the buyer is an e-Fatura taxpayer by now.
	CodeBuyerRegistered = "routing.buyer_registered"
	// CodeAlias: the buyer's mailbox is unknown, closed, or not named although there are several.
	CodeAlias = "routing.alias"
	// CodeContentRefused: a refusal that fits none of the others.
	CodeContentRefused = "content.refused"
	// CodeETTNUsed and CodeReferenceUsed: a Duplicate, by the key that is used already.
	CodeETTNUsed      = "duplicate.ettn"
	CodeReferenceUsed = "duplicate.reference"
	// CodeForeignAnswer: the answer is about another document than the one asked for. An alarm: a person must look.
	CodeForeignAnswer = "answer.foreign"
	// CodeSeveral: more than one document with legal effect carries our key. Message says so in the accountant's words.
	CodeSeveral = "duplicate.several"
	// CodeNotCarried: Prepare refused what the provider's model cannot carry.
	CodeNotCarried = "content.not_carried"
	// CodeResting: the guard let no call through, because the provider did not answer the ones before.
	CodeResting = "guard.resting"
	// CodeKey and CodePermission: an Auth error, for the whole account or for one product.
	CodeKey        = "auth.key"
	CodePermission = "auth.permission"
)

// RouteCode reports whether code is a definite refusal of the route: the route may be decided anew.
func RouteCode(code string) bool {
	switch code {
	case CodeBuyerNotRegistered, CodeBuyerRegistered, CodeAlias:
		return true
	}
	return false
}
