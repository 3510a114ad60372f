#include "remote.h"

#include <libavutil/error.h>
#include <libavutil/mem.h>
#include <libavutil/opt.h>
#include <stdlib.h>
#include <string.h>

#include "_cgo_export.h"

enum { buffer_size = 64 << 10 };

// What an AVIOContext of ours has for its opaque. Demuxers of playlists ask it for the option
// "location" to resolve what is relative.
typedef struct {
  const AVClass *class;
  uintptr_t handle;
  char *location;
} remote_io;

static const AVOption remote_options[] = {
    {"location", "", offsetof(remote_io, location), AV_OPT_TYPE_STRING, {.str = NULL}, 0, 0,
     AV_OPT_FLAG_DECODING_PARAM | AV_OPT_FLAG_EXPORT | AV_OPT_FLAG_READONLY},
    {NULL},
};

static const AVClass remote_class = {
    .class_name = "remote",
    .item_name = av_default_item_name,
    .option = remote_options,
    .version = LIBAVUTIL_VERSION_INT,
};

static void *remote_child(void *io, void *previous) {
  return previous ? NULL : ((AVIOContext *)io)->opaque;
}

static const AVClass io_class = {
    .class_name = "remote AVIOContext",
    .item_name = av_default_item_name,
    .version = LIBAVUTIL_VERSION_INT,
    .child_next = remote_child,
};

static int remote_read(void *opaque, uint8_t *buffer, int size) {
  return mscpRemoteRead(((remote_io *)opaque)->handle, buffer, size);
}

static int64_t remote_seek(void *opaque, int64_t offset, int whence) {
  return mscpRemoteSeek(((remote_io *)opaque)->handle, offset, whence & ~AVSEEK_FORCE);
}

AVIOContext *mscp_remote_io(uintptr_t handle, int seekable, const char *location) {
  remote_io *r = av_mallocz(sizeof(*r));
  uint8_t *buffer = av_malloc(buffer_size);
  AVIOContext *io = NULL;
  if (r && buffer) {
    r->class = &remote_class;
    r->handle = handle;
    r->location = av_strdup(location);
    io = avio_alloc_context(buffer, buffer_size, 0, r, remote_read, NULL, remote_seek);
  }
  if (!io || !r->location) {
    if (r) av_freep(&r->location);
    av_free(r);
    av_free(buffer);
    avio_context_free(&io);
    return NULL;
  }
  io->av_class = &io_class;
  io->seekable = seekable ? AVIO_SEEKABLE_NORMAL : 0;
  return io;
}

void mscp_remote_io_free(AVIOContext *io) {
  if (!io) return;
  remote_io *r = io->opaque;
  mscpRemoteClose(r->handle);
  av_freep(&r->location);
  av_free(r);
  av_freep(&io->buffer);
  avio_context_free(&io);
}

typedef struct {
  uintptr_t handle;
  int (*next)(AVFormatContext *, AVIOContext **, const char *, int, AVDictionary **);
  char url[];
} remote_guard;

static int remote_open(AVFormatContext *context, AVIOContext **io, const char *url, int flags,
                       AVDictionary **options) {
  const remote_guard *g = context->opaque;
  // A demuxer that hands this function to another context need not hand the guard over.
  if (!g || (flags & AVIO_FLAG_WRITE)) return MSCP_REFUSED;
  return mscpRemoteOpen(g->handle, io, (char *)url, options ? *options : NULL);
}

static int remote_close(AVFormatContext *context, AVIOContext *io) {
  (void)context;
  mscp_remote_io_free(io);
  return 0;
}

static int stream_open(AVFormatContext *context, AVIOContext **io, const char *url, int flags,
                       AVDictionary **options) {
  const remote_guard *g = context->opaque;
  if (!g || (flags & AVIO_FLAG_WRITE) || strcmp(url, g->url) != 0) return MSCP_REFUSED;
  return g->next(context, io, url, flags, options);
}

static remote_guard *install(AVFormatContext *context, uintptr_t handle, const char *url) {
  size_t length = strlen(url);
  remote_guard *g = malloc(sizeof(*g) + length + 1);
  if (!g) return NULL;
  g->handle = handle;
  g->next = context->io_open;
  memcpy(g->url, url, length + 1);
  context->opaque = g;
  return g;
}

void *mscp_remote_install(AVFormatContext *context, uintptr_t handle) {
  remote_guard *g = install(context, handle, "");
  if (!g) return NULL;
  context->io_open = remote_open;
  context->io_close2 = remote_close;
  return g;
}

void *mscp_stream_install(AVFormatContext *context, const char *url) {
  remote_guard *g = install(context, 0, url);
  if (g) context->io_open = stream_open;
  return g;
}

void mscp_remote_release(void *guard) { free(guard); }
