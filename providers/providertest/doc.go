// Package providertest is the contract that every provider and every decorator passes: what each answer and each broken
// wire may be taken for, how many requests create, what a look-up may conclude, that no secret gets out, and everything
// that Capabilities promise, against the provider's simulator. Tests import it, shipped code never does.
package providertest
