#include "picture_filter.h"

#include <libavfilter/avfilter.h>
#include <libavfilter/buffersink.h>
#include <libavfilter/buffersrc.h>
#include <libavutil/display.h>
#include <libavutil/mem.h>
#include <math.h>

struct mscp_filter {
  AVFilterGraph *graph;
  AVFilterContext *source, *sink;
};

const char *mscp_upright(const AVFrame *frame) {
  const AVFrameSideData *side = av_frame_get_side_data(frame, AV_FRAME_DATA_DISPLAYMATRIX);
  if (!side || side->size < 9 * sizeof(int32_t)) return "";
  return mscp_upright_matrix((const int32_t *)side->data);
}

const char *mscp_upright_matrix(const int32_t *m) {
  double angle = -av_display_rotation_get(m);
  if (isnan(angle)) return "";
  angle -= 360 * floor(angle / 360 + 0.9 / 360);
  if (fabs(angle - 90) < 1) return m[3] > 0 ? "transpose=cclock_flip" : "transpose=clock";
  if (fabs(angle - 180) < 1)
    return m[0] < 0 && m[4] < 0 ? "hflip,vflip" : m[0] < 0 ? "hflip" : m[4] < 0 ? "vflip" : "";
  if (fabs(angle - 270) < 1) return m[3] < 0 ? "transpose=clock_flip" : "transpose=cclock";
  if (fabs(angle) < 1 && m[4] < 0) return "vflip";
  return "";
}

static int open_source(mscp_filter *f, const AVFrame *like, AVRational time_base) {
  f->source = avfilter_graph_alloc_filter(f->graph, avfilter_get_by_name("buffer"), "in");
  AVBufferSrcParameters *p = av_buffersrc_parameters_alloc();
  if (!f->source || !p) {
    av_free(p);
    return AVERROR(ENOMEM);
  }
  p->format = like->format;
  p->time_base = time_base;
  p->width = like->width;
  p->height = like->height;
  p->sample_aspect_ratio = like->sample_aspect_ratio;
  p->color_space = like->colorspace;
  p->color_range = like->color_range;
  int result = av_buffersrc_parameters_set(f->source, p);
  av_free(p);
  return result < 0 ? result : avfilter_init_dict(f->source, NULL);
}

static int open_chain(mscp_filter *f, const char *chain) {
  int result = avfilter_graph_create_filter(&f->sink, avfilter_get_by_name("buffersink"), "out",
                                            NULL, NULL, f->graph);
  if (result < 0) return result;
  AVFilterInOut *inputs = avfilter_inout_alloc(), *outputs = avfilter_inout_alloc();
  if (!inputs || !outputs) {
    result = AVERROR(ENOMEM);
  } else {
    outputs->name = av_strdup("in");
    outputs->filter_ctx = f->source;
    inputs->name = av_strdup("out");
    inputs->filter_ctx = f->sink;
    result = avfilter_graph_parse_ptr(f->graph, chain, &inputs, &outputs, NULL);
  }
  avfilter_inout_free(&inputs);
  avfilter_inout_free(&outputs);
  return result < 0 ? result : avfilter_graph_config(f->graph, NULL);
}

mscp_filter *mscp_filter_new(const AVFrame *like, AVRational time_base, const char *chain) {
  mscp_filter *f = av_mallocz(sizeof(*f));
  if (!f) return NULL;
  f->graph = avfilter_graph_alloc();
  // More threads would cost more than pictures of this size gain.
  if (f->graph) f->graph->nb_threads = 1;
  if (!f->graph || open_source(f, like, time_base) < 0 || open_chain(f, chain) < 0) {
    mscp_filter_release(f);
    return NULL;
  }
  return f;
}

int mscp_filter_push(mscp_filter *f, AVFrame *frame) {
  return av_buffersrc_add_frame_flags(f->source, frame, AV_BUFFERSRC_FLAG_KEEP_REF);
}

int mscp_filter_pull(mscp_filter *f, AVFrame *frame) {
  return av_buffersink_get_frame(f->sink, frame);
}

AVRational mscp_filter_time_base(const mscp_filter *f) {
  return av_buffersink_get_time_base(f->sink);
}

void mscp_filter_release(mscp_filter *f) {
  if (!f) return;
  avfilter_graph_free(&f->graph);
  av_free(f);
}
