#!/bin/sh
# Compiles the library that stands for NVIDIA's driver into a folder, which a process has to have in its LD_LIBRARY_PATH from its
# beginning: sh make.sh FOLDER
set -eu
cd "$(dirname "$0")"
flags() { "${PKG_CONFIG:-pkg-config}" --static "$@"; }
cc -shared -fPIC -w -o "$1/libcuda.so.1" cuda.c
# shellcheck disable=SC2046 # they are words
cc -shared -fPIC -w -o "$1/libnvidia-encode.so.1" encode.c ../../../openh264/bridge.c \
  $(flags --cflags ffnvcodec openh264) $(flags --libs openh264)
