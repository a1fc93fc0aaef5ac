#!/bin/bash

# manage COMMAND: run a command of the site as its user.
manage() { (cd "$install_dir" && ynh_exec_as_app env VAR_DIR="$data_dir" .venv/bin/python manage.py "$@"); }

install_code() {
    python3 -c 'import sys; sys.exit(sys.version_info < (3, 12))' || ynh_die "Python 3.12 or later is needed: Debian 13."
    ynh_setup_source --dest_dir="$install_dir" --full_replace --keep=".env"
    python3 -m venv "$install_dir/.venv"
    ynh_hide_warnings "$install_dir/.venv/bin/pip" install --require-hashes -r "$install_dir/requirements.txt"
    (cd "$install_dir" && .venv/bin/python -m compileall -q articles comments subscriptions truthlytics)
    chown -R "root:$app" "$install_dir"
    chmod -R o-rwx "$install_dir"
}

add_configuration() {
    ynh_config_add --template="env" --destination="$install_dir/.env"
    chown "root:$app" "$install_dir/.env"
    chmod 640 "$install_dir/.env"
    ynh_config_add_nginx
    ynh_config_add_systemd
    yunohost service add "$app" --description="Publishing system"
}

# The first start migrates the database and makes the secret key.
start() { ynh_systemctl --service="$app" --action="restart" --timeout=120; }
