#ifndef MSCP_AV_GUARD_H
#define MSCP_AV_GUARD_H

#include <libavformat/avformat.h>

// Makes context open nothing but local files in directory or below it, whatever a playlist
// asks for. directory has to be resolved (realpath). Returns NULL when out of memory.
void *mscp_guard_install(AVFormatContext *context, const char *directory);

// Release after the context was closed.
void mscp_guard_release(void *guard);

#endif
