package ledger

import (
	"regexp"
	"slices"

	"github.com/google/uuid"
)

// "It exists already" may name the document that exists, under another ETTN than ours: the reference was used before. The
// attempt that met it says so in its message, from where the look-up of the outcome takes it.

// ExistsAs is the message of an attempt that was answered that the document exists already, as ettn.
func ExistsAs(ettn uuid.UUID, message string) string {
	return "exists already as ETTN " + ettn.String() + ": " + message
}

var existsAs = regexp.MustCompile(`^exists already as ETTN ([0-9a-f-]{36}): `)

// Existing is the ETTN that the last such attempt named; ok is false when none did.
func Existing(history []Event) (ettn uuid.UUID, ok bool) {
	for _, e := range slices.Backward(history) {
		if m := existsAs.FindStringSubmatch(e.Message); m != nil && e.Operation == OpCreate && !e.Opened {
			ettn, err := uuid.Parse(m[1])
			return ettn, err == nil
		}
	}
	return uuid.Nil, false
}
