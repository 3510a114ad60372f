#ifndef MSCP_AV_PICTURE_FILTER_H
#define MSCP_AV_PICTURE_FILTER_H

#include <libavutil/frame.h>
#include <libavutil/rational.h>

typedef struct mscp_filter mscp_filter;

// What of FFmpeg's filters makes frames stand upright, as their display matrix asks for: "" for
// none. Angles between the quarters are left alone, as browsers do. The text is static.
const char *mscp_upright(const AVFrame *frame);
const char *mscp_upright_matrix(const int32_t *matrix);

// Filters frames like the given one, whose times are of time_base. NULL where that can't be.
mscp_filter *mscp_filter_new(const AVFrame *like, AVRational time_base, const char *chain);

// Takes a reference to frame; NULL is the end.
int mscp_filter_push(mscp_filter *f, AVFrame *frame);

// Fills frame, or gives AVERROR(EAGAIN), or AVERROR_EOF after the end.
int mscp_filter_pull(mscp_filter *f, AVFrame *frame);

// Of the frames that come out.
AVRational mscp_filter_time_base(const mscp_filter *f);

void mscp_filter_release(mscp_filter *f);

#endif
