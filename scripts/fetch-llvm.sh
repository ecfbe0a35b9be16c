#!/bin/sh
# Puts a libLLVM that the renderer can use under .cache/llvm, without root.
#
# Usage: scripts/fetch-llvm.sh [FOLDER]        (FOLDER: .cache/llvm of the working directory by default)
#
# Takes the newest of libllvm19, 18, 17 and 16 that the package lists know, and with it the libraries that it misses here.
# Does nothing when a library is there. Never fails a build: without LLVM the renderer works, slower.
set -u

folder="${1:-.cache/llvm}"
mkdir -p "$folder" && cd "$folder" || exit 1

library() {
    find . -name 'libLLVM*.so*' -type f | sort | tail -n 1
}

# Unpacks the newest version of one package here; fails when the lists do not know it.
unpack() {
    apt-get download "$1" >apt.log 2>&1 || return 1
    package=$(find . -maxdepth 1 -name "$1_*.deb" | head -n 1)
    [ -n "$package" ] || return 1
    dpkg-deb -x "$package" . && rm -f "$package"
}

# Names of the libraries that $1 needs and the loader cannot find.
missing() {
    LD_LIBRARY_PATH="$(pwd)/usr/lib/$(uname -m)-linux-gnu" ldd "$1" 2>/dev/null | awk '/not found/ { print $1 }'
}

# Package of Debian and Ubuntu that carries a library of LLVM's dependencies.
package_of() {
    case "$1" in
        libffi.so.8) echo libffi8 ;;
        libedit.so.2) echo libedit2 ;;
        libz3.so.4) echo libz3-4 ;;
        libz.so.1) echo zlib1g ;;
        libzstd.so.1) echo libzstd1 ;;
        libxml2.so.2) echo libxml2 ;;
        libtinfo.so.6) echo libtinfo6 ;;
        libbsd.so.0) echo libbsd0 ;;
        libmd.so.0) echo libmd0 ;;
        libicuuc.so.* | libicudata.so.*) n="${1##*.so.}"; echo "libicu${n%%.*}" ;;
        liblzma.so.5) echo liblzma5 ;;
        libstdc++.so.6) echo libstdc++6 ;;
    esac
}

if [ -z "$(library)" ]; then
    if ! command -v apt-get >/dev/null || ! command -v dpkg-deb >/dev/null; then
        echo "fetch-llvm: no apt-get or dpkg-deb here; install LLVM 16 or later and set DRJIT_LIBLLVM_PATH" >&2
        exit 0
    fi
    for version in 19 18 17 16; do
        unpack "libllvm$version" && break
    done
fi

found=$(library)
if [ -z "$found" ]; then
    echo "fetch-llvm: the package lists know no libllvm of version 16 to 19; run 'apt-get update' as root, then this again." >&2
    echo "fetch-llvm: going on without it: renders are slower and layers are inferred" >&2
    [ -s apt.log ] && sed 's/^/fetch-llvm: apt: /' apt.log >&2
    exit 0
fi

# Two rounds: what is unpacked in the first may itself miss something.
for _ in 1 2; do
    for name in $(missing "$found"); do
        package=$(package_of "$name")
        if [ -z "$package" ] || ! unpack "$package"; then
            echo "fetch-llvm: $found needs $name, and no package with it could be had" >&2
        fi
    done
done
rm -f apt.log

if [ -n "$(missing "$found")" ]; then
    echo "fetch-llvm: still missing: $(missing "$found" | tr '\n' ' ')" >&2
    exit 0
fi
echo "fetch-llvm: $folder/${found#./}"
