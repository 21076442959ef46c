// Package schedule runs named jobs by cron spec in one time zone: never two runs of one job at once, each planned time
// a little early or late, missed runs made up once, panics caught, manual triggers, a stop that lets running jobs end.
// It is given func(ctx) error and knows nothing of invoices; only internal/app and internal/config may import it.
package schedule
