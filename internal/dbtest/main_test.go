package dbtest_test

import (
	"testing"

	"go.uber.org/goleak"

	"faturad/internal/dbtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m, dbtest.Leaks()...) }
