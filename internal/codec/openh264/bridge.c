#include "bridge.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <wels/codec_api.h>

struct mscp_openh264 {
  // OpenH264's C interface is a pointer to a table of functions.
  ISVCEncoder *engine;
  int width, height;
  SFrameBSInfo output;
};

mscp_openh264 *mscp_openh264_new(const mscp_openh264_options *o, int *error) {
  mscp_openh264 *e = calloc(1, sizeof(*e));
  if (!e) {
    *error = cmMallocMemeError;
    return NULL;
  }
  e->width = o->width;
  e->height = o->height;
  *error = WelsCreateSVCEncoder(&e->engine);
  if (*error) {
    free(e);
    return NULL;
  }
  int quiet = WELS_LOG_QUIET;
  (*e->engine)->SetOption(e->engine, ENCODER_OPTION_TRACE_LEVEL, &quiet);

  SEncParamExt p;
  (*e->engine)->GetDefaultParams(e->engine, &p);
  p.iUsageType = CAMERA_VIDEO_REAL_TIME;
  p.iPicWidth = o->width;
  p.iPicHeight = o->height;
  p.iTargetBitrate = o->bitrate;
  p.iMaxBitrate = UNSPECIFIED_BIT_RATE;
  p.iRCMode = RC_BITRATE_MODE;
  p.bEnableFrameSkip = true;
  p.fMaxFrameRate = o->framerate;
  // Each has twice the frame rate of the one below. Parameter sets then allow for gaps in
  // frame_num, which are there where layers are left out.
  p.iTemporalLayerNum = o->temporal_layers;
  p.iComplexityMode = LOW_COMPLEXITY;
  // Keyframes come on request only: each costs as much as many frames.
  p.uiIntraPeriod = 0;
  p.bEnableSceneChangeDetect = false;
  p.eSpsPpsIdStrategy = CONSTANT_ID;
  p.iMultipleThreadIdc = o->threads;
  p.bEnableDenoise = false;
  p.bEnableFrameCroppingFlag = true;

  SSpatialLayerConfig *layer = &p.sSpatialLayers[0];
  layer->iVideoWidth = o->width;
  layer->iVideoHeight = o->height;
  layer->fFrameRate = o->framerate;
  layer->iSpatialBitrate = o->bitrate;
  layer->iMaxSpatialBitrate = UNSPECIFIED_BIT_RATE;
  // Without FMO and ASO, as here, this is the constrained baseline of RFC 6184's 42e0.
  layer->uiProfileIdc = PRO_BASELINE;
  // One slice for a thread; packetization-mode 1 splits what is longer than a packet.
  layer->sSliceArgument.uiSliceMode = o->threads > 1 ? SM_FIXEDSLCNUM_SLICE : SM_SINGLE_SLICE;
  layer->sSliceArgument.uiSliceNum = o->threads;

  *error = (*e->engine)->InitializeExt(e->engine, &p);
  if (*error) {
    mscp_openh264_release(e);
    return NULL;
  }
  int format = videoFormatI420;
  (*e->engine)->SetOption(e->engine, ENCODER_OPTION_DATAFORMAT, &format);
  return e;
}

static size_t layer_size(const SLayerBSInfo *layer) {
  size_t size = 0;
  for (int i = 0; i < layer->iNalCount; i++) size += layer->pNalLengthInByte[i];
  return size;
}

int mscp_openh264_encode(mscp_openh264 *e, const uint8_t *y, const uint8_t *u, const uint8_t *v,
                         int y_stride, int uv_stride, int64_t milliseconds, int force_keyframe,
                         size_t *size, int *keyframe, int *temporal_layer) {
  if (force_keyframe) (*e->engine)->ForceIntraFrame(e->engine, true);

  SSourcePicture picture;
  memset(&picture, 0, sizeof(picture));
  picture.iPicWidth = e->width;
  picture.iPicHeight = e->height;
  picture.iColorFormat = videoFormatI420;
  picture.iStride[0] = y_stride;
  picture.iStride[1] = picture.iStride[2] = uv_stride;
  picture.pData[0] = (uint8_t *)y;
  picture.pData[1] = (uint8_t *)u;
  picture.pData[2] = (uint8_t *)v;
  picture.uiTimeStamp = milliseconds;

  memset(&e->output, 0, sizeof(e->output));
  int result = (*e->engine)->EncodeFrame(e->engine, &picture, &e->output);
  *size = 0;
  *keyframe = 0;
  *temporal_layer = 0;
  if (result != cmResultSuccess) {
    e->output.iLayerNum = 0;
    return result;
  }
  if (e->output.eFrameType == videoFrameTypeSkip) e->output.iLayerNum = 0;
  for (int i = 0; i < e->output.iLayerNum; i++) {
    const SLayerBSInfo *layer = &e->output.sLayerInfo[i];
    *size += layer_size(layer);
    // Others are parameter sets.
    if (layer->uiLayerType == VIDEO_CODING_LAYER) *temporal_layer = layer->uiTemporalId;
  }
  *keyframe = e->output.eFrameType == videoFrameTypeIDR;
  return 0;
}

void mscp_openh264_copy(const mscp_openh264 *e, uint8_t *to) {
  for (int i = 0; i < e->output.iLayerNum; i++) {
    const SLayerBSInfo *layer = &e->output.sLayerInfo[i];
    size_t size = layer_size(layer);
    memcpy(to, layer->pBsBuf, size);
    to += size;
  }
}

int mscp_openh264_set_bitrate(mscp_openh264 *e, int bitrate) {
  SBitrateInfo info = {SPATIAL_LAYER_ALL, bitrate};
  return (*e->engine)->SetOption(e->engine, ENCODER_OPTION_BITRATE, &info);
}

void mscp_openh264_release(mscp_openh264 *e) {
  if (!e) return;
  (*e->engine)->Uninitialize(e->engine);
  WelsDestroySVCEncoder(e->engine);
  free(e);
}
