package ubl

// The limits of reading. They bound time and memory whatever the document says; real invoices stay far below them.
const (
	MaxInput      = 32 << 20  // bytes, as received and after decoding to UTF-8
	MaxDepth      = 100       // nested elements
	MaxTokens     = 2_000_000 // tags, texts, comments
	MaxAttributes = 64        // of one element
	MaxLines      = 20_000    // invoice lines
	maxBindings   = 256       // namespace declarations in scope
	maxNodes      = 50_000    // elements below one child of the root
	maxItems      = 200_000   // everything repeated that a Document keeps
)
