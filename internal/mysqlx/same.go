package mysqlx

import (
	"context"
	"errors"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"
)

// SameDatabase reports whether two pools lead to one database of one server, under whatever names and addresses. A lock that is
// taken through the one and seen through the other proves it; names, ports and ids of servers repeat where machines are cloned.
// Nodes of a cluster and replicas count as different.
func SameDatabase(ctx context.Context, a, b *sqlx.DB) (same bool, err error) {
	const doing = "comparing two databases"
	var names [2]string
	for i, db := range []*sqlx.DB{a, b} {
		if err := db.GetContext(ctx, &names[i], "SELECT COALESCE(DATABASE(), '')"); err != nil {
			return false, Wrap(doing, err)
		}
	}
	if names[0] != names[1] {
		return false, nil
	}
	conn, err := a.Connx(ctx) // the lock is the connection's
	if err != nil {
		return false, Wrap(doing, err)
	}
	defer func() { err = errors.Join(err, Wrap(doing, conn.Close())) }()
	lock := "faturad." + uuid.NewString()
	var taken, seen bool
	if err := conn.GetContext(ctx, &taken, "SELECT COALESCE(GET_LOCK(?, 0), 0)", lock); err != nil {
		return false, Wrap(doing, err)
	}
	if err := b.GetContext(ctx, &seen, "SELECT IS_USED_LOCK(?) IS NOT NULL", lock); err != nil {
		return false, Wrap(doing, err)
	}
	var released bool
	err = conn.GetContext(ctx, &released, "SELECT COALESCE(RELEASE_LOCK(?), 0)", lock)
	return taken && seen, Wrap(doing, err)
}
