#ifndef MSCP_AV_REMOTE_H
#define MSCP_AV_REMOTE_H

#include <libavformat/avformat.h>
#include <libavutil/error.h>
#include <stdint.h>

// What is returned for what may not be opened: EPERM is FFmpeg's -1.
#define MSCP_REFUSED FFERRTAG('m', 's', 'c', 'p')

// Makes context open everything that it is asked for through Go: handle is of the *remote.
// Returns NULL when out of memory; release the result after the context was closed.
void *mscp_remote_install(AVFormatContext *context, uintptr_t handle);

// Makes context open nothing but url itself, by FFmpeg's own protocol.
void *mscp_stream_install(AVFormatContext *context, const char *url);

void mscp_remote_release(void *guard);

// An AVIOContext whose bytes come from Go: handle is of the *opened, and deleted with it.
// location is where redirects led. Returns NULL when out of memory.
AVIOContext *mscp_remote_io(uintptr_t handle, int seekable, const char *location);
void mscp_remote_io_free(AVIOContext *io);

#endif
