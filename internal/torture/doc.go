// Package torture is the harness that breaks faturad on purpose: it kills the real process at every failpoint and at any
// moment, stops it for longer than its lease, cuts its connections byte by byte, and makes provider and database misbehave;
// afterwards every book is compared (sync/audit), and nothing may be there twice, missing or different. It holds tests only.
//
// `make test` runs the short form, `make torture` the long one. FATURAD_TORTURE_KILLS sets the number of failpoint kills and
// makes the form long, FATURAD_TORTURE_RANDOM that of kills at random moments, FATURAD_TORTURE_STRIDE and _FROM the bytes at
// which connections are cut (each one), FATURAD_INBOX_SCHEDULES the schedules of the inbox (from:count) and FATURAD_INBOX_COUNT the
// size of its long one, FATURAD_TORTURE_SEED repeats a run as far as time allows. What long runs have reached
// is kept in the folder FATURAD_TORTURE_DIR: started again, they go on there.
package torture
