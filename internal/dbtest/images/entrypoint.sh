#!/bin/sh
# Starts the server of a test image as the official images do: MYSQL_ROOT_PASSWORD becomes the password of root@'%', the
# arguments are the server's.
set -eu
password=${MYSQL_ROOT_PASSWORD:-${MARIADB_ROOT_PASSWORD:-}}
if [ -z "$password" ]; then echo "set MYSQL_ROOT_PASSWORD" >&2; exit 2; fi
# One statement a line: MySQL demands it of an init-file.
cat >/run/mysqld/init.sql <<SQL
CREATE USER IF NOT EXISTS 'root'@'%' IDENTIFIED BY '$password';
GRANT ALL PRIVILEGES ON *.* TO 'root'@'%' WITH GRANT OPTION;
SQL
chown mysql: /run/mysqld/init.sql
server=$(command -v mariadbd || command -v mysqld)
# Without the packages' own settings: no X protocol, no folder that the core package does not bring.
exec "$server" --no-defaults --user=mysql --datadir=/var/lib/mysql --socket=/run/mysqld/s --bind-address='*' --loose-mysqlx=OFF \
	--loose-secure-file-priv= --init-file=/run/mysqld/init.sql "$@"
