#include "bridge.h"

#include <libavcodec/avcodec.h>
#include <libavutil/imgutils.h>
#include <libavutil/opt.h>
#include <limits.h>
#include <stdlib.h>

#ifdef _WIN32
#include <windows.h>
#else
#include <dlfcn.h>
#endif

struct mscp_nvenc {
  AVCodecContext *context;
  AVFrame *picture;
  AVPacket *packet;
};

static const AVCodec *codec(void) { return avcodec_find_encoder_by_name("h264_nvenc"); }

// It stays loaded: FFmpeg would load it and let it go again with each encoder.
static int is_loaded(const char *library) {
#ifdef _WIN32
  return LoadLibraryA(library) != NULL;
#else
  return dlopen(library, RTLD_LAZY) != NULL;
#endif
}

const char *mscp_nvenc_missing(void) {
#ifdef _WIN32
  static const char *const needed[] = {"nvcuda.dll", "nvEncodeAPI64.dll"};
#else
  static const char *const needed[] = {"libcuda.so.1", "libnvidia-encode.so.1"};
#endif
  if (!codec()) {
    return "FFmpeg's h264_nvenc";
  }
  for (size_t i = 0; i < sizeof(needed) / sizeof(*needed); i++) {
    if (!is_loaded(needed[i])) {
      return needed[i];
    }
  }
  return NULL;
}

static void set_rate(AVCodecContext *c, int bitrate) {
  c->bit_rate = bitrate;
  c->rc_max_rate = bitrate;
  // What comes in half a second may be ahead of the rate: a keyframe has room.
  c->rc_buffer_size = bitrate / 2;
}

static int open_context(AVCodecContext *c, const mscp_nvenc_options *o) {
  c->width = o->width;
  c->height = o->height;
  c->pix_fmt = AV_PIX_FMT_YUV420P;
  c->time_base = (AVRational){1, 1000000};
  c->framerate = av_d2q(o->framerate, 1000000);
  // Keyframes come on request only: each costs as much as many frames.
  c->gop_size = INT_MAX;
  c->max_b_frames = 0;
  set_rate(c, o->bitrate);
  static const char *const options[][2] = {
      {"preset", "p4"},       {"tune", "ull"}, {"rc", "cbr"},        {"profile", "baseline"},
      {"zerolatency", "1"},   {"delay", "0"},  {"forced-idr", "1"},
  };
  for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++) {
    int code = av_opt_set(c->priv_data, options[i][0], options[i][1], 0);
    if (code < 0) {
      return code;
    }
  }
  return avcodec_open2(c, codec(), NULL);
}

mscp_nvenc *mscp_nvenc_new(const mscp_nvenc_options *o, int *error) {
  mscp_nvenc *e = calloc(1, sizeof(*e));
  *error = AVERROR(ENOMEM);
  if (!e || !(e->context = avcodec_alloc_context3(codec())) || !(e->picture = av_frame_alloc()) ||
      !(e->packet = av_packet_alloc())) {
    mscp_nvenc_release(e);
    return NULL;
  }
  *error = open_context(e->context, o);
  if (*error >= 0) {
    e->picture->format = AV_PIX_FMT_YUV420P;
    e->picture->width = o->width;
    e->picture->height = o->height;
    *error = av_frame_get_buffer(e->picture, 0);
  }
  if (*error < 0) {
    mscp_nvenc_release(e);
    return NULL;
  }
  return e;
}

int mscp_nvenc_encode(mscp_nvenc *e, const uint8_t *y, const uint8_t *u, const uint8_t *v,
                      int y_stride, int uv_stride, int64_t microseconds, int force_keyframe,
                      const uint8_t **data, size_t *size, int *keyframe) {
  AVFrame *picture = e->picture;
  // The encoder may hold the picture before.
  int code = av_frame_make_writable(picture);
  if (code < 0) {
    return code;
  }
  uint8_t *planes[4] = {(uint8_t *)y, (uint8_t *)u, (uint8_t *)v};
  const int strides[4] = {y_stride, uv_stride, uv_stride};
  av_image_copy2(picture->data, picture->linesize, planes, strides, AV_PIX_FMT_YUV420P,
                 picture->width, picture->height);
  picture->pts = microseconds;
  picture->pict_type = force_keyframe ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE;
  if ((code = avcodec_send_frame(e->context, picture)) < 0) {
    return code;
  }
  av_packet_unref(e->packet);
  // Without delay and reordering, it is there at once.
  if ((code = avcodec_receive_packet(e->context, e->packet)) < 0) {
    return code;
  }
  if (e->packet->pts != microseconds) {
    return AVERROR_BUG;
  }
  *data = e->packet->data;
  *size = e->packet->size;
  *keyframe = (e->packet->flags & AV_PKT_FLAG_KEY) != 0;
  return 0;
}

void mscp_nvenc_set_bitrate(mscp_nvenc *e, int bitrate) { set_rate(e->context, bitrate); }

void mscp_nvenc_release(mscp_nvenc *e) {
  if (!e) {
    return;
  }
  av_packet_free(&e->packet);
  av_frame_free(&e->picture);
  avcodec_free_context(&e->context);
  free(e);
}
