// Package failpoint marks the places where a crash would hurt most, so that tests can kill the real process exactly there.
// In normal builds Hit and Trace are empty and inlined away; with the build tag failpoint they read the environment:
//
//	FATURAD_FAILPOINT=name:n[:action]
//
// acts at the n-th time (from 1) that the process passes the named place; several stand separated by commas. The actions
// are kill (the default: SIGKILL to itself, as a power cut would) and stop (SIGSTOP, until somebody sends SIGCONT).
// FATURAD_FAILPOINT_COUNTS=file has every hit appended to that file, one name a line, before it acts.
// Any package may call Hit; it never returns anything and never changes what the caller does.
package failpoint
