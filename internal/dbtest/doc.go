// Package dbtest gives each test a fresh database on a real MySQL or MariaDB server, users of least privilege in it, a
// proxy that can cut its connections, and the server's own counters. One server is shared by all test processes of a run.
// Only tests and benchmarks import it; it is never linked into a shipped binary, and it never skips a test: without a
// server the test fails and says what to do.
//
// The server comes from the first of these that is there:
//
//  1. FATURAD_TEST_DSN: an account that may create databases and users, on any server.
//  2. Docker through testcontainers-go, with FATURAD_TEST_IMAGE (default mysql:8.4), when an engine answers and the image is
//     present or comes at once. FATURAD_TEST_IMAGE=none leaves Docker out; any other value insists on it.
//  3. A private mariadbd or mysqld found on PATH, in a temporary folder, on a free port of 127.0.0.1.
//  4. On Debian and Ubuntu as root: the same after apt-get install of the server's core package.
package dbtest
