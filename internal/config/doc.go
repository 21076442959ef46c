// Package config reads faturad's TOML file: it decodes strictly, applies defaults, resolves secrets and checks every
// value and every relation between values, and reports all problems at once, each with file, line and column. It reads
// the config file and the secret files it names, and nothing else: it never opens a database, a socket or a provider.
// Only cmd and internal/app may import it.
package config
