// Stands for libnvidia-encode.so.1 in tests: what FFmpeg calls of NVIDIA's Video Codec SDK, with OpenH264 in the place of the device.
#include <stdlib.h>
#include <string.h>

#include <ffnvcodec/nvEncodeAPI.h>

#include "../../../openh264/bridge.h"

// DRIVER_SESSIONS is how many there may be at once, DRIVER_PICTURES after how many of a session the device is lost.
static int limit(const char *name) {
  const char *text = getenv(name);
  return text ? atoi(text) : 1 << 20;
}

static int sessions;

typedef struct {
  mscp_openh264 *engine;
  int width, height, pictures;
  int is_key_due;
} session;

typedef struct {
  uint8_t *pixels;
  uint32_t pitch, height;
} input;

typedef struct {
  uint8_t *bytes;
  size_t size;
  int is_key;
  uint64_t time;
} output;

static NVENCSTATUS open_session(NV_ENC_OPEN_ENCODE_SESSION_EX_PARAMS *params, void **encoder) {
  if (params->deviceType != NV_ENC_DEVICE_TYPE_CUDA || !params->device) {
    return NV_ENC_ERR_INVALID_DEVICE;
  }
  if (sessions >= limit("DRIVER_SESSIONS")) {
    return NV_ENC_ERR_OUT_OF_MEMORY;
  }
  sessions++;
  *encoder = calloc(1, sizeof(session));
  return NV_ENC_SUCCESS;
}

static NVENCSTATUS count_codecs(void *encoder, uint32_t *count) {
  *count = 1;
  return NV_ENC_SUCCESS;
}

static NVENCSTATUS codecs(void *encoder, GUID *guids, uint32_t size, uint32_t *count) {
  guids[0] = NV_ENC_CODEC_H264_GUID;
  *count = 1;
  return NV_ENC_SUCCESS;
}

static NVENCSTATUS capability(void *encoder, GUID codec, NV_ENC_CAPS_PARAM *asked, int *value) {
  switch (asked->capsToQuery) {
  case NV_ENC_CAPS_WIDTH_MAX:
  case NV_ENC_CAPS_HEIGHT_MAX:
    *value = 4096;
    break;
  case NV_ENC_CAPS_SUPPORT_DYN_BITRATE_CHANGE:
    *value = 1;
    break;
  default:
    *value = 0;
  }
  return NV_ENC_SUCCESS;
}

static NVENCSTATUS preset(void *encoder, GUID codec, GUID name, NV_ENC_TUNING_INFO tuning,
                          NV_ENC_PRESET_CONFIG *config) {
  if (tuning != NV_ENC_TUNING_INFO_ULTRA_LOW_LATENCY) {
    return NV_ENC_ERR_UNSUPPORTED_PARAM;
  }
  config->presetCfg.gopLength = NVENC_INFINITE_GOPLENGTH;
  config->presetCfg.frameIntervalP = 1;
  return NV_ENC_SUCCESS;
}

// What a receiver of WebRTC relies on: baseline, no pictures that wait for later ones, no keyframes but those that are asked for,
// parameter sets with each.
static int fits(const NV_ENC_CONFIG *c) {
  return !memcmp(&c->profileGUID, &NV_ENC_H264_PROFILE_BASELINE_GUID, sizeof(GUID)) &&
         c->frameIntervalP == 1 && c->gopLength > 1 << 20 &&
         c->encodeCodecConfig.h264Config.idrPeriod > 1 << 20 &&
         c->encodeCodecConfig.h264Config.repeatSPSPPS && c->rcParams.zeroReorderDelay &&
         c->rcParams.rateControlMode == NV_ENC_PARAMS_RC_CBR && c->rcParams.averageBitRate > 0;
}

static NVENCSTATUS initialize(void *encoder, NV_ENC_INITIALIZE_PARAMS *params) {
  session *s = encoder;
  if (!fits(params->encodeConfig)) {
    return NV_ENC_ERR_INVALID_PARAM;
  }
  s->width = (int)params->encodeWidth;
  s->height = (int)params->encodeHeight;
  mscp_openh264_options options = {
      .width = s->width,
      .height = s->height,
      .threads = 1,
      .temporal_layers = 1,
      .bitrate = (int)params->encodeConfig->rcParams.averageBitRate,
      .framerate = (float)params->frameRateNum / (float)params->frameRateDen,
  };
  int error;
  s->engine = mscp_openh264_new(&options, &error);
  return s->engine ? NV_ENC_SUCCESS : NV_ENC_ERR_GENERIC;
}

static NVENCSTATUS reconfigure(void *encoder, NV_ENC_RECONFIGURE_PARAMS *params) {
  session *s = encoder;
  if (params->reInitEncodeParams.encodeConfig) {
    int bitrate = (int)params->reInitEncodeParams.encodeConfig->rcParams.averageBitRate;
    mscp_openh264_set_bitrate(s->engine, bitrate);
  }
  s->is_key_due |= params->forceIDR;
  return NV_ENC_SUCCESS;
}

static NVENCSTATUS create_input(void *encoder, NV_ENC_CREATE_INPUT_BUFFER *params) {
  if (params->bufferFmt != NV_ENC_BUFFER_FORMAT_YV12) {
    return NV_ENC_ERR_UNSUPPORTED_PARAM;
  }
  input *i = calloc(1, sizeof(*i));
  i->pitch = (params->width + 127) / 128 * 128;
  i->height = params->height;
  i->pixels = malloc((size_t)i->pitch * i->height * 3 / 2);
  params->inputBuffer = i;
  return NV_ENC_SUCCESS;
}

