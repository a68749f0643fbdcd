#!/bin/sh
# Writes .env from .env.example, with a new secret for each setting that is empty there. Keeps an .env that exists.
set -eu
cd "$(dirname "$0")/.."
file=${1:-.env}
if [ -e "$file" ]; then
  echo "$file exists already" >&2
  exit 1
fi
umask 077
while IFS= read -r line; do
  case $line in
    '#'* | '') echo "$line" ;;
    *=) echo "$line$(od -An -N32 -tx1 /dev/urandom | tr -d ' \n')" ;;
    *) echo "$line" ;;
  esac
done <.env.example >"$file"
echo "$file has new secrets; set EDGE_IM_DOMAIN in it"
