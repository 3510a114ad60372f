// The table of mscp_open_abi: C signatures around what cgo exports from Go.
#include "abi.h"

#include "_cgo_export.h"

static int32_t env_open(mscp_ring ring, void *context, uint32_t *bell, mscp_env *env) {
  return mscpEnvOpen(ring, context, bell, env);
}

static int32_t env_close(mscp_env env) { return mscpEnvClose(env); }

// cgo has no const; the Go side only reads body and data.
static int32_t call(mscp_env env, uint32_t request, uint64_t handle, uint32_t method,
                    const uint8_t *body, size_t length) {
  return mscpCall(env, request, handle, method, (uint8_t *)body, length);
}

static int32_t poll(mscp_env env, uint8_t *batch, size_t capacity, size_t *length) {
  return mscpPoll(env, batch, capacity, length);
}

static int32_t send(mscp_env env, uint64_t handle, int32_t text, const uint8_t *data,
                    size_t length) {
  return mscpSend(env, handle, text, (uint8_t *)data, length);
}

static int32_t query(mscp_env env, uint64_t handle, uint32_t what, int64_t *value) {
  return mscpQuery(env, handle, what, value);
}

static int32_t take(mscp_env env, uint64_t token, uint8_t *room, size_t length) {
  return mscpTake(env, token, room, length);
}

static int32_t frame_take(mscp_env env, uint64_t handle, mscp_frame *frame) {
  return mscpFrameTake(env, handle, frame);
}

static int32_t frame_make(mscp_env env, mscp_frame *frame, const uint8_t *data, size_t length) {
  return mscpFrameMake(env, frame, (uint8_t *)data, length);
}

static int32_t frame_copy(mscp_env env, uint64_t token, const mscp_frame *part, uint8_t *room,
                          size_t length) {
  return mscpFrameCopy(env, token, (mscp_frame *)part, room, length);
}

static int32_t frame_write(mscp_env env, uint64_t handle, uint64_t token, const mscp_frame *frame) {
  return mscpFrameWrite(env, handle, token, (mscp_frame *)frame);
}

static int32_t frame_release(mscp_env env, uint64_t token) { return mscpFrameRelease(env, token); }

static int32_t frame_lend(mscp_env env, uint64_t token, uint32_t plane, mscp_plane *lent) {
  return mscpFrameLend(env, token, plane, lent);
}

static void frame_return(uint64_t loan) { mscpFrameReturn(loan); }

static const mscp_table table = {
    .size = sizeof(mscp_table),
    .version = MSCP_ABI_VERSION,
    .env_open = env_open,
    .env_close = env_close,
    .call = call,
    .poll = poll,
    .send = send,
    .query = query,
    .take = take,
    .frame_take = frame_take,
    .frame_make = frame_make,
    .frame_copy = frame_copy,
    .frame_write = frame_write,
    .frame_release = frame_release,
    .frame_lend = frame_lend,
    .frame_return = frame_return,
};

#ifdef _WIN32
__declspec(dllexport)
#endif
const mscp_table *mscp_open_abi(uint32_t version, uint32_t *library_version) {
  *library_version = MSCP_ABI_VERSION;
  return version == MSCP_ABI_VERSION ? &table : NULL;
}
