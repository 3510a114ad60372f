#include "guard.h"

#include <errno.h>
#include <limits.h>
#include <libavutil/avstring.h>
#include <libavutil/error.h>
#include <stdlib.h>
#include <string.h>

typedef int (*open_function)(AVFormatContext *, AVIOContext **, const char *, int,
                             AVDictionary **);

typedef struct {
  open_function next;
  size_t length;
  char directory[];
} guard;

static int guarded_open(AVFormatContext *context, AVIOContext **io, const char *url, int flags,
                        AVDictionary **options) {
  const guard *g = context->opaque;
  // A demuxer that hands this function to another context need not hand the guard over.
  if (!g || (flags & AVIO_FLAG_WRITE)) return AVERROR(EPERM);

  const char *path = url;
  av_strstart(url, "file:", &path);
  // What is no path of an existing file ends here: subfile:, concat:, data: and the like.
  char resolved[PATH_MAX];
  if (!realpath(path, resolved)) return AVERROR(errno);
  if (strncmp(resolved, g->directory, g->length) || resolved[g->length] != '/')
    return AVERROR(EPERM);
  return g->next(context, io, url, flags, options);
}

void *mscp_guard_install(AVFormatContext *context, const char *directory) {
  size_t length = strlen(directory);
  while (length > 0 && directory[length - 1] == '/') length--;
  guard *g = malloc(sizeof(*g) + length + 1);
  if (!g) return NULL;
  g->next = context->io_open;
  g->length = length;
  memcpy(g->directory, directory, length);
  g->directory[length] = '\0';
  context->opaque = g;
  context->io_open = guarded_open;
  return g;
}

void mscp_guard_release(void *g) { free(g); }
