#!/bin/bash
# Makes images for the tests where no registry can be reached: a database server, or a machine to install faturad on; a small
# Debian from its own packages, imported into Docker. As root.
#
#   build.sh mysql   [TAG]    MySQL from Debian unstable (the only suite that has it), default tag faturad-test/mysql:sid
#   build.sh mariadb [TAG]    MariaDB from Debian stable's archive, default tag faturad-test/mariadb:bookworm
#   build.sh systemd [TAG]    a machine whose process 1 is systemd, with MariaDB's service, default tag faturad-test/systemd:bookworm
#   build.sh chroot KIND      only the file tree; prints its path. For machines where Docker cannot run
#
# KIND:SUITE takes another suite of Debian, and with it another version: mariadb:bullseye is 10.5, mariadb:trixie 11.8.
#
# The tree stays in FATURAD_IMAGE_CACHE (default /var/cache/faturad-ci) and is made once; remove it to make it anew. A server's image behaves
# as the official ones do as far as tests need: MYSQL_ROOT_PASSWORD gives root@'%' a password, arguments are the server's, port 3306.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
cache=${FATURAD_IMAGE_CACHE:-/var/cache/faturad-ci}
mirror=${FATURAD_DEBIAN_MIRROR:-} # empty: debootstrap's own
only_tree=no
if [ "${1:-}" = chroot ]; then only_tree=yes; shift; fi
kind=${1:-} suite=
case $kind in *:*) suite=${kind#*:} kind=${kind%%:*} ;; esac
case $kind in
mysql) suite=${suite:-sid} package=mysql-server-core ;;
mariadb) # the client has my_print_defaults, which install-db calls
	suite=${suite:-bookworm} package=mariadb-server-core,mariadb-client-core
	[ "$suite" != bullseye ] || package=mariadb-server-core-10.5,mariadb-client-core-10.5
	;;
systemd) suite=${suite:-bookworm} package=systemd,systemd-sysv,dbus,mariadb-server,openssl,curl ;; # the last two for what docs/install.md says
*) sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p}' "$0" >&2; exit 2 ;;
esac
tag=${2:-faturad-test/$kind:$suite}
tree=$cache/$kind-$suite

say() { echo "images: $*" >&2; }

if [ ! -e "$tree/.complete" ]; then
	say "making $tree ($suite, $package)"
	rm -rf "$tree"
	mkdir -p "$cache"
	command -v debootstrap >/dev/null || { say "debootstrap is missing: apt-get install debootstrap"; exit 1; }
	debootstrap --variant=minbase --include="$package" "$suite" "$tree" ${mirror:+"$mirror"} >"$cache/$kind-debootstrap.log" 2>&1 || {
		tail -20 "$cache/$kind-debootstrap.log" >&2
		exit 1
	}
	if [ "$kind" != systemd ]; then
		# The core packages have the server only: its user and folders come with the package that we leave out.
		chroot "$tree" sh -c 'getent passwd mysql >/dev/null || useradd --system --home-dir /nonexistent --shell /bin/false mysql'
		chroot "$tree" sh -c 'rm -rf /var/lib/mysql && mkdir -p /var/lib/mysql /run/mysqld && chown mysql: /var/lib/mysql /run/mysqld && chmod 750 /var/lib/mysql'
	fi
	case $kind in
	mysql)
		chroot "$tree" mysqld --no-defaults --initialize-insecure --user=mysql --datadir=/var/lib/mysql --mysqlx=OFF --secure-file-priv= \
			--innodb-redo-log-capacity=16M >"$cache/$kind-initialize.log" 2>&1 || { tail -20 "$cache/$kind-initialize.log" >&2; exit 1; }
		;;
	mariadb)
		chroot "$tree" mariadb-install-db --no-defaults --user=mysql --datadir=/var/lib/mysql --force --auth-root-authentication-method=normal \
			--skip-test-db --innodb-log-file-size=16M >"$cache/$kind-initialize.log" 2>&1 || { tail -20 "$cache/$kind-initialize.log" >&2; exit 1; }
		;;
	systemd)
		# The server listens by itself, where its settings say. The machine's id stays: without one the first boot enables everything.
		chroot "$tree" systemctl disable mariadb.socket >"$cache/$kind-initialize.log" 2>&1 || { cat "$cache/$kind-initialize.log" >&2; exit 1; }
		;;
	esac
	rm -rf "$tree"/var/cache/apt/* "$tree"/var/lib/apt/lists/* "$tree"/usr/share/doc/* "$tree"/usr/share/man/*
	date +%s >"$tree/.complete"
fi
if [ "$kind" = systemd ]; then
	changes=(--change 'CMD ["/lib/systemd/systemd"]')
else
	install -m 755 "$here/entrypoint.sh" "$tree/entrypoint.sh" # always the one of this checkout
	changes=(--change 'ENTRYPOINT ["/entrypoint.sh"]' --change 'EXPOSE 3306')
fi
if [ $only_tree = yes ]; then
	echo "$tree"
	exit
fi
# Importing anew would leave the old image behind without a name: half a gigabyte each time.
recipe=$(cat "$0" "$here/entrypoint.sh" "$tree/.complete" | sha256sum | cut -c1-16)
if [ "$(docker image inspect -f '{{index .Config.Labels "faturad.recipe"}}' "$tag" 2>/dev/null)" = "$recipe" ]; then
	echo "$tag"
	exit
fi
say "importing $tree as $tag"
tar -C "$tree" --one-file-system --exclude='./proc/*' --exclude='./sys/*' --exclude='./dev/*' --exclude=./var/lib/mysql-run -c . |
	docker import --change "LABEL faturad.recipe=$recipe" "${changes[@]}" --message "Debian $suite, $package" - "$tag" >&2
echo "$tag"