static NVENCSTATUS destroy_input(void *encoder, NV_ENC_INPUT_PTR buffer) {
  free(((input *)buffer)->pixels);
  free(buffer);
  return NV_ENC_SUCCESS;
}

static NVENCSTATUS lock_input(void *encoder, NV_ENC_LOCK_INPUT_BUFFER *params) {
  input *i = params->inputBuffer;
  params->bufferDataPtr = i->pixels;
  params->pitch = i->pitch;
  return NV_ENC_SUCCESS;
}

static NVENCSTATUS unlock_input(void *encoder, NV_ENC_INPUT_PTR buffer) { return NV_ENC_SUCCESS; }

static NVENCSTATUS create_output(void *encoder, NV_ENC_CREATE_BITSTREAM_BUFFER *params) {
  params->bitstreamBuffer = calloc(1, sizeof(output));
  return NV_ENC_SUCCESS;
}

static NVENCSTATUS destroy_output(void *encoder, NV_ENC_OUTPUT_PTR buffer) {
  free(((output *)buffer)->bytes);
  free(buffer);
  return NV_ENC_SUCCESS;
}

static NVENCSTATUS encode(void *encoder, NV_ENC_PIC_PARAMS *params) {
  session *s = encoder;
  if (params->encodePicFlags & NV_ENC_PIC_FLAG_EOS) {
    return NV_ENC_SUCCESS;
  }
  if (s->pictures++ >= limit("DRIVER_PICTURES")) {
    return NV_ENC_ERR_DEVICE_NOT_EXIST;
  }
  const input *i = params->inputBuffer;
  output *o = params->outputBitstream;
  const uint8_t *v = i->pixels + (size_t)i->pitch * i->height;
  const uint8_t *u = v + (size_t)i->pitch / 2 * i->height / 2;
  int force = s->is_key_due || (params->encodePicFlags & NV_ENC_PIC_FLAG_FORCEIDR);
  s->is_key_due = 0;
  int layer;
  if (mscp_openh264_encode(s->engine, i->pixels, u, v, (int)i->pitch, (int)i->pitch / 2,
                           s->pictures * 40LL, force, &o->size, &o->is_key, &layer)) {
    return NV_ENC_ERR_GENERIC;
  }
  o->bytes = realloc(o->bytes, o->size + 1);
  mscp_openh264_copy(s->engine, o->bytes);
  o->time = params->inputTimeStamp;
  return NV_ENC_SUCCESS;
}

static NVENCSTATUS lock_output(void *encoder, NV_ENC_LOCK_BITSTREAM *params) {
  output *o = params->outputBitstream;
  params->bitstreamBufferPtr = o->bytes;
  params->bitstreamSizeInBytes = (uint32_t)o->size;
  params->outputTimeStamp = o->time;
  params->pictureType = o->is_key ? NV_ENC_PIC_TYPE_IDR : NV_ENC_PIC_TYPE_P;
  params->frameAvgQP = 30;
  return NV_ENC_SUCCESS;
}

static NVENCSTATUS unlock_output(void *encoder, NV_ENC_OUTPUT_PTR buffer) { return NV_ENC_SUCCESS; }

static NVENCSTATUS set_streams(void *encoder, NV_ENC_CUSTREAM_PTR in, NV_ENC_CUSTREAM_PTR out) {
  return NV_ENC_SUCCESS;
}

static NVENCSTATUS destroy(void *encoder) {
  session *s = encoder;
  if (s->engine) {
    mscp_openh264_release(s->engine);
  }
  free(s);
  sessions--;
  return NV_ENC_SUCCESS;
}

static const char *last_error(void *encoder) { return "of the stand-in"; }

NVENCSTATUS NVENCAPI NvEncodeAPIGetMaxSupportedVersion(uint32_t *version) {
  *version = NVENCAPI_MAJOR_VERSION << 4 | NVENCAPI_MINOR_VERSION;
  return NV_ENC_SUCCESS;
}

NVENCSTATUS NVENCAPI NvEncodeAPICreateInstance(NV_ENCODE_API_FUNCTION_LIST *list) {
  list->nvEncOpenEncodeSessionEx = open_session;
  list->nvEncGetEncodeGUIDCount = count_codecs;
  list->nvEncGetEncodeGUIDs = codecs;
  list->nvEncGetEncodeCaps = capability;
  list->nvEncGetEncodePresetConfigEx = preset;
  list->nvEncInitializeEncoder = initialize;
  list->nvEncReconfigureEncoder = reconfigure;
  list->nvEncCreateInputBuffer = create_input;
  list->nvEncDestroyInputBuffer = destroy_input;
  list->nvEncLockInputBuffer = lock_input;
  list->nvEncUnlockInputBuffer = unlock_input;
  list->nvEncCreateBitstreamBuffer = create_output;
  list->nvEncDestroyBitstreamBuffer = destroy_output;
  list->nvEncEncodePicture = encode;
  list->nvEncLockBitstream = lock_output;
  list->nvEncUnlockBitstream = unlock_output;
  list->nvEncSetIOCudaStreams = set_streams;
  list->nvEncDestroyEncoder = destroy;
  list->nvEncGetLastErrorString = last_error;
  return NV_ENC_SUCCESS;
}
