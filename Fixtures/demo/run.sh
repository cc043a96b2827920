#!/bin/bash
# run.sh CZAR: shows Czar at work on a throwaway clone of $REPO. Leaves nothing behind, however it ends.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
czar=$(realpath "$1")
source=${REPO:-$here/../..}
folder=$(mktemp -d "${TMPDIR:-/tmp}/czar-demo.XXXXXX")
running=

end() {
    trap - EXIT INT TERM HUP
    # Czar ends its workers before it ends itself.
    if [[ -n $running ]]; then
        kill -TERM "$running" 2>/dev/null || true
        wait "$running" 2>/dev/null || true
    fi
    rm -rf "$folder"
}
trap end EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'exit 129' HUP

step() { printf '\n\033[1m$ %s\033[0m\n' "$*"; }
[[ -t 1 ]] || step() { printf '\n$ %s\n' "$*"; }

clone=$folder/$(basename "$(cd "$source" 2>/dev/null && pwd || echo "$source")" .git)
step "git clone $source"
git clone --quiet --no-hardlinks --single-branch "$source" "$clone"
cd "$clone"
# A detached HEAD names no branch that workers could start from.
git symbolic-ref --quiet HEAD >/dev/null || git checkout --quiet -b main
# The clone is ours alone: an identity, no signing and no hooks of the user's.
git config user.name "Czar Demo"
git config user.email demo@czar.example
git config commit.gpgsign false
git config core.hooksPath .git/hooks
# Facts about objects go where they disappear with the rest.
export XDG_CACHE_HOME=$folder/cache
# A demonstration inside a worker of another Czar is no part of that worker.
unset "${!CZAR_@}" "${!CZARINA_@}"
export PATH=$PATH:$(dirname "$czar")

rm -rf .czarina
mkdir -p .czarina
cp "$here/plan.yaml" .czarina/config.yaml
cp -r "$here/workers" .czarina/workers

step "czar graph"
"$czar" graph
step "czar run --trust"
"$czar" run --trust </dev/null &
running=$!
status=0
wait "$running" || status=$?
running=
((status == 0)) || exit "$status"

step "czar status glossary"
"$czar" status glossary
step "git log --oneline --graph --all -n 25"
git --no-pager log --oneline --graph --all -n 25
cat <<END

The same on your own repository:
  export PATH=\$PATH:$(dirname "$czar")
  cd YOUR/REPOSITORY && czar init      # then say in .czarina/config.yaml who does what, and how
  czar validate && czar run
END
