// Package e2e tests the whole of faturad from outside: the real binary, real databases with the users of least privilege
// that `faturad grants` prints, real ERP schemas and the provider's simulator. It asserts on outcomes: documents at the
// provider, rows in the ERP, exit codes and sentences.
package e2e
